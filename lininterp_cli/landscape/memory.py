"""How much memory forward passes may take, and how much one takes.

Only activations are meant: weights and data are there anyway.
"""

import contextlib
import os
import re
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from lininterp_cli.errors import ConfigError

_T = TypeVar("_T")

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}

_SHARE = 0.5
"""Of what is free when a walk begins; the rest is left to convolutions' workspaces and to other programs."""

# cuBLAS and cuDNN have memory of their own, CUBLAS_STATUS_ALLOC_FAILED and CUDNN_STATUS_ALLOC_FAILED.
_NO_MEMORY = ("out of memory", "can't allocate memory", "_STATUS_ALLOC_FAILED")


def parse(text: str) -> int:
    """The bytes that a text means.

    Args:
        text: A number, and K, M, G or T with or without B or iB behind it.

    Returns:
        Bytes, 1 or more; units are powers of 1024.

    Raises:
        ConfigError: If it is no such text.

    Example:
        >>> parse("512M"), parse("1.5 GiB")
        (536870912, 1610612736)
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*([KMGT]?)(?:i?B)?\s*", text, re.IGNORECASE)
    size = int(float(found[1]) * _UNITS[found[2].upper()]) if found else 0
    if size < 1:
        raise ConfigError(f"--memory takes a size such as 512M or 8G, not {text!r}")
    return size


def written(size: int) -> str:
    """A size as a user writes it.

    Args:
        size: Bytes, 0 or more.

    Returns:
        A text that `parse` reads, to a tenth of its unit.

    Example:
        >>> written(2 * 2**20), written(1500), written(7)
        ('2M', '1.5K', '7')
    """
    unit = next((unit for unit in "TGMK" if size >= _UNITS[unit]), "")
    return f"{size / _UNITS[unit]:.1f}".removesuffix(".0") + unit


def free(device: torch.device) -> int:
    """What activations may take on a device unless something else is said.

    Args:
        device: The device.

    Returns:
        Half of what there is now, on a GPU or in the machine and in what a container or a batch job may have of it;
        where the machine does not say (it is no Linux), a quarter of its memory.  Bytes, 1 or more.
    """
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0] * _SHARE)
    # On Apple's devices the memory is the machine's own.
    known = [*_unused(Path("/proc/meminfo")), *_allowed(Path("/proc/self/cgroup"), Path("/sys/fs/cgroup"))]
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, int(min(known, default=physical / 2) * _SHARE))


def _unused(meminfo: Path) -> list[int]:
    """What programs can have before the machine swaps, bytes; none where it does not say."""
    found = re.search(r"^MemAvailable:\s*(\d+) kB$", _read(meminfo), re.MULTILINE)
    return [int(found[1]) * 2**10] if found else []


def _allowed(membership: Path, mount: Path) -> list[int]:
    """What the control groups that a process is in, and those around them, let it have yet, bytes.

    Args:
        membership: The process's own `/proc/self/cgroup`: a line `hierarchy:controllers:group` for each hierarchy.
        mount: Where control groups are files, of version 2 or, below `memory`, of version 1.

    Returns:
        One number for each group that has a limit.
    """
    rooms = []
    for _, controllers, group in (line.split(":", 2) for line in _read(membership).splitlines() if line.count(":") > 1):
        if controllers and "memory" not in controllers.split(","):
            continue
        root = mount / "memory" if controllers else mount
        most, now = ("limit_in_bytes", "usage_in_bytes") if controllers else ("max", "current")
        inside = root / group.lstrip("/")
        # A container may not see its group by the name that it has outside: then the mount is the group.
        for folder in [place for place in (inside, *inside.parents) if place == root or root in place.parents]:
            limit, used = (_read(folder / f"memory.{name}").strip() for name in (most, now))
            if limit.isdigit() and used.isdigit():
                # Files that nobody reads at the moment are given up before a program is.
                files = re.search(r"^(?:total_)?inactive_file (\d+)$", _read(folder / "memory.stat"), re.MULTILINE)
                rooms.append(max(0, int(limit) - int(used) + (int(files[1]) if files else 0)))
    return rooms


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def excess(memory: int, row_bytes: int, rows: int, batches: str) -> str | None:
    """What to say where batches that cannot be made smaller may take more than they should.

    Args:
        memory: What activations may take, bytes.
        row_bytes: The peak of a whole pass, bytes for each example.
        rows: Examples in a batch; 0 where any can be made smaller.
        batches: What the batches are.

    Returns:
        One line, or None where they fit.
    """
    most = rows * row_bytes * _PASSES_ALIVE
    if most <= memory:
        return None
    return (
        f"up to {written(most)} may be needed for {batches}, which cannot be made smaller; that is more than the "
        f"{written(memory)} for activations (--memory)"
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that there was no memory left, on whatever device.

    Args:
        error: The error.

    Returns:
        True for torch's own kind, for what its CPU allocator raises, and for what NVIDIA's libraries say.
    """
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _NO_MEMORY)


