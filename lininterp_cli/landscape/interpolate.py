"""Answering a question about a run's line: from its endpoints to a curve, kept with the run and growing on the way."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import torch
from torch import nn

from lininterp_cli.data.dataset import Dataset, Split
from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.batchnorm import treatment
from lininterp_cli.landscape.crew import Crew, Progress
from lininterp_cli.landscape.curve import Curve, Series
from lininterp_cli.landscape.estimates import RECALIBRATION_EXAMPLES
from lininterp_cli.landscape.interval import METHOD, METHOD_OF_ERRORS, METHOD_OF_LOOKS
from lininterp_cli.landscape.kept import kept_curve, kept_or_data, line_identity
from lininterp_cli.landscape.ledger import Ledger
from lininterp_cli.landscape.line import Line
from lininterp_cli.landscape.question import Question
from lininterp_cli.landscape.sweep import Sweep
from lininterp_cli.landscape.walk import Walk
from lininterp_cli.models.blocks import Group, chosen, groups, whole
from lininterp_cli.models.state import State, distances, length
from lininterp_cli.runs.files import remove_leftovers
from lininterp_cli.runs.store import Run, Store
from lininterp_cli.training import recipe
from lininterp_cli.training.device import environment, exact
from lininterp_cli.training.endpoints import Endpoint, load_ends, locate
from lininterp_cli.training.evaluation import ORDER_SEED, sample
from lininterp_cli.training.initial import blank
from lininterp_cli.training.train import config_of

_PREVIEW_SECONDS = 1.0
"""At least, from one preview of a curve to the next."""

_PREVIEW_SHARE = 0.05
"""Of the time of a walk, what is spent on previews of its curve at most."""


class Watcher(Protocol):
    """Is told how a walk goes."""

    def passed(self, progress: Progress) -> None:
        """A pass is done."""

    def grew(self, curve: Curve) -> None:
        """The curve's file has grown."""

    def told(self, words: str) -> None:
        """There is something the user should know."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What a line is walked on: the store, the data and the devices."""

    store: Store
    """Where other runs are looked up."""
    data_folder: Path
    """Where data sets are kept."""
    device: torch.device
    """Where it is computed."""
    more_devices: tuple[torch.device, ...] = ()
    """What computes beside it."""
    memory_bytes: int | None = None
    """What activations may take on each device, but for batches whose statistics are used; None for what is free."""


def interpolate(
    run: Run, question: Question, ground: Ground, watcher: Watcher, force: bool = False
) -> tuple[Curve, bool]:
    """Measure a line of a run and keep the curve with it; a curve that is there already is read instead.

    The file is a valid curve from early on and grows.  What was measured before, for this question or for another
    about the same line, is not measured again; only of data that have changed everything is.  That costs loading the
    data where a curve is kept, too.

    Args:
        run: The run whose network, data and checkpoints are meant.
        question: What is to be known.
        ground: Store, data and devices.
        watcher: Told how it goes.
        force: Measure even what is known.

    Returns:
        The curve, and whether it was measured just now.

    Raises:
        ConfigError: If the device does not compute in what is asked.
    """
    if question.dtype == "tf32" and ground.device.type != "cuda":
        raise ConfigError(f"--dtype tf32 needs an NVIDIA GPU and is not what {ground.device} computes in; use float32")
    start, end = (locate(text, ground.store, run) for text in (question.start, question.end))
    path = run.curves_folder / f"{question.name}.json"
    kept = None if force else kept_curve(path, start, end)
    config = config_of(run)
    found = kept_or_data(kept, config, ground.data_folder, watcher.told)
    if isinstance(found, Curve):
        return found, False
    dataset = found.dataset
    build = recipe.network(config, dataset)
    uses_statistics = question.bn in {"running", "final"}
    ends = load_ends(start, end, build, recipe.scheme(config), has_statistics=uses_statistics)
    examples = {name: _examples(getattr(dataset, name), name, question.num_examples) for name in question.splits}
    curve = replace(_template(run, question, (start, end), ground, dataset), data=found.hashes)
    remove_leftovers(run.curves_folder)
    ledger = Ledger(run.curves_folder / "outcomes", line_identity(curve, question))
    if force:
        ledger.forget()

    def on_series(series: tuple[Series, ...]) -> None:
        grown = replace(curve, series=series, complete=False)
        grown.write(path)
        watcher.grew(grown)

    series = measure(
        blank(build), ends, question, dataset, examples, ledger=ledger, definition=curve.default_definition,
        devices=(ground.device, *ground.more_devices), memory_bytes=ground.memory_bytes, watcher=watcher,
        on_series=on_series,
    )  # fmt: skip
    curve = replace(curve, series=series)
    curve.write(path)
    return curve, True


