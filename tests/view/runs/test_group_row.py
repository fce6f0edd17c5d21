"""A row of a group has the width it was given."""

import time

from lininterp_cli.view.runs.group_row import group_lines
from lininterp_cli.view.runs.groups import group
from lininterp_cli.view.runs.summary import Summary, damaged


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
