"""One curve as a plot and as a table of barriers.

Numbers come from the curve and its barrier definitions; nothing is computed again here.
"""

import math
from collections.abc import Collection, Mapping
from typing import Any, Literal

from rich.text import Text

from lininterp_cli.errors import UnknownNameError
from lininterp_cli.landscape.barrier import BARRIERS
from lininterp_cli.landscape.curve import Curve, Metric, Series
from lininterp_cli.view import palette
from lininterp_cli.view.extent import examples_words, outer_remark, outer_ticks
from lininterp_cli.view.plot import Axes, Line, Mark, plot
from lininterp_cli.view.text import crop, number, printable

MAX_LOSS = 10.0
"""Nats up to which a loss is never taken for diverged; guessing among 1000 classes costs 6.9."""


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
    ascii: bool = False,
    color: bool = True,
) -> Text:
    """Draw the full path and the blocks of one curve.

    A split, block or definition that there is not raises UnknownNameError.

    Args:
        curve: The curve.
        split: `test` or `train`.
        metric: What is drawn: the loss in nats or the accuracy as a fraction.
        definition: A key of BARRIERS whose highest top, of the loss or of the error, is marked; the curve's own
            default unless given.
        width: Columns at most.
        height: Rows at most.
        blocks: Labels (`all` is the full path) to draw; every one unless given.
        highlight: The label to draw boldly over the others, which are then dim.
        log: Logarithmic values' axis.
        legend: Whether letters and blocks are listed under the plot; without it, the table of barriers does that.
        ascii: Use ASCII only.
        color: Use colours.

    Returns:
        At most `height` lines of at most `width` columns.
    """
    definition = check(curve, split, definition)
    shown = chosen(curve, blocks)
    lines = [
        Line(
            label=series.label,
            xs=series.alphas,
            ys=getattr(series.splits[split], metric),
            color=None if series.block is None else palette.color(index),
            letter=None if series.block is None else palette.letter(index),
            emphasis=_emphasis(series, highlight),
        )
        for index, series in shown
    ]
    # The highlighted line lies over the full path, and that over the blocks.
    lines.sort(key=lambda line: (line.label == highlight, line.letter is None))
    drawn = [series for _, series in shown]
    axes = Axes(
        title=_title(curve, split, metric, log),
        x_ticks=_alpha_ticks(curve, drawn, width, ascii),
        log=log,
        always=MAX_LOSS if metric == "loss" else 1.0,
        note=outer_remark(drawn),
    )
    marks = _marks(drawn, curve, split, definition, metric, highlight)
    return plot(lines, width=width, height=height, axes=axes, marks=marks, legend=legend, ascii=ascii, color=color)


def endpoint_names(curve: Curve) -> tuple[str, str]:
    """What the two ends of a curve are called: the checkpoint, and the run where it is another one.

    Args:
        curve: The curve.

    Returns:
        The name of the end at alpha 0 and of the end at alpha 1.
    """
    return _endpoint_name(curve.start, curve.run, "start"), _endpoint_name(curve.end, curve.run, "end")


def describe(definition: str) -> str:
    """What a barrier definition measures, in a few words, from its documentation."""
    words = (BARRIERS[definition].__doc__ or "").strip().split("\n")[0].rstrip(".")
    return words[:1].lower() + words[1:]


def metric_words(metric: Metric) -> str:
    """What a metric is called, with its unit."""
    return "loss (nats)" if metric == "loss" else "accuracy"


def height_words(height: float, metric: Metric) -> str:
    """The height of a barrier: `0.123` in nats, `12.3 pp` (percentage points) of the error."""
    return number(height) if metric == "loss" else f"{number(100 * height, 2)} pp"


def missing_words(series: Series, split: str) -> str:
    """Why a barrier of the loss cannot be given: `n/a (3 not finite)`, or `n/a` alone."""
    lost = series.splits[split].num_missing
    return f"n/a ({lost} not finite)" if lost else "n/a"


def num_missing(series: Series, split: str, metric: Metric) -> int:
    """How many values of one series are not finite."""
    return sum(not math.isfinite(value) for value in series.splits[split].costs(metric))


def _endpoint_name(end: Mapping[str, Any], run: str, fallback: str) -> str:
    if end.get("zero"):
        return "zero"
    for key, form in (("random", "random:{}"), ("file", "{}")):
        if key in end:
            return printable(form.format(end[key]))
    name = printable(end.get("checkpoint") or (f"@{end['alpha']}" if "alpha" in end else fallback))
    other = end.get("run")
    return name if not other or other == run else f"{printable(other)}:{name}"


def check(curve: Curve, split: str, definition: str | None) -> str:
    """The definition that is meant, once it and the split are known to be there.

    Args:
        curve: The curve.
        split: The split.
        definition: A key of BARRIERS; the curve's own default unless given.

    Returns:
        The definition.

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


def _emphasis(series: Series, highlight: str | None) -> Literal["dim", "normal", "bold"]:
    if highlight is not None:
        return "bold" if series.label == highlight else "dim"
    return "bold" if series.block is None else "normal"


def _title(curve: Curve, split: str, metric: Metric, log: bool) -> str:
    words = [f"{metric_words(metric)} on {split}", examples_words(curve, split)]
    # A preview is told by the first word, so that it is still there where the title is shortened.
    return f"{', '.join(words) if curve.complete else '; '.join(words[::-1])}{', log axis' if log else ''}"


def _marks(
    shown: list[Series], curve: Curve, split: str, definition: str, metric: Metric, highlight: str | None
) -> list[Mark]:
    pairs = [(series, curve.barrier(series, split, definition, metric)) for series in shown]
    known = [(series, barrier) for series, barrier in pairs if barrier is not None and barrier.height > 0]
    known.sort(key=lambda pair: (pair[0].label == highlight, pair[1].height), reverse=True)
    marks = []
    for series, barrier in known[:1]:
        value = getattr(series.splits[split], metric)[series.alphas.index(barrier.alpha)]
        name = definition if metric == "loss" else f"error {definition}"
        words = f"{name} {height_words(barrier.height, metric)} at {barrier.alpha:.3g}, {printable(series.label)}"
        marks.append(Mark(x=barrier.alpha, y=value, text=words))
    return marks


def _alpha_ticks(curve: Curve, shown: list[Series], width: int, ascii: bool) -> list[tuple[float, str]]:
    """Five places, the ends with their names where there is room, and the outermost places beyond them."""
    start, end = endpoint_names(curve)
    room = max(0, width // 4 - 6)
    names = {0.0: f"0 {crop(start, room, ascii=ascii)}", 1.0: f"{crop(end, room, ascii=ascii)} 1"} if room >= 5 else {}
    ticks = [(value, names.get(value, f"{value:g}")) for value in (0.0, 0.25, 0.5, 0.75, 1.0)]
    return sorted([*ticks, *outer_ticks(shown)])
