"""Curves of every block of a study's networks as drawings of a page, one for each row, side by side."""

from collections.abc import Iterator, Mapping, Sequence

from lininterp_cli.study.report.findings import BlockRow, Report
from lininterp_cli.view.study.panels import is_by_line
from lininterp_cli.view.study.plot import Mean, mean_of
from lininterp_cli.view.study.svg import curves_svg, limits_of

MAX_BLOCKS = 11
"""Blocks that are drawn beside the whole network; of more, those with the highest barriers."""


def block_drawings(report: Report) -> Iterator[tuple[str, list[tuple[str, str]], list[tuple[int, str]]]]:
    """Mean curves block by block, as Vlaar & Frankle (2022) show them, those to be compared over one scale.

    Args:
        report: The report.

    Yields:
        For each line and granularity a title, the drawings with the names of their rows, and a legend: place and name
        of the whole network and of every block that is drawn. Where lines are what is compared, for each row and
        granularity, with the names of the lines.
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
        panels = [
            (line if by_line else label, _means(report, rows, label, line, place))
            for label, line in dict.fromkeys((row.label, row.line) for row in rows)
        ]
        drawings = [(name, drawing) for name, drawing in _drawings(panels, title) if drawing]
        if drawings:
            yield title, drawings, [(0, "the whole network"), *((at, block) for block, at in place.items())]


def _means(report: Report, rows: Sequence[BlockRow], label: str, line: str, place: Mapping[str, int]) -> list[Mean]:
    """The whole network's mean curve, then those of its blocks."""
    whole = [mean_of("all", 0, row.paths) for row in report.rows if (row.label, row.line) == (label, line)]
    own = [
        mean_of(row.block, place[row.block], row.paths)
        for row in rows
        if (row.label, row.line) == (label, line) and row.block in place
    ]
    return [one for one in (*whole, *own) if one is not None]


def _drawings(panels: Sequence[tuple[str, list[Mean]]], title: str) -> Iterator[tuple[str, str]]:
    shared = limits_of([one for _, means in panels for one in means], is_mean=True)
    for label, means in panels:
        yield label, curves_svg(means, f"{label}: {title}", y=shared, is_small=True)


def _highest(rows: Sequence[BlockRow], blocks: Sequence[str], barrier: str) -> list[str]:
    """The blocks with the highest barriers in any row, in the network's order."""
    tops: dict[str, float] = {}
    for row in rows:
        tops[row.block] = max(tops.get(row.block, 0.0), row.figures[barrier].mean or 0.0)
    highest = sorted(blocks, key=lambda block: -tops[block])[:MAX_BLOCKS]
    return [block for block in blocks if block in highest]
