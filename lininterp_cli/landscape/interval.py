"""How sure a barrier is: intervals from the same examples at every alpha, honest about the maximum and about looking.

A barrier is a maximum over alphas of contrasts of mean losses.  From below, all contrasts get one simultaneous bound,
so that picking the largest costs nothing; from above, the bound of the truly largest is enough, whichever it is.  The
examples are paired, so that what is hard everywhere cancels.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from lininterp_cli.landscape.barrier import BARRIERS, Interval
from lininterp_cli.landscape.contrasts import Listed, Rises
from lininterp_cli.landscape.looks import critical_value

LEVEL = 0.95
"""Confidence."""

METHOD = (
    "95 % intervals from paired per-example losses: lower bound simultaneous over alphas (max-t), upper bound of the "
    "largest contrast (Chernozhukov, Lee & Rosen 2013); each path and definition on its own; they speak of the "
    "population the examples were drawn from: where the whole split was used, of the one the split was drawn from"
)
"""What is said of the intervals in a curve's file."""
METHOD_OF_LOOKS = (
    "simultaneous over all planned looks (Pocock 1977), so that they hold wherever the measurement stopped"
)
"""What is said besides where looks were planned."""
METHOD_OF_ERRORS = "variances of 0/1 errors with t^2 pseudo-examples that disagree (after Agresti & Min 2005)"
"""What is said besides where intervals of errors are in the file."""

_TAIL = (1 - LEVEL) / 2

_ONE = Listed(np.ones((1, 1)))
"""A contrast on its own."""

Array = NDArray[np.float64]


def intervals(
    alphas: Sequence[float],
    losses: Array,
    planned: tuple[int, ...] = (),
    *,
    definitions: Collection[str] = tuple(BARRIERS),
    binary: bool = False,
) -> dict[str, Interval]:
    """Intervals of the barriers of one path.

    A barrier is a maximum of contrasts mu_k = c_k . E[loss].  The interval is from max_k (mean_k - t se_k) to
    max_k (mean_k + u se_k).  It fails below only where some mean_k - mu_k > t se_k: t is the multiple that no contrast
    exceeds at any look.  It fails above only where mu_k - mean_k > u se_k for the k that is truly largest: u is the
    multiple that one contrast does not exceed at any look.  Each has the probability (1 - LEVEL) / 2, in the limit of
    many examples.

    Errors of 0 and 1 may agree on all examples that were seen and still differ in the population.  Their variances
    get t^2 (u^2) more examples, half of them with a difference of 1 and half with -1: with no disagreement in N
    examples, the bound is t^2 / N.

    Args:
        alphas: Positions, ascending; only those in [0, 1] count.
        losses: The loss of each example at each position, (N, A), nats, or its error, 0 or 1; a position where one is
            not finite is passed over.
        planned: Numbers of examples at all looks, those to come too, ascending and with N among them; empty where
            N was fixed beforehand and is looked at once.
        definitions: The barriers that are asked for.
        binary: Whether `losses` are errors.

    Returns:
        Definition to interval; empty for fewer than two examples, without `chord`, `mean` and `max` where an end is
        not measured.

    Raises:
        ValueError: N is no planned look.

    References:
        Chernozhukov, Lee & Rosen 2013, doi 10.3982/ECTA8718, for bounds of a maximum; Pocock 1977,
        doi 10.1093/biomet/64.2.191, for the looks; Agresti & Min 2005, doi 10.1002/sim.1781, who add two examples at
        u = 1.96, where t^2 is four as in Agresti & Coull 1998, doi 10.1080/00031305.1998.10480550.
    """
    num_examples = len(losses)
    planned = planned or (num_examples,)
    if num_examples not in planned:
        raise ValueError(f"{num_examples} examples are none of the planned looks {planned}")
    positions = np.asarray(alphas, dtype=np.float64)
    use = np.isfinite(losses).all(axis=0) & (positions >= 0) & (positions <= 1)
    if num_examples < 2 or not use.any():
        return {}
    # Every contrast sums to 0, so what an example has in common over all positions drops out: here, exactly.
    measured = losses[:, use].astype(np.float64)
    values = measured - measured.mean(axis=1, keepdims=True)
    centre = values.mean(axis=0)
    root = _root((values - centre).T @ (values - centre) / (num_examples - 1) / num_examples)
    floor = 1 / num_examples if binary else 0.0
    found: dict[str, Interval] = {}
    if "rise" in definitions:
        rises = Rises(root)
        heights = np.where(np.tri(len(centre), dtype=bool), centre[:, None] - centre, -np.inf)
        floors = np.where(np.tri(len(centre), k=-1, dtype=bool), floor, 0.0)
        found["rise"] = _of_maximum(rises, heights[None], rises.errors[None], floors[None], planned)
    for name, parts in _over_ends(positions[use]).items():
        if name in definitions:
            contrasts = np.concatenate(parts)
            listed, shape = Listed(contrasts @ root), (len(parts), -1)
            heights, floors = contrasts @ centre, np.where(contrasts.any(axis=1), floor, 0.0)
            sizes = heights.reshape(shape), listed.errors.reshape(shape), floors.reshape(shape)
            found[name] = _of_maximum(listed, *sizes, planned)
    return found


def _over_ends(positions: Array) -> dict[str, list[Array]]:
    """Definition to parts of shape (A, A): the barrier is the largest over k of the least part c_pk . mean."""
    if positions[0] != 0 or positions[-1] != 1:
        return {}
    unit = np.eye(len(positions))
    first, last = unit[0], unit[-1]
    line = (1 - positions)[:, None] * first + positions[:, None] * last
    return {"chord": [unit - line], "mean": [unit - (first + last) / 2], "max": [unit - first, unit - last]}


def _of_maximum(
    contrasts: Listed | Rises, heights: Array, errors: Array, floors: Array, planned: tuple[int, ...]
) -> Interval:
    """The interval of max_k min_p of contrasts: heights, errors, weights of a pseudo-example, (P, ...) each."""
    # The least of two parts is safe from above where both are: each may fail half as often.
    above = critical_value(_ONE, planned, _TAIL / len(heights))
    below = critical_value(contrasts, planned, _TAIL) if len(contrasts) else above
    low, high = (
        (heights + multiple * np.hypot(errors, multiple * floors)).min(axis=0).max() for multiple in (-below, above)
    )
    # No barrier is below 0, by its definition.
    return Interval(float(max(low, 0.0)), float(max(high, 0.0)))


def _root(covariance: Array) -> Array:
    """R with R R^T = covariance, (A, rank)."""
    values, vectors = np.linalg.eigh(covariance)
    used = values > max(float(values[-1]), 0.0) * 1e-14
    return np.asarray(vectors[:, used] * np.sqrt(values[used]))
