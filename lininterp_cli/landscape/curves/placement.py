"""Adaptive placement: at which alphas to measure next, from the points so far; evaluates nothing, never torch.

A curve is drawn, and its barriers are read, with straight lines between measured points.  Over a gap of width h such
a line is wrong by at most h^2 / 8 max |L''| (de Boor 1978, A Practical Guide to Splines).  The algorithm:

1. Both ends and a coarse grid: no gap wider than WIDEST_GAP, nor than WIDEST_END_GAP at the ends.
2. The second difference of every inner point with its neighbours estimates |L''| there, and a gap takes the larger
   estimate of its two ends, times SAFETY.  So an unexpected value, or the foot of a jump, raises the estimated error
   of the gaps on both its sides.
3. Each gap above the tolerance is bisected, the worst first.  Bisection quarters the error, so a round takes all
   gaps within a factor 4 of the worst: largest-first would take them next anyway.  The errors of the two gaps beside
   the top of the rise count TOP_FIRST times, since they decide the barrier.
4. It ends when no gap is above the tolerance, when the budget is spent, or at MINIMUM_GAP.

A hump inside a flat gap of the coarse grid is missed.  A feature that is narrower than its gap bends more than second
differences show: the error may reach twice the tolerance at a kink, 4 times at a step.

Bisection of the worst interval is the method of the Python package `adaptive` (Nijholt, Weston, Hoofwijk & Akhmerov
2019, doi 10.5281/zenodo.1182437).
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.curves.barrier import LARGEST_LOSS, rise

DEFAULT_POINTS = 48
"""The default budget.  Cliffs are resolved with 20 to 35 points; only curves with several humps use all of it."""
DEFAULT_TOLERANCE = 0.02
"""Nats.  Less than the usual standard error of a mean loss over a few hundred examples."""
MINIMUM_POINTS = 11
"""Number of points of the coarse grid."""
MINIMUM_GAP = 2.0**-10
"""No position is placed nearer to another than this; a steeper cliff stays a step."""
WIDEST_GAP = 1 / 8
"""A wider gap is always bisected."""
WIDEST_END_GAP = 1 / 16
"""The same beside 0 and 1, where only one side shows the curvature, and cliffs are frequent."""
EDGE_GAP = 1 / 32
"""The gap to which the edge of a region of losses that are not finite is narrowed: two bisections of WIDEST_GAP."""
NEAR_NATS = math.log(10)
"""The loss of guessing among ten classes.  Above it, errors count relative to the loss."""
SAFETY = 2.0
"""Multiplies the estimated curvature: that inside a gap may exceed the one measured around it."""
TOP_FIRST = 4.0
"""Multiplies the errors beside the top of the rise: 4 puts these gaps one bisection ahead."""

Points = list[tuple[float, float]]


def next_alphas(
    alphas: Sequence[float], losses: Sequence[float], tolerance: float, max_points: int
) -> tuple[float, ...]:
    """The positions to measure in the next round.

    Deterministic.  The budget only truncates the list of positions, so a smaller one places a subset of those that a
    larger one places.  Started without positions, all are multiples of MINIMUM_GAP; a gap between positions of another
    grid is split at the dyadic number of least denominator in its middle half.

    Args:
        alphas: Positions measured so far, ascending, none twice; only those in [0, 1] count, also towards the budget.
        losses: Values at the positions, in nats.  Of a region that is not finite only the edge is located.
        tolerance: The allowed error of the curve, as `uncertainty` measures it, in nats, above 0.
        max_points: The budget: how many positions in [0, 1] may be measured in total.

    Returns:
        Ascending positions, none of them measured; empty when the curve is within tolerance or the budget is spent.

    Example:
        >>> next_alphas([], [], 0.02, 24)
        (0.0, 0.0625, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 0.9375, 1.0)
        >>> next_alphas(_, [2.3] * 10 + [0.1], 0.02, 24)
        (0.90625, 0.96875)
    """
    num_left = max_points - sum(0 <= alpha <= 1 for alpha in alphas)
    if num_left <= 0:
        return ()
    points = _measured(alphas, losses)
    wanted = _coarse(points) or _worst(points, tolerance)
    return tuple(sorted(wanted[:num_left]))


def uncertainty(alphas: Sequence[float], losses: Sequence[float]) -> float:
    """The largest estimated error of the straight lines between measured points.

    The error in nats, divided by max(1, loss / NEAR_NATS) with the mean loss of the gap's ends: plain nats up to the
    loss of guessing, and relative to the loss above it, where 0.02 nats of 300 do not matter.

    Args:
        alphas: Positions, ascending, none twice; only those in [0, 1] count.
        losses: Values at the positions, in nats; gaps beside one that is not finite are ignored.

    Returns:
        Nats, at least 0; infinite where the coarse grid lacks a position, or no gap has two finite ends.

    Example:
        >>> alphas = [0, 1 / 16, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 5 / 8, 3 / 4, 7 / 8, 15 / 16, 1]
        >>> uncertainty(alphas, [alpha**2 for alpha in alphas])  # SAFETY times 1 / 8^2 / 8 times L'' = 2
        0.0078125
    """
    points = _measured(alphas, losses)
    if _coarse(points):
        return math.inf
    return max((error for error in _errors(points) if math.isfinite(error)), default=math.inf)


def spelled(text: str) -> int | None:
    """Parse the budget of adaptive placement from the text of `--alphas`.

    Args:
        text: `adaptive`, `adaptive:N`, or anything else.

    Returns:
        The number of points; None if the text does not ask for adaptive placement.

    Raises:
        ConfigError: If N is not a number of points, or fewer than the coarse grid needs.

    Example:
        >>> spelled("adaptive"), spelled("adaptive:24"), spelled("50")
        (48, 24, None)
    """
    word, colon, number = text.strip().partition(":")
    if word != "adaptive":
        return None
    if not colon:
        return DEFAULT_POINTS
    if not (number.isascii() and number.isdigit() and int(number) >= MINIMUM_POINTS):
        raise ConfigError(
            f"--alphas adaptive:N takes a number of points, {MINIMUM_POINTS} or more for the coarse grid it starts "
            f"from, not {number!r}; `adaptive` alone means adaptive:{DEFAULT_POINTS}"
        )
    return int(number)


def _measured(alphas: Sequence[float], losses: Sequence[float]) -> Points:
    # Positions of two grids that nearly coincide count as one: the slope between them would be rounding.
    points: Points = []
    for alpha, loss in zip(alphas, losses, strict=True):
        apart = not points or alpha - points[-1][0] >= MINIMUM_GAP
        if alpha in {0.0, 1.0} or (apart and 0 < alpha <= 1 - MINIMUM_GAP):
            points.append((alpha, loss if abs(loss) < LARGEST_LOSS else math.nan))
    return points


def _coarse(points: Points) -> list[float]:
    """The positions of the coarse grid that are not measured yet, the coarsest first."""
    grid = {0.0, 1.0}.union(alpha for alpha, _ in points)
    while wide := [
        _middle(left, right)
        for left, right in pairwise(sorted(grid))
        if right - left > (WIDEST_END_GAP if left == 0 or right == 1 else WIDEST_GAP)
    ]:
        grid.update(wide)
    grid.difference_update(alpha for alpha, _ in points)
    return sorted(grid, key=lambda alpha: (alpha.as_integer_ratio()[1], alpha))


def _middle(left: float, right: float) -> float:
    """The dyadic number of least denominator in the middle half of a gap; the midpoint if the gap is dyadic."""
    centre, denominator = (left + right) / 2, 1
    while abs(round(centre * denominator) / denominator - centre) > (right - left) / 4:
        denominator *= 2
    return round(centre * denominator) / denominator


def _worst(points: Points, tolerance: float) -> list[float]:
    """The middles of the gaps to bisect in one round, the most urgent first."""
    top = rise([alpha for alpha, _ in points], [loss for _, loss in points])
    urgent = []
    for ((left, before), (right, after)), error in zip(pairwise(points), _errors(points), strict=True):
        if math.isnan(error) and (math.isfinite(before) or math.isfinite(after)):
            # An edge counts as an error that bisection quarters like any other, down to the tolerance at EDGE_GAP.
            error = tolerance * ((right - left) / EDGE_GAP) ** 2
        middle = _middle(left, right)
        if error > tolerance and min(middle - left, right - middle) >= MINIMUM_GAP:
            beside_top = top is not None and top.height > 0 and top.alpha in {left, right}
            urgent.append((error * (TOP_FIRST if beside_top else 1.0), middle))
    urgent.sort(key=lambda pair: (-pair[0], pair[1]))
    return [middle for error, middle in urgent if error >= urgent[0][0] / 4]


def _errors(points: Points) -> list[float]:
    """The estimated error of every gap, as `uncertainty` measures it; NaN beside a loss that is not finite."""
    widths = [right - left for (left, _), (right, _) in pairwise(points)]
    slopes = [(after - before) / (right - left) for (left, before), (right, after) in pairwise(points)]
    sides = zip(pairwise(slopes), pairwise(widths), strict=True)
    bends = [math.nan, *(2 * abs(second - first) / sum(around) for (first, second), around in sides), math.nan]
    errors = []
    for index, (width, slope) in enumerate(zip(widths, slopes, strict=True)):
        known = [bend for bend in bends[index : index + 2] if math.isfinite(bend)]
        # Without a third point, only the difference of the two ends is known.
        error = SAFETY * width**2 / 8 * max(known) if known else width * abs(slope)
        level = (abs(points[index][1]) + abs(points[index + 1][1])) / 2
        errors.append(error / max(1.0, level / NEAR_NATS))
    return errors