@contextlib.contextmanager
def explained(device: torch.device, purpose: str) -> Iterator[None]:
    """Make a lack of memory inside the user's to solve.

    Args:
        device: Where it is.
        purpose: What there was too little for, and what to do.

    Raises:
        ConfigError: If there is too little memory.
    """  # noqa: DOC501 - what is raised on is not about memory
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise ConfigError(f"{device} has too little memory for {purpose}") from error


def watched(compute: Callable[[], _T]) -> tuple[_T, int]:
    """What something comes to, and the most memory that results of single operations take while it is computed.

    Args:
        compute: Computes.

    Returns:
        Its result, and the bytes of all tensors that came to be inside, at the moment when they were most.
    """
    footprint = _Footprint()
    with footprint:
        result = compute()
    return result, footprint.peak


_PASSES_ALIVE = 5
"""The resting network's values, their copy, one point's and the two ends of a linear step, while nothing waits."""


@dataclass(slots=True)
class Limits:
    """How much is computed at a time."""

    rows: int
    """Examples in one forward pass."""
    capacity: int
    """Points that may go on as rows of one batch."""
    is_fixed: bool
    """Whether the number of rows is part of what is asked, as where batches normalise themselves."""

    @classmethod
    def within(cls, memory: int, row_bytes: int, batch_size: int, full: int, is_fixed: bool) -> "Limits":
        """As much as fits.

        Alive at a time are the resting network's values, their copy, one point's, the two ends of a linear step,
        and twice the points that wait to go on together, each at most the peak of a whole pass.

        Args:
            memory: What activations may take, bytes.
            row_bytes: The peak of a whole pass, bytes for each example.
            batch_size: Examples in one forward pass where they fit.
            full: Rows that keep the device busy.
            is_fixed: Whether the batch size may not change.

        Returns:
            The limits.
        """
        possible = memory // max(1, row_bytes)
        rows = batch_size if is_fixed else max(1, min(batch_size, possible // _PASSES_ALIVE))
        return cls(rows, max(1, min(full // rows, (possible // rows - _PASSES_ALIVE) // 2)), is_fixed)

    def halve(self) -> bool:
        """Compute half as much at a time.

        Returns:
            Whether that can be.
        """
        if self.capacity > 1:
            self.capacity //= 2
            return True
        if self.rows == 1 or self.is_fixed:
            return False
        self.rows //= 2
        return True


class _Footprint(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.peak: int = 0
        self._alive: dict[int, int] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        given = {id(one.untyped_storage()) for one in args if isinstance(one, Tensor)}
        for one in result if isinstance(result, list | tuple) else [result]:
            if isinstance(one, Tensor):
                self._count(one.untyped_storage(), given)
        return result

    def _count(self, storage: torch.UntypedStorage, given: set[int]) -> None:
        key = id(storage)
        if key in self._alive or key in given:
            return
        self._alive[key] = storage.nbytes()
        weakref.finalize(storage, self._alive.pop, key, None)
        self.peak = max(self.peak, sum(self._alive.values()))
