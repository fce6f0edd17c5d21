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
from lininterp_cli.tui.stamps import ABSENT, Stamp, stamp_of
from lininterp_cli.tui.summary_cache import load, save
from lininterp_cli.view.run_curves import worst_barrier
from lininterp_cli.view.summary import Summary, Worst, damaged, summarise

BATCH_SECONDS = 0.15
"""How soon a scan that goes on says what it has found so far; then it waits longer and longer."""

NUM_AT_ONCE = 200
"""Runs that are read so fast that the list need not be shown without their barriers, nor anything be kept of them."""


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
    """Where a large store's summaries are kept from one start to the next; None for nowhere."""
    num_parsed: int = 0
    """Records that were parsed since the start, for tests and for the curious."""
    num_glanced: int = 0
    """Runs whose curves were looked into since the start."""
    _known: dict[str, Entry] = field(default_factory=dict)
    _num_unkept: int = 0
    _is_recalled: bool = False
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
        for is_much_new in self._looks(names):
            if is_cancelled():
                return
            if is_much_new or self.clock() - said > wait:
                # Every list that is shown costs the interface time in proportion to its length.
                wait = min(2 * wait, 8 * BATCH_SECONDS)
                yield self._snapshot()
                said = self.clock()
        yield replace(self._snapshot(), complete=True)
        self._keep_summaries()

    def _looks(self, names: list[str]) -> Iterator[bool]:
        """Look at one run after another; each time it says whether what is known is worth a list at once."""
        recalled: set[str] = set()
        if not self._is_recalled:
            self._is_recalled, there = True, set(names)
            for kept in load(self.cache) if self.cache is not None else ():
                if kept[0] in there and self._recall(*kept):
                    recalled.add(kept[0])
                yield False
        unread: list[str] = []
        for name in names:
            if name not in recalled:
                self._read_record(name, unread)
                yield False
        yield len(unread) > NUM_AT_ONCE
        for name in unread:
            self._read_worst(name)
            yield False

    def _recall(self, name: str, stamps: tuple[Stamp, Stamp], summary: Summary) -> bool:
        """Take what was kept of a run where its record is still the same; says whether its curves are, too."""
        if stamp_of(f"{self.folder}/{name}/run.json") != stamps[0]:
            return False
        self._keep(name, Entry(key=name, summary=summary, store=self.folder, stamp=stamps))
        return stamp_of(f"{self.folder}/{name}/curves") == stamps[1]

    def _keep_summaries(self) -> None:
        # A few runs are read again sooner than thousands of summaries are written.
        if self.cache is not None and self._num_unkept > NUM_AT_ONCE:
            lasting = [one for one in self._known.values() if one.summary.state not in (*_LIVING, "damaged")]
            save(self.cache, [(one.key, (one.stamp[0], one.stamp[1]), one.summary) for one in lasting])
            self._num_unkept = 0

    def _forget(self, name: str) -> None:
        self._changed |= self._known.pop(name, None) is not None

    def _keep(self, name: str, entry: Entry) -> None:
        if entry != self._known.get(name):
            self._known[name] = entry
            self._changed = True

    def _read_record(self, name: str, unread: list[str]) -> None:
        """Look at one run; its name goes to `unread` where its curves are others than those that are known."""
        folder = f"{self.folder}/{name}"
        stamp = stamp_of(f"{folder}/run.json")
        known = self._known.get(name)
        if stamp == ABSENT:
            self._forget(name)
            return
        curves, worst = (known.stamp[1], known.summary.worst) if known is not None else (ABSENT, None)
        # Every file arrives by a rename, which changes the folder; so one look tells whether there is a new curve.
        if stamp_of(f"{folder}/curves") != curves:
            unread.append(name)
        if known is not None and known.stamp[0] == stamp and known.summary.state not in _LIVING:
            return
        if known is None or known.stamp[0] != stamp:
            self.num_parsed += 1
            self._num_unkept += 1
        # Barriers outlive a change of the record: they come from other files.
        summary = self._summary(name, worst)
        stamps = (stamp, curves)
        more = (stamp_of(f"{folder}/metrics.jsonl"),) if summary.state == "running" else ()
        self._keep(name, Entry(key=name, summary=summary, store=self.folder, stamp=(*stamps, *more)))

    def _summary(self, name: str, worst: Worst | None) -> Summary:
        folder = self.folder / name
        path = folder / "run.json"
        try:
            return summarise(Run(folder, read_record(path)), worst)
        except (LininterpError, OSError) as problem:
            return damaged(name, str(problem))
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            # A record can be JSON of the right form and still hold what no program wrote.
            return damaged(name, f"{path} is damaged: {type(error).__name__} {error}")

    def _read_worst(self, name: str) -> None:
        known = self._known.get(name)
        if known is None or known.summary.state == "damaged":
            return
        stamp, worst = stamp_of(f"{self.folder}/{name}/curves"), None
        if stamp != ABSENT:
            self.num_glanced += 1
            self._num_unkept += 1
            worst = worst_barrier(known.folder, known.summary.id)
        stamps = (known.stamp[0], stamp, *known.stamp[2:])
        self._keep(name, replace(known, summary=replace(known.summary, worst=worst), stamp=stamps))

    def _snapshot(self) -> Snapshot:
        if self._changed:
            self._last, self._changed = tuple(self._known.values()), False
        return Snapshot(entries=self._last)


_LIVING = ("running", "interrupted")
"""States that depend on whether a process holds the run, not on the record alone."""
