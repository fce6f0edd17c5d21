"""Full paths of several runs, or of several treatments, over one axis."""

from collections.abc import Sequence

from rich.text import Text

from lininterp_cli.landscape.curve import Curve, Metric, Series
from lininterp_cli.runs.store import Run
from lininterp_cli.view import palette
from lininterp_cli.view.curves import MAX_LOSS
from lininterp_cli.view.extent import outer_remark, outer_ticks
from lininterp_cli.view.plot import ALPHA_TICKS, Axes, Line, plot


def overlay_plot(
    runs: Sequence[Run],
    curves: Sequence[Curve | None],
    *,
    split: str,
    width: int,
    height: int,
    ascii: bool = False,
    color: bool = True,
) -> Text:
    """Draw the full path of each run that has one.

    Args:
        runs: The runs.
        curves: For each run its curve, or None.
        split: What was measured on.
        width: Columns at most.
        height: Rows at most.
        ascii: Use ASCII only.
        color: Use colours.

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
        ascii=ascii,
        color=color,
    )


def labelled_plot(
    curves: Sequence[tuple[str, Curve]],
    title: str,
    *,
    split: str,
    metric: Metric = "loss",
    width: int,
    height: int,
    ascii: bool = False,
    color: bool = True,
) -> Text:
    """Draw the full path of each curve under a label, one that is not complete as a preview.

    Args:
        curves: Label and curve.
        title: The line above the plot.
        split: What was measured on.
        metric: What is drawn.
        width: Columns at most.
        height: Rows at most.
        ascii: Use ASCII only.
        color: Use colours.

    Returns:
        At most `height` lines of at most `width` columns.
    """
    paths = [
        (index, label if curve.complete else f"{label} (preview)", full)
        for index, (label, curve) in enumerate(curves)
        if (full := whole_path(curve)) is not None
    ]
    lines = [
        Line(
            label=label,
            xs=full.alphas,
            ys=getattr(full.splits[split], metric),
            color=palette.color(index),
            letter=palette.letter(index),
        )
        for index, label, full in paths
    ]
    shown = [full for _, _, full in paths]
    axes = Axes(
        title=title,
        x_ticks=sorted([*ALPHA_TICKS, *outer_ticks(shown)]),
        x_label="alpha",
        always=MAX_LOSS if metric == "loss" else 1.0,
        note=outer_remark(shown),
    )
    return plot(lines, width=width, height=height, axes=axes, ascii=ascii, color=color)


def whole_path(curve: Curve) -> Series | None:
    """The series in which everything moves, or None where it was not walked."""
    return next((series for series in curve.series if series.block is None), None)
