"""Any set of lines as a plot of text, never wider or higher than asked, whatever the values are.

Frame, ticks, legend and remarks are drawn by `panel`, the lines by `canvas`, on what `guard` lets through.
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
    """What the legend calls it."""
    xs: Sequence[float]
    """Positions, ascending."""
    ys: Sequence[float | None]
    """Values, as many; None, NaN and the infinities are gaps with an `x` on the axis."""
    color: str | None = None
    """`#rrggbb`; None is the terminal's own foreground."""
    letter: str | None = None
    """One ASCII character that stands on the line and in the legend; None for the line that needs none."""
    emphasis: Literal["dim", "normal", "bold"] = "normal"
    """How it stands out."""
    stroke: Literal["solid", "dashed", "dotted"] = "solid"
    """How it is drawn; a dotted line lies under all others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A place on a line that the frame points to."""

    x: float
    """Position."""
    y: float
    """Value."""
    text: str
    """What is said of it."""
    foot: float | None = None
    """Value that the height is measured from; a line leads down to it. None for none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Axes:
    """What a plot is of."""

    title: str = ""
    """The line above the frame."""
    x_ticks: Sequence[tuple[float, str]] | None = None
    """Positions with their labels; round numbers unless given."""
    x_label: str = ""
    """What the positions are, where there is room beside the ticks."""
    log: bool = False
    """Whether the values' axis is logarithmic."""
    always: float = 0.0
    """Values up to this magnitude are never taken for diverged."""
    note: str = ""
    """A remark to stand under the plot."""
    x_limits: tuple[float, float] | None = None
    """Positions that are drawn; all unless given."""
    levels: Sequence[tuple[float, str]] = ()
    """Values that are drawn as level lines, with their names, where they are inside the limits."""
    bands: Sequence[Band] = ()
    """Areas that are shaded under the lines, the upper ones last."""
    cursor: float | None = None
    """Position of a column; None for none."""


ALPHA_TICKS = ((0.0, "0"), (0.25, "0.25"), (0.5, "0.5"), (0.75, "0.75"), (1.0, "1"))
"""Ticks of the way from one endpoint to the other."""


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

    Values that are not finite are gaps with an `x` on the axis; values far from all others are cut off; both are
    said under the plot.

    Args:
        lines: What to draw; a later one lies over an earlier one.
        width: Columns at most.
        height: Rows at most, title, legend and remarks included.
        axes: What the plot is of.
        marks: Places that the upper frame points to, the most important first; as many as fit.
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
    """What `plot` draws, as rows of words with their Rich styles: a widget needs no text.

    Args:
        lines: See `plot`, as for everything else.
        width: Columns at most.
        height: Rows at most.
        axes: What the plot is of.
        marks: Places that the upper frame points to.
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
    # Ticks and two frames are three rows; a canvas of less than four shows nothing, so words give way first.
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
