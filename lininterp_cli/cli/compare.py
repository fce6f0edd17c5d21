"""`compare`: runs side by side; torch is never imported."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lininterp_cli.cli import completion, options
from lininterp_cli.cli.rows import Form, form_of, print_rows
from lininterp_cli.errors import ConfigError, NotFoundError, UnknownNameError

if TYPE_CHECKING:
    from lininterp_cli.landscape.curves.curve import Curve
    from lininterp_cli.runs.run import Run

_NUM_COLUMNS = 4
"""Runs that fit side by side on 80 columns."""

_SCATTER_ROWS = 24
"""Lines of a scatter plot, its text included."""


def compare(
    references: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN",
            help="Runs to compare.",
            show_default="the newest finished",
            autocompletion=completion.runs,
        ),
    ] = None,
    curve: Annotated[
        str | None, typer.Option(help="Name of the curve to compare.", show_default="of the kind that most have")
    ] = None,
    split: Annotated[Literal["test", "train"], typer.Option(help="Split of the barriers and curves.")] = "test",
    barrier: Annotated[options.Definition, typer.Option(help="Definition of a barrier.")] = "rise",
    sort: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Order, e.g. test_accuracy or barrier.layer1.")
    ] = None,
    scatter: Annotated[
        str | None, typer.Option(metavar="X,Y", help="Plot one measure of the runs against another.")
    ] = None,
    folder: options.Runs = options.RUNS,
    as_plain: options.Plain = False,
    as_csv: options.Csv = False,
    as_json: options.Json = False,
) -> None:
    """Put runs side by side: metrics, differing settings, barriers, distances and curves.

    For example:

        lininterp compare

        lininterp compare my-run other-run third --sort test_accuracy --csv

        lininterp compare --scatter barrier,accuracy
    """
    from lininterp_cli.cli.output import show_json
    from lininterp_cli.landscape.curves.figures import differing_columns, figures
    from lininterp_cli.runs.store import Store

    form = form_of(plain=as_plain, as_csv=as_csv, as_json=as_json)
    runs = _meant(Store(folder), references, everything=form is not None or scatter is not None)
    if scatter is not None:
        others = {"--curve": curve, "--sort": sort, "--split": split != "test", "--barrier": barrier != "rise"}
        if given := [option for option, value in others.items() if value]:
            raise ConfigError(
                f"{' and '.join(given)} cannot be given with --scatter, which takes each run's worst rise barrier on "
                "test data; leave out one or the other"
            )
        _scatter(runs, scatter, form)
        return
    curves = _curves(folder, runs, curve, split)
    rows = _sorted(differing_columns([figures(run, curves[run.id], split, barrier) for run in runs]), sort)
    if form == "json":
        show_json(rows)
    elif form is not None:
        print_rows([list(rows[0]), *(list(row.values()) for row in rows)], form)
    else:
        place = {row["run"]: index for index, row in enumerate(rows)}
        runs.sort(key=lambda run: place[run.id])
        _show(folder, runs, [curves[run.id] for run in runs], split, barrier)


def _meant(store: Any, references: list[str] | None, *, everything: bool) -> "list[Run]":
    if references:
        found = (store.find(reference) for reference in references)
        return list({run.id: run for run in found}.values())
    finished = [run for run in store.runs() if run.record.status == "finished"]
    if not finished:
        from lininterp_cli.runs.advice import command

        raise NotFoundError(f"no run in {store.folder} is finished; see: {command(store.folder, 'runs')}")
    return finished if everything else finished[:_NUM_COLUMNS]


def _curves(folder: Path, runs: "list[Run]", name: str | None, split: str) -> "dict[str, Curve | None]":
    from lininterp_cli.cli.output import say
    from lininterp_cli.landscape.curves.reader import full_name, unmeasured
    from lininterp_cli.view.comparison.table import comparable
    from lininterp_cli.view.runs.run_curves import readable_curves

    there = {run.id: readable_curves(run, say) for run in runs}
    known: dict[str, dict[str, None]] = {}
    for one in (one for curves in there.values() for one in curves):
        known.setdefault(one.name, {}).update(dict.fromkeys(one.splits))
    if name is None:
        return comparable(there, split)
    name = full_name(name, known)
    if split not in known[name]:
        raise NotFoundError(f"{name} is {unmeasured(folder, 'RUN', known[name], split)}")
    return comparable(there, split, name)


def _sorted(rows: list[dict[str, Any]], column: str | None) -> list[dict[str, Any]]:
    if column is None:
        return rows
    from lininterp_cli.view.runs.fields import ALIASES, field_meant

    columns = {ALIASES.get(name, name): name for name in rows[0]}
    key = columns.get(field_meant(column, tuple(columns)) or "")
    if key is None:
        raise UnknownNameError("column", column, rows[0])
    known = [row for row in rows if row[key] is not None]
    return sorted(known, key=lambda row: row[key]) + [row for row in rows if row[key] is None]


def _show(folder: Path, runs: "list[Run]", curves: "list[Curve | None]", split: str, definition: str) -> None:
    from lininterp_cli.cli.output import say, show
    from lininterp_cli.view.comparison.table import comparison_table
    from lininterp_cli.view.curves.overlay import overlay_plot

    if len(runs) > _NUM_COLUMNS:
        raise ConfigError(f"{len(runs)} runs do not fit side by side; take {_NUM_COLUMNS}, or use --csv or --json")
    if any(curve is not None for curve in curves):
        show(lambda width, look: [overlay_plot(runs, curves, split=split, height=18, width=width, look=look), ""])
        without = [run.record.name or run.id for run, curve in zip(runs, curves, strict=True) if curve is None]
        names = ", ".join(dict.fromkeys(curve.name for curve in curves if curve is not None))
        say(f"from {names}" + (f"; not measured: {', '.join(without)}" if without else ""))
    else:
        say(_no_curves(folder, runs, split))
    show(
        lambda width, look: [comparison_table(runs, curves, split=split, definition=definition, width=width, look=look)]
    )


def _no_curves(folder: Path, runs: "list[Run]", split: str) -> str:
    from lininterp_cli.landscape.curves.reader import unmeasured
    from lininterp_cli.runs.advice import command
    from lininterp_cli.view.runs.run_curves import readable_curves

    known = [one for run in runs for curve in readable_curves(run, lambda _: None) for one in curve.splits]
    if known:
        return unmeasured(folder, "RUN", dict.fromkeys(known), split)
    return f"no curves yet; measure them with: {command(folder, 'interpolate', 'RUN', '--layer-wise')}"


def _scatter(runs: "list[Run]", fields: str, form: Form | None) -> None:
    """Print one measure of the runs against another, with their rank correlation."""
    from lininterp_cli.cli.output import show, show_json
    from lininterp_cli.view.comparison.scatter import axes, scatter, scatter_rows
    from lininterp_cli.view.comparison.scatter_plot import ScatterPlot
    from lininterp_cli.view.runs.run_curves import worst_barrier
    from lininterp_cli.view.runs.summary import summarise

    summaries = [summarise(run, worst_barrier(run.folder, run.id)) for run in runs]
    plotted = scatter(summaries, *axes(summaries, fields))
    if form == "json":
        heads, *rows = scatter_rows(summaries, plotted)
        show_json({"runs": [dict(zip(heads, row, strict=True)) for row in rows], "ranks": asdict(plotted.ranks)})
    elif form is not None:
        print_rows(scatter_rows(summaries, plotted), form)
    else:
        show(lambda width, look: [ScatterPlot(plotted, height=_SCATTER_ROWS, width=width, look=look).text()])
