"""`compare`: runs side by side; torch is never imported."""

import csv
import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lininterp_cli.cli import options
from lininterp_cli.errors import ConfigError, NotFoundError, UnknownNameError
from lininterp_cli.landscape.curve_reader import USUAL_NAMES

if TYPE_CHECKING:
    from lininterp_cli.landscape.curve import Curve
    from lininterp_cli.runs.store import Run

_NUM_COLUMNS = 4
"""Runs that fit side by side on 80 columns."""


def compare(
    references: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN", help="Runs to compare.", show_default="the newest finished"),
    ] = None,
    curve: Annotated[
        str | None, typer.Option(help="Name of the curve to compare.", show_default="one that all of them have")
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

    For example:

        lininterp compare
        lininterp compare my-run other-run third --sort test_accuracy --csv
    """
    from lininterp_cli.cli.output import show_json
    from lininterp_cli.landscape.figures import differing_columns, figures
    from lininterp_cli.runs.store import Store

    runs = _meant(Store(folder), references, everything=as_csv or as_json)
    curves = _curves(runs, curve, split)
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


def _curves(runs: "list[Run]", name: str | None, split: str) -> "dict[str, Curve | None]":
    """One curve of each run, such that they can be compared.

    Returns:
        Run id to the most telling curve that all runs have; else to the run's own most telling answer to the usual
        question, which all have the path of everything moving in common.
    """
    from lininterp_cli.view.summary import readable_curves

    there = {run.id: {one.name: one for one in readable_curves(run) if split in one.splits} for run in runs}
    if name is not None and not any(name in curves for curves in there.values()):
        raise UnknownNameError("curve", name, {key for curves in there.values() for key in curves})
    shared = [key for key in there[runs[0].id] if all(key in curves for curves in there.values())]
    wanted = [name] if name is not None else shared[:1] or list(USUAL_NAMES)
    return {run_id: next((curves[key] for key in wanted if key in curves), None) for run_id, curves in there.items()}


def _sorted(rows: list[dict[str, Any]], column: str | None) -> list[dict[str, Any]]:
    if column is None:
        return rows
    if column not in rows[0]:
        raise UnknownNameError("column", column, rows[0])
    known = [row for row in rows if row[column] is not None]
    return sorted(known, key=lambda row: row[column]) + [row for row in rows if row[column] is None]


def _show(runs: "list[Run]", curves: "list[Curve | None]", split: str, definition: str) -> None:
    from lininterp_cli.cli.output import say, show
    from lininterp_cli.view.compare import comparison_table
    from lininterp_cli.view.overlay import overlay_plot

    if len(runs) > _NUM_COLUMNS:
        raise ConfigError(f"{len(runs)} runs do not fit side by side; take {_NUM_COLUMNS}, or use --csv or --json")
    if any(curve is not None for curve in curves):
        show(lambda look: [overlay_plot(runs, curves, split=split, height=18, **look), ""])
        without = [run.record.name or run.id for run, curve in zip(runs, curves, strict=True) if curve is None]
        names = ", ".join(dict.fromkeys(curve.name for curve in curves if curve is not None))
        say(f"from {names}" + (f"; not measured: {', '.join(without)}" if without else ""))
    else:
        say("no curves yet; measure them with: lininterp interpolate RUN --layer-wise")
    show(lambda look: [comparison_table(runs, curves, split=split, definition=definition, **look)])
