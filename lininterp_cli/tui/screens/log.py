"""The log of one job: its end is followed, and the lines before it can be scrolled through."""

from typing import ClassVar

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
        where = "following" if not self._above else f"{self._above} lines below"
        right = f"{state}  {where}"
        title = crop(job_title(self._one, ascii=ascii), max(4, width - len(right) - 8), ascii=ascii)
        text = Text.assemble((" log", "bold"), f" {job_glyph(job.state, ascii=ascii)} {title}")
        return text.append(" " * max(2, width - text.cell_len - len(right) - 1)).append(right)

    def draw(self) -> None:
        """Draw the frame and the lines that there is room for."""
        self._above = max(0, min(self._above, len(self._lines) - self._room))
        self.draw_frame()
        stop = len(self._lines) - self._above
        seen = self._lines[max(0, stop - self._room) : stop]
        ascii = self.look.ascii

        def make(width: int) -> list[Text]:
            words = [crop(f" {printable(line, ascii=ascii)}", width, ascii=ascii, head=width - 2) for line in seen]
            return [Text(line) for line in words or [" it has said nothing yet"]]

        self.write("#log", make)

    def on_job_sheet_listened(self, message: JobSheet.Listened) -> None:
        """Read the log again; lines that were scrolled to stay in view until the log has more than NUM_LINES lines."""
        self._one = next((one for one in message.heard if one.job.id == self._one.job.id), self._one)
        lines = tail(self._one.job, NUM_LINES)
        if self._above:
            self._above += max(0, len(lines) - len(self._lines))
        self._lines = lines
        self.draw()

    @property
    def _room(self) -> int:
        return max(1, self.query_one("#log", Lines).size.height)

    def _scroll(self, above: int) -> None:
        self._above = above
        self.draw()

    def action_step(self, rows: int) -> None:
        """Scroll down or up by lines."""
        self._scroll(self._above - rows)

    def action_leaf(self, pages: int) -> None:
        """Scroll down or up by pages."""
        self._scroll(self._above - pages * max(1, self._room - 1))

    def action_jump(self, direction: int) -> None:
        """Scroll to the end, which is then followed, or to the beginning."""
        self._scroll(0 if direction > 0 else len(self._lines))

    def action_stop(self) -> None:
        """Stop the job."""
        self.ask_to_stop(self._one)
