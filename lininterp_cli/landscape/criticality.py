"""Module criticality: how far a block must move from initial to final, and how precisely, to keep the error low.

Chatterji, Neyshabur & Sedghi 2020 (arXiv 1912.00528).  Nothing is printed here.

For a block of n parameters that move from theta_0 to theta_F, a distance D = ||theta_F - theta_0||_2,

    mu = min alpha^2 D^2 / sigma^2   over the grid, subject to   E_u[error(alpha, sigma u)] <= epsilon,

where error is the fraction of the examples that the network misclassifies with the block's parameters at
(1 - alpha) theta_0 + alpha theta_F + sigma u, u ~ N(0, I), and all other blocks final.  The expectation is the
mean over the draws; one draw has the same u at every alpha and sigma (common random numbers, from
`derive(0, "criticality", draw, name of the tensor)`).  The grid is the question's alphas times
sigma = ratio D / sqrt(n) over RATIOS.  At alpha 0 no noise is added, since mu is 0 for every sigma.
BatchNorm statistics move with their block and are not perturbed.  A block that did not move has mu = 0.

The minimum over the grid is exact: points are tried in ascending order of alpha / sigma, and a point is dropped as
soon as more examples are misclassified than epsilon allows in total.
"""

import itertools
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn

from lininterp_cli.config.identity import digest_of
from lininterp_cli.config.seeds import derive
from lininterp_cli.data.dataset import Dataset, Split
from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.curves.alphas import parse
from lininterp_cli.landscape.curves.measures import BlockCriticality, Criticality
from lininterp_cli.landscape.engine.batchnorm import treatment
from lininterp_cli.landscape.engine.line import Line
from lininterp_cli.landscape.engine.paths import Path, shaken
from lininterp_cli.landscape.engine.sweep import Sweep
from lininterp_cli.landscape.interpolate import Ground
from lininterp_cli.landscape.measuring import OnProgress, Scene, obtain
from lininterp_cli.landscape.valley import Spot, cheapest, grid
from lininterp_cli.models.blocks import Group, chosen, groups
from lininterp_cli.models.state import State, distance
from lininterp_cli.runs.run import Run
from lininterp_cli.training.batches import cut
from lininterp_cli.training.evaluation import usual_batch

SLACK = 0.01
"""Training error that is allowed above the final network's own by default, a fraction."""

RATIOS = tuple(2 ** (power / 2) for power in range(-12, 13))
"""Sigmas to try, in units of distance / sqrt(number of parameters): at 1 the noise is as long as the move."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CriticalityQuestion:
    """A request for module criticality; every field affects the values."""

    by: Literal["block", "layer"] = "block"
    """Whether each block or each layer moves on its own."""
    blocks: tuple[str, ...] = ()
    """The blocks or layers to measure; empty for all of them."""
    epsilon: float | None = None
    """The training error that is allowed, a fraction; None for the final network's own plus SLACK."""
    alphas: tuple[float, ...] = parse("0:1:0.1")
    """Positions to try, in [0, 1]."""
    num_examples: int | None = 500
    """Maximum number of training examples, the first in the split's order; None for all."""
    num_draws: int = 3
    """Number of draws of noise."""

    def __post_init__(self) -> None:
        for what, number in (("examples", self.num_examples), ("draws", self.num_draws)):
            if number is not None and number < 1:
                raise ConfigError(f"{what} must be 1 or more, not {number}")
        if self.epsilon is not None and not 0 <= self.epsilon < 1:
            raise ConfigError(f"--epsilon is a fraction of errors, 0 or more and less than 1, not {self.epsilon:g}")

    @property
    def num_points(self) -> int:
        """Points of a block's grid, counted once for each draw of noise; usually few of them are evaluated."""
        spots = grid("", self.alphas, RATIOS)
        return sum(self.num_draws if spot.ratio else 1 for spot in spots)

    @property
    def name(self) -> str:
        """The measure's name: its granularity, and a hash if any other field is not the default."""
        asked = {key: getattr(self, key) for key in self.__slots__}
        is_usual = self == CriticalityQuestion(by=self.by)
        return f"criticality-by-{self.by}" + ("" if is_usual else f"-{digest_of(asked)[:6]}")


