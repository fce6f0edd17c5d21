"""Differences between the curves of several runs and one of them, alpha by alpha."""

import math
from bisect import bisect_left
from collections.abc import Sequence

from rich.text import Text

from lininterp_cli.view.curves.overlay import Trace
from lininterp_cli.view.curves.quantity import Quantity, quantity_words, reach
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.axes import ALPHA_TICKS, Axes, Line
from lininterp_cli.view.plots.plot import plot

Points = tuple[list[float], list[float]]
"""Alphas and, at each of them, a value."""


def interpolated(alphas: Sequence[float], values: Sequence[float], wanted: Sequence[float]) -> list[float]:
    """Interpolate measured values linearly.

    Args:
        alphas: Where they were measured, ascending; at least one.
        values: As many values; NaN where one is not finite.
        wanted: Positions from the first to the last alpha.

    Returns:
        A value for each wanted position; NaN next to a value that is not finite.

    Example:
        >>> interpolated([0.0, 0.5, 1.0], [2.0, 1.0, 4.0], [0.0, 0.25, 0.75])
        [2.0, 1.5, 2.5]
    """
    found = []
    for alpha in wanted:
        right = min(bisect_left(alphas, alpha), len(alphas) - 1)
        left = max(0, right - 1)
        if alphas[right] <= alpha or alphas[right] == alphas[left]:
            found.append(values[right])
            continue
        share = (alpha - alphas[left]) / (alphas[right] - alphas[left])
        found.append(values[left] * (1 - share) + values[right] * share)
    return found


def difference(trace: Trace, reference: Trace, split: str, quantity: Quantity) -> Points:
    """One curve less another.

    Args:
        trace: The curve.
        reference: The curve that is subtracted; both have the split.
        split: `test` or `train`.
        quantity: The quantity to compare.

    Returns:
        Every alpha of either curve in the range of both, and the differences there, in nats or as fractions.  A curve
        without a value at an alpha is interpolated linearly; nothing is extrapolated.
    """
    alphas, others = trace.series.alphas, reference.series.alphas
    low, high = max(alphas[0], others[0]), min(alphas[-1], others[-1])
    common = sorted({alpha for alpha in (*alphas, *others) if low <= alpha <= high})
    ours = interpolated(alphas, trace.values(split, quantity), common)
    theirs = interpolated(others, reference.values(split, quantity), common)
    # A difference of infinite values is NaN or infinite, and neither can be drawn.
    return common, [
        a - b if math.isfinite(a) and math.isfinite(b) else math.nan for a, b in zip(ours, theirs, strict=True)
    ]


def difference_plot(
    traces: Sequence[Trace],
    reference: Trace,
    *,
    split: str,
    quantity: Quantity = "loss",
    note: str = "",
    legend: bool = True,
    width: int,
    height: int,
    look: Look = Look(),
) -> Text:
    """Draw the differences between curves and one of them, which is the line at zero.

    Args:
        traces: The curves.
        reference: The curve that they are compared with.
        split: `test` or `train`.
        quantity: The quantity to compare.
        note: A remark under the plot.
        legend: Whether letters and labels are listed under the plot.
        width: Columns at most.
        height: Rows at most.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns.
    """
    zero = Line(
        label=reference.label,
        xs=[reference.series.alphas[0], reference.series.alphas[-1]],
        ys=[0.0, 0.0],
        color=reference.color,
        letter=reference.letter,
        emphasis="dim",
    )
    lines = [zero]
    for trace in traces:
        if trace.place == reference.place:
            continue
        alphas, differences = difference(trace, reference, split, quantity)
        lines.append(Line(label=trace.label, xs=alphas, ys=differences, color=trace.color, letter=trace.letter))
    axes = Axes(
        title=f"{quantity_words(quantity)} less that of {reference.letter}",
        x_ticks=ALPHA_TICKS,
        x_label="alpha",
        always=reach(quantity),
        note=note,
    )
    return plot(lines, width=width, height=height, axes=axes, legend=legend, look=look)
