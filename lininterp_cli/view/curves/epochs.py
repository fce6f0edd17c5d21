"""Loss or accuracy over the epochs of a training as a plot; no file is read."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.text import Text

from lininterp_cli.landscape.curves.curve import Metric
from lininterp_cli.runs.files import real
from lininterp_cli.view import palette
from lininterp_cli.view.curves.quantity import quantity_words, reach
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.axes import Axes, Line
from lininterp_cli.view.plots.panel import Row
from lininterp_cli.view.plots.plot import plot_rows
from lininterp_cli.view.text import crop, fraction, number


def training_rows(
    rows: Sequence[Mapping[str, Any]],
    *,
    metric: Metric = "loss",
    title: str = "",
    width: int = 80,
    height: int = 20,
    log: bool = False,
    window: tuple[float, float] | None = None,
    cursor: float | None = None,
    look: Look = Look(),
) -> list[Row]:
    """Draw how loss or accuracy changed over the epochs of a training.

    Args:
        rows: The lines of `metrics.jsonl`; those without a numeric epoch are skipped, other missing numbers are gaps.
        metric: The metric to draw.
        title: Title of the plot; the metric unless given.
        width: Columns at most.
        height: Rows at most.
        log: Whether the value axis is logarithmic.
        window: First and last epoch to draw; all unless given.
        cursor: Epoch of a column; None for none.
        look: What can be shown.

    Returns:
        At most `height` rows of at most `width` columns.
    """
    # The test curve has no letter, like the most important line of other plots.
    lines = []
    for index, (split, letter) in enumerate((("train", "t"), ("test", None))):
        points = [(real(row.get("epoch")), row.get(f"{split}_{metric}", ())) for row in rows]
        # A missing key was not measured; a null was not finite, and is drawn as a gap.
        known = [(epoch, real(value)) for epoch, value in points if epoch is not None and value != ()]
        if known:
            lines.append(
                Line(
                    label=split,
                    xs=[x for x, _ in known],
                    ys=[y for _, y in known],
                    color=palette.color(index) if letter else None,
                    letter=letter,
                    emphasis="normal" if letter else "bold",
                )
            )
    axes = Axes(
        title=title or f"{quantity_words(metric)} by epoch{', log axis' if log else ''}",
        x_label="epoch",
        log=log,
        x_limits=window,
        cursor=cursor,
        always=reach(metric),
    )
    return plot_rows(lines, width=width, height=height, axes=axes, look=look)


def epochs(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """The epochs of a training, ascending, from the lines of `metrics.jsonl`."""
    return sorted({epoch for row in rows if (epoch := real(row.get("epoch"))) is not None})


def epoch_line(
    rows: Sequence[Mapping[str, Any]], epoch: float, width: int, *, metric: Metric = "loss", ascii: bool = False
) -> Text:
    """The exact values of one epoch, in one line.

    Args:
        rows: The lines of `metrics.jsonl`.
        epoch: One of `epochs`.
        width: Columns.
        metric: The metric that comes first.
        ascii: Use ASCII only.

    Returns:
        One line; what was not measured is left out.
    """
    row = next(row for row in reversed(rows) if real(row.get("epoch")) == epoch)
    words = [f" epoch {epoch:g}"]
    for split in ("train", "test"):
        known = [name for name in sorted(_WRITERS, key=metric.__ne__) if f"{split}_{name}" in row]
        values = [f"{name} {_WRITERS[name](real(row[f'{split}_{name}']))}" for name in known]
        words += [f"{split} {'  '.join(values)}"] if values else []
    lr = real(row.get("lr"))
    words += [] if lr is None else [f"lr {lr:.4g}"]
    return Text(crop("  ".join(words), width, ascii=ascii, head=width), style="bold", no_wrap=True)


_WRITERS: Mapping[str, Callable[[float | None], str]] = {"loss": number, "accuracy": fraction}
"""Metric to the function that writes its value."""
