"""The runs of a folder as the explorer lists them; plain data, no widget.

`Catalog` scans the folder repeatedly and reads only what has changed, and the records of running and interrupted runs.
It is used by one thread at a time.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from lininterp_cli.errors import LininterpError
from lininterp_cli.runs.record import read_record
from lininterp_cli.runs.run import Run
from lininterp_cli.tui.stamps import ABSENT, Stamp, stamp_of
from lininterp_cli.tui.summary_cache import load, save
from lininterp_cli.view.runs.run_curves import worst_barrier
from lininterp_cli.view.runs.summary import Summary, Worst, damaged, summarise

BATCH_SECONDS = 0.15
"""Seconds until a scan yields its first partial snapshot; the interval then doubles, up to eight times as long."""

NUM_AT_ONCE = 200
"""Number of runs read fast enough to need no first list without barriers, and no cache of their summaries."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One run of the list; small, as there may be tens of thousands."""

    key: str
    """Name of the run's folder: the run's id, unless the folder was copied."""
    summary: Summary
    """The values that the list shows."""
    store: Path
    """The run store."""
    stamp: tuple[Stamp, ...] = ()
    """Stamps of the record, of the curves' folder and, while the run is training, of `metrics.jsonl`."""

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.store / self.key

    @property
    def run(self) -> Run | None:
        """The run with its present record, which is read at every call; None if it cannot be read."""
        try:
            return Run(self.folder, read_record(self.folder / "run.json"))
        except (LininterpError, OSError):
            return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """The runs that a scan has found so far."""

    entries: tuple[Entry, ...] = ()
    """Every run, in no particular order."""
    error: str = ""
    """The reason why the folder cannot be read; empty if it can."""
    complete: bool = False
    """Whether the scan has ended."""


@dataclass(slots=True)
class Catalog:
    """A folder of runs that is scanned repeatedly."""

    folder: Path
    """The run store, `--runs`."""
    clock: Callable[[], float] = time.monotonic
    """Returns seconds, for the interval between snapshots."""
    cache: Path | None = None
    """File that keeps a large store's summaries between sessions; None for no file."""
    num_parsed: int = 0
    """Number of new or changed records that were parsed since the start, for tests."""
    num_glanced: int = 0
    """Number of times that a run's highest barrier was read since the start."""
    _known: dict[str, Entry] = field(default_factory=dict)
    _num_unkept: int = 0
    _is_recalled: bool = False
    _changed: bool = True
    _last: tuple[Entry, ...] = ()

    def scan(self, is_cancelled: Callable[[], bool] = lambda: False) -> Iterator[Snapshot]:
        """Scan the folder: first the records, then the highest barriers of runs whose curves are new or changed.

        Args:
            is_cancelled: Called between runs; True ends the scan.

        Yields:
            A snapshot from time to time and at the end; its `entries` are the same object if nothing has changed.
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
                # For every snapshot the interface takes time in proportion to the number of runs.
                wait = min(2 * wait, 8 * BATCH_SECONDS)
                yield self._snapshot()
                said = self.clock()
        yield replace(self._snapshot(), complete=True)
        self._keep_summaries()

    def _looks(self, names: list[str]) -> Iterator[bool]:
        """Update one run after another; yields True where a snapshot is due at once."""
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
        """Take a run from the cache if its record is unchanged; returns whether its curves are unchanged, too."""
        if stamp_of(f"{self.folder}/{name}/run.json") != stamps[0]:
            return False
        self._keep(name, Entry(key=name, summary=summary, store=self.folder, stamp=stamps))
        return stamp_of(f"{self.folder}/{name}/curves") == stamps[1]

    def _keep_summaries(self) -> None:
        # Reading a few runs again takes less time than writing thousands of summaries.
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
        """Update one run from its record; append its name to `unread` if its curves have changed."""
        folder = f"{self.folder}/{name}"
        stamp = stamp_of(f"{folder}/run.json")
        known = self._known.get(name)
        if stamp == ABSENT:
            self._forget(name)
            return
        curves, worst = (known.stamp[1], known.summary.worst) if known is not None else (ABSENT, None)
        # Every file arrives by a rename, which changes the folder's stamp, so this stamp alone shows any new curve.
        if stamp_of(f"{folder}/curves") != curves:
            unread.append(name)
        if known is not None and known.stamp[0] == stamp and known.summary.state not in _LIVING:
            return
        if known is None or known.stamp[0] != stamp:
            self.num_parsed += 1
            self._num_unkept += 1
        # A change of the record keeps the barriers: they come from other files.
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
            # A record can be valid JSON of the right form and still hold values of wrong types.
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
"""States that depend on whether a process holds the run's lock, not on the record alone."""
