"""What the programs here measure besides losses: seconds, memory, arithmetic, and what the device could do."""

import resource
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from torch.utils.flop_counter import FlopCounterMode


@dataclass(slots=True)
class Reading:
    """One contender over all rounds."""

    result: Any = None
    """What it gave."""
    seconds: list[float] = field(default_factory=list)
    """Of each round."""
    peak_bytes: int = 0
    """The most memory while it ran: of the process, or what tensors took on a GPU."""

    @property
    def best_seconds(self) -> float:
        """Of the round that was disturbed least."""
        return min(self.seconds)


def race(contenders: Mapping[str, Callable[[], Any]], rounds: int, device: torch.device) -> dict[str, Reading]:
    """Run contenders in turn, so that a noisy moment meets all of them.

    Args:
        contenders: Name to what is to be run.
        rounds: How often.
        device: Where it is computed.

    Returns:
        Name to reading.
    """
    readings = {name: Reading() for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            reading = readings[name]
            _forget_peak(device)
            began = time.perf_counter()
            reading.result = run()
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            reading.seconds.append(time.perf_counter() - began)
            reading.peak_bytes = max(reading.peak_bytes, _peak(device))
    return readings


def ratio(above: Reading, below: Reading) -> float:
    """How many times longer one contender took: the median over rounds of the ratio within a round.

    Args:
        above: The contender.
        below: What it is compared with.

    Returns:
        The ratio.
    """
    ratios = sorted(a / b for a, b in zip(above.seconds, below.seconds, strict=True))
    return (ratios[(len(ratios) - 1) // 2] + ratios[len(ratios) // 2]) / 2


def num_operations(run: Callable[[], Any]) -> int:
    """The floating-point operations of the convolutions and matrix products that something runs.

    Args:
        run: What is to be run; it takes longer than usual.

    Returns:
        Operations, two for a multiplication and its addition.
    """
    counter = FlopCounterMode(display=False)
    with counter:
        run()
    return counter.get_total_flops()


class Product:
    """A large matrix product, again and again: what the device could do.

    Args:
        device: Where it is computed.
        dtype: Of the matrices.
    """

    def __init__(self, device: torch.device, dtype: str) -> None:
        size = 2048 if device.type == "cpu" else 8192
        self._device, self._num = device, 2 * size**3
        self._pair = [torch.randn(size, size, device=device).to(getattr(torch, dtype)) for _ in range(2)]
        self.rate = 0.0
        """Operations per second of the fastest one so far."""

    def __call__(self) -> None:
        readings = race({"product": lambda: self._pair[0] @ self._pair[1]}, 5, self._device)
        self.rate = max(self.rate, self._num / readings["product"].best_seconds)


def name_of(device: torch.device) -> str:
    """The device, in words."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{torch.get_num_threads()} CPU threads"


def show(title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print one table; the first two columns are text, the others are numbers.

    Args:
        title: What stands above.
        heads: The columns' names.
        rows: The rows.
    """
    table = Table(box=None, pad_edge=False)
    for index, head in enumerate(heads):
        table.add_column(head, justify="right" if index > 1 else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    print(title)
    Console(width=150).print(table)


def _forget_peak(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return
    # Linux forgets the process's peak when told so; elsewhere it is the peak so far.
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
