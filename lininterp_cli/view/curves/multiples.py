"""Curves of several runs side by side on the same axes, one small plot each, so that none hides another.

A line under all of them counts the values that are not drawn: missing ones, and those far from all others.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from lininterp_cli.view import palette
from lininterp_cli.view.curves.barrier_words import height_words
from lininterp_cli.view.curves.extent import PREVIEW_SIGN
from lininterp_cli.view.curves.overlay import Trace
from lininterp_cli.view.curves.quantity import Quantity, metric_of, reach
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.canvas import cell_of
from lininterp_cli.view.plots.grid import Grid
from lininterp_cli.view.plots.guard import Limits, clip_runs, is_drawable, robust_limits, span, thin, ticks
from lininterp_cli.view.plots.remarks import is_finite, left_out
from lininterp_cli.view.text import MISSING, crop, number, printable

MIN_COLUMNS, MIN_ROWS = 18, 5
"""Smallest size of one plot with head and axis; plots for which there is no room are only counted."""

_FRAMES = {False: "│└─┤▼", True: "|+-+v"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sheet:
    """The settings that all plots share."""

    x: Limits
    y: Limits
    split: str
    quantity: Quantity
    definition: str
    reference: Trace | None
    margin: int
    look: Look


def multiples(
    traces: Sequence[Trace],
    *,
    split: str,
    quantity: Quantity = "loss",
    definition: str = "rise",
    reference: Trace | None = None,
    log: bool = False,
    width: int,
    height: int,
    look: Look = Look(),
) -> Text:
    """Draw each curve in its own plot, all with the same axes.

    Args:
        traces: The curves.
        split: `test` or `train`.
        quantity: The quantity to draw.
        definition: A key of BARRIERS; each curve's own barrier stands over its plot.
        reference: The curve that is drawn faintly behind each of the others; None for none.
        log: Whether the value axis is logarithmic.
        width: Columns at most.
        height: Rows at most.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns.
    """
    values = [value for trace in traces for value in trace.values(split, quantity)]
    x = span([alpha for trace in traces for alpha in trace.series.alphas])
    y = robust_limits(values, log=log, always=reach(quantity))
    if x is None or y is None:
        return Text(crop("no finite value to draw" if traces else "no curve to draw", width, ascii=True), style="dim")
    across, down = _layout(len(traces), width, height - 1)
    if not across:
        return Text(crop("too small for plots", width, ascii=True), style="dim")
    rows, columns = (height - 1) // down, width // across
    margin = min(8, max(len(label) for _, label in ticks(y, max(2, min(4, (rows - 2) // 2)))))
    sheet = _Sheet(
        x=x, y=y, split=split, quantity=quantity, definition=definition, reference=reference, margin=margin,
        look=look,
    )  # fmt: skip
    shown = traces[: across * down]
    lines: list[Text] = []
    for first in range(0, len(shown), across):
        panels = [_panel(trace, sheet, columns - 1, rows) for trace in shown[first : first + across]]
        lines += [Text(" ").join(parts) for parts in zip(*panels, strict=True)]
    remarks = [f"{len(traces) - len(shown)} more curves have no room here"] if len(shown) < len(traces) else []
    remarks += left_out(values, y)
    # All of them share one line; an ellipsis shows that it is cut.
    said = [Text(crop("; ".join(remarks), width, ascii=look.ascii, head=width), style="dim")] if remarks else []
    return Text("\n").join([*lines, *said])


def _layout(num_plots: int, width: int, height: int) -> tuple[int, int]:
    """The numbers of plots across and down; those that fit if not all do, and zeros if none does."""
    most_across, most_down = width // MIN_COLUMNS, height // MIN_ROWS
    if not most_across or not most_down:
        return 0, 0
    fitting = []
    for across in range(1, min(most_across, num_plots) + 1):
        down = -(-num_plots // across)
        if down <= most_down:
            fitting.append((across, down))
    if not fitting:
        return most_across, most_down
    # A plot of about 3.5 times as many columns as rows shows a path best.
    return min(fitting, key=lambda pair: abs(math.log((width / pair[0]) / (height / pair[1]) / 3.5)))


def _panel(trace: Trace, sheet: _Sheet, width: int, height: int) -> list[Text]:
    """One plot: its name and barrier, the curve, the axis with its labels."""
    rows, columns = height - 3, width - sheet.margin - 1
    frame = _FRAMES[sheet.look.ascii]
    behind = sheet.reference if sheet.reference is not None and sheet.reference.place != trace.place else None
    drawn = [one for one in (behind, trace) if one is not None]
    glyphs = ["." if one is behind else one.letter for one in drawn]
    styles = ["dim" if one is behind else one.color if sheet.look.color else "" for one in drawn]
    grid = Grid(columns, rows, styles, ascii=sheet.look.ascii)
    grid.draw([_pieces(one, sheet, columns) for one in drawn], glyphs, ())
    labels = {
        cell_of((0, sheet.y.place(value)), columns, rows)[0]: label
        for value, label in reversed(ticks(sheet.y, max(2, min(4, rows // 2))))
    }
    lines = [_head(trace, sheet, width)]
    for row in range(rows):
        label = labels.get(row)
        line = Text(f"{label or '':>{sheet.margin}}"[: sheet.margin], style="")
        line.append(frame[0] if label is None else frame[3])
        for word, style in grid.row(row):
            line.append(word, style)
        lines.append(_padded(line, width))
    lines.append(_foot(trace, sheet, columns))
    lines.append(_padded(_ends(sheet, columns), width))
    return lines


def _pieces(trace: Trace, sheet: _Sheet, columns: int) -> list[list[tuple[float, float]]]:
    values = trace.values(sheet.split, sheet.quantity)
    return [thin(run, columns) for run in clip_runs(trace.series.alphas, values, sheet.x, sheet.y)]


def _head(trace: Trace, sheet: _Sheet, width: int) -> Text:
    barrier = trace.barrier(sheet.split, sheet.definition, sheet.quantity)
    words = MISSING if barrier is None else height_words(barrier.height, metric_of(sheet.quantity))
    sign = f"{_FRAMES[sheet.look.ascii][4]} " if barrier is not None and barrier.height > 0 else ""
    words = sign + ("" if trace.curve.complete else PREVIEW_SIGN) + words
    name = crop(printable(trace.label), max(1, width - len(words) - 4), ascii=sheet.look.ascii)
    text = Text.assemble((f"{trace.letter} {name}", trace.color if sheet.look.color else ""))
    gap = width - text.cell_len - len(words)
    return _padded(text.append(" " * max(1, gap) + words), width)


def _foot(trace: Trace, sheet: _Sheet, columns: int) -> Text:
    """The lower frame; an `x` for every missing value, a `▼` below the top of the barrier."""
    frame, edge = _FRAMES[sheet.look.ascii], {}
    pairs = zip(trace.series.alphas, trace.values(sheet.split, sheet.quantity), strict=True)
    for alpha, value in pairs:
        if is_drawable(alpha) and not is_finite(value):
            edge[cell_of((sheet.x.place(alpha), 0), columns, 2)[1]] = "x"
    barrier = trace.barrier(sheet.split, sheet.definition, sheet.quantity)
    if barrier is not None and barrier.height > 0:
        edge[cell_of((sheet.x.place(barrier.alpha), 0), columns, 2)[1]] = frame[4]
    line = Text(" " * sheet.margin + frame[1])
    for column in range(columns):
        sign = edge.get(column)
        line.append(sign or frame[2], f"bold {palette.HIGH}" if sign and sheet.look.color else "")
    return line


def _ends(sheet: _Sheet, columns: int) -> Text:
    left, right = f"{number_of(sheet.x.low)}", f"{number_of(sheet.x.high)}"
    name = "alpha"
    gap = columns - len(left) - len(right)
    middle = name.center(gap) if gap >= len(name) + 2 else " " * max(0, gap)
    return Text(" " * (sheet.margin + 1) + f"{left}{middle}{right}", style="dim")


def number_of(value: float) -> str:
    """A position in as few characters as possible."""
    return f"{value:g}" if abs(value) < 1e6 else number(value)


def _padded(text: Text, width: int) -> Text:
    text.truncate(width)
    return text.append(" " * (width - cell_len(text.plain)))
