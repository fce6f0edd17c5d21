"""One curve as a plot, and its barriers in words.

Numbers come from the curve and the barrier definitions; none are computed here.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass

from rich.text import Text

from lininterp_cli.errors import UnknownNameError
from lininterp_cli.landscape.barrier import BARRIERS, Barrier, Interval
from lininterp_cli.landscape.curve import Curve, Metric, Series
from lininterp_cli.view.curve_lines import BandKind, alpha_ticks, series_lines, under_lines, windowed
from lininterp_cli.view.ends import endpoint_names
from lininterp_cli.view.extent import examples_words, outer_remark
from lininterp_cli.view.look import Look
from lininterp_cli.view.measure import Measure, chance, measure_words, metric_of, shown_values
from lininterp_cli.view.panel import Row
from lininterp_cli.view.plot import Axes, Mark, plot_rows, text_of
from lininterp_cli.view.text import number, printable

MAX_LOSS = 10.0
"""Losses up to this, in nats, never count as diverged; guessing among 1000 classes costs 6.9."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """The content and the style of a drawing of one curve."""

    curve: Curve
    """The curve."""
    splits: tuple[str, ...]
    """One or two measured splits; the second is drawn dashed."""
    measure: Measure = "loss"
    """The measure to draw."""
    definition: str | None = None
    """A key of BARRIERS, whose highest barrier is marked; the curve's own default unless given."""
    blocks: Collection[str] | None = None
    """Labels (`all` is the full path) to draw; every one unless given."""
    highlight: str | None = None
    """The label to draw boldly over the others, which are then dim."""
    log: bool = False
    """Whether the value axis is logarithmic."""
    shade: bool = False
    """Whether the part of the path that forms the marked barrier is shaded, and its interval stated."""
    band: BandKind = "none"
    """The area that is shaded under the `focus` series."""
    others: tuple[Curve, ...] = ()
    """The same curve of runs that differ in their seeds only, for the band over seeds."""
    num_classes: int | None = None
    """Number of classes, for the chance level; None to draw none."""
    window: tuple[float, float] | None = None
    """First and last alpha to draw; all unless given."""
    cursor: float | None = None
    """Alpha of the cursor, a vertical line; None for none."""

    @property
    def metric(self) -> Metric:
        """The metric whose barriers belong to the measure."""
        return metric_of(self.measure)

    @property
    def shown(self) -> list[tuple[int, Series]]:
        """The series that are drawn, with their places among the blocks."""
        return chosen(self.curve, self.blocks)

    @property
    def focus(self) -> Series | None:
        """The series that has bands: the highlighted one, else the full path, else the only one; or None."""
        shown = [series for _, series in self.shown]
        wanted = [series for series in shown if series.label == self.highlight]
        whole = [series for series in shown if series.block is None]
        return next(iter(wanted or whole or (shown if len(shown) == 1 else [])), None)


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
        curve=curve, splits=(split,), measure=metric, definition=definition, blocks=blocks, highlight=highlight, log=log
    )
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
    lines = series_lines(shown, drawing.splits, drawing.measure, drawing.highlight)
    top = _top(drawing, definition)
    under, areas, words = under_lines(drawing, definition, top[0] if top is not None else None, ascii=look.ascii)
    level = chance(drawing.num_classes, drawing.measure)
    axes = Axes(
        title=_title(drawing, words),
        x_ticks=alpha_ticks(endpoint_names(curve), series, width, drawing.window, ascii=look.ascii),
        log=drawing.log,
        always=MAX_LOSS if drawing.measure == "loss" else 1.0,
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


def describe(definition: str) -> str:
    """A barrier definition in a few words: the first line of its docstring."""
    words = (BARRIERS[definition].__doc__ or "").strip().split("\n")[0].rstrip(".")
    return words[:1].lower() + words[1:]


def metric_words(metric: Metric) -> str:
    """The name of a metric, with its unit."""
    return "loss (nats)" if metric == "loss" else "accuracy"


def height_words(height: float, metric: Metric) -> str:
    """The height of a barrier: `0.123` in nats, `12.3 pp` (percentage points) of the error."""
    return number(height) if metric == "loss" else f"{number(100 * height, 2)} pp"


def interval_words(interval: Interval, metric: Metric) -> str:
    """The interval of a barrier's height: `[0.120..0.145]`, in the unit of `height_words`."""
    low, high = (height_words(bound, metric).removesuffix(" pp") for bound in (interval.low, interval.high))
    return f"[{low}..{high}]"


def missing_words(series: Series, split: str) -> str:
    """The reason why a barrier of the loss is missing: `n/a (3 not finite)`, or `n/a` alone."""
    lost = series.splits[split].num_missing
    return f"n/a ({lost} not finite)" if lost else "n/a"


def num_missing(series: Series, split: str, metric: Metric) -> int:
    """The number of values of one series that are not finite."""
    return sum(not math.isfinite(value) for value in series.splits[split].costs(metric))


def check(curve: Curve, split: str, definition: str | None) -> str:
    """Check that a split and a barrier definition exist.

    Args:
        curve: The curve.
        split: The split.
        definition: A key of BARRIERS; the curve's own default unless given.

    Returns:
        The definition, or the default.

    Raises:
        UnknownNameError: If the curve has no such split, or there is no such definition.
    """
    if split not in curve.splits:
        raise UnknownNameError("split", split, curve.splits)
    definition = curve.default_definition if definition is None else definition
    if definition not in BARRIERS:
        raise UnknownNameError("barrier definition", definition, BARRIERS)
    return definition


def chosen(curve: Curve, blocks: Collection[str] | None) -> list[tuple[int, Series]]:
    """The series to show with their places among the blocks.

    Args:
        curve: The curve.
        blocks: Labels; all unless given.

    Returns:
        Place and series; the full path has the place 0.

    Raises:
        UnknownNameError: If there is no series of a label.
    """
    labels = [series.label for series in curve.series]
    for block in blocks or ():
        if block not in labels:
            raise UnknownNameError("block", block, labels)
    offset = sum(series.block is None for series in curve.series)
    chosen = [(index - offset, series) for index, series in enumerate(curve.series)]
    return [(max(0, index), series) for index, series in chosen if blocks is None or series.label in blocks]


def _title(drawing: Drawing, words: list[str]) -> str:
    curve, splits = drawing.curve, drawing.splits
    on = splits[0] if len(splits) == 1 else f"{splits[0]} and {splits[1]} (dashed)"
    parts = [f"{measure_words(drawing.measure)} on {on}", examples_words(curve, splits[0])]
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
    value = shown_values(series.splits[split], drawing.measure)[at]
    name = definition if drawing.measure == "loss" else f"error {definition}"
    height, foot = height_words(barrier.height, drawing.metric), None
    interval = series.interval(split, definition, drawing.metric)
    if drawing.shade:
        foot = value + barrier.height * (1 if drawing.measure == "accuracy" else -1)
        height += f" {interval_words(interval, drawing.metric)}" if interval is not None else ""
    words = f"{name} {height} at {barrier.alpha:.3g}, {printable(series.label)}"
    return Mark(x=barrier.alpha, y=value, text=words, foot=foot)
