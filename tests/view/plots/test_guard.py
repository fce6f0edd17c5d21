"""What reaches plotext is finite and inside its limits, and what is drawn is what was measured."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lininterp_cli.view.plots.guard import Limits, clip_runs, robust_limits, span, thin, ticks

anything = st.one_of(st.none(), st.floats(), st.sampled_from([1e300, -1e300, 5e-324, 1e6, 2.3]))


@given(st.lists(st.tuples(st.floats(), anything), max_size=20), st.booleans())
def test_points_are_finite_and_inside_the_unit_square(points, log):
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x, y = span(xs), robust_limits([value for value in ys if value is not None], log=log)
    if x is None or y is None:
        return
    for run in clip_runs(xs, ys, x, y):
        assert run
        for point in run:
            assert all(0 <= value <= 1 for value in point)


@given(st.lists(st.floats(0, 10), min_size=2, max_size=20))
def test_nothing_is_cut_from_ordinary_losses(losses):
    limits = robust_limits(losses, always=10.0)
    assert limits is not None
    assert limits.low <= min(losses)
    assert max(losses) <= limits.high
    xs = [index / (len(losses) - 1) for index in range(len(losses))]
    (run,) = clip_runs(xs, losses, Limits(low=0, high=1), limits)
    assert [limits.low + y * (limits.high - limits.low) for _, y in run] == pytest.approx(losses, abs=1e-6)


@given(
    st.lists(st.floats(0, 5), min_size=8, max_size=30),
    st.lists(st.sampled_from([1e4, 1e6, 1e30]), max_size=2),
)
def test_a_few_diverged_values_do_not_move_the_limits(losses, diverged):
    assert robust_limits(losses + diverged, always=10.0) == robust_limits(losses, always=10.0)


@given(st.lists(st.floats(0, 5), min_size=4, max_size=4), st.integers(1, 6))
def test_up_to_six_in_ten_diverged(losses, count):
    limits = robust_limits([*losses, *[1e7] * count], always=10.0)
    assert limits is not None
    assert limits.high < 10


def test_a_line_is_cut_where_it_crosses_the_limits():
    unit = Limits(low=0, high=1)
    runs = list(clip_runs([0, 0.5, 1], [0.0, 2.0, 0.0], unit, unit))
    assert runs == [[(0, 0), (0.25, 1)], [(0.75, 1), (1, 0)]]
    assert list(clip_runs([0, 1], [-1.0, 2.0], unit, unit)) == [[(pytest.approx(1 / 3), 0), (pytest.approx(2 / 3), 1)]]
    assert list(clip_runs([0, 1], [2.0, 3.0], unit, unit)) == []


def test_a_missing_value_breaks_a_line():
    unit = Limits(low=0, high=1)
    xs = [0, 0.25, 0.5, 0.75, 1]
    runs = list(clip_runs(xs, [0.1, 0.1, math.nan, 0.1, None], unit, unit))
    assert runs == [[(0, 0.1), (0.25, 0.1)], [(0.75, 0.1)]]


@example(low=879609.9999999999, width=1e-06, most=2)
@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 8))
def test_ticks_are_round_inside_and_few(low, width, most):
    limits = Limits(low=low, high=low + width)
    found = ticks(limits, most)
    assert 1 <= len(found) <= most
    slack = max(1e-6 * width, 2 * math.ulp(max(abs(limits.low), abs(limits.high))))
    assert all(limits.low - slack <= value <= limits.high + slack for value, _ in found)
    labels = [label for _, label in found]
    assert len(set(labels)) == len(labels) or width < 1e-5 * abs(low)


def test_log_ticks():
    assert [label for _, label in ticks(Limits(low=0.05, high=30, log=True), 4)] == ["0.1", "1", "10"]
    assert [label for _, label in ticks(Limits(low=1.5, high=6, log=True), 4)] == ["2", "5"]
    assert len(ticks(Limits(low=1e-30, high=1e30, log=True), 5)) <= 5


def test_thinning_keeps_the_extremes():
    run = [(index / 9999, math.sin(index) / 2 + 0.5) for index in range(10_000)]
    kept = thin(run, 40)
    assert len(kept) <= 4 * 41
    assert kept == sorted(kept)
    assert {kept[0], kept[-1], max(run, key=lambda p: p[1]), min(run, key=lambda p: p[1])} <= set(kept)
    assert thin(run[:100], 40) == run[:100]


def test_less_than_a_decade_has_ticks_on_a_log_axis_too():
    for low, high in ((0.12, 0.43), (3.1, 4.4), (2.0001, 2.0002), (11, 19)):
        shown = ticks(Limits(low=low, high=high, log=True), 4)
        assert 2 <= len(shown) <= 4
        assert all(low <= value <= high for value, _ in shown)
        assert len({label for _, label in shown}) == len(shown)
