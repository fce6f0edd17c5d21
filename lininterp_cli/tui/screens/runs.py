"""The list of runs with the run under the cursor beside it, where there is room."""

from functools import partial
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer

from lininterp_cli.tui.actions import ACTIONS
from lininterp_cli.tui.frame import advice, head
from lininterp_cli.tui.keys import bindings
from lininterp_cli.tui.model import SORTS, Entry, Snapshot, arrange
from lininterp_cli.tui.prompt import Prompt
from lininterp_cli.tui.reader import Detail
from lininterp_cli.tui.sheet import Sheet
from lininterp_cli.tui.widgets.lines import Lines
from lininterp_cli.tui.widgets.run_table import RunTable
from lininterp_cli.tui.widgets.run_view import RunView

WIDE = 100
"""Columns from which the list and the run stand side by side."""

PREVIEW_SECONDS = 0.12
"""How long the cursor must rest before the run under it is read; a held key reads none."""


class RunsScreen(Sheet):
    """The first screen."""

    NAME = "runs"
    BINDINGS: ClassVar[list[BindingType]] = bindings("runs", ACTIONS)

    def __init__(self) -> None:
        super().__init__()
        self._sort = "newest"
        self._wanted = ""
        self._rest: Timer | None = None

    def body(self) -> ComposeResult:
        """The list, the run, and the line that stands for it where there is no room.

        Yields:
            The widgets.
        """
        with Horizontal(id="body"):
            yield RunTable(ascii=self.look.ascii, id="runs")
            yield Lines(id="empty")
            yield RunView(self.explorer.page)
        yield Lines(id="preview")

    def on_mount(self) -> None:
        """Keys go to the list."""
        super().on_mount()
        self.table.focus()

    @property
    def table(self) -> RunTable:
        """The list."""
        return self.query_one(RunTable)

    def heading(self, width: int) -> Text:
        """Where the runs are, how many, in which order."""
        explorer = self.explorer
        return head(explorer.folder, explorer.snapshot, self._sort, self._wanted, width, ascii=self.look.ascii)

    def found(self) -> None:
        """List what a scan has found."""
        found = self.explorer.snapshot or Snapshot()
        self.table.show(arrange(found.entries, self._sort, self._wanted), self.explorer.clock())
        if self._is_empty != self.query_one("#empty").display:
            self.draw()
        self.draw_frame()

    def draw(self) -> None:
        """Choose what there is room for, and draw it."""
        is_wide, is_empty = self.size.width >= WIDE, self._is_empty
        self.table.display = not is_empty
        self.query_one("#empty").display = is_empty
        self.query_one(RunView).display = is_wide and not is_empty
        self.query_one("#preview").display = not is_wide
        self.table.set_class(is_wide, "-beside")
        self.draw_frame()
        if is_empty:
            folder, found = self.explorer.folder, self.explorer.snapshot
            self.write("#empty", lambda width: advice(folder, found, width, ascii=self.look.ascii))
        self.call_after_refresh(self._draw_run)

    @property
    def _is_empty(self) -> bool:
        snapshot = self.explorer.snapshot
        return snapshot is not None and snapshot.complete and not snapshot.entries

    def _draw_run(self) -> None:
        page, view = self.explorer.page, self.query_one(RunView)
        if view.display:
            view.draw()
        else:
            self.write("#preview", lambda width: [page.subheading(width)])

    # The run under the cursor ----------------------------------------------------------------------------------

    def on_run_table_moved(self, message: RunTable.Moved) -> None:
        """Read the run under the cursor as soon as the cursor rests."""
        if self._rest is not None:
            self._rest.stop()
        entry, page = message.entry, self.explorer.page
        if entry is None:
            page.look_at(None)
            self._draw_run()
        elif page.entry is None or page.entry.key == entry.key:
            self._read(entry)
        else:
            self._rest = self.set_timer(PREVIEW_SECONDS, partial(self._read, entry))

    def _read(self, entry: Entry) -> None:
        self.explorer.page.look_at(entry)
        self.fetch([entry])

    def fetched(self, details: tuple[Detail, ...]) -> None:
        """Show the run that was read."""
        self.explorer.page.turn_to(details[0])
        self._draw_run()

    def on_run_table_opened(self, message: RunTable.Opened) -> None:
        """Show the run alone."""
        self.action_go("curve")

    # What keys do ----------------------------------------------------------------------------------------------

    def action_go(self, screen: str) -> None:
        """Another screen, about the run under the cursor."""
        if self.table.entry is not None:
            self.explorer.page.look_at(self.table.entry)
            super().action_go(screen)

    def action_step(self, rows: int) -> None:
        """Next run, or previous."""
        self.table.move(rows)

    def action_leaf(self, pages: int) -> None:
        """A page of runs down, or up."""
        self.table.move(pages * self.table.page)

    def action_jump(self, direction: int) -> None:
        """Last run, or first."""
        self.table.move(direction * 10**9)

    def action_turn(self, change: str, *arguments: int) -> None:
        """Look at the run in another way: a method of the page, by its name."""
        getattr(self.explorer.page, change)(*arguments)
        self._draw_run()

    def action_back(self) -> None:
        """Out of the filter."""
        self._filter("")

    def action_search(self) -> None:
        """Write a filter."""
        self.ask(Prompt("/", self._wanted, "Enter keep  Esc clear", changed=self._filter))

    def _filter(self, wanted: str) -> None:
        if wanted != self._wanted:
            self._wanted = wanted
            self.found()

    def action_sort(self) -> None:
        """Another order."""
        names = list(SORTS)
        self._sort = names[(names.index(self._sort) + 1) % len(names)]
        self.found()
