"""Curves of every block of a study's networks as SVG drawings of a page, one for each row, side by side."""

from collections.abc import Iterator, Sequence

from lininterp_cli.study.report.findings import Report
from lininterp_cli.view.study.block_panels import block_panels
from lininterp_cli.view.study.plot import Mean
from lininterp_cli.view.study.svg import curves_svg, limits_of


def block_drawings(report: Report) -> Iterator[tuple[str, list[tuple[str, str]], tuple[tuple[int, str], ...]]]:
    """Mean curves block by block; drawings to be compared have the same scale.

    Args:
        report: The report.

    Yields:
        For each of `block_panels` a title, the drawings with the names of their rows, and a legend.
    """
    for one in block_panels(report):
        drawings = [(name, drawing) for name, drawing in _drawings(one.panels, one.title) if drawing]
        if drawings:
            yield one.title, drawings, one.legend


def _drawings(panels: Sequence[tuple[str, Sequence[Mean]]], title: str) -> Iterator[tuple[str, str]]:
    shared = limits_of([one for _, means in panels for one in means], is_mean=True)
    for label, means in panels:
        yield label, curves_svg(means, f"{label}: {title}", y=shared, is_small=True)
