"""What a plot can be of: the loss, the accuracy or the error, its words, its level of chance."""

import math
from typing import Literal

from lininterp_cli.landscape.curve import Metric, Values

Measure = Literal["loss", "accuracy", "error"]
"""What is shown; barriers are those of the loss, or of the error for the other two."""

MEASURES: tuple[Measure, ...] = ("loss", "accuracy", "error")
"""All of them, in the order in which a key goes through them."""


def metric_of(measure: Measure) -> Metric:
    """The metric whose barriers belong to what is shown."""
    return "loss" if measure == "loss" else "accuracy"


def measure_words(measure: Measure) -> str:
    """What is shown, with its unit."""
    return "loss (nats)" if measure == "loss" else measure


def shown_values(values: Values, measure: Measure) -> tuple[float, ...]:
    """What is shown at each alpha.

    Args:
        values: One split's measurements.
        measure: What is shown.

    Returns:
        Nats, or fractions in [0, 1].
    """
    return values.accuracy if measure == "accuracy" else values.costs(metric_of(measure))


def chance(num_classes: int | None, measure: Measure) -> float | None:
    """What guessing among equally frequent classes gives.

    Args:
        num_classes: Classes; None where that is not known.
        measure: What is shown.

    Returns:
        ln C nats, 1 / C or 1 - 1 / C; None where it is not known.

    Example:
        >>> chance(10, "accuracy"), chance(10, "error"), chance(None, "loss")
        (0.1, 0.9, None)
    """
    if num_classes is None or num_classes < 2:
        return None
    return {"loss": math.log(num_classes), "accuracy": 1 / num_classes, "error": 1 - 1 / num_classes}[measure]
