"""The work in progress in a store: trainings, walks, and jobs that have not begun yet; plain data, no widget.

A walk measures a curve.  A training is in progress if its record has `running` and a process holds its lock.  A walk
takes no lock: it is in progress if its curve is not complete, and a running job measures curves of its run or the file
was written within STALLED_SECONDS and by no job that has ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lininterp_cli.landscape.curves.curve import Curve, Metric
from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.reader import Detail, Reader
from lininterp_cli.tui.stamps import stamp_of
from lininterp_cli.tui.work.desk_lines import job_title
from lininterp_cli.tui.work.hearing import Heard
from lininterp_cli.view.curves.progress import Course, Pace, Rows, pace
from lininterp_cli.view.curves.walk import WalkPace, read_pace

STALLED_SECONDS = 600.0
"""Seconds without a write after which work is shown as stalled."""

NUM_GOING = 40
"""Maximum number of runs that are read; a screen has no room for more."""

Kind = Literal["training", "walk", "starting"]
Stage = Literal["training", "measuring", "stopping", "ending", "starting"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Going:
    """One training, walk or starting job."""

    key: str
    """Its unique key."""
    kind: Kind
    """Its kind."""
    title: str
    """Its display name."""
    entry: Entry | None = None
    """Its run; None if it is not known yet."""
    rows: Rows = ()
    """The rows of a training."""
    curve: Curve | None = None
    """The incomplete curve of a walk."""
    written: float = 0.0
    """Time of its last write, in seconds since 1970."""
    heard: Heard | None = None
    """Its job; None if it was started elsewhere."""

    @property
    def pace(self) -> Pace:
        """The progress and speed of a training."""
        return pace(self.rows)

    @property
    def walk_pace(self) -> WalkPace | None:
        """The progress and speed of a walk, from the last line of its job's log; None if that has none."""
        return read_pace(self.heard.line.strip()) if self.heard is not None else None

    @property
    def stage(self) -> Stage:
        """Its present stage."""
        heard, run = self.heard, self.entry
        if heard is not None and heard.job.is_stopping:
            return "stopping"
        if self.kind != "starting":
            return "training" if self.kind == "training" else "measuring"
        if heard is None or not heard.line:
            return "starting"
        if heard.job.words[:1] == ("interpolate",):
            return "measuring"
        # Its log is not empty and the training of its run is over: only the process has to end.
        return "ending" if run is not None and run.summary.state != "running" else "starting"

    def is_stalled(self, now: float) -> bool:
        """Whether nothing was written for STALLED_SECONDS."""
        return now - self.written > STALLED_SECONDS


def going(entries: Sequence[Entry], heard: Sequence[Heard], reader: Reader, now: float) -> tuple[Going, ...]:
    """Find the work in progress; it reads files.

    Args:
        entries: Every run.
        heard: The jobs.
        reader: Reads runs.
        now: Seconds since 1970.

    Returns:
        Trainings, the oldest first, then walks, then running jobs that belong to none of these.
    """
    running = sorted((entry for entry in entries if entry.summary.state == "running"), key=_age)
    fresh = [entry for entry in entries if entry.summary.state != "running" and _is_fresh(entry, heard, now)]
    details = [reader.detail(entry) for entry in [*running, *fresh][:NUM_GOING]]
    trainings = [_training(detail, heard) for detail in details if detail.entry.summary.state == "running"]
    walks = [walk for detail in details for walk in _walks(detail, heard, now)]
    taken = {one.heard.job.id for one in [*trainings, *walks] if one.heard is not None}
    starting = [
        Going(key=f"job {one.job.id}", kind="starting", title=job_title(one, ascii=False), heard=one,
              written=max(one.written, one.job.created), entry=_meant(one, entries))
        for one in heard
        if one.job.state == "running" and one.job.id not in taken
    ]  # fmt: skip
    return tuple([*trainings, *walks, *starting])


