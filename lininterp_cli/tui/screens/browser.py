"""The list of runs with the chosen run beside it; it turns keys into changes of the page and draws the page."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Key, Paste, Resize
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import get_current_worker

from lininterp_cli.tui.frame import advice, head
from lininterp_cli.tui.keys import bindings, foot
from lininterp_cli.tui.messages import Found, Read
from lininterp_cli.tui.model import SORTS, Catalog, Entry, Snapshot, arrange
from lininterp_cli.tui.page import Page
from lininterp_cli.tui.screens.help import HelpScreen
from lininterp_cli.tui.search import Search
from lininterp_cli.tui.widgets.barrier_view import BarrierView
from lininterp_cli.tui.widgets.curve_view import CurveView
from lininterp_cli.tui.widgets.lines import Lines
from lininterp_cli.tui.widgets.run_table import RunTable

WIDE = 100
"""Columns from which the list and the run stand side by side."""

POLL_SECONDS = 2.0
"""How often the folder is looked at."""

PREVIEW_SECONDS = 0.12
"""How long the cursor must rest before the run under it is read; a held key reads none."""


class Browser(Screen[None]):
    """The first screen."""

    BINDINGS: ClassVar[list[BindingType]] = bindings()

    def __init__(self, folder: Path, *, ascii: bool, color: bool, clock: Callable[[], float]) -> None:
        super().__init__()
        self._folder = folder
        self._ascii = ascii
        self._clock = clock
        self._page = Page(ascii=ascii, color=color)
        self._catalog = Catalog(folder)
        self._reader = Catalog(folder)
        self._snapshot: Snapshot | None = None
        self._sort = "newest"
        self._search = Search()
        self._alone = False
        self._rest: Timer | None = None

    def compose(self) -> ComposeResult:
        """The head, the list, the run and the foot.

        Yields:
            The widgets.
        """
        yield Lines(id="head")
        with Horizontal(id="body"):
            yield RunTable(ascii=self._ascii, id="runs")
            yield Lines(id="empty")
            with Vertical(id="run"):
                yield Lines(id="heading")
                yield CurveView(id="curve")
                yield BarrierView(id="barriers")
        yield Lines(id="preview")
        yield Lines(id="foot")

    def on_mount(self) -> None:
        """Show the frame; everything that takes time begins after it is on the screen."""
        self._lay_out()
        self.table.focus()
        self.call_after_refresh(self._start)

    def on_resize(self, event: Resize) -> None:
        """Choose between side by side and one at a time."""
        self._lay_out()

    @property
    def table(self) -> RunTable:
        """The list."""
        return self.query_one(RunTable)

    @property
    def mode(self) -> str:
        """`list`, `both` or `detail`: what is on the screen."""
        return "detail" if self._alone else "both" if self.size.width >= WIDE else "list"

    # What is found and read ------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._import_plotext()
        self._scan()
        self.set_interval(POLL_SECONDS, self._scan)

    @work(thread=True, group="import", exit_on_error=False)
    def _import_plotext(self) -> None:
        # Only imported here, so that the first plot need not wait; plotext draws on one thread only.
        from lininterp_cli.view.canvas import has_plotext  # noqa: PLC0415 (after the first frame)

        has_plotext()

    def _scan(self) -> None:
        if not any(worker.group == "scan" and worker.is_running for worker in self.workers):
            self._scan_in_thread()

    @work(thread=True, group="scan")
    def _scan_in_thread(self) -> None:
        worker = get_current_worker()
        for snapshot in self._catalog.scan(lambda: worker.is_cancelled):
            self.post_message(Found(snapshot))

    @work(thread=True, group="read", exclusive=True)
    def _read_in_thread(self, entry: Entry) -> None:
        worker = get_current_worker()
        detail = self._reader.detail(entry)
        if not worker.is_cancelled:
            self.post_message(Read(detail))

    def on_found(self, message: Found) -> None:
        """List what a scan has found."""
        self._snapshot = message.snapshot
        self._list()

    def on_read(self, message: Read) -> None:
        """Show the run that was read, unless the cursor has left it."""
        entry = self.table.entry
        if entry is not None and entry.key == message.detail.entry.key:
            self._page.turn_to(message.detail)
            self._draw_run()

    def on_run_table_moved(self, message: RunTable.Moved) -> None:
        """Read the run under the cursor as soon as the cursor rests."""
        if self._rest is not None:
            self._rest.stop()
        entry, shown = message.entry, self._page.detail
        if entry is None:
            self._page.turn_to(None)
            self._draw_run()
        elif shown is None or shown.entry.key == entry.key:
            self._read_in_thread(entry)
        else:
            self._rest = self.set_timer(PREVIEW_SECONDS, partial(self._read_in_thread, entry))

    def on_run_table_opened(self, message: RunTable.Opened) -> None:
        """Show the run alone."""
        self.action_open()

    # What is drawn ---------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        mode = self.mode
        empty = self._is_empty
        self.table.display = mode != "detail" and not empty
        self.query_one("#empty").display = empty
        self.query_one("#run").display = mode != "list" and not empty
        self.query_one("#preview").display = mode == "list"
        self.table.set_class(mode == "both", "-beside")
        self._draw_frame()
        self.call_after_refresh(self._draw_run)

    def _list(self) -> None:
        found = self._snapshot or Snapshot()
        self.table.show(arrange(found.entries, self._sort, self._search.wanted), self._clock())
        if self._is_empty != self.query_one("#empty").display:
            self._lay_out()
        self._draw_frame()

    @property
    def _is_empty(self) -> bool:
        return self._snapshot is not None and self._snapshot.complete and not self._snapshot.entries

    def _draw_frame(self) -> None:
        folder, found, search, ascii = self._folder, self._snapshot, self._search, self._ascii
        self._write("#head", lambda width: [head(folder, found, self._sort, search.wanted, width, ascii=ascii)])
        if self._is_empty:
            self._write("#empty", lambda width: advice(folder, found, width, ascii=ascii))
        if search.is_open:
            self._write("#foot", lambda width: [search.line(width, ascii=ascii)])
        else:
            self._write("#foot", lambda width: [Text(foot(self.mode, width), style="dim")])

    def _draw_run(self) -> None:
        page = self._page
        if not self.query_one("#run").display:
            self._write("#preview", lambda width: [page.subheading(width)])
            return
        self._write("#heading", lambda width: [page.heading(width), page.subheading(width)])
        barriers = self.query_one(BarrierView)
        rows = 0 if page.curve is None else len(page.curve.series) + 1
        room = self.query_one("#run").size.height - 2
        # The plot has the greater half; a table that needs less leaves it more.
        barriers.styles.height = min(rows, max(4, room * 2 // 5)) if rows else 0
        self.query_one(CurveView).plot(page.plotter())
        barriers.tabulate(page.tabulator(), max(0, page.block))

    def _write(self, selector: str, make: Callable[[int], list[Text]]) -> None:
        self.query_one(selector, Lines).write(make)

    # What keys do ----------------------------------------------------------------------------------------------

    def action_step(self, rows: int) -> None:
        """Next run; where it is alone, its next block."""
        if self._alone:
            self.action_turn("next_block", rows)
        else:
            self.table.move(rows)

    def action_leaf(self, pages: int) -> None:
        """A page of runs down, or up."""
        self.table.move(pages * self.table.page)

    def action_jump(self, direction: int) -> None:
        """Last run, or first."""
        self.table.move(direction * 10**9)

    def action_turn(self, change: str, *arguments: int) -> None:
        """Look at the run in another way: a method of the page, by its name."""
        getattr(self._page, change)(*arguments)
        self._draw_run()

    def action_open(self) -> None:
        """The run alone on the screen."""
        entry, shown = self.table.entry, self._page.detail
        if entry is None or self._alone:
            return
        if shown is None or shown.entry.key != entry.key:
            # The cursor has just come here; what is alone on the screen must not be another run, not for a moment.
            self._page.turn_to(None)
            self._read_in_thread(entry)
        self._alone = True
        self._lay_out()

    def action_back(self) -> None:
        """Back to the list, or out of the filter."""
        if self._alone:
            self._alone = False
            self._lay_out()
        elif self._search.wanted:
            self._search.wanted = ""
            self._list()

    def action_leave(self) -> None:
        """Back to the list, or out of the program."""
        if self._alone:
            self.action_back()
        else:
            self.app.exit()

    def action_search(self) -> None:
        """Write a filter."""
        if not self._alone:
            self._search.is_open = True
            self._draw_frame()

    def on_key(self, event: Key) -> None:
        """Write into the filter; its opening key is taken here too, as the next letters arrive before any action."""
        if self._search.is_open:
            self._search.press(event.key, event.character)
            self._list()
        elif event.key == "slash" and not self._alone:
            self.action_search()
        else:
            return
        event.stop()

    def on_paste(self, event: Paste) -> None:
        """Write what was pasted into the filter."""
        if self._search.is_open:
            self._search.write(event.text)
            self._list()
            event.stop()

    def action_sort(self) -> None:
        """Another order."""
        names = list(SORTS)
        self._sort = names[(names.index(self._sort) + 1) % len(names)]
        self._list()

    def action_help(self) -> None:
        """Every key and sign."""
        self.app.push_screen(HelpScreen(ascii=self._ascii))
