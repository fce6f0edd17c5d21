"""The list of runs, drawn a row at a time: twenty thousand of them cost no more than those that are seen."""

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

from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.strips import NULL, strip_of
from lininterp_cli.view import palette
from lininterp_cli.view.summary import Summary, glyph, worst_words
from lininterp_cli.view.text import crop, duration, fraction, printable

ALARMING = 0.1
"""Nats of barrier from which a `▲` stands beside it."""

_STATE_COLORS = {"running": "#56B4E9", "failed": palette.HIGH, "diverged": palette.HIGH, "damaged": palette.HIGH}
_DIM = Style(dim=True)
_CURSOR = Style(bold=True, reverse=True)


class RunTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of runs under a head, with a cursor."""

    # A `reactive` would repaint the whole list for every key: 11,000 bytes instead of 500.
    cursor: var[int] = var(0)

    @dataclass
    class Moved(Message):
        """The cursor is on another run, or its run has changed."""

        entry: Entry | None
        """The run under the cursor."""

    @dataclass
    class Opened(Message):
        """A run was clicked on while it was under the cursor."""

    def __init__(self, *, ascii: bool, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ascii = ascii
        self._entries: list[Entry] = []
        self._now = 0.0
        self._seen: list[Strip] = []
        self._placed = False

    @property
    def entry(self) -> Entry | None:
        """The run under the cursor."""
        return self._entries[self.cursor] if 0 <= self.cursor < len(self._entries) else None

    def show(self, entries: list[Entry], now: float) -> None:
        """List other runs, or the same with other numbers; the cursor stays on its run.

        Args:
            entries: The runs in order.
            now: Seconds since 1970, for the ages.
        """
        before = self.entry
        self._entries, self._now = entries, now
        keys = [entry.key for entry in entries]
        # Until somebody has moved it, the cursor stays at the top, whatever a scan finds next.
        here = keys.index(before.key) if before and self._placed and before.key in keys else min(self.cursor, len(keys))
        self.virtual_size = Size(self.size.width, len(entries) + 1)
        self.set_reactive(RunTable.cursor, max(0, min(here, len(entries) - 1)))
        self._follow_cursor()
        self._redraw()
        if self.entry != before:
            self.post_message(self.Moved(self.entry))

    def move(self, rows: int) -> None:
        """Move the cursor.

        Args:
            rows: How far down; negative is up. It stops at the first and the last run.
        """
        self._placed = True
        self.cursor = max(0, min(self.cursor + rows, len(self._entries) - 1))

    @property
    def page(self) -> int:
        """Runs on one screen, less one."""
        return max(1, self.size.height - 2)

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw the two rows that the cursor left and reached, and tell."""
        if not self.is_mounted or old == new:
            return
        self._follow_cursor()
        self._redraw()
        self.post_message(self.Moved(self.entry))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click opens."""
        row = event.y - 1 + round(self.scroll_offset.y)
        if event.y < 1 or not 0 <= row < len(self._entries):
            return
        if row == self.cursor:
            self.post_message(self.Opened())
        self.move(row - self.cursor)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._follow_cursor()
        self._redraw()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scroll without the animation that ScrollView would draw."""
        super().watch_scroll_y(old_value, new_value)
        self._redraw()

    def render_line(self, y: int) -> Strip:
        """One line of the widget.

        Args:
            y: Row; the head is row 0.

        Returns:
            Exactly as many columns as the widget has.
        """
        width = self.size.width
        columns = _columns(width)
        if y == 0:
            return strip_of(_row(columns, [name for name, _, _ in columns], " ", width), width, self._console, _DIM)
        index = y - 1 + round(self.scroll_offset.y)
        if index >= len(self._entries):
            return Strip.blank(width, NULL)
        run = self._entries[index].summary
        here = index == self.cursor
        pointer = (">" if self._ascii else "▌") if here else " "
        text = _row(columns, [self._cell(run, name, room) for name, room, _ in columns], pointer, width)
        if here:
            return strip_of(text, width, self._console, _CURSOR)
        if color := _STATE_COLORS.get(run.state):
            text.stylize(color, 1, 2)
        return strip_of(text, width, self._console)

    def _cell(self, run: Summary, column: str, room: int) -> str:
        if column == "":
            return glyph(run.state, ascii=self._ascii)
        if column == "run":
            return crop(printable(run.title), room, ascii=self._ascii)
        if column == "accuracy":
            return _progress(run) if run.accuracy is None else fraction(run.accuracy)
        if column == "barrier":
            high = run.worst is not None and run.worst.height >= ALARMING
            sign = ("^" if self._ascii else "▲") if high else " "
            return "" if run.worst is None else f"{worst_words(run.worst)} {sign}"
        if column == "age":
            age = run.age(self._now)
            return "" if age is None else "now" if age < 60 else duration(age)
        return crop(printable(getattr(run, column)), room, ascii=self._ascii)

    def _follow_cursor(self) -> None:
        if self.size.height > 1:
            top, rows = round(self.scroll_offset.y), self.size.height - 1
            wanted = min(max(top, self.cursor - rows + 1), self.cursor, max(0, len(self._entries) - rows))
            if wanted != top:
                self.scroll_to(y=wanted, animate=False, immediate=True, force=True)

    def _redraw(self) -> None:
        """Repaint the lines that are not as they were."""
        seen = [self.render_line(y) for y in range(self.size.height)]
        old, self._seen = self._seen, seen
        rows = [y for y, strip in enumerate(seen) if y >= len(old) or strip != old[y]]
        if rows:
            self.refresh(*[Region(0, y, self.size.width, 1) for y in rows])

    @property
    def _console(self) -> Console:
        return self.app.console


Column = tuple[str, int, bool]
"""Head, columns, and whether it stands at the right."""


def _columns(width: int) -> list[Column]:
    """What there is room for; the name of the run takes what is left."""
    columns: list[Column] = [("", 1, False), ("run", 0, False)]
    if width >= 66:
        columns += [("model", 10, False), ("data", 8, False)]
    if width >= 90:
        columns += [("optimizer", 10, False)]
    columns += [("accuracy", 8, True), ("barrier", 9, True)]
    if width >= 46:
        columns += [("age", 4, True)]
    used = sum(room for _, room, _ in columns) + len(columns) + 1
    columns[1] = ("run", max(6, width - used), False)
    return columns


def _row(columns: list[Column], cells: list[str], pointer: str, width: int) -> Text:
    words = [
        cell.rjust(room) if right else cell + " " * (room - Text(cell).cell_len)
        for cell, (_, room, right) in zip(cells, columns, strict=True)
    ]
    return Text((pointer + " ".join(words))[: width * 2], no_wrap=True)


def _progress(run: Summary) -> str:
    return f"{run.epoch}/{run.epochs}" if run.state in {"running", "interrupted"} and run.epochs else ""
