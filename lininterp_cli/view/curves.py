"""One curve as a plot and as a table of barriers.

Numbers come from the curve and its barrier definitions; nothing is computed again here.
"""

from collections.abc import Collection, Mapping
from typing import Any, Literal

from rich.text import Text

from lininterp_cli.errors import UnknownNameError
from lininterp_cli.landscape.barrier import BARRIERS
from lininterp_cli.landscape.curve import Curve, Series
from lininterp_cli.view import palette
from lininterp_cli.view.plot import Axes, Line, Mark, plot
from lininterp_cli.view.text import crop, number, printable

Metric = Literal["loss", "accuracy"]

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
        definition: A key of BARRIERS whose highest top is marked; the curve's own default unless given.
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
            xs=curve.alphas,
            ys=getattr(series.splits[split], metric),
            color=None if series.block is None else palette.color(index),
            letter=None if series.block is None else palette.letter(index),
            emphasis=_emphasis(series, highlight),
        )
        for index, series in shown
    ]
    # The highlighted line lies over the full path, and that over the blocks.
    lines.sort(key=lambda line: (line.label == highlight, line.letter is None))
    start, end = endpoint_names(curve)
    axes = Axes(
        title=f"{metric_words(metric)} on {split}{_examples(curve, split)}{', log axis' if log else ''}",
        x_ticks=_alpha_ticks(curve, start, end, width, ascii),
        log=log,
        always=MAX_LOSS if metric == "loss" else 1.0,
    )
    marks = _marks([series for _, series in shown], curve, split, definition, highlight) if metric == "loss" else []
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


def missing_words(series: Series, split: str) -> str:
    """Why a value cannot be given: `n/a (3 not finite)`, or `n/a` alone."""
    lost = series.splits[split].num_missing
    return f"n/a ({lost} not finite)" if lost else "n/a"


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


def _marks(shown: list[Series], curve: Curve, split: str, definition: str, highlight: str | None) -> list[Mark]:
    pairs = [(series, curve.barrier(series, split, definition)) for series in shown]
    known = [(series, barrier) for series, barrier in pairs if barrier is not None and barrier.height > 0]
    known.sort(key=lambda pair: (pair[0].label == highlight, pair[1].height), reverse=True)
    marks = []
    for series, barrier in known[:1]:
        value = series.splits[split].loss[curve.alphas.index(barrier.alpha)]
        words = f"{definition} {number(barrier.height)} at {barrier.alpha:.3g}, {printable(series.label)}"
        marks.append(Mark(x=barrier.alpha, y=value, text=words))
    return marks


def _alpha_ticks(curve: Curve, start: str, end: str, width: int, ascii: bool) -> list[tuple[float, str]]:
    """Five places, the ends with their names where the curve reaches from 0 to 1 and there is room."""
    low, high = (min(curve.alphas), max(curve.alphas)) if curve.alphas else (0.0, 1.0)
    room = max(0, width // 4 - 6)
    names = {0.0: f"0 {crop(start, room, ascii=ascii)}", 1.0: f"{crop(end, room, ascii=ascii)} 1"} if room >= 5 else {}
    ticks = [(value, names.get(value, f"{value:g}")) for value in (0.0, 0.25, 0.5, 0.75, 1.0)]
    outer = [(value, f"{value:g}") for value in (low, high) if value < 0 or value > 1]
    return sorted([*ticks, *outer])


def _examples(curve: Curve, split: str) -> str:
    counts = {series.splits[split].num_examples for series in curve.series if split in series.splits}
    return f", {counts.pop()} examples" if len(counts) == 1 else ""
