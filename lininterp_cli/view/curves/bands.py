"""Areas under the lines of a plot: the uncertainty of a curve, and the part of a path that forms its barrier.

The caller states which interval an area shows; only the standard error of a fraction is estimated here.
"""

import math
from collections.abc import Sequence

from lininterp_cli.landscape.curves.barrier import BARRIERS, baseline
from lininterp_cli.landscape.curves.curve import Values
from lininterp_cli.view.curves.quantity import Quantity, shown_values
from lininterp_cli.view.plots.band import Band

NUM_ERRORS = 1.96
"""Standard errors to either side of the mean that cover 95 % of a normal distribution."""


def standard_errors(values: Values, quantity: Quantity) -> list[float]:
    """The standard error of a quantity at each alpha.

    Args:
        values: One split's measurements.
        quantity: The quantity.

    Returns:
        For the loss as stored, in nats; for a fraction p of n examples sqrt(p (1 - p) / n), NaN where p is unknown.
    """
    if quantity == "loss":
        return list(values.loss_stderr)
    count = max(1, values.num_examples)
    return [math.sqrt(p * (1 - p) / count) if 0 <= p <= 1 else math.nan for p in values.accuracy]


def error_band(alphas: Sequence[float], values: Values, quantity: Quantity) -> Band:
    """The area of 1.96 standard errors on either side of a curve.

    Args:
        alphas: Positions.
        values: One split's measurements.
        quantity: The quantity of the curve.

    Returns:
        The area; that of a fraction is clipped to [0, 1].
    """
    middle, reach = shown_values(values, quantity), standard_errors(values, quantity)
    lows = [value - NUM_ERRORS * error for value, error in zip(middle, reach, strict=True)]
    highs = [value + NUM_ERRORS * error for value, error in zip(middle, reach, strict=True)]
    if quantity != "loss":
        lows, highs = [max(0.0, one) for one in lows], [min(1.0, one) for one in highs]
    return Band(xs=alphas, lows=lows, highs=highs)


def spread_band(paths: Sequence[tuple[Sequence[float], Sequence[float]]]) -> tuple[Band, list[float]] | None:
    """The area from the lowest to the highest of several curves, and their mean.

    Args:
        paths: Alphas and values of each curve.

    Returns:
        The area and the mean at the alphas that all of them have, NaN where one of them is not finite; None where
        they have fewer than two alphas in common.
    """
    known = [dict(zip(alphas, values, strict=True)) for alphas, values in paths]
    common = sorted(set.intersection(*(set(one) for one in known))) if known else []
    if len(common) < 2:
        return None
    columns = [[one[alpha] for one in known] for alpha in common]
    whole = [column if all(map(math.isfinite, column)) else [math.nan] for column in columns]
    band = Band(xs=common, lows=[min(one) for one in whole], highs=[max(one) for one in whole])
    # A sum of diverged losses can overflow, so each is divided first.
    return band, [math.fsum(value / len(one) for value in one) for one in whole]


def barrier_band(definition: str, alphas: Sequence[float], costs: Sequence[float], quantity: Quantity) -> Band | None:
    """The area between a curve and the baseline of its barrier, around the barrier's top.

    Args:
        definition: A key of BARRIERS.
        alphas: Positions, ascending.
        costs: Losses or errors.
        quantity: The quantity that is drawn; for `accuracy`, the area is turned upside down.

    Returns:
        For `rise` the part from the last minimum up to the top, else the part around the top that is above the
        baseline; None where there is no barrier.
    """
    top = BARRIERS[definition](alphas, costs)
    if top is None or top.height <= 0:
        return None
    floor = baseline(definition, alphas, costs)
    at = alphas.index(top.alpha)
    if definition == "rise":
        # After the top the path is still above its minimum, but that is not part of this rise.
        stop = at + 1
        start = max(place for place in range(at + 1) if costs[place] == floor[at])
        level = [floor[at]] * len(alphas)
    else:
        start, stop, level = at, at + 1, floor
        while start > 0 and costs[start] > level[start]:
            start -= 1
        while stop < len(alphas) and costs[stop - 1] > level[stop - 1]:
            stop += 1
    part = slice(start, stop)
    ends = [sorted(_as_shown(pair, quantity)) for pair in zip(level[part], costs[part], strict=True)]
    return Band(xs=alphas[part], lows=[low for low, _ in ends], highs=[high for _, high in ends], kind="barrier")


def _as_shown(costs: tuple[float, float], quantity: Quantity) -> tuple[float, ...]:
    return tuple(1 - cost for cost in costs) if quantity == "accuracy" else costs
