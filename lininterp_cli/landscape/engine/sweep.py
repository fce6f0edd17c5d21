"""Evaluate points of a line's paths on one device.

A sweep knows networks, states and batches; its caller decides which points are measured on which examples.
"""

import contextlib
import copy
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lininterp_cli.data.dataset import Split
from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.engine import memory, paths
from lininterp_cli.landscape.engine.estimates import RECALIBRATION_BATCH, Estimates
from lininterp_cli.landscape.engine.line import Line
from lininterp_cli.landscape.engine.plan import Mixing, Plan, Point, Walker
from lininterp_cli.landscape.engine.program import Program
from lininterp_cli.models.state import State, widened
from lininterp_cli.training.batches import cut
from lininterp_cli.training.device import exact
from lininterp_cli.training.evaluation import computing, judged, laid_out, placed, usual_batch

_NUM_TRIED = 4
"""Examples on which the steps are compared with the plain network before they are used: at both ends of the line."""

_FEWEST_TRIED = 2
"""The same where memory is scarce; with a single example, rows cannot be recognised."""

_FULL_CPU, _FULL_ACCELERATOR = 32, 4096
"""Rows of one batch that keep a device busy: points are joined only up to that."""

_CACHED_BYTES = 96 * 2**20
"""Peak bytes of a pass above which smaller batches are faster on a CPU: measured, not queried from the CPU."""

Outcomes = tuple[NDArray[np.floating], NDArray[np.bool_]]
"""Losses in nats and correctness of P points on N examples, both (P, N)."""


