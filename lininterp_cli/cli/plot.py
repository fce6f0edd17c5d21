"""`plot`: a run's curve as the explorer shows it, as a picture, or as rows for a pipe; torch is never imported."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional

import typer

from lininterp_cli.cli import completion, options
from lininterp_cli.cli.rows import form_of, print_rows
from lininterp_cli.errors import ConfigError, NotFoundError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lininterp_cli.cli.output import Things
    from lininterp_cli.landscape.curves.curve import Curve
    from lininterp_cli.runs.run import Run
    from lininterp_cli.view.curves.legs import Legs
    from lininterp_cli.view.curves.numbers import Number
    from lininterp_cli.view.look import Look

    Shown = tuple[Things, list[list[Number]], dict[str, Any]]
    """The renderables, the rows of numbers, and the names of their curves."""


_Block = Annotated[
    Optional[list[str]],  # noqa: UP045 (typer shows `BLOCK` only for this spelling)
    typer.Option(
        metavar="BLOCK",
        help="Only this one; all is the whole network. Can be repeated.",
        autocompletion=completion.blocks,
    ),
]


def plot(
    run: options.Reference = None,
    curve: options.Curve = None,
    metric: Annotated[Literal["loss", "accuracy", "error"], typer.Option(help="What is drawn.")] = "loss",
    split: Annotated[str, typer.Option(help="test, train or both.")] = "test",
    barrier: options.Barrier = None,
    block: _Block = None,
    log: Annotated[bool, typer.Option("--log", help="Logarithmic axis.")] = False,
    band: Annotated[bool, typer.Option("--band", help="Shade 1.96 standard errors.")] = False,
    legs: Annotated[bool, typer.Option("--legs", help="Initial to final to random, over one axis.")] = False,
    height: Annotated[int, typer.Option(min=6, max=200, help="Rows of the plot.")] = 20,
    svg: Annotated[Path | None, typer.Option(help="Write the plot as a picture too.")] = None,
    folder: options.Runs = options.RUNS,
    as_plain: options.Plain = False,
    as_csv: options.Csv = False,
    as_json: options.Json = False,
) -> None:
    """Show loss, accuracy or error along a run's curve, as a plot or as numbers.

    For example:

        lininterp plot

        lininterp plot my-run --split both --block all --block fc --band

        lininterp plot my-run --legs --svg legs.svg
    """
    from lininterp_cli.cli.output import check_picture, picture, say, show, show_json
    from lininterp_cli.landscape.curves.curve import splits
    from lininterp_cli.landscape.curves.reader import meant_curve
    from lininterp_cli.runs.store import Store
    from lininterp_cli.view.curves.numbers import HEADS, words_of
    from lininterp_cli.view.runs.run_curves import readable_curves

    check_picture(svg)
    form = form_of(plain=as_plain, as_csv=as_csv, as_json=as_json)
    if legs and (curve is not None or block):
        raise ConfigError("--legs joins the full paths of several curves; leave --curve and --block out")
    wanted = splits(split)
    target = Store(folder).find(run)
    choices = {
        "quantity": metric, "definition": barrier, "log": log, "band": "error" if band else "none",
        "num_classes": target.record.num_classes if isinstance(target.record.num_classes, int) else None,
    }  # fmt: skip
    curves = readable_curves(target, say)
    if legs:
        things, rows, about = _legs_shown(_legs(target, curves, wanted), wanted, height, choices)
    else:
        found = meant_curve(target, curves, curve, wanted)
        things, rows, about = _curve_shown(found, wanted, block or None, height, choices)
    if svg is not None:
        picture(svg, f"lininterp plot {target.record.name or target.id}", things)
        say(f"wrote {svg}")
    if form == "json":
        show_json({"run": target.id, **about, "rows": [dict(zip(HEADS, row, strict=True)) for row in rows]})
    elif form is not None:
        print_rows([list(HEADS), *words_of(rows)], form)
    elif svg is None:
        show(things)


def _legs(run: "Run", curves: "list[Curve]", splits: tuple[str, ...]) -> "Legs":
    from lininterp_cli.landscape.curves.reader import check_measured
    from lininterp_cli.view.curves.legs import legs_of, no_legs

    found = legs_of(curves)
    if found is None:
        raise NotFoundError(f"{run.id} has no legs: {no_legs(curves, run.folder.parent, run.id)}")
    check_measured(run, found.splits, splits)
    return found


def _legs_shown(legs: "Legs", splits: tuple[str, ...], height: int, choices: dict[str, Any]) -> "Shown":
    from lininterp_cli.view.curves.legs import legs_rows
    from lininterp_cli.view.curves.numbers import series_numbers
    from lininterp_cli.view.plots.plot import text_of

    rows = [row for one in legs.readings for row in series_numbers(one.series, splits, one.name)]

    def things(width: int, look: "Look") -> "list[RenderableType]":
        return [text_of(legs_rows(legs, splits, width=width, height=height, look=look, **choices))]

    return things, rows, {"curves": [legs.first.name, *(one.name for one in legs.seconds)]}


def _curve_shown(
    curve: "Curve", splits: tuple[str, ...], blocks: list[str] | None, height: int, choices: dict[str, Any]
) -> "Shown":  # fmt: skip
    from lininterp_cli.view.curves.curve import curve_rows
    from lininterp_cli.view.curves.drawing import Drawing
    from lininterp_cli.view.curves.numbers import numbers
    from lininterp_cli.view.plots.plot import text_of

    drawing = Drawing(curve=curve, splits=splits, blocks=blocks, shade=True, **choices)

    def things(width: int, look: "Look") -> "list[RenderableType]":
        return [text_of(curve_rows(drawing, width=width, height=height, look=look))]

    return things, numbers(curve, splits, blocks), {"curve": curve.name, "complete": curve.complete}
