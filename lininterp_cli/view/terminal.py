"""Detects the abilities of a terminal from the environment; never writes to it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

from lininterp_cli.view.look import Depth, Look

DEFAULT_WIDTH = 80
"""Columns where there is no terminal to ask."""

_DUMB = {"dumb", "unknown"}
_FORCED: dict[str, Depth] = {"standard": "16", "256": "256", "truecolor": "truecolor"}
_WITHOUT_COLOR = {"vt52", "vt100", "vt102", "vt220", "vt320", "vt420"}
_ENDINGS: dict[str, Depth] = {"256color": "256", "kitty": "256", "mono": "none", "m": "none"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Terminal:
    """The abilities of a terminal."""

    look: Look
    """The characters that it can show, and the colours that are wanted and possible."""
    width: int
    """Columns."""
    height: int
    """Rows."""
    interactive: bool
    """Whether it is a terminal, not a file or a pipe, that can be drawn on."""


def detect(stream: TextIO | None = None, environ: Mapping[str, str] | None = None) -> Terminal:
    """Detect the abilities of the terminal.

    Args:
        stream: The stream that will be printed to; standard output unless given.
        environ: The environment; the process's own unless given. `NO_COLOR`, `COLORTERM`, `TERM`,
            `TEXTUAL_COLOR_SYSTEM`, `COLUMNS` and `TMUX` are read.

    Returns:
        Its abilities.
    """
    stream = sys.stdout if stream is None else stream
    environ = os.environ if environ is None else environ
    tty = stream is not None and not stream.closed and stream.isatty()
    name = environ.get("TERM", "")
    dumb = name in _DUMB
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").replace("_", "")
    # The console of Linux reads UTF-8, but its fonts of at most 512 characters have no braille.
    ascii_only = encoding != "utf8" or (tty and (name == "linux" or _tmux_is_ascii(environ)))
    width, height = _size(stream if tty else None, environ)
    return Terminal(
        look=Look(ascii=ascii_only, depth=depth_of(environ) if tty else "none"),
        width=width,
        height=height,
        interactive=tty and not dumb,
    )


def depth_of(environ: Mapping[str, str]) -> Depth:
    """The number of colours of a terminal, from the environment.

    Rich and Textual read the same variables in the same order, so that they send colours of the depth that was chosen
    here.  The exception is a terminal without colours to which they would send 16: here its depth is `none`.

    Args:
        environ: The environment.

    Returns:
        The depth.

    Example:
        >>> depth_of({"TERM": "screen-256color"}), depth_of({"TERM": "screen"}), depth_of({"TERM": "vt100"})
        ('256', '16', 'none')
        >>> depth_of({"TERM": "xterm", "COLORTERM": "truecolor"}), depth_of({"TERM": "xterm", "NO_COLOR": "1"})
        ('truecolor', 'none')
    """
    name = environ.get("TERM", "").strip().lower()
    if environ.get("NO_COLOR") or name in _DUMB or name in _WITHOUT_COLOR:
        return "none"
    if forced := _FORCED.get(environ.get("TEXTUAL_COLOR_SYSTEM", "")):
        return forced
    if environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return "truecolor"
    ending = name.rpartition("-")[2]
    return _ENDINGS.get(ending, "16") if ending != name else "16"


def _size(stream: TextIO | None, environ: Mapping[str, str]) -> tuple[int, int]:
    size = os.terminal_size((DEFAULT_WIDTH, 24))
    if stream is not None:
        try:
            size = os.get_terminal_size(stream.fileno())
        except (OSError, ValueError):
            size = shutil.get_terminal_size((DEFAULT_WIDTH, 24))
    columns = environ.get("COLUMNS", "")
    wanted = int(columns) if columns.isdecimal() else size.columns
    return max(1, wanted or DEFAULT_WIDTH), max(1, size.lines or 24)


def _tmux_is_ascii(environ: Mapping[str, str]) -> bool:
    # To a client that it does not take for UTF-8, tmux sends an underscore for every braille or frame character.
    if not environ.get("TMUX"):
        return False
    try:
        answer = subprocess.run(
            ["tmux", "display-message", "-p", "#{client_utf8}"],
            capture_output=True, text=True, timeout=1, check=False, env=dict(environ),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.stdout.strip() == "0"
