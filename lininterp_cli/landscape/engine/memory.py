"""How much memory the activations of forward passes may take, and how much those of one pass take.

Weights and data do not count: they are in memory anyway.
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
"""Share of the free memory for activations; the rest is left to convolutions' workspaces and other programs."""

# cuBLAS and cuDNN allocate memory themselves: CUBLAS_STATUS_ALLOC_FAILED and CUDNN_STATUS_ALLOC_FAILED.
_NO_MEMORY = ("out of memory", "can't allocate memory", "_STATUS_ALLOC_FAILED")


def parse(text: str) -> int:
    """Parse the memory size of `--memory`.

    Args:
        text: A number, then optionally K, M, G or T, then optionally B or iB.

    Returns:
        Bytes, 1 MiB or more; units are powers of 1024.

    Raises:
        ConfigError: If the text has another form, or is less than 1 MiB, which is too little for any network.

    Example:
        >>> parse("512M"), parse("1.5 GiB")
        (536870912, 1610612736)
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*([KMGT]?)(?:i?B)?\s*", text, re.IGNORECASE)
    size = int(float(found[1]) * _UNITS[found[2].upper()]) if found else 0
    if size < _UNITS["M"]:
        raise ConfigError(f"--memory takes 1M or more, with a unit as in 512M or 8G, not {text!r}")
    return size


def written(size: int) -> str:
    """Format a memory size.

    Args:
        size: Bytes, 0 or more.

    Returns:
        A text in the form that `parse` takes, rounded to a tenth of its unit.

    Example:
        >>> written(2 * 2**20), written(1500), written(7)
        ('2M', '1.5K', '7')
    """
    unit = next((unit for unit in "TGMK" if size >= _UNITS[unit]), "")
    return f"{size / _UNITS[unit]:.1f}".removesuffix(".0") + unit


def free(device: torch.device) -> int:
    """The memory that activations may take on a device by default.

    Args:
        device: The device.

    Returns:
        Bytes: half of what is free now, on an NVIDIA GPU, or in the machine within the limits of a container or batch
        job; a quarter of the machine's memory where that is unknown (not Linux).  1 or more.
    """
    if device.type == "cuda":
        return max(1, int(torch.cuda.mem_get_info(device)[0] * _SHARE))
    # Apple's GPUs share the machine's memory.
    known = [*_unused(Path("/proc/meminfo")), *_allowed(Path("/proc/self/cgroup"), Path("/sys/fs/cgroup"))]
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, int(min(known, default=physical / 2) * _SHARE))


def _unused(meminfo: Path) -> list[int]:
    """Bytes that programs can take before the machine swaps; an empty list where the file does not state it."""
    found = re.search(r"^MemAvailable:\s*(\d+) kB$", _read(meminfo), re.MULTILINE)
    return [int(found[1]) * 2**10] if found else []


def _allowed(membership: Path, mount: Path) -> list[int]:
    """Bytes that a process may still take within each of its control groups and their ancestors.

    Args:
        membership: The process's own `/proc/self/cgroup`: a line `hierarchy:controllers:group` for each hierarchy.
        mount: Root of the control groups' files, of version 2 or, in its folder `memory`, of version 1.

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
        # A container may not see its group under the name that it has outside: then the mount is the group.
        for folder in [place for place in (inside, *inside.parents) if place == root or root in place.parents]:
            limit, used = (_read(folder / f"memory.{name}").strip() for name in (most, now))
            if limit.isdigit() and used.isdigit():
                # The cache of files that are not in use is freed before a program is killed.
                files = re.search(r"^(?:total_)?inactive_file (\d+)$", _read(folder / "memory.stat"), re.MULTILINE)
                rooms.append(max(0, int(limit) - int(used) + (int(files[1]) if files else 0)))
    return rooms


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def excess(memory: int, row_bytes: int, rows: int, batches: str) -> str | None:
    """A warning if batches that cannot be made smaller may take more memory than activations should.

    Args:
        memory: Bytes that activations may take.
        row_bytes: Peak memory of a whole pass, bytes per example.
        rows: Examples in a batch; 0 where all batches can be made smaller.
        batches: Describes the batches, for the message.

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
    """Whether an error reports that memory ran out, on any device.

    Args:
        error: The error.

    Returns:
        True for torch's and Python's classes, and for the messages of torch's CPU allocator and NVIDIA's libraries.
    """
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _NO_MEMORY)


@contextlib.contextmanager
def explained(device: torch.device, purpose: str) -> Iterator[None]:
    """Turn an out-of-memory error raised inside into an error that advises the user.

    Args:
        device: The device, for the message.
        purpose: The use of the memory and advice to the user, for the message.

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
    """Run a computation and measure the peak memory of the tensors that its operations create.

    Args:
        compute: The computation.

    Returns:
        Its result, and the largest number of bytes that tensors created inside held at one time.
    """
    footprint = _Footprint()
    with footprint:
        result = compute()
    return result, footprint.peak


_PASSES_ALIVE = 5
"""Values alive while no point waits: the resting network's, their copy, one point's, two ends of a linear step."""


@dataclass(slots=True)
class Limits:
    """How many examples and points are computed at a time."""

    rows: int
    """Examples in one forward pass."""
    capacity: int
    """Points that may be joined as rows of one batch."""
    is_fixed: bool
    """Whether the number of rows must not change because it decides values, as with `--bn batch`."""

    @classmethod
    def within(cls, memory: int, row_bytes: int, batch_size: int, full: int, is_fixed: bool) -> "Limits":
        """The largest limits that fit into the memory.

        Alive at once are the resting network's values, their copy, one point's, the two ends of a linear step,
        and twice the points that wait to be joined, each at most the peak of a whole pass.

        Args:
            memory: Bytes that activations may take.
            row_bytes: Peak memory of a whole pass, bytes per example.
            batch_size: Examples in one forward pass, if they fit.
            full: Rows of a batch that keep the device busy; points are joined only up to that.
            is_fixed: Whether the batch size may not change.

        Returns:
            The limits.
        """
        possible = memory // max(1, row_bytes)
        rows = batch_size if is_fixed else max(1, min(batch_size, possible // _PASSES_ALIVE))
        return cls(rows, max(1, min(full // rows, (possible // rows - _PASSES_ALIVE) // 2)), is_fixed)

    def halve(self) -> bool:
        """Halve the number of points that are joined, or, when that is 1, the number of rows.

        Returns:
            False where neither can be halved.
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
