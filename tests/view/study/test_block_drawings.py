"""Drawings of blocks against the curves they are of."""

import math
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

from lininterp_cli.study.report.figures import spread
from lininterp_cli.view.study.block_drawings import block_drawings
from lininterp_cli.view.study.block_panels import MAX_BLOCKS


def lines_of(drawing):
    found = ElementTree.fromstring(drawing).findall("{http://www.w3.org/2000/svg}polyline")
    return [[tuple(map(float, pair.split(","))) for pair in one.get("points").split()] for one in found]


def test_each_row_has_a_drawing_with_a_line_for_the_network_and_each_block(make_report):
    blocks = make_report().blocks
    every = make_report(blocks=(*blocks, *(replace(row, label="decay=0.5") for row in blocks[:1])))
    ((title, drawings, legend),) = block_drawings(every)
    assert title == "initial to final, each block by itself: mean loss on test"
    assert [name for name, _ in drawings] == ["decay=0", "decay=0.5"]
    assert legend == ((0, "the whole network"), (1, "conv1"), (2, "layer1"), (3, "fc"))
    first, second = (lines_of(drawing) for _, drawing in drawings)
    assert (len(first), len(second)) == (4, 2)
    # The block's mean curve begins at (2 + 3) / 2 nats, over one scale in both.
    assert first[1] == second[1]
    assert first[2][0][1] < first[1][0][1] < first[3][0][1]


def test_of_many_blocks_those_with_the_highest_barriers_are_drawn(make_report):
    one = make_report().blocks[0]
    tops = [0.1, 5.0, *[1.0] * MAX_BLOCKS]
    many = tuple(
        replace(one, by="tensor", block=f"t{at}", figures=one.figures | {"barrier_rise": spread([top])})
        for at, top in enumerate(tops)
    )
    ((title, _, legend),) = block_drawings(make_report(blocks=many))
    assert title.endswith(f"; the {MAX_BLOCKS} highest barriers of {MAX_BLOCKS + 2}")
    assert [name for _, name in legend] == ["the whole network", *(f"t{at}" for at in range(1, MAX_BLOCKS + 1))]


def test_lines_and_granularities_are_drawn_apart(make_report):
    row = make_report().blocks[0]
    blocks = (row, replace(row, by="tensor", block="w"), replace(row, line="random to final"))
    titles = [title.partition(":")[0] for title, _, _ in block_drawings(make_report(blocks=blocks))]
    assert titles == [
        "initial to final, each block by itself",
        "initial to final, each tensor by itself",
        "random to final, each block by itself",
    ]


def test_of_one_group_the_lines_stand_side_by_side(make_report, make_row):
    row = make_report().blocks[0]
    rows = (make_row(), make_row(line="zero to final"))
    blocks = (row, replace(row, line="zero to final"))
    ((title, drawings, _),) = block_drawings(make_report(rows=rows, blocks=blocks))
    assert title.startswith("decay=0, each block")
    assert [name for name, _ in drawings] == ["initial to final", "zero to final"]


def test_of_nothing_finite_there_is_no_drawing(make_report, make_row):
    row = make_report().blocks[0]
    gone = replace(row, paths=(((0.0, 1.0), (math.nan, math.nan)),))
    assert list(block_drawings(make_report(rows=(make_row(line=""),), blocks=(gone,)))) == []
    assert list(block_drawings(make_report(blocks=(replace(row, paths=()),)))) == []
