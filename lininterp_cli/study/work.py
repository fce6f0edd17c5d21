"""Runs one cell in this process and keeps its outcome; engines decide how many cells run at a time, and where."""

import socket
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from lininterp_cli.errors import LininterpError
from lininterp_cli.landscape.interpolate import Ground
from lininterp_cli.runs.locks import hold
from lininterp_cli.runs.record import STUDY_TAG
from lininterp_cli.study.outcomes import Made, Outcome, lock_path, outcome_path, settled, write_outcome
from lininterp_cli.study.perform import perform
from lininterp_cli.study.plan import Cell, Study


def work(study: Study, cell: Cell, ground: Ground, say: Callable[[str], None]) -> Outcome:
    """Run a cell, unless it is done, and keep its outcome.

    If another process works on the cell, wait for it.  If this process is stopped, it leaves no outcome, so that the
    same call later goes on; an exception is kept as the outcome's error.

    Args:
        study: The study.
        cell: One of its cells.
        ground: Store, data and devices.
        say: Called with each line of progress.

    Returns:
        The outcome.
    """
    runs = ground.store.folder
    path = outcome_path(runs, study, cell)
    with hold(lock_path(runs, study, cell), lambda: say(f"another process works on {cell.label}; waiting for it")):
        now = settled(runs, study, cell)
        if now.state == "done" and now.outcome is not None:
            return now.outcome
        path.unlink(missing_ok=True)
        outcome = _worked(study, cell, ground, say)
        write_outcome(path, outcome)
    return outcome


def fail(runs: Path, study: Study, cell: Cell, error: str) -> Outcome:
    """Write a failed outcome for a cell whose process could not write one itself.

    Args:
        runs: The folder that holds the runs.
        study: The study.
        cell: One of its cells.
        error: The reason, in one line.

    Returns:
        The outcome.
    """
    outcome = Outcome(label=cell.label, host=socket.gethostname(), seconds=0.0, error=error)
    write_outcome(outcome_path(runs, study, cell), outcome)
    return outcome


def _worked(study: Study, cell: Cell, ground: Ground, say: Callable[[str], None]) -> Outcome:
    began, error = time.monotonic(), ""
    made: list[Made] = []
    try:
        for one in perform(cell, ground, (f"{STUDY_TAG}{study.name}",), say):
            made.append(one)
    except LininterpError as failure:
        error = str(failure)
    except Exception as failure:  # a bug or out of memory: only this cell fails, the others go on
        say(traceback.format_exc().rstrip())
        error = f"{type(failure).__name__}: {failure}".partition("\n")[0]
    seconds = round(time.monotonic() - began, 3)
    return Outcome(label=cell.label, host=socket.gethostname(), seconds=seconds, made=tuple(made), error=error)
