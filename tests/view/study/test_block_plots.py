"""Plots of blocks against the curves they are of."""

import math
from dataclasses import replace

import pytest

from lininterp_cli.view.look import Look
from lininterp_cli.view.study.block_plots import MAX_PLOTS, block_plots


def test_each_row_is_a_plot_with_the_network_and_its_blocks(make_report):
    blocks = make_report().blocks
    every = make_report(blocks=(*blocks, *(replace(row, label="decay=0.5") for row in blocks[:1])))
    shared, first, second = (one.plain for one in block_plots(every, width=80, height=16))
    assert shared == "initial to final, each block by itself: mean loss on test"
    assert (first.partition("\n")[0], second.partition("\n")[0]) == ("decay=0", "decay=0.5")
    assert "a all  b conv1  c layer1  d fc" in first
    assert "a all  b conv1\n" in f"{second}\n"
    assert "c layer1" not in second


def test_of_many_rows_the_first_are_drawn_and_the_others_counted(make_report, make_row):
    rows = tuple(make_row(f"decay={at}") for at in range(MAX_PLOTS + 2))
    block = make_report().blocks[0]
    blocks = tuple(replace(block, label=row.label) for row in rows)
    _, *drawn, last = (one.plain for one in block_plots(make_report(rows=rows, blocks=blocks), width=80, height=16))
    assert len(drawn) == MAX_PLOTS
    assert last == f"the first {MAX_PLOTS} of {MAX_PLOTS + 2}; --html FILE draws all"


@pytest.mark.parametrize("ascii", [True, False])
@pytest.mark.parametrize(("width", "height"), [(24, 8), (80, 16), (200, 60)])
def test_plots_fit(make_report, make_row, evil, width, height, ascii):
    block = make_report().blocks[0]
    wild = ((0.0, 0.5, 1.0), (math.nan, 1e300, 0.3))
    blocks = (replace(block, label=evil, block=evil, paths=(wild,)), replace(block, label=evil))
    for one in block_plots(
        make_report(rows=(make_row(evil),), blocks=blocks), width=width, height=height, look=Look(ascii=ascii)
    ):
        assert all(len(line) <= width for line in one.plain.split("\n"))
        assert len(one.plain.split("\n")) <= height
        assert "\x1b" not in one.plain
        assert one.plain.isascii() or not ascii


def test_without_curves_of_blocks_nothing_is_drawn(make_report):
    assert list(block_plots(make_report(blocks=()), width=80, height=16)) == []
