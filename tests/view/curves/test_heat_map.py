"""Blocks x alpha: never wider or higher than asked, the same in signs as in colours."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.view.curves.critical import Critical
from lininterp_cli.view.curves.heat_map import HeatMap, heat_map, legend, scale_of
from lininterp_cli.view.curves.layer_rows import layer_rows
from lininterp_cli.view.look import Look

NUMBER = st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -1.0, 1e6, 1e300, -1e300, 5e-324]) | st.floats()


def shown(curve, metric="loss", **choices):
    return HeatMap(
        curve=curve,
        rows=layer_rows(curve, "test", "rise", metric=metric),
        definition="rise",
        threshold=0.1,
        metric=metric,
        **choices,
    )


@st.composite
def curves(draw):
    series = []
    for block in [None, *draw(st.lists(st.text(max_size=40), max_size=4))]:
        alphas = sorted(draw(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6)))
        numbers = st.lists(NUMBER, min_size=len(alphas), max_size=len(alphas)).map(tuple)
        values = Values(num_examples=9, loss=draw(numbers), loss_stderr=draw(numbers), accuracy=draw(numbers))
        series.append(
            Series(block=block, tensors=(), distance=draw(NUMBER), alphas=tuple(alphas), splits={"test": values})
        )
    return Curve(
        name="c", run="r", start={}, end={}, by="block", rest="final", bn="running", dtype="float32", batch_size=1,
        series=tuple(series),
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    curves(), st.integers(1, 130), st.integers(1, 12), st.booleans(), st.booleans(), st.booleans(),
    st.sampled_from(["loss", "accuracy"]), st.sampled_from(["none", "16", "256", "truecolor"]), NUMBER,
    st.integers(1, 3),
)  # fmt: skip
def test_any_curve_fits_any_size(curve, width, height, per_row, log, ascii, metric, depth, alpha, tall):
    look = Look(ascii=ascii, depth=depth)
    alpha = alpha if math.isfinite(alpha) else None
    drawn = shown(curve, metric, per_row=per_row, log=log, look=look, cursor=0, alpha=alpha, chosen={"", "a"})
    lines = [*heat_map(drawn, width=width, height=height, tall=tall), legend(drawn, width)]
    assert len(lines) <= height + 1
    for line in lines:
        assert line.cell_len <= width
        assert line.plain.isprintable()
        assert not ascii or line.plain.isascii()


def test_a_spike_narrower_than_a_cell_is_seen(make_curve):
    curve = make_curve()
    alphas = tuple(index / 1000 for index in range(1001))
    losses = tuple(5.0 if index == 503 else 0.0 for index in range(1001))
    values = Values(num_examples=9, loss=losses, loss_stderr=losses, accuracy=losses)
    one = replace(curve.series[1], alphas=alphas, splits={"test": values})
    line = heat_map(shown(replace(curve, series=(one,)), look=Look(depth="none")), width=60)[1]
    assert line.plain.split("5.000")[0].count("█") >= 1
    assert "█" in line.plain[:40]


def test_names_of_the_ends_do_not_touch_the_cursor(make_curve):
    curve = make_curve()
    for step in range(101):
        heads = heat_map(shown(curve, alpha=step / 100, cursor=0), width=80)[0].plain
        assert not re.search(r"[a-z]▼|▼[a-z]", heads), heads


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_columns_that_give_way_first(make_curve, width):
    """How far a block moved is seen before where it has settled, and the legend has every sign's meaning."""
    curve = make_curve({"all": (9, math.nan, 9, 9, 1), "a": (0.2, 0.1, 0.2, 0.1, 0.1)})
    rows = layer_rows(curve, "test", "rise", critical={"all": Critical(mu=3.0), "a": Critical(mu=3.0)})
    for drawn in (shown(curve), replace(shown(curve, per_row=True), rows=rows)):
        heads, words = heat_map(drawn, width=width)[0].plain, legend(drawn, width).plain
        assert "moved" in heads
        assert ("critical" in heads) == (drawn.rows is rows)
        assert (">= 0.1 nats" in words, "not finite" in words, "not known" in words) == (True, True, True)


def test_signs_are_the_same_at_every_depth(make_curve):
    curve = make_curve()
    drawn = {
        depth: "\n".join(line.plain for line in heat_map(shown(curve, look=Look(depth=depth)), width=90))
        for depth in ("none", "16", "256", "truecolor")
    }
    assert len(set(drawn.values())) == 1


def test_a_row_of_its_own_scale_uses_all_of_it(make_curve):
    curve = make_curve({"all": (9, 9, 9, 9, 1), "a": (0.2, 0.1, 0.2, 0.1, 0.1)})
    one, own = (heat_map(shown(curve, per_row=per_row), width=80)[2].plain for per_row in (False, True))
    assert "█" not in one.split("0.100")[0][:40]
    assert "█" in own[:40]


def test_what_is_missing_has_signs_that_the_legend_explains(make_curve):
    drawn = shown(make_curve({"all": (2.0, math.nan, 1.0, 0.5, 0.1)}), look=Look(depth="none"))
    line = heat_map(drawn, width=80)[1].plain
    assert line.count("x") == 1
    assert "·" in line
    assert "x not finite" in legend(drawn, 100).plain


def test_a_diverged_value_does_not_flatten_the_others(make_curve):
    curve = make_curve({"all": (2.0, 1e9, 1.0, 0.5, 0.1)})
    scale = scale_of(layer_rows(curve, "test"), "loss")
    assert (scale.low, scale.high) == (0.1, 2.0)


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_sensitive_blocks_are_marked_and_bold(make_curve, metric):
    high, low = heat_map(shown(make_curve(), metric), width=100)[2:4]
    assert "▲" in high.plain
    assert "▲" not in low.plain
    assert any("bold" in str(span.style) for span in high.spans)


def test_barriers_below_the_threshold_have_short_bars(make_curve):
    from lininterp_cli.view.text import bar

    curve = make_curve()
    for threshold in (1e-6, 10.0):
        rows = layer_rows(curve, "test", "rise", threshold=threshold)
        drawn = HeatMap(curve=curve, rows=rows, definition="rise", threshold=threshold)
        top = max(threshold, *(row.height for row in rows))
        for row, line in zip(rows, heat_map(drawn, width=100)[1:], strict=True):
            assert f" {bar(row.height / top, 10)} " in line.plain
