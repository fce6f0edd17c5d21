"""The quantities that a plot can show: loss, accuracy or error, their names, values and chance levels."""

import math
from typing import Literal

from lininterp_cli.landscape.curves.curve import Metric, Values

Quantity = Literal["loss", "accuracy", "error"]
"""The quantity that is shown; barriers are those of the loss, or of the error for the other two."""

QUANTITIES: tuple[Quantity, ...] = ("loss", "accuracy", "error")
"""All quantities, in the order in which a key of the explorer cycles through them."""

_MAX_LOSS = 10.0
"""Losses up to this, in nats, never count as diverged; guessing among 1000 classes costs 6.9."""


def metric_of(quantity: Quantity) -> Metric:
    """The metric whose barriers belong to a quantity."""
    return "loss" if quantity == "loss" else "accuracy"


def quantity_words(quantity: Quantity) -> str:
    """The name of a quantity, with its unit."""
    return "loss (nats)" if quantity == "loss" else quantity


def reach(quantity: Quantity) -> float:
    """The magnitude up to which values of a quantity are never taken for diverged."""
    return _MAX_LOSS if quantity == "loss" else 1.0


def shown_values(values: Values, quantity: Quantity) -> tuple[float, ...]:
    """The values of a quantity at each alpha.

    Args:
        values: One split's measurements.
        quantity: The quantity.

    Returns:
        Nats, or fractions in [0, 1].
    """
    return values.accuracy if quantity == "accuracy" else values.costs(metric_of(quantity))


def chance(num_classes: int | None, quantity: Quantity) -> float | None:
    """The value of a quantity for guessing among equally frequent classes.

    Args:
        num_classes: The number C of classes; None if it is unknown.
        quantity: The quantity.

    Returns:
        ln C nats, 1 / C or 1 - 1 / C; None where C is unknown or below 2.

    Example:
        >>> chance(10, "accuracy"), chance(10, "error"), chance(None, "loss")
        (0.1, 0.9, None)
    """
    if num_classes is None or num_classes < 2:
        return None
    return {"loss": math.log(num_classes), "accuracy": 1 / num_classes, "error": 1 - 1 / num_classes}[quantity]
