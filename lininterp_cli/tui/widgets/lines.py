"""A widget of strips that redraws only those that have changed, as over SSH every line sends bytes."""

from collections.abc import Callable

from rich.text import Text
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from lininterp_cli.tui.strips import NULL, strip_of


class Lines(Widget):
    """Lines of text, the upper ones first."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._strips: list[Strip] = []
        self._make: Callable[[int], list[Text]] | None = None

    def write(self, make: Callable[[int], list[Text]]) -> None:
        """Replace the lines of text.

        Args:
            make: Returns the lines for a number of columns; called now, and again whenever the size changes.
        """
        self._make = make
        if width := self.size.width:
            self.show([strip_of(text, width, self.app.console) for text in make(width)])

    def on_resize(self) -> None:
        """Make the lines anew in their new width."""
        if self._make is not None:
            self.write(self._make)

    def show(self, strips: list[Strip]) -> None:
        """Replace the lines.

        Args:
            strips: Lines as wide as the widget; those below its lower edge are not seen.
        """
        old, self._strips = self._strips, strips
        width, height = self.size
        rows = [row for row in range(height) if _at(old, row) != _at(strips, row)]
        if rows:
            self.refresh(*[Region(0, row, width, 1) for row in rows])

    def render_line(self, y: int) -> Strip:
        """One line, as Textual asks for it.

        Args:
            y: Row.

        Returns:
            Its strip; blank below the last one.
        """
        strip = _at(self._strips, y)
        return Strip.blank(self.size.width, NULL) if strip is None else strip.adjust_cell_length(self.size.width, NULL)

    @property
    def plain(self) -> str:
        """The text of the lines, without styles."""
        return "\n".join(strip.text.rstrip() for strip in self._strips)


def _at(strips: list[Strip], row: int) -> Strip | None:
    return strips[row] if row < len(strips) else None
