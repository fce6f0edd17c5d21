"""Progress on standard error: bars where a person watches, plain lines elsewhere, nothing where asked."""

import sys
import time
from typing import TYPE_CHECKING, Any

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

from lininterp_cli.cli.output import console, say
from lininterp_cli.landscape.curve import Curve, Metric
from lininterp_cli.runs.store import Run
from lininterp_cli.view.terminal import detect

if TYPE_CHECKING:
    from lininterp_cli.landscape.crew import Progress

_SECONDS_BETWEEN_LINES = 10.0


class TrainingProgress:
    """Tells how a training goes.

    Args:
        num_epochs: Epochs of the whole run.
        quiet: Say nothing.
    """

    def __init__(self, num_epochs: int, quiet: bool) -> None:
        self.was_started = False
        self._num_epochs, self._quiet = num_epochs, quiet
        self._bar = _bar(MofNCompleteColumn()) if not quiet and detect(sys.stderr).interactive else None
        self._task: Any = None

    def started(self, run: Run, epoch: int) -> None:
        """Training begins, or goes on after the given epoch."""
        self.was_started = True
        verb = f"going on after epoch {epoch} with" if epoch else "training"
        say(f"{verb} {run.id} on {run.record.environment['device']}", self._quiet)
        if self._bar is not None and self._num_epochs:
            self._task = self._bar.add_task("epoch", total=self._num_epochs, completed=epoch, words="")
            self._bar.start()

    def stepped(self, epoch: int, done: int, total: int) -> None:
        """A step of an epoch is done."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=epoch - 1 + done / total, description=f"epoch {epoch}")

    def measured(self, row: dict[str, Any]) -> None:
        """An epoch's line of `metrics.jsonl` is written."""
        words = (
            f"train {_loss(row['train_loss'])} {row['train_accuracy']:6.1%}  "
            f"test {_loss(row['test_loss'])} {row['test_accuracy']:6.1%}"
        )
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, words=words)
        else:
            say(f"epoch {row['epoch']:4d}/{self._num_epochs}  {words}", self._quiet)

    def close(self) -> None:
        """The training is over, however it went."""
        if self._bar is not None:
            self._bar.stop()


class WalkProgress:
    """Tells how a walk goes.

    Args:
        quiet: Say nothing.
        definition: The barrier that is told; None for the curve's own.
        metric: Whose barrier.
    """

    def __init__(self, quiet: bool, definition: str | None, metric: Metric) -> None:
        self._quiet, self._definition, self._metric = quiet, definition, metric
        self._began = self._said = time.monotonic()
        self._bar = _bar(TaskProgressColumn()) if not quiet and detect(sys.stderr).interactive else None
        self._task = self._bar.add_task("walking", total=None, words="") if self._bar is not None else None
        self._barrier = ""

    def __enter__(self) -> "WalkProgress":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def passed(self, progress: "Progress") -> None:
        """A pass is done."""
        seconds = time.monotonic() - self._began
        rate = f"{progress.rows / max(seconds, 1e-3):,.0f} ex/s"
        chunks = f"chunk {progress.chunk}/{progress.num_chunks}"
        if self._bar is not None and self._task is not None:
            words = f"{rate}  {self._barrier or progress.moving}"
            self._bar.update(
                self._task, description=chunks, total=progress.num_rows, completed=progress.rows, words=words
            )
        elif time.monotonic() - self._said > _SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            left = seconds * (progress.num_rows / progress.rows - 1)
            words = f"; {self._barrier}" if self._barrier else ""
            say(f"{chunks}, {rate}, {left / 60:.0f} min {left % 60:02.0f} s left{words}", self._quiet)

    def grew(self, curve: Curve) -> None:
        """The curve's file has grown."""
        split = curve.splits[0]
        definition = self._definition or curve.default_definition
        worst = curve.worst(split, definition, self._metric)
        if worst is None:
            return
        series, barrier = worst
        interval = series.interval(split, definition, self._metric)
        bounds = f" [{interval.low:.2f}, {interval.high:.2f}]" if interval is not None else ""
        self._barrier = f"{series.label} {definition} {barrier.height:.2f}{bounds}"

    def told(self, words: str) -> None:
        """There is something the user should know."""
        say(words, self._quiet)


def _bar(done: ProgressColumn) -> Bars:
    return Bars(
        TextColumn("{task.description}"),
        BarColumn(bar_width=12),
        done,
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[words]}", markup=False),
        console=console(sys.stderr),
        refresh_per_second=4,
        transient=True,
    )


def _loss(value: float | None) -> str:
    return "  n/a" if value is None else f"{value:5.3f}"
