"""Paths of several runs, or under several treatments of BatchNorm statistics, over one axis."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from lininterp_cli.landscape.curves.barrier import Barrier
from lininterp_cli.landscape.curves.curve import Curve, Metric, Series
from lininterp_cli.runs.run import Run
from lininterp_cli.view import palette
from lininterp_cli.view.curves.barrier_words import height_words
from lininterp_cli.view.curves.extent import outer_remark, outer_ticks
from lininterp_cli.view.curves.quantity import Quantity, metric_of, reach, shown_values
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.axes import ALPHA_TICKS, Axes, Line, Mark
from lininterp_cli.view.plots.plot import plot


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """One curve among those of several runs."""

    label: str
    """Its name in the legend."""
    place: int
    """Its index among all compared curves, shown or not; it decides letter and colour."""
    curve: Curve
    """The curve that it belongs to."""
    series: Series
    """The series that is drawn."""

    @property
    def letter(self) -> str:
        """Its letter."""
        return palette.letter(self.place)

    @property
    def color(self) -> str:
        """Its colour, `#rrggbb`."""
        return palette.color(self.place)

    def values(self, split: str, quantity: Quantity) -> tuple[float, ...]:
        """The values of a quantity at each alpha of the series, in nats or as fractions."""
        return shown_values(self.series.splits[split], quantity)

    def barrier(self, split: str, definition: str, quantity: Quantity) -> Barrier | None:
        """Its barrier, or None where it is not defined."""
        return self.curve.barrier(self.series, split, definition, metric_of(quantity))

    def mark(self, split: str, definition: str, quantity: Quantity) -> Mark | None:
        """The mark at the top of its barrier; None where it has none."""
        top = self.barrier(split, definition, quantity)
        if top is None or top.height <= 0:
            return None
        value = self.values(split, quantity)[self.series.alphas.index(top.alpha)]
        return Mark(x=top.alpha, y=value, text=f"{self.letter} {height_words(top.height, metric_of(quantity))}")


def overlay_plot(
    runs: Sequence[Run],
    curves: Sequence[Curve | None],
    *,
    split: str,
    width: int,
    height: int,
    look: Look = Look(),
) -> Text:
    """Draw the full path of each run that has one.

    Args:
        runs: The runs.
        curves: For each run its curve, or None.
        split: `test` or `train`.
        width: Columns at most.
        height: Rows at most.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns.
    """
    named = [(run.record.name or run.id, curve) for run, curve in zip(runs, curves, strict=True)]
    return labelled_plot(
        [(label, curve) for label, curve in named if curve is not None and split in curve.splits],
        f"{split} loss of everything moving at once, nats",
        split=split,
        width=width,
        height=height,
        look=look,
    )


def labelled_plot(
    curves: Sequence[tuple[str, Curve]],
    title: str,
    *,
    split: str,
    metric: Metric = "loss",
    width: int,
    height: int,
    look: Look = Look(),
) -> Text:
    """Draw the full path of each curve under a label; incomplete curves are labelled as previews.

    Args:
        curves: Label and curve.
        title: The line above the plot.
        split: `test` or `train`.
        metric: The metric to draw.
        width: Columns at most.
        height: Rows at most.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns.
    """
    traces = [
        Trace(label=label, place=index, curve=curve, series=full)
        for index, (label, curve) in enumerate(curves)
        if (full := whole_path(curve)) is not None
    ]
    return trace_plot(traces, title, split=split, quantity=metric, width=width, height=height, look=look)


def trace_plot(
    traces: Sequence[Trace],
    title: str,
    *,
    split: str,
    quantity: Quantity = "loss",
    definition: str | None = None,
    reference: int | None = None,
    log: bool = False,
    legend: bool = True,
    width: int,
    height: int,
    look: Look = Look(),
) -> Text:
    """Draw curves of several runs; incomplete curves are labelled as previews.

    Args:
        traces: The curves.
        title: The line above the plot; empty for none.
        split: `test` or `train`.
        quantity: The quantity to draw.
        definition: A key of BARRIERS; the top of each curve's barrier is marked with letter and height where there is
            room for that, the highest first. No top is marked unless it is given.
        reference: The place of the curve that is drawn boldly over the others.
        log: Whether the value axis is logarithmic.
        legend: Whether letters and labels are listed under the plot.
        width: Columns at most.
        height: Rows at most.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns.
    """
    # The reference lies over the others.
    ordered = sorted(traces, key=lambda trace: trace.place == reference)
    lines = [
        Line(
            label=trace.label if trace.curve.complete else f"{trace.label} (preview)",
            xs=trace.series.alphas,
            ys=trace.values(split, quantity),
            color=trace.color,
            letter=trace.letter,
            emphasis="bold" if trace.place == reference else "normal",
        )
        for trace in ordered
    ]
    shown = [trace.series for trace in traces]
    axes = Axes(
        title=title,
        x_ticks=sorted([*ALPHA_TICKS, *outer_ticks(shown)]),
        x_label="alpha",
        log=log,
        always=reach(quantity),
        note=outer_remark(shown),
    )
    marks = tops(traces, split, definition, quantity) if definition is not None else []
    return plot(lines, width=width, height=height, axes=axes, marks=marks, legend=legend, look=look)


def tops(traces: Sequence[Trace], split: str, definition: str, quantity: Quantity) -> list[Mark]:
    """The tops of the curves' barriers, the highest first; curves without a barrier have none."""
    heights = [(trace.barrier(split, definition, quantity), trace) for trace in traces]
    known = sorted(
        ((barrier.height, trace) for barrier, trace in heights if barrier is not None),
        key=lambda pair: pair[0],
        reverse=True,
    )
    return [mark for _, trace in known if (mark := trace.mark(split, definition, quantity)) is not None]


def whole_path(curve: Curve) -> Series | None:
    """The series in which the whole network moves, or None where it was not measured."""
    return next((series for series in curve.series if series.block is None), None)
