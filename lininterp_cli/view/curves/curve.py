"""One curve as a plot.

Numbers come from the curve and the barrier definitions; none are computed here.
"""

from collections.abc import Collection

from rich.text import Text

from lininterp_cli.landscape.curves.barrier import Barrier
from lininterp_cli.landscape.curves.curve import Curve, Metric, Series
from lininterp_cli.view.curves.barrier_words import height_words, interval_words
from lininterp_cli.view.curves.drawing import Drawing, check
from lininterp_cli.view.curves.ends import endpoint_names
from lininterp_cli.view.curves.extent import examples_words, outer_remark
from lininterp_cli.view.curves.lines import alpha_ticks, series_lines, under_lines, windowed
from lininterp_cli.view.curves.quantity import chance, quantity_words, reach, shown_values
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.axes import Axes, Mark
from lininterp_cli.view.plots.panel import Row
from lininterp_cli.view.plots.plot import plot_rows, text_of
from lininterp_cli.view.text import printable


def curve_plot(
    curve: Curve,
    split: str,
    *,
    metric: Metric = "loss",
    definition: str | None = None,
    width: int = 80,
    height: int = 20,
    blocks: Collection[str] | None = None,
    highlight: str | None = None,
    log: bool = False,
    legend: bool = True,
    look: Look = Look(),
) -> Text:
    """Draw the full path and the blocks of one curve.

    An unknown split, block or definition raises UnknownNameError.

    Args:
        curve: The curve.
        split: `test` or `train`.
        metric: The metric to draw: the loss in nats or the accuracy as a fraction.
        definition: A key of BARRIERS, whose highest barrier, of the loss or of the error, is marked; the curve's own
            default unless given.
        width: Columns at most.
        height: Rows at most.
        blocks: Labels (`all` is the full path) to draw; every one unless given.
        highlight: The label to draw boldly over the others, which are then dim.
        log: Whether the value axis is logarithmic.
        legend: Whether letters and blocks are listed under the plot; if not, the barrier table lists them.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns.
    """
    drawing = Drawing(
        curve=curve, splits=(split,), quantity=metric, definition=definition, blocks=blocks, highlight=highlight,
        log=log,
    )  # fmt: skip
    return text_of(curve_rows(drawing, width=width, height=height, legend=legend, look=look))


def curve_rows(
    drawing: Drawing,
    *,
    width: int,
    height: int,
    legend: bool = True,
    look: Look = Look(),
) -> list[Row]:
    """Draw one curve; an unknown split, block or definition raises UnknownNameError.

    Args:
        drawing: The content and the style of the drawing.
        width: Columns at most.
        height: Rows at most.
        legend: Whether letters and blocks are listed under the plot.
        look: What can be shown.

    Returns:
        At most `height` rows of at most `width` columns.
    """
    curve = drawing.curve
    for split in drawing.splits:
        definition = check(curve, split, drawing.definition)
    shown = drawing.shown
    series = [one for _, one in shown]
    lines = series_lines(shown, drawing.splits, drawing.quantity, drawing.highlight)
    top = _top(drawing, definition)
    under, areas, words = under_lines(drawing, definition, top[0] if top is not None else None, ascii=look.ascii)
    level = chance(drawing.num_classes, drawing.quantity)
    axes = Axes(
        title=_title(drawing, words),
        x_ticks=alpha_ticks(endpoint_names(curve), series, width, drawing.window, ascii=look.ascii),
        log=drawing.log,
        always=reach(drawing.quantity),
        note=outer_remark(series),
        x_limits=drawing.window,
        levels=() if level is None else ((level, "chance"),),
        bands=areas,
        cursor=drawing.cursor,
    )
    return plot_rows(
        windowed([*under, *lines], drawing.window), width=width, height=height, axes=axes,
        marks=[] if top is None else [_mark(drawing, definition, *top)], legend=legend,
        look=look,
    )  # fmt: skip


def _title(drawing: Drawing, words: list[str]) -> str:
    curve, splits = drawing.curve, drawing.splits
    on = splits[0] if len(splits) == 1 else f"{splits[0]} and {splits[1]} (dashed)"
    parts = [f"{quantity_words(drawing.quantity)} on {on}", examples_words(curve, splits[0])]
    # `preview` is the first word, so that it is still there where the title is shortened.
    title = ", ".join(parts) if curve.complete else "; ".join(parts[::-1])
    return ", ".join([title, *(["log axis"] if drawing.log else []), *words])


def _top(drawing: Drawing, definition: str) -> tuple[Series, Barrier] | None:
    """The barrier to mark: that of the highlighted series, or the highest."""
    metric, split = drawing.metric, drawing.splits[0]
    pairs = [(one, drawing.curve.barrier(one, split, definition, metric)) for _, one in drawing.shown]
    known = [(one, barrier) for one, barrier in pairs if barrier is not None and barrier.height > 0]
    return max(known, key=lambda pair: (pair[0].label == drawing.highlight, pair[1].height), default=None)


def _mark(drawing: Drawing, definition: str, series: Series, barrier: Barrier) -> Mark:
    split, at = drawing.splits[0], series.alphas.index(barrier.alpha)
    value = shown_values(series.splits[split], drawing.quantity)[at]
    name = definition if drawing.quantity == "loss" else f"error {definition}"
    height, foot = height_words(barrier.height, drawing.metric), None
    interval = series.interval(split, definition, drawing.metric)
    if drawing.shade:
        foot = value + barrier.height * (1 if drawing.quantity == "accuracy" else -1)
        height += f" {interval_words(interval, drawing.metric)}" if interval is not None else ""
    words = f"{name} {height} at {barrier.alpha:.3g}, {printable(series.label)}"
    return Mark(x=barrier.alpha, y=value, text=words, foot=foot)
