"""`compare`: runs side by side; torch is never imported."""

import csv
import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lininterp_cli.cli import options
from lininterp_cli.errors import ConfigError, NotFoundError, UnknownNameError

if TYPE_CHECKING:
    from lininterp_cli.landscape.curve import Curve
    from lininterp_cli.runs.store import Run

_NUM_COLUMNS = 4
"""Runs that fit side by side on 80 columns."""


def compare(
    references: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN]...", help="Runs to compare.", show_default="the newest finished"),
    ] = None,
    curve: Annotated[
        str | None, typer.Option(help="Name of the curve to compare.", show_default="each run's newest")
    ] = None,
    split: Annotated[Literal["test", "train"], typer.Option(help="Split of the barriers and curves.")] = "test",
    barrier: Annotated[options.Definition, typer.Option(help="Definition of a barrier.")] = "rise",
    sort: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Order, e.g. test_accuracy or barrier.layer1.")
    ] = None,
    folder: options.Runs = options.RUNS,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, a row for each run.")] = False,
    as_json: options.Json = False,
) -> None:
    """Put runs side by side: metrics, differing settings, barriers, distances and curves.

    Example:
        lininterp compare

        lininterp compare my-run other-run third --sort test_accuracy --csv
    """
    from lininterp_cli.cli.output import show_json
    from lininterp_cli.landscape.figures import differing_columns, figures
    from lininterp_cli.runs.store import Store

    runs = _meant(Store(folder), references, everything=as_csv or as_json)
    curves = {run.id: _curve(run, curve, split) for run in runs}
    rows = _sorted(differing_columns([figures(run, curves[run.id], split, barrier) for run in runs]), sort)
    if as_json:
        show_json(rows)
    elif as_csv:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        place = {row["run"]: index for index, row in enumerate(rows)}
        runs.sort(key=lambda run: place[run.id])
        _show(runs, [curves[run.id] for run in runs], split, barrier)


def _meant(store: Any, references: list[str] | None, *, everything: bool) -> "list[Run]":
    if references:
        found = (store.find(reference) for reference in references)
        return list({run.id: run for run in found}.values())
    finished = [run for run in store.runs() if run.record.status == "finished"]
    if not finished:
        raise NotFoundError(f"no run in {store.folder} is finished; see: lininterp runs")
    return finished if everything else finished[:_NUM_COLUMNS]


def _curve(run: "Run", name: str | None, split: str) -> "Curve | None":
    from lininterp_cli.view.summary import readable_curves

    readable = readable_curves(run)
    if name is not None and name not in [curve.name for curve in readable]:
        raise UnknownNameError(f"curve of {run.id}", name, [curve.name for curve in readable])
    return next((curve for curve in readable if split in curve.splits and name in (None, curve.name)), None)


def _sorted(rows: list[dict[str, Any]], column: str | None) -> list[dict[str, Any]]:
    if column is None:
        return rows
    if column not in rows[0]:
        raise UnknownNameError("column", column, rows[0])
    known = [row for row in rows if row[column] is not None]
    return sorted(known, key=lambda row: row[column]) + [row for row in rows if row[column] is None]


def _show(runs: "list[Run]", curves: "list[Curve | None]", split: str, definition: str) -> None:
    from lininterp_cli.cli.output import looks, say, show
    from lininterp_cli.view.compare import comparison_table
    from lininterp_cli.view.overlay import overlay_plot

    if len(runs) > _NUM_COLUMNS:
        raise ConfigError(f"{len(runs)} runs do not fit side by side; take {_NUM_COLUMNS}, or use --csv or --json")
    if any(curve is not None for curve in curves):
        show(overlay_plot(runs, curves, split=split, height=18, **looks()), "")
    else:
        say("no curves yet; measure them with: lininterp interpolate RUN --layer-wise")
    show(comparison_table(runs, curves, split=split, definition=definition, **looks()))
