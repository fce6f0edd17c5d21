"""Progress on standard error: bars where a person watches, plain lines elsewhere, nothing where asked."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lininterp_cli.cli.output import console, say
from lininterp_cli.runs.store import Run
from lininterp_cli.view.terminal import detect

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
        self._bar = _bar() if not quiet and detect(sys.stderr).interactive else None
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


@contextmanager
def walking(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Tell how a walk goes.

    Args:
        quiet: Say nothing.

    Yields:
        What is to be called after each point of each chunk: what moves, passes that are done, passes in all.
    """
    if quiet or not detect(sys.stderr).interactive:
        yield _plain_lines(quiet)
        return
    with _bar() as bar:
        task = bar.add_task("walking", total=None, words="")

        def on_pass(moving: str, done: int, total: int) -> None:
            bar.update(task, total=total, completed=done, words=moving)

        yield on_pass


def _plain_lines(quiet: bool) -> Callable[[str, int, int], None]:
    last = time.monotonic()

    def on_pass(moving: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            say(f"{done}/{total} passes  {moving}", quiet)

    return on_pass


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[words]}", markup=False),
        console=console(sys.stderr),
        refresh_per_second=4,
        transient=True,
    )


def _loss(value: float | None) -> str:
    return "  n/a" if value is None else f"{value:5.3f}"
