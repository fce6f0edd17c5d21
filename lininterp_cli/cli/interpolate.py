"""`interpolate`: evaluate the loss along a run's line and show it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from lininterp_cli.cli import options, question
from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.curves.alphas import USUAL_ALPHAS
from lininterp_cli.landscape.curves.curve import BatchNorm, Curve, Metric, splits
from lininterp_cli.landscape.curves.placement import DEFAULT_TOLERANCE

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lininterp_cli.cli.output import Things
    from lininterp_cli.landscape.question import Question
    from lininterp_cli.runs.run import Run
    from lininterp_cli.view.look import Look

_NUM_LISTED = 3

_END_TOLERANCE = 1e-3
"""Nats by which one checkpoint's loss may differ between devices; on one device it differs by 1e-5 at most."""


def interpolate(
    run: options.Reference = None,
    layer_wise: question.LayerWise = False,
    by: question.By = None,
    block: question.Block = None,
    start: question.Start = "initial",
    end: question.End = "final",
    alphas: question.Alphas = USUAL_ALPHAS,
    tolerance: question.Tolerance = DEFAULT_TOLERANCE,
    extrapolate: question.Extrapolate = False,
    rest: question.Rest = "final",
    split: question.Split = "test",
    examples: question.Examples = None,
    precision: question.Precision = None,
    metric: question.Metric = "loss",
    bn: question.Bn = "running",
    dtype: question.Dtype = "float32",
    batch_size: question.BatchSize = None,
    memory: question.Memory = None,
    devices: question.Devices = None,
    barrier: question.Barrier = None,
    svg: question.Svg = None,
    force: question.Force = False,
    device: options.Device = "auto",
    data_dir: options.DataDir = options.DATA,
    runs: options.Runs = options.RUNS,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Measure the loss along the straight line between two states of a network.

    An end is initial, final, epoch-5, RUN:CHECKPOINT, RUN@ALPHA (a point on that run's path), random:SEED, zero,
    noise:SEED (of the initial weights' norm), direction:SEED (as far from final as initial is, but elsewhere), or a
    file of weights. --bn says what is done with BatchNorm statistics: running (they move with their block),
    recalibrate (estimated anew at each point), batch, final, or all of them side by side.

    For example:

        lininterp interpolate --layer-wise

        lininterp interpolate -l --precision 0.05 --alphas adaptive

        lininterp interpolate my-run --by layer --block conv1 --to other-run:final
    """
    flags = dict(locals())
    from lininterp_cli.cli.output import check_picture, picture, show, show_json
    from lininterp_cli.runs.store import Store

    check_picture(svg)
    questions = _questions(flags)
    target = Store(runs).find(run)
    place = options.Place(runs, data_dir, device, devices, memory)
    curves = [measure(target, question, place, quiet, force) for question in questions]
    things = treatments(curves, barrier, metric) if len(curves) > 1 else walked(curves[0], target, barrier, metric)
    if as_json:
        documents = [curve.to_dict() for curve in curves]
        show_json(documents if len(curves) > 1 else documents[0])
    else:
        show(things)
    if svg is not None:
        picture(svg, f"lininterp interpolate {target.id}", things)


def _questions(flags: Mapping[str, Any]) -> "list[Question]":
    """The questions that the flags define: one, or one for each treatment of BatchNorm statistics."""
    from lininterp_cli.landscape.question import Question, positions

    same = ("start", "end", "tolerance", "rest", "precision", "metric", "barrier", "dtype", "batch_size")
    places, num_placed = positions(flags["alphas"], flags["extrapolate"])
    asked = Question(
        **{name: flags[name] for name in same},
        by=flags["by"] or ("block" if flags["layer_wise"] or flags["block"] else "full"),
        blocks=tuple(flags["block"] or ()),
        alphas=places,
        num_placed=num_placed,
        splits=splits(flags["split"]),
        num_examples=flags["examples"],
    )
    if num_placed is None and asked.tolerance != DEFAULT_TOLERANCE:
        raise ConfigError("--tolerance is of adaptive alphas; add --alphas adaptive")
    if asked.by == "full" and asked.rest != "final":
        raise ConfigError(f"--rest {asked.rest} is of the blocks that do not move, and here all do; add --layer-wise")
    choices = get_args(BatchNorm) if flags["bn"] == "all" else (flags["bn"],)
    return [replace(asked, bn=choice) for choice in choices]


def measure(target: "Run", question: "Question", place: options.Place, quiet: bool, force: bool) -> Curve:
    """Measure the curve of one question and show the progress.

    Args:
        target: The run.
        question: The settings of the curve.
        place: The folders and devices.
        quiet: Print nothing.
        force: Measure again even if the curve exists.

    Returns:
        The curve.
    """
    from lininterp_cli.cli.output import interruptible, say
    from lininterp_cli.cli.progress import WalkProgress
    from lininterp_cli.landscape.engine import memory
    from lininterp_cli.landscape.interpolate import Ground
    from lininterp_cli.landscape.interpolate import interpolate as walk
    from lininterp_cli.runs.store import Store
    from lininterp_cli.training.device import resolve, resolve_all

    first, *others = (resolve(place.device),) if place.devices is None else resolve_all(place.devices)
    ground = Ground(
        store=Store(place.runs),
        data_folder=place.data,
        device=first,
        more_devices=tuple(others),
        memory_bytes=None if place.memory is None else memory.parse(place.memory),
    )
    advice = "what was measured is kept, and the same command goes on"
    with interruptible(advice), WalkProgress(quiet, question) as watcher:
        curve, measured = walk(target, question, ground, watcher, force)
    path = target.curves_folder / f"{curve.name}.json"
    say(f"{'measured' if measured else 'kept from before'}: {path}", quiet)
    return curve


def walked(curve: Curve, target: "Run", definition: str | None, metric: Metric) -> "Things":
    """A curve's plots and tables, with a check of the losses at its ends.

    Args:
        curve: The curve.
        target: Its run.
        definition: The barrier's definition; None for the curve's own default.
        metric: The metric of the plots and barriers.

    Returns:
        A function that makes the renderables.
    """
    from lininterp_cli.landscape.curves.agreement import end_difference, imprecise, undefined, unsettled
    from lininterp_cli.view.curves.barriers import barrier_table
    from lininterp_cli.view.curves.curve import curve_plot

    def things(width: int, look: "Look") -> Iterator["RenderableType"]:
        for split in curve.splits:
            yield curve_plot(curve, split, definition=definition, metric=metric, height=20, width=width, look=look)
            yield ""
            yield barrier_table(curve, split, definition, metric=metric, width=width, look=look)
            wide = imprecise(curve, split)
            if wide:
                words = _listed([f"{block} (±{half:.2g})" for block, half in wide.items()])
                seen = max(series.splits[split].num_examples for series in curve.series)
                yield f"not within {curve.asked['precision']:g} after all {seen} examples: {words}"
            lost = undefined(curve, split)
            if lost:
                yield f"let go without a barrier, since losses are not finite: {_listed(lost)}"
        still = unsettled(curve)
        if still:
            points = str(curve.asked["alphas"]).partition(":")[2]
            words = _listed([f"{block} (±{error:.2g})" for block, error in still.items()])
            yield f"not within {curve.asked['tolerance']:g} between the {points} points allowed: {words}"
        off = end_difference(curve, target.record)
        if off is not None:
            yield _ends_words(off)

    return things


def treatments(curves: list[Curve], definition: str | None, metric: Metric) -> "Things":
    """Plots and tables of one path under each treatment of BatchNorm statistics, and their disagreements.

    Args:
        curves: Curves that differ only in the treatment.
        definition: The barrier's definition; None for the curves' own default.
        metric: The metric of the plots and barriers.

    Returns:
        A function that makes the renderables.
    """
    from lininterp_cli.landscape.curves.agreement import disagreements
    from lininterp_cli.view.curves.treatments import treatments_plot, treatments_table

    def things(width: int, look: "Look") -> Iterator["RenderableType"]:
        for split in curves[0].splits:
            yield treatments_plot(curves, split, metric, height=16, width=width, look=look)
            yield ""
            yield treatments_table(curves, split, definition, metric, width=width, look=look)
        found = disagreements(curves, metric)
        for one in found:
            verdicts = ", ".join(f"{bn} {_verdict(monotone)}" for bn, monotone in one.monotone.items())
            yield f"disagree on {one.block} ({one.split}): {verdicts}"
        if not found:
            yield "all treatments agree on which paths are monotone"

    return things


def _ends_words(off: float) -> str:
    if off <= _END_TOLERANCE:
        return f"check: the ends are the run's own stored losses, to {off:.1g} nats"
    return (
        f"warning: the ends are NOT the run's own stored losses, but {off:.2g} nats off: the data, the network's code "
        "or its weights are not what they were when the run was made, or this device computes otherwise (see --device)"
    )


def _verdict(monotone: bool | None) -> str:
    return {True: "monotone", False: "not monotone", None: "unknown"}[monotone]


def _listed(words: list[str]) -> str:
    more = f" and {len(words) - _NUM_LISTED} more" if len(words) > _NUM_LISTED else ""
    return ", ".join(words[:_NUM_LISTED]) + more
