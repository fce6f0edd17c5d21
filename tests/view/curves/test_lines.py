"""Lines, what lies under them, and the part of them that is seen."""

import math
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.view.curves.curve import curve_rows
from lininterp_cli.view.curves.drawing import Drawing, chosen
from lininterp_cli.view.curves.lines import alpha_ticks, series_lines, windowed
from lininterp_cli.view.look import Depth, Look
from lininterp_cli.view.plots.axes import Line
from lininterp_cli.view.plots.plot import text_of

XS = tuple(index / 8 for index in range(9))


@given(ys=st.lists(st.floats(-5, 5), min_size=9, max_size=9), edges=st.lists(st.floats(0, 1), min_size=2, max_size=2))
def test_a_window_cuts_the_line_that_is_drawn(ys, edges):
    first, last = sorted(edges)
    (line,) = windowed([Line(label="a", xs=XS, ys=ys)], (first, last))
    assert all(first <= x <= last for x in line.xs)
    assert list(line.xs) == sorted(line.xs)
    assert line.ys == pytest.approx(np.interp(line.xs, XS, ys))
    if first < last:
        # The line reaches both edges.
        assert (line.xs[0], line.xs[-1]) == (first, last)


def test_a_window_keeps_gaps():
    (line,) = windowed([Line(label="a", xs=(0.0, 0.5, 1.0), ys=(1.0, math.nan, 2.0))], (0.25, 0.75))
    assert list(line.xs) == [0.5]
    whole = [Line(label="a", xs=XS, ys=XS)]
    assert windowed(whole, None) == whole


def test_two_splits_are_told_apart_without_colour(make_curve):
    curve = make_curve()
    lines = series_lines(chosen(curve, None), ("test", "train"), "loss", None)
    assert [line.stroke for line in lines].count("dashed") == 3
    assert {line.label for line in lines if line.stroke == "dashed"} == {""}
    drawing = Drawing(curve=curve, splits=("test", "train"), blocks=["all"])
    text = text_of(curve_rows(drawing, width=80, height=20, look=Look(depth="none"))).plain
    assert text.startswith("loss (nats) on test and train (dashed), 360 examples")
    one = text_of(curve_rows(replace(drawing, splits=("test",)), width=80, height=20, look=Look(depth="none"))).plain
    assert sum(sign > "\u2800" for sign in text) > 1.3 * sum(sign > "\u2800" for sign in one)


def test_ticks_name_the_ends_where_they_are_seen(make_curve):
    series = make_curve().series
    whole = alpha_ticks(("initial", "final"), series, 80, None, ascii=False)
    assert whole[0] == (0.0, "0 initial")
    assert whole[-1] == (1.0, "final 1")
    part = alpha_ticks(("initial", "final"), series, 80, (0.5, 1.0), ascii=False)
    assert part[0][0] == 0.5
    assert part[-1] == (1.0, "final 1")
    assert not any("initial" in word for _, word in part)


def test_the_highlighted_barrier_is_shaded_and_its_baseline_dotted(make_curve):
    drawing = Drawing(curve=make_curve(), splits=("test",), highlight="conv1", shade=True)
    rise = curve_rows(drawing, width=80, height=24)
    assert "dots running minimum" in rise[0][0][0]
    assert any("on #5f0000" in style for row in rise for _, style in row)
    column = [row for row in rise[2:-3] if any(word == "│" and style.startswith("#D55E00") for word, style in row)]
    assert column, "the height of the barrier is a column"
    chord = text_of(curve_rows(replace(drawing, definition="chord"), width=80, height=24)).plain
    assert "dots chord" in chord
    assert chord.count("·") > 10
    assert "dots running maximum" in curve_rows(replace(drawing, quantity="accuracy"), width=80, height=24)[0][0][0]
    plain = curve_rows(drawing, width=80, height=24, look=Look(depth="none"))
    assert not any(" on " in style or "#" in style for row in plain for _, style in row)


