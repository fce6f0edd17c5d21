"""Estimates what a study costs before it runs: counts runs and examples, and times trainings by finished runs.

Nothing is downloaded for the counts, and a training that is like no finished run is not timed.
"""

import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from lininterp_cli.config.identity import digest_of
from lininterp_cli.config.run import RunConfig
from lininterp_cli.landscape.gauss_length import GaussLengthQuestion
from lininterp_cli.landscape.question import Question
from lininterp_cli.models.blocks import chosen, groups
from lininterp_cli.runs.run import Run
from lininterp_cli.study.feasible import Size, network_of, split_size
from lininterp_cli.study.measuring import MeasureQuestion, measure_question
from lininterp_cli.study.plan import Cell, Step
from lininterp_cli.study.steps import following, questions
from lininterp_cli.training import recipe

_LIKE = ("batch_size", "dtype", "eval_every")
"""Settings of `training` that runs must share, besides network and data, for their epochs to take equally long."""


SIZES: dict[str, Size] = {
    "mnist": Size(shape=(1, 28, 28), num_classes=10, train=60_000, test=10_000),
    "fashion-mnist": Size(shape=(1, 28, 28), num_classes=10, train=60_000, test=10_000),
    "cifar10": Size(shape=(3, 32, 32), num_classes=10, train=50_000, test=10_000),
    "cifar100": Size(shape=(3, 32, 32), num_classes=100, train=50_000, test=10_000),
    "digits": Size(shape=(1, 8, 8), num_classes=10, train=1_437, test=360),
}
"""Data sets of published size; of others, only that of `spiral` is known without loading them (see `size_of`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """The cost of a study none of whose runs exist yet."""

    num_trainings: int
    """Number of runs to make, each counted once."""
    num_epochs: int
    """Epochs of all these runs, at most."""
    num_seen: int | None
    """Examples trained on, summed over epochs; None if the size of a data set is not known."""
    num_evaluated: int | None
    """Examples evaluated on paths, summed over points, at most; None as above."""
    num_measures: int
    """Number of criticalities and Gauss lengths to measure."""
    num_measured: int | None
    """Examples evaluated for them, summed over points and draws, at most; None as above."""
    seconds: float | None
    """Total time of the trainings in `num_timed`; None if there are none."""
    num_timed: int
    """Number of trainings that are like a finished run of the store."""
    timed_by: tuple[str, ...]
    """The devices of those finished runs."""


@dataclass(frozen=True, slots=True)
class _Planned:
    """A run that a study makes."""

    key: str
    """Identifies the run: two cells that make the same run have the same key."""
    config: RunConfig
    """Its resolved settings."""
    questions: tuple[Question, ...]
    """Questions about its paths."""
    measures: tuple[MeasureQuestion, ...]
    """Questions that no curve answers."""


def estimate(cells: Sequence[Cell], there: Iterable[Run]) -> Estimate:
    """Estimate what cells cost.

    Args:
        cells: Cells of a study that `check_all` accepts.
        there: Existing runs, the newest first; the finished ones time the cells' trainings that are like them.

    Returns:
        The estimate.
    """
    planned: dict[str, _Planned] = {}
    asked: dict[tuple[str, Question], RunConfig] = {}
    measured: dict[tuple[str, MeasureQuestion], RunConfig] = {}
    for cell in cells:
        config = recipe.resolve(cell.config)
        for run in _runs(digest_of(config.to_dict()), config, cell.steps):
            planned[run.key] = run
            asked |= dict.fromkeys(((run.key, question) for question in run.questions), run.config)
            measured |= dict.fromkeys(((run.key, question) for question in run.measures), run.config)
    speeds = _speeds(there)
    known = [
        (run, speeds[key]) for run in planned.values() if (key := _likeness(recipe.explicit(run.config))) in speeds
    ]
    seconds = [run.config.training.epochs * speed for run, (speed, _) in known]
    networks: dict[str, nn.Module] = {}
    return Estimate(
        num_trainings=len(planned),
        num_epochs=sum(run.config.training.epochs for run in planned.values()),
        num_seen=_sum(_seen(run.config) for run in planned.values()),
        num_evaluated=_sum(_evaluated(question, config, networks) for (_, question), config in asked.items()),
        num_measures=len(measured),
        num_measured=_sum(_measured(question, config, networks) for (_, question), config in measured.items()),
        seconds=sum(seconds) if seconds else None,
        num_timed=len(seconds),
        timed_by=tuple(sorted({device for _, (_, device) in known})),
    )


def size_of(config: RunConfig) -> Size | None:
    """The size of a run's whole data set, without loading it.

    Args:
        config: The run's resolved settings.

    Returns:
        The size; None if it is not known without the files.
    """
    if config.data.name != "spiral":
        return SIZES.get(config.data.name)
    own = recipe.explicit(config)["data"]
    return Size(shape=(2,), num_classes=own["num_classes"], train=own["num_train"], test=own["num_test"])


def _runs(key: str, config: RunConfig, steps: Sequence[Step]) -> Iterator[_Planned]:
    asked = tuple(question for step in steps if step.kind == "interpolate" for question in questions(step))
    others = [step for step in steps if not step.makes_run and step.kind != "interpolate"]
    yield _Planned(key, config, asked, tuple(map(measure_question, others)))
    for step in steps:
        if step.makes_run:
            own = recipe.resolve(following(step, config))
            yield from _runs(digest_of([key, step.label]), own, step.steps)


def _speeds(there: Iterable[Run]) -> dict[str, tuple[float, str]]:
    """Likeness of finished runs to the device of the newest of them and the median seconds per epoch there."""
    found: dict[str, dict[str, list[float]]] = {}
    newest: dict[str, str] = {}
    for run in there:  # the newest first
        seconds, epochs = run.record.times.get("seconds"), run.record.epoch
        if run.record.status == "finished" and epochs and isinstance(seconds, int | float) and math.isfinite(seconds):
            key = _likeness(run.record.config)
            device = str(run.record.environment.get("device_name", "an unknown device"))
            newest.setdefault(key, device)
            found.setdefault(key, {}).setdefault(device, []).append(seconds / epochs)
    return {key: (statistics.median(found[key][device]), device) for key, device in newest.items()}


def _likeness(config: Mapping[str, Any]) -> str:
    training = config.get("training")
    like = {key: training.get(key) for key in _LIKE} if isinstance(training, Mapping) else {}
    return digest_of({"model": config.get("model"), "data": config.get("data"), **like})


def _seen(config: RunConfig) -> int | None:
    size = size_of(config)
    return None if size is None else config.training.epochs * split_size(config, size, "train")


def _evaluated(question: Question, config: RunConfig, networks: dict[str, nn.Module]) -> int | None:
    size = size_of(config)
    if size is None:
        return None
    num_points = question.num_placed or len(question.alphas)
    num_examples = sum(
        min(question.num_examples or math.inf, split_size(config, size, split)) for split in question.splits
    )
    return int(_num_paths(question, config, size, networks) * num_points * num_examples)


def _num_paths(question: Question, config: RunConfig, size: Size, networks: dict[str, nn.Module]) -> int:
    if question.by == "full":
        return 1
    return 1 + len(chosen(groups(_network(config, size, networks), question.by), question.blocks, question.by))


def _measured(question: MeasureQuestion, config: RunConfig, networks: dict[str, nn.Module]) -> int | None:
    size = size_of(config)
    if size is None:
        return None
    if isinstance(question, GaussLengthQuestion):
        split, num_points = question.split, len(question.alphas)
    else:
        blocks = chosen(groups(_network(config, size, networks), question.by), question.blocks, question.by)
        split, num_points = "train", 1 + len(blocks) * question.num_points  # and the final network
    return int(num_points * min(question.num_examples or math.inf, split_size(config, size, split)))


def _network(config: RunConfig, size: Size, networks: dict[str, nn.Module]) -> nn.Module:
    key = repr((config.model, size))
    if key not in networks:
        networks[key] = network_of(config, size)
    return networks[key]


def _sum(counts: Iterable[int | None]) -> int | None:
    known = list(counts)
    return None if None in known else sum(count for count in known if count is not None)
