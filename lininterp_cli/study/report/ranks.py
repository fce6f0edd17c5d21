"""Rank correlations of shapes and outcomes, with bootstrap intervals and permutation tests.

For all runs and for group means the coefficients are those of `landscape.ranks`; here they are written with weights and
groups, so that thousands of resamples cost a few matrix products.  Imports numpy, never torch.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lininterp_cli.config.seeds import derive
from lininterp_cli.landscape.curves.ranks import MIN_PAIRS, resolved
from lininterp_cli.study.report.figures import NoInterval

NUM_RESAMPLES = 2000
"""Resamples of a bootstrap interval."""

NUM_PERMUTATIONS = 9999
"""Random permutations of a test; if there are fewer in all, every one is tried."""

LEVEL = 0.95
"""Fraction of the resamples that an interval holds."""

_SLACK = 1e-9
"""Coefficients that differ by less differ only by rounding."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranked:
    """Rank correlation of two figures."""

    is_constant: bool = False
    """Whether one of them does not vary."""
    rho: float | None = None
    """Spearman's rho; None with fewer than four pairs, or if a figure does not vary."""
    rho_interval: tuple[float, float] | None = None
    """The middle 95 % of resampled rhos; None if rho is None, or for the reason in `no_interval`."""
    no_interval: NoInterval | None = None
    """Reason why a known rho has no interval."""
    tau: float | None = None
    """Kendall's tau-b."""
    tau_interval: tuple[float, float] | None = None
    """The same for tau."""
    p: float | None = None
    """Two-sided p-value of rho."""
    p_least: float | None = None
    """The smallest p-value that figures with these ties can have, over all orders."""
    is_exact: bool = False
    """Whether both p-values are over every permutation."""


def rank(xs: Sequence[float], ys: Sequence[float], groups: Sequence[str], *names: str) -> Ranked:
    """Correlate the ranks of two figures within groups; for one group, by Spearman's rho and Kendall's tau-b.

    With several groups, the score of a run is its midrank within its group less the group's mean rank, divided by the
    group's number of runs plus one, as van Elteren weighs strata; rho is the correlation of the scores over all runs.
    tau-b counts only pairs within a group. Differences between groups change neither.

    The test permutes one figure within each group. p is (1 + b) / (1 + m), where b of m random permutations give a rho
    at least as far from 0; if there are fewer in all, p is the share of all permutations that do. The least p counts in
    the same way those that give the largest |rho| possible. The interval holds the middle 95 % of resamples, which are
    drawn with replacement within each group; a resample in which a figure is constant counts as -1 at the lower end and
    as 1 at the upper, since it could be either. There is no interval if all permutations can be tried (7 runs or fewer
    in one group: resamples are too much alike), if the order of all pairs without ties has no exception (no resample
    has one), or if more than 2.5 % of resamples are constant.

    Args:
        xs: Finite values (N,); those that agree in nine significant digits are tied.
        ys: As many.
        groups: Each pair's group.
        names: Seed of the random numbers; the same names give the same numbers.

    Returns:
        The coefficients, their intervals or the reason for none, the p-value and the least possible one.

    References:
        Spearman 1904, doi 10.2307/1412159; Kendall 1945, doi 10.1093/biomet/33.3.239; van Elteren 1960, Bulletin of
        the International Statistical Institute 37, 351-361; Efron 1979, doi 10.1214/aos/1176344552; Phipson & Smyth
        2010, doi 10.2202/1544-6115.1585.
    """
    order = sorted(range(len(xs)), key=lambda index: groups[index])
    blocks = [len(list(some)) for _, some in itertools.groupby(groups[index] for index in order)]
    if len(xs) < MIN_PAIRS:
        return Ranked()
    x, y = (_signs(resolved(side[index] for index in order), blocks) for side in (xs, ys))
    scale = np.repeat([1 / (size + 1) for size in blocks], blocks)
    rho, tau = (float(one[0]) for one in _coefficients(np.ones((1, len(xs))), x, y, scale))
    if math.isnan(rho):
        return Ranked(is_constant=True)
    test = _test(x.sum(axis=1) * scale, y.sum(axis=1) * scale, blocks, _generator("permutation", *names))
    found = Ranked(rho=rho, tau=tau, p=test.p, p_least=test.least, is_exact=test.is_exact)
    if test.is_exact:
        return replace(found, no_interval="few")
    # An order without exception has none in any resample either, whatever the ties.
    pairs = x * y
    if pairs.any() and abs(pairs.sum()) == np.abs(pairs).sum():
        return replace(found, no_interval="order")
    weights = _resamples(blocks, _generator("bootstrap", *names))
    rhos, taus = _coefficients(weights, x, y, scale)
    # A constant resample has no coefficient; leaving it out would make the interval conditional.
    if np.isnan(rhos).mean() > (1 - LEVEL) / 2:
        return replace(found, no_interval="ties")
    return replace(found, rho_interval=_interval(rhos), tau_interval=_interval(taus))


