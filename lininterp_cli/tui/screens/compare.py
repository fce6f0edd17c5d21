"""Comparison of several runs: their curves, their differences, or one measure against another."""

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from lininterp_cli.tui.actions import ACTIONS
from lininterp_cli.tui.comparison import view as comparison_view
from lininterp_cli.tui.comparison.comparison import Comparison
from lininterp_cli.tui.comparison.words import heading
from lininterp_cli.tui.keys import bindings
from lininterp_cli.tui.page_sheet import PageSheet
from lininterp_cli.tui.reader import Detail
from lininterp_cli.tui.screens.menu import Menu
from lininterp_cli.tui.screens.runs import WIDE, RunsScreen
from lininterp_cli.tui.strips import rendered
from lininterp_cli.tui.widgets.curve_view import CurveView
from lininterp_cli.tui.widgets.lines import Lines

_ON_CURVES = ("refer", "next_block", "previous_block", "metric", "split", "definition")
_IDLE = {
    "table": dict.fromkeys(("refer", "log"), "a table has neither; o and O lead to the plots"),
    "scatter": dict.fromkeys(_ON_CURVES, "only for curves, which o and O lead to; x, v and a choose the measures here"),
}
"""View to the actions that change nothing in it, and why."""


class CompareScreen(PageSheet):
    """The comparison of the marked runs, or else of those in the list."""

    NAME = "compare"
    BINDINGS: ClassVar[list[BindingType]] = bindings("compare", ACTIONS)

    def __init__(self) -> None:
        super().__init__()
        self._top = 0

    @property
    def comparison(self) -> Comparison:
        """The compared runs and how they are shown."""
        if self.explorer.comparison is None:
            self.explorer.comparison = Comparison(page=self.explorer.page)
        return self.explorer.comparison

    def body(self) -> ComposeResult:
        """The plot, and the list beside or below it.

        Yields:
            The widgets.
        """
        with Container(id="compare"):
            yield CurveView(id="compared")
            yield Lines(id="contenders")

    def heading(self, width: int) -> Text:
        """The view, the runs and the choices."""
        return heading(self.comparison, width, ascii=self.look.ascii)

    def draw(self) -> None:
        """Place the list beside or below the plot, then draw everything."""
        is_table = self.comparison.view == "table"
        is_wide = self.size.width >= WIDE and not is_table
        self.query_one("#compare").set_class(is_wide, "-beside")
        self.query_one(CurveView).display = not is_table
        room = self.size.height - 2
        height = "1fr" if is_wide or is_table else comparison_view.list_height(self.comparison, room)
        self.query_one("#contenders").styles.height = height
        self.draw_frame()
        self.call_after_refresh(self._draw_parts)

    def _draw_parts(self) -> None:
        shown, runs = self.comparison, self.query_one("#contenders", Lines)
        width, height = runs.size
        if shown.view == "table":
            strips = rendered(comparison_view.table(shown, width), width, self.app.console)
            self._top = max(0, min(self._top, len(strips) - height))
            # The header stays.
            runs.show([*strips[:1], *strips[1 + self._top : self._top + height]])
        else:
            self.query_one(CurveView).plot(lambda width, height: comparison_view.plot(shown, width, height))
            runs.write(lambda width: comparison_view.lines(shown, width, runs.size.height))

    def rows(self) -> list[list[str]]:
        """The numbers of the present view as a table, the header first."""
        return comparison_view.rows(self.comparison)

    @property
    def idle(self) -> Mapping[str, str]:
        """The actions that change nothing in the present view."""
        return _IDLE.get(self.comparison.view, {})

    # The runs --------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Choose the runs to compare."""
        super().on_mount()
        self.comparison.begin()
        self.found()

    def found(self) -> None:
        """Update the runs to compare, and read them if any is new or has changed."""
        snapshot = self.explorer.snapshot
        if snapshot is None:
            return
        listed = next((screen.entries for screen in self.app.screen_stack if isinstance(screen, RunsScreen)), [])
        self.comparison.meet(listed, snapshot.entries, list(self.explorer.marks), settled=snapshot.complete)
        if unread := self.comparison.unread:
            self.fetch(unread)
        self.draw()

    def fetched(self, details: tuple[Detail, ...]) -> None:
        """Show the runs that were read."""
        self.comparison.read(details)
        self.draw()

    # Key actions -----------------------------------------------------------------------------------------------

    def action_step(self, rows: int) -> None:
        """Move to the next or previous run; in the table, scroll down or up by lines."""
        if self.comparison.view == "table":
            self._top += rows
        else:
            self.comparison.move(rows)
        self.draw()

    def action_leaf(self, pages: int) -> None:
        """Move down or up by pages."""
        self.action_step(pages * max(1, self.query_one("#contenders").size.height - 2))

    def action_jump(self, direction: int) -> None:
        """Move to the last run, or to the first."""
        self.action_step(direction * 10**6)

    def action_change(self, change: str, *arguments: int) -> None:
        """Call a method of `Comparison` by its name, and redraw."""
        getattr(self.comparison, change)(*arguments)
        self.draw()

    def action_axis(self, which: str) -> None:
        """Choose a measure for an axis of the scatter, or the field that groups its runs."""
        choices = self.comparison.choices(which)
        if not choices:
            self.say("the runs are the same in everything that could be chosen")
            return
        titles = {"x": "horizontal", "y": "vertical", "by": "letters by"}
        menu = Menu(titles[which], choices, present=getattr(self.comparison, which), ascii=self.look.ascii)
        self.app.push_screen(menu, lambda name: self._chosen(which, name))

    def _chosen(self, which: str, name: str | None) -> None:
        if name is not None:
            setattr(self.comparison, which, name)
            self.comparison.view = "scatter"
            self.draw()

    def action_open(self) -> None:
        """Show the curve of the run under the cursor."""
        listed = self.comparison.listed
        if listed:
            self.explorer.page.look_at(listed[self.comparison.cursor])
            self.action_go("curve")