def test_bands_are_backgrounds_or_signs(make_curve):
    curve = make_curve()
    wide = replace(curve.series[0].splits["test"], loss_stderr=(0.3,) * 5)
    curve = replace(curve, series=(replace(curve.series[0], splits={"test": wide}), *curve.series[1:]))
    curve = replace(curve, series=curve.series[:1])
    drawing = Drawing(curve=curve, splits=("test",), band="error")
    tinted = curve_rows(drawing, width=80, height=24)
    assert "1.96 s.e." in tinted[0][0][0]
    assert any("on #3a3a3a" in style for row in tinted for _, style in row)
    for look in (Look(depth="16"), Look(depth="none"), Look(depth="none", ascii=True)):
        rows = curve_rows(drawing, width=80, height=24, look=look)
        assert not any(" on " in style for row in rows for _, style in row)
        assert text_of(rows).plain.count(":") > 50


def test_a_band_over_seeds_says_how_many(make_curve):
    curves = [make_curve({"all": tuple(value + shift for value in (2.3, 1.9, 1.4, 0.6, 0.1))}) for shift in (0, 0.5, 1)]
    drawing = Drawing(curve=curves[0], splits=("test",), band="seeds", others=tuple(curves[1:]))
    rows = curve_rows(drawing, width=90, height=24)
    assert "band min..max of 3 seeds, dots mean" in rows[0][0][0]
    assert any("on #3a3a3a" in style for row in rows for _, style in row)
    assert "no other seeds" in curve_rows(replace(drawing, others=()), width=90, height=24)[0][0][0]


def test_the_level_of_chance_is_named(make_curve):
    drawing = Drawing(curve=make_curve(), splits=("test",), num_classes=10)
    for quantity in ("loss", "accuracy"):
        text = text_of(curve_rows(replace(drawing, quantity=quantity), width=80, height=20)).plain
        assert "chance" in text
        assert text.count("┄") > 20
    far = replace(drawing, curve=make_curve({"all": (0.2, 0.2, 0.15, 0.1, 0.1)}))
    assert "chance" not in text_of(curve_rows(far, width=80, height=20)).plain


def test_the_axis_follows_what_is_seen(make_curve):
    drawing = Drawing(curve=make_curve(), splits=("test",), window=(0.75, 1.0), cursor=0.75)
    rows = text_of(curve_rows(drawing, width=80, height=20)).plain.split("\n")
    ticks = [row.split("┤")[0].strip() for row in rows if "┤" in row]
    assert float(ticks[0]) <= 0.6
    assert "╋" in rows[-3]
    assert "final 1" in rows[-2]
    assert "not shown" not in "".join(rows)


@given(
    losses=st.lists(st.sampled_from([0.0, 1.0, 2.0, 1e9, 1e308, -1e308, math.nan]), min_size=5, max_size=5),
    size=st.tuples(st.integers(0, 100), st.integers(0, 30)),
    quantity=st.sampled_from(["loss", "accuracy", "error"]),
    definition=st.sampled_from(["rise", "chord", "mean", "max"]),
    band=st.sampled_from(["none", "error", "seeds"]),
    window=st.sampled_from([None, (0.0, 0.5), (0.3, 0.35)]),
    log=st.booleans(),
    highlight=st.sampled_from([None, "fc"]),
    look=st.builds(Look, ascii=st.booleans(), depth=st.sampled_from(get_args(Depth))),
)
def test_any_curve_fits_any_size(losses, size, quantity, definition, band, window, log, highlight, look):
    from lininterp_cli.landscape.curves.curve import Curve, Series, Values

    values = Values(num_examples=9, loss=tuple(losses), loss_stderr=(0.1,) * 5, accuracy=(0.0, 0.5, 1.0, 0.2, 0.1))
    series = [
        Series(block=block, tensors=(), distance=1.0, alphas=(0.0, 0.25, 0.5, 0.75, 1.0), splits={"test": values})
        for block in (None, "fc")
    ]
    curve = Curve(
        name="c", run="r", start={"checkpoint": "initial"}, end={"checkpoint": "final"}, by="block", rest="final",
        bn="running", dtype="float32", batch_size=1, series=tuple(series),
    )  # fmt: skip
    drawing = Drawing(
        curve=curve, splits=("test",), quantity=quantity, definition=definition, band=band, window=window, log=log,
        others=(curve,), shade=True, highlight=highlight, num_classes=10, cursor=0.3,
    )  # fmt: skip
    text = text_of(curve_rows(drawing, width=size[0], height=size[1], look=look))
    rows = text.plain.split("\n")
    assert len(rows) <= max(1, size[1])
    assert max(map(len, rows)) <= size[0]
    assert not look.ascii or text.plain.isascii()
