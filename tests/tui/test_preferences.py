"""What a person wants every day is read, and what cannot be used is a remark."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.theme import BUILTIN_THEMES

from lininterp_cli.tui.actions import ACTIONS
from lininterp_cli.tui.keys import Action, actions_of, rekeyed
from lininterp_cli.tui.preferences import Preferences, preferences_path, read_preferences

THEMES = ("nord", "ansi-dark")
TABLE = {
    "one": (Action(id="sort", keys="s", shown="s", help="x"), Action(id="open", keys="enter,l", shown="l", help="x")),
    "": (
        Action(id="leave", keys="q", shown="q", help="x"),
        Action(id="stop", keys="ctrl+z", shown="^z", help="x", everywhere=True),
    ),
}


def read(tmp_path, text, table=TABLE):
    path = tmp_path / "tui.toml"
    path.write_text(text, encoding="utf-8")
    return read_preferences(path, table, THEMES)


def test_everything_that_can_be_said(tmp_path):
    text = """
        theme = "nord"
        ascii = true
        mouse = false
        threshold = 0.5
        poll_seconds = 10
        [keys]
        sort = "/, f5"
        leave = "ctrl+e"
    """
    wanted = Preferences(
        theme="nord", ascii=True, mouse=False, threshold=0.5, poll_seconds=10,
        keys={"sort": "slash,f5", "leave": "ctrl+e"},
    )  # fmt: skip
    assert read(tmp_path, text) == (wanted, "")


def test_no_file_is_no_remark(tmp_path):
    assert read_preferences(tmp_path / "none.toml", TABLE, THEMES) == (Preferences(), "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("theme =", "is not used"),
        ("a = " + "[" * 5000, "is not used"),
        ("colour = 1", "nothing is called colour"),
        ('theme = "puce"', "there is no theme 'puce' (all: ansi-dark, nord)"),
        ("theme = 3", "no theme 3"),
        ('ascii = "yes"', "ascii must be true or false, not 'yes'"),
        ("poll_seconds = 0", "poll_seconds must be"),
        ("poll_seconds = nan", "poll_seconds must be"),
        ("threshold = true", "threshold must be"),
        ("keys = 3", "[keys] must be a table"),
        ('[keys]\ndance = "d"', "no action 'dance'"),
        ('[keys]\nsort = ""', "names no keys"),
        ("[keys]\nsort = 3", "names no keys"),
        ('[keys]\nsort = "warp+x"', "names no keys"),
        ('[keys]\nsort = "nokey"', "names no keys"),
        ('[keys]\nsort = "q"', "sort: q is the key of leave on the screen one"),
        ('[keys]\nstop = "f5,colon"', "stop works in prompts, where : is typed; give it a key such as ctrl+e"),
        ('[keys]\nsort = "z"\nopen = "z"', "z is the key of sort on the screen one"),
    ],
)
def test_what_cannot_be_used_is_said_and_left_out(tmp_path, text, said):
    found, remark = read(tmp_path, text)
    assert said in remark
    assert "\n" not in remark
    assert found == Preferences() or found.keys == {"sort": "z"}


def test_one_mistake_leaves_the_rest_and_the_remark_counts(tmp_path):
    found, remark = read(tmp_path, 'theme = "nord"\nmouse = 3\nx = 1\n[keys]\nsort = "q"\nleave = "x"')
    assert found == Preferences(theme="nord", keys={"sort": "q", "leave": "x"})
    assert remark.startswith("tui.toml, 1 of 2 remarks: mouse must be")


def test_keys_may_be_swapped(tmp_path):
    assert read(tmp_path, '[keys]\nsort = "q"\nleave = "s"')[0].keys == {"sort": "q", "leave": "s"}


def test_a_key_is_taken_from_an_action_that_keeps_another(tmp_path):
    assert read(tmp_path, '[keys]\nsort = "l"') == (Preferences(keys={"sort": "l"}), "")
    assert read(tmp_path, '[keys]\nsort = "l,enter"')[1] == (
        "tui.toml: sort: Enter is the key of open on the screen one; give open another"
    )


def test_the_example_of_the_documentation_can_be_used(tmp_path):
    text = (Path(__file__).parents[2] / "docs" / "explorer.md").read_text(encoding="utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    path = tmp_path / "tui.toml"
    path.write_text(example, encoding="utf-8")
    found, remark = read_preferences(path, ACTIONS, BUILTIN_THEMES)
    assert remark == ""
    assert set(found.keys) == set(tomllib.loads(example)["keys"])
    table = rekeyed(ACTIONS, found.keys)
    keys = {screen: {action.id: action.keys for action in actions_of(screen, table)} for screen in table}
    assert (keys["runs"]["sort"], keys["runs"]["group"], keys["layers"]["overlay"]) == ("o", "s", "s")
    assert keys["runs"]["palette"] == "ctrl+p,colon"
    assert keys["runs"]["next_curve"] == "right_square_bracket"


def test_a_folder_or_bytes_in_its_place(tmp_path):
    assert "is not used" in read_preferences(tmp_path, TABLE, THEMES)[1]
    (tmp_path / "b").write_bytes(b"theme = \xff\xfe")
    assert "is not used" in read_preferences(tmp_path / "b", TABLE, THEMES)[1]


def test_where_the_file_is(tmp_path):
    assert preferences_path({"XDG_CONFIG_HOME": str(tmp_path)}) == tmp_path / "lininterp" / "tui.toml"
    assert preferences_path({"XDG_CONFIG_HOME": "relative"}) == preferences_path({})
    assert preferences_path({}).parts[-3:] == (".config", "lininterp", "tui.toml")


IDS = sorted({action.id for actions in ACTIONS.values() for action in actions})


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(IDS), st.sampled_from(["j", "q", "f5", "s", "x,z", "enter", "ctrl+e", "Z"])))
def test_no_keymap_leaves_two_actions_on_one_key(tmp_path_factory, keymap):
    text = "[keys]\n" + "".join(f'{name} = "{keys}"\n' for name, keys in keymap.items())
    found, _ = read(tmp_path_factory.mktemp("p"), text, ACTIONS)
    assert set(found.keys) <= set(keymap)
    table = rekeyed(ACTIONS, found.keys)
    for screen in table:
        keys = [key for action in actions_of(screen, table) for key in action.keys.split(",")]
        assert len(keys) == len(set(keys))


def test_the_default_theme_is_there():
    assert Preferences().theme in BUILTIN_THEMES
