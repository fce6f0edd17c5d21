"""Confidence intervals of barriers, from the same examples at every alpha; maximum and repeated looks are allowed for.

A barrier is a maximum over alphas of contrasts of mean losses.  The lower bounds of all contrasts hold simultaneously,
so picking the largest does not invalidate its bound; above, the bound of the truly largest is enough, whichever it is.
The examples are paired, so that the part of a loss which an example has at every alpha cancels.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lininterp_cli.landscape.curves.barrier import BARRIERS, LARGEST_LOSS, Interval
from lininterp_cli.landscape.intervals.contrasts import Listed, Rises, largest_rises
from lininterp_cli.landscape.intervals.looks import critical_value

LEVEL = 0.95
"""Confidence level."""

UNSEEN = 9.0
"""Nats that an example unlike any in the sample is assumed to be off: its label has a probability of 1 in 8,000.

The smallest value at which, in simulations, intervals cover rare losses of 20 nats as often as promised where a
measurement stops at 0.05 nats; with a larger one, paths of low variance need more examples."""

METHOD = (
    "95 % intervals from paired per-example losses: lower bound simultaneous over alphas (max-t), upper bound of the "
    "largest contrast (Chernozhukov, Lee & Rosen 2013); each path and definition on its own; they speak of the "
    "population the examples were drawn from: where the whole split was used, of the one the split was drawn from; "
    f"assumed of losses: what was not seen counts as u^2 examples that are {UNSEEN:g} nats off, where the bound of one "
    "contrast is u standard errors (after the rule of three, Hanley & Lippman-Hand 1983); rarer or larger losses "
    "escape, since without a largest loss no interval of a mean holds for all populations (Bahadur & Savage 1956)"
)
"""Description of the intervals in a curve's file."""
METHOD_OF_LOOKS = (
    "simultaneous over all planned looks (Pocock 1977), so that they hold wherever the measurement stopped; where that "
    "was between two of them, or is a preview, it counts as one more"
)
"""Added to the description if looks were planned."""
METHOD_OF_ERRORS = "variances of 0/1 errors with t^2 pseudo-examples that disagree (after Agresti & Min 2005)"
"""Added to the description if intervals of errors are in the file."""

_TAIL = (1 - LEVEL) / 2

_ONE = Listed(np.ones((1, 1)))
"""A single contrast."""

Array = NDArray[np.float64]


def intervals(
    alphas: Sequence[float],
    losses: Array,
    planned: tuple[int, ...] = (),
    *,
    definitions: Collection[str] = tuple(BARRIERS),
    binary: bool = False,
) -> dict[str, Interval]:
    """Confidence intervals of the barriers of one path.

    A barrier is a maximum of contrasts mu_k = c_k . E[loss].  The interval is from max_k (mean_k - t se_k) to
    max_k (mean_k + u se_k).  Its lower bound fails only if some mean_k - mu_k > t se_k, where t is the multiple that no
    contrast exceeds at any look; its upper bound only if mu_k - mean_k > u se_k for the truly largest mu_k, where u is
    the multiple that a single contrast does not exceed at any look.  Each fails with the probability (1 - LEVEL) / 2,
    in the limit of many examples.

    Rare examples may be missing from the sample; `_pseudo` describes how the bounds account for them.

    Args:
        alphas: Positions, ascending; only those in [0, 1] count.
        losses: The loss of each example at each position, (N, A), nats, or its error, 0 or 1; a position where one is
            not finite, or is LARGEST_LOSS or more, is skipped.
        planned: Numbers of examples at all planned looks, ascending, future ones and N included; empty if N was fixed
            beforehand and there is a single look.
        definitions: The barrier definitions to compute.
        binary: Whether `losses` are errors.

    Returns:
        Definition to interval; empty for fewer than two examples, without `chord`, `mean` and `max` if an end is not
        measured.

    Raises:
        ValueError: If N is not one of the planned looks.

    References:
        Chernozhukov, Lee & Rosen 2013, doi 10.3982/ECTA8718, for bounds of a maximum; Pocock 1977,
        doi 10.1093/biomet/64.2.191, for the looks.
    """
    num_examples = len(losses)
    planned = planned or (num_examples,)
    if num_examples not in planned:
        raise ValueError(f"{num_examples} examples are none of the planned looks {planned}")
    positions, measured = np.asarray(alphas, dtype=np.float64), np.asarray(losses, dtype=np.float64)
    use = (np.abs(measured) < LARGEST_LOSS).all(axis=0) & (positions >= 0) & (positions <= 1)
    if num_examples < 2 or not use.any():
        return {}
    # The weights of a contrast sum to 0, so a number subtracted from an example's losses cancels; this makes that
    # exact.  The least loss is ordinary even where other positions have exploded; a mean would not be.
    measured = measured[:, use]
    sample = _sample(measured - measured.min(axis=1, keepdims=True), binary)
    found = {"rise": _rise(sample).interval(planned)} if "rise" in definitions else {}
    parts = {name: some for name, some in _parts(positions[use]).items() if name in definitions}
    return found | {name: _listed(sample, some).interval(planned) for name, some in parts.items()}


@dataclass(frozen=True, slots=True)
class _Sample:
    """Estimates of the means at A positions."""

    num_examples: int
    centre: Array
    """The means, (A,)."""
    root: Array
    """A root of the covariance of the means, (A, rank)."""
    far: Array | None
    """The deviations of examples that range over more than UNSEEN, (F, A); None for errors."""


