"""How sure a barrier is: intervals from the same examples at every alpha, honest about the maximum.

A barrier is a maximum over alphas of contrasts of mean losses.  All its contrasts get one simultaneous band, so that
picking the largest costs nothing; the examples are paired, so that what is hard everywhere cancels.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lininterp_cli.config.seeds import derive
from lininterp_cli.landscape.barrier import Interval

LEVEL = 0.95
"""Confidence."""

METHOD = (
    "95 % max-t bands over alphas from paired per-example losses (Gaussian multiplier bootstrap), for the population "
    "the examples were drawn from; each path and definition on its own"
)
"""What is said of the intervals in a curve's file."""

_NUM_DRAWS = 4000

Array = NDArray[np.float64]


def intervals(alphas: Sequence[float], losses: Array) -> dict[str, Interval]:
    """Intervals of the four barriers of one path.

    For contrasts c_k of the mean losses, mu_k = c_k . E[loss], the band |mu_k - mean_k| <= t se_k holds for all k at
    once with probability LEVEL, t being the quantile of the largest |Z_k| / se_k of a centred Gaussian with the
    covariance of the paired means.  A maximum of contrasts then lies between the maxima of the band's two edges.

    Args:
        alphas: Positions, ascending; only those in [0, 1] count.
        losses: The loss of each example at each position, (N, A), nats; a position where one is not finite is passed
            over.

    Returns:
        Definition to interval; empty for fewer than two examples, without `chord`, `mean` and `max` where an end is
        not measured.

    References:
        Chernozhukov, Chetverikov & Kato 2013, arXiv 1212.6906, for the bootstrap of a maximum.
    """
    positions = np.asarray(alphas, dtype=np.float64)
    if len(losses) < 2:
        return {}
    use = np.isfinite(losses).all(axis=0) & (positions >= 0) & (positions <= 1)
    if not use.any():
        return {}
    # Every contrast sums to 0, so what an example has in common over all positions drops out: here, exactly.
    positions, values = positions[use], losses[:, use] - losses[:, use].mean(axis=1, keepdims=True)
    num_examples, num_alphas = values.shape
    mean = values.mean(axis=0)
    covariance = np.atleast_2d(np.cov(values, rowvar=False)) / num_examples
    draws = _gaussian(covariance)
    unit = np.eye(num_alphas)
    before, after = np.tril_indices(num_alphas)[::-1]
    contrasts = {"rise": [unit[after] - unit[before]]}
    if positions[0] == 0 and positions[-1] == 1:
        first, last = unit[0], unit[-1]
        line = (1 - positions)[:, None] * first + positions[:, None] * last
        contrasts |= {
            "chord": [unit - line],
            "mean": [unit - (first + last) / 2],
            "max": [unit - first, unit - last],
        }
    return {name: _of_maximum(parts, mean, covariance, draws) for name, parts in contrasts.items()}


def _of_maximum(parts: list[Array], mean: Array, covariance: Array, draws: Array) -> Interval:
    """The interval of max_j min_p (c_pj . mu), one band over all parts and positions."""
    stacked = np.concatenate(parts)
    errors = np.sqrt(np.maximum(np.einsum("ka,ab,kb->k", stacked, covariance, stacked), 0.0))
    errors[errors < 1e-12] = 0.0
    moving = errors > 0
    width = np.zeros_like(errors)
    if moving.any():
        ratios = np.abs(draws @ stacked[moving].T) / errors[moving]
        width[moving] = np.quantile(ratios.max(axis=1), LEVEL) * errors[moving]
    middle = stacked @ mean
    shape = (len(parts), len(parts[0]))
    low, high = ((middle + sign * width).reshape(shape).min(axis=0).max() for sign in (-1, 1))
    # No barrier is below 0, by its definition.
    return Interval(float(max(low, 0.0)), float(max(high, 0.0)))


def _gaussian(covariance: Array) -> Array:
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    generator = np.random.default_rng(derive(0, "interval"))
    return np.asarray(generator.standard_normal((_NUM_DRAWS, len(covariance))) @ root)
