"""Whether shapes and outcomes rise together: rank correlations with bootstrap intervals and permutation tests.

Of all runs and of group means the coefficients are those of `landscape.ranks`; here they are written with weights and
groups, so that thousands of resamples cost a few matrix products.  Never torch; numpy is imported with the module.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lininterp_cli.config.seeds import derive
from lininterp_cli.landscape.ranks import MIN_PAIRS

NUM_RESAMPLES = 2000
"""Resamples of a bootstrap interval."""

NUM_PERMUTATIONS = 9999
"""Random permutations of a test; where there are fewer in all, every one is looked at."""

LEVEL = 0.95
"""What part of resamples an interval holds."""

_SLACK = 1e-9
"""Coefficients that differ by less are the same but for rounding."""

Numbers = NDArray[np.float64]

NoInterval = Literal["few", "order", "ties"]
"""Why there is none: too few runs, an order without exception, or ties that leave too little that varies."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranked:
    """What the ranks of two figures say."""

    is_constant: bool = False
    """Whether one of them is the same throughout."""
    rho: float | None = None
    """Spearman's rho; None with fewer than four pairs, and where nothing varies."""
    rho_interval: tuple[float, float] | None = None
    """95 % of what resamples give; None where rho is None, and where there is a reason not to trust them."""
    no_interval: NoInterval | None = None
    """Why there is no interval of a rho that is known."""
    tau: float | None = None
    """Kendall's tau-b."""
    tau_interval: tuple[float, float] | None = None
    """The same of tau."""
    p: float | None = None
    """Two-sided p-value of rho."""
    p_least: float | None = None
    """The smallest p-value that figures with these ties can have, in whatever order."""
    is_exact: bool = False
    """Whether both are over every permutation."""


def rank(xs: Sequence[float], ys: Sequence[float], groups: Sequence[str], *names: str) -> Ranked:
    """Correlate the ranks of two figures within groups; of one group, these are Spearman's rho and Kendall's tau-b.

    With several groups a run has its midrank within its own group, less the group's mean rank, over the group's number
    of runs plus one, as van Elteren weighs strata; rho is the correlation of these numbers over all runs. tau-b counts
    only pairs within a group. Both are blind to differences between groups.

    The test permutes one figure within each group: (1 + b) / (1 + m), where b of m random permutations give a rho as
    far from 0, or the share of all permutations where those are fewer. The least p counts in the same way those that
    give the largest |rho| there is. The interval holds the middle 95 % of what resamples with replacement give, drawn
    within each group; a resample in which a figure is constant counts as -1 at the lower end and as 1 at the upper,
    since it could be either. There is no interval where all permutations can be tried (7 runs or fewer in one group:
    resamples are too much alike), where the order of all that is not tied has no exception (no resample has one), and
    where more than 2.5 % of resamples are constant.

    Args:
        xs: Finite values (N,).
        ys: As many.
        groups: Each pair's group.
        names: What the random numbers are for; the same names give the same numbers.

    Returns:
        The coefficients, their intervals or why there are none, the p-value and the least there could be.

    References:
        Spearman 1904, doi 10.2307/1412159; Kendall 1945, doi 10.1093/biomet/33.3.239; van Elteren 1960, Bulletin of
        the International Statistical Institute 37, 351-361; Efron 1979, doi 10.1214/aos/1176344552; Phipson & Smyth
        2010, doi 10.2202/1544-6115.1585.
    """
    order = sorted(range(len(xs)), key=lambda index: groups[index])
    blocks = [len(list(some)) for _, some in itertools.groupby(groups[index] for index in order)]
    if len(xs) < MIN_PAIRS:
        return Ranked()
    x, y = _signs([xs[index] for index in order], blocks), _signs([ys[index] for index in order], blocks)
    scale = np.repeat([1 / (size + 1) for size in blocks], blocks)
    rho, tau = (float(one[0]) for one in _coefficients(np.ones((1, len(xs))), x, y, scale))
    if math.isnan(rho):
        return Ranked(is_constant=True)
    test = _test(x.sum(axis=1) * scale, y.sum(axis=1) * scale, blocks, _generator("permutation", *names))
    found = Ranked(rho=rho, tau=tau, p=test.p, p_least=test.least, is_exact=test.is_exact)
    if test.is_exact:
        return replace(found, no_interval="few")
    # An order without exception has none in any resample either, whatever is tied.
    pairs = x * y
    if pairs.any() and abs(pairs.sum()) == np.abs(pairs).sum():
        return replace(found, no_interval="order")
    weights = _resamples(blocks, _generator("bootstrap", *names))
    rhos, taus = _coefficients(weights, x, y, scale)
    # Where nothing varies the coefficient may be anything; leaving that out would make the interval conditional.
    if np.isnan(rhos).mean() > (1 - LEVEL) / 2:
        return replace(found, no_interval="ties")
    return replace(found, rho_interval=_interval(rhos), tau_interval=_interval(taus))


