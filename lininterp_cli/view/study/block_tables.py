"""Blocks of a study's networks as terminal tables: cost of putting them back, barriers, distances moved."""

import textwrap
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from lininterp_cli.study.report.findings import BlockRow, Report, Sensitivity
from lininterp_cli.view import palette
from lininterp_cli.view.study.cells import fixed, places, short_names, spread_words
from lininterp_cli.view.table import bare_table, stacked
from lininterp_cli.view.text import MISSING, crop_unique, number, printable

MAX_BLOCKS = 60
"""Largest number of blocks that are all shown; of more, the first of each ranking."""

FIRST_BLOCKS = 3
"""Number of blocks of each ranking that are shown then."""

LEAST_NAME = 8
"""Columns for the names of blocks; where the other columns of a table would leave fewer, they are divided."""

_LEAST_LABEL, _MOVED_WIDTH = 12, 7
"""Columns for the names of rows beside the distances of blocks, and for each distance."""

_Column = tuple[str, int, Callable[[Sensitivity, BlockRow | None], str]]
"""Head, width, and a function that formats its cells."""


def block_tables(report: Report, *, width: int, ascii: bool = False) -> Iterator[RenderableType]:
    """The rankings of each row's blocks, the most sensitive first; if there are none, how far blocks moved.

    Args:
        report: The report.
        width: Columns at most.
        ascii: Use ASCII only.

    Yields:
        Titles and tables; nothing where no block is known.
    """
    if not report.sensitivities:
        yield from _moved(report, width, ascii)
        return
    yield Text(f"Blocks, the most sensitive first; barrier: {report.barrier}", style="bold")
    every = report.sensitivities
    all_shown = len(every) <= MAX_BLOCKS
    before: Sequence[_Column] = ()
    for title, some in groupby(every, lambda one: one.title):
        own = list(some)
        counts = sorted({one.num_runs for one in own})
        runs = f"{'..'.join(map(str, dict.fromkeys((counts[0], counts[-1]))))} run{'s' * (counts[-1] > 1)}"
        yield from map(Text, textwrap.wrap(printable(f"{title}, {runs}:", ascii=ascii), width))
        columns = _columns(report, own[0], "+-" if ascii else "±")
        heads = [head for head, _, _ in columns] != [head for head, _, _ in before]
        parts = stacked([size for _, size, _ in columns], width - LEAST_NAME)
        for part in parts:
            shown = own if all_shown else own[:FIRST_BLOCKS]
            yield _table(report, shown, columns[part], width, heads or len(parts) > 1, ascii)
        before = columns
    if not all_shown:
        yield Text(f"the first {FIRST_BLOCKS} of each; --json has all {len(every)}", style="dim")


def _table(
    report: Report, some: Sequence[Sensitivity], columns: Sequence[_Column], width: int, heads: bool, ascii: bool
) -> Table:
    room = max(LEAST_NAME, width - sum(size + 1 for _, size, _ in columns))
    table = bare_table(heads=heads)
    table.add_column("", width=room, no_wrap=True)
    for head, size, _ in columns:
        table.add_column(head, justify="right", width=size, no_wrap=True)
    names = crop_unique([printable(one.block) for one in some], room - 2, ascii=ascii)
    known = {(row.label, row.line, row.by, row.block): row for row in report.blocks}
    for one, name in zip(some, names, strict=True):
        row = known.get((one.label, one.line, one.by, one.block)) or known.get((one.label, "", one.by, one.block))
        table.add_row(Text(f"  {name}"), *(Text(cell(one, row)) for _, _, cell in columns))
    return table


def _columns(report: Report, one: Sensitivity, sign: str) -> list[_Column]:
    def figure(name: str) -> Callable[[Sensitivity, BlockRow | None], str]:
        return lambda _, row: MISSING if row is None else spread_words(row, name, plus_minus=sign)

    moved: _Column = ("moved", 10 + len(sign), figure("distance"))
    if one.measure == "criticality":
        return [
            ("mean", 9, lambda one, _: number(one.mean)),
            ("95 % interval", 20, lambda one, _: interval_words(one)),
            moved,
        ]
    return [
        ("mean", 7, lambda one, _: fixed(one.mean)),
        ("95 % interval", 16, lambda one, _: interval_words(one)),
        ("error pp", 8, lambda one, _: MISSING if one.error_rise is None else f"{100 * one.error_rise:+.1f}"),
        ("barrier", 10 + len(sign), figure(f"barrier_{report.barrier}")),
        ("monotone", 8, figure("monotone")),
        moved,
    ]


def interval_words(one: Sensitivity) -> str:
    """The interval of a block's mean, `n/a` for one run."""
    form = number if one.measure == "criticality" else fixed
    return MISSING if one.low is None else f"{form(one.low)}..{form(one.high)}"


def _moved(report: Report, width: int, ascii: bool) -> Iterator[RenderableType]:
    """The distances that training moved blocks, a column for each."""
    rows = [row for row in report.blocks if row.by == "block" and row.figures["distance"].num]
    blocks, labels = (list(dict.fromkeys(getattr(row, name) for row in rows)) for name in ("block", "label"))
    if not blocks:
        return
    yield Text("Distance moved by block, mean over runs", style="bold")
    means = {(row.label, row.block): row.figures["distance"].mean for row in rows}
    heads, place = crop_unique([printable(block) for block in blocks], _MOVED_WIDTH, ascii=ascii), places(report)
    for part in stacked([_MOVED_WIDTH] * len(blocks), width - 2 - _LEAST_LABEL):
        room = max(_LEAST_LABEL, width - 2 - (_MOVED_WIDTH + 1) * len(blocks[part]))
        names = short_names(labels, room, ascii=ascii)
        table = bare_table()
        table.add_column("", width=1, no_wrap=True)
        table.add_column("", width=room, no_wrap=True)
        for name in heads[part]:
            table.add_column(Text(name), justify="right", width=_MOVED_WIDTH, no_wrap=True)
        for label in labels:
            cells = [Text(fixed(means.get((label, block)))) for block in blocks[part]]
            table.add_row(palette.letter(place[label]), Text(names[label]), *cells)
        yield table
