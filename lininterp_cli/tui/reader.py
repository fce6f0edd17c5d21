"""Reads the content of runs for their views; several threads may use it, and no unchanged curve is read twice."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lininterp_cli.errors import LininterpError
from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.landscape.curves.measures import Measure, measures_of
from lininterp_cli.landscape.curves.reader import most_telling_first, read_curve
from lininterp_cli.runs.run import Run
from lininterp_cli.tui.follow import Follower
from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.stamps import ABSENT, Stamp, stamp_of

NUM_CURVES_KEPT = 256
"""Maximum number of curves kept in memory, so that going back to a run takes no time."""

NUM_FOLLOWED = 32
"""Maximum number of `metrics.jsonl` that are read on from where the last reading ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    """The content of one run, as its views need it."""

    entry: Entry
    """The list's entry of the run when it was read."""
    run: Run | None = None
    """The run with its record; None if that cannot be read."""
    curves: tuple[Curve, ...] = ()
    """Its curves, the most relevant first."""
    rows: tuple[dict[str, Any], ...] = ()
    """The rows of its training, one per epoch."""
    problems: tuple[str, ...] = ()
    """A message for each curve file that cannot be read."""
    measures: tuple[Measure, ...] = ()
    """Its measures other than curves."""
    measured: Stamp = ABSENT
    """Stamp of the folder of measures, which the entry's stamps do not include."""

    @property
    def is_measured_anew(self) -> bool:
        """Whether a measure was written since the run was read."""
        return self.run is not None and _measured(self.run) != self.measured


@dataclass(slots=True)
class Reader:
    """Reads runs, and caches curves and rows of trainings."""

    _curves: dict[tuple[str, Stamp], Curve] = field(default_factory=dict)
    _followers: dict[Path, Follower] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def detail(self, entry: Entry) -> Detail:
        """Read the content of one run.

        Args:
            entry: The run.

        Returns:
            Its record, curves, training and measures; the entry alone if the record cannot be read.
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
                    # The run's folder is known; without it the message begins with the problem.
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
        # Removed and inserted again, so that the least recently used one is dropped first.
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
    # Every file arrives by a rename, which changes the folder's stamp.
    return stamp_of(run.measures_folder)
