"""One plot that fills its widget; it is drawn on the thread of the interface only, as plotext requires."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import zip_longest

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.geometry import Region
from textual.strip import Strip

from lininterp_cli.tui.strips import NULL, strips_of
from lininterp_cli.tui.widgets.lines import Lines
from lininterp_cli.view.plots.panel import Row

Cell = tuple[str, Style | None]
"""A character and its style."""
Draw = Callable[[int, int], Text | list[Row]]
"""Draws a plot, given its columns and rows."""


class CurveView(Lines):
    """A plot."""

    _draw: Draw | None = None

    def plot(self, draw: Draw | None) -> None:
        """Show another plot.

        Args:
            draw: Called now, and again whenever the size changes; None for nothing.
        """
        self._draw = draw
        width, height = self.size
        if draw is None or width < 1 or height < 1:
            self.show([])
            return
        drawn = draw(width, height)
        strips = strips_of(drawn, width, self.app.console) if isinstance(drawn, Text) else _strips(drawn, width)
        self.show(strips[:height])

    def show(self, strips: list[Strip]) -> None:
        """Replace the lines; of each, only the span from the first to the last changed cell is redrawn.

        Args:
            strips: Lines as wide as the widget; those below its lower edge are not seen.
        """
        old, self._strips = self._strips, strips
        width, height = self.size
        blank = Strip.blank(width, NULL)
        pairs = zip_longest(old[:height], strips[:height], fillvalue=blank)
        changed = ((row, _changed(*pair)) for row, pair in enumerate(pairs) if pair[0] != pair[1])
        regions = [Region(first, row, last - first, 1) for row, (first, last) in changed if last > first]
        if regions:
            self.refresh(*regions)

    def on_resize(self) -> None:
        """Draw the plot anew in its new size."""
        self.plot(self._draw)


def _strips(rows: Sequence[Row], width: int) -> list[Strip]:
    return [
        Strip([Segment(word, _style(style)) for word, style in row if word]).adjust_cell_length(width, NULL)
        for row in rows
    ]


@lru_cache(maxsize=256)
def _style(words: str) -> Style:
    return Style.parse(words) if words else NULL


def _changed(old: Strip, new: Strip) -> tuple[int, int]:
    """The first column in which two lines differ, and the one after the last; (0, 0) if they are the same."""
    before, after = _cells(old), _cells(new)
    if len(before) != len(after) or old.cell_length != len(before) or new.cell_length != len(after):
        # Wide characters: columns cannot be counted by characters.
        return 0, max(old.cell_length, new.cell_length)
    num_same = _num_alike(before, after)
    return (num_same, len(before) - _num_alike(before[::-1], after[::-1])) if num_same < len(before) else (0, 0)


def _num_alike(before: list[Cell], after: list[Cell]) -> int:
    """The number of cells that are the same before the first different one."""
    pairs = enumerate(zip(before, after, strict=True))
    return next((place for place, (one, other) in pairs if one != other), len(before))


def _cells(strip: Strip) -> list[Cell]:
    return [(one, segment.style) for segment in strip for one in segment.text]
