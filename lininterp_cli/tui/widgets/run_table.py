"""The list of runs; only rows in sight are drawn, so that twenty thousand runs take no longer than one page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lininterp_cli.tui.listing.shelf import Row
from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.strips import NULL, strip_of
from lininterp_cli.view import palette
from lininterp_cli.view.runs.group_row import group_cells, group_columns
from lininterp_cli.view.runs.groups import Group
from lininterp_cli.view.runs.row import Column, Scene, cells, columns, titles, unseen

_STATE_COLORS = {"running": "#56B4E9", "failed": palette.HIGH, "diverged": palette.HIGH, "damaged": palette.HIGH}
_DIM = Style(dim=True)
_CURSOR = Style(bold=True, reverse=True)
_SIGNS = 2
"""Columns at the left for the cursor and the mark."""


class RunTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of runs, or of groups of them, under a header, with a cursor."""

    # A `reactive` would repaint the whole list for every key: 11,000 bytes instead of 500.
    cursor: var[int] = var(0)

    @dataclass
    class Moved(Message):
        """The cursor is on another run, or its run has changed."""

        entry: Entry | None
        """The run under the cursor."""

    @dataclass
    class Opened(Message):
        """A row was clicked on while it was under the cursor."""

    def __init__(self, *, marks: Collection[str], ascii: bool, id: str | None = None) -> None:
        super().__init__(id=id)
        self._marks = marks
        self._rows: Sequence[Row] = []
        self._scene = Scene(now=0.0, ascii=ascii)
        self._sort = "newest"
        self._seen: list[Strip] = []
        self._placed = False
        self._called: tuple[tuple[list[str], list[Column]] | None, list[str]] = (None, [])

    @property
    def row(self) -> Row | None:
        """The run or group under the cursor; None if the list is empty."""
        return self._rows[self.cursor] if 0 <= self.cursor < len(self._rows) else None

    @property
    def entry(self) -> Entry | None:
        """The run under the cursor; None if it is a group, or the list is empty."""
        row = self.row
        return row if isinstance(row, Entry) else None

    @property
    def unseen(self) -> str:
        """Words about the run under the cursor for which there are no columns."""
        entry = self.entry
        return unseen(entry.summary, self._columns, self._scene) if entry is not None else ""

    def show(self, rows: Sequence[Row], scene: Scene, sort: str) -> None:
        """Replace the rows, or update them; the cursor stays on its row.

        Args:
            rows: The rows in order.
            scene: The values that all rows have in common.
            sort: The field that they are ordered by.
        """
        before, old = self.row, self._rows
        self._rows, self._scene, self._sort = rows, scene, sort
        # Until the user has moved it, the cursor stays at the top, whichever runs a scan finds next.
        here = self.cursor
        if before is not None and self._placed and rows is not old:
            here = next((place for place, row in enumerate(rows) if _key(row) == _key(before)), self.cursor)
        self.virtual_size = Size(self.size.width, len(rows) + 1)
        self.set_reactive(RunTable.cursor, max(0, min(here, len(rows) - 1)))
        self._follow_cursor()
        self.redraw()
        if self.row != before:
            self.post_message(self.Moved(self.entry))

    def move(self, rows: int) -> None:
        """Move the cursor.

        Args:
            rows: Number of rows down; negative is up. It stops at the first and the last row.
        """
        self._placed = True
        self.cursor = max(0, min(self.cursor + rows, len(self._rows) - 1))

    def seek(self, row: Row) -> None:
        """Move the cursor to a row, if the list has it."""
        place = next((place for place, one in enumerate(self._rows) if _key(one) == _key(row)), self.cursor)
        self.move(place - self.cursor)

    @property
    def page(self) -> int:
        """Number of rows on one screen, minus one."""
        return max(1, self.size.height - 2)

    def watch_cursor(self, old: int, new: int) -> None:
        """Redraw the rows that the cursor left and reached, and post `Moved`."""
        if not self.is_mounted or old == new:
            return
        self._follow_cursor()
        self.redraw()
        self.post_message(self.Moved(self.entry))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked row; a click on the row under the cursor opens it."""
        row = event.y - 1 + round(self.scroll_offset.y)
        if event.y < 1 or not 0 <= row < len(self._rows):
            return
        if row == self.cursor:
            self.post_message(self.Opened())
        self.move(row - self.cursor)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._follow_cursor()
        self.redraw()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scroll without the animation that ScrollView would draw."""
        super().watch_scroll_y(old_value, new_value)
        self.redraw()

    def render_line(self, y: int) -> Strip:
        """One line of the widget, as it was drawn last.

        Args:
            y: Row; the header is row 0.

        Returns:
            Exactly as many columns as the widget has.
        """
        width = self.size.width
        strip = self._seen[y] if y < len(self._seen) else Strip.blank(width, NULL)
        return strip.adjust_cell_length(width, NULL)

    def _line(self, y: int, shown: list[Column], called: Sequence[str]) -> Strip:
        width = self.size.width
        if y == 0:
            heads = " ".join(f"{one.head:>{one.room}}" if one.right else f"{one.head:<{one.room}}" for one in shown)
            return strip_of(Text(" " * _SIGNS + heads, no_wrap=True), width, self._console, _DIM)
        index = y - 1 + round(self.scroll_offset.y)
        if index >= len(self._rows):
            return Strip.blank(width, NULL)
        row, here = self._rows[index], index == self.cursor
        scene = self._scene
        if isinstance(row, Group):
            words = group_cells(row, shown, scene)
        else:
            words = cells(row.summary, shown, scene, called[y - 1])
        is_marked = self._is_marked(row)
        pointer = (">" if self._scene.ascii else "▌") if here else " "
        text = Text(f"{pointer}{'*' if is_marked else ' '}{' '.join(words)}", no_wrap=True)
        if here:
            return strip_of(text, width, self._console, _CURSOR)
        if isinstance(row, Entry) and (color := _STATE_COLORS.get(row.summary.state)):
            text.stylize(color, _SIGNS, _SIGNS + 1)
        return strip_of(text, width, self._console, Style(bold=True) if is_marked else NULL)

    def redraw(self) -> None:
        """Redraw the lines that have changed."""
        shown = self._columns
        called = self._titles(shown)
        seen = [self._line(y, shown, called) for y in range(self.size.height)]
        old, self._seen = self._seen, seen
        rows = [y for y, strip in enumerate(seen) if y >= len(old) or strip != old[y]]
        if rows:
            self.refresh(*[Region(0, y, self.size.width, 1) for y in rows])

    def _titles(self, shown: list[Column]) -> list[str]:
        """The titles of the runs in sight, as their rows show them."""
        top = round(self.scroll_offset.y)
        runs = [row.summary for row in self._rows[top : top + self.size.height] if isinstance(row, Entry)]
        if not runs:
            return []
        # After most keys the same rows are in sight.
        asked = ([run.title for run in runs], shown)
        if self._called[0] != asked:
            self._called = (asked, titles(runs, shown, self._scene))
        return self._called[1]

    @property
    def _columns(self) -> list[Column]:
        room = self.size.width - _SIGNS
        if self._rows and isinstance(self._rows[0], Group):
            return group_columns(room)
        return columns(room, self._sort, self._scene)

    def _is_marked(self, row: Row) -> bool:
        if isinstance(row, Group):
            return bool(self._marks) and all(entry.key in self._marks for entry in row.members)
        return row.key in self._marks

    def _follow_cursor(self) -> None:
        if self.size.height > 1:
            top, rows = round(self.scroll_offset.y), self.size.height - 1
            is_seen = top <= self.cursor < top + rows
            # Scroll by half a page: to scroll by one row would repaint the whole list at every key.
            wanted = max(0, min(top if is_seen else self.cursor - rows // 2, len(self._rows) - rows))
            if wanted != top:
                self.scroll_to(y=wanted, animate=False, immediate=True, force=True)

    @property
    def _console(self) -> Console:
        return self.app.console


def _key(row: Row) -> str:
    return row.key if isinstance(row, Entry) else f"group {row.query}"
