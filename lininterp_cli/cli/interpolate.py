"""`interpolate`: walk a run's line and show what the loss does."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from lininterp_cli.cli import options
from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.curve import BatchNorm, Curve, Granularity, Rest

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lininterp_cli.landscape.interpolate import Question
    from lininterp_cli.runs.store import Run

_PATH, _MEASURE, _SHOW = "Path", "Measurement", "Output"


def interpolate(
    run: options.Reference = None,
    layer_wise: Annotated[
        bool, typer.Option("--layer-wise", "-l", help="Also move one block at a time.", rich_help_panel=_PATH)
    ] = False,
    by: Annotated[
        options.By | None, typer.Option(help="What moves at a time; means --layer-wise.", rich_help_panel=_PATH)
    ] = None,
    block: Annotated[
        list[str] | None, typer.Option(help="Only this one; may be repeated.", rich_help_panel=_PATH)
    ] = None,
    start: Annotated[str, typer.Option("--from", help="The end at alpha 0.", rich_help_panel=_PATH)] = "initial",
    end: Annotated[str, typer.Option("--to", help="The end at alpha 1.", rich_help_panel=_PATH)] = "final",
    alphas: Annotated[
        str, typer.Option(help="A number of points, START:STOP:STEP, or a list.", rich_help_panel=_PATH)
    ] = "50",
    rest: Annotated[Rest, typer.Option(help="Which end the other blocks stay at.", rich_help_panel=_PATH)] = "final",
    split: Annotated[str, typer.Option(help="test, train or both: test,train.", rich_help_panel=_MEASURE)] = "test",
    examples: Annotated[
        int | None, typer.Option(help="Examples of each split.", show_default="all", rich_help_panel=_MEASURE)
    ] = None,
    bn: Annotated[
        options.BatchNormChoice, typer.Option(help="BatchNorm statistics; all compares.", rich_help_panel=_MEASURE)
    ] = "running",
    dtype: Annotated[
        options.EvaluationPrecision, typer.Option(help="What forward passes compute in.", rich_help_panel=_MEASURE)
    ] = "float32",
    batch_size: Annotated[int, typer.Option(help="Examples per forward pass.", rich_help_panel=_MEASURE)] = 512,
    barrier: Annotated[
        options.Definition | None,
        typer.Option(help="Definition shown.", show_default="by the ends", rich_help_panel=_SHOW),
    ] = None,
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep what is shown as a picture.", rich_help_panel=_SHOW)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Measure again what is there.", rich_help_panel=_SHOW)] = False,
    device: options.Device = "auto",
    data_dir: options.DataDir = options.DATA,
    runs: options.Runs = options.RUNS,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Measure the loss along the straight line between two states of a network.

    An end is initial, final, epoch-5, RUN:CHECKPOINT, RUN@ALPHA (a point on that run's path), random:SEED, zero,
    or a file of weights. --bn says what is done with BatchNorm statistics: running (they move with their block),
    recalibrate (estimated anew at each point), batch, final, or all of them side by side.

    For example:

        lininterp interpolate --layer-wise
        lininterp interpolate my-run --by layer --block conv1 --to other-run:final --alphas 0:1:0.02
    """
    from lininterp_cli.cli.output import show_json
    from lininterp_cli.landscape.alphas import parse
    from lininterp_cli.runs.store import Store

    positions, parts = parse(alphas), splits(split)
    target = Store(runs).find(run)
    from lininterp_cli.landscape.interpolate import Question

    choices: tuple[BatchNorm, ...] = get_args(BatchNorm) if bn == "all" else (bn,)
    granularity: Granularity = by or ("block" if layer_wise or block else "full")
    questions = [
        Question(
            start=start,
            end=end,
            by=granularity,
            blocks=tuple(block or ()),
            alphas=positions,
            rest=rest,
            splits=parts,
            num_examples=examples,
            bn=choice,
            precision=dtype,
            batch_size=batch_size,
        )
        for choice in choices
    ]
    curves = [measure(target, question, options.Place(runs, data_dir, device), quiet, force) for question in questions]
    if as_json:
        show_json([curve.to_dict() for curve in curves] if len(curves) > 1 else curves[0].to_dict())
    elif len(curves) > 1:
        show_treatments(curves, barrier, svg)
    else:
        show_curve(curves[0], target, barrier, svg)


