"""`barriers`: every block's barrier as a heat map, a table or rows for a pipe; torch is never imported."""

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lininterp_cli.cli import options
from lininterp_cli.cli.rows import form_of, print_rows
from lininterp_cli.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lininterp_cli.landscape.curves.curve import Curve
    from lininterp_cli.view.curves.layer_rows import LayerRow
    from lininterp_cli.view.look import Look


def barriers(
    run: options.Reference = None,
    curve: options.Curve = None,
    split: Annotated[Literal["test", "train"], typer.Option(help="Split of the barriers.")] = "test",
    barrier: options.Barrier = None,
    metric: Annotated[Literal["loss", "accuracy"], typer.Option(help="accuracy: barriers of the error.")] = "loss",
    threshold: Annotated[
        float | None,
        typer.Option(help="Barrier that counts, nats or a fraction of error.", show_default="0.1; 0.05 of error"),
    ] = None,
    sort: Annotated[
        Literal["depth", "barrier", "distance", "critical", "name"],
        typer.Option(metavar="ORDER", help="Of the rows: depth, barrier, distance, critical or name."),
    ] = "depth",
    per_row: Annotated[bool, typer.Option("--per-row", help="Give each row of the map its own scale.")] = False,
    folder: options.Runs = options.RUNS,
    as_plain: options.Plain = False,
    as_csv: options.Csv = False,
    as_json: options.Json = False,
) -> None:
    """Show every block's barrier: height, interval, where it is, how far the block moved, how critical it is.

    For example:

        lininterp barriers

        lininterp barriers my-run --sort barrier --plain
    """
    from lininterp_cli.cli.output import say, show, show_json
    from lininterp_cli.landscape.curves.measures import measures_of
    from lininterp_cli.landscape.curves.reader import meant_curve
    from lininterp_cli.runs.store import Store
    from lininterp_cli.view.curves.critical import criticality_of
    from lininterp_cli.view.curves.layer_rows import HEADS, cells, layer_rows
    from lininterp_cli.view.runs.run_curves import readable_curves

    form = form_of(plain=as_plain, as_csv=as_csv, as_json=as_json)
    if threshold is not None and not 0 < threshold < float("inf"):
        raise ConfigError(f"--threshold must be a number above 0, not {threshold:g}")
    target = Store(folder).find(run)
    found = meant_curve(target, readable_curves(target, say), curve, {split})
    definition = barrier or found.default_definition
    critical = criticality_of(found, measures_of(target))
    rows = layer_rows(found, split, definition, metric=metric, threshold=threshold, sort=sort, critical=critical)
    figures = [cells(row) for row in rows]
    if form == "json":
        about = {"run": target.id, "curve": found.name, "complete": found.complete, "split": split}
        show_json({
            **about,
            "metric": metric,
            "definition": definition,
            "rows": [dict(zip(HEADS, row, strict=True)) for row in figures],
        })
    elif form is not None:
        print_rows([HEADS, *figures], form)
    else:
        show(lambda width, look: _things(found, rows, split, definition, metric, threshold, per_row, width, look))


def _things(
    curve: "Curve",
    rows: "list[LayerRow]",
    split: str,
    definition: str,
    metric: Literal["loss", "accuracy"],
    threshold: float | None,
    per_row: bool,
    width: int,
    look: "Look",
) -> "list[RenderableType]":
    """The heat map, if the terminal is interactive, and the table below."""
    from lininterp_cli.view.curves.barriers import barrier_table
    from lininterp_cli.view.curves.heat_map import HeatMap, heat_map, legend
    from lininterp_cli.view.curves.layer_rows import THRESHOLDS
    from lininterp_cli.view.terminal import detect

    limit = THRESHOLDS[metric] if threshold is None else threshold
    shown = HeatMap(
        curve=curve, rows=rows, definition=definition, threshold=limit, metric=metric, per_row=per_row,
        look=look,
    )  # fmt: skip
    map_ = [*heat_map(shown, width=width), legend(shown, width)] if detect(sys.stdout).interactive else []
    order = [row.label for row in rows]
    return [*map_, barrier_table(curve, split, definition, metric=metric, order=order, width=width, look=look)]
