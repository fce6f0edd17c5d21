"""One table feeds bindings, foot and help, so none of them can lie about the others."""

import pytest

from lininterp_cli.tui.actions import ACTIONS
from lininterp_cli.tui.app import Explorer
from lininterp_cli.tui.keys import GENERAL, actions_of, bindings, foot, help_lines, rekeyed, textual_keymap
from lininterp_cli.tui.page import Page
from lininterp_cli.tui.screens.log import LogScreen
from lininterp_cli.tui.screens.reached import SCREENS as REACHED

SCREENS = REACHED | {LogScreen.NAME: LogScreen}
SHEETS = pytest.mark.parametrize("name", SCREENS)


@SHEETS
def test_every_action_has_a_method_and_no_key_two(name):
    actions = actions_of(name, ACTIONS)
    keys = [key for action in actions for key in action.keys.split(",")]
    assert len(keys) == len(set(keys))
    for action in actions:
        called, _, rest = action.call.partition("(")
        owner, method = (Explorer, called[4:]) if called.startswith("app.") else (SCREENS[name], called)
        assert callable(getattr(owner, f"action_{method}"))
        if called == "turn":
            assert callable(getattr(Page, rest.split("'")[1]))
        if called == "go":
            assert rest.split("'")[1] in SCREENS
    own, general = ([binding.id for binding in bindings(screen, ACTIONS)] for screen in (name, GENERAL))
    assert own == [f"{name}.{action.id}" for action in actions if not action.everywhere]
    assert general == [f"{GENERAL}.{action.id}" for action in actions if action.everywhere]
    # tmux, screen and flow control keep these for themselves, and job control means the same by its own.
    assert not {"ctrl+a", "ctrl+b", "ctrl+s", "ctrl+q"} & set(keys)
    assert [action.id for action in actions if "ctrl+z" in action.keys] == ["suspend"]


def test_every_screen_has_actions_and_every_action_a_screen():
    assert set(ACTIONS) == {*SCREENS, GENERAL}


@SHEETS
def test_the_help_names_every_key_that_is_shown(name):
    lines = [line for line, _ in help_lines(name, ACTIONS, 60)]
    assert max(map(len, lines)) <= 60
    for action in actions_of(name, ACTIONS):
        if action.shown:
            assert any(line.startswith(f"  {action.shown}") for line in lines)
        if action.label:
            assert action.help


@pytest.mark.parametrize("width", [20, 40, 80, 120])
@SHEETS
def test_the_foot_fits_and_keeps_the_way_out(name, width):
    line = foot(name, ACTIONS, width)
    assert len(line) <= width
    assert line.isascii()
    assert "? help" in line
    assert "q " in line


def test_an_action_gives_up_a_key_but_not_its_last_one():
    table = rekeyed(ACTIONS, {"down": "n,down", "help": "f1,backspace", "log": "z"})
    keys = {name: {action.id: action.keys for action in actions_of(name, table)} for name in SCREENS}
    assert keys["runs"]["next_curve"] == "right_square_bracket"
    # There it is the only key; the preferences refuse such a keymap.
    assert keys["layers"]["scale"] == "n"
    assert {one["back"] for one in keys.values()} == {"escape"}
    assert keys["curve"]["up"] == "k,up,B"
    assert textual_keymap(table)["runs.next_curve"] == "right_square_bracket"
    assert textual_keymap(table)["compare.log"] == "z"
    assert set(textual_keymap(ACTIONS)) >= {f"{name}.{action.id}" for name in SCREENS for action in ACTIONS[name]}
