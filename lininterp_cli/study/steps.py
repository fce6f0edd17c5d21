"""What steps mean: from the options in a study's file to questions, blocks and settings; nothing is computed here."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from lininterp_cli.config.presets import configure
from lininterp_cli.config.run import ResetTo, RunConfig
from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.curve import BatchNorm, Granularity, Metric, Rest
from lininterp_cli.landscape.question import Question, positions, splits
from lininterp_cli.study.measuring import measure_question
from lininterp_cli.study.plan import Cell, Step
from lininterp_cli.study.step_options import names_in, read_options
from lininterp_cli.training import recipe
from lininterp_cli.training.evaluation import Dtype

BARRIER_HEIGHT = 0.1
"""Nats from which a path has a barrier that a training can start from (Lucas et al. 2021 count such rises)."""

_EPOCH = re.compile(r"epoch-(\d{1,9})")
_SECTIONS = tuple(item.name for item in fields(RunConfig) if item.name not in {"init", "reset", "seed"})

_QUESTION: dict[str, tuple[str, Any]] = {
    "from": ("start", str),
    "to": ("end", str),
    "by": ("by", Granularity),
    "block": ("blocks", str),
    "alphas": ("alphas", int | str),
    "tolerance": ("tolerance", float),
    "extrapolate": ("extrapolate", bool),
    "rest": ("rest", Rest),
    "split": ("splits", str),
    "examples": ("num_examples", int),
    "precision": ("precision", float),
    "metric": ("metric", Metric),
    "barrier": ("barrier", str),
    "bn": ("bn", Literal["running", "recalibrate", "batch", "final", "all"]),
    "dtype": ("dtype", Dtype),
    "batch-size": ("batch_size", int),
}
"""A flag of `lininterp interpolate` to the question's field and what it can be."""

_RESET: dict[str, Any] = {"block": str, "to": ResetTo, "all-but": bool, "retrain": bool}
_TRAIN: dict[str, Any] = {"init": Literal["initial", "final", "barrier"], "height": float}


@dataclass(frozen=True, kw_only=True, slots=True)
class ResetOptions:
    """How a run's blocks are put back."""

    blocks: tuple[str, ...]
    """Their names."""
    to: ResetTo = "random"
    """To a fresh draw, or to their own initial values."""
    all_but: bool = False
    """Put back all others."""
    retrain: bool = True
    """Train again afterwards."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainOptions:
    """How another run starts from the one before."""

    init: str
    """`final`, `initial`, or `barrier`: the top of the highest rise on the whole network's path."""
    height: float = BARRIER_HEIGHT
    """Nats that the rise must have for `barrier`."""
    changes: Mapping[str, Any]
    """Settings laid over those of the run before."""


def check(cell: Cell) -> None:
    """Refuse a cell that cannot be computed: unknown names and options, steps that mean nothing.

    Args:
        cell: The cell.

    Raises:
        ConfigError: If a training is to start from a barrier and no step before it looks for one.
    """
    recipe.resolve(cell.config)
    for step, config, siblings in unfolded(cell.steps, cell.config):
        if step.kind == "interpolate":
            questions(step)
        elif step.kind == "reset-block":
            reset_options(step)
        elif step.kind == "train":
            recipe.resolve(following(step, config))
            if train_options(step).init == "barrier" and not barrier_questions(siblings):
                raise ConfigError(
                    "a train step with init = 'barrier' needs an interpolate step beside it, from initial to final "
                    "with bn = 'running', which finds the barrier"
                )
        else:
            measure_question(step)


def unfolded(steps: Sequence[Step], config: RunConfig) -> Iterator[tuple[Step, RunConfig, Sequence[Step]]]:
    """Every step with the settings of the run that it is done with, and the steps beside it.

    Args:
        steps: A cell's, or those within a step.
        config: The settings of the run.

    Yields:
        A step before those within it.
    """
    for step in steps:
        yield step, config, steps
        if step.steps:
            yield from unfolded(step.steps, following(step, config))


