"""Orders and filters are those that a plain sort finds."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.errors import UnknownNameError
from lininterp_cli.runs.query import parse
from lininterp_cli.view.runs.listing import USUAL_SORTS, order, require, select, table
from lininterp_cli.view.runs.summary import Summary


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12), st.booleans())
def test_what_is_known_is_sorted_and_the_rest_stands_last(run, same, values, reverse):
    ordered = order([run(place, value) for place, value in enumerate(values)], "accuracy", 0, same, reverse=reverse)
    found = [one.accuracy for one in ordered]
    known = sorted((value for value in values if value is not None), reverse=not reverse)
    assert found == known + [None] * (len(values) - len(known))


@pytest.mark.parametrize("sort", [*USUAL_SORTS, "age", "tag", "model", "lr"])
def test_every_order_keeps_every_run(run, same, sort):
    runs = [run(0), run(1, 0.5, 1.0, **{"optimizer.lr": 0.1}), run(2, 0.6), Summary(id="x", name="", state="odd")]
    assert sorted(one.id for one in order(runs, sort, 10.0, same)) == sorted(one.id for one in runs)


def test_newest_first(run, same):
    assert [one.id for one in order([run(1), run(3), run(2)], "newest", 0, same)] == ["run-3", "run-2", "run-1"]
    assert [one.id for one in order([run(1), run(3)], "newest", 0, same, reverse=True)] == ["run-1", "run-3"]


def test_select(run, same):
    runs = [run(0, 0.9, lr=0.1), run(1, 0.5, lr=0.2)]
    assert select(runs, parse("lr>0.1"), 0, same) == runs[1:]
    assert select(runs, parse("accuracy>2"), 0, same) == []
    assert select(runs, parse("age<1"), 1.5, same) == runs[1:]
    with pytest.raises(UnknownNameError, match="unknown field 'width'"):
        select(runs, parse("width:3"), 0, same)
    require(runs, "lr")


def test_table_is_words(run):
    rows = table(
        [run(1, 0.5, 2.0, seed=3), dataclasses.replace(run(2), name="a\tb")], ("name", "accuracy", "barrier", "seed")
    )
    assert rows == [["name", "accuracy", "barrier", "seed"], ["", "0.5000", "2.000", "3"], ["a\tb", "", "", ""]]
