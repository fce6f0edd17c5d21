"""The order in which the points of one batch of examples are computed, so that no step runs twice on the same values.

The batch passes once through the network in its resting state.  A path branches off at the first step that uses its
entries: all values before it are the same for all its points (Chatterji et al. 2020 call the same network "module
curve"; the sharing is ours).  After the last step that uses moving entries, points have equal weights again and are
joined as rows of one larger batch.  A point that is the resting state itself takes the logits of the resting network.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from lininterp_cli.landscape.engine.paths import Path
from lininterp_cli.landscape.engine.program import Program
from lininterp_cli.landscape.engine.runner import Values
from lininterp_cli.models.state import State

Point = tuple[int, float]
"""The index of a walker, and alpha."""


@dataclass(frozen=True, slots=True)
class Walker:
    """One path, and the entries that move along it."""

    name: str
    """The name of the group that moves."""
    entries: tuple[str, ...]
    """The entries of the state that move."""
    path: Path
    """Returns the state at an alpha."""


@dataclass(frozen=True, slots=True)
class Mixing:
    """How the points of linear steps are interpolated: by the step's outputs, or by its weights."""

    by_weights: frozenset[int] = frozenset()
    """Indices of walkers whose weights are interpolated, even in a linear step."""
    overflows: dict[int, Tensor] = field(default_factory=dict)
    """Walkers whose outputs were interpolated: index to whether these or their difference are not finite somewhere.

    Scalars on the device: only reading one waits for the device.
    """

    def saw(self, index: int, first: Values, last: Values) -> None:
        """Record whether the outputs that are to be interpolated differ by finite numbers.

        Args:
            index: The walker's index.
            first: The values at alpha 0.
            last: The values at alpha 1.
        """
        far = [~(last[node] - value).isfinite().all() for node, value in first.items() if value is not last[node]]
        known = [self.overflows[index]] if index in self.overflows else []
        self.overflows[index] = torch.stack([*known, *far]).any()


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The steps in which a path's points differ from the resting network."""

    begin: int
    """The first step."""
    end: int
    """The step after the last."""
    is_linear: bool
    """Whether it is one linear step."""
    estimated: frozenset[str]
    """Names of the statistics that each point has of its own: those that are first used at `begin` or later."""


