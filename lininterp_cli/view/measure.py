"""The measures that a plot can show: loss, accuracy or error, their names, values and chance levels."""

import math
from typing import Literal

from lininterp_cli.landscape.curve import Metric, Values

Measure = Literal["loss", "accuracy", "error"]
"""The measure that is shown; barriers are those of the loss, or of the error for the other two."""

MEASURES: tuple[Measure, ...] = ("loss", "accuracy", "error")
"""All measures, in the order in which a key of the explorer cycles through them."""

_MAX_LOSS = 10.0
"""Losses up to this, in nats, never count as diverged; guessing among 1000 classes costs 6.9."""


def metric_of(measure: Measure) -> Metric:
    """The metric whose barriers belong to a measure."""
    return "loss" if measure == "loss" else "accuracy"


def measure_words(measure: Measure) -> str:
    """The name of a measure, with its unit."""
    return "loss (nats)" if measure == "loss" else measure


def reach(measure: Measure) -> float:
    """The magnitude up to which values of a measure are never taken for diverged."""
    return _MAX_LOSS if measure == "loss" else 1.0


def shown_values(values: Values, measure: Measure) -> tuple[float, ...]:
    """The values of a measure at each alpha.

    Args:
        values: One split's measurements.
        measure: The measure.

    Returns:
        Nats, or fractions in [0, 1].
    """
    return values.accuracy if measure == "accuracy" else values.costs(metric_of(measure))


def chance(num_classes: int | None, measure: Measure) -> float | None:
    """The value of a measure for guessing among equally frequent classes.

    Args:
        num_classes: The number C of classes; None if it is unknown.
        measure: The measure.

    Returns:
        ln C nats, 1 / C or 1 - 1 / C; None where C is unknown or below 2.

    Example:
        >>> chance(10, "accuracy"), chance(10, "error"), chance(None, "loss")
        (0.1, 0.9, None)
    """
    if num_classes is None or num_classes < 2:
        return None
    return {"loss": math.log(num_classes), "accuracy": 1 / num_classes, "error": 1 - 1 / num_classes}[measure]
