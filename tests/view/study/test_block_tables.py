"""Blocks as a terminal shows them."""

from dataclasses import replace

import pytest
from rich.console import Group

from lininterp_cli.study.report.figures import spread
from lininterp_cli.view.study.block_tables import MAX_BLOCKS, block_tables


@pytest.fixture
def lines(show):
    def render(report, width=80, **look):
        return show(Group(*block_tables(report, width=width, **look)), width)

    return render


def cells_of(lines, start):
    return next(line for line in lines if line.startswith(start)).split()


def test_each_block_has_its_cost_its_curve_and_its_distance(make_report, lines):
    out = lines(make_report())
    assert out[0] == "Blocks, the most sensitive first; barrier: rise"
    assert out[1] == "decay=0: each block back to initial, nats, 1..3 runs:"
    assert out[2].split() == ["mean", "95", "%", "interval", "error", "pp", "barrier", "monotone", "moved"]
    assert cells_of(out, "  layer1") == [
        *("layer1", "3.000", "2.500..3.500", "+20.0", "0.500±0.250", "1/3", "3.000±1.732")
    ]
    assert cells_of(out, "  fc")[1:4] == ["1.000", "n/a", "-1.0"]


def test_criticality_has_columns_of_its_own(make_report, lines):
    out = lines(make_report())
    assert "decay=0: module criticality by block, 3 runs:" in out
    assert cells_of(out, "  conv1") == ["conv1", "777.0", "700.0..800.0", "3.000±1.732"]


def test_a_block_that_was_not_walked_by_itself_has_no_curve(make_report, lines):
    assert cells_of(lines(make_report(blocks=())), "  layer1")[-3:] == ["n/a"] * 3


def test_heads_are_repeated_where_the_columns_change_alone(make_report, lines):
    one, _, other = make_report().sensitivities
    more = (one, replace(one, label="b"), replace(other, label="b"))
    assert sum("95 % interval" in line for line in lines(make_report(sensitivities=more))) == 2


def test_without_costs_it_is_shown_how_far_blocks_moved(make_report, lines):
    blocks = tuple(replace(row, line="", paths=()) for row in make_report().blocks)
    blocks += (replace(blocks[0], label="decay=0.5", figures=blocks[0].figures | {"distance": spread([7.0])}),)
    out = lines(make_report(sensitivities=(), blocks=blocks))
    assert out[1].split() == ["conv1", "layer1", "fc"]
    assert cells_of(out, "a decay=0 ") == ["a", "decay=0", "3.000", "3.000", "3.000"]
    assert cells_of(out, "b decay=0.5") == ["b", "decay=0.5", "7.000", "n/a", "n/a"]
    narrow = lines(make_report(sensitivities=(), blocks=blocks), width=30)
    assert [line.split() for line in narrow[-6:]] == [
        ["conv1", "layer1"], ["a", "decay=0", "3.000", "3.000"], ["b", "decay=0.5", "7.000", "n/a"],
        ["fc"], ["a", "decay=0", "3.000"], ["b", "decay=0.5", "n/a"],
    ]  # fmt: skip


def test_of_many_blocks_the_first_of_each_row_are_shown(make_report, lines):
    one = make_report().sensitivities[0]
    many = tuple(replace(one, block=f"layer{at}", rank=at) for at in range(1, MAX_BLOCKS + 2))
    out = lines(make_report(sensitivities=many))
    assert sum(line.startswith("  layer") for line in out) == 3
    assert f"the first 3 of each; --json has all {MAX_BLOCKS + 1}" in out


@pytest.mark.parametrize("ascii", [True, False])
def test_the_widest_numbers_fit_80_columns(make_report, lines, ascii):
    one = replace(make_report().sensitivities[0], mean=-99.99, low=-12345.6, high=-12345.6, error_rise=-1.0)
    row = make_report().blocks[1]
    wide = spread([0.0, 141420.0])
    rows = (replace(row, figures=row.figures | {"barrier_rise": wide, "distance": wide}),)
    out = lines(make_report(sensitivities=(one,), blocks=rows), ascii=ascii)
    assert all(len(line) <= 80 for line in out)
    sign = "+-" if ascii else "±"
    assert cells_of(out, "  layer1")[1:] == [
        *("-99.99", "-12346..-12346", "-100.0", f"70710{sign}99999", "1/3", f"70710{sign}99999")
    ]