def _sample(values: Array, binary: bool) -> _Sample:
    centre = values.mean(axis=0)
    deviations = values - centre
    root = _root(deviations) / math.sqrt(len(values))
    return _Sample(len(values), centre, root, None if binary else deviations[np.ptp(deviations, axis=1) > UNSEEN])


def _rise(sample: _Sample) -> "_Estimates":
    rises, differs = Rises(sample.root), np.tri(len(sample.centre), k=-1, dtype=bool)
    heights = sample.centre[:, None] - sample.centre
    heights[np.triu_indices_from(heights, k=1)] = -np.inf
    largest = None if sample.far is None else largest_rises(sample.far)
    pseudo = _pseudo(sample.num_examples, differs, largest)
    return _Estimates(rises, heights[None], rises.errors, *pseudo)


def _listed(sample: _Sample, parts: list[Array]) -> "_Estimates":
    weights = np.concatenate(parts)
    listed, differs = Listed(weights @ sample.root), np.asarray(weights.any(axis=1))
    largest = None if sample.far is None else np.abs(sample.far @ weights.T).max(axis=0, initial=0.0)
    heights = (weights @ sample.centre).reshape(len(parts), -1)
    return _Estimates(listed, heights, listed.errors, *_pseudo(sample.num_examples, differs, largest))


def _parts(positions: Array) -> dict[str, list[Array]]:
    """Definition to parts of shape (A, A): the barrier is the maximum over k of the minimum over p of c_pk . mean."""
    if positions[0] != 0 or positions[-1] != 1:
        return {}
    unit = np.eye(len(positions))
    first, last = unit[0], unit[-1]
    line = (1 - positions)[:, None] * first + positions[:, None] * last
    return {"chord": [unit - line], "mean": [unit - (first + last) / 2], "max": [unit - first, unit - last]}


def _pseudo(num_examples: int, differs: NDArray[np.bool_], largest: Array | None) -> tuple[Array, Array]:
    """The effect of a pseudo-example on each mean: of one added to the sample, and of one in a sample of these alone.

    The variance of a sample does not reflect rare examples that are missing from it.  They are represented by t^2 (u^2)
    pseudo-examples, half of them off by s and half by -s:

    - Errors of 0 and 1 may agree on all examples and still differ by s = 1 in the population.  The pseudo-examples
      are added to the variance; with no disagreement in N examples, the bound is t^2 / N.
    - Losses have no largest value.  No bound is nearer than that of pseudo-examples alone with s = UNSEEN, u^2 s / N:
      N examples may well miss an event of probability 3.7 / N.  If some are farther off than UNSEEN, s is the largest
      deviation, and pseudo-examples are added as for errors: the population may hold more such examples.

    This was checked for populations with up to 1 in 200 examples up to 20 nats off; no method holds for every
    population of losses.

    Args:
        num_examples: N.
        differs: Which contrasts have any weights other than 0.
        largest: The largest deviation of each contrast among the far examples, nats; None for errors.

    Returns:
        Both effects, for each contrast; 0 if there is none.

    References:
        Agresti & Min 2005, doi 10.1002/sim.1781, who add two examples at u = 1.96, where t^2 is four as in Agresti &
        Coull 1998, doi 10.1080/00031305.1998.10480550; Hanley & Lippman-Hand 1983,
        doi 10.1001/jama.1983.03330370053031, for missing events; Bahadur & Savage 1956,
        doi 10.1214/aoms/1177728077, for what no method can do.
    """
    if largest is None:
        return differs / num_examples, np.zeros(differs.shape)
    return np.where(largest > UNSEEN, largest, 0.0) / num_examples, differs * UNSEEN / num_examples


@dataclass(frozen=True, slots=True)
class _Estimates:
    """Estimates of the contrasts that a barrier is the maximum of."""

    contrasts: Listed | Rises
    heights: Array
    """The estimates, (P, ...): the barrier is the maximum of the minimum over P parts."""
    errors: Array
    """Their standard errors."""
    added: Array
    """The effect on each of a pseudo-example added to the sample."""
    alone: Array
    """The effect on each of a pseudo-example in a sample of pseudo-examples alone."""

    def interval(self, planned: tuple[int, ...]) -> Interval:
        """The confidence interval of the barrier."""
        # The upper bound of a minimum of two parts holds if those of both do: each may fail half as often.
        above = critical_value(_ONE, planned, _TAIL / len(self.heights))
        below = critical_value(self.contrasts, planned, _TAIL) if len(self.contrasts) else above

        def away(multiple: float) -> Array:
            near = multiple * np.hypot(self.errors, multiple * self.added)
            # A missing example is missing from all contrasts at once, so their number needs no correction.
            return np.maximum(near, above**2 * self.alone).reshape(self.heights.shape)

        low = (self.heights - away(below)).min(axis=0).max()
        high = (self.heights + away(above)).min(axis=0).max()
        # No barrier is below 0, by its definition.
        return Interval(float(max(low, 0.0)), float(max(high, 0.0)))


def _root(deviations: Array) -> Array:
    """R with R R^T = the covariance of deviations of shape (N, A); the shape of R is (A, rank)."""
    # Correlations are decomposed: rounding at a position whose losses have exploded would hide the other positions.
    spreads = np.sqrt(np.square(deviations).sum(axis=0) / (len(deviations) - 1))
    units = deviations / np.where(spreads > 0, spreads, 1.0)
    values, vectors = np.linalg.eigh(units.T @ units / (len(deviations) - 1))
    used = values > max(float(values[-1]), 0.0) * 1e-14
    return np.asarray(spreads[:, None] * vectors[:, used] * np.sqrt(values[used]))