@dataclass(slots=True)
class Live:
    """The work in progress as a screen shows it."""

    going: tuple[Going, ...] | None = None
    """The work in progress; None before it was determined."""
    metric: Metric = "loss"
    """The metric to draw."""
    log: bool = False
    """Whether the axis is logarithmic."""
    place: int = 0
    """Index of the row under the cursor."""

    def show(self, found: tuple[Going, ...]) -> None:
        """Set the work in progress; the cursor stays on its row."""
        before, self.going = self.here, found
        keys = [one.key for one in found]
        if before is not None and before.key in keys:
            self.place = keys.index(before.key)
        self.move(0)

    @property
    def here(self) -> Going | None:
        """The row under the cursor."""
        return self.going[self.place] if self.going and self.place < len(self.going) else None

    def move(self, rows: int) -> None:
        """Move the cursor; it stops at both ends."""
        self.place = max(0, min(self.place + rows, len(self.going or ()) - 1))

    @property
    def courses(self) -> list[Course]:
        """The courses of all trainings."""
        trainings = [one for one in self.going or () if one.kind == "training"]
        return [
            Course(label=one.title, place=index, rows=one.rows, is_chosen=one == self.here)
            for index, one in enumerate(trainings)
        ]

    @property
    def walk(self) -> Curve | None:
        """The curve of the walk under the cursor, or of the first walk of the same run; None if there is none."""
        here = self.here
        if here is None or here.kind == "starting":
            return None
        same = [
            one
            for one in self.going or ()
            if one.curve is not None and one.entry is not None and one.entry == here.entry
        ]
        return here.curve or (same[0].curve if same else None)


def _training(detail: Detail, heard: Sequence[Heard]) -> Going:
    entry = detail.entry
    written = stamp_of(entry.folder / "metrics.jsonl")[1] / 1e9
    return Going(
        key=f"training {entry.key}", kind="training", title=entry.summary.title, entry=entry, rows=detail.rows,
        written=written or entry.summary.created or 0.0, heard=_job_of(entry, heard, walks=False),
    )  # fmt: skip


def _walks(detail: Detail, heard: Sequence[Heard], now: float) -> list[Going]:
    entry, found = detail.entry, []
    job = _job_of(entry, heard, walks=True)
    for curve in detail.curves:
        written = stamp_of(entry.folder / "curves" / f"{curve.name}.json")[1] / 1e9
        # A job that has ended wrote to its log after it had written the curve for the last time.
        left = any(one.job.state != "running" and one.written >= written for one in _jobs_of(entry, heard, True))
        is_going = now - written <= STALLED_SECONDS and not left
        if not curve.complete and (is_going or job is not None):
            found.append(
                Going(key=f"walk {entry.key} {curve.name}", kind="walk", title=f"{entry.summary.title} {curve.name}",
                      entry=entry, curve=curve, written=written, heard=job)
            )  # fmt: skip
    # One job measures one curve at a time: the one that was written last.
    return sorted(found, key=lambda one: -one.written)[:1] if job is not None else found


def _jobs_of(entry: Entry, heard: Sequence[Heard], walks: bool) -> list[Heard]:
    names = {entry.key, entry.summary.id, entry.summary.name} - {""}
    return [one for one in heard if one.run in names and (one.job.words[:1] == ("interpolate",)) == walks]


def _job_of(entry: Entry, heard: Sequence[Heard], *, walks: bool) -> Heard | None:
    return next((one for one in _jobs_of(entry, heard, walks) if one.job.state == "running"), None)


def _meant(one: Heard, entries: Sequence[Entry]) -> Entry | None:
    return next((entry for entry in entries if one.run and one.run in {entry.key, entry.summary.name}), None)


def _is_fresh(entry: Entry, heard: Sequence[Heard], now: float) -> bool:
    """Whether a stamped file of a run was written within STALLED_SECONDS, or a running job measures curves of it."""
    changed = max((stamp[1] / 1e9 for stamp in entry.stamp), default=0.0)
    return now - changed <= STALLED_SECONDS or _job_of(entry, heard, walks=True) is not None


def _age(entry: Entry) -> tuple[float, str]:
    return entry.summary.created or 0.0, entry.key
