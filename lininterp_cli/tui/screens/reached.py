"""The screens that others can open; importing them takes a tenth of the start, so it waits for the first frame."""

from lininterp_cli.tui.screens.compare import CompareScreen
from lininterp_cli.tui.screens.curve import CurveScreen
from lininterp_cli.tui.screens.do import DoScreen
from lininterp_cli.tui.screens.layers import LayersScreen
from lininterp_cli.tui.screens.live import LiveScreen
from lininterp_cli.tui.screens.runs import RunsScreen
from lininterp_cli.tui.sheet import Sheet

SCREENS: dict[str, type[Sheet]] = {
    screen.NAME: screen for screen in (RunsScreen, CurveScreen, LayersScreen, CompareScreen, LiveScreen, DoScreen)
}
"""Name to screen; each can be opened from any other."""
