"""Base class of screens that show the page: the viewed run, according to the user's choices.

Runs are read by threads, which post messages; only the thread of the interface touches a widget.
"""

from collections.abc import Sequence

from textual import work
from textual.worker import get_current_worker

from lininterp_cli.tui.messages import Read
from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.reader import Detail
from lininterp_cli.tui.sheet import Sheet
from lininterp_cli.view.plots.canvas import has_plotext


class PageSheet(Sheet):
    """A screen whose keys change the page."""

    def fetched(self, details: tuple[Detail, ...]) -> None:
        """Handle the runs that `fetch` has read."""

    def fetch(self, entries: Sequence[Entry]) -> None:
        """Read runs in a thread and pass them to `fetched`; a later call cancels an unfinished one.

        Args:
            entries: The runs.
        """
        self._fetch_in_thread(tuple(entries))

    @work(thread=True, group="read", exclusive=True)
    def _fetch_in_thread(self, entries: tuple[Entry, ...]) -> None:
        worker = get_current_worker()
        details = []
        for entry in entries:
            if worker.is_cancelled:
                return
            details.append(self.explorer.reader.detail(entry))
        # This imports plotext, so that the first plot does not block the interface.
        has_plotext()
        if not worker.is_cancelled:
            self.post_message(Read(tuple(details)))

    def on_read(self, message: Read) -> None:
        """Pass the runs that were read to `fetched`."""
        self.fetched(message.details)

    def turned(self) -> None:
        """Redraw after a change of the page."""
        self.draw()

    def say_if_gone(self) -> None:
        """Show a remark if the viewed run is no longer in the folder."""
        entry, snapshot = self.explorer.page.entry, self.explorer.snapshot
        if entry is not None and snapshot is not None and all(one.key != entry.key for one in snapshot.entries):
            self.say("this run is no longer there; Esc leads back to the others")

    def action_turn(self, change: str, *arguments: int) -> None:
        """Call a method of the page by its name, redraw, and show the remark that it may return."""
        remark = getattr(self.explorer.page, change)(*arguments)
        self.turned()
        if remark:
            self.say(remark)
