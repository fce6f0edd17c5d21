"""The screens in every depth of colour: what is written to the terminal, escape sequences and all."""

import re

import pytest

from lininterp_cli.tui.preferences import Preferences
from lininterp_cli.view.terminal import depth_of

SEQUENCE = re.compile(r"\x1b\[([\d;]*)m")

MODES = {
    "truecolor": {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
    "256": {"TERM": "screen-256color"},
    "16": {"TERM": "xterm"},
    "none": {"TERM": "xterm-256color", "NO_COLOR": "1"},
}
"""A terminal of each depth, as the environment tells of it."""

SCREENS = {
    "runs": (),
    "curve": ("slash", *"mlp", "enter", "enter", ...),
    "layers": ("slash", *"mlp", "enter", "L", ...),
    "overlay": ("slash", *"resnet8", "enter", "space", "j", "space", "c", ...),
}
"""The keys that lead to a screen."""


@pytest.fixture(params=MODES)
def mode(request, monkeypatch):
    """The name of a depth, in an environment that promises it."""
    for name in ("NO_COLOR", "COLORTERM", "TERM", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in MODES[request.param].items():
        monkeypatch.setenv(name, value)
    assert depth_of(MODES[request.param]) == request.param
    return request.param


def colors_in(sent):
    """The depths of the colours in a text with escape sequences."""
    depths = set()
    for sequence in SEQUENCE.findall(sent):
        codes = [int(code or 0) for code in sequence.split(";")]
        while codes:
            code = codes.pop(0)
            if code in {38, 48}:
                depths.add({2: "truecolor", 5: "256"}[codes[0]])
                del codes[: 4 if codes[0] == 2 else 2]
            elif (30 <= code < 48 and code != 39) or 90 <= code <= 107:
                depths.add("16")
    return depths


@pytest.mark.parametrize("name", SCREENS)
def test_golden(explore, place, check_golden, mode, name):
    sent = explore((80, 24), *SCREENS[name], folder=place, depth=mode, sent=True)
    assert colors_in(sent) == ({mode} - {"none"})
    check_golden(f"{name}-80x24-{mode}.ansi", sent)


def test_a_terminal_that_knows_no_colors_gets_none(explore, place, monkeypatch):
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.setenv("TERM", "vt100")
    themed = Preferences(theme="dracula")
    for keys in ((), SCREENS["layers"], ("question_mark",), ("ctrl+p",)):
        assert colors_in(explore((80, 24), *keys, folder=place, preferences=themed, depth="none", sent=True)) == set()