def following(step: Step, config: RunConfig) -> RunConfig:
    """The settings of the run that a step makes, but for where its first weights come from.

    Args:
        step: A step that makes a run.
        config: The settings of the run before.

    Returns:
        Its settings.
    """
    if step.kind == "train":
        return changed(config, train_options(step), config.init)
    retrain = reset_options(step).retrain
    return config if retrain else replace(config, training=replace(config.training, epochs=0))


def changed(config: RunConfig, options: TrainOptions, init: str) -> RunConfig:
    """The settings of a run that starts where another was left.

    Args:
        config: The other run's settings.
        options: What changes.
        init: The endpoint it starts from.

    Returns:
        Its settings; where the other came from is no part of them.
    """
    return configure(replace(config, reset=None).to_dict(), options.changes, {"init": init})


def questions(step: Step) -> list[Question]:
    """The questions that an `interpolate` step asks.

    Args:
        step: The step; its options are called as the flags of `lininterp interpolate`.

    Returns:
        One question; one for each treatment of BatchNorm statistics where `bn` is `all`.

    Raises:
        ConfigError: If blocks are named and only the whole network is to move.
    """
    given = read_options(step, {name: allowed for name, (_, allowed) in _QUESTION.items()})
    chosen = {_QUESTION[name][0]: value for name, value in given.items() if name not in {"extrapolate", "alphas"}}
    if "alphas" in given:
        places = positions(str(given["alphas"]), given.get("extrapolate", False))
        chosen |= dict(zip(("alphas", "num_placed"), places, strict=True))
    elif given.get("extrapolate"):
        raise ConfigError("interpolate: extrapolate needs alphas that lie outside [0, 1]")
    if "splits" in chosen:
        chosen["splits"] = splits(chosen["splits"])
    if "blocks" in chosen:
        chosen["blocks"] = names_in(chosen["blocks"])
        if chosen.setdefault("by", "block") == "full":
            raise ConfigError("interpolate: by = 'full' moves no single block, so block cannot be meant")
    treatments = get_args(BatchNorm) if chosen.get("bn") == "all" else (chosen.get("bn", "running"),)
    return [Question(**chosen | {"bn": treatment}) for treatment in treatments]


def barrier_questions(steps: Sequence[Step]) -> list[Question]:
    """The questions among steps that find where the line of a run has its barrier.

    A point of the line, as a training can start from it, has statistics that moved with its weights.

    Args:
        steps: What is done with the run.

    Returns:
        The questions.
    """
    asked = [question for step in steps if step.kind == "interpolate" for question in questions(step)]
    return [one for one in asked if (one.start, one.end, one.bn) == ("initial", "final", "running")]


def epochs_to_keep(steps: Sequence[Step]) -> tuple[int, ...]:
    """The epochs of a run whose weights are the ends of what is asked of it.

    Args:
        steps: What is done with the run.

    Returns:
        The epochs, ascending.
    """
    ends = [step.options.get(end, "") for step in steps if not step.makes_run for end in ("from", "to")]
    return tuple(sorted({int(found[1]) for end in ends if (found := _EPOCH.fullmatch(str(end)))} - {0}))


def reset_options(step: Step) -> ResetOptions:
    """What a `reset-block` step puts back.

    Args:
        step: The step; options `block` (several with commas between them), `to`, `all-but`, `retrain`.

    Returns:
        The options.

    Raises:
        ConfigError: If it names no block.
    """
    given = read_options(step, _RESET)
    blocks = names_in(given.pop("block", ""))
    if not blocks:
        raise ConfigError("reset-block needs a block, as in reset-block = { block = 'fc' }")
    return ResetOptions(blocks=blocks, **{name.replace("-", "_"): value for name, value in given.items()})


def train_options(step: Step) -> TrainOptions:
    """How a `train` step starts.

    Args:
        step: The step; options `init`, `height`, and tables of settings.

    Returns:
        The options.

    Raises:
        ConfigError: If a height is given where nothing is looked for.
    """
    given = read_options(step, _TRAIN, _SECTIONS)
    init, height = given.get("init", "final"), given.get("height", BARRIER_HEIGHT)
    if "height" in given and init != "barrier":
        raise ConfigError(f"train: height is of a barrier; it means nothing with init = {init!r}")
    changes = {section: given[section] for section in _SECTIONS if section in given}
    return TrainOptions(init=init, height=height, changes=changes)
