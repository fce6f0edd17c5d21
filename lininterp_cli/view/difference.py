"""How curves of several runs differ from one of them, alpha by alpha; it draws no curve itself."""

import math
from bisect import bisect_left
from collections.abc import Sequence

from rich.text import Text

from lininterp_cli.view.curves import MAX_LOSS
from lininterp_cli.view.look import Look
from lininterp_cli.view.measure import Measure, measure_words
from lininterp_cli.view.overlay import Trace
from lininterp_cli.view.plot import ALPHA_TICKS, Axes, Line, plot

Points = tuple[list[float], list[float]]
"""Alphas and, at each of them, a value."""


def interpolated(alphas: Sequence[float], values: Sequence[float], wanted: Sequence[float]) -> list[float]:
    """Values between the measured ones, on straight lines.

    Args:
        alphas: Where they were measured, ascending; at least one.
        values: As many; NaN where nothing finite was found.
        wanted: Positions from the first to the last alpha.

    Returns:
        As many values as are wanted; NaN beside a value that is not finite.

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


def difference(trace: Trace, reference: Trace, split: str, measure: Measure) -> Points:
    """How far one curve lies above another.

    Args:
        trace: The one.
        reference: The other; both have the split.
        split: What was measured on.
        measure: What is compared.

    Returns:
        Every alpha that was measured of either where both have values, and the difference there: nats, or a fraction.
        Where only one was measured the other is interpolated linearly; nothing is extrapolated.
    """
    alphas, others = trace.series.alphas, reference.series.alphas
    low, high = max(alphas[0], others[0]), min(alphas[-1], others[-1])
    common = sorted({alpha for alpha in (*alphas, *others) if low <= alpha <= high})
    ours = interpolated(alphas, trace.values(split, measure), common)
    theirs = interpolated(others, reference.values(split, measure), common)
    # An infinity less itself is no number, and one infinity is no difference to draw either.
    return common, [
        a - b if math.isfinite(a) and math.isfinite(b) else math.nan for a, b in zip(ours, theirs, strict=True)
    ]


def difference_plot(
    traces: Sequence[Trace],
    reference: Trace,
    *,
    split: str,
    measure: Measure = "loss",
    note: str = "",
    legend: bool = True,
    width: int,
    height: int,
    look: Look = Look(),
) -> Text:
    """Draw how curves differ from one of them, which is the line at zero.

    Args:
        traces: The curves.
        reference: What they are compared with.
        split: What was measured on.
        measure: What is compared.
        note: A remark to stand under the plot.
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
        alphas, differences = difference(trace, reference, split, measure)
        lines.append(Line(label=trace.label, xs=alphas, ys=differences, color=trace.color, letter=trace.letter))
    axes = Axes(
        title=f"{measure_words(measure)} less that of {reference.letter}",
        x_ticks=ALPHA_TICKS,
        x_label="alpha",
        always=MAX_LOSS if measure == "loss" else 1.0,
        note=note,
    )
    return plot(lines, width=width, height=height, axes=axes, legend=legend, look=look)
