"""Checks that a cell's steps fit its network and its data, before the first training, which may take a day."""

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
    """The shape of a data set's inputs, and its numbers of classes and examples."""

    shape: tuple[int, ...]
    """Shape of one input."""
    num_classes: int
    """Number of classes."""
    train: int
    """Number of training examples."""
    test: int
    """Number of test examples."""


SizeOf = Callable[[RunConfig], Size | None]
"""Takes a run's resolved settings, returns the size of its data set; None if it is not known."""


def sizes_in(folder: Path) -> Callable[[RunConfig], Size]:
    """A function that gives the sizes of data sets by loading them; each size, or the error of loading, is cached.

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
        config: The run's resolved settings.
        size: The size of its data set.
        split: `test` or `train`.

    Returns:
        The number, copies of training examples included.
    """
    if split == "test":
        return size.test
    part = config.data.train_size
    return (round(part * size.train) if part <= 1 else int(part)) * config.data.copies


def network_of(config: RunConfig, size: Size) -> nn.Module:
    """A run's network with arbitrary weights.

    Args:
        config: The run's resolved settings.
        size: The size of its data set.

    Returns:
        The network, on the CPU.
    """
    return blank(partial(build, config.model.name, size.shape, size.num_classes, **config.model.options))


def check_feasible(cell: Cell, size_of: SizeOf) -> None:
    """Refuse a cell with a step that names a block which the network does not have, or asks for too many examples.

    Args:
        cell: The cell, its options checked.
        size_of: Gives the sizes of data sets; called only for checks that need one, which are skipped if it returns
            None.
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
