"""Drawings of a page against what they are drawn from."""

import math
import xml.etree.ElementTree as ElementTree

import pytest

from lininterp_cli.view.plots.guard import Limits
from lininterp_cli.view.study.panels import line_panel
from lininterp_cli.view.study.plot import means
from lininterp_cli.view.study.svg import HEIGHT, SMALL, WIDTH, curves_svg, limits_of, scatter_svg

NAMES = {"svg": "http://www.w3.org/2000/svg"}


def points(drawing, kind, style=None):
    found = [one for one in ElementTree.fromstring(drawing).findall(f"svg:{kind}", NAMES) if one.get("class") == style]
    return [[tuple(map(float, pair.split(","))) for pair in one.get("points").split()] for one in found]


def test_a_curve_runs_from_left_to_right_and_down_with_the_loss(make_report):
    drawing = curves_svg(means(line_panel(make_report(), "initial to final")), "title")
    first, second = points(drawing, "polyline")
    assert len(first) == len(second) == 5
    xs, ys = zip(*first, strict=True)
    assert list(xs) == sorted(xs)
    # Downwards is up in SVG; 2.4, 2.3, 2.3, 2.2, 0.3.
    assert ys[0] < ys[1] == ys[2] < ys[3] < ys[4]
    # The scale is linear: (2.4 - 2.3) to (2.2 - 0.3).
    assert (ys[1] - ys[0]) / (ys[4] - ys[3]) == pytest.approx(0.1 / 1.9, abs=0.01)


def test_only_several_curves_have_a_band(make_report, make_row):
    drawing = curves_svg(
        means(line_panel(make_report(rows=(make_row(), make_row("b", (0.9,)))), "initial to final")), "title"
    )
    (band,) = points(drawing, "polygon")
    assert len(band) == 10


def test_every_single_curve_is_a_thin_line_under_its_mean(make_report):
    drawing = curves_svg(means(line_panel(make_report(), "initial to final")), "title")
    thin, whole = points(drawing, "polyline", "thin"), points(drawing, "polyline")
    assert (len(thin), len(whole)) == (5, 2)
    # The losses at alpha 0 are 2.3, 2.4 and 2.5, and their mean is the second.
    assert [one[0][1] for one in thin[:3]] == sorted((one[0][1] for one in thin[:3]), reverse=True)
    assert thin[1][0] == whole[0][0]
    assert drawing.rindex('class="thin"') < drawing.index('stroke-width="2"')
    assert all(one == round(one, 1) for run in thin for pair in run for one in pair)


def test_a_small_drawing_has_the_means_alone_over_the_given_limits(make_report):
    every = means(line_panel(make_report(), "initial to final"))
    drawing = curves_svg(every, "title", y=limits_of(every, is_mean=True), is_small=True)
    assert points(drawing, "polyline", "thin") == points(drawing, "polygon") == []
    assert ElementTree.fromstring(drawing).get("viewBox") == f"0 0 {SMALL[0]} {SMALL[1]}"
    lower = curves_svg(every, "title", y=Limits(low=0.0, high=100.0), is_small=True)
    assert min(y for _, y in points(lower, "polyline")[0]) > SMALL[1] / 2


def test_values_that_are_not_finite_are_gaps_within_the_drawing(make_report, make_row):
    paths = (((0.0, 0.25, 0.5, 0.75, 1.0), (2.0, 1e300, math.nan, 1.0, 0.3)),)
    drawing = curves_svg(
        means(line_panel(make_report(rows=(make_row(tests=(0.9,), paths=paths),)), "initial to final")), "t"
    )
    for x, y in [pair for run in points(drawing, "polyline") for pair in run]:
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT


def test_of_nothing_finite_there_is_no_drawing(make_report, make_row):
    paths = (((0.0, 1.0), (math.nan, math.nan)),)
    assert curves_svg(means(line_panel(make_report(rows=(make_row(paths=paths),)), "initial to final")), "t") == ""
    assert scatter_svg([(math.nan, 1.0, 0)], "t", "x", "y") == ""


def test_a_scatter_has_a_letter_for_each_run():
    drawing = scatter_svg([(0.0, 0.9, 0), (1.0, 0.8, 1), (math.nan, 0.8, 2)], "t", "x", "y")
    letters = [
        one for one in ElementTree.fromstring(drawing).findall("svg:text", NAMES) if one.get("class") == "letter"
    ]
    assert [one.text for one in letters] == ["a", "b"]
    (left, high), (right, low) = ((float(one.get("x")), float(one.get("y"))) for one in letters)
    assert left < right
    assert high < low


def test_words_are_text(evil):
    drawing = scatter_svg([(0.0, 0.9, 0), (1.0, 0.8, 0)], evil, evil, evil)
    root = ElementTree.fromstring(drawing)
    assert "<script>" in root.get("aria-label")
    assert root.find("svg:script", NAMES) is None
