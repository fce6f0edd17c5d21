"""Trainings and walks (measurements of curves) in progress: their pace, and plots of their curves.

Numbers are those in their files; the remaining time is estimated from the pace of the last epochs.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from rich.text import Text

from lininterp_cli.landscape.curves.curve import Curve, Metric
from lininterp_cli.runs.files import real
from lininterp_cli.view import palette
from lininterp_cli.view.curves.drawing import chosen
from lininterp_cli.view.curves.extent import examples_words
from lininterp_cli.view.curves.quantity import quantity_words, reach
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.axes import ALPHA_TICKS, Axes, Line
from lininterp_cli.view.plots.plot import plot
from lininterp_cli.view.text import number, printable

NUM_EPOCHS = 5
"""Number of last epochs whose median duration is the pace."""

MAX_NAMED = 100
"""Characters that the names of a walk's blocks may take; if they take more, its plot does not list them."""

Rows = Sequence[Mapping[str, Any]]
"""The lines of a `metrics.jsonl`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """Progress and speed of a training; None where they are unknown."""

    epoch: int = 0
    """Finished epochs."""
    loss: float | None = None
    """Last measured test loss, in nats; NaN where it was not finite."""
    accuracy: float | None = None
    """Test accuracy of the same measurement, a fraction."""
    lr: float | None = None
    """Learning rate of its last step."""
    speed: float | None = None
    """Training examples per second."""
    epoch_seconds: float | None = None
    """Seconds from one epoch to the next, evaluation included."""

    def seconds_left(self, epochs: int) -> float | None:
        """The time that the remaining epochs take at this pace.

        Args:
            epochs: Epochs of the whole run.

        Returns:
            Seconds from the end of the last epoch; None if the pace is unknown.
        """
        return None if self.epoch_seconds is None else max(0, epochs - self.epoch) * self.epoch_seconds


def pace(rows: Rows) -> Pace:
    """The pace of a training.

    Args:
        rows: The lines of its `metrics.jsonl` so far; values that are not numbers are unknown.

    Returns:
        Its pace.

    Example:
        >>> pace([{"epoch": 0, "seconds": 1.0}, {"epoch": 1, "seconds": 5.0}]).seconds_left(3)
        8.0
    """
    if not rows:
        return Pace()
    last = rows[-1]
    measured = next((row for row in reversed(rows) if "test_loss" in row), last)
    times = [(real(row.get("epoch")), real(row.get("seconds"))) for row in rows[-NUM_EPOCHS - 1 :]]
    known = [(epoch, seconds) for epoch, seconds in times if epoch is not None and seconds is not None]
    # A run that was resumed may have gone back; such steps do not show the pace.
    steps = [
        (second[1] - first[1]) / (second[0] - first[0])
        for first, second in pairwise(known)
        if second[0] > first[0] and second[1] > first[1]
    ]
    epoch = real(last.get("epoch"))
    return Pace(
        epoch=int(epoch) if epoch is not None else 0,
        loss=_measured(measured, "test_loss"),
        accuracy=_measured(measured, "test_accuracy"),
        lr=real(last.get("lr")),
        speed=real(last.get("examples_per_second")),
        epoch_seconds=median(steps) if steps else None,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """One training, to be drawn with others."""

    label: str
    """Its name."""
    place: int
    """Its index, which decides letter and colour."""
    rows: Rows
    """The lines of its `metrics.jsonl`."""
    is_chosen: bool = False
    """Whether it is drawn boldly over the others."""


def courses_plot(
    courses: Sequence[Course],
    *,
    metric: Metric = "loss",
    width: int = 80,
    height: int = 20,
    log: bool = False,
    look: Look = Look(),
) -> Text:
    """Draw trainings over each other: each has a letter on its test curve, its training curve is dim.

    Args:
        courses: The trainings.
        metric: The metric to draw.
        width: Columns at most.
        height: Rows at most.
        log: Whether the value axis is logarithmic.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns.
    """
    lines = []
    for split in ("train", "test"):
        # The chosen one comes last, so that it lies over the others.
        for course in sorted(courses, key=lambda course: course.is_chosen):
            xs, ys = _points(course.rows, f"{split}_{metric}")
            if xs:
                is_test = split == "test"
                lines.append(
                    Line(
                        label=f"{course.label} {split}", xs=xs, ys=ys, color=palette.color(course.place),
                        letter=palette.letter(course.place) if is_test else None,
                        emphasis="dim" if not is_test else "bold" if course.is_chosen else "normal",
                    )
                )  # fmt: skip
    words = f"{quantity_words(metric)} by epoch{', log axis' if log else ''}: test with its letter, train dim"
    axes = Axes(title=words, x_label="epoch", log=log, always=reach(metric))
    return plot(lines, width=width, height=height, axes=axes, legend=False, look=look)


def walk_plot(
    curve: Curve,
    *,
    metric: Metric = "loss",
    width: int = 80,
    height: int = 20,
    log: bool = False,
    look: Look = Look(),
) -> Text:
    """Draw a curve that is being measured, with the error bands of the whole network's path and of the worst block's.

    A band is the interval of 1.96 standard errors of the mean over examples to either side, which covers the mean
    over all examples at one alpha in 95 of 100 cases; it shrinks as examples arrive.

    Args:
        curve: The curve, with one series at least.
        metric: The metric to draw; only the loss has bands.
        width: Columns at most.
        height: Rows at most.
        log: Whether the value axis is logarithmic.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns.
    """
    split = curve.splits[-1]
    worst = curve.worst(split, curve.default_definition, metric)
    lines: list[Line] = []
    for place, series in chosen(curve, None):
        values = series.splits[split]
        is_all = series.block is None
        line = Line(
            label=series.label, xs=series.alphas, ys=getattr(values, metric),
            color=None if is_all else palette.color(place), letter=None if is_all else palette.letter(place),
            emphasis="bold" if is_all else "normal",
        )  # fmt: skip
        bands = []
        if metric == "loss" and (is_all or (worst is not None and series is worst[0])):
            for sign in (-1.96, 1.96):
                edge = [loss + sign * error for loss, error in zip(values.loss, values.loss_stderr, strict=True)]
                bands.append(replace(line, ys=edge, letter=None, emphasis="dim"))
        lines = [*bands, *lines, line]
    words = f"{examples_words(curve, split)}; {quantity_words(metric)} on {split}{', log axis' if log else ''}"
    axes = Axes(
        title=words, x_ticks=ALPHA_TICKS, x_label="alpha", log=log, always=reach(metric),
        note="; ".join([*(["dim: 95% bands of all and of the worst"] if metric == "loss" else []), *_named(curve)]),
    )  # fmt: skip
    # The legend would name each band too.
    return plot(lines, width=width, height=height, axes=axes, legend=False, look=look)


def count_words(count: float | None) -> str:
    """A count in at most five characters.

    Args:
        count: 0 or more; None for unknown.

    Returns:
        The count, thousands as `k`, millions as `M`, thousands of these as `G`; empty where it is unknown.

    Example:
        >>> [count_words(n) for n in (7, 950.4, 12_345, 999_960, 2_500_000, 2.5e9, None)]
        ['7', '950', '12.3k', '1M', '2.5M', '2.5G', '']
    """
    if count is None or not math.isfinite(count):
        return ""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        # Three digits of what is just below would be 1,000 of the smaller unit.
        if count >= 0.9995 * size:
            return f"{min(count / size, 999):.3g}{unit}"
    return f"{count:.0f}"


def lr_words(lr: float | None) -> str:
    """A learning rate in at most seven characters; empty where it is unknown."""
    if lr is None:
        return ""
    return f"{lr:.1e}" if 0 < lr < 1e-3 else number(lr)


def _named(curve: Curve) -> list[str]:
    """A remark with the letters and names of the blocks; none if it is longer than MAX_NAMED."""
    blocks = [
        (palette.letter(place), series.label) for place, series in chosen(curve, None) if series.block is not None
    ]
    words = "  ".join(f"{letter} {printable(label)}" for letter, label in blocks)
    return [words] if blocks and len(words) <= MAX_NAMED else []


def _points(rows: Rows, key: str) -> tuple[list[float], list[float | None]]:
    points = [(real(row.get("epoch")), row[key]) for row in rows if key in row]
    known = sorted(((epoch, real(value)) for epoch, value in points if epoch is not None), key=lambda point: point[0])
    return [epoch for epoch, _ in known], [value for _, value in known]


def _measured(row: Mapping[str, Any], key: str) -> float | None:
    """A measured value: NaN for a null, which means that it was not finite; None where it was not measured."""
    value = real(row.get(key))
    return math.nan if key in row and value is None else value
