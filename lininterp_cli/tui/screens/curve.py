"""One run's curve on the whole screen, with its barriers below."""

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from lininterp_cli.tui.actions import ACTIONS
from lininterp_cli.tui.keys import actions_of, bindings
from lininterp_cli.tui.page_plot import move_cursor, table, twins_of, zoom
from lininterp_cli.tui.page_sheet import PageSheet
from lininterp_cli.tui.page_words import heading
from lininterp_cli.tui.reader import Detail
from lininterp_cli.tui.widgets.run_view import RunView

_ON_CURVES = (
    "turn('next_block'", "turn('next_splits'", "turn('next_definition'", "turn('next_band'", "turn('choose'",
)  # fmt: skip
"""Beginnings of the calls that change nothing where a training is shown."""

_ON_AXES = ("cursor(", "zoom(")
"""Beginnings of the calls that change nothing where nothing is plotted."""

_ON_BLOCKS = ("turn('next_block'", "turn('choose'")
"""Beginnings of the calls that change nothing where legs are shown."""

NO_CURVE = "only on a curve; [ and ] go through those that the run has"
LEGS = "only on a curve; i leads back to it"


class CurveScreen(PageSheet):
    """The run that the application's page shows."""

    NAME = "curve"
    BINDINGS: ClassVar[list[BindingType]] = bindings("curve", ACTIONS)

    def body(self) -> ComposeResult:
        """The run.

        Yields:
            The widget.
        """
        yield RunView(self.explorer.page, whole=True)

    def heading(self, width: int) -> Text:
        """The heading of the page."""
        return heading(self.explorer.page, width)

    @property
    def idle(self) -> Mapping[str, str]:
        """The actions that a curve is needed for, where none is shown."""
        page = self.explorer.page
        if page.detail is None or (page.curve is not None and not page.legs):
            return {}
        needing = _ON_BLOCKS if page.legs else _ON_CURVES if page.detail.rows else _ON_CURVES + _ON_AXES
        actions = actions_of(self.NAME, self.explorer.actions)
        return {action.id: LEGS if page.legs else NO_CURVE for action in actions if action.call.startswith(needing)}

    def draw(self) -> None:
        """Draw the frame and the run."""
        self.draw_frame()
        self.query_one(RunView).draw()

    def rows(self) -> list[list[str]]:
        """All numbers of the shown curves as a table, the header first."""
        return table(self.explorer.page)

    # The run ---------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Read the run, unless it was read before."""
        super().on_mount()
        page = self.explorer.page
        if page.entry is not None and (page.detail is None or page.detail.entry != page.entry):
            self._read()
        else:
            self._read_twins()

    def found(self) -> None:
        """Read the run again if its files have changed, or those of its twins."""
        page, snapshot = self.explorer.page, self.explorer.snapshot
        if page.entry is None or snapshot is None:
            return
        if page.renew(snapshot.entries):
            self._read()
        else:
            self._read_twins()
        self.say_if_gone()

    def _read(self) -> None:
        """Read the run, and the runs that a band over seeds needs."""
        page, snapshot = self.explorer.page, self.explorer.snapshot
        if page.entry is not None:
            entries = snapshot.entries if snapshot is not None and page.band == "seeds" else ()
            self.fetch([page.entry, *twins_of(page.entry, entries)])

    def _read_twins(self) -> None:
        """Read the runs that a band over seeds needs, unless they were read before."""
        page, snapshot = self.explorer.page, self.explorer.snapshot
        if page.band == "seeds" and page.entry is not None and snapshot is not None:
            wanted = twins_of(page.entry, snapshot.entries)
            if wanted != [detail.entry for detail in page.twins]:
                self._read()

    def fetched(self, details: tuple[Detail, ...]) -> None:
        """Show the run that was read, with its twins."""
        page = self.explorer.page
        page.turn_to(details[0])
        if page.detail is details[0]:
            page.twins = details[1:]
        self.draw()

    # Key actions -----------------------------------------------------------------------------------------------

    def turned(self) -> None:
        """Redraw, and read the runs that a band over seeds needs."""
        self._read_twins()
        self.draw()

    def action_cursor(self, steps: int) -> None:
        """Move the cursor to another alpha or epoch."""
        move_cursor(self.explorer.page, steps)
        self.query_one(RunView).draw_plot()

    def action_zoom(self, direction: int) -> None:
        """Show less of the axis, or more, or all of it."""
        zoom(self.explorer.page, direction)
        self.query_one(RunView).draw_plot()
