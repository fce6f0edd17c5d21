"""The shape of a curve in numbers, besides its barriers: plateau, cliff and lowest loss; never torch.

Every figure is taken at the measured positions in [0, 1], without interpolation, so a length is only as exact as their
spacing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from lininterp_cli.landscape.curves.barrier import BARRIERS, Barrier, is_monotone

PLATEAU_SHARE = 0.05
"""The variation of the loss that a plateau allows, as a fraction of the fall that is still to come."""


@dataclass(frozen=True, slots=True)
class Plateau:
    """A part of the path on which the loss hardly changes before it falls."""

    start: float
    """The first alpha of the plateau."""
    end: float
    """The last alpha of the plateau."""

    @property
    def length(self) -> float:
        """The fraction of the path that it covers, in [0, 1]."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Cliff:
    """Where the loss falls most steeply."""

    alpha: float
    """The middle between the two positions."""
    slope: float
    """Nats per unit of alpha; below 0."""


@dataclass(frozen=True, slots=True)
class Best:
    """The lowest loss of a curve."""

    alpha: float
    """The position."""
    loss: float
    """In nats."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a curve in numbers."""

    barriers: dict[str, Barrier | None]
    """The barrier by each definition; None where it is undefined."""
    monotone: bool | None
    """Whether the loss never rises; None where missing losses leave that undecided."""
    plateau: Plateau | None
    """The longest plateau; None where there is none."""
    cliff: Cliff | None
    """The steepest fall; None where the loss never falls."""
    best: Best | None
    """The lowest loss; None where no loss is finite."""


def shape(alphas: Sequence[float], losses: Sequence[float]) -> Shape:
    """Compute all figures of a curve's shape.

    Args:
        alphas: Positions, ascending; only those in [0, 1] count.
        losses: Values at the positions, in nats.

    Returns:
        The figures.
    """
    return Shape(
        barriers={name: measure(alphas, losses) for name, measure in BARRIERS.items()},
        monotone=is_monotone(alphas, losses),
        plateau=plateau(alphas, losses),
        cliff=cliff(alphas, losses),
        best=best(alphas, losses),
    )


def plateau(alphas: Sequence[float], losses: Sequence[float]) -> Plateau | None:
    """The longest part of the path on which the loss hardly changes before it falls.

    The longest [a, b] on which max L - min L <= s * (min L on [a, b] - min L after b), with s = PLATEAU_SHARE.  The
    scale is the fall still to come: so the loss at initialisation, which may be anything, has no influence, and a
    valley at the end of the path, after which nothing falls, is no plateau.  On a straight fall it is s / (1 + s) of
    the path.

    Args:
        alphas: Positions, ascending; only those in [0, 1] count.
        losses: Values at the positions, in nats; one that is not finite ends a plateau.

    Returns:
        The longest plateau (the first of several), or None where no two positions form one.

    References:
        Wang, Wang, Zhou & Ge 2023, arXiv 2210.01019, who describe plateaus of loss and error and their causes; they
        give no length, so the definition is this program's own.

    Example:
        >>> plateau([0.0, 0.25, 0.5, 0.75, 1.0], [2.8, 2.3, 2.3, 2.3, 0.3])
        Plateau(start=0.25, end=0.75)
    """
    points = [(alpha, loss) for alpha, loss in zip(alphas, losses, strict=True) if 0 <= alpha <= 1]
    finite = [loss if math.isfinite(loss) else math.inf for _, loss in points]
    behind = [*accumulate(reversed(finite), min, initial=math.inf)][-2::-1]
    longest: Plateau | None = None
    for first, (start, loss) in enumerate(points):
        if longest is not None and 1 - start <= longest.length:
            break
        low = high = loss
        for at in range(first, len(points)):
            value = points[at][1]
            low, high = min(low, value), max(high, value)
            # Written so that a NaN or an infinity ends the plateau, and so does a loss that falls no more.
            if not (math.isfinite(value) and low > behind[at] and high - low <= PLATEAU_SHARE * (low - behind[at])):
                break
            if at > first and (longest is None or points[at][0] - start > longest.length):
                longest = Plateau(start, points[at][0])
    return longest


def cliff(alphas: Sequence[float], losses: Sequence[float]) -> Cliff | None:
    """Where the loss falls most steeply between two neighbouring positions.

    Args:
        alphas: Positions, ascending; only those in [0, 1] count.
        losses: Values at the positions, in nats; steps to and from one that is not finite are ignored.

    Returns:
        The steepest step (the first of several), or None where the loss never falls.

    Example:
        >>> cliff([0.0, 0.5, 0.75, 1.0], [2.3, 2.3, 2.0, 0.0])
        Cliff(alpha=0.875, slope=-8.0)
    """
    points = [(alpha, loss) for alpha, loss in zip(alphas, losses, strict=True) if 0 <= alpha <= 1]
    steps = [
        Cliff((left + right) / 2, (after - before) / (right - left))
        for (left, before), (right, after) in pairwise(points)
        if right > left and math.isfinite(after - before)
    ]
    steepest = min(steps, key=lambda step: step.slope, default=None)
    return steepest if steepest is not None and steepest.slope < 0 else None


def best(alphas: Sequence[float], losses: Sequence[float]) -> Best | None:
    """The position at which the loss is lowest.

    Args:
        alphas: Positions, ascending; only those in [0, 1] count.
        losses: Values at the positions, in nats; those that are not finite are ignored.

    Returns:
        The lowest loss (the first of several), or None where no loss is finite.

    Example:
        >>> best([0.0, 0.5, 1.0], [2.3, 0.3, 0.4])
        Best(alpha=0.5, loss=0.3)
    """
    pairs = zip(alphas, losses, strict=True)
    known = [Best(alpha, loss) for alpha, loss in pairs if 0 <= alpha <= 1 and math.isfinite(loss)]
    return min(known, key=lambda point: point.loss, default=None)
