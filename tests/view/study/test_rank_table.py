"""Rank correlations as a terminal shows them."""

from dataclasses import replace

import pytest
from rich.console import Group

from lininterp_cli.study.report.figures import OUTCOMES
from lininterp_cli.view.study.rank_table import rank_tables


@pytest.fixture
def lines(show):
    return lambda found, width=80: show(Group(*rank_tables(found, width=width)), width)


def rows_of(lines, start):
    return [line.split() for line in lines if line.startswith(start)]


def test_every_shape_has_a_coefficient_with_its_interval_for_each_outcome(make_report, lines):
    out = lines(make_report().associations)
    assert sum("all 5 runs" in line for line in out) == 2
    assert rows_of(out, "  barrier (rise)") == [["barrier", "(rise)", *["-0.50", "-0.95..0.25"] * 2]] * 2
    wide = lines(make_report().associations, 120)
    assert rows_of(wide, "  barrier (rise)") == [["barrier", "(rise)", *["-0.50", "-0.95..0.25"] * 4]]


def test_what_holds_is_marked(make_report, lines):
    found = [replace(one, p_holm=0.01) if one.shape == "plateau" else one for one in make_report().associations]
    out = lines(found)
    assert str(rows_of(out, "  plateau length")).count("*") == len(OUTCOMES)
    assert "*" not in str(rows_of(out, "  cliff position"))


def test_shapes_that_say_nothing_are_named_in_one_line(make_report, lines):
    silent = {"barrier_rise": True, "monotone": True, "plateau": False}
    found = [
        replace(one, rho=None, is_constant=silent[one.shape]) if one.shape in silent else one
        for one in make_report().associations
    ]
    out = lines(found)
    assert out.count("  constant: barrier (rise), monotonicity") == 2
    assert out.count("  too few: plateau length") == 2
    assert rows_of(out, "  barrier (rise)") == []


def test_too_few_and_constant_are_told_apart(make_report, lines):
    some = list(make_report().associations)
    some[1] = replace(some[1], rho=None)
    some[2] = replace(some[2], rho=None, is_constant=True)
    out = lines(some)
    assert rows_of(out, "  barrier (chord)")[0][2:4] == ["too", "few"]
    assert rows_of(out, "  barrier (mean)")[0][2:3] == ["constant"]
