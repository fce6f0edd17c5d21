"""What the explorer knows of a folder of runs, in plain data; it draws nothing and knows no widget.

`Catalog` looks at the folder again and again and parses only what has changed.  It is used by one thread at a time.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lininterp_cli.errors import LininterpError
from lininterp_cli.runs.record import read_record
from lininterp_cli.runs.store import Run
from lininterp_cli.view.summary import Summary, Worst, damaged, summarise, worst_barrier

BATCH_SECONDS = 0.15
"""How often a scan that goes on says what it has found so far."""

Stamp = tuple[int, int, int]
"""Inode, time of change (nanoseconds) and size of a file; all 0 where there is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the list."""

    summary: Summary
    """What the list shows."""
    run: Run | None
    """The run; None where its record cannot be read."""
    stamp: tuple[Stamp, ...] = ()
    """Changes when any file that a view of the run is made of does."""

    @property
    def key(self) -> str:
        """The folder's name, which is the run's id unless somebody copied the folder."""
        return self.summary.id if self.run is None else self.run.folder.name


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """What was found in the folder so far."""

    entries: tuple[Entry, ...] = ()
    """Every run, in no particular order."""
    error: str = ""
    """Why the folder cannot be read."""
    complete: bool = False
    """Whether the scan is at its end."""


@dataclass(slots=True)
class _Known:
    """What was read of one run, with the stamps of what it was read from."""

    record_stamp: Stamp
    run: Run | None
    error: str = ""
    curves_stamp: Stamp | None = None
    worst: Worst | None = None


@dataclass(slots=True)
class Catalog:
    """A folder of runs that is looked at again and again."""

    folder: Path
    """`--runs`."""
    clock: Callable[[], float] = time.monotonic
    """Seconds, for the batches."""
    num_parsed: int = 0
    """Records that were parsed since the start, for tests and for the curious."""
    _known: dict[str, _Known] = field(default_factory=dict)

    def scan(self, is_cancelled: Callable[[], bool] = lambda: False) -> Iterator[Snapshot]:
        """Look at the folder: first the records, then the barriers of runs whose curves are new.

        Args:
            is_cancelled: Asked between runs; True ends the scan.

        Yields:
            What is known so far, every now and then, and at the end.
        """
        try:
            names = sorted(entry.name for entry in os.scandir(self.folder) if not entry.name.startswith("."))
        except FileNotFoundError:
            names = []
        except OSError as error:
            yield Snapshot(error=f"cannot read {self.folder}: {error.strerror or error}", complete=True)
            return
        for name in set(self._known) - set(names):
            del self._known[name]
        said = self.clock()
        for step in (self._read_record, self._read_worst):
            for name in names:
                if is_cancelled():
                    return
                step(name)
                if self.clock() - said > BATCH_SECONDS:
                    said = self.clock()
                    yield self._snapshot()
        yield replace(self._snapshot(), complete=True)

    def _read_record(self, name: str) -> None:
        path = self.folder / name / "run.json"
        stamp = stamp_of(path)
        known = self._known.get(name)
        if stamp == _ABSENT:
            self._known.pop(name, None)
            return
        if known is not None and known.record_stamp == stamp:
            return
        self.num_parsed += 1
        try:
            run, error = Run(path.parent, read_record(path)), ""
        except (LininterpError, OSError) as problem:
            run, error = None, str(problem)
        # Barriers outlive a change of the record: they come from other files.
        kept = (known.curves_stamp, known.worst) if known is not None else (None, None)
        self._known[name] = _Known(stamp, run, error, *kept)

    def _read_worst(self, name: str) -> None:
        known = self._known.get(name)
        if known is None or known.run is None:
            return
        # Every file arrives by a rename, which changes the folder; so one look tells whether there is a new curve.
        stamp = stamp_of(known.run.curves_folder)
        if stamp != known.curves_stamp:
            known.curves_stamp = stamp
            known.worst = worst_barrier(known.run) if stamp != _ABSENT else None

    def _snapshot(self) -> Snapshot:
        return Snapshot(entries=tuple(_entry(name, known) for name, known in self._known.items()))


_STATES = ("running", "failed", "diverged", "damaged", "interrupted", "finished")

SORTS: dict[str, Callable[[Summary], Any]] = {
    "newest": lambda run: (-(run.created or 0.0), run.id),
    "accuracy": lambda run: (-1.0 if run.accuracy is None else -run.accuracy, run.id),
    "barrier": lambda run: (0.0 if run.worst is None else -run.worst.height, run.worst is None, run.id),
    "name": lambda run: (run.title.lower(), run.id),
    "state": lambda run: (_STATES.index(run.state) if run.state in _STATES else 9, -(run.created or 0.0), run.id),
}
"""Order's name to key."""


def arrange(entries: tuple[Entry, ...], sort: str, wanted: str) -> list[Entry]:
    """The lines of the list in order.

    Args:
        entries: Every run.
        sort: A key of SORTS.
        wanted: Words that must all be found in what is said of a run, in any case; empty for all runs.

    Returns:
        Those that fit, sorted.
    """
    words = wanted.lower().split()
    fitting = [entry for entry in entries if all(word in _said(entry.summary) for word in words)]
    return sorted(fitting, key=lambda entry: SORTS[sort](entry.summary))


def stamp_of(path: Path) -> Stamp:
    """Inode, time of change and size; zeros where there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return _ABSENT
    return found.st_ino, found.st_mtime_ns, found.st_size


_ABSENT: Stamp = (0, 0, 0)


def _entry(name: str, known: _Known) -> Entry:
    if known.run is None:
        return Entry(summary=damaged(name, known.error), run=None, stamp=(known.record_stamp,))
    try:
        summary = summarise(known.run, known.worst)
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        # A record can be JSON of the right form and still hold what no program wrote.
        problem = f"{known.run.record_path} is damaged: {type(error).__name__} {error}"
        return Entry(summary=damaged(name, problem), run=None, stamp=(known.record_stamp,))
    stamps = [known.record_stamp, known.curves_stamp or _ABSENT]
    if summary.state == "running":
        stamps.append(stamp_of(known.run.metrics_path))
    return Entry(summary=summary, run=known.run, stamp=tuple(stamps))


def _said(run: Summary) -> str:
    return " ".join((run.id, run.name, run.state, run.model, run.data, run.optimizer)).lower()
