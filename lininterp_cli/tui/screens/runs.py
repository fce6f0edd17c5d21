"""The list of runs, with the run under the cursor beside it if there is room."""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer

from lininterp_cli.tui.actions import ACTIONS
from lininterp_cli.tui.keys import bindings
from lininterp_cli.tui.listing.choosing import ChoosingSheet
from lininterp_cli.tui.listing.frame import advice, head, nothing
from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.page_words import subheading
from lininterp_cli.tui.reader import Detail
from lininterp_cli.tui.widgets.lines import Lines
from lininterp_cli.tui.widgets.run_table import RunTable
from lininterp_cli.tui.widgets.run_view import RunView
from lininterp_cli.view import palette
from lininterp_cli.view.runs.groups import GROUP_HEADS, Group, group_numbers
from lininterp_cli.view.runs.listing import PLAIN, USUAL_SORTS, table
from lininterp_cli.view.runs.row import ALARMING, Scene, full_bar, needs
from lininterp_cli.view.text import crop, printable

WIDE = 100
"""Columns from which the list and the run are shown side by side."""

VIEW_COLUMNS, LIST_COLUMNS = 60, (40, 60)
"""Columns that the run beside the list needs, and the minimum and maximum of the list then."""

PREVIEW_SECONDS = 0.12
"""Seconds that the cursor must rest before the run under it is read, so that a held key reads none."""


