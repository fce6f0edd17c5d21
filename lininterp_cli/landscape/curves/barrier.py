"""A curve's shape in numbers: barriers by four definitions, and monotonicity; imports no torch.

On a path from initial to final weights the losses at the two ends differ by nats, and the definitions disagree:
therefore all of them are stored, and every barrier is shown with the name of its definition.  They are written for
losses in nats; the error (1 - accuracy, a fraction) has barriers by the same formulas.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MONOTONE_TOLERANCE = 1e-5
"""In nats, or a fraction for the error.  Two evaluations of one point differ by up to this, so a smaller rise is no
property of the network."""
LARGEST_LOSS = 1e100
"""A loss of this size or more counts as not finite: differences and squares of such losses may overflow."""


@dataclass(frozen=True, slots=True)
class Barrier:
    """The highest point of a curve above a baseline."""

    height: float
    """Height above the baseline, in nats, or as a fraction for the error."""
    alpha: float
    """Position of the highest point."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval of a barrier's height, from a sample of examples."""

    low: float
    """Lower bound, in nats, or a fraction for the error."""
    high: float
    """Upper bound, in the same unit."""

    @property
    def half_width(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2


def rise(alphas: Sequence[float], losses: Sequence[float]) -> Barrier | None:
    """The largest rise above the running minimum.

    max_j (L_j - min_{i <= j} L_i), the Delta of monotonic linear interpolation: 0 exactly where the curve never
    rises.  The last step counts too; the authors' own code omits it.

    Args:
        alphas: Positions, ascending; only those in [0, 1] count.
        losses: Values at the positions, in nats; those that are not finite are skipped.

    Returns:
        The barrier, or None where nothing is finite.

    References:
        Lucas, Bae, Zhang, Fort, Zemel & Grosse 2021, arXiv 2104.11044.

    Example:
        >>> rise([0.0, 0.5, 1.0], [2.0, 2.5, 0.1])
        Barrier(height=0.5, alpha=0.5)
    """
    return _highest("rise", alphas, losses)


def chord(alphas: Sequence[float], losses: Sequence[float]) -> Barrier | None:
    """The largest height above the straight line between the end values.

    max_alpha [L(alpha) - ((1 - alpha) L(0) + alpha L(1))], never below 0.

    Args:
        alphas: Positions, ascending; only those in [0, 1] count.
        losses: Values at the positions, in nats.

    Returns:
        The barrier, or None where an end is not measured or not finite.

    References:
        Entezari, Sedghi, Saukh & Neyshabur 2022, arXiv 2110.06296, definition 2.1.

    Example:
        >>> chord([0.0, 0.5, 1.0], [2.0, 2.5, 1.0])
        Barrier(height=1.0, alpha=0.5)
    """
    return _highest("chord", alphas, losses)


def mean(alphas: Sequence[float], losses: Sequence[float]) -> Barrier | None:
    """The largest height above the mean of the end values.

    max_alpha L(alpha) - (L(0) + L(1)) / 2: half the difference of the ends, at least.

    Args:
        alphas: Positions, ascending; only those in [0, 1] count.
        losses: Values at the positions, in nats.

    Returns:
        The barrier, or None where an end is not measured or not finite.

    References:
        Frankle, Dziugaite, Roy & Carbin 2020, arXiv 1912.05671, section 2.

    Example:
        >>> mean([0.0, 0.5, 1.0], [2.0, 2.5, 1.0])
        Barrier(height=1.0, alpha=0.5)
    """
    return _highest("mean", alphas, losses)


def maximum(alphas: Sequence[float], losses: Sequence[float]) -> Barrier | None:
    """The largest height above the larger end value, never below 0.

    max_alpha L(alpha) - max(L(0), L(1)): the rise from the higher end to the highest point.

    Args:
        alphas: Positions, ascending; only those in [0, 1] count.
        losses: Values at the positions, in nats.

    Returns:
        The barrier, or None where an end is not measured or not finite.

    References:
        The energy barrier between minima of Draxler, Veschgini, Salmhofer & Hamprecht 2018, arXiv 1803.00885.

    Example:
        >>> maximum([0.0, 0.5, 1.0], [2.0, 2.5, 1.0])
        Barrier(height=0.5, alpha=0.5)
    """
    return _highest("max", alphas, losses)


BARRIERS: dict[str, Callable[[Sequence[float], Sequence[float]], Barrier | None]] = {
    "rise": rise,
    "chord": chord,
    "mean": mean,
    "max": maximum,
}
"""Name of a definition to its function."""


def is_monotone(alphas: Sequence[float], losses: Sequence[float]) -> bool | None:
    """Whether the loss never rises on the way from alpha 0 to 1.

    The MLI property of Lucas et al. 2021 (arXiv 2104.11044), up to MONOTONE_TOLERANCE.

    Args:
        alphas: Positions, ascending; only those in [0, 1] count.
        losses: Values at the positions, in nats.

    Returns:
        True or False; None if it is undecided, because a value is not finite.

    Example:
        >>> is_monotone([0.0, 0.5, 1.0], [2.0, 2.0, 0.1]), is_monotone([0.0, 0.5, 1.0], [2.0, math.nan, 0.1])
        (True, None)
    """
    top = rise(alphas, losses)
    if top is not None and top.height > MONOTONE_TOLERANCE:
        return False
    num_inside = sum(0 <= alpha <= 1 for alpha in alphas)
    return None if top is None or len(_measured(alphas, losses)) < num_inside else True


def baseline(definition: str, alphas: Sequence[float], losses: Sequence[float]) -> list[float]:
    """The values that a barrier's height is measured from.

    Args:
        definition: A key of BARRIERS.
        alphas: Positions, ascending.
        losses: Values at the positions, in nats.

    Returns:
        The running minimum (`rise`), the straight line between the end values (`chord`), their mean or the larger one,
        at each position; NaN outside [0, 1], where the loss is not finite, and where an end is missing.

    Example:
        >>> baseline("rise", [0.0, 0.5, 1.0], [2.0, 2.5, 0.1]), baseline("chord", [0.0, 0.5, 1.0], [2.0, 2.5, 1.0])
        ([2.0, 2.0, 0.1], [2.0, 1.5, 1.0])
    """
    points = _measured(alphas, losses)
    known = dict(zip([alpha for alpha, _ in points], _baseline(definition, points), strict=True))
    return [known.get(alpha, math.nan) for alpha in alphas]


def _highest(definition: str, alphas: Sequence[float], losses: Sequence[float]) -> Barrier | None:
    """The point that is highest above its baseline, the first of several."""
    points = _measured(alphas, losses)
    heights = [loss - low for (_, loss), low in zip(points, _baseline(definition, points), strict=True)]
    if not heights or math.isnan(heights[0]):
        return None
    top = max(heights)
    return Barrier(top, points[heights.index(top)][0])


def _baseline(definition: str, points: Sequence[tuple[float, float]]) -> list[float]:
    if definition == "rise":
        return list(itertools.accumulate((loss for _, loss in points), min))
    ends = dict(points)
    if 0.0 not in ends or 1.0 not in ends:
        return [math.nan] * len(points)
    first, last = ends[0.0], ends[1.0]
    if definition == "chord" and first != last:
        return [(1 - alpha) * first + alpha * last for alpha, _ in points]
    # A chord that is flat, as those of accuracies often are, is exactly so: rounding must not give it a barrier.
    level = {"chord": first, "mean": (first + last) / 2, "max": max(first, last)}[definition]
    return [level] * len(points)


def _measured(alphas: Sequence[float], losses: Sequence[float]) -> list[tuple[float, float]]:
    pairs = zip(alphas, losses, strict=True)
    return [(alpha, loss) for alpha, loss in pairs if 0 <= alpha <= 1 and abs(loss) < LARGEST_LOSS]
