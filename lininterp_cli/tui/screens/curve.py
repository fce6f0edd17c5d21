"""One run's curve on the whole screen, with its barriers below."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from lininterp_cli.tui.actions import ACTIONS
from lininterp_cli.tui.keys import bindings
from lininterp_cli.tui.reader import Detail
from lininterp_cli.tui.sheet import Sheet
from lininterp_cli.tui.widgets.run_view import RunView


class CurveScreen(Sheet):
    """The run that the program's page is turned to."""

    NAME = "curve"
    BINDINGS: ClassVar[list[BindingType]] = bindings("curve", ACTIONS)

    def body(self) -> ComposeResult:
        """The run.

        Yields:
            The widget.
        """
        yield RunView(self.explorer.page)

    def heading(self, width: int) -> Text:
        """Which run this is."""
        return self.explorer.page.heading(width)

    def draw(self) -> None:
        """The frame and the run."""
        self.draw_frame()
        self.query_one(RunView).draw()

    def on_mount(self) -> None:
        """Read the run, unless it was read before."""
        super().on_mount()
        page = self.explorer.page
        if page.entry is not None and (page.detail is None or page.detail.entry != page.entry):
            self.fetch([page.entry])

    def found(self) -> None:
        """Read the run again where its files have changed."""
        page, snapshot = self.explorer.page, self.explorer.snapshot
        if page.entry is None or snapshot is None:
            return
        here = next((entry for entry in snapshot.entries if entry.key == page.entry.key), None)
        if here is not None and here != page.entry:
            page.look_at(here)
            self.fetch([here])

    def fetched(self, details: tuple[Detail, ...]) -> None:
        """Show the run as it is now."""
        self.explorer.page.turn_to(details[0])
        self.draw()

    def action_turn(self, change: str, *arguments: int) -> None:
        """Look at the run in another way: a method of the page, by its name."""
        getattr(self.explorer.page, change)(*arguments)
        self.draw()
