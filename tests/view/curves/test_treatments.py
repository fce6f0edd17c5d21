"""One path under each treatment of BatchNorm statistics."""

from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from lininterp_cli.view.curves.treatments import treatments_plot, treatments_table
from lininterp_cli.view.look import Look


@pytest.fixture
def curves(make_curve):
    humped = make_curve({"all": (2.3, 2.9, 1.4, 0.6, 0.1), "fc": (0.4, 0.3, 0.2, 0.15, 0.1)})
    falling = make_curve({"all": (2.3, 1.9, 1.4, 0.6, 0.1), "fc": (0.4, 0.3, 0.2, 0.15, 0.1)})
    return [falling, replace(humped, bn="recalibrate"), replace(falling, bn="batch"), replace(falling, bn="final")]


def _printed(table, width=80):
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


@pytest.mark.parametrize("ascii", [False, True])
def test_only_rows_that_disagree_are_marked(curves, ascii):
    lines = _printed(treatments_table(curves, "test", width=80, look=Look(ascii=ascii))).splitlines()
    rows = {line.split()[0]: line.rstrip() for line in lines if line.startswith(("all", "fc"))}
    assert rows["all"].endswith("!")
    assert not rows["fc"].endswith("!")
    assert "0.600" in rows["all"]
    assert max(map(cell_len, lines)) <= 80
    if ascii:
        assert "\n".join(lines).isascii()


def test_a_value_that_is_missing_leaves_the_verdict_open(curves, make_curve):
    gap = replace(make_curve({"all": (2.3, float("nan"), 1.4, 0.6, 0.1), "fc": (0.4, 0.3, 0.2, 0.15, 0.1)}), bn="batch")
    printed = _printed(treatments_table([curves[0], gap], "test", width=80))
    (row,) = [line for line in printed.splitlines() if line.startswith("all")]
    assert "?" in row
    assert not row.rstrip().endswith("!")


def test_a_treatment_that_still_grows_is_called_a_preview(curves):
    curves[1] = replace(curves[1], complete=False)
    plot = treatments_plot(curves, "test", width=80, height=16).plain
    assert "bn recalibrate (preview)" in plot
    assert plot.count("preview") == 1
    assert "preview: 360 examples; rise barrier" in _printed(treatments_table(curves, "test", width=80))


def test_each_treatment_is_in_the_plots_legend(curves):
    plot = treatments_plot(curves, "test", width=80, height=16).plain
    for name in ("running", "recalibrate", "batch", "final"):
        assert f"bn {name}" in plot
    assert max(map(cell_len, plot.splitlines())) <= 80
