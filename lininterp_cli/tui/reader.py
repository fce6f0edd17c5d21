"""Reading what a view of a run is made of; threads may ask at the same time, and nothing is read twice."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lininterp_cli.errors import LininterpError
from lininterp_cli.landscape.curve import Curve
from lininterp_cli.landscape.curve_reader import most_telling_first, read_curve
from lininterp_cli.landscape.measures import Measure, measures_of
from lininterp_cli.runs.store import Run
from lininterp_cli.tui.follow import Follower
from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.stamps import ABSENT, Stamp, stamp_of

NUM_CURVES_KEPT = 256
"""Curves that are kept after they were read, so that going back to a run is free."""

NUM_FOLLOWED = 32
"""Trainings whose files are read on from where they ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    """Everything a view of one run is made of."""

    entry: Entry
    """The run as the list knew it."""
    run: Run | None = None
    """The run with its record as it is now; None where that cannot be read."""
    curves: tuple[Curve, ...] = ()
    """Its curves, the most telling first."""
    rows: tuple[dict[str, Any], ...] = ()
    """Its training, one row an epoch."""
    problems: tuple[str, ...] = ()
    """Curve files that cannot be read, and why."""
    measures: tuple[Measure, ...] = ()
    """What was measured of it besides curves."""
    measured: Stamp = ABSENT
    """Changes when a measure does; the list does not look for it."""

    @property
    def is_measured_anew(self) -> bool:
        """Whether a measure was written since."""
        return self.run is not None and _measured(self.run) != self.measured


@dataclass(slots=True)
class Reader:
    """Reads runs, and keeps what has not changed."""

    _curves: dict[tuple[str, Stamp], Curve] = field(default_factory=dict)
    _followers: dict[Path, Follower] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def detail(self, entry: Entry) -> Detail:
        """Read what a view of one run is made of.

        Args:
            entry: The run.

        Returns:
            Its record, its curves and its training; nothing where the record cannot be read.
        """
        run = entry.run
        if run is None:
            return Detail(entry=entry)
        with self._lock:
            curves: list[Curve] = []
            problems: list[str] = []
            for path in run.curve_paths():
                try:
                    curves.append(self._curve(path))
                except (LininterpError, OSError) as error:
                    # Where the run is is known; what is wrong must not stand behind it.
                    problems.append(str(error).replace(f"{path.parent}/", ""))
            rows = tuple(self._follower(run.metrics_path).rows())
            measured = _measured(run)
            measures = tuple(measures_of(run)) if measured != ABSENT else ()
        curves = most_telling_first(curves)
        return Detail(
            entry=entry, run=run, curves=tuple(curves), rows=rows, problems=tuple(problems), measures=measures,
            measured=measured,
        )  # fmt: skip

    def _curve(self, path: Path) -> Curve:
        key = (str(path), stamp_of(path))
        # Taken out and put back, so that the one that was wanted longest ago is dropped first.
        self._curves[key] = self._curves.pop(key) if key in self._curves else read_curve(path)
        while len(self._curves) > NUM_CURVES_KEPT:
            del self._curves[next(iter(self._curves))]
        return self._curves[key]

    def _follower(self, path: Path) -> Follower:
        self._followers[path] = self._followers.pop(path) if path in self._followers else Follower(path)
        while len(self._followers) > NUM_FOLLOWED:
            del self._followers[next(iter(self._followers))]
        return self._followers[path]


def _measured(run: Run) -> Stamp:
    # Every file arrives by a rename, which changes the folder.
    return stamp_of(run.folder / "measures")
