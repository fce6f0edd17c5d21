"""One path under each treatment of BatchNorm statistics, side by side."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from lininterp_cli.landscape.curves.curve import Curve, Metric, Series
from lininterp_cli.view import palette
from lininterp_cli.view.curves.barrier_words import describe, height_words
from lininterp_cli.view.curves.extent import preview_words
from lininterp_cli.view.curves.overlay import labelled_plot
from lininterp_cli.view.curves.quantity import quantity_words
from lininterp_cli.view.look import Look
from lininterp_cli.view.text import plain


def treatments_plot(
    curves: Sequence[Curve],
    split: str,
    metric: Metric = "loss",
    *,
    width: int,
    height: int,
    look: Look = Look(),
) -> Text:
    """Draw the full path under each treatment.

    Args:
        curves: Curves that differ only in `bn`.
        split: `test` or `train`.
        metric: The metric to draw.
        width: Columns at most.
        height: Rows at most.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns.
    """
    labelled = [(f"bn {curve.bn}", curve) for curve in curves]
    title = f"{quantity_words(metric)} of everything moving at once, on {split}"
    return labelled_plot(labelled, title, split=split, metric=metric, width=width, height=height, look=look)


def treatments_table(
    curves: Sequence[Curve],
    split: str,
    definition: str | None = None,
    metric: Metric = "loss",
    *,
    width: int,
    look: Look = Look(),
) -> Table:
    """Each path's barrier under each treatment, and whether it is monotone.

    Args:
        curves: Curves that differ only in `bn`.
        split: `test` or `train`.
        definition: A key of BARRIERS; the curves' own default unless given.
        metric: The metric of the barriers.
        width: Columns at most.
        look: What can be shown.

    Returns:
        A table with a row for each path; if treatments disagree on its monotonicity, it is bold and ends in `!`.
    """
    definition = definition or curves[0].default_definition
    unit = "nats" if metric == "loss" else "percentage points of the error"
    caption = f"{definition} barrier on {split}, {unit}: {describe(definition)}; ! treatments disagree"
    preview = preview_words(curves, split)
    table = Table(
        box=None,
        pad_edge=False,
        header_style="bold",
        width=min(width, 24 + 14 * len(curves)),
        caption=Text(f"{preview}; {caption}" if preview else caption),
        caption_justify="left",
    )
    table.add_column("block", no_wrap=True)
    for curve in curves:
        table.add_column(plain(curve.bn), justify="right", no_wrap=True)
    table.add_column("")
    yes, no = ("mono", "not") if look.ascii else ("✓", "✗")
    for row in zip(*(curve.series for curve in curves), strict=True):
        verdicts = [curve.is_monotone(series, split, metric) for curve, series in zip(curves, row, strict=True)]
        cells = [
            f"{_height(curve, series, split, definition, metric)} {yes if verdict else '?' if verdict is None else no}"
            for curve, series, verdict in zip(curves, row, verdicts, strict=True)
        ]
        disagree = {True, False} <= set(verdicts)
        style = (f"bold {palette.HIGH}" if look.color else "bold") if disagree else ""
        table.add_row(plain(row[0].label), *cells, "!" if disagree else "", style=style)
    return table


def _height(curve: Curve, series: Series, split: str, definition: str, metric: Metric) -> str:
    barrier = curve.barrier(series, split, definition, metric)
    return "n/a" if barrier is None else height_words(barrier.height, metric).removesuffix(" pp")
