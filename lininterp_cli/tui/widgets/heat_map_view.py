"""A heat map that fills its widget; of a changed line only the span of changed columns is redrawn."""

from collections.abc import Callable
from itertools import zip_longest

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.geometry import Region
from textual.strip import Strip

from lininterp_cli.tui.strips import strip_of
from lininterp_cli.tui.widgets.lines import Lines

Make = Callable[[int, int], list[Text]]
"""Returns lines, given their columns and rows."""


class HeatMapView(Lines):
    """A map with the lines around it."""

    _map: Make | None = None

    def draw(self, make: Make) -> None:
        """Show another map.

        Args:
            make: Called now, and again whenever the size changes.
        """
        self._map = make
        width, height = self.size
        if width and height:
            self.show([strip_of(text, width, self.app.console) for text in make(width, height)])

    def on_resize(self) -> None:
        """Draw the map anew in its new size."""
        if self._map is not None:
            self.draw(self._map)

    def show(self, strips: list[Strip]) -> None:
        """Replace the lines.

        Args:
            strips: Lines as wide as the widget; those below its lower edge are not seen.
        """
        old, self._strips = self._strips, strips
        width, height = self.size
        blank = Strip.blank(width, Style.null())
        pairs = list(zip_longest(old[:height], strips[:height], fillvalue=blank))
        spans = [(row, *span) for row, pair in enumerate(pairs) if (span := changed(*pair)) is not None]
        if spans:
            # A map has a colour for nearly every cell, so a whole line sends fifty times as many bytes as its label.
            self.refresh(*[Region(start, row, stop - start, 1) for row, start, stop in spans])


def changed(old: Strip, new: Strip) -> tuple[int, int] | None:
    """The span of columns in which two lines differ.

    Args:
        old: One line.
        new: Another one.

    Returns:
        The first column that differs and the one after the last; None if the lines are the same.
    """
    if old == new:
        return None
    pairs = list(zip_longest(_columns(old), _columns(new)))
    places = [column for column, (before, after) in enumerate(pairs) if before != after]
    return (places[0], places[-1] + 1) if places else None


def _columns(strip: Strip) -> list[tuple[str, Style | None]]:
    """The character and the style in each column; a wide character is in both of its columns."""
    columns: list[tuple[str, Style | None]] = []
    for text, style, _ in strip:
        for character in text:
            columns += [(character, style)] * Segment(character).cell_length
    return columns
