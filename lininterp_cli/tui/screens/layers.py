"""A run's blocks as a heat map along the path, which shows where each of them has its barrier."""

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from lininterp_cli.tui.actions import ACTIONS
from lininterp_cli.tui.blocks.layers import Layers
from lininterp_cli.tui.blocks.words import table
from lininterp_cli.tui.keys import bindings
from lininterp_cli.tui.page_sheet import PageSheet
from lininterp_cli.tui.page_words import heading
from lininterp_cli.tui.reader import Detail
from lininterp_cli.tui.widgets.curve_view import CurveView
from lininterp_cli.tui.widgets.heat_map_view import HeatMapView


class LayersScreen(PageSheet):
    """The run that the application's page shows, block by block."""

    NAME = "layers"
    BINDINGS: ClassVar[list[BindingType]] = bindings("layers", ACTIONS)

    @property
    def blocks(self) -> Layers:
        """The blocks and how they are shown."""
        if self.explorer.layers is None:
            self.explorer.layers = Layers(page=self.explorer.page)
            threshold = self.explorer.preferences.threshold
            if threshold is not None:
                self.explorer.layers.thresholds["loss"] = threshold
        return self.explorer.layers

    def body(self) -> ComposeResult:
        """The map, and the curves below it if there is room for them.

        Yields:
            The widgets.
        """
        yield HeatMapView(id="layers")
        yield CurveView(id="layers-plot")

    def heading(self, width: int) -> Text:
        """The heading of the page."""
        return heading(self.explorer.page, width)

    def draw(self) -> None:
        """Draw the frame, the map and the plot."""
        self.draw_frame()
        plot, room = self.query_one(CurveView), self.blocks.plot_height(self.size.height - 2)
        if plot.size.height == room:
            self._draw_map()
        else:
            # The map is drawn after the layout has changed, or else it would be sent twice.
            plot.styles.height = room
            self.call_after_refresh(self._draw_map)

    def _draw_map(self) -> None:
        plot = self.query_one(CurveView)
        self.query_one(HeatMapView).draw(self.blocks.lines)
        plot.plot(self.blocks.plot)

    def rows(self) -> list[list[str]]:
        """All values of the shown rows as a table, the header first."""
        return table(self.blocks.rows)

    @property
    def idle(self) -> Mapping[str, str]:
        """The actions that need another curve, where there is none."""
        detail = self.explorer.page.detail
        is_alone = detail is not None and len(detail.curves) < 2
        return dict.fromkeys(("next_curve", "previous_curve") if is_alone else (), "the run has no other curve")

    # The run ---------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Read the run, unless it was read before."""
        super().on_mount()
        self.blocks.leave()
        page = self.explorer.page
        detail = page.detail
        if page.entry is not None and (detail is None or detail.entry != page.entry or detail.is_measured_anew):
            self.fetch([page.entry])
        if detail is not None:
            self.blocks.begin()

    def found(self) -> None:
        """Read the run again if its files have changed, or a measure was written."""
        page, snapshot = self.explorer.page, self.explorer.snapshot
        if snapshot is None or page.entry is None:
            return
        if page.renew(snapshot.entries) or (page.detail is not None and page.detail.is_measured_anew):
            self.fetch([page.entry])
        self.say_if_gone()

    def fetched(self, details: tuple[Detail, ...]) -> None:
        """Show the run that was read."""
        page = self.explorer.page
        is_new = page.detail is None
        page.turn_to(details[0])
        self.blocks.settle()
        if is_new:
            self.blocks.begin()
        self.draw()

    # Key actions -----------------------------------------------------------------------------------------------

    def action_change(self, change: str, *arguments: int) -> None:
        """Call a method of `Layers` by its name, redraw, and show the remark that it may return."""
        remark = getattr(self.blocks, change)(*arguments)
        self.draw()
        if remark:
            self.say(remark)

    def action_step(self, rows: int) -> None:
        """Move to the next block, or to the previous one."""
        self.action_change("move", rows)

    def action_leaf(self, pages: int) -> None:
        """Move down or up by pages of blocks."""
        self.action_change("move", pages * self.blocks.leaf)

    def action_jump(self, direction: int) -> None:
        """Move to the last block, or to the first."""
        self.action_change("move", direction * 10**9)

    def action_enter(self) -> None:
        """Enter the block under the cursor."""
        self.action_change("down")

    def action_overlay(self) -> None:
        """Show the curves of the chosen blocks in one plot."""
        self.blocks.show_chosen()
        self.action_go("curve")

    def action_back(self) -> None:
        """Leave the block that was entered, or return to the screen below."""
        if self.blocks.up():
            self.draw()
        else:
            super().action_back()
