"""The list of runs as its user sees it: filters, orders, groups, marks, and what is changed on the disk."""

import fcntl
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.tui.listing.filters import filters, save_filter


@pytest.fixture(autouse=True)
def folder(tmp_path, write_run, monkeypatch):
    """Two configurations with two seeds each, one run that was left and one that cannot be read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for place, (lr, seed) in enumerate([(0.1, 0), (0.1, 1), (0.02, 0), (0.02, 1)]):
        write_run(
            f"mlp-lr{lr}-s{seed}", folder=tmp_path / "runs", curves=int(place > 0), tags=["wide"] * (place % 2),
            times={"created": f"2026-01-0{1 + place % 2}T0{place}:00:00+00:00"},
            config={"model": {"name": "mlp"}, "data": {"name": "digits"}, "optimizer": {"name": "sgd", "lr": lr},
                    "training": {"epochs": 10}, "seed": seed},
            result={"final": {"test_accuracy": 0.9 + place / 100}},
        )  # fmt: skip
    write_run(
        "left", folder=tmp_path / "runs", status="running", curves=0, result={},
        times={"created": "2025-12-31T00:00:00+00:00"},
    )  # fmt: skip
    (tmp_path / "runs" / "broken").mkdir()
    (tmp_path / "runs" / "broken" / "run.json").write_text("{")
    return Path("runs")


def listed(screen):
    """The names in the list, from above, and the one under the cursor."""
    rows = [line for line in screen.split("\n")[2:-4] if line.strip()]
    words = [line.replace("▌", " ").replace("*", " ").split() for line in rows]
    return [row[1] for row in words], next(row[1] for row, line in zip(words, rows, strict=True) if "▌" in line)


def record(folder, name):
    return json.loads((folder / name / "run.json").read_text())


def test_list_and_groups_as_drawn(explore, folder, check_golden):
    narrow, grouped = explore((80, 24), "j", "space", None, "o", *"conf", "enter", folder=folder)
    check_golden("runs-80x24.txt", narrow)
    check_golden("runs-groups-80x24.txt", grouped)
    check_golden("runs-120x40.txt", explore((120, 40), "v", "s", "s", folder=folder))


def test_a_filter_with_a_mistake_says_so_and_the_last_good_list_stays(explore, folder):
    good, wrong, mended, cleared = explore(
        (80, 24), "slash", *"lr>0.05", None, *" (", None, "backspace", "backspace", None, "escape", folder=folder
    )
    assert "2 of 6 runs" in good
    assert listed(wrong) == listed(good)
    assert "filter not understood" in wrong.split("\n")[0]
    assert "character 9" in wrong.split("\n")[-3]
    assert mended.split("\n")[0] == good.split("\n")[0]
    assert "6 runs" in cleared


def test_escape_brings_back_the_filter_that_was_there(explore, folder):
    kept, changed, back = explore(
        (80, 24), "slash", *"lr>0.05", "enter", None, "slash", "home", *"seed:1 ", None, "escape", folder=folder
    )
    assert "filter seed:1 lr>0.05" in changed
    assert listed(changed)[0] == ["mlp-lr0.1-s1"]
    assert back == kept


def test_where_no_run_is_left_the_list_says_why(explore, folder):
    none, unknown, back, alone = explore(
        (80, 24), "slash", *"tag:nobody", None, "ctrl+u", *"nonsense:1 and more", None, "escape", None, "slash",
        *"model:nothing-of-that", "enter", "slash", "ctrl+u", *"nobody has such a name", "enter", folder=folder,
    )  # fmt: skip
    assert "No run matches tag:nobody" in none
    assert "Esc takes the filter back." in none
    words = " ".join(line.strip() for line in unknown.split("\n")[1:6])
    assert "unknown field 'nonsense'; did you mean " in words
    assert len(listed(back)[0]) == 6
    assert "No run matches nobody has such a name" in alone


def test_what_is_wrong_with_a_filter_is_said_whole(explore, folder):
    narrow, wide = (explore(size, "slash", *"sedd:1", folder=folder) for size in ((80, 24), (120, 40)))
    assert "unknown field 'sedd'; did you mean seed" in narrow
    assert "unknown field 'sedd'; did you mean seed" in wide.split("\n")[0]


def test_any_field_orders_the_list_either_way(explore, folder):
    by_rate, reversed_, usual = explore((80, 24), "S", *"optimizer.lr", "enter", None, "r", None, "s", folder=folder)
    assert listed(by_rate)[0][:4] == ["mlp-lr0.1-s1", "mlp-lr0.1-s0", "mlp-lr0.02-s1", "mlp-lr0.02-s0"]
    assert listed(reversed_)[0][:2] == ["mlp-lr0.02-s0", "mlp-lr0.02-s1"]
    assert "sort optimizer.lr" in by_rate
    assert "reversed" in reversed_
    assert "sort newest" in usual


def test_a_field_has_its_other_names_in_the_menu_too(explore, folder):
    for typed, field in (("lr", "optimizer.lr"), ("opt.lr", "optimizer.lr"), ("acc", "accuracy"), ("bar", "barrier")):
        assert f"sort {field}" in explore((80, 24), "S", *typed, "enter", folder=folder)


def test_marks_stay_through_filters_and_are_undone(explore, folder):
    marked, again, narrowed, none = explore(
        (80, 24), "space", "space", None, "g", "space", None, "slash", *"broken", "enter", None, "M", folder=folder
    )
    first, second = listed(marked)[0][:2]
    assert "2 marked" in marked
    assert [line.split()[1] for line in marked.split("\n") if line[1:2] == "*"] == [first, second]
    assert "1 marked" in again
    # What a filter hides stays marked.
    assert "1 marked" in narrowed
    assert "marked" not in none.split("\n")[0]


def test_tags_and_names_reach_the_disk(explore, folder):
    asked, tagged, renamed = explore(
        (80, 24), "space", "T", None, *"deep", "enter", ..., None, "M", "g", "R", *"The Best", "enter", ...,
        folder=folder,
    )  # fmt: skip
    assert "tags of mlp-lr0.02-s1, with commas: wide," in asked
    assert "1 run tagged deep" in tagged
    changed = record(folder, "mlp-lr0.02-s1")
    assert (changed["tags"], changed["name"]) == (["wide", "deep"], "The Best")
    assert "The Best" in renamed


def test_tags_that_marked_runs_do_not_share_stay(explore, folder):
    said, tagged = explore(
        (80, 24), *["space"] * 4, "T", "enter", ..., None, "T", *"deep", "enter", ..., folder=folder
    )  # fmt: skip
    assert "the tags are as they were" in said
    assert "4 runs tagged deep" in tagged
    tags = {name: record(folder, name)["tags"] for name in ("mlp-lr0.02-s1", "mlp-lr0.02-s0")}
    assert tags == {"mlp-lr0.02-s1": ["wide", "deep"], "mlp-lr0.02-s0": ["deep"]}


def test_questions_name_the_runs_and_count_those_that_are_not_listed(explore, folder):
    marks = ("space", "space", "slash", *"s0", "enter")
    tags, deletion, one = explore(
        (120, 24), *marks, "T", None, "escape", "D", None, *"no", "enter", "M", "slash", "ctrl+u", "enter", "g",
        "space", "slash", *"broken", "enter", "D", folder=folder,
    )  # fmt: skip
    names = "2 runs (mlp-lr0.02-s1, mlp-lr0.1-s1; 2 of them not in the list, by the filter)"
    assert f"tags of {names}, with commas: wide" in tags
    assert f"delete {names} with weights and curves? [y/n]" in deletion
    assert "delete mlp-lr0.02-s1 (not in the list, by the filter) with" in one
    all_of_them = explore((120, 24), *["space"] * 6, "T", folder=folder)
    assert "tags of 6 runs (mlp-lr0.02-s1, mlp-lr0.1-s1, mlp-lr0.02-s0, mlp-lr0.1-s0, left and 1 more)" in all_of_them


def test_deleting_is_asked_twice(explore, folder):
    once, twice, kept, gone = explore(
        (80, 24), "D", None, "y", "enter", None, *"no", "enter", None, "D", *"y", "enter", *"delete", "enter", ...,
        folder=folder,
    )  # fmt: skip
    assert "delete mlp-lr0.02-s1 with weights and curves? [y/n]" in once
    assert "type delete to delete mlp-lr0.02-s1 for ever" in twice
    assert "nothing was deleted" in kept
    assert "mlp-lr0.02-s1" in listed(kept)[0]
    assert "1 run deleted" in gone
    assert "mlp-lr0.02-s1" not in listed(gone)[0]
    assert not (folder / "mlp-lr0.02-s1").exists()


def test_a_run_at_work_is_not_deleted(explore, folder):
    descriptor = os.open(folder / "left" / "lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        screen = explore((80, 24), "slash", *"left", "enter", "D", "y", "enter", *"delete", "enter", ..., folder=folder)
    finally:
        os.close(descriptor)
    assert "refused: a process is at work on left" in screen
    assert (folder / "left" / "run.json").exists()


def test_groups_have_mean_and_spread_and_open(explore, folder):
    groups, opened, back, alone = explore(
        (80, 24), "slash", *"mlp", "enter", "o", *"optimizer.lr", "enter", None, "enter", None, "escape", None,
        "escape", "escape", folder=folder,
    )  # fmt: skip
    # 0.92 and 0.93: their mean, and their standard deviation with n - 1.
    first = next(line for line in groups.split("\n") if "0.02" in line)
    assert "0.9250 ±0.0071" in first
    assert listed(opened)[0] == ["mlp-lr0.02-s1", "mlp-lr0.02-s0"]
    assert "optimizer.lr:0.02" in opened
    assert back == groups
    assert "6 runs" in alone


def test_an_opened_group_begins_at_its_top_and_is_found_again(explore, folder):
    keys = ("o", *"optimizer.lr", "enter", "j", None, "enter", None, "j", "escape")
    groups, opened, back = explore((80, 24), *keys, folder=folder)
    assert listed(opened) == (["mlp-lr0.1-s1", "mlp-lr0.1-s0"], "mlp-lr0.1-s1")
    assert back == groups


def test_groups_take_the_whole_width_and_are_what_is_exported(explore, folder):
    tables = []
    grouped, alone = explore(
        (120, 30), "s", "o", *"optimizer.lr", "enter", lambda app: tables.append(app.screen.rows()), None, "o",
        *"none", "enter", folder=folder,
    )  # fmt: skip
    heads = grouped.split("\n")[1]
    assert heads.endswith("seeds  age")
    assert len(heads) == 119
    assert "worst rise barrier" in alone
    heads, first, *_ = tables[0]
    known = dict(zip(heads, first, strict=True))
    assert (known["group"], known["runs"], float(known["accuracy"])) == ("0.02", "2", pytest.approx(0.925))
    # 0.92 and 0.93 with n - 1.
    assert float(known["accuracy_sd"]) == pytest.approx(0.01 / 2**0.5)


@pytest.mark.parametrize("key", ["T", "D", "R", "L"])
def test_a_key_for_a_run_says_that_this_is_a_group(explore, folder, key):
    screen = explore((80, 24), "o", *"optimizer.lr", "enter", key, folder=folder)
    assert "this is a group: open it (Enter), or mark its runs (Space)" in screen


def test_a_group_is_marked_with_all_its_runs(explore, folder):
    screen = explore((80, 24), "o", *"optimizer.lr", "enter", "space", "o", *"none", "enter", folder=folder)
    assert "2 marked" in screen
    assert sum(line[1:2] == "*" for line in screen.split("\n")) == 2


def test_filters_are_kept_under_names(explore, folder):
    none, kept, offered, taken = explore(
        (80, 24), "f", None, "slash", *"tag:wide", "enter", "F", *"mine", "enter", None, "escape", "f", None, "enter",
        folder=folder,
    )  # fmt: skip
    assert "no filter was kept yet" in none
    assert "kept; f offers mine" in kept
    assert filters() == ({"mine": "tag:wide"}, "")
    assert "mine  tag:wide" in offered
    assert listed(taken)[0] == ["mlp-lr0.02-s1", "mlp-lr0.1-s1"]


def test_a_kept_filter_is_forgotten_where_no_other_is_to_be_kept(explore, folder):
    save_filter("old", "-tag:old")
    save_filter("wide", "tag:wide")
    offered, said, none = explore((80, 24), "F", None, *"wid", "enter", None, "F", "enter", "F", folder=folder)
    assert "forget the filter" in offered
    assert "wide is forgotten" in said
    assert "no filter to keep" in none
    assert filters() == ({}, "")


def test_a_damaged_file_of_filters_is_said(explore, folder, tmp_path):
    (tmp_path / "config" / "lininterp").mkdir(parents=True)
    (tmp_path / "config" / "lininterp" / "filters.toml").write_text("x = ")
    said, refused = explore((160, 24), "f", None, "slash", *"mlp", "enter", "F", *"a", "enter", folder=folder)
    assert "is not used" in said
    assert "nothing was kept" in refused


def test_the_run_beside_the_list_is_put_away(explore, folder):
    beside, alone, again = explore((120, 30), None, "v", None, "v", folder=folder)
    assert "worst rise barrier" in beside
    heads = [screen.split("\n")[1].split() for screen in (beside, alone)]
    assert set(heads[1]) > {"run", "model", "data", "optimizer", "accuracy", "barrier", "block", "age"}
    assert {"model", "block"} < set(heads[0])
    assert again == beside


@pytest.mark.parametrize(("width", "keys", "shown"), [(80, "vybB", False), (120, "ybBv", True)])
def test_a_key_for_the_run_beside_the_list_says_where_there_is_none(explore, folder, width, keys, shown):
    for screen in explore((width, 30), *(one for key in keys for one in (key, None)), folder=folder):
        assert ("only " in screen.split("\n")[-2]) != shown


def test_a_key_that_changes_nothing_says_why(explore, write_run):
    path = write_run("mlp-s9", folder=Path("alone")) / "curves" / "curve-0.json"
    curve = read_curve(path)
    series = tuple(replace(one, splits={"test": one.splits["test"]}) for one in curve.series)
    replace(curve, series=series).write(path)
    assert "measured on test data only" in explore((80, 24), "t", folder=Path("alone"))
