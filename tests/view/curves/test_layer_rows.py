"""What is said of every block."""

import math
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.errors import UnknownNameError
from lininterp_cli.view.curves.critical import Critical
from lininterp_cli.view.curves.layer_rows import (
    COLUMNS,
    HEADS,
    cells,
    layer_rows,
    next_threshold,
    resample,
    settled_from,
)

ANY = st.floats() | st.floats(-3, 3)


def test_orders_keep_the_whole_network_first(make_curve):
    curve = make_curve({"all": (2, 1, 1, 1, 0), "b": (0, 1, 0, 0, 0), "a": (0, 2, 0, 0, 0), "c": (0, 0, 0, 0, 0)})
    moved = {"all": 9.0, "b": 1.0, "a": math.nan, "c": 3.0}
    curve = replace(curve, series=tuple(replace(one, distance=moved[one.label]) for one in curve.series))
    orders = {
        sort: "".join(row.label[0] for row in layer_rows(curve, "test", sort=sort)[1:])
        for sort in ("depth", "barrier", "distance", "name")
    }
    assert orders == {"depth": "bac", "barrier": "abc", "distance": "cba", "name": "abc"}
    assert all(layer_rows(curve, "test", sort=sort)[0].label == "all" for sort in orders)
    assert [row.label for row in layer_rows(curve, "test", within={"c", "a"})] == ["a", "c"]


def test_rows_carry_the_curves_own_figures(make_curve):
    curve = make_curve()
    conv1 = layer_rows(curve, "train", "max", metric="accuracy", threshold=0.01)[1]
    assert conv1.barrier == curve.barrier(conv1.series, "train", "max", "accuracy")
    assert conv1.is_high
    assert not layer_rows(curve, "train", "max", metric="accuracy", threshold=0.9)[1].is_high
    assert dict(zip(HEADS, cells(conv1), strict=True))["barrier"] == conv1.height


def test_the_most_critical_come_first_and_what_was_not_measured_last(make_curve):
    curve = make_curve({"all": (2, 1, 1, 1, 0), "b": (0,) * 5, "a": (0,) * 5, "c": (0,) * 5, "d": (0,) * 5})
    critical = {"b": Critical(mu=0.5, is_bound=True), "a": Critical(mu=7.0), "c": Critical(mu=math.nan)}
    rows = layer_rows(curve, "test", sort="critical", critical=critical)
    assert [row.label for row in rows] == ["all", "c", "a", "b", "d"]
    at = HEADS.index("critical")
    assert [cells(row)[at] for row in rows] == [None, None, 7.0, 0.5, None]


def test_a_barrier_of_the_threshold_counts(make_curve):
    height = layer_rows(make_curve(), "test")[1].height
    assert layer_rows(make_curve(), "test", threshold=height)[1].is_high
    assert not layer_rows(make_curve(), "test", threshold=height * 1.01)[1].is_high


def test_the_document_explains_the_columns():
    text = " ".join((Path(__file__).parents[3] / "docs" / "explorer.md").read_text(encoding="utf-8").split())
    for name, words in COLUMNS.items():
        assert f"- `{name}`: {words}" in text


@pytest.mark.parametrize("wrong", [{"split": "valid"}, {"definition": "rize"}, {"sort": "depht"}])
def test_unknown_names(make_curve, wrong):
    with pytest.raises(UnknownNameError):
        layer_rows(make_curve(), **({"split": "test"} | wrong))


@given(st.lists(ANY, min_size=1, max_size=9), st.floats(0, 2))
def test_settled_is_the_longest_good_end(costs, threshold):
    alphas = [float(value) for value in numpy.linspace(0, 1, len(costs))] if len(costs) > 1 else [1.0]
    settled = settled_from(alphas, costs, threshold)
    if not math.isfinite(costs[-1]):
        assert settled is None
        return
    good = [all(cost - costs[-1] <= threshold + 1e-12 for cost in costs[at:]) for at in range(len(costs))]
    assert settled == alphas[good.index(True)]


def test_settled_ignores_what_lies_beyond_the_path():
    assert settled_from([-1.0, 0.0, 1.0, 2.0], [9.0, 0.1, 0.1, 9.0], 0.1) == 0.0
    assert settled_from([0.0, 0.5], [0.1, 0.1], 0.1) is None
    assert settled_from([], [], 0.1) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20, unique=True), st.integers(1, 70), st.randoms())
def test_cells_keep_every_maximum_and_lie_on_the_line_elsewhere(alphas, columns, random):
    alphas = sorted(alphas)
    values = [random.random() for _ in alphas]
    found = resample(alphas, values, 0.0, 1.0, columns)
    assert len(found) == columns
    known = [value for value in found if value is not None]
    assert max(known) == pytest.approx(max(values))
    middles = numpy.linspace(0, 1, columns)
    for value, at in zip(found, middles, strict=True):
        inside = [
            v for a, v in zip(alphas, values, strict=True) if round(a * (columns - 1)) == round(at * (columns - 1))
        ]
        if inside:
            assert value == max(inside)
        elif alphas[0] < at < alphas[-1]:
            assert value == pytest.approx(numpy.interp(at, alphas, values))
        else:
            assert value is None


def test_what_is_not_finite_stays_a_gap():
    found = resample([0.0, 0.5, 1.0], [1.0, math.nan, 3.0], 0.0, 1.0, 9)
    assert found[0] == 1.0
    assert found[-1] == 3.0
    assert math.isnan(found[4])
    assert found[1:4] == [None] * 3
    assert found[5:8] == [None] * 3


@given(st.floats(2e-3, 90))
def test_thresholds_are_round_and_go_both_ways(threshold):
    higher, lower = next_threshold(threshold, 1), next_threshold(threshold, -1)
    assert lower < higher
    assert f"{higher:e}"[0] in "125"
    assert next_threshold(next_threshold(0.1, 1), -1) == 0.1
