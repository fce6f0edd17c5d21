"""The lines of one curve's plot, the areas under them, and the visible part of the path.

The caller chooses series, splits and definition; titles and marks are made in `curve`.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from lininterp_cli.landscape.curves.barrier import baseline
from lininterp_cli.landscape.curves.curve import Series
from lininterp_cli.view import palette
from lininterp_cli.view.curves.bands import barrier_band, error_band, spread_band
from lininterp_cli.view.curves.drawing import Drawing
from lininterp_cli.view.curves.extent import outer_ticks
from lininterp_cli.view.curves.quantity import Quantity, shown_values
from lininterp_cli.view.plots.axes import Line
from lininterp_cli.view.plots.band import Band
from lininterp_cli.view.plots.guard import Limits, is_drawable, ticks
from lininterp_cli.view.text import crop

BASELINES = {"rise": "running minimum", "chord": "chord", "mean": "mean of the ends", "max": "higher end"}
"""Barrier definition to the name of its baseline, for a loss or an error."""

_IN_ACCURACY = {"rise": "running maximum", "max": "lower end"}
"""Names that differ where the accuracy is drawn, which turns baselines upside down."""


def series_lines(
    shown: Sequence[tuple[int, Series]], splits: Sequence[str], quantity: Quantity, highlight: str | None
) -> list[Line]:
    """The lines of some series; the most important is the last, so that it is drawn over the others.

    Args:
        shown: The series with their places among the blocks.
        splits: One or two measured splits; the second is dashed and not in the legend.
        quantity: The quantity to draw.
        highlight: The label to draw boldly over the others, which are then dim.

    Returns:
        One line for each series and split.
    """
    lines = [
        Line(
            label="" if rank else series.label,
            xs=series.alphas,
            ys=shown_values(series.splits[split], quantity),
            color=None if series.block is None else palette.color(index),
            letter=None if series.block is None else palette.letter(index),
            emphasis=_emphasis(series, highlight),
            stroke="dashed" if rank else "solid",
        )
        for rank, split in reversed(list(enumerate(splits)))
        for index, series in shown
    ]
    # The highlighted line lies over the full path, and that over the blocks.
    lines.sort(key=lambda line: ((line.emphasis == "bold") if highlight else False, line.letter is None))
    return lines


def _emphasis(series: Series, highlight: str | None) -> Literal["dim", "normal", "bold"]:
    if highlight is not None:
        return "bold" if series.label == highlight else "dim"
    return "bold" if series.block is None else "normal"


def under_lines(
    drawing: Drawing, definition: str, marked: Series | None, *, ascii: bool = False
) -> tuple[list[Line], list[Band], list[str]]:
    """The baselines and shaded areas under the lines of a curve.

    Args:
        drawing: The drawing.
        definition: A key of BARRIERS.
        marked: The series whose barrier is marked; None for none.
        ascii: Use ASCII only.

    Returns:
        Dotted lines, shaded areas, and a few words on each.
    """
    lines: list[Line] = []
    bands, words = _bands(drawing, lines, ascii)
    split, quantity = drawing.splits[0], drawing.quantity
    if drawing.shade and marked is not None:
        area = barrier_band(definition, marked.alphas, marked.splits[split].costs(drawing.metric), quantity)
        bands += [] if area is None else [area]
    pointed = drawing.focus if drawing.highlight is not None or len(drawing.shown) == 1 else None
    if drawing.shade and pointed is not None and not lines:
        floor = baseline(definition, pointed.alphas, pointed.splits[split].costs(drawing.metric))
        # Only where the baseline is defined: a gap would count as a value that is not finite.
        known = [(x, y) for x, y in zip(pointed.alphas, floor, strict=True) if math.isfinite(y)]
        lines.append(_dotted([x for x, _ in known], [1 - y if quantity == "accuracy" else y for _, y in known]))
        name = _IN_ACCURACY.get(definition) if quantity == "accuracy" else None
        words.append(f"dots {name or BASELINES[definition]}")
    return lines, bands, words


def _bands(drawing: Drawing, lines: list[Line], ascii: bool) -> tuple[list[Band], list[str]]:
    series, quantity = drawing.focus, drawing.quantity
    if drawing.band == "none" or series is None:
        return [], []
    if drawing.band == "error":
        bands = [error_band(series.alphas, series.splits[split], quantity) for split in drawing.splits]
        return bands, [f"band {'+-' if ascii else '±'}1.96 s.e."]
    bands, num_seeds = [], 0
    for split in drawing.splits:
        twins = [one for curve in drawing.others for one in curve.series if one.label == series.label]
        known = [series, *(one for one in twins if split in one.splits)]
        spread = spread_band([(one.alphas, shown_values(one.splits[split], quantity)) for one in known])
        if spread is not None and len(known) > 1:
            bands.append(spread[0])
            lines.append(_dotted(spread[0].xs, spread[1]))
            num_seeds = max(num_seeds, len(known))
    return bands, [f"band min..max of {num_seeds} seeds, dots mean" if bands else "no other seeds"]


def _dotted(xs: Sequence[float], ys: Sequence[float]) -> Line:
    return Line(label="", xs=xs, ys=ys, stroke="dotted", emphasis="dim")


def windowed(lines: Sequence[Line], window: tuple[float, float] | None) -> list[Line]:
    """Cut lines to a range of positions, so that the value axis fits the visible part.

    Args:
        lines: The lines.
        window: First and last position; None for all of them.

    Returns:
        The lines, with interpolated points where they cross an edge of the window.
    """
    return list(lines) if window is None else [_cut(line, *window) for line in lines]


def _cut(line: Line, first: float, last: float) -> Line:
    points = list(zip(line.xs, line.ys, strict=True))
    kept = [(x, y) for x, y in points if first <= x <= last]
    for (x0, y0), (x1, y1) in pairwise(points):
        for edge in (first, last):
            if x0 < edge < x1 and y0 is not None and y1 is not None and is_drawable(y0) and is_drawable(y1):
                kept.append((edge, y0 + (y1 - y0) * (edge - x0) / (x1 - x0)))
    kept.sort(key=lambda point: point[0])
    return replace(line, xs=[x for x, _ in kept], ys=[y for _, y in kept])


def alpha_ticks(
    names: tuple[str, str], shown: Sequence[Series], width: int, window: tuple[float, float] | None, *, ascii: bool
) -> list[tuple[float, str]]:
    """Ticks along the path; the ends have their names where there is room.

    Args:
        names: Names of the ends.
        shown: The series.
        width: Columns of the plot.
        window: The visible part of the path; None for all of it.
        ascii: Use ASCII only.

    Returns:
        Positions and labels, ascending: round numbers in a window, else quarters and the outermost positions.
    """
    room = max(0, width // 4 - 6)
    start, end = (crop(name, room, ascii=ascii) for name in names)
    ends = {0.0: f"0 {start}", 1.0: f"{end} 1"} if room >= 5 else {}
    if window is not None:
        return [(value, ends.get(value, word)) for value, word in ticks(Limits(low=window[0], high=window[1]), 6)]
    quarters = [(value, ends.get(value, f"{value:g}")) for value in (0.0, 0.25, 0.5, 0.75, 1.0)]
    return sorted([*quarters, *outer_ticks(shown)])
