"""Full paths of several runs over one axis."""

import math
from dataclasses import replace

import pytest
from rich.cells import cell_len

from lininterp_cli.view.overlay import overlay_plot, whole_path


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
