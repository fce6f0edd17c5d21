"""`study status`: the states of a study's cells; torch is never imported."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lininterp_cli.cli import options
from lininterp_cli.cli.study.options import Smoke, Which

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lininterp_cli.study.outcomes import Outcome, Standing
    from lininterp_cli.study.plan import Study

SCHEMA = 1


def status(
    reference: Which,
    smoke: Smoke = False,
    folder: options.Runs = options.RUNS,
    as_json: options.Json = False,
) -> None:
    """Say how the cells of a study stand, and which outcomes are of cells that it no longer has.

    For example:

        lininterp study status weight-decay --smoke
    """
    from lininterp_cli.cli.output import show, show_json
    from lininterp_cli.study.outcomes import stale, standing
    from lininterp_cli.study.reading import find_study

    study = find_study(reference)
    study = study.shrunk() if smoke else study
    cells = study.cells()
    standings = [standing(folder, study, cell) for cell in cells]
    if as_json:
        show_json(document(study, standings, folder))
    else:
        old = stale(folder, study, cells)
        show(lambda *_: _things(study, standings, old))


def document(study: "Study", standings: "Sequence[Standing]", runs: Path) -> dict[str, Any]:
    """The states of a study's cells as plain data.

    Args:
        study: The study.
        standings: Its cells, or some of them.
        runs: The folder that holds the runs.

    Returns:
        The data that `--json` prints.
    """
    from lininterp_cli.study.outcomes import folder_of, log_path, stale

    cells = study.cells()
    index = {cell.label: number for number, cell in enumerate(cells)}
    return {
        "schema": SCHEMA,
        "study": study.name,
        "folder": str(folder_of(runs, study)),
        "states": dict(Counter(one.state for one in standings)),
        "cells": [
            {
                "index": index[one.cell.label],
                "digest": one.cell.digest,
                "group": one.cell.group,
                "seed": one.cell.config.seed,
                "label": one.cell.label,
                "state": one.state,
                "log": str(log_path(runs, study, one.cell)),
                **_facts(one.outcome),
            }
            for one in standings
        ],
        "stale": stale(runs, study, cells),
    }


def counts(standings: "Sequence[Standing]") -> str:
    """The number of cells in each state, in words.

    Args:
        standings: The cells.

    Returns:
        `3 done, 1 running of 6 cells`.
    """
    from typing import get_args

    from lininterp_cli.study.outcomes import State

    found = Counter(one.state for one in standings)
    words = [f"{found[state]} {state}" for state in get_args(State) if found[state]]
    return f"{', '.join(words)} of {len(standings)} cells"


def stale_words(labels: Sequence[str]) -> str:
    """A remark on outcomes whose cells the study no longer has.

    Args:
        labels: The cells' labels.

    Returns:
        One line.
    """
    from lininterp_cli.view.text import printable

    shown = "; ".join([*map(printable, labels[:3]), *(["..."] if len(labels) > 3 else [])])
    outcomes = "1 outcome of a cell" if len(labels) == 1 else f"{len(labels)} outcomes of cells"
    return f"stale and kept: {outcomes} that the study no longer has: {shown}"


def _facts(outcome: "Outcome | None") -> dict[str, Any]:
    from dataclasses import asdict

    known = {"host": None, "seconds": None, "error": None, "made": []} if outcome is None else asdict(outcome)
    return {key: known[key] for key in ("host", "seconds", "error", "made")}


def _things(study: "Study", standings: "Sequence[Standing]", old: Sequence[str]) -> "Iterator[RenderableType]":
    from rich.table import Table
    from rich.text import Text

    from lininterp_cli.view.text import duration, printable

    yield Text(f"{printable(study.name)}: {counts(standings)}", style="bold")
    yield ""
    table = Table(box=None, pad_edge=False)
    table.add_column("cell", justify="right")
    table.add_column("state", no_wrap=True)
    table.add_column("took", justify="right", no_wrap=True)
    table.add_column("label")
    for index, one in enumerate(standings):
        took = "" if one.outcome is None else duration(one.outcome.seconds)
        table.add_row(str(index), one.state, took, printable(one.cell.label))
    yield table
    remarks = [f"{one.cell.label}: {words}" for one in standings for words in _remarks(one.outcome)]
    if remarks:
        yield ""
        yield from (Text(printable(remark)) for remark in remarks)
    if old:
        yield ""
        yield Text(stale_words(old))


def _remarks(outcome: "Outcome | None") -> Iterator[str]:
    """Remarks on an outcome: its runs that are not finished, and its error."""
    if outcome is not None:
        yield from (f"{made.step or 'training'}: {made.status}" for made in outcome.made if made.status != "finished")
        if outcome.error:
            yield outcome.error
