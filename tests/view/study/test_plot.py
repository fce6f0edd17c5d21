"""Mean curves and the scatter of a report."""

import math

import pytest

from lininterp_cli.view.look import Look
from lininterp_cli.view.study.panels import line_panel
from lininterp_cli.view.study.plot import MAX_LINES, mean_plot, means, shape_scatter


def test_the_mean_of_each_row_and_its_band(make_report):
    first, second = means(line_panel(make_report(), "initial to final"))
    assert (first.label, first.place, first.num) == ("decay=0", 0, 3)
    assert first.losses == pytest.approx([2.4, 2.3, 2.3, 2.2, 0.3])
    assert (first.band.lows[0], first.band.highs[0]) == (2.3, 2.5)
    assert (second.place, second.num) == (1, 2)


def test_curves_of_other_positions_are_interpolated(make_report, make_row):
    paths = (((0.0, 1.0), (2.0, 0.0)), ((0.0, 0.5, 1.0), (2.0, 2.0, 0.0)))
    (one,) = means(line_panel(make_report(rows=(make_row(tests=(0.9, 0.8), paths=paths),)), "initial to final"))
    assert list(one.alphas) == [0.0, 0.5, 1.0]
    assert one.losses == pytest.approx([2.0, 1.5, 0.0])


def test_the_plot_names_its_rows_and_their_curves(make_report):
    out = mean_plot(make_report(), width=80, height=20).plain
    assert "initial to final, loss on test (nats)" in out
    assert "a decay=0 (3)" in out
    assert "b decay=0.5 (2)" in out
    assert "band from lowest to highest" in out


def test_of_one_group_the_lines_stand_side_by_side(make_report, make_row):
    rows = (make_row(), make_row(line="zero to final"))
    out = mean_plot(make_report(rows=rows), width=80, height=20).plain
    assert "decay=0, loss on test (nats)" in out
    assert "a initial to final (3)  b zero to final (3)" in out


def test_of_many_rows_those_left_out_are_counted(make_report, make_row):
    rows = tuple(make_row(f"decay={at}", (0.9,)) for at in range(MAX_LINES + 3))
    out = mean_plot(make_report(rows=rows), width=80, height=24).plain
    assert "3 more rows not drawn" in out
    assert "band" not in out


def test_letters_are_those_of_the_tables(make_report, make_row):
    """A row without curves keeps its letter to itself."""
    rows = (make_row("first", (0.9,), line=""), make_row("second"))
    assert "b second (3)" in mean_plot(make_report(rows=rows), width=80, height=20).plain
    assert "b second" in shape_scatter(make_report(rows=(make_row("first", (), line="", states={"failed": 1}),
                                                         make_row("second"))), width=80, height=20).plain  # fmt: skip


def test_the_scatter_says_what_the_report_says(make_report):
    out = shape_scatter(make_report(), width=80, height=20).plain
    assert "test accuracy against barrier (rise), nats" in out
    assert "rho = -0.50 (-0.95..0.25)" in " ".join(out.split())
    assert "a decay=0  b decay=0.5" in out


@pytest.mark.parametrize(("width", "height"), [(24, 8), (40, 12), (80, 20), (200, 60)])
@pytest.mark.parametrize("ascii", [True, False])
def test_drawings_fit(make_report, make_row, evil, width, height, ascii):
    paths = (((0.0, 0.5, 1.0), (math.nan, 1e300, 0.3)), ((0.0, 0.5, 1.0), (2.0, math.inf, 0.3)))
    rows = (make_row(evil, (0.9, 0.8), paths=paths), make_row("b"))
    for draw in (mean_plot, shape_scatter):
        out = draw(make_report(rows=rows), width=width, height=height, look=Look(ascii=ascii)).plain
        assert all(len(line) <= width for line in out.split("\n"))
        assert "\x1b" not in out
        assert out.isascii() or not ascii


def test_without_curves_nothing_is_drawn(make_report, make_row):
    nothing = make_report(rows=(make_row(line=""),), points=())
    assert mean_plot(nothing, width=80, height=20) is None
    assert shape_scatter(nothing, width=80, height=20) is None
