"""Figures as words, and rows for other programs."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.study.report.figures import Spread
from lininterp_cli.study.report.findings import Row
from lininterp_cli.view.study.cells import (
    begun,
    fixed,
    flat_rows,
    missing_words,
    places,
    progress_words,
    runs_words,
    short_names,
    spread_words,
    target_words,
)


@pytest.mark.parametrize(
    ("name", "spread", "words"),
    [
        ("test_accuracy", Spread(3, 0.92214, 0.00204), "92.21±0.20"),
        ("test_accuracy", Spread(1, 0.92214, None), "92.21"),
        ("test_accuracy", Spread(0, None, None), "n/a"),
        ("barrier_rise", Spread(3, 1.2345, 0.123456), "1.234±0.123"),
        ("barrier_rise", Spread(3, 0.0, 0.0), "0.000±0.000"),
        ("distance", Spread(3, 33.8649, 0.0711), "33.86±0.07"),
        ("distance", Spread(3, 1234.0, 56.7), "1234±57"),
        ("barrier_rise", Spread(3, 1.9e-4, 2.7e-4), "0.000±0.000"),
        ("barrier_rise", Spread(3, -0.0001, 7e-4), "0.000±0.001"),
        ("barrier_rise", Spread(3, 0.5, 120.3), "0.5±120.3"),
        ("barrier_rise", Spread(3, 2.5e7, 3e6), "2e+07±3e+06"),
        ("criticality", Spread(3, 290000.0, 1e-7), "2.9e+05±1.0e-07"),
        ("plateau", Spread(2, 0.834, 0.0123), "0.83±0.01"),
        ("monotone", Spread(10, 0.3, 0.48), "3/10"),
        ("monotone", Spread(1, 0.5, None), "0.50"),
    ],
)
def test_a_figure_is_mean_and_deviation(make_row, name, spread, words):
    row = make_row()
    row.figures[name] = spread
    assert spread_words(row, name) == words


@given(st.floats(0, 99999), st.floats(0, 99999))
def test_a_figure_with_its_deviation_fits_its_column(mean, deviation):
    row = Row(group="a", step="", line="", states={}, figures={"barrier_max": Spread(2, mean, deviation)})
    words = spread_words(row, "barrier_max")
    assert len(words) <= 11
    shown, spread = map(float, words.split("±"))
    assert (shown, spread) == pytest.approx((mean, deviation), rel=0.51, abs=max(0.0005, mean / 1000, deviation / 1000))


@pytest.mark.parametrize("value", [-9.9996, -99.996, -999.96, -99999.6, -1e300, 1e-9, 0.0, math.inf, 5])
def test_a_number_takes_seven_characters(value):
    assert len(fixed(value)) <= 7
    assert float(fixed(value)) == pytest.approx(value, rel=0.5, abs=0.0005)


def test_targets_are_shown_with_the_difference(make_row):
    assert target_words(make_row(target=0.9)) == ("90.00", "+2.00")
    assert target_words(make_row(target=0.95)) == ("95.00", "-3.00")
    assert target_words(make_row(tests=(), target=0.95)) == ("95.00", "n/a")
    assert target_words(make_row()) == ("", "")


def test_what_is_missing_is_counted(make_row):
    row = make_row(states={"finished": 3, "waiting": 4, "diverged": 1})
    assert runs_words(row) == "3/8"
    assert missing_words(row) == "1 diverged, 4 waiting"
    assert missing_words(make_row()) == ""


def test_progress_counts_cells_and_runs_once(make_report, make_row):
    rows = (make_row(), make_row(line="noise to final"), make_row("b", (), line="", states={"waiting": 3}))
    found = make_report(rows=rows, cells={"done": 3, "failed": 1, "damaged": 0, "waiting": 2})
    assert progress_words(found) == "3 of 6 cells are done, 1 failed, 2 waiting; 3 of 6 runs are finished"

    assert [row.label for row in begun(found)] == ["decay=0"]
    assert places(found) == {"decay=0": 0}


def test_runs_that_several_rows_have_are_counted_once(make_report, make_row):
    rows = (make_row("a", runs=("r", "s", "t")), make_row("b", runs=("r", "s", "t")), make_row("c"))
    assert progress_words(make_report(rows=rows)).endswith("; 9 of 9 runs are finished, 6 different ones")


def test_every_row_is_flat_and_as_long_as_the_heads(make_report):
    found = make_report()
    heads, *rows = flat_rows(found)
    assert len(rows) == 2 + 3
    assert {len(row) for row in rows} == {len(heads)} == {len(set(heads))}
    first = dict(zip(heads, rows[0], strict=True))
    assert first["test_accuracy"] == pytest.approx(0.92)
    assert first["test_accuracy_deviation"] == pytest.approx(0.02)
    assert (first["test_accuracy_runs"], first["finished"], first["waiting"]) == (3, 3, 0)
    assert first["published"] is first["block"] is None
    conv1, layer1, _ = (dict(zip(heads, row, strict=True)) for row in rows[2:])
    assert (layer1["block"], layer1["cost"], layer1["cost_low"], layer1["criticality"]) == ("layer1", 3.0, 2.5, None)
    assert (conv1["cost"], conv1["criticality"], conv1["criticality_runs"]) == (None, 777.0, 3)
    assert (conv1["distance"], conv1["test_accuracy"]) == (3.0, None)


def test_short_names_leave_sections_out_where_names_stay_apart():
    assert list(short_names(["optimizer.lr=1", "optimizer.lr=2"], 20).values()) == ["lr=1", "lr=2"]
    labels = ["mlp, optimizer.name=sgd, optimizer.lr=1", "mlp, optimizer.name=sgd, optimizer.lr=2"]
    assert list(short_names(labels, 20).values()) == ["mlp, sgd, lr=1", "mlp, sgd, lr=2"]
    labels = ["optimizer.name=x", "model.name=x"]
    assert list(short_names(labels, 20).values()) == labels
