"""Checks that a cell's steps fit its network and its data, before the first training, which may take a day."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import nn

from lininterp_cli.config.run import BLOCK_SECTIONS, RunConfig
from lininterp_cli.data.registry import load
from lininterp_cli.errors import ConfigError, LininterpError
from lininterp_cli.landscape.criticality import CriticalityQuestion
from lininterp_cli.landscape.question import Question
from lininterp_cli.models.blocks import Grouping, chosen, groups
from lininterp_cli.models.registry import build
from lininterp_cli.runs.store import Store
from lininterp_cli.study.measuring import measure_question
from lininterp_cli.study.plan import Cell
from lininterp_cli.study.steps import ResetOptions, ends, following, questions, reset_options, unfolded
from lininterp_cli.training import recipe
from lininterp_cli.training.endpoints import check_end
from lininterp_cli.training.initial import blank
from lininterp_cli.training.reset_block import to_put_back


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


def check_feasible(cell: Cell, size_of: SizeOf, store: Store) -> None:
    """Refuse a cell that does not fit its network, its data or the runs that are there.

    Settings and steps must name blocks that the network has, put back some blocks and keep some, ask for no more
    examples than there are, and begin and end in endpoints.

    Args:
        cell: The cell, its options checked.
        size_of: Gives the sizes of data sets; called only for checks that need one, which are skipped if it returns
            None.
        store: The store in which endpoints look up other runs.
    """
    _check_recipe(recipe.resolve(cell.config), size_of)
    for step, given, _ in unfolded(cell.steps, cell.config):
        config = recipe.resolve(given)
        if step.kind == "interpolate":
            for question in questions(step):
                _check_question(question, config, size_of)
        elif step.kind == "reset-block":
            _check_reset(reset_options(step), config, size_of)
        elif step.kind == "train":
            _check_recipe(recipe.resolve(following(step, given)), size_of)
        else:
            asked = measure_question(step)
            if isinstance(asked, CriticalityQuestion):
                _check_blocks(asked.blocks, asked.by, config, size_of)
        if not step.makes_run:
            for end in ends(step):
                check_end(end, store)


def _check_recipe(config: RunConfig, size_of: SizeOf) -> None:
    """Check that the network has the blocks that the settings of its training name."""
    if any(getattr(config, section) for section in BLOCK_SECTIONS) and (size := size_of(config)) is not None:
        network = network_of(config, size)
        recipe.optimizer(config, network, torch.device("cpu"))
        chosen(groups(network, "block"), config.block_init_scale, "block")


def _check_reset(options: ResetOptions, config: RunConfig, size_of: SizeOf) -> None:
    if (size := size_of(config)) is not None:
        to_put_back(groups(network_of(config, size), "block"), options.blocks, options.all_but)


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
