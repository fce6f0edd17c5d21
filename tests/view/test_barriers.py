"""The barriers of one curve as a table: intervals beside heights."""

from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from lininterp_cli.landscape.barrier import Interval
from lininterp_cli.view.barriers import barrier_table


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


@pytest.mark.parametrize("width", [24, 30, 40, 50, 60])
def test_the_barrier_stays_where_there_is_little_room(sure, width):
    printed = _printed(barrier_table(sure, "test", width=width), width)
    assert "barrier" in printed
    assert max(map(cell_len, printed.splitlines())) <= width
