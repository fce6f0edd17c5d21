"""BatchNorm statistics estimated anew at each point, for `recalibrate`; only those behind what moves.

Everything before a moved block has the resting network's statistics, which are estimated once for all points.
"""

import copy
import json
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from lininterp_cli.landscape.plan import Plan, Point
from lininterp_cli.models.state import State, widened
from lininterp_cli.runs.files import replace

RECALIBRATION_EXAMPLES = 2048
"""Training examples that statistics are re-estimated on: the first in the split's order, without augmentation."""

RECALIBRATION_BATCH = 256
"""Examples per batch there; the estimate is the mean over batches, so their size is part of its meaning."""

_SCHEMA = "1"


class Estimates:
    """The statistics of some points and of the resting state, as far as they are estimated.

    Args:
        fresh: The statistics before anything was seen.
        points: The points.
        own: Those among them that have statistics of their own, and not the resting state's throughout.
        device: Where they are estimated.
        is_wide: Whether that is done in float64.
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
        """Batches that were seen."""

    @property
    def names(self) -> frozenset[str]:
        """The entries of the state that are estimated."""
        return frozenset(self._held)

    @property
    def points(self) -> list[Point]:
        """The points that have statistics of their own."""
        return list(self._rows)

    def to(self, device: torch.device) -> "Estimates":
        """The same on a device; itself where it is there already."""
        there = copy.copy(self)
        there._held = {name: tensor.to(device) for name, tensor in self._held.items()}
        return there

    @property
    def rest(self) -> State:
        """The resting state's own; the tensors themselves, which estimating changes."""
        return {name: tensor[0] for name, tensor in self._held.items()}

    def of(self, point: Point) -> State:
        """A point's own, of which those before what moves are to be passed over.

        Args:
            point: One of the points.

        Returns:
            The tensors themselves, which estimating changes.
        """
        row = self._rows[point]
        return {name: tensor[row] for name, tensor in self._held.items()}

    def see(self, plan: Plan, inputs: Tensor) -> None:
        """Let every point see one batch.

        Args:
            plan: Over the estimating network, with these estimates as its statistics.
            inputs: Normalised.
        """
        points: dict[int, list[float]] = {}
        for index, alpha in self._rows:
            points.setdefault(index, []).append(alpha)
        # Statistics come from running, whether or not anybody waits for the outcome.
        for _ in plan.outcomes(inputs, points, capacity=1, rests=True):
            pass
        self.num_batches += 1

    def write(self, path: Path, names: Sequence[str]) -> None:
        """Keep what there is.

        Args:
            path: The file.
            names: What each walker moves.
        """
        places = json.dumps([[names[index], alpha] for index, alpha in self._points])
        words = {"schema": _SCHEMA, "places": places, "num_batches": str(self.num_batches)}
        tensors = {name: tensor.cpu().contiguous() for name, tensor in self._held.items()}
        content = save(tensors, metadata=words)
        replace(path, lambda temporary: temporary.write_bytes(content))

    def read(self, path: Path, names: Sequence[str]) -> None:
        """Go on from what was kept for the same points; nothing happens where it is something else.

        Args:
            path: The file.
            names: What each walker moves.
        """
        if not path.is_file():
            return
        try:
            with safe_open(path, framework="pt") as file:
                words = file.metadata()
                places = [[names[index], alpha] for index, alpha in self._points]
                if json.loads(words["places"]) != places or set(file.keys()) != self.names:
                    return
                kept = {name: file.get_tensor(name) for name in self._held}
                num_batches = int(words["num_batches"])
        except (SafetensorError, KeyError, TypeError, ValueError):
            return  # a disk's fault; it is estimated again
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
        What moves and alpha of each; none where the file is damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            return [(str(name), float(alpha)) for name, alpha in json.loads(file.metadata()["places"])]
    except (SafetensorError, KeyError, TypeError, ValueError):
        return []
