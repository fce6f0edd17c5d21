"""Watchers of a walk, that is of the measurement of a line: they receive its progress and its previews."""

from typing import Protocol

from lininterp_cli.landscape.crew import Progress
from lininterp_cli.landscape.curves.curve import Curve


class Watcher(Protocol):
    """Receives the progress of a walk, that is of the measurement of a line."""

    def passed(self, progress: Progress) -> None:
        """Called after each pass."""

    def grew(self, curve: Curve) -> None:
        """Called after each preview is written to the curve's file."""

    def told(self, words: str) -> None:
        """Called with a message for the user."""


class Unwatched:
    """A watcher that does nothing."""

    def passed(self, progress: Progress) -> None:
        """Ignore a pass."""

    def grew(self, curve: Curve) -> None:
        """Ignore a preview."""

    def told(self, words: str) -> None:
        """Ignore a message."""
