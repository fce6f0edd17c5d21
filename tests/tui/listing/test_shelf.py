"""What a filter, an order and groups make of the runs, without a screen."""

import pytest

from lininterp_cli.tui.listing.shelf import Shelf
from lininterp_cli.tui.model import Catalog
from lininterp_cli.view.runs.groups import Group
from lininterp_cli.view.runs.listing import USUAL_SORTS

NOW = 1_767_500_000.0


@pytest.fixture
def found(tmp_path, write_run):
    """Two configurations with two seeds each."""
    for place, (lr, seed) in enumerate([(0.1, 0), (0.1, 1), (0.2, 0), (0.2, 1)]):
        write_run(
            f"run-{place}", curves=place % 2, times={"created": f"2026-01-0{place + 1}T00:00:00+00:00"},
            config={"model": {"name": "mlp"}, "optimizer": {"name": "sgd", "lr": lr, "momentum": None}, "seed": seed},
            result={"final": {"test_accuracy": 0.5 + place / 10}},
        )  # fmt: skip
    *_, snapshot = Catalog(tmp_path).scan()
    return snapshot.entries


def keys(shelf, found, now=NOW):
    return [entry.key for entry in shelf.entries(found, now)]


def test_newest_first_and_the_same_list_while_nothing_changes(found):
    shelf = Shelf()
    assert keys(shelf, found) == ["run-3", "run-2", "run-1", "run-0"]
    assert shelf.entries(found, NOW) is shelf.entries(found, NOW)
    assert shelf.entries(found, NOW + 120) is not None
    shelf.reverse = True
    assert keys(shelf, found) == ["run-0", "run-1", "run-2", "run-3"]


@pytest.mark.parametrize("nonsense", ["lr>many", "(", "| x", "lr:", '"open', "nosuchfield:1"])
def test_a_text_that_means_nothing_says_so_and_the_last_good_list_stays(found, nonsense):
    shelf = Shelf()
    shelf.write("lr:0.2")
    assert keys(shelf, found) == ["run-3", "run-2"]
    shelf.write(nonsense)
    for _ in range(2):
        assert keys(shelf, found) == ["run-3", "run-2"]
        assert shelf.problem
    # What is gone from the disk is gone from the list.
    assert keys(shelf, found[:3]) == ["run-2"]
    shelf.write("")
    assert (len(keys(shelf, found)), shelf.problem) == (4, "")


def test_a_problem_lasts_as_long_as_its_text(found):
    shelf = Shelf()
    for text, is_wrong in (("nosuch:1", True), ("nosuch:1 (", True), ("nosuch:1", True), ("mlp", False)):
        shelf.write(text)
        shelf.entries(found, NOW)
        assert bool(shelf.problem) is is_wrong


def test_a_setting_that_is_null_in_every_run_is_a_field(found):
    shelf = Shelf()
    shelf.write("momentum>0")
    assert (keys(shelf, found), shelf.problem) == ([], "")
    shelf.write("")
    shelf.sort_by("optimizer.momentum")
    assert len(keys(shelf, found)) == 4


def test_orders(found):
    shelf = Shelf()
    shelf.sort_by("optimizer.lr")
    assert keys(shelf, found) == ["run-3", "run-2", "run-1", "run-0"]
    shelf.reverse = True
    assert shelf.title == "sort optimizer.lr reversed"
    seen = []
    for _ in USUAL_SORTS:
        shelf.next_sort()
        seen.append(shelf.sort)
    assert (tuple(seen), shelf.reverse) == (USUAL_SORTS, False)
    shelf.sort_by("barrier")
    assert set(keys(shelf, found)[:2]) == {"run-1", "run-3"}


def test_groups_open_and_close(found):
    shelf = Shelf(by="configuration")
    rows = shelf.rows(found, NOW)
    assert all(isinstance(row, Group) for row in rows)
    assert [[entry.key for entry in row.members] for row in rows] == [["run-3", "run-2"], ["run-1", "run-0"]]
    assert [row.accuracy[0] for row in rows] == pytest.approx([0.75, 0.55])
    # Grouped once, however often it is drawn.
    assert shelf.rows(found, NOW)[0] is rows[0]
    shelf.open(rows[1])
    assert [entry.key for entry in shelf.rows(found, NOW)] == ["run-1", "run-0"]
    assert shelf.close()
    assert [row.query for row in shelf.rows(found, NOW)] == [row.query for row in rows]
    assert shelf.close()
    assert (shelf.by, shelf.close()) == ("", False)


def test_runs_from_several_seeds_are_a_group_also_where_a_filter_leaves_those_out(found, tmp_path, write_run):
    for place in range(4):
        write_run(f"again-{place}", config={"reset": {"run": f"run-{place}"}, "seed": place % 2}, kind="reset-block")
    *_, snapshot = Catalog(tmp_path).scan()
    shelf = Shelf(by="configuration")
    shelf.write("kind:reset-block")
    members = [{entry.key for entry in row.members} for row in shelf.rows(snapshot.entries, NOW)]
    assert sorted(map(sorted, members)) == [["again-0", "again-1"], ["again-2", "again-3"]]


def test_a_group_of_a_filter_with_an_or_holds_its_own_runs_only(found):
    shelf = Shelf(by="seed")
    shelf.write("run-0 | run-1 | run-2")
    for row in shelf.rows(found, NOW):
        members = [entry.key for entry in row.members]
        shelf.open(row)
        assert keys(shelf, found) == members
        shelf.close()