def holm(ps: Sequence[float]) -> list[float]:
    """Correct the p-values of several tests, so that a false positive among all of them is as rare as in one test.

    The k-th smallest of m p-values is multiplied by m - k + 1; it is no less than the one before and no more than 1.

    Args:
        ps: The p-values of one family of tests.

    Returns:
        As many, in the same order.

    References:
        Holm 1979, Scandinavian Journal of Statistics 6(2), 65-70.

    Example:
        >>> holm([0.04, 0.01, 0.03])
        [0.06, 0.03, 0.06]
    """
    corrected, least = [0.0] * len(ps), 0.0
    for place, index in enumerate(sorted(range(len(ps)), key=lambda index: ps[index])):
        least = max(least, min(1.0, (len(ps) - place) * ps[index]))
        corrected[index] = least
    return corrected


def _signs(values: Sequence[float], blocks: Sequence[int]) -> Numbers:
    """Signs (N, N): 1 if a value is above another of its group, -1 if below, 0 if equal or in another group."""
    column = np.asarray(values, dtype=np.float64)
    # A comparison cannot overflow as a difference of huge losses can.
    above = (column[:, None] > column[None, :]).astype(np.float64)
    of = np.repeat(np.arange(len(blocks)), blocks)
    signs: Numbers = (above - above.T) * (of[:, None] == of[None, :])
    return signs


def _coefficients(weights: Numbers, x: Numbers, y: Numbers, scale: Numbers) -> tuple[Numbers, Numbers]:
    """Rho and tau (B,) for each row of weights (B, N), the counts of the runs; NaN where a figure does not vary."""
    # A midrank less its mean is half of (number below - number above); the halves cancel.
    ranks_x, ranks_y = weights @ x.T * scale, weights @ y.T * scale
    rho = _ratio(
        (weights * ranks_x * ranks_y).sum(axis=1),
        (weights * ranks_x**2).sum(axis=1) * (weights * ranks_y**2).sum(axis=1),
    )
    together, apart_x, apart_y = (((weights @ pairs) * weights).sum(axis=1) for pairs in (x * y, x * x, y * y))
    return rho, _ratio(together, apart_x * apart_y)


def _ratio(together: Numbers, squares: Numbers) -> Numbers:
    known = squares > 0
    return np.where(known, np.clip(together / np.sqrt(np.where(known, squares, 1)), -1, 1), np.nan)


def _resamples(blocks: Sequence[int], generator: np.random.Generator) -> Numbers:
    """Counts (B, N) of each run in resamples: as many runs as each group has are drawn from it with replacement."""
    drawn = [generator.multinomial(size, [1 / size] * size, size=NUM_RESAMPLES) for size in blocks]
    return np.concatenate(drawn, axis=1).astype(np.float64)


def _interval(resampled: Numbers) -> tuple[float, float]:
    """The middle LEVEL of resampled coefficients; NaN counts as -1 at the lower end and as 1 at the upper."""
    constant = np.isnan(resampled)
    low = np.quantile(np.where(constant, -1.0, resampled), (1 - LEVEL) / 2)
    high = np.quantile(np.where(constant, 1.0, resampled), (1 + LEVEL) / 2)
    return float(low), float(high)


class _Test(NamedTuple):
    p: float
    least: float
    is_exact: bool


def _test(x: Numbers, y: Numbers, blocks: Sequence[int], generator: np.random.Generator) -> _Test:
    """Permutation test of |x @ y|, with y permuted within groups: its p-value and the smallest possible one."""
    is_exact = sum(math.lgamma(size + 1) for size in blocks) <= math.log(NUM_PERMUTATIONS + 1)
    slack = _SLACK * float(np.sqrt((x @ x) * (y @ y)))
    observed, most = abs(x @ y) - slack, _most(x, y, blocks) - slack
    as_much = as_most = total = 0
    for orders in _every(blocks) if is_exact else _some(blocks, generator):
        permuted = np.abs(y[orders] @ x)
        as_much += int((permuted >= observed).sum())
        as_most += int((permuted >= most).sum())
        total += len(orders)
    # The observed order counts as one more random permutation.
    more = 0 if is_exact else 1
    return _Test((as_much + more) / (total + more), (as_most + more) / (total + more), is_exact)


def _most(x: Numbers, y: Numbers, blocks: Sequence[int]) -> float:
    """The largest |x @ y| over all orders of y within groups: both ascending, or one ascending, one descending."""
    ends = list(itertools.accumulate(blocks))
    each = [(np.sort(a), np.sort(b)) for a, b in zip(np.split(x, ends), np.split(y, ends), strict=True)]
    return max(abs(sum(float(a @ b) for a, b in each)), abs(sum(float(a @ b[::-1]) for a, b in each)))


def _every(blocks: Sequence[int]) -> Iterator[NDArray[np.int64]]:
    starts = itertools.accumulate(blocks, initial=0)
    each = [itertools.permutations(range(start, start + size)) for start, size in zip(starts, blocks, strict=False)]
    yield np.array([list(itertools.chain(*parts)) for parts in itertools.product(*each)])


def _some(blocks: Sequence[int], generator: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    of = np.repeat(np.arange(len(blocks)), blocks)
    for start in range(0, NUM_PERMUTATIONS, 1000):
        # Keys are the group's number plus a random number in [0, 1): sorting them shuffles within groups only.
        keys = generator.random((min(1000, NUM_PERMUTATIONS - start), len(of))) + of
        yield np.argsort(keys, axis=1)


def _generator(*names: str) -> np.random.Generator:
    return np.random.default_rng(derive(0, *names))
