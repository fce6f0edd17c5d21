"""Remarks on the values that a plot does not show; none is left out silently."""

from collections.abc import Sequence
from typing import TypeGuard

from lininterp_cli.view.plots.guard import Limits
from lininterp_cli.view.text import number


def left_out(values: Sequence[float | None], limits: Limits) -> list[str]:
    """Remarks on the values that are outside the limits or not finite.

    Args:
        values: Every value of the plot.
        limits: The part of their axis that is drawn.

    Returns:
        One remark for each reason; none if all values are drawn.

    Example:
        >>> left_out([2.0, float("nan"), 1e6], Limits(low=0, high=9.2))
        ['1 not finite, marked x on the axis', '1 value above 9.20 not shown, up to 1.0e+06']
    """
    finite = [value for value in values if is_finite(value)]
    lost = len(values) - len(finite)
    remarks = [f"{lost} not finite, marked x on the axis"] if lost else []
    bad = [value for value in finite if limits.log and value <= 0]
    high = [value for value in finite if value > limits.high]
    low = [value for value in finite if value < limits.low and value not in bad]
    if bad:
        remarks.append(f"{_values(bad)} at or below 0 not shown on a log axis")
    if high:
        remarks.append(f"{_values(high)} above {number(limits.high, 2)} not shown, up to {number(max(high), 2)}")
    if low:
        remarks.append(f"{_values(low)} below {number(limits.low, 2)} not shown, down to {number(min(low), 2)}")
    return remarks


def nothing(values: Sequence[float | None], *, log: bool) -> str:
    """The reason why there is nothing to draw.

    Args:
        values: Every value of the plot.
        log: Whether the axis is logarithmic.

    Returns:
        One line.
    """
    if not values:
        return "nothing measured yet"
    if log and any(is_finite(value) for value in values):
        return f"no value above 0 for a log axis ({len(values)} values)"
    return f"no finite value ({len(values)} values)"


def is_finite(value: float | None) -> TypeGuard[float]:
    """Whether a value is a finite number; None is not."""
    return value is not None and abs(value) < float("inf")


def _values(values: Sequence[float]) -> str:
    return "1 value" if len(values) == 1 else f"{len(values)} values"
