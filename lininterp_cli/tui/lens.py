"""Which part of an axis is seen and where on it values are read off; plain numbers, no widget."""

from collections.abc import Sequence
from dataclasses import dataclass

MAX_ZOOM = 64
"""How many times smaller than the whole the part that is seen can be."""


@dataclass(slots=True)
class Lens:
    """A cursor and a window on an axis of measured positions."""

    cursor: float | None = None
    """Where values are read off; None until it is moved."""
    window: tuple[float, float] | None = None
    """The part that is seen; None for the whole."""

    def move(self, positions: Sequence[float], steps: int, start: float) -> None:
        """Move the cursor through measured positions; the window follows where it would leave it.

        Args:
            positions: Ascending, one at least.
            steps: How many, to the right where it is positive.
            start: Where the cursor is unless it was moved before.
        """
        here = start if self.cursor is None else self.cursor
        at = min(range(len(positions)), key=lambda index: abs(positions[index] - here))
        self.cursor = positions[max(0, min(at + steps, len(positions) - 1))]
        if self.window is not None and not self.window[0] <= self.cursor <= self.window[1]:
            self.window = _around(self.cursor, self.window[1] - self.window[0], positions[0], positions[-1])

    def zoom(self, positions: Sequence[float], direction: int, start: float) -> None:
        """See half as much around the cursor, or twice as much.

        Args:
            positions: Ascending, one at least.
            direction: 1 for less and -1 for more.
            start: Where the cursor is unless it was moved before.
        """
        low, high = positions[0], positions[-1]
        wide = high - low if self.window is None else self.window[1] - self.window[0]
        wide = wide / 2 if direction > 0 else wide * 2
        if wide >= (high - low) * (1 - 1e-9):
            self.window = None
        elif wide >= (high - low) / MAX_ZOOM * (1 - 1e-9):
            self.window = _around(start if self.cursor is None else self.cursor, wide, low, high)

    def clear(self) -> None:
        """No cursor, and the whole axis."""
        self.cursor, self.window = None, None


def _around(middle: float, wide: float, low: float, high: float) -> tuple[float, float]:
    first = min(max(low, middle - wide / 2), high - wide)
    return first, first + wide