class Sweep:
    """Evaluates points of one line on one device.

    Args:
        line: The line.
        device: Where it is computed.
        batch_size: Examples in one forward pass; None for as many as suit the device and the network.
        memory_bytes: Bytes for activations; None for a share of the free memory.  Batches whose statistics are used
            are never made smaller, and may take more.
        is_fixed: Whether the batch size affects values and must not change; it must then be given.
        bend: Takes a path's index and its straight line, returns the path to evaluate instead; None for the line.

    Raises:
        ConfigError: If there is too little memory for the network and the examples, or the network fails in float64.
    """

    def __init__(
        self,
        line: Line,
        device: torch.device,
        *,
        batch_size: int | None = None,
        memory_bytes: int | None = None,
        is_fixed: bool = False,
        bend: Callable[[int, paths.Path], paths.Path] | None = None,
    ) -> None:
        self._line, self._device = line, device
        room = f"the network at both ends and {sum(map(len, line.examples.values()))} examples; use another --device"
        with memory.explained(device, room):
            self._place(bend)
            self._program = self._taken_apart()
        full, row_bytes = _FULL_CPU if device.type == "cpu" else _FULL_ACCELERATOR, self._program.row_bytes
        budget = memory.free(device) if memory_bytes is None else memory_bytes
        batch_size = batch_size or _suitable(device, row_bytes)
        self._limits = memory.Limits.within(budget, row_bytes, batch_size, full, is_fixed)
        self.excess = memory.excess(budget, row_bytes, *self._whole_batches(batch_size if is_fixed else 0))
        """A warning if the memory may not suffice, else None."""
        self._estimates: dict[Point, Estimates] = {}
        self._plan = Plan(self._program, self._walkers, self._rest, is_exact=self._is_exact)
        self._estimating: Plan | None = None

    def _whole_batches(self, batch_size: int) -> tuple[int, str]:
        """Examples in a batch that must not be made smaller (0 if all can be), and a description of these batches."""
        if self.estimates_statistics:
            rows = min(RECALIBRATION_BATCH, len(self._line.dataset.train))
            return rows, f"batches of {rows} training examples, whose statistics --bn recalibrate takes"
        rows = min(batch_size, max(map(len, self._examples.values())))
        return rows, f"batches of {rows} examples, whose statistics --bn batch takes"

    def _place(self, bend: Callable[[int, paths.Path], paths.Path] | None) -> None:
        """Copy everything to the device; the states even if they are there, since a network may write into them."""
        line, device = self._line, self._device
        start, end = (self._placed(state) for state in (line.start, line.end))
        fixed = self._placed(line.treatment.fixed)
        path = paths.linear(start, end)
        rest, other = (end, start) if line.rest == "final" else (start, end)
        self._rest, self._other = rest | fixed, other | fixed
        self._walkers = [
            Walker(
                group.name,
                tuple(name for name in group.entries if name not in fixed),
                path if bend is None else bend(index, path),
            )
            for index, group in enumerate(line.moving)
        ]
        self._normalise = line.dataset.normaliser(device)
        self._examples = {name: split.to(device) for name, split in line.examples.items()}
        self._sample = next(iter(self._examples.values())).inputs[:_NUM_TRIED]
        self._network = copy.deepcopy(line.treatment.network).to(device)

    @torch.no_grad()
    def _taken_apart(self) -> Program:
        """The network in steps."""
        while True:
            try:
                with self._computing():
                    return Program(self._network, self._shown(self._sample), self._rest, self._other)
            except (RuntimeError, MemoryError) as error:
                is_scarce = memory.is_out_of_memory(error)
                if not is_scarce and self._line.dtype == "float64":
                    raise ConfigError(f"--dtype float64 fails, use float32: {error}".partition("\n")[0]) from error
                if not is_scarce or len(self._sample) <= _FEWEST_TRIED:
                    raise
                self._sample = self._sample[: len(self._sample) // 2]

    @property
    def reason(self) -> str | None:
        """Why the paths cannot share steps; None where they can."""
        return self._program.reason

    @property
    def estimates_statistics(self) -> bool:
        """Whether points have BatchNorm statistics that must be estimated before the points are measured."""
        return self._line.treatment.estimator is not None

    @property
    def _is_exact(self) -> bool:
        # Outputs below float32 are rounded, so interpolating them is not interpolating weights.
        return self._line.dtype in ("float32", "float64", "tf32")

    @torch.no_grad()
    def begin_estimates(self, points: Sequence[Point]) -> Estimates:
        """Begin to estimate the statistics of some points and of the resting state.

        Args:
            points: Walkers' indices and alphas.

        Returns:
            The statistics before the first batch, of the resting state and of points that have any of their own.
        """
        with self._explained_estimating():
            program, fresh = self._estimator
            plan = Plan(program, self._walkers, self._rest, is_exact=False, estimated=frozenset(fresh))
            own = [point for point in points if plan.has_statistics(point[0])]
            estimates = Estimates(fresh, points, own, self._device, self._line.dtype == "float64")
            self._estimating = Plan(
                program, self._walkers, self._rest | estimates.rest, is_exact=False, statistics=estimates.of,
                estimated=estimates.names,
            )  # fmt: skip
            return estimates

    @functools.cached_property
    def _estimator(self) -> tuple[Program, State]:
        """The estimating network in steps, and its statistics before the first batch."""
        treatment = self._line.treatment
        assert treatment.estimator is not None
        with self._computing():
            network = copy.deepcopy(treatment.estimator).to(self._device)
            fresh = self._placed(treatment.fresh)
            states = self._rest | fresh, self._other | fresh
            return Program(network, self._shown(self._sample), *states), treatment.fresh

    @torch.no_grad()
    def estimate(self, estimates: Estimates, train: Split) -> Iterator[None]:
        """Estimate statistics, continuing after the batches that they include already.

        Args:
            estimates: Those that `begin_estimates` returned last.
            train: The training examples to estimate on.

        Yields:
            Nothing, after every batch.
        """
        assert self._estimating is not None
        for rows in cut(len(train), RECALIBRATION_BATCH)[estimates.num_batches :]:
            with self._explained_estimating(), self._computing():
                estimates.see(self._estimating, self._shown(train.inputs[rows].to(self._device)))
            yield

    def _explained_estimating(self) -> contextlib.AbstractContextManager[None]:
        batch = f"batches of {RECALIBRATION_BATCH} training examples, which --bn recalibrate is defined by"
        return memory.explained(self._device, f"{batch}; use another --device")

    def adopt(self, estimates: Estimates) -> None:
        """Use estimated statistics from now on.

        Args:
            estimates: The statistics, on any device.
        """
        here = estimates.to(self._device)
        self._estimates |= dict.fromkeys(here.points, here)
        self._plan = Plan(
            self._program, self._walkers, self._rest | here.rest, is_exact=self._is_exact,
            statistics=lambda point: self._estimates[point].of(point), estimated=here.names,
        )  # fmt: skip

    def measure(
        self, split: str, rows: slice, points: Mapping[int, Sequence[float]], on_rows: Callable[[str, int], None]
    ) -> Outcomes:
        """Evaluate points on some examples; where memory runs out, try again with half as much at a time.

        Args:
            split: The split.
            rows: The N examples to measure on.
            points: The alphas of each walker, by its index.
            on_rows: Receives the name of the moving group and the number of examples after each pass.

        Returns:
            The outcomes; points in the order of the walkers and of their alphas.

        Raises:
            ConfigError: If there is too little memory for the smallest batch.
        """  # noqa: DOC501 - what is raised on is not about memory
        while True:
            try:
                return self._measure(self._examples[split].part(rows), points, on_rows)
            except (RuntimeError, MemoryError) as error:
                if not memory.is_out_of_memory(error):
                    raise
                if not self._limits.halve():
                    num, smaller = self._limits.rows, "use a smaller --batch-size, or another --device"
                    advice = f"{num} examples at a time; {smaller}" if num > 1 else "one example; use another --device"
                    raise ConfigError(f"{self._device} has too little memory for {advice}") from error

    @torch.no_grad()
    def _measure(
        self, examples: Split, points: Mapping[int, Sequence[float]], on_rows: Callable[[str, int], None]
    ) -> Outcomes:
        mixing = Mixing()
        found = self._outcomes(examples, points, on_rows, mixing)
        # Outputs of a linear step that are infinite at one end do not determine those between the ends.
        overflown = frozenset(index for index, is_so in mixing.overflows.items() if is_so)
        if overflown:
            some = {index: alphas for index, alphas in points.items() if index in overflown}
            again = self._outcomes(examples, some, on_rows, Mixing(by_weights=overflown))
            rows = [row for row, (index, _) in enumerate(_in_order(points)) if index in overflown]
            for old, new in zip(found, again, strict=True):
                old[rows] = new
        return found

    def _outcomes(
        self,
        examples: Split,
        points: Mapping[int, Sequence[float]],
        on_rows: Callable[[str, int], None],
        mixing: Mixing,
    ) -> Outcomes:
        rows_of = {point: row for row, point in enumerate(_in_order(points))}
        wide = torch.float64 if self._line.dtype == "float64" else torch.float32
        losses = torch.empty(len(rows_of), len(examples), dtype=wide, device=self._device)
        correct = torch.empty(len(rows_of), len(examples), dtype=torch.bool, device=self._device)
        with self._computing():
            for rows in cut(len(examples), self._limits.rows):
                labels = examples.labels[rows]
                inputs = self._shown(examples.inputs[rows])
                for point, logits in self._plan.outcomes(inputs, points, self._limits.capacity, mixing=mixing):
                    losses[rows_of[point], rows], correct[rows_of[point], rows] = judged(logits, labels)
                    on_rows(self._walkers[point[0]].name, len(labels))
        # All batches are queued by now; only here does the host wait for the device.
        return losses.cpu().numpy(), correct.cpu().numpy()

    @contextlib.contextmanager
    def _computing(self) -> Iterator[None]:
        with exact(tf32=self._line.dtype == "tf32"), computing(self._line.dtype, self._device.type):
            yield

    def _shown(self, inputs: Tensor) -> Tensor:
        return placed(self._normalise(inputs), self._line.dtype)

    def _placed(self, state: State) -> State:
        here = laid_out({name: tensor.to(self._device, copy=True) for name, tensor in state.items()})
        # Points rounded to float32 lie beside the line: an error of 1e-7 in the loss, where float64 allows 1e-15.
        return widened(here) if self._line.dtype == "float64" else here


def _suitable(device: torch.device, row_bytes: int) -> int:
    """The number of examples that is fastest at a time; a power of two on a CPU, so that batches divide evenly."""
    usual = usual_batch(device)
    if device.type != "cpu":
        return usual
    cached = 1 << (_CACHED_BYTES // max(1, row_bytes) | 1).bit_length() - 1
    return max(_FULL_CPU, min(usual, cached))


def _in_order(points: Mapping[int, Sequence[float]]) -> list[Point]:
    return [(index, alpha) for index, alphas in points.items() for alpha in alphas]
