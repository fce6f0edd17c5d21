"""Measures the line of a run that a question asks for; stores the curve with the run, and previews on the way."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import torch
from torch import nn

from lininterp_cli.data.dataset import Dataset, Split
from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.crew import Crew
from lininterp_cli.landscape.curves.curve import Curve, Granularity, Series
from lininterp_cli.landscape.engine.batchnorm import treatment, uses_batch
from lininterp_cli.landscape.engine.estimates import RECALIBRATION_EXAMPLES
from lininterp_cli.landscape.engine.line import Line
from lininterp_cli.landscape.engine.sweep import Sweep
from lininterp_cli.landscape.intervals.interval import METHOD, METHOD_OF_ERRORS, METHOD_OF_LOOKS
from lininterp_cli.landscape.kept import Loaded, kept_curve, kept_or_data, line_identity
from lininterp_cli.landscape.ledger import Ledger
from lininterp_cli.landscape.question import Question
from lininterp_cli.landscape.walk import Walk
from lininterp_cli.landscape.watcher import Unwatched, Watcher
from lininterp_cli.models.blocks import Group, chosen, groups, whole
from lininterp_cli.models.state import State, distances, length
from lininterp_cli.runs.files import remove_leftovers
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store
from lininterp_cli.training import recipe
from lininterp_cli.training.determined import check_changed
from lininterp_cli.training.device import environment, exact
from lininterp_cli.training.endpoints import Endpoint, load_ends, locate
from lininterp_cli.training.evaluation import ORDER_SEED, sample
from lininterp_cli.training.initial import blank
from lininterp_cli.training.same_data import is_of
from lininterp_cli.training.train import config_of

_PREVIEW_SECONDS = 1.0
"""Minimum time from one preview of a curve to the next."""

_PREVIEW_SHARE = 0.05
"""Maximum share of the time of a walk that is spent on previews of its curve."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """The store, the data and the devices for measuring a line."""

    store: Store
    """The store in which other runs are looked up."""
    data_folder: Path
    """The folder of the data sets."""
    device: torch.device
    """The device to compute on."""
    more_devices: tuple[torch.device, ...] = ()
    """Further devices that compute at the same time."""
    memory_bytes: int | None = None
    """Bytes that activations may take on each device, except in batches whose statistics are used; None for half of the
    free memory."""


def interpolate(
    run: Run, question: Question, ground: Ground, watcher: Watcher, force: bool = False
) -> tuple[Curve, bool]:
    """Measure a line of a run and store the curve with the run; a complete curve that is stored already is returned.

    The file is a valid curve from early on and grows.  Outcomes that were measured before, for this question or for
    another about the same line, are not measured again unless the data have changed.  To check this, the data are
    loaded even if the curve is stored.

    Args:
        run: The run whose network, data and checkpoints are used.
        question: What to measure.
        ground: Store, data and devices.
        watcher: Receives the progress.
        force: Discard all earlier outcomes of the line.

    Returns:
        The curve, and whether it was measured just now.

    Raises:
        ConfigError: If the device does not support the question's dtype.
    """
    if question.dtype == "tf32" and ground.device.type != "cuda":
        raise ConfigError(f"--dtype tf32 needs an NVIDIA GPU and is not what {ground.device} computes in; use float32")
    ends = locate(question.start, ground.store, run), locate(question.end, ground.store, run)
    kept = None if force else kept_curve(run.curves_folder / f"{question.name}.json", *ends)
    found = kept_or_data(kept, config_of(run), ground.data_folder, watcher.told)
    return (found, False) if isinstance(found, Curve) else _obtain(run, question, ground, ends, found, watcher, force)


def _obtain(
    run: Run,
    question: Question,
    ground: Ground,
    endpoints: tuple[Endpoint, Endpoint],
    found: Loaded,
    watcher: Watcher,
    force: bool,
) -> tuple[Curve, bool]:
    """Measure a line, unless another process does so first, and write its curve."""
    path, config, dataset = run.curves_folder / f"{question.name}.json", config_of(run), found.dataset
    build = recipe.network(config, dataset)
    uses_statistics = question.bn in {"running", "final"}
    ends = load_ends(
        *endpoints, build, recipe.scheme(config), has_statistics=uses_statistics, has_choice=uses_statistics
    )
    check_changed(config.model.name, build, ends[1], dataset, ground.device)
    examples = {name: _examples(getattr(dataset, name), name, question.num_examples) for name in question.splits}
    model = blank(build, config.seed)
    _moving(model, question)  # unknown blocks are refused before anything is written
    curve = replace(_template(run, question, endpoints, ground, dataset), data=found.hashes)

    def write(series: tuple[Series, ...], *, complete: bool) -> Curve:
        grown = replace(curve, series=series, complete=complete)
        run.check_present()
        grown.write(path)
        return grown

    with run.measuring(question.name, watcher.told):
        # Another process may have measured it while this one waited.
        kept = None if force else kept_curve(path, *endpoints)
        if kept is not None and is_of(kept.data, found.hashes):
            return kept, False
        remove_leftovers(run.curves_folder)
        ledger = Ledger(run.curves_folder / "outcomes", line_identity(curve, question))
        if force:
            ledger.forget()
        series = measure(
            model, ends, question, dataset, examples, ledger=ledger, definition=curve.default_definition,
            devices=(ground.device, *ground.more_devices), memory_bytes=ground.memory_bytes, watcher=watcher,
            on_series=lambda series: watcher.grew(write(series, complete=False)),
        )  # fmt: skip
        return write(series, complete=True), True


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
    """Measure the lines of the whole network and of each block, for any network and any two of its states.

    Args:
        model: The network; its own weights are not used and not changed.
        ends: The states at alpha 0 and 1.
        question: What to measure; its endpoints are ignored.
        dataset: The data.
        examples: Split to the examples to measure on, in their order.
        ledger: The outcomes measured before; None for a new ledger that is not kept.
        definition: The barrier definition to which the precision applies if the question names none.
        devices: The devices to compute on.
        memory_bytes: Bytes that activations may take on each device; None for half of the free memory.
        watcher: Receives the progress.
        on_series: Called now and then with the series measured so far.

    Returns:
        One series for the whole network and one for each block, in the network's order.
    """
    precise = _precise(question, definition)
    watcher = watcher or Unwatched()
    ledger = ledger or Ledger(None, {})
    moving = _moving(model, question)
    line = _line(model, ends, question, tuple(group for _, group in moving), dataset, examples)
    _check_batches(line, question, devices[0])
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
    # Around all devices: the setting is global, and a device that is done must not reset it for the others.
    with exact(tf32=question.dtype == "tf32"):
        _go(walk, lambda: on_series(walk.series(described, split_sizes)))
    return walk.series(described, split_sizes)


def _moving(model: nn.Module, question: Question) -> list[tuple[str | None, Group]]:
    """What moves on each path of a question: the whole network, then the blocks, in the network's order."""
    network = whole(model)
    moving: list[tuple[str | None, Group]] = [(None, network)]
    if question.by != "full":
        available = groups(model, question.by)
        for block in question.blocks:
            others = [by for by in get_args(Granularity) if by != "full" and block in groups(model, by)]
            if block not in available and others:
                raise ConfigError(f"{block!r} is no {question.by}, but a {others[0]}: add --by {others[0]}")
            if block not in available and block == network.name:
                raise ConfigError(
                    f"{block!r} is no {question.by}: the path of the whole network is always measured; leave it out, "
                    f"or name another (all: {', '.join(available)})"
                )
        moving += chosen(available, question.blocks, question.by).items()
    return moving


def _precise(question: Question, definition: str) -> str:
    """The barrier definition to which the precision applies."""
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
        treatment=treatment(question.bn, model, end, question.dtype),
        start=start,
        end=end,
        rest=question.rest,
        moving=moving,
        dtype=question.dtype,
        dataset=dataset,
        examples=examples,
    )


def _check_batches(line: Line, question: Question, device: torch.device) -> None:
    """Check that no BatchNorm must take the statistics of one example."""
    smallest = min(question.batch_size_on(device), *map(len, line.examples.values()))
    is_alone = smallest == 1 and uses_batch(line.treatment.network)
    if is_alone or (line.treatment.estimator is not None and len(line.dataset.train) == 1):
        raise ConfigError(
            f"--bn {question.bn}: BatchNorm cannot take statistics of one example; use batches of two at least, or "
            "another --bn"
        )


def _go(walk: Walk, show: Callable[[], None]) -> None:
    """Run the walk to its end; write previews now and then, and one if the user interrupts it."""
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
