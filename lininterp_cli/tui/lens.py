"""The visible part of an axis and a cursor on it; plain numbers, no widget."""

from collections.abc import Sequence
from dataclasses import dataclass

MAX_ZOOM = 64
"""Largest ratio of the whole axis to the visible part."""


@dataclass(slots=True)
class Lens:
    """A cursor and a window on an axis of measured positions."""

    cursor: float | None = None
    """Position of the cursor; None until it is moved."""
    window: tuple[float, float] | None = None
    """The visible part; None for the whole axis."""

    def move(self, positions: Sequence[float], steps: int, start: float) -> None:
        """Move the cursor through measured positions; the window follows a cursor that would leave it.

        Args:
            positions: The measured positions, ascending, at least one.
            steps: Number of positions to move by; positive is to the right.
            start: Position of a cursor that was not moved before.
        """
        here = start if self.cursor is None else self.cursor
        at = min(range(len(positions)), key=lambda index: abs(positions[index] - here))
        self.cursor = positions[max(0, min(at + steps, len(positions) - 1))]
        if self.window is not None and not self.window[0] <= self.cursor <= self.window[1]:
            self.window = _around(self.cursor, self.window[1] - self.window[0], positions[0], positions[-1])

    def zoom(self, positions: Sequence[float], direction: int, start: float) -> None:
        """Halve or double the window around the cursor.

        Args:
            positions: The measured positions, ascending, at least one.
            direction: 1 to halve it, -1 to double it.
            start: Position of a cursor that was not moved before.
        """
        low, high = positions[0], positions[-1]
        wide = high - low if self.window is None else self.window[1] - self.window[0]
        wide = wide / 2 if direction > 0 else wide * 2
        if wide >= (high - low) * (1 - 1e-9):
            self.window = None
        elif wide >= (high - low) / MAX_ZOOM * (1 - 1e-9):
            self.window = _around(start if self.cursor is None else self.cursor, wide, low, high)

    def clear(self) -> None:
        """Remove the cursor and show the whole axis."""
        self.cursor, self.window = None, None


def _around(middle: float, wide: float, low: float, high: float) -> tuple[float, float]:
    first = min(max(low, middle - wide / 2), high - wide)
    return first, first + wide
