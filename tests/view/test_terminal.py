"""The terminal is asked, never assumed."""

import io

import pytest

from lininterp_cli.view import terminal
from lininterp_cli.view.terminal import depth_of, detect


class Stream(io.StringIO):
    def __init__(self, *, tty, encoding="utf-8"):
        super().__init__()
        self._tty, self._encoding = tty, encoding

    @property
    def encoding(self):
        return self._encoding

    def isatty(self):
        return self._tty


@pytest.mark.parametrize(
    ("tty", "environ", "color", "interactive"),
    [
        (True, {"TERM": "xterm-256color"}, True, True),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False, True),
        (True, {"TERM": "xterm", "NO_COLOR": ""}, True, True),
        (True, {"TERM": "dumb"}, False, False),
        (False, {"TERM": "xterm"}, False, False),
    ],
)
def test_colour_and_interaction(tty, environ, color, interactive):
    found = detect(Stream(tty=tty), environ)
    assert (found.look.color, found.interactive) == (color, interactive)


@pytest.mark.parametrize(
    ("encoding", "ascii"), [("utf-8", False), ("UTF8", False), ("iso-8859-1", True), ("ascii", True)]
)
def test_encoding(encoding, ascii):
    assert detect(Stream(tty=True, encoding=encoding), {"TERM": "xterm"}).look.ascii is ascii


def test_the_linux_console_has_no_braille():
    assert detect(Stream(tty=True), {"TERM": "linux"}).look.ascii
    assert not detect(Stream(tty=False), {"TERM": "linux"}).look.ascii
    assert not detect(Stream(tty=True), {"TERM": "xterm"}).look.ascii


def test_width():
    assert detect(Stream(tty=False), {}).width == 80
    assert detect(Stream(tty=False), {"COLUMNS": "132"}).width == 132
    assert detect(Stream(tty=False), {"COLUMNS": "many"}).width == 80


def test_a_tmux_client_without_utf8_gets_ascii(monkeypatch):
    monkeypatch.setattr(terminal, "_tmux_is_ascii", lambda environ: bool(environ.get("TMUX")))
    assert detect(Stream(tty=True), {"TERM": "screen", "TMUX": "/tmp/x"}).look.ascii
    assert not detect(Stream(tty=False), {"TERM": "screen", "TMUX": "/tmp/x"}).look.ascii


TERMS = ("xterm", "linux", "screen", "tmux", "xterm-16color", "xterm-256color", "screen-256color", "tmux-256color",
         "xterm-kitty", "rxvt-unicode-256color", "XTERM-256COLOR", "xterm-direct", "")  # fmt: skip


@pytest.mark.parametrize("colorterm", [None, "truecolor", "24bit", " TrueColor ", "yes"])
@pytest.mark.parametrize("term", TERMS)
def test_depth_is_what_rich_would_send(term, colorterm):
    from rich.console import Console

    environ = {"TERM": term} | ({} if colorterm is None else {"COLORTERM": colorterm})
    console = Console(file=Stream(tty=True), force_terminal=True, _environ=environ)
    assert depth_of(environ) == {"standard": "16"}.get(console.color_system, console.color_system)


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({"TERM": "vt100", "COLORTERM": "truecolor"}, "none"),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, "none"),
        ({"TERM": "xterm-mono"}, "none"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "none"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_COLOR_SYSTEM": "256"}, "256"),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, "16"),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "auto"}, "256"),
        ({"TERM": "xterm", "TEXTUAL_COLOR_SYSTEM": "truecolor", "NO_COLOR": "1"}, "none"),
    ],
)
def test_depth(environ, depth):
    assert depth_of(environ) == depth
    assert detect(Stream(tty=True), environ).look.depth == depth
    assert detect(Stream(tty=False), environ).look.depth == "none"
