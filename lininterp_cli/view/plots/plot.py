"""Any set of lines as a plot of text, never wider or higher than asked, whatever the values are.

`panel` draws frame, ticks, legend and remarks, `canvas` the lines; `guard` removes points that cannot be drawn.
"""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.axes import Axes, Line, Mark
from lininterp_cli.view.plots.guard import robust_limits, span
from lininterp_cli.view.plots.panel import Panel, Row
from lininterp_cli.view.plots.remarks import nothing
from lininterp_cli.view.text import crop, printable

MIN_WIDTH, MIN_HEIGHT = 24, 6
"""Columns and rows below which there is a remark instead of a plot."""


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
    key = _counted(key, panel.legend(width)[len(key) :], width)
    body = panel.body(width, height - 3 - len(head) - len(remarks) - len(key), marks)
    return [*head, *body, *remarks, *key]


def _counted(key: list[Row], dropped: list[Row], width: int) -> list[Row]:
    """The rows of the legend that are shown, the last of which counts the entries that are not."""
    num_dropped = sum(len(row) // 2 for row in dropped)
    if not key or not num_dropped:
        return key
    *rows, last = key
    # An entry and the gap before it are two parts of a row.
    while len(last) > 1 and sum(cell_len(text) for text, _ in last) + len(f"  and {num_dropped} more") > width:
        last, num_dropped = last[:-2], num_dropped + 1
    return [*rows, [*last, (f"  and {num_dropped} more", "dim")]]


def _remark(text: str, width: int, height: int, *, ascii: bool, title: str = "") -> list[Row]:
    rows: list[Row] = [[(crop(printable(title), width, ascii=ascii), "bold")]] if title and height > 1 else []
    return [*rows, [(crop(text, width, ascii=True), "dim")]][: max(0, height)]
