"""Rank correlations of two measures of the same runs, with a confidence interval; never torch, never numpy.

Ranks, because a barrier and an accuracy need not depend on each other linearly, and one diverged run must not decide.
Intervals hold for runs that are independent of each other; a view that shows them must state that.
"""

import math
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

MIN_PAIRS = 4
"""Fewer pairs have no correlation here: the interval's variance divides by their number less 3."""

DIGITS = 9
"""Significant digits of a value that count when it is ranked."""

_NORMAL_975 = 1.959963984540054
"""97.5 % quantile of the standard normal distribution."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RankCorrelation:
    """The rank correlations of two measures."""

    num_pairs: int
    """Number of pairs in which both measures are finite."""
    rho: float | None = None
    """Spearman's rho, -1..1; None with fewer than four pairs or where a measure is the same in all of them."""
    tau: float | None = None
    """Kendall's tau-b, -1..1; None under the same conditions."""
    low: float | None = None
    """Lower end of the 95 % interval of rho; None where rho is None, -1 or 1."""
    high: float | None = None
    """Upper end of the interval."""

    @property
    def is_told_from_zero(self) -> bool:
        """Whether the interval excludes 0; also True where rho is -1 or 1, which has no interval."""
        if self.rho is None:
            return False
        return self.low is None or self.high is None or self.low > 0 or self.high < 0


def correlate(xs: Sequence[float | None], ys: Sequence[float | None]) -> RankCorrelation:
    """The rank correlations of two measures.

    Args:
        xs: One measure of each run; a value that is None or not finite is left out, with its partner.
        ys: The other measure, as many values.

    Returns:
        Both correlations and the interval of rho.

    Example:
        >>> found = correlate([1, 2, 3, 4, 5, None], [2, 1, 4, 3, 5, 9])
        >>> found.num_pairs, found.rho, found.tau
        (5, 0.8, 0.6)
    """
    pairs = [(x, y) for x, y in zip(xs, ys, strict=True) if _is_known(x) and _is_known(y)]
    left, right = [float(x or 0) for x, _ in pairs], [float(y or 0) for _, y in pairs]
    rho = spearman(left, right)
    low, high = rank_interval(rho, len(pairs)) or (None, None)
    return RankCorrelation(num_pairs=len(pairs), rho=rho, tau=kendall(left, right), low=low, high=high)


def resolved(values: Iterable[float]) -> list[float]:
    """The values as they are ranked, to DIGITS significant digits.

    Values that are equal but for rounding, such as the middles of equal steps or means of the same numbers in another
    order, must be tied: rank correlations and their p-values depend on it.

    Args:
        values: Finite values.

    Returns:
        As many.

    Example:
        >>> resolved([0.1 + 0.2, 0.3, 0.30000001])
        [0.3, 0.3, 0.30000001]
    """
    return [float(f"{value:.{DIGITS}g}") for value in values]


def spearman(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Spearman's rho: the correlation of midranks.

    Args:
        xs: Finite values; those that agree in DIGITS significant digits are tied.
        ys: As many.

    Returns:
        -1..1, or None with fewer than four pairs or where all values of a side are equal.

    References:
        Spearman 1904, doi 10.2307/1412159.
    """
    if len(xs) < MIN_PAIRS:
        return None
    middle = (len(xs) + 1) / 2
    left, right = ([rank - middle for rank in midranks(resolved(values))] for values in (xs, ys))
    spread = math.sqrt(math.fsum(a * a for a in left) * math.fsum(b * b for b in right))
    if spread == 0:
        return None
    together = math.fsum(a * b for a, b in zip(left, right, strict=True))
    return max(-1.0, min(1.0, together / spread))


def rank_interval(rho: float | None, num_pairs: int) -> tuple[float, float] | None:
    """The 95 % interval of Spearman's rho, by Fisher's z with the variance (1 + rho^2 / 2) / (n - 3).

    Args:
        rho: Spearman's rho.
        num_pairs: The number of independent pairs, n.

    Returns:
        Its ends, or None where rho is None, -1 or 1, or with fewer than four pairs.

    References:
        Bonett & Wright 2000, Psychometrika 65, doi 10.1007/BF02294183.

    Example:
        >>> low, high = rank_interval(0.5, 30)
        >>> round(low, 3), round(high, 3)
        (0.148, 0.74)
    """
    # A perfect order that rounding has left short of 1 has no interval either.
    if rho is None or num_pairs < MIN_PAIRS or 1 - abs(rho) < 1e-12:
        return None
    z, reach = math.atanh(rho), _NORMAL_975 * math.sqrt((1 + rho * rho / 2) / (num_pairs - 3))
    return math.tanh(z - reach), math.tanh(z + reach)


def kendall(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Kendall's tau-b: concordant minus discordant pairs, over the geometric mean of the untied pairs of each side.

    Args:
        xs: Finite values; those that agree in DIGITS significant digits are tied.
        ys: As many.

    Returns:
        -1..1, or None with fewer than four pairs or where all values of a side are equal.

    References:
        Kendall 1945, doi 10.1093/biomet/33.3.239.
    """
    if len(xs) < MIN_PAIRS:
        return None
    xs, ys = resolved(xs), resolved(ys)
    order = sorted(zip(xs, ys, strict=True))
    discordant, seen = 0, list[float]()
    for _, y in order:
        # Of equal x, the smaller y came before, so that a tie is never counted.
        discordant += len(seen) - bisect_right(seen, y)
        insort(seen, y)
    every = len(order) * (len(order) - 1) // 2
    tied_x, tied_y, tied_both = _ties(xs), _ties(ys), _ties(order)
    if tied_x == every or tied_y == every:
        return None
    concordant = every - tied_x - tied_y + tied_both - discordant
    return (concordant - discordant) / math.sqrt((every - tied_x) * (every - tied_y))


def midranks(values: Sequence[float]) -> list[float]:
    """Each value's rank, 1 for the smallest; equal values share the mean of their ranks.

    Args:
        values: Finite values.

    Returns:
        As many ranks.

    Example:
        >>> midranks([0.3, 0.1, 0.3])
        [2.5, 1.0, 2.5]
    """
    ordered = sorted(values)
    return [(bisect_left(ordered, value) + bisect_right(ordered, value) + 1) / 2 for value in values]


def _ties(values: Iterable[Hashable]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(values).values())


def _is_known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
