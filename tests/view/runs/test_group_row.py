"""A row of a group has the width it was given."""

import time

from lininterp_cli.view.runs.group_row import group_lines
from lininterp_cli.view.runs.groups import group
from lininterp_cli.view.runs.summary import Summary, Worst, damaged


def test_groups_fit():
    groups = group(
        [Summary(id="a", name="b", state="finished", model="mlp"), damaged("x", "why")],
        "model",
        time.time(),
        lambda run: run,
    )
    for width in (30, 60, 100):
        lines = group_lines(groups, width, ascii=True)
        assert len(lines) == 3
        assert all(len(line) <= width and line.isascii() for line in lines)


def test_the_smallest_means_and_deviations_have_room():
    worst = [Worst(height=height, alpha=0.5, block="all", definition="rise", curve="c") for height in (1e-4, 3e-4)]
    runs = [
        Summary(id=f"a-{seed}", name="", state="finished", model="mlp", worst=one) for seed, one in enumerate(worst)
    ]
    groups = group(runs, "model", time.time(), lambda run: run)
    for ascii, sign in ((False, "±"), (True, "+-")):
        assert f"2.0e-04 {sign}1.4e-04" in group_lines(groups, 78, ascii=ascii)[1]
