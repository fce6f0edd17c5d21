"""One plot that fills its widget; it draws on the thread of the interface only, as plotext wants."""

from collections.abc import Callable

from rich.text import Text

from lininterp_cli.tui.strips import strips_of
from lininterp_cli.tui.widgets.lines import Lines

Draw = Callable[[int, int], Text]
"""Makes a plot of so many columns and rows."""


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
        else:
            self.show(strips_of(draw(width, height), width, self.app.console)[:height])

    def on_resize(self) -> None:
        """Draw the plot anew in its new size."""
        self.plot(self._draw)