def criticality(
    run: Run, question: CriticalityQuestion, ground: Ground, on_progress: OnProgress, told: Callable[[str], None],
    *, force: bool = False,
) -> tuple[Criticality, bool]:  # fmt: skip
    """Module criticality of a run's blocks, between its own initial and final weights; stored with the run.

    Args:
        run: The run.
        question: The request.
        ground: Store, data and device.
        on_progress: Called with the number of points that are decided, and their total.
        told: Called with a message if the network's code has changed or the data cannot be checked.
        force: Measure even if the measure is stored already.

    Returns:
        The measure, and whether it was measured just now.
    """

    def found(scene: Scene) -> Criticality:
        examples = scene.examples("train", question.num_examples)
        measured = measure(
            scene.model, scene.ends, scene.dataset, examples, question, device=ground.device,
            memory_bytes=ground.memory_bytes, on_progress=on_progress,
        )  # fmt: skip
        return replace(measured, name=question.name, **scene.about)

    return obtain(
        run, question.name, ("initial", "final"), ground, Criticality, found, told,
        check=lambda model: _moving(model, question), force=force,
    )  # fmt: skip


def measure(
    model: nn.Module,
    ends: tuple[State, State],
    dataset: Dataset,
    examples: Split,
    question: CriticalityQuestion,
    *,
    device: torch.device,
    memory_bytes: int | None = None,
    batch_size: int | None = None,
    on_progress: OnProgress = lambda done, total: None,
) -> Criticality:
    """Module criticality, as the module defines it, of the blocks of any network between any two of its states.

    Args:
        model: The network; its own weights are not used and not changed.
        ends: The states at alpha 0 and 1.
        dataset: The data set that normalises the inputs.
        examples: N examples, in their order.
        question: The request.
        device: The device to compute on.
        memory_bytes: Bytes that activations may take; None for half of the free memory.
        batch_size: Examples in one forward pass, without effect on the values; None for the device's default.
        on_progress: Called with the number of points that are decided, and their total.

    Returns:
        The measure; its name and run are empty.

    Raises:
        ConfigError: If the final network's own error is above the allowed one.
    """
    blocks = [
        _Block(group, distance(*ends, group.parameters), sum(ends[1][name].numel() for name in group.parameters))
        for group in _moving(model, question)
    ]
    line = Line(
        treatment=treatment("running", model, ends[1]), start=ends[0], end=ends[1], rest="final", moving=(),
        dtype="float32", dataset=dataset, examples={"train": examples},
    )  # fmt: skip
    noises = [noise(model, draw, device) for draw in range(question.num_draws)]
    errors = _Errors(line, blocks, noises, device, batch_size, memory_bytes)
    own = errors.final()
    epsilon = own + SLACK if question.epsilon is None else question.epsilon
    if epsilon < own:
        raise ConfigError(f"the final network's own training error is {own:g}; --epsilon must not be less")
    grids = {block.group.name: grid(block.group.name, question.alphas, RATIOS) for block in blocks if block.distance}
    found = {block.group.name: (Spot(block.group.name, 1.0, 0.0), own) for block in blocks if not block.distance}
    total = sum(map(len, grids.values()))
    for num_decided, done in cheapest(grids, lambda spots: errors.within(spots, epsilon)):
        on_progress(num_decided, total)
        found |= done
    return Criticality(
        name="", run="", start={}, end={}, by=question.by, epsilon=epsilon, final_error=own, alphas=question.alphas,
        num_examples=len(examples), num_draws=question.num_draws,
        blocks={block.group.name: block.judged(found.get(block.group.name)) for block in blocks},
    )  # fmt: skip


def _moving(model: nn.Module, question: CriticalityQuestion) -> list[Group]:
    """The blocks of a question, in the network's order."""
    available = {name: group for name, group in groups(model, question.by).items() if group.parameters}
    return list(chosen(available, question.blocks, question.by).values())


