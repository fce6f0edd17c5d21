"""The course of a training as a plot; it follows no file, it draws the lines it is given."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from lininterp_cli.landscape.curve import Metric
from lininterp_cli.view import palette
from lininterp_cli.view.curves import MAX_LOSS, metric_words
from lininterp_cli.view.look import Look
from lininterp_cli.view.panel import Row
from lininterp_cli.view.plot import Axes, Line, plot_rows, text_of


def training_plot(
    rows: Sequence[Mapping[str, Any]],
    *,
    metric: Metric = "loss",
    title: str = "",
    width: int = 80,
    height: int = 20,
    log: bool = False,
    look: Look = Look(),
) -> Text:
    """Draw how loss or accuracy changed over the epochs of a training.

    Args:
        rows: The lines of `metrics.jsonl`; what is not a number is passed over.
        metric: What is drawn.
        title: What the plot is of; the metric unless given.
        width: Columns at most.
        height: Rows at most.
        log: Logarithmic values' axis.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns.
    """
    rows_of_plot = training_rows(rows, metric=metric, title=title, width=width, height=height, log=log, look=look)
    return text_of(rows_of_plot)


def training_rows(
    rows: Sequence[Mapping[str, Any]],
    *,
    metric: Metric = "loss",
    title: str = "",
    width: int = 80,
    height: int = 20,
    log: bool = False,
    look: Look = Look(),
) -> list[Row]:
    """What `training_plot` draws, as rows of words with their Rich styles.

    Args:
        rows: See `training_plot`, as for everything else.
        metric: What is drawn.
        title: What the plot is of.
        width: Columns at most.
        height: Rows at most.
        log: Logarithmic values' axis.
        look: What can be shown.

    Returns:
        At most `height` rows of at most `width` columns.
    """
    # The test curve is the one without a letter: as in other plots, the line that matters most.
    lines = []
    for index, (split, letter) in enumerate((("train", "t"), ("test", None))):
        points = [(_real(row.get("epoch")), row.get(f"{split}_{metric}", ())) for row in rows]
        # A key that is not there was not measured; one that is null was not finite, and is seen as such.
        known = [(epoch, _real(value)) for epoch, value in points if epoch is not None and value != ()]
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
        title=title or f"{metric_words(metric)} by epoch{', log axis' if log else ''}",
        x_label="epoch",
        log=log,
        always=MAX_LOSS if metric == "loss" else 1.0,
    )
    return plot_rows(lines, width=width, height=height, axes=axes, look=look)


def _real(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
