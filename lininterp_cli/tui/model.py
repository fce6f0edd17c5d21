"""What the explorer knows of a folder of runs, in plain data; it draws nothing and knows no widget.

`Catalog` looks at the folder again and again and parses only what has changed.  It is used by one thread at a time.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from lininterp_cli.errors import LininterpError
from lininterp_cli.runs.record import read_record
from lininterp_cli.runs.store import Run
from lininterp_cli.tui.barrier_cache import Barriers, load, save
from lininterp_cli.view.summary import Summary, Worst, damaged, summarise, worst_barrier

BATCH_SECONDS = 0.15
"""How soon a scan that goes on says what it has found so far; then it waits longer and longer."""

NUM_AT_ONCE = 200
"""Runs whose barriers are read so fast that the list need not be shown without them."""

Stamp = tuple[int, int, int]
"""Inode, time of change (nanoseconds) and size of a file; all 0 where there is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the list; light, as there are tens of thousands of them."""

    key: str
    """The folder's name, which is the run's id unless somebody copied the folder."""
    summary: Summary
    """What the list shows."""
    store: Path
    """The folder of runs."""
    stamp: tuple[Stamp, ...] = ()
    """Changes when any file that a view of the run is made of does."""

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.store / self.key

    @property
    def run(self) -> Run | None:
        """The run as its record says it now: the file is read at every call; None where it cannot be."""
        try:
            return Run(self.folder, read_record(self.folder / "run.json"))
        except (LininterpError, OSError):
            return None


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
class Catalog:
    """A folder of runs that is looked at again and again."""

    folder: Path
    """`--runs`."""
    clock: Callable[[], float] = time.monotonic
    """Seconds, for the batches."""
    cache: Path | None = None
    """Where the barriers of a large store are kept from one start to the next; None for nowhere."""
    num_parsed: int = 0
    """Records that were parsed since the start, for tests and for the curious."""
    num_glanced: int = 0
    """Runs whose curves were looked into since the barriers were last kept."""
    _kept: Barriers | None = None
    _known: dict[str, Entry] = field(default_factory=dict)
    _changed: bool = True
    _last: tuple[Entry, ...] = ()

    def scan(self, is_cancelled: Callable[[], bool] = lambda: False) -> Iterator[Snapshot]:
        """Look at the folder: first the records, then the barriers of runs whose curves are new.

        Args:
            is_cancelled: Asked between runs; True ends the scan.

        Yields:
            What is known so far, every now and then, and at the end; the same entries as before where nothing changed.
        """
        try:
            with os.scandir(self.folder) as found:
                names = sorted(entry.name for entry in found if not entry.name.startswith("."))
        except FileNotFoundError:
            names = []
        except OSError as error:
            yield Snapshot(error=f"cannot read {self.folder}: {error.strerror or error}", complete=True)
            return
        for name in self._known.keys() - set(names):
            self._forget(name)
        said, wait = self.clock(), BATCH_SECONDS
        for step in (self._read_record, self._read_worst):
            for name in names:
                if is_cancelled():
                    return
                step(name)
                if self.clock() - said > wait:
                    # Every list that is shown costs the interface time in proportion to its length.
                    wait = min(2 * wait, 8 * BATCH_SECONDS)
                    yield self._snapshot()
                    said = self.clock()
            if self._changed and step == self._read_record and len(names) > NUM_AT_ONCE:
                yield self._snapshot()
        yield replace(self._snapshot(), complete=True)
        self._keep_barriers()

    def _keep_barriers(self) -> None:
        # A few curves are read again sooner than thousands of barriers are written.
        if self.cache is not None and self.num_glanced > NUM_AT_ONCE:
            save(self.cache, {name: (entry.stamp[1], entry.summary.worst) for name, entry in self._known.items()
                              if len(entry.stamp) > 1 and entry.stamp[1] != _ABSENT})  # fmt: skip
            self.num_glanced = 0
        self._kept = {}

    def _worst(self, known: Entry, stamp: Stamp) -> Worst | None:
        if self._kept is None:
            self._kept = {} if self.cache is None else load(self.cache)
        kept = self._kept.get(known.key)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        self.num_glanced += 1
        return worst_barrier(known.folder, known.summary.id)

    def _forget(self, name: str) -> None:
        self._changed |= self._known.pop(name, None) is not None

    def _keep(self, name: str, entry: Entry) -> None:
        if entry != self._known.get(name):
            self._known[name] = entry
            self._changed = True

    def _read_record(self, name: str) -> None:
        folder = f"{self.folder}/{name}"
        stamp = stamp_of(f"{folder}/run.json")
        known = self._known.get(name)
        if stamp == _ABSENT:
            self._forget(name)
            return
        if known is not None and known.stamp[0] == stamp and known.summary.state not in _LIVING:
            return
        if known is None or known.stamp[0] != stamp:
            self.num_parsed += 1
        curves, worst = (known.stamp[1], known.summary.worst) if known is not None else (_ABSENT, None)
        stamps = [stamp, curves]
        path = Path(folder)
        try:
            # Barriers outlive a change of the record: they come from other files.
            summary = summarise(Run(path, read_record(path / "run.json")), worst)
        except (LininterpError, OSError) as problem:
            summary = damaged(name, str(problem))
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            # A record can be JSON of the right form and still hold what no program wrote.
            summary = damaged(name, f"{path / 'run.json'} is damaged: {type(error).__name__} {error}")
        if summary.state == "running":
            stamps.append(stamp_of(f"{folder}/metrics.jsonl"))
        self._keep(name, Entry(key=name, summary=summary, store=self.folder, stamp=tuple(stamps)))

    def _read_worst(self, name: str) -> None:
        known = self._known.get(name)
        if known is None or known.summary.state == "damaged":
            return
        # Every file arrives by a rename, which changes the folder; so one look tells whether there is a new curve.
        stamp = stamp_of(f"{self.folder}/{name}/curves")
        if stamp != known.stamp[1]:
            worst = None if stamp == _ABSENT else self._worst(known, stamp)
            stamps = (known.stamp[0], stamp, *known.stamp[2:])
            self._keep(name, replace(known, summary=replace(known.summary, worst=worst), stamp=stamps))

    def _snapshot(self) -> Snapshot:
        if self._changed:
            self._last, self._changed = tuple(self._known.values()), False
        return Snapshot(entries=self._last)


_LIVING = ("running", "interrupted")
"""States that depend on whether a process holds the run, not on the record alone."""


def stamp_of(path: Path | str) -> Stamp:
    """Inode, time of change and size; zeros where there is no such file."""
    try:
        found = os.stat(path)
    except OSError:
        return _ABSENT
    return found.st_ino, found.st_mtime_ns, found.st_size


_ABSENT: Stamp = (0, 0, 0)