def measure(
    model: nn.Module,
    ends: tuple[State, State],
    question: Question,
    dataset: Dataset,
    examples: dict[str, Split],
    *,
    ledger: Ledger | None = None,
    definition: str = "rise",
    devices: Sequence[torch.device] = (torch.device("cpu"),),
    memory_bytes: int | None = None,
    watcher: Watcher | None = None,
    on_series: Callable[[tuple[Series, ...]], None] = lambda _: None,
) -> tuple[Series, ...]:
    """Measure the whole network's line and each block's, for any network and any two of its states.

    Args:
        model: The network; its own weights are not used and not changed.
        ends: The states at alpha 0 and 1.
        question: What is to be known; its endpoints are of no account.
        dataset: The data.
        examples: Split to the examples to measure on, in their order.
        ledger: What is known; None for nothing, and nothing is kept.
        definition: The barrier that is to be precise where the question names none.
        devices: Where it is computed.
        memory_bytes: What activations may take on each device; None for a share of what is free.
        watcher: Told how it goes.
        on_series: Given what is known now and then.

    Returns:
        One series for the whole network and one for each block, in the network's order.
    """
    precise = _precise(question, definition)
    watcher = watcher or Unwatched()
    ledger = ledger or Ledger(None, {})
    moving: list[tuple[str | None, Group]] = [(None, whole(model))]
    if question.by != "full":
        moving += chosen(groups(model, question.by), question.blocks, question.by).items()
    line = _line(model, ends, question, tuple(group for _, group in moving), dataset, examples)
    size, is_fixed = question.asked_batch_size, question.own_batch_size is not None
    sweeps = [Sweep(line, device, batch_size=size, memory_bytes=memory_bytes, is_fixed=is_fixed) for device in devices]
    if sweeps[0].reason is not None:
        watcher.told(f"the network cannot be taken apart, so every point is computed in full ({sweeps[0].reason})")
    for words in dict.fromkeys(sweep.excess for sweep in sweeps if sweep.excess is not None):
        watcher.told(words)
    keys = ["full" if block is None else f"{question.by}:{block}" for block, _ in moving]
    crew = Crew(sweeps, keys, sample(dataset.train, RECALIBRATION_EXAMPLES), ledger, watcher.passed)
    sizes = {split: len(some) for split, some in examples.items()}
    walk = Walk(crew, ledger, question, precise, keys, sizes, question.batch_size_on(devices[0]))
    moved = distances(*ends, whole(model).parameters)
    described = [(block, group, length(moved, group.parameters)) for block, group in moving]
    split_sizes = {split: len(getattr(dataset, split)) for split in examples}
    # Around all devices: what is set is the whole process's, and one that is done must not unset it for the others.
    with exact(tf32=question.dtype == "tf32"):
        _go(walk, lambda: on_series(walk.series(described, split_sizes)))
    return walk.series(described, split_sizes)


class Unwatched:
    """A watcher that does nothing."""

    def passed(self, progress: Progress) -> None:
        """A pass is done."""

    def grew(self, curve: Curve) -> None:
        """The curve's file has grown."""

    def told(self, words: str) -> None:
        """There is something the user should know."""


def _precise(question: Question, definition: str) -> str:
    """The barrier that is to be precise."""
    precise = question.barrier or definition
    is_over_ends = question.precision is not None and question.num_placed is None and precise != "rise"
    if is_over_ends and not {0.0, 1.0} <= set(question.alphas):
        raise ConfigError(f"a {precise} barrier is over both ends: --precision needs the alphas 0 and 1")
    return precise


def _line(
    model: nn.Module,
    ends: tuple[State, State],
    question: Question,
    moving: tuple[Group, ...],
    dataset: Dataset,
    examples: dict[str, Split],
) -> Line:
    start, end = ends
    return Line(
        treatment=treatment(question.bn, model, end),
        start=start,
        end=end,
        rest=question.rest,
        moving=moving,
        dtype=question.dtype,
        dataset=dataset,
        examples=examples,
    )


def _go(walk: Walk, show: Callable[[], None]) -> None:
    """Walk to the end, and show what is known now and then, and when the user has had enough."""
    shown, took_seconds = time.monotonic(), 0.0
    try:
        for _ in walk.run():
            if walk.has_begun and time.monotonic() - shown > max(_PREVIEW_SECONDS, took_seconds / _PREVIEW_SHARE):
                began = time.monotonic()
                show()
                shown = time.monotonic()
                took_seconds = shown - began
    except KeyboardInterrupt:
        if walk.has_begun:
            show()
        raise


def _template(run: Run, question: Question, ends: tuple[Endpoint, Endpoint], ground: Ground, dataset: Dataset) -> Curve:
    """The curve without its measurements."""
    methods = (METHOD, METHOD_OF_ERRORS) if question.precision is None else (METHOD, METHOD_OF_LOOKS, METHOD_OF_ERRORS)
    return Curve(
        name=question.name,
        run=run.id,
        start=ends[0].description,
        end=ends[1].description,
        by=question.by,
        rest=question.rest,
        bn=question.bn,
        dtype=question.dtype,
        batch_size=question.batch_size_on(ground.device),
        series=(),
        asked=question.asked,
        order_seed=ORDER_SEED,
        bn_examples=min(RECALIBRATION_EXAMPLES, len(dataset.train)) if question.bn == "recalibrate" else 0,
        environment=environment(ground.device),
        interval_method="; ".join(methods),
    )


def _examples(split: Split, name: str, num_examples: int | None) -> Split:
    if num_examples is not None and num_examples > len(split):
        raise ConfigError(f"the {name} split has {len(split)} examples, not {num_examples}")
    return sample(split, num_examples)
