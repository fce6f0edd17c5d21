"""The table of a curve's barriers, scrolled so that the highlighted block is in sight."""

from collections.abc import Callable

from rich.style import Style
from rich.table import Table
from rich.text import Text

from lininterp_cli.tui.strips import rendered, strip_of
from lininterp_cli.tui.widgets.lines import Lines

Tabulate = Callable[[int], Table]
"""Returns a table, given its columns."""

_DIM = Style(dim=True)


class BarrierView(Lines):
    """A table whose header stays."""

    _tabulate: Tabulate | None = None
    _row = 0

    def tabulate(self, tabulate: Tabulate | None, row: int = 0) -> None:
        """Show another table.

        Args:
            tabulate: Called now, and again whenever the size changes; None for nothing.
            row: The row to keep in sight; 0 is the one below the header.
        """
        self._tabulate, self._row = tabulate, row
        width, height = self.size
        if tabulate is None or width < 1 or height < 2:
            self.show([])
            return
        head, *rows = rendered(tabulate(width), width, self.app.console)
        room = height - 1
        if len(rows) > room:
            # The last line shows how many rows are not seen.
            room = max(1, room - 1)
            first = min(max(0, row - room // 2), len(rows) - room)
            note = Text(f"   {len(rows) - room} more: b B")
            rows = [*rows[first : first + room], strip_of(note, width, self.app.console, _DIM)]
        self.show([head, *rows])

    def on_resize(self) -> None:
        """Make the table anew in its new size."""
        self.tabulate(self._tabulate, self._row)
