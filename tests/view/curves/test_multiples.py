"""Small plots side by side."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.view.curves.multiples import multiples
from lininterp_cli.view.curves.overlay import Trace
from lininterp_cli.view.look import Look


def make_trace(alphas, loss, place=0, label="run"):
    values = Values(num_examples=9, loss=tuple(loss), loss_stderr=(0.0,) * len(loss), accuracy=tuple(loss))
    series = Series(block=None, tensors=(), distance=1.0, alphas=tuple(alphas), splits={"test": values})
    curve = Curve(
        name="full", run="r", start={"checkpoint": "initial"}, end={"checkpoint": "final"}, by="full", rest="final",
        bn="running", dtype="float32", batch_size=1, series=(series,),
    )  # fmt: skip
    return Trace(label=label, place=place, curve=curve, series=series)


@st.composite
def any_trace(draw):
    alphas = sorted(draw(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=9)))
    loss = draw(st.lists(st.floats(), min_size=len(alphas), max_size=len(alphas)))
    return make_trace(alphas, loss, label=draw(st.text(max_size=30)))


def hill(place=0, label="hill", height=1.0):
    alphas = [index / 10 for index in range(11)]
    return make_trace(alphas, [2 - 2 * a + height * 8 * a * (1 - a) for a in alphas], place, label)


@given(
    traces=st.lists(any_trace(), max_size=14),
    behind=st.integers(0, 14),
    width=st.integers(1, 130),
    height=st.integers(1, 50),
    quantity=st.sampled_from(["loss", "accuracy", "error"]),
    definition=st.sampled_from(["rise", "chord", "mean", "max"]),
    log=st.booleans(),
    ascii=st.booleans(),
)
def test_any_curves_fit_any_size(traces, behind, width, height, quantity, definition, log, ascii):
    traces = [replace(one, place=place) for place, one in enumerate(traces)]
    text = multiples(
        traces, split="test", quantity=quantity, definition=definition, log=log, look=Look(ascii=ascii), width=width,
        height=height, reference=traces[behind] if behind < len(traces) else None,
    ).plain  # fmt: skip
    rows = text.split("\n")
    assert len(rows) <= height
    assert max(map(cell_len, rows)) <= width
    assert text.isascii() or not ascii


@pytest.mark.parametrize("num_plots", [1, 2, 3, 4, 6, 9])
@pytest.mark.parametrize("size", [(80, 22), (120, 38)])
def test_every_curve_has_its_own_plot_with_name_and_barrier(num_plots, size):
    traces = [hill(place, f"run-{place}", height=(place + 1) / 5) for place in range(num_plots)]
    text = multiples(traces, split="test", width=size[0], height=size[1]).plain
    assert all(f"run-{place} " in text for place in range(num_plots))
    assert text.count("alpha") == num_plots
    assert text.count("└") == num_plots
    for trace in traces:
        # It first rises and then falls, so its rise is its largest value less its first one.
        values = trace.values("test", "loss")
        rise = max(values) - values[0]
        assert (f"▼ {rise:.3f}" if rise else f"run-{trace.place} ") in text


def test_a_log_axis_and_equal_axes_for_all():
    low, high = make_trace([0.0, 1.0], [0.01, 0.02], 0), make_trace([0.0, 1.0], [10.0, 20.0], 1)
    text = multiples([low, high], split="test", log=True, width=60, height=20, look=Look(ascii=True)).plain
    upper, lower = text[: text.index("b run")], text[text.index("b run") :]
    labels = [re.findall(r"^ *([0-9.]+)\+", plot, re.MULTILINE) for plot in (upper, lower)]
    assert labels[0] == labels[1] == ["1", "0.01"]


def test_what_has_no_room_is_counted_and_what_is_not_seen_is_said():
    traces = [hill(place, f"run-{place}") for place in range(10)]
    text = multiples(traces, split="test", width=40, height=11).plain
    assert text.splitlines()[-1].startswith("6 more curves have no room here")
    diverged = make_trace([0.0, 0.25, 0.5, 0.75, 1.0], [2.0, math.nan, 1e6, 1.0, 0.5])
    *_, foot, _, remark = multiples([diverged], split="test", width=60, height=12).plain.splitlines()
    assert "1 not finite" in remark
    assert "…" in remark
    assert "1 value above" in multiples([diverged], split="test", width=90, height=12).plain
    assert foot.index("x") < foot.index("▼")


def test_the_reference_lies_behind_every_other_plot_but_not_its_own():
    flat, steep = make_trace([0.0, 1.0], [1.0, 1.0], 0), make_trace([0.0, 1.0], [3.0, 3.0], 1)
    alone = multiples([flat, steep], split="test", width=60, height=12, look=Look(ascii=True)).plain
    behind = multiples([flat, steep], split="test", width=60, height=12, look=Look(ascii=True), reference=flat).plain
    assert "..." not in alone
    assert all("..." not in row[:30] for row in behind.splitlines())
    assert any("..." in row[30:] for row in behind.splitlines())


def test_a_preview_and_names_that_steer_the_terminal():
    trace = hill(label="\x1b[2J[bold]\nname")
    text = multiples([replace(trace, curve=replace(trace.curve, complete=False))], split="test", width=80, height=9)
    head = text.plain.splitlines()[0]
    assert "\\x1b[2J[bold]\\x0aname" in head
    assert "~" in head


def test_nothing_to_draw_is_said():
    assert multiples([], split="test", width=60, height=9).plain == "no curve to draw"
    nowhere = make_trace([0.0, 1.0], [math.nan, math.inf])
    assert multiples([nowhere], split="test", width=60, height=9).plain == "no finite value to draw"
    assert multiples([hill()], split="test", width=60, height=4).plain == "too small for plots"
