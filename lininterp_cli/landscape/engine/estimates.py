"""BatchNorm statistics estimated anew at each point, for `recalibrate`.

Layers before the moved block have the statistics of the resting network, in which nothing moves; these are estimated
once for all points.
"""

import copy
import json
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from lininterp_cli.landscape.engine.plan import Plan, Point
from lininterp_cli.models.state import State, widened
from lininterp_cli.runs.files import replace

RECALIBRATION_EXAMPLES = 2048
"""Training examples that statistics are re-estimated on: the first in the split's order, without augmentation."""

RECALIBRATION_BATCH = 256
"""Examples per batch of that estimate, which is a mean over batches and so depends on their size."""

_SCHEMA = "1"


class Estimates:
    """The statistics of some points and of the resting state, estimated from the batches so far.

    Args:
        fresh: The statistics before the first batch.
        points: The points.
        own: The points with statistics of their own; the others have the resting state's throughout.
        device: The device to estimate on.
        is_wide: Whether to estimate in float64.
    """

    def __init__(
        self, fresh: State, points: Sequence[Point], own: Sequence[Point], device: torch.device, is_wide: bool
    ) -> None:
        start = widened(fresh) if is_wide else fresh
        num = len(own) + 1
        self._points = list(points)
        self._rows = {point: row for row, point in enumerate(own, 1)}
        self._held = {name: torch.stack([value.to(device)] * num) for name, value in start.items()}
        self.num_batches = 0
        """Number of batches so far."""

    @property
    def names(self) -> frozenset[str]:
        """Names of the state's entries that are estimated."""
        return frozenset(self._held)

    @property
    def points(self) -> list[Point]:
        """The points that have statistics of their own."""
        return list(self._rows)

    def to(self, device: torch.device) -> "Estimates":
        """A copy on a device; it shares the tensors that are there already."""
        there = copy.copy(self)
        there._held = {name: tensor.to(device) for name, tensor in self._held.items()}
        return there

    @property
    def rest(self) -> State:
        """The statistics of the resting state: the tensors themselves, which `see` updates."""
        return {name: tensor[0] for name, tensor in self._held.items()}

    def of(self, point: Point) -> State:
        """The statistics of one point, of which only those behind the moved block are to be used.

        Args:
            point: One of the points.

        Returns:
            The tensors themselves, which `see` updates.
        """
        row = self._rows[point]
        return {name: tensor[row] for name, tensor in self._held.items()}

    def see(self, plan: Plan, inputs: Tensor) -> None:
        """Update the statistics of every point with one batch.

        Args:
            plan: The plan of the estimating network, with these estimates as its statistics.
            inputs: The batch, normalised.
        """
        points: dict[int, list[float]] = {}
        for index, alpha in self._rows:
            points.setdefault(index, []).append(alpha)
        # The forward passes update the statistics; their logits are not needed.
        for _ in plan.outcomes(inputs, points, capacity=1, rests=True):
            pass
        self.num_batches += 1

    def write(self, path: Path, names: Sequence[str]) -> None:
        """Write the estimates to a file.

        Args:
            path: The file.
            names: The name of each walker's path.
        """
        places = json.dumps([[names[index], alpha] for index, alpha in self._points])
        words = {"schema": _SCHEMA, "places": places, "num_batches": str(self.num_batches)}
        tensors = {name: tensor.cpu().contiguous() for name, tensor in self._held.items()}
        content = save(tensors, metadata=words)
        replace(path, lambda temporary: temporary.write_bytes(content))

    def read(self, path: Path, names: Sequence[str]) -> None:
        """Load the estimates that were written for the same points; do nothing if the file has others or is damaged.

        Args:
            path: The file.
            names: The name of each walker's path.
        """
        if not path.is_file():
            return
        try:
            with safe_open(path, framework="pt") as file:
                words = file.metadata()
                places = [[names[index], alpha] for index, alpha in self._points]
                is_of_these = json.loads(words["places"]) == places and set(file.keys()) == self.names
                if words["schema"] != _SCHEMA or not is_of_these:
                    return
                kept = {name: file.get_tensor(name) for name in self._held}
                num_batches = int(words["num_batches"])
        except (SafetensorError, KeyError, TypeError, ValueError):
            return  # a damaged file; the statistics are estimated again
        if any(kept[name].shape != tensor.shape for name, tensor in self._held.items()):
            return
        for name, tensor in self._held.items():
            tensor.copy_(kept[name])
        self.num_batches = num_batches


def places_in(path: Path) -> list[tuple[str, float]]:
    """The points whose statistics a file holds.

    Args:
        path: A file that `Estimates.write` wrote.

    Returns:
        The name of the path and alpha of each; empty if the file is damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            return [(str(name), float(alpha)) for name, alpha in json.loads(file.metadata()["places"])]
    except (SafetensorError, KeyError, TypeError, ValueError):
        return []
