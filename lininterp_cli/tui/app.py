"""The Textual application of the explorer: the state that its screens share, and repeated scans of the folder."""

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import App
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.theme import BUILTIN_THEMES
from textual.worker import get_current_worker

from lininterp_cli.runs.advice import command
from lininterp_cli.tui.actions import ACTIONS
from lininterp_cli.tui.colorless import Colorless
from lininterp_cli.tui.demo_store import demo_store
from lininterp_cli.tui.keys import GENERAL, bindings, rekeyed, textual_keymap
from lininterp_cli.tui.messages import Found
from lininterp_cli.tui.model import Catalog, Snapshot
from lininterp_cli.tui.page import Page
from lininterp_cli.tui.preferences import Preferences, preferences_path, read_preferences
from lininterp_cli.tui.reader import Reader
from lininterp_cli.tui.screens.runs import RunsScreen
from lininterp_cli.tui.sheet import Sheet
from lininterp_cli.tui.summary_cache import cache_path
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.canvas import has_plotext
from lininterp_cli.view.terminal import Terminal, detect

if TYPE_CHECKING:
    from lininterp_cli.tui.blocks.layers import Layers
    from lininterp_cli.tui.comparison.comparison import Comparison

_WITHOUT_COLOR = (Colorless(),)


class Explorer(App[None]):
    """Browse and watch a folder of runs.

    Args:
        folder: The run store.
        look: What the terminal can show.
        clock: Returns the present in seconds since 1970, for the ages.
        preferences: The user's preferences.
        remark: Shown in the footer at the start; empty for none.
        place: Display name of the folder; its path unless given.
    """

    CSS_PATH = "styles.tcss"
    TITLE = "lininterp"
    BINDINGS: ClassVar[list[BindingType]] = bindings(GENERAL, ACTIONS)
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, folder: Path, *, look: Look | None = None, clock: Callable[[], float] = time.time,
        preferences: Preferences | None = None, remark: str = "", place: str = "",
    ) -> None:  # fmt: skip
        super().__init__()
        self.folder = folder
        self.place = place or str(folder)
        self.preferences = preferences or Preferences()
        self.actions = rekeyed(ACTIONS, self.preferences.keys)
        self._remark = remark
        self.look = look or Look()
        self.clock = clock
        self.page = Page(look=self.look)
        # Made by their screens, which are imported after the first frame.
        self.comparison: Comparison | None = None
        self.layers: Layers | None = None
        self.reader = Reader()
        self.snapshot: Snapshot | None = None
        self.marks: dict[str, None] = {}
        self._catalog = Catalog(folder, cache=cache_path(folder))
        self.theme = self.preferences.theme
        # Every step of an animation is a redraw, and most users work over SSH.
        self.animation_level = "none"

    def on_mount(self) -> None:
        """Show the list first; everything slow starts once it is on the screen."""
        if self.preferences.keys:
            self.set_keymap(textual_keymap(self.actions))
        if not self.is_headless:
            self._handle_signals()
        self.push_screen(RunsScreen())
        self.call_after_refresh(self._start)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The filters that are applied to every line before it is sent."""
        return super().get_line_filters() if self.look.color else _WITHOUT_COLOR

    def _handle_signals(self) -> None:
        # A program killed by a signal leaves the terminal in raw mode and on the alternate screen.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(number, partial(self.exit, return_code=128 + number))
        # Textual's own handlers start a second thread that reads keys, beside one that was never stopped.
        loop.add_signal_handler(signal.SIGTSTP, self.action_suspend_process)
        loop.add_signal_handler(signal.SIGCONT, self._set_up_terminal)

    def _set_up_terminal(self) -> None:
        # After SIGSTOP the shell has used the terminal as it found it.
        with self.suspend():
            pass

    def action_help_quit(self) -> None:
        """Leave at Ctrl-C, as from any program."""
        self.exit(return_code=128 + signal.SIGINT)

    def action_suspend_process(self) -> None:
        """Stop, as any program at Ctrl-Z, until the shell continues it; without a shell the terminal would hang."""
        if not self.is_headless and os.getpgrp() != os.getsid(0):
            loop = asyncio.get_running_loop()
            with self.suspend():
                loop.remove_signal_handler(signal.SIGCONT)
                # A program that started this one, such as `uv run`, must stop too, or the shell would wait for it.
                os.killpg(0, signal.SIGSTOP)
                # Continued in the background, it stops again when it sets up the terminal, until the next SIGCONT.
                loop.add_signal_handler(signal.SIGCONT, self._set_up_terminal)
        else:
            # Under a menu or a prompt, the remark is shown once that is closed.
            *_, sheet = (screen for screen in self.screen_stack if isinstance(screen, Sheet))
            sheet.say("no shell could continue the explorer here; q leaves it")

    def go(self, name: str) -> None:
        """Show another screen over the present one.

        Args:
            name: A key of SCREENS.
        """
        from lininterp_cli.tui.screens.reached import SCREENS  # noqa: PLC0415 (after the first frame)

        self.push_screen(SCREENS[name]())

    def _start(self) -> None:
        if self._remark and isinstance(self.screen, Sheet):
            self.screen.say(self._remark)
        self.scan()
        self.set_interval(self.preferences.poll_seconds, self.scan)

    def scan(self) -> None:
        """Scan the folder in a thread, unless a scan is running."""
        if not any(worker.group == "scan" and worker.is_running for worker in self.workers):
            self._scan_in_thread()

    @work(thread=True, group="scan")
    def _scan_in_thread(self) -> None:
        worker = get_current_worker()
        for snapshot in self._catalog.scan(lambda: worker.is_cancelled):
            self.post_message(Found(snapshot))
        # Imported once the list is shown: it takes as long as reading thousands of runs, and no key may wait for it.
        import lininterp_cli.tui.screens.reached  # noqa: F401, PLC0415

        has_plotext()

    def on_found(self, message: Found) -> None:
        """Store the snapshot and notify the screens."""
        self.snapshot = message.snapshot
        for screen in self.screen_stack:
            if isinstance(screen, Sheet) and screen.is_mounted:
                screen.found()


def main(folder: Path, *, mouse: bool | None = None, ascii: bool = False, demo: bool = False) -> int:
    """Run the explorer until the user quits; without an interactive terminal, print the list of runs.

    Args:
        folder: The run store.
        mouse: Whether the mouse is used; unless given, as in the preferences, or else only without an SSH connection,
            over which every movement would send bytes.
        ascii: Use ASCII only, even if the terminal reports that it can show more.
        demo: Show a copy of the store that ships with the package instead.

    Returns:
        Exit code: 0, 1 after an error, 128 plus the signal's number after a signal.
    """
    with ExitStack() as stack:
        if demo:
            folder = stack.enter_context(demo_store())
        terminal = detect()
        if not terminal.interactive:
            _print_list(folder, terminal, ascii)
            return 0
        for stream in (sys.__stdout__, sys.__stderr__):
            # Textual writes through Python's streams; another encoding would fail at the first box-drawing character.
            if stream is not None and hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8")
        preferences, remark = _preferences()
        if mouse is None:
            mouse = preferences.mouse if preferences.mouse is not None else not os.environ.get("SSH_CONNECTION")
        look = Look(ascii=ascii or preferences.ascii or terminal.look.ascii, depth=terminal.look.depth)
        explorer = Explorer(folder, look=look, preferences=preferences, remark=remark, place=_DEMO if demo else "")
        # Imported objects stay alive; each garbage collection that visits them takes tens of milliseconds.
        gc.freeze()
        explorer.run(mouse=mouse)
        return explorer.return_code or 0


_DEMO = "the demo, a copy until you leave"


def _preferences() -> tuple[Preferences, str]:
    preferences, remark = read_preferences(preferences_path(), ACTIONS, BUILTIN_THEMES)
    theme = os.environ.get("TEXTUAL_THEME", "")
    if theme in BUILTIN_THEMES:
        preferences = replace(preferences, theme=theme)
    return preferences, remark


def _print_list(folder: Path, terminal: Terminal, ascii: bool) -> None:
    from rich.console import Console  # noqa: PLC0415 (only where there is no terminal)

    from lininterp_cli.view.runs.listing import order  # noqa: PLC0415
    from lininterp_cli.view.runs.table import runs_table  # noqa: PLC0415

    *_, found = Catalog(folder).scan()
    runs = order([entry.summary for entry in found.entries], "newest", time.time(), lambda run: run)
    console = Console(width=terminal.width, no_color=not terminal.look.color, highlight=False)
    if runs:
        look = Look(ascii=ascii or terminal.look.ascii, depth=terminal.look.depth)
        console.print(runs_table(runs, width=terminal.width, look=look))
    else:
        advice = f"There are no runs here; make one with: {command(folder, 'train')}"
        console.print(found.error or advice, markup=False)
