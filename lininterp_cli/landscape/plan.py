"""In which order the points of one batch of examples are computed, so that nothing is computed twice.

The batch goes once through the resting network.  A path whose entries are first used at some step begins there:
everything before has the same values for all its points (Chatterji et al. 2020 call the same network "module curve";
the sharing is ours).  Behind the last step that reads what moves, points have the same weights again and go on as
rows of one larger batch.  A point that is the resting state itself takes that one's outcome.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from lininterp_cli.landscape.paths import Path
from lininterp_cli.landscape.program import Program, Values
from lininterp_cli.models.state import State

Point = tuple[int, float]
"""Which walker, and its alpha."""


@dataclass(frozen=True, slots=True)
class Walker:
    """One path."""

    name: str
    """What moves."""
    entries: tuple[str, ...]
    """The entries of the state that move."""
    path: Path
    """From alpha to state."""


@dataclass(frozen=True, slots=True)
class Mixing:
    """How linear steps were mixed while points were computed."""

    by_weights: frozenset[int] = frozenset()
    """Walkers whose weights are mixed, and not their results, whatever is linear."""
    overflows: dict[int, Tensor] = field(default_factory=dict)
    """Walker whose results were mixed to whether they were too far apart for that: infinite, or no numbers.

    On the device: nobody waits for it until somebody asks.
    """

    def saw(self, index: int, first: Values, last: Values) -> None:
        """Note the results that are to be mixed.

        Args:
            index: Whose.
            first: The values at alpha 0.
            last: The values at alpha 1.
        """
        far = [~(last[node] - value).isfinite().all() for node, value in first.items() if value is not last[node]]
        known = [self.overflows[index]] if index in self.overflows else []
        self.overflows[index] = torch.stack([*known, *far]).any()


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Where in the network a path's points differ from the resting state."""

    begin: int
    """The first step."""
    end: int
    """The step after the last."""
    is_linear: bool
    """Whether it is one linear step."""
    estimated: frozenset[str]
    """The statistics that each point has of its own: those behind what moves."""


class Plan:
    """The shared computation of many points.

    Args:
        program: The network in steps.
        walkers: The paths.
        rest: The state from which a path's points differ only in its own entries.
        is_exact: Whether a linear step may be mixed by its results instead of its weights.
        statistics: Each point's own statistics, of which those behind what moves are used; None where there are none.
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
        # Statistics of a norm that is called again later depend on what lies between, so its first call is no prefix.
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
            points: Walker's index to its alphas.
            capacity: How many points may go on as one batch.
            rests: Run the resting network to its end even if no point waits for that.
            mixing: How linear steps are to be mixed, and where it is noted whether that was right.

        Yields:
            A point and its logits, (N, num_classes).
        """
        program, place, waiting = self._program, 0, []
        pool = _Pool(program, self._rest, capacity)
        values: Values = program.begin(inputs)
        for index in (index for index in self._order if index in points):
            stretch = self._stretches[index]
            values, place = program.advance(values, place, stretch.begin, self._rest), stretch.begin
            for point, branch in self._branches(index, points[index], values, mixing or Mixing()):
                if branch is None:
                    waiting.append(point)
                else:
                    yield from pool.take(point, branch, stretch.begin, stretch.end)
        yield from pool.flush()
        if waiting or rests:
            logits = program.finish(values, place, self._rest)
            yield from ((point, logits) for point in waiting)

    def _branches(
        self, index: int, alphas: Sequence[float], values: Values, mixing: Mixing
    ) -> Iterator[tuple[Point, Values | None]]:
        """Each point's values behind what moves; None where it is the resting state."""
        program, stretch, walker = self._program, self._stretches[index], self._walkers[index]
        room: State = {}
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
    """Points whose weights are the resting ones from here on."""

    def __init__(self, program: Program, rest: State, capacity: int) -> None:
        self._program, self._rest, self._capacity = program, rest, capacity
        self._points: list[Point] = []
        self._parts: list[Values] = []
        self._place = 0

    def take(self, point: Point, values: Values, begin: int, end: int) -> Iterator[tuple[Point, Tensor]]:
        program = self._program
        if self._capacity == 1 or end == program.num_steps or not program.joins(begin, end):
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
