"""What steps mean: from the options in a study's file to questions, blocks and settings; nothing is computed here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from lininterp_cli.config.options import shown
from lininterp_cli.config.presets import configure
from lininterp_cli.config.run import ResetTo, RunConfig
from lininterp_cli.errors import ConfigError, UnknownNameError
from lininterp_cli.landscape.curve import BatchNorm
from lininterp_cli.landscape.question import Question, positions, splits
from lininterp_cli.study.plan import Cell, Step
from lininterp_cli.training import recipe

BARRIER_HEIGHT = 0.1
"""Nats from which a path has a barrier that a training can start from (Lucas et al. 2021 count such rises)."""

_SECTIONS = ("data", "model", "optimizer", "schedule", "training")


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
    """
    recipe.resolve(cell.config)
    for step in cell.steps:
        _check(step)


def questions(step: Step) -> list[Question]:
    """The questions that an `interpolate` step asks.

    Args:
        step: The step; its options are called as the flags of `lininterp interpolate`.

    Returns:
        One question; one for each treatment of BatchNorm statistics where `bn` is `all`.

    Raises:
        UnknownNameError: For an option or a treatment that does not exist.
    """
    given = _known(step, tuple(_QUESTION))
    chosen: dict[str, Any] = {}
    for name, value in given.items():
        field, read = _QUESTION[name]
        chosen[field] = _read(step, name, value, read)
    if "alphas" in chosen:
        chosen["alphas"], chosen["num_placed"] = positions(chosen["alphas"], bool(given.get("extrapolate", False)))
    chosen.pop("extrapolate", None)
    if chosen.get("blocks") and "by" not in chosen:
        chosen["by"] = "block"
    treatments = get_args(BatchNorm) if chosen.get("bn") == "all" else (chosen.get("bn", "running"),)
    for treatment in treatments:
        if treatment not in get_args(BatchNorm):
            raise UnknownNameError("bn", treatment, [*get_args(BatchNorm), "all"])
    return [Question(**chosen | {"bn": treatment}) for treatment in treatments]


def reset_options(step: Step) -> ResetOptions:
    """What a `reset-block` step puts back.

    Args:
        step: The step; options `block` (several with commas between them), `to`, `all-but`, `retrain`.

    Returns:
        The options.

    Raises:
        ConfigError: If it names no block.
    """
    given = _known(step, ("block", "to", "all-but", "retrain"))
    if "block" not in given:
        raise ConfigError("reset-block needs a block")
    return ResetOptions(
        blocks=_names(str(given["block"])),
        to=given.get("to", "random"),
        all_but=_read(step, "all-but", given.get("all-but", False), bool),
        retrain=_read(step, "retrain", given.get("retrain", True), bool),
    )


def train_options(step: Step) -> TrainOptions:
    """How a `train` step starts.

    Args:
        step: The step; options `init`, `height`, and tables of settings.

    Returns:
        The options.

    Raises:
        UnknownNameError: If `init` is none of the places a run can be left at.
    """
    given = _known(step, ("init", "height", *_SECTIONS))
    init = given.get("init", "final")
    if init not in ("initial", "final", "barrier"):
        raise UnknownNameError("init of a train step", str(init), ("initial", "final", "barrier"))
    changes = {section: given[section] for section in _SECTIONS if section in given}
    height = _read(step, "height", given.get("height", BARRIER_HEIGHT), float)
    return TrainOptions(init=init, height=height, changes=changes)


def _check(step: Step) -> None:
    {"interpolate": questions, "reset-block": reset_options, "train": train_options}[step.kind](step)
    for below in step.steps:
        _check(below)


def _known(step: Step, allowed: tuple[str, ...]) -> Mapping[str, Any]:
    for name in step.options:
        if name not in allowed:
            raise UnknownNameError(f"option of {step.kind}", name, allowed)
    return step.options


def _read(step: Step, name: str, value: Any, read: Callable[[Any], Any]) -> Any:
    if isinstance(value, bool) != (read is bool):
        raise ConfigError(f"{step.kind}: {name} cannot be {shown(value)}")
    try:
        return read(value)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{step.kind}: {name} cannot be {shown(value)}") from error


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


_QUESTION: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "from": ("start", str),
    "to": ("end", str),
    "by": ("by", str),
    "block": ("blocks", _names),
    "alphas": ("alphas", str),
    "tolerance": ("tolerance", float),
    "extrapolate": ("extrapolate", bool),
    "rest": ("rest", str),
    "split": ("splits", splits),
    "examples": ("num_examples", int),
    "precision": ("precision", float),
    "metric": ("metric", str),
    "barrier": ("barrier", str),
    "bn": ("bn", str),
    "dtype": ("dtype", str),
    "batch-size": ("batch_size", int),
}
"""A flag of `lininterp interpolate` to the question's field and how its value is read."""


def changed(config: RunConfig, options: TrainOptions, init: str) -> RunConfig:
    """The settings of a run that starts where another was left.

    Args:
        config: The other run's settings.
        options: What changes.
        init: The endpoint it starts from.

    Returns:
        Its settings.
    """
    return configure(config.to_dict(), options.changes, {"init": init})
