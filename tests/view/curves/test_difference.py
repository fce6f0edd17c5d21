"""How curves differ from one of them, against numpy's interpolation."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.view.curves.difference import difference, difference_plot, interpolated
from lininterp_cli.view.curves.overlay import Trace
from lininterp_cli.view.look import Look

# A millionth apart at least: between subnormal neighbours numpy's slopes overflow.
position = st.integers(-2_000_000, 3_000_000).map(lambda millionths: millionths / 1e6)
positions = st.lists(position, min_size=1, max_size=12, unique=True).map(sorted)
usual = st.floats(-1e6, 1e6)
anything = st.floats()


def make_trace(alphas, loss, place=0):
    values = Values(num_examples=9, loss=tuple(loss), loss_stderr=(0.0,) * len(loss), accuracy=tuple(loss))
    series = Series(block=None, tensors=(), distance=1.0, alphas=tuple(alphas), splits={"test": values})
    curve = Curve(
        name="full", run="r", start={}, end={}, by="full", rest="final", bn="running", dtype="float32", batch_size=1,
        series=(series,),
    )  # fmt: skip
    return Trace(label=f"run {place}", place=place, curve=curve, series=series)


@st.composite
def traces(draw, values=anything, place=0):
    alphas = draw(positions)
    return make_trace(alphas, draw(st.lists(values, min_size=len(alphas), max_size=len(alphas))), place)


@given(traces(usual), st.lists(st.floats(0, 1), max_size=9))
def test_interpolated_is_what_numpy_finds(trace, shares):
    alphas, values = trace.series.alphas, trace.series.splits["test"].loss
    wanted = [*alphas, *(alphas[0] + share * (alphas[-1] - alphas[0]) for share in shares)]
    scale = 1 + max(map(abs, values))
    assert interpolated(alphas, values, wanted) == pytest.approx(np.interp(wanted, alphas, values), abs=1e-9 * scale)


def test_beside_a_missing_value_nothing_is_known():
    found = interpolated([0.0, 0.5, 1.0], [1.0, math.nan, 3.0], [0.0, 0.2, 0.5, 0.7, 1.0])
    assert [math.isnan(value) for value in found] == [False, True, True, True, False]
    assert (found[0], found[-1]) == (1.0, 3.0)


@given(traces(usual), traces(usual, place=1))
def test_difference_is_that_of_numpys_interpolations_where_both_were_walked(ours, theirs):
    alphas, found = difference(ours, theirs, "test", "loss")
    left, right = ours.series.alphas, theirs.series.alphas
    grid = np.union1d(left, right)
    grid = grid[(grid >= max(left[0], right[0])) & (grid <= min(left[-1], right[-1]))]
    assert alphas == grid.tolist()
    slow = np.interp(grid, left, ours.values("test", "loss")) - np.interp(grid, right, theirs.values("test", "loss"))
    assert found == pytest.approx(slow, abs=1e-2)


def test_a_curve_differs_from_itself_by_nothing_and_only_where_it_is_known():
    trace = make_trace([0.0, 0.3, 0.6, 1.0], [2.0, math.inf, -math.inf, 1.0])
    alphas, found = difference(trace, trace, "test", "loss")
    assert alphas == [0.0, 0.3, 0.6, 1.0]
    assert [0.0, 0.0] == [found[0], found[-1]]
    assert all(map(math.isnan, found[1:3]))


def test_the_difference_of_accuracies_and_of_errors_have_opposite_signs():
    ours, theirs = make_trace([0.0, 1.0], [0.25, 0.5]), make_trace([0.0, 1.0], [0.125, 0.75], 1)
    assert difference(ours, theirs, "test", "accuracy")[1] == [0.125, -0.25]
    assert difference(ours, theirs, "test", "error")[1] == [-0.125, 0.25]


@given(
    some=st.lists(traces(), max_size=4),
    reference=traces(),
    width=st.integers(1, 130),
    height=st.integers(1, 50),
    quantity=st.sampled_from(["loss", "accuracy", "error"]),
    ascii=st.booleans(),
)
def test_any_curves_fit_any_size(some, reference, width, height, quantity, ascii):
    some = [replace(one, place=place + 1) for place, one in enumerate(some)]
    text = difference_plot(
        [reference, *some], reference, split="test", quantity=quantity, width=width, height=height,
        look=Look(ascii=ascii),
    ).plain  # fmt: skip
    rows = text.split("\n")
    assert len(rows) <= height
    assert max(map(cell_len, rows)) <= width
    assert text.isascii() or not ascii


def test_the_reference_is_the_line_at_zero_and_diverged_values_do_not_flatten_the_others():
    alphas = [0.0, 0.25, 0.5, 0.75, 1.0]
    reference = make_trace(alphas, [2.0, 1.5, 1.0, 0.5, 0.0])
    near, far = make_trace(alphas, [2.0, 1.6, 1.2, 0.6, 0.0], 1), make_trace(alphas, [2.0, 1e6, math.nan, 0.5, 0.0], 2)
    text = difference_plot(
        [reference, near, far], reference, split="test", width=80, height=20, look=Look(ascii=True)
    ).plain
    assert "loss (nats) less that of a" in text
    assert "1 not finite" in text
    assert "1 value above" in text
    labels = [float(label) for label in re.findall(r"^ *([0-9.]+)\+", text, re.MULTILINE)]
    assert 0 in labels
    assert max(labels) <= 0.3
