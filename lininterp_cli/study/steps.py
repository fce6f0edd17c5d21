"""Turns the options of steps in a study's file into questions, blocks and settings; computes nothing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from lininterp_cli.config.presets import configure
from lininterp_cli.config.run import ResetTo, RunConfig
from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.curves.curve import BatchNorm, Granularity, Metric, Rest, splits
from lininterp_cli.landscape.question import Question, positions
from lininterp_cli.study.measuring import measure_question
from lininterp_cli.study.plan import Cell, Step
from lininterp_cli.study.step_options import names_in, read_options
from lininterp_cli.training import recipe
from lininterp_cli.training.evaluation import Dtype

BARRIER_HEIGHT = 0.1
"""Least height, in nats, of a barrier that a training can start from (Lucas et al. 2021 count such rises)."""

_EPOCH = re.compile(r"epoch-(\d{1,9})")
_NOT_INHERITED = {"init", "reset", "block_init_scale"}
"""Settings of initial weights, which a run that starts from weights of another does not draw."""

_SECTIONS = tuple(item.name for item in fields(RunConfig) if item.name not in _NOT_INHERITED | {"seed"})

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
"""Flag of `lininterp interpolate` to the field of `Question` that it sets, and the type."""

_RESET: dict[str, Any] = {"block": str, "to": ResetTo, "all-but": bool, "retrain": bool}
_TRAIN: dict[str, Any] = {"init": Literal["initial", "final", "barrier"], "height": float}


@dataclass(frozen=True, kw_only=True, slots=True)
class ResetOptions:
    """Options of a `reset-block` step."""

    blocks: tuple[str, ...]
    """Names of the blocks to put back."""
    to: ResetTo = "random"
    """`random` for a fresh draw, `initial` for the blocks' own initial values."""
    all_but: bool = False
    """Whether to put back all blocks but these instead."""
    retrain: bool = True
    """Whether to train again afterwards."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainOptions:
    """Options of a `train` step, which starts another run from the one before."""

    init: str
    """`final`, `initial`, or `barrier` for the top of the highest rise on the whole network's path."""
    height: float = BARRIER_HEIGHT
    """Least height of that rise, in nats, for `barrier`."""
    changes: Mapping[str, Any]
    """Settings that override those of the run before."""


def check(cell: Cell) -> None:
    """Refuse a cell with unknown names, with invalid options, or with steps that contradict each other.

    Args:
        cell: The cell.

    Raises:
        ConfigError: If a `train` step starts from a barrier and no step beside it measures one, or a path ends in an
            epoch that the run does not have.
    """
    recipe.resolve(cell.config)
    for step, config, siblings in unfolded(cell.steps, cell.config):
        for epoch in epochs_to_keep([step]):
            if epoch > config.training.epochs:
                raise ConfigError(f"{step.kind}: the run has no epoch {epoch}, only 0 to {config.training.epochs}")
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
    """Every step with the settings of the run that it is applied to, and the list of steps that it is in.

    Args:
        steps: The steps of a cell, or those within a step.
        config: The settings of the run they are applied to.

    Yields:
        The step, the settings and the list; a step comes before those within it.
    """
    for step in steps:
        yield step, config, steps
        if step.steps:
            yield from unfolded(step.steps, following(step, config))


def following(step: Step, config: RunConfig) -> RunConfig:
    """The settings of the run that a step makes, except for the source of its initial weights.

    Args:
        step: A step that makes a run.
        config: The settings of the run before.

    Returns:
        The settings.
    """
    if step.kind == "train":
        return changed(config, train_options(step), config.init)
    retrain = reset_options(step).retrain
    return config if retrain else replace(config, training=replace(config.training, epochs=0))


def changed(config: RunConfig, options: TrainOptions, init: str) -> RunConfig:
    """The settings of a run that starts from weights of another run.

    Args:
        config: The other run's settings.
        options: The settings to change.
        init: The endpoint that the run starts from.

    Returns:
        The settings, without those by which the other run's initial weights were made.
    """
    kept = {key: value for key, value in config.to_dict().items() if key not in _NOT_INHERITED}
    return configure(kept, options.changes, {"init": init})


def questions(step: Step) -> list[Question]:
    """The questions that an `interpolate` step asks.

    Args:
        step: The step; its options have the names of the flags of `lininterp interpolate`.

    Returns:
        One question, or one for each treatment of BatchNorm statistics if `bn` is `all`.

    Raises:
        ConfigError: If `block` is given with `by = 'full'`, or `extrapolate` without `alphas`.
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
    """The questions of steps whose curves show where the line from initial to final has its barrier.

    Only `bn = "running"` counts: a training that starts from a point of the line takes the statistics that moved with
    its weights.

    Args:
        steps: The steps applied to a run.

    Returns:
        The questions.
    """
    asked = [question for step in steps if step.kind == "interpolate" for question in questions(step)]
    return [one for one in asked if (one.start, one.end, one.bn) == ("initial", "final", "running")]


def epochs_to_keep(steps: Sequence[Step]) -> tuple[int, ...]:
    """The epochs whose weights a run must keep, as endpoints in the options of its steps.

    Args:
        steps: The steps applied to the run.

    Returns:
        The epochs, ascending; 0, whose weights are always kept, is left out.
    """
    found = [_EPOCH.fullmatch(end) for step in steps if not step.makes_run for end in ends(step)]
    return tuple(sorted({int(one[1]) for one in found if one} - {0}))


def ends(step: Step) -> list[str]:
    """The endpoints in the options of a step that measures a path.

    Args:
        step: The step.

    Returns:
        The texts of `from` and `to`; an option that is not given is left out.
    """
    return [str(step.options[name]) for name in ("from", "to") if name in step.options]


def reset_options(step: Step) -> ResetOptions:
    """Read the options of a `reset-block` step.

    Args:
        step: The step; options `block` (several with commas between them), `to`, `all-but`, `retrain`.

    Returns:
        The options.

    Raises:
        ConfigError: If the step names no block.
    """
    given = read_options(step, _RESET)
    blocks = names_in(given.pop("block", ""))
    if not blocks:
        raise ConfigError("reset-block needs a block, as in reset-block = { block = 'fc' }")
    return ResetOptions(blocks=blocks, **{name.replace("-", "_"): value for name, value in given.items()})


def train_options(step: Step) -> TrainOptions:
    """Read the options of a `train` step.

    Args:
        step: The step; options `init`, `height`, and tables of settings.

    Returns:
        The options.

    Raises:
        ConfigError: If `height` is given and `init` is not `barrier`.
    """
    given = read_options(step, _TRAIN, _SECTIONS)
    init, height = given.get("init", "final"), given.get("height", BARRIER_HEIGHT)
    if "height" in given and init != "barrier":
        raise ConfigError(f"train: height is of a barrier; it means nothing with init = {init!r}")
    changes = {section: given[section] for section in _SECTIONS if section in given}
    return TrainOptions(init=init, height=height, changes=changes)
