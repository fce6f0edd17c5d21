"""What became of a study's cells, one small file each, so that any number of processes can work on one study.

A study's folder is `<runs>/.studies/<name>`; a cell's outcome is `<digest>.json` there, what was said while it was
worked on `<digest>.log`, and who works on it holds `<digest>.lock`.  The runs themselves are ordinary runs of the
store.  Never torch.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from lininterp_cli.errors import StoreError
from lininterp_cli.runs.files import read_json, write_json
from lininterp_cli.runs.locks import is_held
from lininterp_cli.study.plan import Cell, Study

SCHEMA = 1

State = Literal["waiting", "running", "done", "failed", "damaged"]
"""How a cell stands; `damaged` is one whose file cannot be read, and which is done again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A run that a cell has come to."""

    step: str
    """The labels of the steps that led to it, ` / ` between them; empty for the cell's own training."""
    run: str
    """Its id; empty where it was not made."""
    status: str
    """How it stands, or why it was not made."""
    curves: tuple[str, ...] = ()
    """Its curves that the study asked for, by name."""
    measures: tuple[str, ...] = ()
    """Its other measures that the study asked for, by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a cell when it was last worked on."""

    label: str
    """The cell's label."""
    host: str
    """The machine it was worked on."""
    seconds: float
    """What it took; less where its runs were there already."""
    made: tuple[Made, ...] = ()
    """Its runs, its own training first."""
    error: str = ""
    """Why it failed; empty where it did not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A cell and how it stands."""

    cell: Cell
    """The cell."""
    state: State
    """How it stands."""
    outcome: Outcome | None = None
    """What became of it, where something did."""


def folder_of(runs: Path, study: Study) -> Path:
    """Where a study's outcomes are.

    Args:
        runs: The folder that holds the runs.
        study: The study.

    Returns:
        The folder, whether or not it is there.
    """
    return runs / ".studies" / study.name


def outcome_path(runs: Path, study: Study, cell: Cell) -> Path:
    """Where a cell's outcome is.

    Args:
        runs: The folder that holds the runs.
        study: The study.
        cell: One of its cells.

    Returns:
        The file, whether or not it is there.
    """
    return folder_of(runs, study) / f"{cell.digest}.json"


def log_path(runs: Path, study: Study, cell: Cell) -> Path:
    """Where what was said while a cell was worked on is.

    Args:
        runs: The folder that holds the runs.
        study: The study.
        cell: One of its cells.

    Returns:
        The file, whether or not it is there.
    """
    return outcome_path(runs, study, cell).with_suffix(".log")


def lock_path(runs: Path, study: Study, cell: Cell) -> Path:
    """What whoever works on a cell holds.

    Args:
        runs: The folder that holds the runs.
        study: The study.
        cell: One of its cells.

    Returns:
        The file, whether or not it is there.
    """
    return outcome_path(runs, study, cell).with_suffix(".lock")


def standing(runs: Path, study: Study, cell: Cell) -> Standing:
    """How a cell stands now.

    Args:
        runs: The folder that holds the runs.
        study: The study.
        cell: One of its cells.

    Returns:
        How it stands, with its outcome unless it is being worked on.
    """
    # In this order: a cell that is done in between has its outcome before it is let go.
    if is_held(lock_path(runs, study, cell)):
        return Standing(cell=cell, state="running")
    return settled(runs, study, cell)


def settled(runs: Path, study: Study, cell: Cell) -> Standing:
    """How a cell stands that nobody works on.

    Args:
        runs: The folder that holds the runs.
        study: The study.
        cell: One of its cells.

    Returns:
        How it stands; `waiting` where a run or a curve that it made is no longer there.
    """
    try:
        outcome = read_outcome(outcome_path(runs, study, cell))
    except FileNotFoundError:
        return Standing(cell=cell, state="waiting")
    except StoreError:
        return Standing(cell=cell, state="damaged")
    if outcome.error:
        return Standing(cell=cell, state="failed", outcome=outcome)
    is_whole = all(_is_there(runs, made) for made in outcome.made if made.run)
    return Standing(cell=cell, state="done" if is_whole else "waiting", outcome=outcome)


def write_outcome(path: Path, outcome: Outcome) -> None:
    """Keep what became of a cell, in place of what was kept before.

    Args:
        path: The file.
        outcome: What became of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {"schema": SCHEMA, **asdict(outcome)})


def read_outcome(path: Path) -> Outcome:
    """What became of a cell.

    Args:
        path: The file.

    Returns:
        The outcome.

    Raises:
        StoreError: If it is damaged, or of a newer lininterp.
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
    """The outcomes of cells that the study no longer has, as when its file was changed.

    Args:
        runs: The folder that holds the runs.
        study: The study.
        cells: What it comes to now.

    Returns:
        Their labels; the file's name where it cannot be read.
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


def _is_there(runs: Path, made: Made) -> bool:
    folder = runs / made.run
    files = [folder / "run.json"]
    files += [folder / "curves" / f"{name}.json" for name in made.curves]
    files += [folder / "measures" / f"{name}.json" for name in made.measures]
    return all(path.is_file() for path in files)


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
