"""A group of runs as a row of a list: the columns that fit, and their cells."""

import time
from collections.abc import Sequence
from typing import Any

from lininterp_cli.view.runs.groups import Group, spread_words
from lininterp_cli.view.runs.row import Column, Scene, age_words, fit
from lininterp_cli.view.text import fraction, number, printable


def group_columns(width: int) -> list[Column]:
    """The columns of a list of groups that fit into a width."""
    wanted = [("runs", 4, True), ("accuracy", 15, True), ("barrier", 17, True), ("seeds", 5, True), ("age", 4, True)]
    taken: list[tuple[str, int, bool]] = []
    for name, room, right in wanted:
        if width - sum(one + 1 for _, one, _ in taken) - room - 1 >= (8 if len(taken) < 2 else 16):
            taken.append((name, room, right))
    left = max(4, width - sum(room + 1 for _, room, _ in taken) - 1)
    rows = [("group", left, False), *taken]
    return [Column(name=name, head=name, room=room, right=right) for name, room, right in rows]


def group_cells(found: Group[Any], shown_columns: Sequence[Column], scene: Scene) -> list[str]:
    """The cells of one group, each as wide as its column."""
    words = {
        "group": printable(found.label, ascii=scene.ascii),
        "runs": str(len(found.members)),
        "seeds": str(found.num_seeds),
        "accuracy": spread_words(found.accuracy, fraction, ascii=scene.ascii),
        "barrier": spread_words(found.barrier, number, ascii=scene.ascii),
        "age": "" if found.newest is None else age_words(scene.now - found.newest),
    }
    return [fit(words[column.name], column, scene, column.room) for column in shown_columns]


def group_lines(groups: Sequence[Group[Any]], width: int, *, ascii: bool = False) -> list[str]:
    """Groups as a table without colours.

    Args:
        groups: The groups.
        width: Columns at most.
        ascii: Use ASCII only.

    Returns:
        Lines, the heads first.
    """
    shown_columns, scene = group_columns(width), Scene(now=time.time(), ascii=ascii)
    heads = [
        column.head.rjust(column.room) if column.right else column.head.ljust(column.room) for column in shown_columns
    ]
    return [" ".join(row).rstrip() for row in (heads, *(group_cells(one, shown_columns, scene) for one in groups))]
