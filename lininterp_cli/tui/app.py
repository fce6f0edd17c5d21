"""The explorer as a program: what its screens share, and looking at the folder again and again."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from textual import work
from textual.app import App
from textual.worker import get_current_worker

from lininterp_cli.tui.messages import Found
from lininterp_cli.tui.model import SORTS, Catalog, Snapshot
from lininterp_cli.tui.page import Page
from lininterp_cli.tui.reader import Reader
from lininterp_cli.tui.screens.curve import CurveScreen
from lininterp_cli.tui.screens.runs import RunsScreen
from lininterp_cli.tui.sheet import Sheet
from lininterp_cli.view.look import Look
from lininterp_cli.view.terminal import Terminal, detect

POLL_SECONDS = 2.0
"""How often the folder is looked at."""

SCREENS: dict[str, type[Sheet]] = {screen.NAME: screen for screen in (RunsScreen, CurveScreen)}
"""Name to screen; each can be gone to from any other."""


class Explorer(App[None]):
    """Browse and watch a folder of runs.

    Args:
        folder: The runs.
        look: What the terminal can show.
        clock: The present in seconds since 1970, for the ages.
    """

    CSS_PATH = "styles.tcss"
    TITLE = "lininterp"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, folder: Path, *, look: Look | None = None, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.folder = folder
        self.look = look or Look()
        self.clock = clock
        self.page = Page(look=self.look)
        self.reader = Reader()
        self.snapshot: Snapshot | None = None
        self._catalog = Catalog(folder)
        self.theme = os.environ.get("TEXTUAL_THEME") or "ansi-dark"
        # Every step of an animation is a redraw, and most people sit at the other end of an SSH connection.
        self.animation_level = "none"

    def on_mount(self) -> None:
        """Begin with the list; everything that takes time begins after it is on the screen."""
        self.push_screen(RunsScreen())
        self.call_after_refresh(self._start)

    def go(self, name: str) -> None:
        """Show another screen over the present one.

        Args:
            name: A key of SCREENS.
        """
        self.push_screen(SCREENS[name]())

    def _start(self) -> None:
        self._import_plotext()
        self.scan()
        self.set_interval(POLL_SECONDS, self.scan)

    @work(thread=True, group="import", exit_on_error=False)
    def _import_plotext(self) -> None:
        # Only imported here, so that the first plot need not wait; plotext draws on one thread only.
        from lininterp_cli.view.canvas import has_plotext  # noqa: PLC0415 (after the first frame)

        has_plotext()

    def scan(self) -> None:
        """Look at the folder, unless that is being done."""
        if not any(worker.group == "scan" and worker.is_running for worker in self.workers):
            self._scan_in_thread()

    @work(thread=True, group="scan")
    def _scan_in_thread(self) -> None:
        worker = get_current_worker()
        for snapshot in self._catalog.scan(lambda: worker.is_cancelled):
            self.post_message(Found(snapshot))

    def on_found(self, message: Found) -> None:
        """Tell the screens."""
        self.snapshot = message.snapshot
        for screen in self.screen_stack:
            if isinstance(screen, Sheet) and screen.is_mounted:
                screen.found()


def main(folder: Path, *, mouse: bool | None = None, ascii: bool = False) -> None:
    """Show the explorer until its user leaves; where there is no terminal to draw on, print the list of runs.

    Args:
        folder: The runs.
        mouse: Whether the mouse moves the cursor; unless given, it does where the terminal is not at the other end
            of an SSH connection, as every movement would cost bytes.
        ascii: Use ASCII only, whatever the terminal says of itself.
    """
    terminal = detect()
    if not terminal.interactive:
        _print_list(folder, terminal, ascii)
        return
    for stream in (sys.__stdout__, sys.__stderr__):
        # Textual writes what Python's stream encodes; another encoding would stop it at the first frame character.
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    mouse = not os.environ.get("SSH_CONNECTION") if mouse is None else mouse
    look = Look(ascii=ascii or terminal.ascii, depth="truecolor" if terminal.color else "none")
    Explorer(folder, look=look).run(mouse=mouse)


def _print_list(folder: Path, terminal: Terminal, ascii: bool) -> None:
    from rich.console import Console  # noqa: PLC0415 (only where there is no terminal)

    from lininterp_cli.view.runs import runs_table  # noqa: PLC0415

    *_, found = Catalog(folder).scan()
    runs = sorted((entry.summary for entry in found.entries), key=SORTS["newest"])
    console = Console(width=terminal.width, no_color=not terminal.color, highlight=False)
    if runs:
        ascii = ascii or terminal.ascii
        console.print(runs_table(runs, width=terminal.width, ascii=ascii, color=terminal.color))
    else:
        console.print(found.error or "There are no runs here; make one with: lininterp train", markup=False)
