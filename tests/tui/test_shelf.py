"""What the list shows for a filter, an order and a grouping, without a screen."""

import pytest

from lininterp_cli.tui.model import Catalog
from lininterp_cli.tui.shelf import Shelf
from lininterp_cli.view.listing import USUAL_SORTS

NOW = 1_767_400_000.0


@pytest.fixture
def found(store, write_run):
    write_run("tagged", tags=["old", "paper run"], name="Mine")
    *_, snapshot = Catalog(store).scan()
    return snapshot.entries


def keys(shelf, found):
    return [row.key for row in shelf.rows(found, NOW)]


def test_orders(found):
    shelf = Shelf()
    orders = {}
    for _ in USUAL_SORTS:
        orders[shelf.sort] = keys(shelf, found)
        shelf.next_sort()
    assert shelf.sort == "newest"
    assert all(sorted(order) == sorted(orders["newest"]) for order in orders.values())
    assert orders["newest"][-2:] == ["resnet8-s1", "broken"]
    assert orders["accuracy"].index("mlp-s0") < orders["accuracy"].index("resnet8-s1")
    assert orders["barrier"][0] == "diverged-s2"
    assert orders["state"][0] == "diverged-s2"
    shelf.reverse = True
    assert keys(shelf, found)[0] == "resnet8-s1"


def test_filters(found):
    shelf = Shelf()
    for text, expected in {
        "RESNET8 sgd finished": {"mlp-s0", "resnet8-s1", "hostile", "tagged"},
        "evil": {"hostile"},
        "tag:old": {"tagged"},
        'tag:"paper run" | barrier>1000': {"tagged", "diverged-s2"},
        "accuracy>0.4 accuracy<60%": {"resnet8-s1"},
        "state:damaged": {"broken"},
        "no such run": set(),
        "-epochs:10": {"broken"},
    }.items():
        shelf.write(text)
        assert (set(keys(shelf, found)), shelf.problem) == (expected, "")


def test_nonsense_keeps_the_last_good_list(found):
    shelf = Shelf()
    shelf.write("tag:old")
    shelf.write("tag:old barrier>")
    assert "character 9: barrier> needs a value" in shelf.problem
    assert keys(shelf, found) == ["tagged"]
    shelf.write("colour:red")
    assert keys(shelf, found) == []
    assert "unknown field 'colour'" in shelf.problem
    shelf.write("")
    assert (len(keys(shelf, found)), shelf.problem) == (7, "")


def test_any_field_orders_and_others_are_refused(found):
    shelf = Shelf()
    shelf.sort_by("colour", found)
    assert (shelf.sort, "colour" in shelf.problem) == ("newest", True)
    shelf.sort_by("tag", found)
    assert keys(shelf, found)[0] == "tagged"


def test_groups_open_and_close(found):
    shelf = Shelf(by="tag")
    rows = shelf.rows(found, NOW)
    assert {row.label: len(row.members) for row in rows} == {"old": 1, "paper run": 1, "no tag": 6}
    shelf.write("tag:old | state:finished")
    shelf.open(next(row for row in rows if row.label == "no tag"))
    assert set(keys(shelf, found)) == {"mlp-s0", "resnet8-s1", "hostile"}
    assert shelf.close()
    assert (shelf.by, shelf.text) == ("tag", "tag:old | state:finished")
    assert shelf.close()
    assert (shelf.by, shelf.text) == ("tag", "")
    assert shelf.close()
    assert not shelf.close()


def test_the_same_runs_are_not_arranged_again(found):
    shelf = Shelf()
    assert shelf.entries(found, NOW) is shelf.entries(found, NOW + 1)
    assert shelf.entries(found, NOW) is not shelf.entries(tuple(found[1:]), NOW)
