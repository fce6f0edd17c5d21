"""The explorer as a program: decides whether the terminal can show it, and starts it."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from textual.app import App

from lininterp_cli.tui.screens.browser import Browser
from lininterp_cli.view.terminal import Terminal, detect


class Explorer(App[None]):
    """Browse and watch a folder of runs.

    Args:
        folder: The runs.
        ascii: Use ASCII only.
        color: Use colours.
        clock: The present in seconds since 1970, for the ages.
    """

    CSS_PATH = "styles.tcss"
    TITLE = "lininterp"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, folder: Path, *, ascii: bool = False, color: bool = True, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__()
        self._folder, self._ascii, self._color, self._clock = folder, ascii, color, clock
        self.theme = os.environ.get("TEXTUAL_THEME") or "ansi-dark"
        # Every step of an animation is a redraw, and most people sit at the other end of an SSH connection.
        self.animation_level = "none"

    def on_mount(self) -> None:
        """Begin with the list."""
        self.push_screen(Browser(self._folder, ascii=self._ascii, color=self._color, clock=self._clock))


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
    ascii = ascii or terminal.ascii
    for stream in (sys.__stdout__, sys.__stderr__):
        # Textual writes what Python's stream encodes; another encoding would stop it at the first frame character.
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    mouse = not os.environ.get("SSH_CONNECTION") if mouse is None else mouse
    Explorer(folder, ascii=ascii, color=terminal.color).run(mouse=mouse)


def _print_list(folder: Path, terminal: Terminal, ascii: bool) -> None:
    from rich.console import Console  # noqa: PLC0415 (only where there is no terminal)

    from lininterp_cli.tui.model import SORTS, Catalog  # noqa: PLC0415
    from lininterp_cli.view.runs import runs_table  # noqa: PLC0415

    *_, found = Catalog(folder).scan()
    runs = sorted((entry.summary for entry in found.entries), key=SORTS["newest"])
    console = Console(width=terminal.width, no_color=not terminal.color, highlight=False)
    if runs:
        ascii = ascii or terminal.ascii
        console.print(runs_table(runs, width=terminal.width, ascii=ascii, color=terminal.color))
    else:
        console.print(found.error or "There are no runs here; make one with: lininterp train", markup=False)
