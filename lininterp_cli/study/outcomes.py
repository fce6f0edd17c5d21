"""Outcomes of a study's cells, one small file each, so that any number of processes can work on one study.

A study's folder is `<runs>/.studies/<name>`; a cell's outcome is `<digest>.json` there, its log `<digest>.log`, and
the process that works on it locks `<digest>.lock`.  The runs themselves are ordinary runs of the store.  Never
imports torch.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from lininterp_cli.errors import StoreError
from lininterp_cli.landscape.curves.glance import is_complete
from lininterp_cli.runs.files import read_json, write_json
from lininterp_cli.runs.locks import is_held
from lininterp_cli.runs.record import read_record
from lininterp_cli.study.plan import Cell, Study

SCHEMA = 1

State = Literal["waiting", "running", "done", "failed", "damaged"]
"""State of a cell; one whose outcome cannot be read is `damaged` and is run again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A run of a cell, made or not."""

    step: str
    """Labels of the steps that led to it, joined by ` / `; empty for the cell's own training."""
    run: str
    """Its id; empty if it was not made."""
    status: str
    """The run's status, or the reason why it was not made."""
    curves: tuple[str, ...] = ()
    """Names of its curves that the study asked for."""
    measures: tuple[str, ...] = ()
    """Names of its other measures that the study asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """Outcome of the last attempt at a cell."""

    label: str
    """The cell's label."""
    host: str
    """The machine that ran it."""
    seconds: float
    """Duration of the attempt; shorter if its runs existed already."""
    made: tuple[Made, ...] = ()
    """Its runs, the cell's own training first."""
    error: str = ""
    """The reason of a failure; empty if there was none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A cell and its state."""

    cell: Cell
    """The cell."""
    state: State
    """The state."""
    outcome: Outcome | None = None
    """The last outcome; None if there is no readable one, or the cell is running."""


def folder_of(runs: Path, study: Study) -> Path:
    """The folder of a study's outcomes.

    Args:
        runs: The folder that holds the runs.
        study: The study.

    Returns:
        The folder, whether or not it is there.
    """
    return runs / ".studies" / study.name


def outcome_path(runs: Path, study: Study, cell: Cell) -> Path:
    """The file of a cell's outcome.

    Args:
        runs: The folder that holds the runs.
        study: The study.
        cell: One of its cells.

    Returns:
        The file, whether or not it is there.
    """
    return folder_of(runs, study) / f"{cell.digest}.json"


def log_path(runs: Path, study: Study, cell: Cell) -> Path:
    """The file of a cell's log.

    Args:
        runs: The folder that holds the runs.
        study: The study.
        cell: One of its cells.

    Returns:
        The file, whether or not it is there.
    """
    return outcome_path(runs, study, cell).with_suffix(".log")


def lock_path(runs: Path, study: Study, cell: Cell) -> Path:
    """The file that a process locks while it works on a cell.

    Args:
        runs: The folder that holds the runs.
        study: The study.
        cell: One of its cells.

    Returns:
        The file, whether or not it is there.
    """
    return outcome_path(runs, study, cell).with_suffix(".lock")


def standing(runs: Path, study: Study, cell: Cell) -> Standing:
    """The present state of a cell.

    Args:
        runs: The folder that holds the runs.
        study: The study.
        cell: One of its cells.

    Returns:
        The state, with the outcome unless the cell is running.
    """
    # In this order: a cell that is done in between has its outcome before its lock is released.
    if is_held(lock_path(runs, study, cell)):
        return Standing(cell=cell, state="running")
    return settled(runs, study, cell)


def settled(runs: Path, study: Study, cell: Cell) -> Standing:
    """The state of a cell by its outcome, whether or not a process works on it.

    Args:
        runs: The folder that holds the runs.
        study: The study.
        cell: One of its cells.

    Returns:
        The state; `waiting` if a run, a curve or a measure that it made is no longer there, or is not complete.
    """
    try:
        outcome = read_outcome(outcome_path(runs, study, cell))
    except FileNotFoundError:
        return Standing(cell=cell, state="waiting")
    except StoreError:
        return Standing(cell=cell, state="damaged")
    if outcome.error:
        return Standing(cell=cell, state="failed", outcome=outcome)
    is_whole = all(_is_whole(runs, made) for made in outcome.made if made.run)
    return Standing(cell=cell, state="done" if is_whole else "waiting", outcome=outcome)


def write_outcome(path: Path, outcome: Outcome) -> None:
    """Write a cell's outcome, in place of the one before.

    Args:
        path: The file.
        outcome: The outcome.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {"schema": SCHEMA, **asdict(outcome)})


def read_outcome(path: Path) -> Outcome:
    """Read a cell's outcome.

    Args:
        path: The file.

    Returns:
        The outcome.

    Raises:
        StoreError: If the file is damaged, or of a newer lininterp.
    """
    content = read_json(path, SCHEMA)
    try:
        made = tuple(_made(one) for one in content["made"])
        return Outcome(
            label=_text(content["label"]),
            host=_text(content["host"]),
            seconds=float(content["seconds"]),
            made=made,
            error=_text(content["error"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"{path} is damaged ({error!r}); its cell is done again") from error


def stale(runs: Path, study: Study, cells: Sequence[Cell]) -> list[str]:
    """Outcomes of cells that the study no longer has, for example because its file was changed.

    Args:
        runs: The folder that holds the runs.
        study: The study.
        cells: Its present cells.

    Returns:
        The labels of these cells; for an outcome that cannot be read, the file's name.
    """
    current = {cell.digest for cell in cells}
    found = []
    for path in sorted(folder_of(runs, study).glob("*.json")):
        if path.stem not in current:
            try:
                found.append(read_outcome(path).label)
            except (StoreError, FileNotFoundError):
                found.append(path.name)
    return found


def _is_whole(runs: Path, made: Made) -> bool:
    """Whether a run has ended, and its curves and measures are there and complete."""
    folder = runs / made.run
    try:
        return (
            read_record(folder / "run.json").status in {"finished", "diverged"}
            and all(is_complete(folder / "curves" / f"{name}.json") for name in made.curves)
            and all((folder / "measures" / f"{name}.json").is_file() for name in made.measures)
        )
    except (FileNotFoundError, StoreError):
        return False


def _made(given: Any) -> Made:
    return Made(
        step=_text(given["step"]),
        run=_text(given["run"]),
        status=_text(given["status"]),
        curves=tuple(_text(name) for name in given["curves"]),
        measures=tuple(_text(name) for name in given.get("measures", ())),
    )


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError(f"{given!r} is no text")
    return given