def noise(model: nn.Module, draw: int, device: torch.device) -> State:
    """Standard normal noise for every parameter of a network; each tensor's depends only on its name and the draw.

    Args:
        model: The network.
        draw: The draw, from 0.
        device: The device to put it on.

    Returns:
        Parameter name to noise of its shape; all names of a tied parameter share it.
    """
    drawn: dict[int, Tensor] = {}
    noises: State = {}
    for name, tensor in model.state_dict(keep_vars=True).items():
        if not isinstance(tensor, nn.Parameter) or not (tensor.is_floating_point() or tensor.is_complex()):
            continue
        if id(tensor) not in drawn:
            generator = torch.Generator().manual_seed(derive(0, "criticality", draw, name))
            drawn[id(tensor)] = torch.randn(tensor.shape, generator=generator, dtype=tensor.dtype).to(device)
        noises[name] = drawn[id(tensor)]
    return noises


@dataclass(frozen=True, slots=True)
class _Block:
    """A block that moves, how far, and its size."""

    group: Group
    distance: float
    num_parameters: int

    @property
    def unit(self) -> float:
        """The sigma at which the noise is on average as long as the distance."""
        return self.distance / math.sqrt(self.num_parameters)

    def judged(self, found: tuple[Spot, float] | None) -> BlockCriticality:
        spot, error = found or (None, None)
        return BlockCriticality(
            mu=None if spot is None else spot.cost**2 * self.num_parameters,
            alpha=None if spot is None else spot.alpha,
            sigma=None if spot is None else spot.ratio * self.unit,
            error=error,
            distance=self.distance,
            num_parameters=self.num_parameters,
            is_at_edge=spot is None or spot.ratio in {RATIOS[0], RATIOS[-1]},
        )


class _Errors:
    """Counts the errors at points: one path for each block, draw and sigma, so that blocks share earlier layers."""

    def __init__(
        self,
        line: Line,
        blocks: Sequence[_Block],
        noises: Sequence[State],
        device: torch.device,
        batch_size: int | None,
        memory_bytes: int | None,
    ) -> None:
        bends = [(0, 0.0), *itertools.product(range(len(noises)), RATIOS)]
        ways = [(block, draw, ratio) for block in blocks for draw, ratio in bends]
        self._index = {(block.group.name, draw, ratio): index for index, (block, draw, ratio) in enumerate(ways)}

        def bend(index: int, straight: Path) -> Path:
            block, draw, ratio = ways[index]
            return shaken(straight, noises[draw], ratio * block.unit) if ratio else straight

        line = replace(line, moving=tuple(block.group for block, _, _ in ways))
        self._sweep = Sweep(line, device, batch_size=batch_size, memory_bytes=memory_bytes, bend=bend)
        self._num_draws, self._num_examples = len(noises), len(line.examples["train"])
        self._chunks = cut(self._num_examples, batch_size or usual_batch(device) // 2)

    def final(self) -> float:
        """The error of the final network."""
        block = next(iter(self._index))[0]
        return next(iter(self.within([Spot(block, 1.0, 0.0)], 1.0).values()))

    def within(self, spots: Sequence[Spot], epsilon: float) -> dict[Spot, float]:
        """The mean errors of those points whose mean error is at most epsilon."""
        wrong: Counter[Spot] = Counter()
        sizes = {spot: self._num_examples * (self._num_draws if spot.ratio else 1) for spot in spots}
        alive = list(spots)
        for draw in range(self._num_draws):
            for rows in self._chunks:
                wrong.update(self._wrong([spot for spot in alive if spot.ratio or not draw], draw, rows))
                # The number of errors never falls, so a point can be dropped now; 1e-6 is for the rounding of epsilon.
                alive = [spot for spot in alive if wrong[spot] <= epsilon * sizes[spot] + 1e-6]
        return {spot: wrong[spot] / sizes[spot] for spot in alive}

    def _wrong(self, spots: Sequence[Spot], draw: int, rows: slice) -> Mapping[Spot, int]:
        if not spots:
            return {}
        places = {(self._index[spot.block, draw, spot.ratio], spot.alpha): spot for spot in spots}
        asked: dict[int, list[float]] = {}
        for walker, alpha in places:
            asked.setdefault(walker, []).append(alpha)
        _, correct = self._sweep.measure("train", rows, asked, lambda moving, num_rows: None)
        order = [places[walker, alpha] for walker, alphas in asked.items() for alpha in alphas]
        return dict(zip(order, (~correct).sum(axis=1).tolist(), strict=True))
