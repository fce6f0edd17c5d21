"""The help and the documentation are the table of actions, written out."""

import os
import re
from pathlib import Path

import pytest

from lininterp_cli.tui.actions import ACTIONS
from lininterp_cli.tui.keys import actions_of, help_lines, key_table, rekeyed, spelled
from lininterp_cli.tui.preferences import Preferences
from lininterp_cli.view.curves.layer_rows import COLUMNS
from lininterp_cli.view.runs.summary import GLYPHS

DOCUMENT = Path(__file__).parents[3] / "docs" / "explorer.md"
END = "<!-- end of keys -->"


def test_the_document_has_the_keys_of_now():
    """LININTERP_UPDATE_GOLDEN=1 writes them."""
    text = DOCUMENT.read_text(encoding="utf-8")
    head, rest = text.split("test_help.py -->\n")
    written, foot = rest.split(END)
    table = f"\n{key_table(ACTIONS)}\n"
    if os.environ.get("LININTERP_UPDATE_GOLDEN"):
        DOCUMENT.write_text(f"{head}test_help.py -->\n{table}{END}{foot}", encoding="utf-8")
        written = table
    assert written == table


def test_the_table_has_every_action_once_for_each_screen():
    table = key_table(ACTIONS)
    for actions in ACTIONS.values():
        for action in actions:
            assert f"`{action.id}`" in table
            assert f"`{spelled(action.keys.split(',')[0])}`" in table


def test_new_keys_are_shown_for_pairs_and_alone():
    runs = {action.id: action for action in rekeyed(ACTIONS, {"down": "n,down", "sort": "f5"})["runs"]}
    assert runs["down"].shown == "n k"
    assert runs["down"].keys == "n,down"
    assert runs["up"].shown == ""
    assert runs["sort"].shown == "F5 S r"
    assert runs["metric"].shown == "m"
    assert rekeyed(ACTIONS, {}) is ACTIONS


def test_new_keys_work_and_the_foot_and_the_help_show_them(explore, store):
    preferences = Preferences(keys={"sort": "f5", "help": "f1"})
    before, after, old, shown = explore(
        (120, 60), None, "f5", None, "s", None, "f1", folder=store, preferences=preferences
    )
    assert "sort newest" in before
    assert "sort newest" not in after
    assert old.split("\n")[0] == after.split("\n")[0]
    assert "F5 S r sort" in before
    assert "F1 help" in before
    assert any(line.strip().startswith("F5 ") for line in shown.split("\n"))


def test_every_row_of_the_document_has_three_cells():
    rows = [line for line in key_table(ACTIONS).split("\n") if line.startswith("| `")]
    assert len(rows) > 50
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4}


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("ascii", [False, True])
def test_the_help_cuts_no_word(explore, store, width, ascii):
    def words(text):
        return " ".join(text.split())

    screen = words(explore((width, 400), "L", ..., "question_mark", folder=store, ascii=ascii))
    for action in actions_of("layers", ACTIONS):
        assert words(action.help) in screen
    *_, state = GLYPHS
    for end in (f" {state}", "move this page", "not complete yet", "not finite", *COLUMNS.values()):
        assert words(end) in screen


def test_control_c_closes_the_help(explore, store):
    before, after = explore((80, 24), None, "question_mark", ..., "ctrl+c", folder=store)
    assert after == before


def test_the_page_moves_to_its_end_and_back(explore, store):
    first, last, again = explore((80, 24), "question_mark", None, "G", None, "g")
    end = next(line.strip() for line, _ in reversed(help_lines("runs", ACTIONS, 78)) if line.strip())
    assert end not in first
    assert end in last
    assert again == first


def test_signs_and_the_file_of_preferences_stand_before_the_keys_of_other_screens(explore, store):
    lines = explore((80, 100), "question_mark").split("\n")
    places = [next(place for place, line in enumerate(lines) if line.strip() == head) for head in (
        "Runs", "Everywhere", "Signs", "Your own keys, theme and more", "Curve",
    )]  # fmt: skip
    assert places == sorted(places)
    assert "tui.toml" in lines[places[3] + 1]
