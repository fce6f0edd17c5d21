"""Any set of lines as a plot of text, never wider or higher than asked, whatever the values are.

`panel` draws frame, ticks, legend and remarks, `canvas` the lines; `guard` removes points that cannot be drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.text import Text

from lininterp_cli.view.bands import Band
from lininterp_cli.view.guard import robust_limits, span
from lininterp_cli.view.look import Look
from lininterp_cli.view.panel import Panel, Row
from lininterp_cli.view.remarks import nothing
from lininterp_cli.view.text import crop, printable

MIN_WIDTH, MIN_HEIGHT = 24, 6
"""Columns and rows below which there is a remark instead of a plot."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a plot."""

    label: str
    """Its name in the legend; empty to leave it out."""
    xs: Sequence[float]
    """Positions, ascending."""
    ys: Sequence[float | None]
    """Values, as many; None, NaN and the infinities are gaps with an `x` on the axis."""
    color: str | None = None
    """`#rrggbb`; None is the terminal's own foreground."""
    letter: str | None = None
    """One ASCII character that stands on the line and in the legend; None for no letter."""
    emphasis: Literal["dim", "normal", "bold"] = "normal"
    """How strongly it is drawn."""
    stroke: Literal["solid", "dashed", "dotted"] = "solid"
    """The kind of stroke; a dotted line lies under all others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A point on a line that the frame points to."""

    x: float
    """Position."""
    y: float
    """Value."""
    text: str
    """The words beside the pointer."""
    foot: float | None = None
    """Value that the height is measured from, to which a line leads; None for no line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Axes:
    """Title, axes, areas and remarks of a plot."""

    title: str = ""
    """The line above the frame."""
    x_ticks: Sequence[tuple[float, str]] | None = None
    """Positions with their labels; round numbers unless given."""
    x_label: str = ""
    """Name of the positions, shown if there is room beside the ticks."""
    log: bool = False
    """Whether the value axis is logarithmic."""
    always: float = 0.0
    """Values up to this magnitude never count as diverged."""
    note: str = ""
    """A remark under the plot."""
    x_limits: tuple[float, float] | None = None
    """First and last position to draw; all unless given."""
    levels: Sequence[tuple[float, str]] = ()
    """Values that are drawn as horizontal lines with their names, if they are inside the limits."""
    bands: Sequence[Band] = ()
    """Areas that are shaded under the lines, the upper ones last."""
    cursor: float | None = None
    """Position of the cursor, a vertical line; None for none."""


ALPHA_TICKS = ((0.0, "0"), (0.25, "0.25"), (0.5, "0.5"), (0.75, "0.75"), (1.0, "1"))
"""Ticks of a path from one endpoint to the other."""


def plot(
    lines: Sequence[Line],
    *,
    width: int,
    height: int,
    axes: Axes | None = None,
    marks: Sequence[Mark] = (),
    legend: bool = True,
    look: Look = Look(),
) -> Text:
    """Draw lines over a common axis.

    Values that are not finite are gaps with an `x` on the axis; values far from all others are cut off; remarks
    under the plot count both.

    Args:
        lines: The lines; a later one lies over an earlier one.
        width: Columns at most.
        height: Rows at most, title, legend and remarks included.
        axes: Title, axes, areas and remarks of the plot.
        marks: Points that the upper frame points to, the most important first; as many as fit.
        legend: Whether letters and labels are listed under the plot.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns.
    """
    rows = plot_rows(lines, width=width, height=height, axes=axes, marks=marks, legend=legend, look=look)
    return text_of(rows)


def text_of(rows: Sequence[Row]) -> Text:
    """Rows of styled words as one text."""
    return Text("\n").join(Text.assemble(*row) for row in rows)


def plot_rows(
    lines: Sequence[Line],
    *,
    width: int,
    height: int,
    axes: Axes | None = None,
    marks: Sequence[Mark] = (),
    legend: bool = True,
    look: Look = Look(),
) -> list[Row]:
    """The rows of `plot`, which has the same arguments: words with their Rich styles, as a widget needs them.

    Args:
        lines: The lines.
        width: Columns at most.
        height: Rows at most.
        axes: Title, axes, areas and remarks of the plot.
        marks: Points that the upper frame points to.
        legend: Whether letters and labels are listed.
        look: What can be shown.

    Returns:
        At most `height` rows of at most `width` columns.
    """
    axes = axes or Axes()
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return _remark("too small for a plot", width, height, ascii=look.ascii)
    x_limits = span([x for line in lines for x in line.xs] if axes.x_limits is None else axes.x_limits)
    values = [y for line in lines for y in line.ys if y is not None]
    values += [value for band in axes.bands for value in band.values(axes.x_limits)]
    y_limits = robust_limits(values, log=axes.log, always=axes.always)
    if x_limits is None or y_limits is None:
        why = nothing([y for line in lines for y in line.ys], log=axes.log)
        return _remark(why, width, height, ascii=look.ascii, title=axes.title)
    panel = Panel(lines, axes, x_limits, y_limits, look=look)
    head: list[Row] = [[(crop(printable(axes.title), width, ascii=look.ascii), "bold")]] if axes.title else []
    key = panel.legend(width) if legend else []
    remarks = panel.remarks(width)
    # Ticks and frames take three rows; a canvas of fewer than four shows nothing, so words are dropped first.
    for part in (key, remarks, head):
        while part and height - 3 - len(head) - len(remarks) - len(key) < max(4, height // 2):
            if part is not key and height - 3 - len(head) - len(remarks) - len(key) >= 4:
                break
            part.pop()
    body = panel.body(width, height - 3 - len(head) - len(remarks) - len(key), marks)
    return [*head, *body, *remarks, *key]


def _remark(text: str, width: int, height: int, *, ascii: bool, title: str = "") -> list[Row]:
    rows: list[Row] = [[(crop(printable(title), width, ascii=ascii), "bold")]] if title and height > 1 else []
    return [*rows, [(crop(text, width, ascii=True), "dim")]][: max(0, height)]
