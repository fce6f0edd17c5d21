"""The barriers of one curve as a table: intervals beside heights."""

from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from lininterp_cli.landscape.curves.barrier import Interval
from lininterp_cli.landscape.curves.curve import Series, Values
from lininterp_cli.view.curves.barriers import barrier_table


def _printed(table, width):
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


@pytest.fixture
def sure(make_curve):
    curve = make_curve()
    known = {"test": {"rise": Interval(0.25, 0.75)}}
    return replace(curve, series=tuple(replace(one, intervals=known) for one in curve.series))


@pytest.mark.parametrize("width", [80, 120])
def test_an_interval_stands_behind_each_barrier(sure, width):
    printed = _printed(barrier_table(sure, "test", "rise", width=width), width)
    assert printed.count("0.250..0.750") == 3
    assert "95 %" in printed
    assert max(map(cell_len, printed.splitlines())) <= width


def test_a_definition_without_intervals_has_no_column_for_them(sure, make_curve):
    assert "95 %" not in _printed(barrier_table(sure, "test", "chord"), 80)
    assert "95 %" not in _printed(barrier_table(make_curve(), "test"), 80)


def test_barriers_of_the_error_are_percentage_points(sure):
    known = {"test": {"rise": Interval(0.0625, 0.2)}}
    bumpy = {"test": replace(sure.series[0].splits["test"], accuracy=(0.5, 0.375, 0.625, 0.75, 1.0))}
    flat = {"test": replace(sure.series[0].splits["test"], accuracy=(0.1,) * 5)}
    first, second, _ = sure.series
    series = (replace(first, splits=flat), replace(second, splits=bumpy, accuracy_intervals=known))
    lines = _printed(barrier_table(replace(sure, series=series), "test", metric="accuracy"), 80).splitlines()
    assert lines[0].strip() == "rise barrier of the error on test (percentage points)"
    assert lines[2].split() == ["━", "all", "0.1000", "0.1000", "0", "-", "yes", "1.500"]
    assert lines[3].split()[:6] == ["a", "conv1", "0.5000", "1.0000", "12.5", "6.25..20.0"]
    assert lines[3].split()[7:] == ["◆", "0.25", "no", "1.500"]
    assert lines[-1].strip() == "rise: the largest rise above the running minimum; of 1 - accuracy"


def test_a_preview_says_so(sure):
    printed = _printed(barrier_table(replace(sure, complete=False), "test"), 80)
    assert printed.startswith("preview: 360 examples; rise barrier on test (nats)")
    assert "preview" not in _printed(barrier_table(sure, "test"), 80)


@pytest.mark.parametrize("kind", ["conv", "conv.weight", "downsample.weight"])
def test_columns_go_before_names_become_ambiguous(make_curve, kind):
    names = [f"layer{stage}.{block}.{kind}{index}" for stage in (1, 2) for block in (0, 1) for index in (1, 2)]
    curve = make_curve({name: (1.0, 1.0, 1.5, 1.0, 1.0) for name in ("all", *names)})
    wide = _printed(barrier_table(curve, "test", width=200), 200)
    assert "█" in wide
    for width in (60, 64, 68, 72, 76):
        printed = _printed(barrier_table(curve, "test", width=width), width)
        shown = [line.split()[1] for line in printed.splitlines() if line.split()[0] in "abcdefgh"]
        assert len(set(shown)) == len(names)


@pytest.mark.parametrize("width", [24, 30, 40, 50, 60])
def test_the_barrier_stays_where_there_is_little_room(sure, width):
    printed = _printed(barrier_table(sure, "test", width=width), width)
    assert "barrier" in printed
    assert max(map(cell_len, printed.splitlines())) <= width


def test_the_ends_are_errors_where_the_error_is_shown(make_curve, show):
    curve = make_curve()
    accuracy = curve.series[0].splits["test"].accuracy
    shown = {
        as_error: "\n".join(show(barrier_table(curve, "test", metric="accuracy", as_error=as_error)))
        for as_error in (False, True)
    }
    assert f"{accuracy[0]:.4f}" in shown[False]
    assert f"{1 - accuracy[0]:.4f}" in shown[True]
    assert f"{accuracy[0]:.4f}" not in shown[True]


def test_the_sign_of_the_highest_is_not_that_of_the_threshold(make_curve, show):
    curve = make_curve({"all": (1.0, 1.0, 1.0, 1.0, 1.0), "a": (1.0, 1.001, 1.0, 1.0, 1.0)})
    shown = "\n".join(show(barrier_table(curve, "test")))
    assert "◆" in shown
    assert "▲" not in shown


def test_a_single_point_has_no_barrier_and_is_not_monotone(make_curve, show):
    values = Values(num_examples=9, loss=(0.5,), loss_stderr=(0.1,), accuracy=(0.5,))
    point = Series(block=None, tensors=(), distance=1.5, alphas=(0.5,), splits={"test": values})
    (row,) = (
        line for line in show(barrier_table(replace(make_curve(), series=(point,)), "test")) if "all" in line.split()
    )
    assert row.split()[2:] == ["n/a", "n/a", "n/a", "n/a", "1.500"]
