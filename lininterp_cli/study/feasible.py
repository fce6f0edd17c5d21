"""Whether a cell's steps fit its network and its data; asked before the first training, which may take a day."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from torch import nn

from lininterp_cli.config.run import RunConfig
from lininterp_cli.data.registry import load
from lininterp_cli.errors import ConfigError, LininterpError
from lininterp_cli.landscape.criticality import CriticalityQuestion
from lininterp_cli.landscape.question import Question
from lininterp_cli.models.blocks import Grouping, chosen, groups
from lininterp_cli.models.registry import build
from lininterp_cli.study.measuring import measure_question
from lininterp_cli.study.plan import Cell
from lininterp_cli.study.steps import questions, reset_options, unfolded
from lininterp_cli.training import recipe
from lininterp_cli.training.initial import blank


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """What a data set is like on the outside."""

    shape: tuple[int, ...]
    """Of one input."""
    num_classes: int
    """How many classes."""
    train: int
    """Examples of the training split."""
    test: int
    """Examples of the test split."""


SizeOf = Callable[[RunConfig], Size | None]
"""The size of the data set that a run learns, by the run's resolved settings; None where it is not known."""


def sizes_in(folder: Path) -> Callable[[RunConfig], Size]:
    """Sizes of data sets, read off the data themselves, each once; so is what is wrong with them.

    Args:
        folder: Where data sets are kept, or downloaded to.

    Returns:
        The function.
    """
    known: dict[str, Size | LininterpError] = {}

    def size_of(config: RunConfig) -> Size:
        key = repr((config.data.name, config.data.options))
        if key not in known:
            try:
                data = load(config.data.name, folder, **config.data.options)
                known[key] = Size(
                    shape=tuple(data.shape), num_classes=data.num_classes, train=len(data.train), test=len(data.test)
                )
            except LininterpError as error:
                known[key] = error  # a download that failed is not tried for every cell
        size = known[key]
        if isinstance(size, LininterpError):
            raise size
        return size

    return size_of


def split_size(config: RunConfig, size: Size, split: str) -> int:
    """How many examples of a split a run uses.

    Args:
        config: Its settings, resolved.
        size: Its data set.
        split: `test` or `train`.

    Returns:
        The number, copies of training examples counted.
    """
    if split == "test":
        return size.test
    part = config.data.train_size
    return (round(part * size.train) if part <= 1 else int(part)) * config.data.copies


def network_of(config: RunConfig, size: Size) -> nn.Module:
    """A run's network without weights.

    Args:
        config: Its settings, resolved.
        size: Its data set.

    Returns:
        The network, on no device.
    """
    return blank(partial(build, config.model.name, size.shape, size.num_classes, **config.model.options))


def check_feasible(cell: Cell, size_of: SizeOf) -> None:
    """Refuse a cell with a step that names a block which the network does not have, or asks for too many examples.

    Args:
        cell: The cell, its options checked.
        size_of: Gives the sizes of data sets; asked only where something depends on them, and where it does not know
            one, what depends on it is not checked.
    """
    for step, given, _ in unfolded(cell.steps, cell.config):
        if step.kind == "interpolate":
            for question in questions(step):
                _check_question(question, recipe.resolve(given), size_of)
        elif step.kind == "reset-block":
            _check_blocks(reset_options(step).blocks, "block", recipe.resolve(given), size_of)
        elif not step.makes_run:
            asked = measure_question(step)
            if isinstance(asked, CriticalityQuestion):
                _check_blocks(asked.blocks, asked.by, recipe.resolve(given), size_of)


def _check_blocks(names: tuple[str, ...], by: Grouping, config: RunConfig, size_of: SizeOf) -> None:
    if names and (size := size_of(config)) is not None:
        chosen(groups(network_of(config, size), by), names, by)


def _check_question(question: Question, config: RunConfig, size_of: SizeOf) -> None:
    if question.by != "full":
        _check_blocks(question.blocks, question.by, config, size_of)
    if question.num_examples is not None and (size := size_of(config)) is not None:
        for name in question.splits:
            there = split_size(config, size, name)
            if question.num_examples > there:
                raise ConfigError(f"the {name} split has {there} examples, not {question.num_examples}")
