"""Arranges curves of blocks: some drawn together, and these drawings side by side; nothing is drawn here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lininterp_cli.study.report.findings import BlockRow, Report
from lininterp_cli.view.study.panels import is_by_line
from lininterp_cli.view.study.plot import Mean, mean_of

MAX_BLOCKS = 11
"""Largest number of blocks drawn with the whole network; of more, those with the highest barriers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockPanels:
    """The blocks of several rows, to be compared on one scale."""

    title: str
    """The common line or row, the granularity and the split."""
    panels: tuple[tuple[str, tuple[Mean, ...]], ...]
    """Name of each row or line, and its mean curves, that of the whole network first."""
    legend: tuple[tuple[int, str], ...]
    """Place and name of the whole network and of every block that is drawn."""


def block_panels(report: Report) -> Iterator[BlockPanels]:
    """Mean curves block by block, as Vlaar & Frankle (2022) show them.

    Args:
        report: The report.

    Yields:
        For each line and granularity, its rows; if the study compares lines, for each row and granularity, its
        lines.
    """
    by_line = is_by_line(report)

    def shared(row: BlockRow) -> tuple[str, str]:
        return (row.label if by_line else row.line), row.by

    walked = [row for row in report.blocks if row.paths]
    for part, by in dict.fromkeys(map(shared, walked)):
        rows = [row for row in walked if shared(row) == (part, by)]
        blocks = list(dict.fromkeys(row.block for row in rows))
        drawn = _highest(rows, blocks, f"barrier_{report.barrier}")
        place = {block: at for at, block in enumerate(drawn, start=1)}
        title = f"{part}, each {by} by itself: mean loss on {report.split}"
        if len(drawn) < len(blocks):
            title += f"; the {len(drawn)} highest barriers of {len(blocks)}"
        yield BlockPanels(
            title=title,
            panels=tuple(
                (line if by_line else label, tuple(_means(report, rows, label, line, place)))
                for label, line in dict.fromkeys((row.label, row.line) for row in rows)
            ),
            legend=((0, "the whole network"), *((at, block) for block, at in place.items())),
        )


def _means(report: Report, rows: Sequence[BlockRow], label: str, line: str, place: Mapping[str, int]) -> list[Mean]:
    """The whole network's mean curve, then those of its blocks."""
    whole = [mean_of("all", 0, row.paths) for row in report.rows if (row.label, row.line) == (label, line)]
    own = [
        mean_of(row.block, place[row.block], row.paths)
        for row in rows
        if (row.label, row.line) == (label, line) and row.block in place
    ]
    return [one for one in (*whole, *own) if one is not None]


def _highest(rows: Sequence[BlockRow], blocks: Sequence[str], barrier: str) -> list[str]:
    """The blocks with the highest barriers in any row, in the network's order."""
    tops: dict[str, float] = {}
    for row in rows:
        tops[row.block] = max(tops.get(row.block, 0.0), row.figures[barrier].mean or 0.0)
    highest = sorted(blocks, key=lambda block: -tops[block])[:MAX_BLOCKS]
    return [block for block in blocks if block in highest]
