"""The log of one job: its end is followed, and the lines before it can be scrolled through."""

from typing import ClassVar

from rich.cells import chop_cells
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from lininterp_cli.runs.job_log import tail
from lininterp_cli.tui.actions import ACTIONS
from lininterp_cli.tui.keys import bindings
from lininterp_cli.tui.widgets.lines import Lines
from lininterp_cli.tui.work.desk_lines import job_glyph, job_title
from lininterp_cli.tui.work.hearing import Heard
from lininterp_cli.tui.work.job_sheet import JobSheet
from lininterp_cli.view.text import crop, printable

NUM_LINES = 2000
"""Maximum number of lines at the log's end that can be scrolled through."""


class LogScreen(JobSheet):
    """One job's log.

    Args:
        one: The job.
    """

    NAME = "log"
    BINDINGS: ClassVar[list[BindingType]] = bindings("log", ACTIONS)

    def __init__(self, one: Heard) -> None:
        super().__init__()
        self._one = one
        self._lines = tail(one.job, NUM_LINES)
        self._above = 0

    def body(self) -> ComposeResult:
        """The lines.

        Yields:
            The widget.
        """
        yield Lines(id="log")

    def heading(self, width: int) -> Text:
        """The job's command and state."""
        job, ascii = self._one.job, self.look.ascii
        state = f"{job.state}" + (f", exit code {job.code}" if job.state == "failed" else "")
        where = "following" if not self._above else f"paused, {self._above} line{'s' * (self._above > 1)} below"
        right = f"{state}  {where}"
        title = crop(job_title(self._one, ascii=ascii), max(4, width - len(right) - 10), ascii=ascii)
        text = Text.assemble((" log", "bold"), f" {job_glyph(job.state, ascii=ascii)} {title}")
        return text.append(" " * max(2, width - text.cell_len - len(right) - 1)).append(right)

    def draw(self) -> None:
        """Draw the frame and the lines that there is room for."""
        rows = self._rows
        self._above = max(0, min(self._above, len(rows) - self._room))
        self.draw_frame()
        stop = len(rows) - self._above
        seen = rows[max(0, stop - self._room) : stop] or ["it has said nothing yet"]
        self.write("#log", lambda _: [Text(f" {row}") for row in seen])

    @property
    def _rows(self) -> list[str]:
        """The lines, long ones folded."""
        room = max(1, self.query_one("#log", Lines).size.width - 1)
        lines = [printable(line, ascii=self.look.ascii) for line in self._lines]
        return [row for line in lines for row in chop_cells(line, room) or [""]]

    def on_job_sheet_listened(self, message: JobSheet.Listened) -> None:
        """Read the log again, unless the user has scrolled up: those lines stay in view."""
        self._one = next((one for one in message.heard if one.job.id == self._one.job.id), self._one)
        self._scroll(self._above)

    @property
    def _room(self) -> int:
        return max(1, self.query_one("#log", Lines).size.height)

    def _scroll(self, above: int) -> None:
        self._above = max(0, above)
        if not self._above:
            self._lines = tail(self._one.job, NUM_LINES)
        self.draw()

    def action_step(self, rows: int) -> None:
        """Scroll down or up by lines."""
        self._scroll(self._above - rows)

    def action_leaf(self, pages: int) -> None:
        """Scroll down or up by pages."""
        self._scroll(self._above - pages * max(1, self._room - 1))

    def action_jump(self, direction: int) -> None:
        """Scroll to the end, which is then followed, or to the beginning."""
        self._scroll(0 if direction > 0 else len(self._rows))

    def action_stop(self) -> None:
        """Stop the job."""
        self.ask_to_stop(self._one)