class RunsScreen(ChoosingSheet):
    """The first screen."""

    NAME = "runs"
    BINDINGS: ClassVar[list[BindingType]] = bindings("runs", ACTIONS)

    def __init__(self) -> None:
        super().__init__()
        self._beside = True
        self._measured: tuple[tuple[Entry, ...], dict[str, int]] = ((), {})
        self._rest: Timer | None = None

    def body(self) -> ComposeResult:
        """The list, the run, and a line in place of the run if there is no room.

        Yields:
            The widgets.
        """
        self.table = RunTable(marks=self.explorer.marks, ascii=self.look.ascii, id="runs")
        self._empty, self._view, self._preview = Lines(id="empty"), RunView(self.explorer.page), Lines(id="preview")
        with Horizontal(id="body"):
            yield self.table
            yield self._empty
            yield self._view
        yield self._preview

    def on_mount(self) -> None:
        """Focus the list."""
        super().on_mount()
        self.table.focus()

    @property
    def entry(self) -> Entry | None:
        """The run under the cursor."""
        return self.table.entry

    @property
    def obstacle(self) -> str:
        """Why there is no run under the cursor, and what to do."""
        is_group = isinstance(self.table.row, Group)
        return "this is a group: open it (Enter), or mark its runs (Space)" if is_group else super().obstacle

    def heading(self, width: int) -> Text:
        """The folder, the number of runs, filter and order."""
        explorer = self.explorer
        return head(
            explorer.place, explorer.snapshot, self.shelf, len(self.entries), len(explorer.marks), width,
            ascii=self.look.ascii,
        )  # fmt: skip

    def found(self) -> None:
        """List the runs of the latest snapshot, and drop the marks of deleted runs."""
        snapshot = self.explorer.snapshot
        if snapshot is not None and snapshot.complete and self.explorer.marks:
            there = {entry.key for entry in snapshot.entries}
            for key in [key for key in self.explorer.marks if key not in there]:
                del self.explorer.marks[key]
        now = self.explorer.clock()
        threshold = self.explorer.preferences.threshold
        scene = Scene(
            now=now, ascii=self.look.ascii, threshold=ALARMING if threshold is None else threshold,
            full_bar=full_bar([entry.summary for entry in self.entries]), needs=self._needs,
        )  # fmt: skip
        self.table.show(self.shelf.rows(self.all_entries, now), scene, self.shelf.sort)
        if self._is_empty or self._empty.display or self._view.display != self._is_wide:
            self.draw()
        self.draw_frame()
        self._draw_preview()

    @property
    def _needs(self) -> dict[str, int]:
        """Columns that fields need for all runs of the store, so that no column moves while a filter is typed."""
        entries = self.all_entries
        if self._measured[0] is not entries:
            self._measured = (entries, needs([entry.summary for entry in entries]))
        return self._measured[1]

    def draw(self) -> None:
        """Show the widgets that there is room for, and draw them."""
        is_wide, is_empty = self._is_wide, self._is_empty
        self.table.display = not is_empty
        self._empty.display = is_empty
        self._view.display = is_wide and not is_empty
        self._preview.display = not is_wide
        # The plot gets the columns that it needs first.
        self.table.styles.width = (
            max(LIST_COLUMNS[0], min(self.size.width - VIEW_COLUMNS, LIST_COLUMNS[1])) if is_wide else "1fr"
        )
        self.table.set_class(is_wide, "-beside")
        self.draw_frame()
        if is_empty:
            folder, found, ascii = self.explorer.folder, self.explorer.snapshot, self.look.ascii
            self.write(
                "#empty",
                lambda width: (
                    nothing(self.shelf, width, ascii=ascii)
                    if self.all_entries
                    else advice(folder, found, width, ascii=ascii)
                ),
            )
        else:
            # Marks may have been set on another screen.
            self.table.redraw()
        self.call_after_refresh(self._draw_run)

    def rows(self) -> list[list[str]]:
        """The groups, or the shown runs with more fields than the list has, as a table, the header first."""
        if self.shelf.by:
            rows = self.shelf.rows(self.all_entries, self.explorer.clock())
            numbers = [group_numbers(row) for row in rows if isinstance(row, Group)]
            return [list(GROUP_HEADS), *(["" if one is None else str(one) for one in row] for row in numbers)]
        sort = self.shelf.sort
        columns = PLAIN if sort in {*PLAIN, *USUAL_SORTS} else (*PLAIN, sort)
        return table([entry.summary for entry in self.entries], columns)

    @property
    def idle(self) -> Mapping[str, str]:
        """What needs the run beside the list, where there is none."""
        if self._is_wide:
            return {}
        reasons = dict.fromkeys(("next_block", "previous_block", "log"), "only for a plot; Enter opens the run's")
        if self.shelf.by or self.size.width < WIDE:
            reasons["beside"] = f"only beside a list of runs, from {WIDE} columns on"
        return reasons

    @property
    def _is_wide(self) -> bool:
        """Whether the run stands beside the list; groups take the whole width, and there is no run under the cursor."""
        return self.size.width >= WIDE and self._beside and not self.shelf.by

    @property
    def _is_empty(self) -> bool:
        snapshot = self.explorer.snapshot
        return snapshot is not None and snapshot.complete and not self.entries

    def _draw_run(self) -> None:
        view = self._view
        if view.display:
            # At exit, its inner widgets are removed first.
            if len(view.children):
                view.draw()
        else:
            self._draw_preview()

    def _draw_preview(self) -> None:
        page, problem = self.explorer.page, printable(self.shelf.problem, ascii=self.look.ascii)
        self.write(
            "#preview",
            lambda width: [
                Text(crop(f" {problem}", width, ascii=self.look.ascii, head=width - 1), palette.HIGH)
                if problem and not self._is_empty
                else subheading(page, width, self.table.unseen)
            ],
        )

    # The run under the cursor ----------------------------------------------------------------------------------

    def on_run_table_moved(self, message: RunTable.Moved) -> None:
        """Read the run under the cursor as soon as the cursor rests."""
        # The screens in front share the page, which must stay on the run that they were opened on.
        if not self.is_active:
            return
        if self._rest is not None:
            self._rest.stop()
        entry, page = message.entry, self.explorer.page
        if entry is None or page.entry is None or page.entry.key == entry.key:
            self._read(entry)
        else:
            self._rest = self.set_timer(PREVIEW_SECONDS, partial(self._read, entry))

    def on_screen_suspend(self) -> None:
        """Stop waiting for the cursor to rest."""
        if self._rest is not None:
            self._rest.stop()

    def on_screen_resume(self) -> None:
        """Return to the run under the cursor: other screens may have shown another one."""
        entry, detail = self.table.entry, self.explorer.page.detail
        if entry is None or detail is None or detail.entry != entry:
            self._read(entry)

    def _read(self, entry: Entry | None) -> None:
        self.explorer.page.look_at(entry)
        if entry is None:
            self._draw_run()
        else:
            self.fetch([entry])

    def fetched(self, details: tuple[Detail, ...]) -> None:
        """Show the run that was read."""
        self.explorer.page.turn_to(details[0])
        self._draw_run()

    def on_run_table_opened(self, message: RunTable.Opened) -> None:
        """Show the run alone, or the runs of the group."""
        self.action_go("curve")

    # Going about -----------------------------------------------------------------------------------------------

    def action_go(self, screen: str) -> None:
        """Show another screen, about the run under the cursor; for `curve` on a group, show the group's runs."""
        row = self.table.row
        # The cursor stays on what was opened, whichever runs a scan finds next.
        self.table.move(0)
        if isinstance(row, Group) and screen == "curve":
            self.shelf.open(row)
            self.found()
            self.action_jump(-1)
        elif isinstance(row, Entry) or screen not in {"curve", "layers"}:
            self.explorer.page.look_at(self.table.entry)
            super().action_go(screen)
        else:
            self.say(self.obstacle)

    def action_back(self) -> None:
        """Leave the open group, with the cursor on it, else clear the filter, else the grouping."""
        group = self.shelf.opened
        super().action_back()
        if group is not None:
            self.table.seek(group)

    def action_step(self, rows: int) -> None:
        """Move to the next run, or to the previous one."""
        self.table.move(rows)

    def action_leaf(self, pages: int) -> None:
        """Move down or up by pages of runs."""
        self.table.move(pages * self.table.page)

    def action_jump(self, direction: int) -> None:
        """Move to the last run, or to the first."""
        self.table.move(direction * 10**9)

    def turned(self) -> None:
        """Redraw the run."""
        self._draw_run()

    def action_beside(self) -> None:
        """Change between the run beside the list and all columns of the list."""
        self._beside = not self._beside
        self.draw()

    def action_mark(self) -> None:
        """Mark the run, or all runs of the group, or unmark them; then move to the next row."""
        row, marks = self.table.row, self.explorer.marks
        keys = [entry.key for entry in row.members] if isinstance(row, Group) else [row.key] if row else []
        if all(key in marks for key in keys):
            for key in keys:
                del marks[key]
        else:
            marks |= dict.fromkeys(keys)
        self.table.move(1)
        self.table.redraw()
        self.draw_frame()

    def action_unmark(self) -> None:
        """Unmark all runs."""
        self.explorer.marks.clear()
        self.table.redraw()
        self.draw_frame()
