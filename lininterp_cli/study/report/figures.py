"""The figures of a run in a report: their names and definitions, and their spread over the runs of a group.

Never imports torch or numpy: the views import this module.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Literal

FIGURES: dict[str, str] = {
    "test_accuracy": "fraction of the test examples that the final weights get right",
    "train_accuracy": "the same of the training examples, without augmentation",
    "generalisation_gap": "train accuracy less test accuracy",
    "test_loss": "mean loss of the final weights over the test examples, nats",
    "barrier_rise": "largest rise above the running minimum, nats (Lucas et al. 2021, arXiv 2104.11044)",
    "barrier_chord": "largest height above the line between the ends, nats (Entezari et al. 2022, arXiv 2110.06296)",
    "barrier_mean": "largest height above the mean of the ends, nats (Frankle et al. 2020, arXiv 1912.05671)",
    "barrier_max": "largest height above the higher end, nats (Draxler et al. 2018, arXiv 1803.00885)",
    "monotone": "share of runs whose loss never rises on the way (Lucas et al. 2021, arXiv 2104.11044)",
    "plateau": "length in alpha of the longest part on which the loss varies by no more than a twentieth of what it is "
    "still to fall; 0 where there is none (of plateaus: Wang et al. 2023, arXiv 2210.01019)",
    "plateau_end": "alpha at which the loss leaves that part",
    "cliff": "alpha of the steepest fall",
    "best_alpha": "alpha of the lowest loss",
    "best_loss": "the lowest loss on the way, nats",
    "distance": "Euclidean distance from the initial to the final parameters",
    "relative_distance": "that distance over the initial parameters' norm (Lucas et al. 2021, arXiv 2104.11044)",
    "gauss_length": "how much the logits' course bends on the way, radians (Lucas et al. 2021, arXiv 2104.11044)",
    "criticality": "sum of the module criticalities of the blocks asked for (Chatterji et al. 2020, arXiv 1912.00528)",
}
"""Name of a figure of a run to its definition; a group has the mean and the standard deviation over its runs."""

EPOCH = "test_accuracy@"
"""Prefix of the test accuracy after an epoch, before its number: `test_accuracy@1` is after the first."""

USUAL_LINE = "initial to final"
"""The line whose shapes are correlated, if any run has a curve of it."""

BACK = {"initial": USUAL_LINE, "random": "random to final"}
"""State that a block is put back to, the rest final, to the line that starts there."""

SHAPES = (
    *("barrier_rise", "barrier_chord", "barrier_mean", "barrier_max"),
    *("monotone", "plateau", "cliff", "best_alpha"),
)
"""The figures that describe the shape of a curve."""

BLOCK_FIGURES = (
    *("barrier_rise", "barrier_chord", "barrier_mean", "barrier_max"),
    *("monotone", "distance", "relative_distance"),
)
"""The figures of a block: those of its own curve, and the distances that its own parameters moved."""

MEASURES = ("gauss_length", "criticality")
"""The figures that are measured only if a study asks for them, and then correlated like SHAPES."""

OUTCOMES = ("test_accuracy", "generalisation_gap", "distance", "relative_distance")
"""The figures that shapes are correlated with."""

Scope = Literal["all", "between", "within"]
"""Points of a correlation: all runs, one point for each group, or the runs within each group."""

SCOPES: dict[Scope, str] = {
    "all": "all runs, each a point",
    "between": "groups, each one point: the means over its trainings",
    "within": "trainings within their groups: midranks in each group over its trainings plus one, put together",
}

NoInterval = Literal["few", "order", "ties"]
"""Reason for a missing interval: few points, an order without exception, or too many constant resamples."""

Path = tuple[Sequence[float], Sequence[float]]
"""Alphas and losses."""


def epoch_of(name: str) -> int | None:
    """The epoch in the name of a figure.

    Args:
        name: A figure's name.

    Returns:
        The epoch; None for every other figure.

    Example:
        >>> epoch_of("test_accuracy@11"), epoch_of("test_accuracy")
        (11, None)
    """
    number = name.removeprefix(EPOCH)
    return int(number) if number != name and number.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure over the runs of a group."""

    num: int
    """Number of runs in which it is known."""
    mean: float | None
    """Mean over these runs; None if there are none."""
    deviation: float | None
    """Standard deviation over these runs, by n - 1; None with fewer than two."""


def spread(values: Sequence[float | None]) -> Spread:
    """Mean and standard deviation of the known values.

    Args:
        values: One for each run; None and values that are not finite are left out.

    Returns:
        Both, and the number of known values.

    Example:
        >>> spread([1.0, None, 3.0])
        Spread(num=2, mean=2.0, deviation=1.4142135623730951)
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    return Spread(len(known), mean(known) if known else None, stdev(known) if len(known) > 1 else None)