class Plan:
    """The shared computation of many points.

    Args:
        program: The network in steps.
        walkers: The paths.
        rest: The state from which a path's points differ only in its own entries.
        is_exact: Whether a linear step may be interpolated by its outputs instead of its weights.
        statistics: Returns a point's own statistics; those before its first moving step are not used.  None for none.
        estimated: The names of those statistics.
    """

    def __init__(
        self,
        program: Program,
        walkers: Sequence[Walker],
        rest: State,
        *,
        is_exact: bool,
        statistics: Callable[[Point], State] | None = None,
        estimated: frozenset[str] = frozenset(),
    ) -> None:
        self._program, self._walkers, self._rest, self._statistics = program, walkers, rest, statistics
        # Statistics of a norm that is called twice depend on the steps between, so the branch includes its first call.
        again = program.reused & estimated
        self._stretches = [self._stretch(walker, estimated, again, is_exact) for walker in walkers]
        self._order = sorted(range(len(walkers)), key=lambda index: self._stretches[index].begin)

    def _stretch(self, walker: Walker, estimated: frozenset[str], again: frozenset[str], is_exact: bool) -> _Stretch:
        program = self._program
        begin = program.span({*walker.entries, *again})[0]
        own = frozenset(name for name in estimated if program.span([name])[0] >= begin)
        end = program.span({*walker.entries, *own})[1]
        return _Stretch(begin, end, is_exact and not own and program.is_linear(walker.entries), own)

    def has_statistics(self, index: int) -> bool:
        """Whether the points of a walker have statistics of their own."""
        return bool(self._stretches[index].estimated)

    def outcomes(
        self,
        inputs: Tensor,
        points: Mapping[int, Sequence[float]],
        capacity: int,
        *,
        rests: bool = False,
        mixing: Mixing | None = None,
    ) -> Iterator[tuple[Point, Tensor]]:
        """The logits of some points on one batch.

        Args:
            inputs: (N, C, H, W) or (N, F), normalised; may be overwritten.
            points: The alphas of each walker, by its index.
            capacity: How many points may be joined as one batch.
            rests: Run the resting network to its end even if no point needs its logits.
            mixing: How linear steps are interpolated; it records whether the outputs allowed that.

        Yields:
            A point and its logits, (N, num_classes).
        """
        program, place, waiting = self._program, 0, []
        pool = _Pool(program, self._rest, capacity)
        values: Values = program.begin(inputs)
        for index in (index for index in self._order if index in points):
            stretch = self._stretches[index]
            values, place = program.advance(values, place, stretch.begin, self._rest), stretch.begin
            # The values of a point can be views of its weights, such as a token that is expanded over the examples: the
            # weights of one point may be written over those of another only where no point waits.
            room = None if pool.may_hold(stretch.end) else State()
            for point, branch in self._branches(index, points[index], values, mixing or Mixing(), room):
                if branch is None:
                    waiting.append(point)
                else:
                    yield from pool.take(point, branch, stretch.begin, stretch.end)
        yield from pool.flush()
        if waiting or rests:
            logits = program.finish(values, place, self._rest)
            yield from ((point, logits) for point in waiting)

    def _branches(
        self, index: int, alphas: Sequence[float], values: Values, mixing: Mixing, room: State | None
    ) -> Iterator[tuple[Point, Values | None]]:
        """Each point with its values after its last moving step, or with None if it is the resting state."""
        program, stretch, walker = self._program, self._stretches[index], self._walkers[index]
        ends: tuple[Values, Values] | None = None
        for alpha in alphas:
            point = index, alpha
            moved = walker.path(alpha, walker.entries, room)
            if all(moved[name] is self._rest[name] for name in moved):
                yield point, None
            elif stretch.is_linear and index not in mixing.by_weights:
                if ends is None:
                    ends = self._linear_end(index, values, 0.0), self._linear_end(index, values, 1.0)
                    mixing.saw(index, *ends)
                yield point, program.fork(program.mix(*ends, alpha), stretch.end)
            else:
                state = self._rest | moved
                if self._statistics is not None and stretch.estimated:
                    own = self._statistics(point)
                    state |= {name: own[name] for name in stretch.estimated}
                yield point, program.advance(program.fork(values, stretch.begin), stretch.begin, stretch.end, state)

    def _linear_end(self, index: int, values: Values, alpha: float) -> Values:
        stretch, walker = self._stretches[index], self._walkers[index]
        state = self._rest | walker.path(alpha, walker.entries)
        return self._program.advance(dict(values), stretch.begin, stretch.end, state)


class _Pool:
    """Points that have the resting weights from some step on, and wait to be joined as rows of one batch."""

    def __init__(self, program: Program, rest: State, capacity: int) -> None:
        self._program, self._rest, self._capacity = program, rest, capacity
        self._points: list[Point] = []
        self._parts: list[Values] = []
        self._place = 0

    def may_hold(self, end: int) -> bool:
        """Whether points with resting weights from this step on may wait; others go on to their logits at once."""
        return self._capacity > 1 and end < self._program.num_steps

    def take(self, point: Point, values: Values, begin: int, end: int) -> Iterator[tuple[Point, Tensor]]:
        program = self._program
        if not self.may_hold(end) or not program.joins(begin, end):
            yield point, program.finish(values, end, self._rest)
            return
        if self._place > end:
            yield from self.flush()
        elif self._parts and self._place < end:
            self._parts = [program.advance(program.join(self._parts), self._place, end, self._rest)]
        self._place = end
        self._points.append(point)
        self._parts.append(values)
        if len(self._points) == self._capacity:
            yield from self.flush()

    def flush(self) -> Iterator[tuple[Point, Tensor]]:
        if self._points:
            logits = self._program.finish(self._program.join(self._parts), self._place, self._rest)
            yield from zip(self._points, logits.chunk(len(self._points)), strict=True)
        self._points, self._parts = [], []
