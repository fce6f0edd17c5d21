"""What the terminal at hand can show; it asks the environment and never writes to it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

DEFAULT_WIDTH = 80
"""Columns where there is no terminal to ask."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Terminal:
    """What can be shown."""

    ascii: bool
    """Only ASCII arrives whole: no braille, no frames."""
    color: bool
    """Colours are wanted and possible."""
    width: int
    """Columns."""
    height: int
    """Rows."""
    interactive: bool
    """A person is there, and the terminal can be drawn on."""


def detect(stream: TextIO | None = None, environ: Mapping[str, str] | None = None) -> Terminal:
    """Find out what the terminal can show.

    Args:
        stream: Where the text will go; standard output unless given.
        environ: The environment; the process's own unless given. `NO_COLOR`, `TERM`, `COLUMNS` and `TMUX` are read.

    Returns:
        What can be shown.
    """
    stream = sys.stdout if stream is None else stream
    environ = os.environ if environ is None else environ
    tty = stream is not None and not stream.closed and stream.isatty()
    dumb = environ.get("TERM", "") in {"dumb", "unknown"}
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").replace("_", "")
    ascii_only = encoding != "utf8" or (tty and _tmux_is_ascii(environ))
    width, height = _size(stream if tty else None, environ)
    return Terminal(
        ascii=ascii_only,
        color=tty and not dumb and not environ.get("NO_COLOR"),
        width=width,
        height=height,
        interactive=tty and not dumb,
    )


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
    # A client that tmux does not hold for UTF-8 gets an underscore for every braille or frame character.
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
