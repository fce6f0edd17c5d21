"""The work in progress: plots of trainings and of walks, which measure curves, and a list of their progress."""

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.worker import get_current_worker

from lininterp_cli.tui.actions import ACTIONS
from lininterp_cli.tui.keys import bindings
from lininterp_cli.tui.screens.log import LogScreen
from lininterp_cli.tui.widgets.curve_view import CurveView, Draw
from lininterp_cli.tui.widgets.lines import Lines
from lininterp_cli.tui.work import live_lines
from lininterp_cli.tui.work.hearing import Heard
from lininterp_cli.tui.work.job_sheet import JobSheet
from lininterp_cli.tui.work.live import Going, Live, going
from lininterp_cli.view.curves.progress import courses_plot, walk_plot

WIDE = 100
"""Columns from which a training and a walk are drawn side by side."""


class LiveScreen(JobSheet):
    """The trainings, walks and jobs that are in progress."""

    NAME = "live"
    BINDINGS: ClassVar[list[BindingType]] = bindings("live", ACTIONS)

    class Looked(Message):
        """The work in progress was determined."""

        def __init__(self, found: tuple[Going, ...]) -> None:
            super().__init__()
            self.found = found

    def __init__(self) -> None:
        super().__init__()
        self._live = Live()
        self._num_lines = 1

    def body(self) -> ComposeResult:
        """The plots, the list, and a line about the row under the cursor.

        Yields:
            The widgets.
        """
        with Horizontal(id="plots"):
            yield CurveView(id="courses")
            yield CurveView(id="walk")
        yield Lines(id="going")
        yield Lines(id="going-note")

    def heading(self, width: int) -> Text:
        """The number of rows in each stage, and the age of the last write."""
        return live_lines.heading(self._live, width, self.explorer.clock(), ascii=self.look.ascii)

    def draw(self) -> None:
        """Divide the room among the widgets, then draw everything."""
        live = self._live
        num_rows = len(live.going or ()) + 1
        self.query_one("#going").styles.height = min(max(2, num_rows), max(2, (self.size.height - 3) * 2 // 5))
        is_wide, walk = self.size.width >= WIDE, live.walk
        has_courses = any(course.rows for course in live.courses)
        shows_walk = walk is not None and (is_wide or not has_courses or (live.here is not None and live.here.curve))
        wanted = {"#walk": bool(shows_walk), "#courses": not shows_walk or (is_wide and has_courses)}
        for selector, is_shown in wanted.items():
            widget = self.query_one(selector)
            # Setting even an unchanged value would lay out the whole screen again.
            if widget.display != is_shown:
                widget.display = is_shown
        num_lines = len(self._note(self.size.width))
        if num_lines != self._num_lines:
            self.query_one("#going-note").styles.height = self._num_lines = num_lines
        self.draw_frame()
        self.call_after_refresh(self._draw_parts)

    def _note(self, width: int) -> list[Text]:
        return live_lines.note(self._live, width, self.explorer.clock(), ascii=self.look.ascii)

    def _draw_parts(self) -> None:
        live, look, now = self._live, self.look, self.explorer.clock()
        lines = self.query_one("#going", Lines)
        lines.write(
            lambda width: (
                live_lines.list_lines(live, width, lines.size.height, now, look=look)
                if live.going
                else live_lines.advice(live, width)
            ),
        )
        self.write("#going-note", self._note)
        self.query_one("#courses", CurveView).plot(self._draw_courses() if live.courses else None)
        self.query_one("#walk", CurveView).plot(self._draw_walk())

    def _draw_courses(self) -> Draw:
        live, look = self._live, self.look
        return lambda width, height: courses_plot(
            live.courses, metric=live.metric, width=width, height=height, log=live.log, look=look,
        )  # fmt: skip

    def _draw_walk(self) -> Draw | None:
        live, look, curve = self._live, self.look, self._live.walk
        if curve is None or not curve.series:
            return None
        return lambda width, height: walk_plot(
            curve, metric=live.metric, width=width, height=height, log=live.log, look=look
        )

    @property
    def idle(self) -> Mapping[str, str]:
        """All that needs a row, where there is none."""
        actions = ACTIONS[self.NAME] if self._live.going == () else ()
        return {action.id: "nothing is running" for action in actions if action.id != "do"}

    # Looking ---------------------------------------------------------------------------------------------------

    def on_job_sheet_listened(self, message: JobSheet.Listened) -> None:
        """Determine the work in progress from the jobs and the runs."""
        self._look(message.heard)

    @work(thread=True, group="look", exclusive=True)
    def _look(self, heard: tuple[Heard, ...]) -> None:
        explorer = self.explorer
        entries = explorer.snapshot.entries if explorer.snapshot is not None else ()
        found = going(entries, heard, explorer.reader, explorer.clock())
        if not get_current_worker().is_cancelled:
            self.post_message(self.Looked(found))

    def on_live_screen_looked(self, message: Looked) -> None:
        """Show the work in progress; unchanged lines are not sent again."""
        self._live.show(message.found)
        self.draw()

    def rows(self) -> list[list[str]]:
        """The work in progress as a table, the header first."""
        return live_lines.table(self._live)

    # Key actions -----------------------------------------------------------------------------------------------

    def _move(self, rows: int) -> None:
        self._live.move(rows)
        self.draw()

    def action_step(self, rows: int) -> None:
        """Move down or up by rows."""
        self._move(rows)

    def action_leaf(self, pages: int) -> None:
        """Move down or up by pages."""
        self._move(pages * max(1, self.query_one("#going", Lines).size.height - 2))

    def action_jump(self, direction: int) -> None:
        """Move to the last row, or to the first."""
        self._move(direction * 10**6)

    def action_metric(self) -> None:
        """Change between loss and accuracy."""
        self._live.metric = "accuracy" if self._live.metric == "loss" else "loss"
        self.draw()

    def action_log(self) -> None:
        """Change between a logarithmic and a linear axis."""
        self._live.log = not self._live.log
        self.draw()

    def action_go(self, screen: str) -> None:
        """Show another screen, about the run under the cursor."""
        here = self._live.here
        if here is not None and here.entry is not None:
            self.explorer.page.look_at(here.entry)
        elif screen == "curve":
            self.say("its run is not known yet")
            return
        super().action_go(screen)

    def action_tail(self) -> None:
        """Show the log of the job under the cursor."""
        here = self._live.here
        if here is None or here.heard is None:
            self.say("no job of this store: its log is where it was started")
        else:
            self.app.push_screen(LogScreen(here.heard))

    def action_stop(self) -> None:
        """Stop the job under the cursor after a confirmation."""
        here = self._live.here
        self.ask_to_stop(here.heard if here is not None else None)