def measure(target: "Run", question: "Question", place: options.Place, quiet: bool, force: bool) -> Curve:
    """Measure one question and show the progress.

    Args:
        target: The run.
        question: What is to be known.
        place: Where the command works.
        quiet: Say nothing.
        force: Measure again what is there.

    Returns:
        The curve.
    """
    from lininterp_cli.cli.output import interruptible, say
    from lininterp_cli.cli.progress import walking
    from lininterp_cli.landscape.interpolate import Ground
    from lininterp_cli.landscape.interpolate import interpolate as walk
    from lininterp_cli.runs.store import Store
    from lininterp_cli.training.device import resolve

    ground = Ground(store=Store(place.runs), data_folder=place.data, device=resolve(place.device))
    with interruptible("nothing was written"), walking(quiet) as on_point:
        curve, measured = walk(target, question, ground, on_point, force)
    path = target.curves_folder / f"{curve.name}.json"
    say(f"{'measured' if measured else 'kept from before'}: {path}", quiet)
    return curve


def show_curve(curve: Curve, target: "Run", definition: str | None, svg: Path | None = None) -> None:
    """Print a curve's plots and tables, and whether its ends are right.

    Args:
        curve: The curve.
        target: Its run.
        definition: The barrier's definition; None for the curve's own default.
        svg: Where to keep the same as a picture.
    """
    from lininterp_cli.cli.output import picture, show
    from lininterp_cli.landscape.agreement import end_difference
    from lininterp_cli.view.curves import barrier_table, curve_plot

    def things(look: dict[str, Any]) -> Iterator["RenderableType"]:
        for split in curve.splits:
            yield curve_plot(curve, split, definition=definition, height=20, **look)
            yield ""
            yield barrier_table(curve, split, definition, **look)
        off = end_difference(curve, target.record)
        if off is not None:
            yield f"check: the ends are the run's own stored losses, to {off:.1g} nats"

    show(things)
    if svg is not None:
        picture(svg, f"lininterp interpolate {target.id}", things)


def show_treatments(curves: list[Curve], definition: str | None, svg: Path | None = None) -> None:
    """Print what the treatments of BatchNorm statistics make of one path, and where they disagree.

    Args:
        curves: Curves of one question, each with another treatment.
        definition: The barrier's definition; None for the curves' own default.
        svg: Where to keep the same as a picture.
    """
    from lininterp_cli.cli.output import picture, show
    from lininterp_cli.landscape.agreement import disagreements
    from lininterp_cli.view.treatments import treatments_plot, treatments_table

    def things(look: dict[str, Any]) -> Iterator["RenderableType"]:
        for split in curves[0].splits:
            yield treatments_plot(curves, split, height=16, **look)
            yield ""
            yield treatments_table(curves, split, definition, **look)
        found = disagreements(curves)
        for one in found:
            verdicts = ", ".join(f"{bn} {_verdict(monotone)}" for bn, monotone in one.monotone.items())
            yield f"disagree on {one.block} ({one.split}): {verdicts}"
        if not found:
            yield "all treatments agree on which paths are monotone"

    show(things)
    if svg is not None:
        picture(svg, f"lininterp interpolate {curves[0].run} --bn all", things)


def splits(text: str) -> tuple[str, ...]:
    """The splits a text names.

    Args:
        text: Names separated by commas.

    Returns:
        The names, each once.

    Raises:
        ConfigError: If there is none.
    """
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise ConfigError("--split takes test, train or test,train")
    return names


def _verdict(monotone: bool | None) -> str:
    return {True: "monotone", False: "not monotone", None: "unknown"}[monotone]
