"""Full paths of several runs over one axis."""

import math
from dataclasses import replace

import pytest
from rich.cells import cell_len

from lininterp_cli.view.curves.overlay import Trace, overlay_plot, tops, trace_plot, whole_path
from lininterp_cli.view.look import Look


@pytest.mark.parametrize("width", [30, 80, 120])
def test_every_run_with_a_curve_is_in_the_legend_and_nothing_is_too_wide(make_run, make_curve, width):
    runs = [make_run("run-1"), make_run("run-2"), make_run("run-3")]
    plot = overlay_plot(runs, [make_curve(), None, make_curve(run="run-3")], split="test", width=width, height=18).plain
    assert "run-1" in plot
    assert "run-2" not in plot
    assert "run-3" in plot
    assert max(map(cell_len, plot.splitlines())) <= width
    assert len(plot.splitlines()) <= 18


def test_a_curve_without_the_split_is_left_out(make_run, make_curve):
    curve = make_curve()
    bare = replace(curve, series=tuple(replace(one, splits={"test": one.splits["test"]}) for one in curve.series))
    runs = [make_run("run-1"), make_run("run-2"), make_run("run-3")]
    curves = [bare, make_curve(run="run-2"), make_curve(run="run-3")]
    plot = overlay_plot(runs, curves, split="train", width=80, height=18)
    assert "run-1" not in plot.plain
    assert "run-2" in plot.plain


def test_a_diverged_curve_is_said_not_drawn_flat(make_run, make_curve):
    curve = make_curve({"all": (2.3, math.nan, 1.4, 0.6, 0.1)})
    assert "not finite" in overlay_plot([make_run("run-1")], [curve], split="test", width=80, height=18).plain


def test_a_preview_is_named_in_the_legend(make_run, make_curve):
    runs = [make_run("run-1"), make_run("run-2")]
    curves = [make_curve(), replace(make_curve(run="run-2"), complete=False)]
    legend = overlay_plot(runs, curves, split="test", width=80, height=18).plain.splitlines()[-1]
    assert legend.split() == ["a", "run-1", "b", "run-2", "(preview)"]


def test_positions_beyond_the_ends_are_ticked_and_said(make_run, make_curve):
    full = replace(make_curve().series[0], alphas=(-1.0, 0.0, 0.5, 1.0, 2.0))
    beyond = replace(make_curve(), series=(full,))
    *_, ticks, remark, _ = overlay_plot(
        [make_run("run-1"), make_run("run-2")], [make_curve(), beyond], split="test", width=80, height=18
    ).plain.splitlines()
    assert ticks.split() == ["-1", "0", "0.25", "0.5", "0.75", "1", "2"]
    assert remark == "barriers count alpha 0 to 1 only"


def test_the_full_path_is_found_wherever_it_stands(make_curve):
    curve = make_curve()
    assert whole_path(replace(curve, series=curve.series[::-1])) is curve.series[0]
    assert whole_path(replace(curve, series=curve.series[1:])) is None


def test_letters_and_colours_are_those_of_the_places_whatever_is_shown(make_curve):
    trace = make_trace(make_curve, place=3)
    assert (trace.letter, trace.color) == ("d", "#F0E442")
    legend = trace_plot([trace], "", split="test", width=80, height=18).plain.splitlines()[-1]
    assert legend.split() == ["d", "run-3"]


def test_the_top_of_each_barrier_is_marked_the_highest_first(make_curve):
    low = make_trace(make_curve, (2.0, 2.25, 1.0, 0.5, 0.1))
    high = make_trace(make_curve, (2.0, 1.0, 0.5, 1.25, 0.1), place=1)
    flat = make_trace(make_curve, place=2)
    marks = tops([low, flat, high], "test", "rise", "loss")
    assert [(mark.x, mark.y, mark.text) for mark in marks] == [(0.75, 1.25, "b 0.750"), (0.25, 2.25, "a 0.250")]
    marked = trace_plot([low, flat, high], "", split="test", definition="rise", width=80, height=18).plain
    frame = next(row for row in marked.splitlines() if "┌" in row)
    assert frame.index("a 0.250") < frame.index("b 0.750")
    assert "▼" not in trace_plot([low, flat, high], "", split="test", width=80, height=18).plain
    # The error is what 1 - loss / 3 leaves, so its rise is a third of the loss's, in percentage points.
    assert tops([high], "test", "rise", "accuracy")[0].text == "b 25.0 pp"


def test_the_reference_is_bold_and_lies_over_the_others(make_curve):
    some = [make_trace(make_curve, place=place) for place in range(3)]
    text = trace_plot(some, "", split="test", reference=0, width=60, height=18, look=Look(ascii=True), legend=False)
    rows = [row.split("|")[1] for row in text.plain.splitlines() if row.count("|") == 2]
    assert "a" in "".join(rows)
    assert "b" not in "".join(rows)
    assert any("bold" in str(span.style) for span in text.spans)


def make_trace(make_curve, loss=(2.3, 1.9, 1.4, 0.6, 0.1), place=0):
    curve = make_curve({"all": loss}, run=f"run-{place}")
    return Trace(label=f"run-{place}", place=place, curve=curve, series=curve.series[0])
