"""Progress on standard error: bars on an interactive terminal, plain lines elsewhere, nothing if quiet."""

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
from rich.table import Column

from lininterp_cli.cli.output import console, say
from lininterp_cli.landscape.curves.agreement import imprecise
from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.runs.run import Run
from lininterp_cli.view.curves.walk import WalkPace
from lininterp_cli.view.terminal import detect

if TYPE_CHECKING:
    from lininterp_cli.landscape.crew import Progress
    from lininterp_cli.landscape.question import Question

_SECONDS_BETWEEN_LINES = 10.0


class TrainingProgress:
    """Shows the progress of a training.

    Args:
        num_epochs: Epochs of the whole run.
        quiet: Print nothing.
    """

    def __init__(self, num_epochs: int, quiet: bool) -> None:
        self._was_started = False
        self._num_epochs, self._quiet = num_epochs, quiet
        self._bar = _bar(MofNCompleteColumn()) if not quiet and detect(sys.stderr).interactive else None
        self._task: Any = None

    def started(self, run: Run, epoch: int) -> None:
        """Show that training begins, or resumes after the given epoch."""
        self._was_started = True
        verb = f"going on after epoch {epoch} with" if epoch else "training"
        say(f"{verb} {run.id} on {run.record.environment['device']}", self._quiet)
        if self._bar is not None and self._num_epochs:
            self._task = self._bar.add_task("epoch", total=self._num_epochs, completed=epoch, words="")
            self._bar.start()

    def stepped(self, epoch: int, done: int, total: int) -> None:
        """Show that `done` of the `total` steps of an epoch are done."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=epoch - 1 + done / total, description=f"epoch {epoch}")

    def measured(self, row: dict[str, Any]) -> None:
        """Show the metrics of an epoch, from its line of `metrics.jsonl`."""
        if "test_loss" in row:
            words = (
                f"train {_loss(row['train_loss'])} {row['train_accuracy']:6.1%}  "
                f"test {_loss(row['test_loss'])} {row['test_accuracy']:6.1%}"
            )
        else:
            words = f"batches {_loss(row['batch_loss'])}"
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, words=words)
        else:
            say(f"epoch {row['epoch']:4d}/{self._num_epochs}  {words}", self._quiet)

    def told(self, words: str) -> None:
        """Print a remark about the run."""
        say(words, self._quiet)

    def ended(self, run: Run) -> None:
        """Report a run that was there already, and so was not trained."""
        if not self._was_started:
            say(f"{run.id} is {run.record.status} already; --force trains it anew", self._quiet)

    def close(self) -> None:
        """Remove the bar after the training, successful or not."""
        if self._bar is not None:
            self._bar.stop()


class WalkProgress:
    """Shows the progress of a walk, the measurement of a curve.

    Args:
        quiet: Print nothing.
        question: The settings of the curve.
    """

    def __init__(self, quiet: bool, question: "Question") -> None:
        self._quiet, self._question = quiet, question
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
        """Show the progress after a forward pass."""
        seconds = time.monotonic() - self._began
        # The number of examples that the requested precision takes is not known.
        is_open = self._question.precision is not None
        pace = WalkPace(
            chunk=progress.chunk,
            num_chunks=None if is_open else progress.num_chunks,
            speed=progress.rows / max(seconds, 1e-3),
            seconds_left=None if is_open else seconds * (progress.num_rows / progress.rows - 1),
        )
        if self._bar is not None and self._task is not None:
            total = None if is_open else progress.num_rows
            words = f"{pace.rate}  {self._barrier or progress.moving}"
            self._bar.update(self._task, description=pace.chunks, total=total, completed=progress.rows, words=words)
        elif time.monotonic() - self._said > _SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            words = f"; {self._barrier}" if self._barrier else ""
            say(f"{pace.words}{words}", self._quiet)

    def grew(self, curve: Curve) -> None:
        """Note the barrier to show from a curve whose file has grown."""
        split, metric = curve.splits[-1], self._question.metric
        definition = self._question.barrier or curve.default_definition
        wide = imprecise(curve, split)
        worst = curve.worst(split, definition, metric)
        if wide:
            block, half = next(iter(wide.items()))
            self._barrier = f"{block} {definition} ±{half:.2g}, asked ±{self._question.precision:g}"
        elif worst is not None:
            series, barrier = worst
            interval = series.interval(split, definition, metric)
            bounds = f" [{interval.low:.2f}, {interval.high:.2f}]" if interval is not None else ""
            self._barrier = f"{series.label} {definition} {barrier.height:.2f}{bounds}"

    def told(self, words: str) -> None:
        """Print a message for the user."""
        say(words, self._quiet)


def _bar(done: ProgressColumn) -> Bars:
    return Bars(
        TextColumn("{task.description}"),
        BarColumn(bar_width=12),
        done,
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[words]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
        console=console(sys.stderr),
        refresh_per_second=4,
        transient=True,
    )


def _loss(value: float | None) -> str:
    return "  n/a" if value is None else f"{value:5.3f}"
