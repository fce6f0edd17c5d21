"""Many states of one network on the same examples, nothing computed twice.

Each chunk of examples goes once through the resting network.  A path whose entries are first used at some step
begins there: everything before has the same values for all its points (Chatterji et al. 2020 call the same network
"module curve"; the sharing is ours).  A point that is the resting state itself takes that one's outcome.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from lininterp_cli.data.dataset import Split
from lininterp_cli.landscape.batchnorm import Statistics
from lininterp_cli.landscape.paths import Path
from lininterp_cli.landscape.program import Program, Values
from lininterp_cli.models.state import State
from lininterp_cli.training.batches import cut
from lininterp_cli.training.device import exact
from lininterp_cli.training.evaluation import Metrics, Precision, computing, judged, metrics_of, placed

_NUM_CHECKED = 16
"""Examples on which the steps are compared with the plain network before anything rests on them."""


@dataclass(slots=True)
class Walker:
    """One path and what was measured along it."""

    name: str
    """What moves."""
    entries: tuple[str, ...]
    """The entries of the state that move."""
    path: Path
    """From alpha to state."""
    losses: dict[tuple[str, int], list[Tensor]] = field(default_factory=dict)
    """Split and point to the losses of its examples, chunk by chunk."""
    correct: dict[tuple[str, int], list[Tensor]] = field(default_factory=dict)
    """Split and point to which of its examples are classified right."""

    def metrics(self, split: str, num_points: int) -> list[Metrics]:
        """What its points came to.

        Args:
            split: The split.
            num_points: How many points the path has.

        Returns:
            The metrics of each point.
        """
        keys = [(split, point) for point in range(num_points)]
        return [metrics_of(torch.cat(self.losses[key]), torch.cat(self.correct[key])) for key in keys]

    def outcomes(self, split: str, num_points: int) -> Tensor:
        """The loss of each example at each point.

        Args:
            split: The split.
            num_points: How many points the path has.

        Returns:
            (N, num_points) float64, on the CPU, nats.
        """
        columns = [torch.cat(self.losses[split, point]).cpu().double() for point in range(num_points)]
        return torch.stack(columns, dim=1)


@torch.no_grad()
def sweep(
    network: nn.Module,
    walkers: list[Walker],
    alphas: tuple[float, ...],
    rest: State,
    statistics: Statistics,
    examples: dict[str, Split],
    normalise: Callable[[Tensor], Tensor],
    *,
    batch_size: int,
    precision: Precision,
    on_pass: Callable[[str, int, int], None],
) -> str | None:
    """Measure every point of every path.

    Args:
        network: The network, in the mode it is to be run in; its own weights are not used and not changed.
        walkers: The paths; what is measured is left with them.
        alphas: Positions of the points.
        rest: The state from which a path's points differ only in its own entries.
        statistics: The treatment of BatchNorm.
        examples: Split to its examples, on the device.
        normalise: From stored inputs to what the network takes.
        batch_size: Examples per chunk.
        precision: What forward passes compute in.
        on_pass: Told after each point of each chunk: what moves, passes that are done, passes in all.

    Returns:
        Why nothing could be shared, or None where it could.
    """
    program = Program(network)
    num_passes = len(walkers) * len(alphas) * sum(len(cut(len(split), batch_size)) for split in examples.values())
    done = 0
    with exact(), computing(precision, next(iter(rest.values())).device.type):
        few = next(iter(examples.values())).inputs[:_NUM_CHECKED]
        program.settle(placed(normalise(few), precision), rest)
        plan = _Plan(program, walkers, alphas, rest, statistics)
        for name, split in examples.items():
            for rows in cut(len(split), batch_size):
                inputs = placed(normalise(split.inputs[rows]), precision)
                for walker, point, logits in plan.outcomes(inputs):
                    _record(walker, (name, point), logits, split.labels[rows])
                    done += 1
                    on_pass(walker.name, done, num_passes)
    return program.reason


class _Plan:
    """In which order the points of one chunk are computed, and where each begins."""

    def __init__(
        self, program: Program, walkers: list[Walker], alphas: tuple[float, ...], rest: State, statistics: Statistics
    ) -> None:
        self._program, self._alphas, self._path_rest, self._statistics = program, alphas, rest, statistics
        estimated = statistics(rest)
        self._rest = rest | estimated
        # Statistics of a norm that is called again later depend on what lies between, so its first call is no prefix.
        again = program.reused & estimated.keys()
        begins = [(program.first_use({*walker.entries, *again}), index) for index, walker in enumerate(walkers)]
        self._stops = [(begin, walkers[index]) for begin, index in sorted(begins)]
        self._known: dict[tuple[int, int], State] = {}

    def outcomes(self, inputs: Tensor) -> Iterator[tuple[Walker, int, Tensor]]:
        """The logits of every point on one chunk."""
        program, place, waiting = self._program, 0, []
        values: Values = program.begin(inputs)
        for begin, walker in self._stops:
            values, place = program.advance(values, place, begin, self._rest), begin
            for point in range(len(self._alphas)):
                state = self._state(walker, point)
                if state is None:
                    waiting.append((walker, point))
                else:
                    yield walker, point, program.finish(values, place, state)
        if waiting:
            logits = program.finish(values, place, self._rest)
            yield from ((walker, point, logits) for walker, point in waiting)

    def _state(self, walker: Walker, point: int) -> State | None:
        """The state of a point; None where it is the resting state."""
        moved = walker.path(self._alphas[point], walker.entries)
        if all(moved[name] is self._path_rest[name] for name in moved):
            return None
        state = self._path_rest | moved
        key = (id(walker), point)
        if key not in self._known:
            self._known[key] = self._statistics(state)
        return state | self._known[key]


def _record(walker: Walker, key: tuple[str, int], logits: Tensor, labels: Tensor) -> None:
    losses, right = judged(logits, labels)
    walker.losses.setdefault(key, []).append(losses)
    walker.correct.setdefault(key, []).append(right)
