"""Planned looks at a growing sample, and the critical value that makes a bound hold at all of them; never torch.

A look is a number of examples after which intervals may be computed.  Looks are planned before the first example, from
the size of the split alone, never from measured values or a batch size.  A bound that is to hold at all of them needs a
larger multiple of the standard error than one that is looked at once.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from lininterp_cli.config.seeds import derive
from lininterp_cli.landscape.intervals.contrasts import Contrasts

FIRST_LOOK = 256
"""Examples at the first look.  Over fewer, a mean of skewed losses is not close enough to normal."""
RATIO = 1.2
"""Ratio of a look to the one before.  More looks cost width, fewer overshoot; from 1.1 to 1.2 the sum is least."""
STEP = 128
"""Examples.  All looks but the last are multiples of it."""

_NUM_DRAWS = 256

Array = NDArray[np.float64]


def looks(num_examples: int) -> tuple[int, ...]:
    """The numbers of examples after which a measurement may be looked at.

    Args:
        num_examples: How many examples may be measured, at least 1.

    Returns:
        Numbers of examples, ascending; the last is `num_examples`.

    Example:
        >>> looks(1000), looks(200)
        ((256, 384, 512, 640, 768, 1000), (200,))
    """
    planned = []
    look = FIRST_LOOK
    while look < num_examples:
        planned.append(look)
        look = math.ceil(look * RATIO / STEP) * STEP
    return (*planned, num_examples)


def critical_value(contrasts: Contrasts, planned: tuple[int, ...], error: float) -> float:
    """How many standard errors wide a one-sided bound must be to hold for all contrasts at all looks.

    The t with P(some Z_kc > t) = `error`: Z_kc is the standardised error of contrast c after n_k examples, so that
    Z_kc and Z_ld have the correlation sqrt(n_k / n_l) (v_c . v_d) for k <= l, where the v are unit vectors.  The same
    t at every look is Pocock's boundary.  The probability is (number of pairs kc) (1 - Phi(t)) E[1 / M]: draw one
    pair, its Z above t, and all other Z given that one; M counts the Z above t.  This takes a tenth of the draws
    that counting simulated maxima above t does.

    Args:
        contrasts: At least one has a standard error above 0.
        planned: Numbers of examples at the looks, ascending.
        error: Probability that some bound fails, in (0, 0.5).

    Returns:
        The multiple t; the draws are seeded, so the same arguments give the same t.

    References:
        Pocock 1977, doi 10.1093/biomet/64.2.191, for the boundary; Adler, Blanchet & Liu 2012,
        doi 10.1214/11-AAP792, for the estimate of a probability of excursion.

    Example:
        >>> from lininterp_cli.landscape.intervals.contrasts import Listed
        >>> round(critical_value(Listed(np.ones((1, 1))), (500,), 0.025), 2)
        1.96
    """
    sizes = np.asarray(planned, dtype=np.float64)
    mixing = np.tril(np.sqrt(np.diff(sizes, prepend=0.0) / sizes[:, None]))
    num_pairs = len(planned) * len(contrasts)
    generator = np.random.default_rng(derive(0, "critical value"))
    # E[1 / M] hardly depends on t, so one rough step before the full one is enough.
    value = float(-ndtri(error / min(num_pairs, 100)))
    for num_draws in (_NUM_DRAWS // 4, _NUM_DRAWS):
        share = _mean_inverse_count(contrasts, mixing, value, generator, num_draws)
        value = float(-ndtri(error / (num_pairs * share)))
    return value


def _mean_inverse_count(
    contrasts: Contrasts, mixing: Array, value: float, generator: np.random.Generator, num_draws: int
) -> float:
    """E[1 / M], where M counts the pairs above `value`, given that one of them, drawn uniformly, is above it."""
    num_looks, rank = len(mixing), contrasts.take(np.zeros(1, dtype=np.int64)).shape[1]
    # Single precision halves the time; it only misplaces a Z that is within rounding of t.
    weights = mixing.astype(np.float32)
    fields = weights @ generator.standard_normal((num_draws, num_looks, rank), dtype=np.float32)
    look = generator.integers(num_looks, size=num_draws)
    chosen = contrasts.take(generator.integers(len(contrasts), size=num_draws)).astype(np.float32)
    beyond = -ndtri(generator.random(num_draws) * ndtr(-value))
    gap = beyond - np.einsum("dr,dr->d", chosen, fields[np.arange(num_draws), look])
    fields += ((mixing @ mixing.T)[look] * gap[:, None]).astype(np.float32)[:, :, None] * chosen[:, None, :]
    return float(np.mean(1 / np.maximum(contrasts.num_beyond(fields, value), 1)))
