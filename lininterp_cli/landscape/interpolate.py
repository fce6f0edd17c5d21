"""Walking a line: from two endpoints and a question to a curve, kept with its run."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import nn

from lininterp_cli.data.dataset import Dataset, Split
from lininterp_cli.errors import ConfigError, StoreError, UnknownNameError
from lininterp_cli.landscape import paths
from lininterp_cli.landscape.alphas import parse
from lininterp_cli.landscape.batchnorm import RECALIBRATION_EXAMPLES, treatment
from lininterp_cli.landscape.curve import BatchNorm, Curve, Granularity, Rest, Series, Values
from lininterp_cli.landscape.curve_reader import read_curve
from lininterp_cli.landscape.interval import METHOD, intervals
from lininterp_cli.landscape.sweep import Walker, sweep
from lininterp_cli.models.blocks import Group, chosen, groups, whole
from lininterp_cli.models.state import State, distance, widened
from lininterp_cli.runs.store import Run, Store
from lininterp_cli.training import recipe
from lininterp_cli.training.device import environment
from lininterp_cli.training.endpoints import Endpoint, locate
from lininterp_cli.training.evaluation import BATCH_SIZE, ORDER_SEED, Metrics, Precision, frozen, sample
from lininterp_cli.training.initial import blank
from lininterp_cli.training.train import config_of

SPLITS = ("test", "train")


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is to be known of a line; everything in it decides the curve."""

    start: str = "initial"
    """The endpoint at alpha 0."""
    end: str = "final"
    """The endpoint at alpha 1."""
    by: Granularity = "full"
    """What moves at a time besides the whole network."""
    blocks: tuple[str, ...] = ()
    """The blocks, layers or tensors to move; none means all of them."""
    alphas: tuple[float, ...] = field(default_factory=lambda: parse("50"))
    """Positions."""
    rest: Rest = "final"
    """Which end the blocks that do not move stay at."""
    splits: tuple[str, ...] = ("test",)
    """What is measured on."""
    num_examples: int | None = None
    """Examples of each split, the first in its order; None for all."""
    bn: BatchNorm = "running"
    """What is done with BatchNorm statistics."""
    precision: Precision = "float32"
    """What forward passes compute in."""
    batch_size: int = BATCH_SIZE
    """Examples per forward pass; part of the question only where batches normalise themselves."""

    def __post_init__(self) -> None:
        for split in self.splits:
            if split not in SPLITS:
                raise UnknownNameError("split", split, SPLITS)
        if self.batch_size < 1:
            raise ConfigError(f"batch_size must be 1 or more, not {self.batch_size}")
        if self.num_examples is not None and self.num_examples < 1:
            raise ConfigError(f"examples must be 1 or more, not {self.num_examples}")

    @property
    def name(self) -> str:
        """The curve's name: what is unusual about the question, and a hash where the words do not say it all."""
        plain = Question(by=self.by)
        words = ["full" if self.by == "full" else f"by-{self.by}"]
        if (self.start, self.end) != (plain.start, plain.end):
            words += [self.start, "to", self.end]
        words += [word for word, usual in ((self.bn, plain.bn), (self.precision, plain.precision)) if word != usual]
        words += ["rest-initial"] if self.rest != plain.rest else []
        words += [f"{self.num_examples}-examples"] if self.num_examples is not None else []
        asked = self if self.bn == "batch" else replace(self, batch_size=BATCH_SIZE)
        if asked != plain:
            spelled = json.dumps({key: getattr(asked, key) for key in self.__slots__}, sort_keys=True)
            words.append(hashlib.sha256(spelled.encode()).hexdigest()[:6])
        return re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(words))[-120:].strip("-.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What a line is walked on: the store, the data and the device."""

    store: Store
    """Where other runs are looked up."""
    data_folder: Path
    """Where data sets are kept."""
    device: torch.device
    """Where it is computed."""


def interpolate(
    run: Run,
    question: Question,
    ground: Ground,
    on_pass: Callable[[str, int, int], None],
    force: bool = False,
    on_fallback: Callable[[str], None] = lambda _: None,
) -> tuple[Curve, bool]:
    """Measure a line of a run and keep the curve with it; a curve that is there already is read instead.

    Args:
        run: The run whose network, data and checkpoints are meant.
        question: What is to be known.
        ground: Store, data and device.
        on_pass: Told after each point of each chunk: what moves, passes that are done, passes in all.
        force: Measure even where the curve is there.
        on_fallback: Told why, where nothing can be shared between the paths; the results are the same.

    Returns:
        The curve, and whether it was measured just now.
    """
    start, end = (locate(text, ground.store, run) for text in (question.start, question.end))
    path = run.curves_folder / f"{question.name}.json"
    kept = None if force else _kept(path, start, end)
    if kept is not None:
        return kept, False
    config = config_of(run)
    dataset = recipe.load_dataset(config, ground.data_folder)
    build = recipe.network(config, dataset)
    ends = [endpoint.load(build, recipe.scheme(config)) for endpoint in (start, end)]
    dataset = dataset.to(ground.device)
    examples = {name: _examples(getattr(dataset, name), name, question.num_examples) for name in question.splits}
    series, reason = walk(blank(build), (ends[0], ends[1]), question, dataset, examples, on_pass)
    if reason is not None:
        on_fallback(reason)
    curve = Curve(
        name=question.name,
        run=run.id,
        start=start.description,
        end=end.description,
        by=question.by,
        rest=question.rest,
        bn=question.bn,
        dtype=question.precision,
        batch_size=question.batch_size,
        alphas=question.alphas,
        series=series,
        order_seed=ORDER_SEED,
        bn_examples=min(RECALIBRATION_EXAMPLES, len(dataset.train)) if question.bn == "recalibrate" else 0,
        environment=environment(ground.device),
        interval_method=METHOD,
    )
    curve.write(path)
    return curve, True


def walk(
    model: nn.Module,
    ends: tuple[State, State],
    question: Question,
    dataset: Dataset,
    examples: dict[str, Split],
    on_pass: Callable[[str, int, int], None],
) -> tuple[tuple[Series, ...], str | None]:
    """Measure the whole network's line and each block's.

    Args:
        model: The network; its own weights are not used and not changed.
        ends: The states at alpha 0 and 1.
        question: What is to be known.
        dataset: The data, on the device.
        examples: Split to the examples to measure on.
        on_pass: Told after each point of each chunk: what moves, passes that are done, passes in all.

    Returns:
        One series for the whole network and one for each block, in the network's order; and why no computation
        could be shared between them, or None where it could.
    """
    moving: list[tuple[str | None, Group]] = [(None, whole(model))]
    if question.by != "full":
        moving += chosen(groups(model, question.by), question.blocks, question.by).items()
    device = dataset.train.labels.device
    start, end = (_placed(state, device, question.precision) for state in ends)
    line, rest = paths.linear(start, end), end if question.rest == "final" else start
    walkers = [
        Walker(group.name, group.entries, line if block is None else paths.only(group.entries, line, rest))
        for block, group in moving
    ]
    network, statistics = treatment(
        question.bn, frozen(model).to(device), end, dataset.train, dataset.normalise, question.precision
    )
    reason = sweep(
        network,
        walkers,
        question.alphas,
        rest,
        statistics,
        examples,
        dataset.normalise,
        batch_size=question.batch_size,
        precision=question.precision,
        on_pass=on_pass,
    )
    sizes = {split: len(getattr(dataset, split)) for split in examples}
    series = tuple(
        _series(block, group, distance(start, end, group.parameters), walker, question.alphas, sizes)
        for (block, group), walker in zip(moving, walkers, strict=True)
    )
    return series, reason


def _series(
    block: str | None, group: Group, moved: float, walker: Walker, alphas: tuple[float, ...], sizes: dict[str, int]
) -> Series:
    num_points = len(alphas)
    found = {split: intervals(alphas, walker.outcomes(split, num_points).numpy()) for split in sizes}
    return Series(
        block=block,
        tensors=group.entries,
        distance=moved,
        splits={split: _values(walker.metrics(split, num_points), size) for split, size in sizes.items()},
        intervals={split: known for split, known in found.items() if known},
    )


def _placed(state: State, device: torch.device, precision: Precision) -> State:
    placed = {name: tensor.to(device) for name, tensor in state.items()}
    if precision != "float64":
        return placed
    # Points that are rounded to float32 lie beside the line: 1e-7 in the loss, where 1e-15 is asked for.
    return widened(placed)


def _values(metrics: list[Metrics], split_size: int) -> Values:
    return Values(
        split_size=split_size,
        num_examples=metrics[0].num_examples if metrics else 0,
        loss=tuple(one.loss for one in metrics),
        loss_stderr=tuple(one.loss_stderr for one in metrics),
        accuracy=tuple(one.accuracy for one in metrics),
    )


def _examples(split: Split, name: str, num_examples: int | None) -> Split:
    if num_examples is not None and num_examples > len(split):
        raise ConfigError(f"the {name} split has {len(split)} examples, not {num_examples}")
    return sample(split, num_examples)


def _kept(path: Path, start: Endpoint, end: Endpoint) -> Curve | None:
    try:
        curve = read_curve(path)
    except (FileNotFoundError, StoreError):
        return None
    same: bool = (dict(curve.start), dict(curve.end)) == (start.description, end.description)
    return curve if same else None
