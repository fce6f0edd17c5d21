"""One table feeds bindings, foot and help, so none of them can lie about the others."""

import pytest

from lininterp_cli.tui.keys import ACTIONS, bindings, foot, help_lines
from lininterp_cli.tui.page import Page
from lininterp_cli.tui.screens.browser import Browser


def test_every_action_has_a_method_and_no_key_two():
    keys = [key for action in ACTIONS for key in action.keys.split(",")]
    assert len(keys) == len(set(keys))
    for action in ACTIONS:
        name, _, rest = (action.does or action.id).partition("(")
        assert callable(getattr(Browser, f"action_{name}"))
        if name == "turn":
            assert callable(getattr(Page, rest.split("'")[1]))
    assert [binding.id for binding in bindings()] == [action.id for action in ACTIONS]
    assert not {"ctrl+a", "ctrl+b", "ctrl+s", "ctrl+q", "ctrl+z"} & set(keys)


def test_the_help_names_every_key_that_is_shown():
    lines = [line for line, _ in help_lines(60)]
    assert max(map(len, lines)) <= 60
    for action in ACTIONS:
        if action.shown:
            assert any(line.startswith(f"  {action.shown}") for line in lines)
        if action.foot:
            assert action.help


@pytest.mark.parametrize("width", [20, 40, 80, 120])
@pytest.mark.parametrize("mode", ["list", "both", "detail"])
def test_the_foot_fits_and_keeps_the_way_out(mode, width):
    line = foot(mode, width)
    assert len(line) <= width
    assert line.isascii()
    assert "? help" in line
    assert "q " in line
