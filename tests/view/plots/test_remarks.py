"""Every value that a plot does not show is counted in a remark."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.view.plots.guard import Limits
from lininterp_cli.view.plots.remarks import is_finite, left_out, nothing

VALUES = st.lists(st.one_of(st.none(), st.floats(), st.floats(-3, 3)))


@given(VALUES, st.booleans())
def test_what_is_not_inside_the_limits_is_counted_once(values, log):
    limits = Limits(low=0.5, high=2.0, log=log)
    counts = [int(remark.split()[0]) for remark in left_out(values, limits)]
    assert sum(counts) == sum(value is None or not 0.5 <= value <= 2.0 for value in values)
    assert 0 not in counts


def test_each_reason_has_its_words():
    values = [1.0, None, math.nan, math.inf, 3.0, 40.0, -1.0, 0.0, 0.25]
    assert left_out(values, Limits(low=0.5, high=2.0, log=True)) == [
        "3 not finite, marked x on the axis",
        "2 values at or below 0 not shown on a log axis",
        "2 values above 2.00 not shown, up to 40.0",
        "1 value below 0.50 not shown, down to 0.25",
    ]
    assert left_out(values, Limits(low=0.5, high=50.0)) == [
        "3 not finite, marked x on the axis", "3 values below 0.50 not shown, down to -1.00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "log", "words"),
    [
        ([], False, "nothing measured yet"),
        ([math.nan, None], True, "no finite value (2 values)"),
        ([math.inf], False, "no finite value (1 values)"),
        ([0.0, -1.0, math.nan], True, "no value above 0 for a log axis (3 values)"),
    ],
)
def test_why_there_is_nothing_to_draw(values, log, words):
    assert nothing(values, log=log) == words


@given(st.one_of(st.none(), st.floats()))
def test_finite_is_what_python_says(value):
    assert is_finite(value) == (value is not None and math.isfinite(value))