def holm(ps: Sequence[float]) -> list[float]:
    """Correct the p-values of several tests, so that one false alarm among all of them is as rare as in one test.

    The k-th smallest of m times m - k + 1, but no less than the one before and no more than 1.

    Args:
        ps: The p-values of a family.

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
    """Whether each value is above (1) or below (-1) each other one of its group, 0 where level or apart: (N, N)."""
    column = np.asarray(values, dtype=np.float64)
    # A comparison cannot overflow as a difference of huge losses can.
    above = (column[:, None] > column[None, :]).astype(np.float64)
    of = np.repeat(np.arange(len(blocks)), blocks)
    signs: Numbers = (above - above.T) * (of[:, None] == of[None, :])
    return signs


def _coefficients(weights: Numbers, x: Numbers, y: Numbers, scale: Numbers) -> tuple[Numbers, Numbers]:
    """Both coefficients (B,) for each row of weights (B, N), how often each run counts; NaN where nothing varies."""
    # A midrank less its mean is half of how many are below less how many are above; the halves cancel.
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
    """How often each run is drawn: as many from each group as it has, with replacement (B, N)."""
    drawn = [generator.multinomial(size, [1 / size] * size, size=NUM_RESAMPLES) for size in blocks]
    return np.concatenate(drawn, axis=1).astype(np.float64)


def _interval(resampled: Numbers) -> tuple[float, float]:
    """The middle part of resamples; those without a coefficient lie below it and above it."""
    constant = np.isnan(resampled)
    low = np.quantile(np.where(constant, -1.0, resampled), (1 - LEVEL) / 2)
    high = np.quantile(np.where(constant, 1.0, resampled), (1 + LEVEL) / 2)
    return float(low), float(high)


class _Test(NamedTuple):
    p: float
    least: float
    is_exact: bool


def _test(x: Numbers, y: Numbers, blocks: Sequence[int], generator: np.random.Generator) -> _Test:
    """How rarely permuted ranks of y go with those of x as much as they do, and as they could at most."""
    is_exact = sum(math.lgamma(size + 1) for size in blocks) <= math.log(NUM_PERMUTATIONS + 1)
    slack = _SLACK * float(np.sqrt((x @ x) * (y @ y)))
    observed, most = abs(x @ y) - slack, _most(x, y, blocks) - slack
    as_much = as_most = total = 0
    for orders in _every(blocks) if is_exact else _some(blocks, generator):
        permuted = np.abs(y[orders] @ x)
        as_much += int((permuted >= observed).sum())
        as_most += int((permuted >= most).sum())
        total += len(orders)
    # The order that was found is one more of the random ones.
    more = 0 if is_exact else 1
    return _Test((as_much + more) / (total + more), (as_most + more) / (total + more), is_exact)


def _most(x: Numbers, y: Numbers, blocks: Sequence[int]) -> float:
    """The largest |x @ y| of all orders of y within groups: both ascending, or one against the other."""
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
        # Random keys in [0, 1) above the group's number: sorting them mixes each group and nothing else.
        keys = generator.random((min(1000, NUM_PERMUTATIONS - start), len(of))) + of
        yield np.argsort(keys, axis=1)


def _generator(*names: str) -> np.random.Generator:
    return np.random.default_rng(derive(0, *names))
