"""The figures of each block in a list: barrier, interval, distance moved, criticality, and so on.

Plain data for the heat map, the table and the files of both front ends; nothing is drawn here.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lininterp_cli.errors import UnknownNameError
from lininterp_cli.landscape.curves.barrier import Barrier, Interval
from lininterp_cli.landscape.curves.curve import Curve, Metric, Series
from lininterp_cli.view.curves.critical import Critical
from lininterp_cli.view.curves.drawing import check

THRESHOLDS: dict[Metric, float] = {"loss": 0.1, "accuracy": 0.05}
"""Metric to the barrier from which a block counts as sensitive: nats of loss, a fraction of error."""

_STEPS = (1.0, 2.0, 5.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerRow:
    """One series of a curve: the whole network, or one block of it."""

    series: Series
    """Its measurements."""
    depth: int
    """Its index in the curve, which has the network's order."""
    costs: tuple[float, ...]
    """The loss in nats or the error as a fraction, at each alpha of the series."""
    barrier: Barrier | None
    """Its barrier; None where none is defined."""
    interval: Interval | None
    """The confidence interval of the barrier's height; None where it was not computed."""
    monotone: bool | None
    """Whether the costs never rise; None where missing values leave that undecided."""
    settled: float | None
    """The alpha from which on the costs stay near their final value, see `settled_from`."""
    critical: Critical | None
    """Its criticality; None where it was not measured."""
    is_high: bool
    """Whether the barrier is at or above the threshold."""

    @property
    def label(self) -> str:
        """The block's name, or `all`."""
        return self.series.label

    @property
    def height(self) -> float:
        """The barrier's height; 0 where there is none."""
        return 0.0 if self.barrier is None else self.barrier.height


def _mu(row: LayerRow) -> float:
    """Its criticality to sort by: 0 if it was not measured, infinite if no tried noise kept the error allowed."""
    return 0.0 if row.critical is None else math.inf if math.isnan(row.critical.mu) else row.critical.mu


SORTS: dict[str, Callable[[LayerRow], Any]] = {
    "depth": lambda row: row.depth,
    "barrier": lambda row: (row.barrier is None, -row.height, row.depth),
    "distance": lambda row: (math.isnan(row.series.distance), -row.series.distance, row.depth),
    "critical": lambda row: (row.critical is None, -_mu(row), row.depth),
    "name": lambda row: (row.label, row.depth),
}
"""Name of an order to its sort key; the whole network comes first in each order."""

COLUMNS = {
    "moved": "how far it moved in training: Euclidean distance over its parameters",
    "critical": "module criticality, where `lininterp measure criticality` was run: the least squared (part of the way "
    "kept x moved / noise) that leaves the training error small; the larger, the less it can go back",
    "settled": "the alpha from which on its loss (or error) is at most the threshold above its final value",
}
"""Column of a list of blocks to its description, for the help and the documentation."""


def layer_rows(
    curve: Curve,
    split: str,
    definition: str | None = None,
    *,
    metric: Metric = "loss",
    threshold: float | None = None,
    sort: str = "depth",
    within: Collection[str] | None = None,
    critical: Mapping[str, Critical] | None = None,
) -> list[LayerRow]:
    """The rows of a curve's series, sorted.

    Args:
        curve: The curve.
        split: `test` or `train`.
        definition: A key of BARRIERS; the curve's own default unless given.
        metric: `loss`, or `accuracy` for the error.
        threshold: Barrier from which on a block is sensitive, and tolerance of `settled_from`, in nats or as a
            fraction of error; that of THRESHOLDS unless given.
        sort: A key of SORTS.
        within: Labels of the series to take; all unless given.
        critical: Label to criticality, see `criticality_of`.

    Returns:
        The rows, the whole network first.

    Raises:
        UnknownNameError: If there is no such order; also for an unknown split or definition.
    """
    definition = check(curve, split, definition)
    if sort not in SORTS:
        raise UnknownNameError("order", sort, SORTS)
    limit = THRESHOLDS[metric] if threshold is None else threshold
    rows = [
        _row(curve, series, depth, split, definition, metric, limit, (critical or {}).get(series.label))
        for depth, series in enumerate(curve.series)
        if within is None or series.label in within
    ]
    key = SORTS[sort]
    return sorted(rows, key=lambda row: (row.series.block is not None, key(row)))


HEADS = ("block", "barrier", "low", "high", "alpha", "sensitive", "monotone", "settled", "distance", "critical")
"""Heads of the values of `cells`."""


def cells(row: LayerRow) -> list[Any]:
    """The figures of a row as plain data, for files and pipes.

    Args:
        row: The row.

    Returns:
        A value for each of HEADS; None where it is not known or not finite.
    """
    low, high = (None, None) if row.interval is None else (row.interval.low, row.interval.high)
    height, alpha = (None, None) if row.barrier is None else (row.barrier.height, row.barrier.alpha)
    distance = row.series.distance if math.isfinite(row.series.distance) else None
    critical = row.critical.mu if row.critical is not None and math.isfinite(row.critical.mu) else None
    return [row.label, height, low, high, alpha, row.is_high, row.monotone, row.settled, distance, critical]


def settled_from(alphas: Sequence[float], costs: Sequence[float], threshold: float) -> float | None:
    """The smallest measured alpha from which on no cost is more than a threshold above that at alpha 1.

    It is how far back towards its start a block can be moved, without noise.  The criticality of a module by
    Chatterji et al. demands more: the least of (alpha x distance / sigma)^2 over alpha and sigma, such that the
    expected training loss with Gaussian noise of that sigma on the module stays below a limit.  A curve file holds no
    losses under noise, so it cannot be computed from one.

    Args:
        alphas: Positions, ascending; only those in [0, 1] count.
        costs: Nats or fractions at the positions.
        threshold: In the same unit, 0 or more.

    Returns:
        The alpha: 0 where the block need not have moved, 1 where the cost at the next smaller one is already too high;
        None where the cost at alpha 1 is not measured or not finite.

    References:
        Chatterji, Neyshabur & Sedghi 2020, arXiv 1912.00528, definition of module criticality.

    Example:
        >>> settled_from([0.0, 0.5, 0.75, 1.0], [0.15, 0.9, 0.14, 0.1], 0.1)
        0.75
    """
    inside = [(alpha, cost) for alpha, cost in zip(alphas, costs, strict=True) if 0 <= alpha <= 1]
    if not inside or inside[-1][0] != 1 or not math.isfinite(inside[-1][1]):
        return None
    settled, end = inside[-1]
    for alpha, cost in reversed(inside):
        # A difference that equals the threshold in decimals may be above it by rounding.
        if not cost - end <= threshold + 1e-12:
            break
        settled = alpha
    return settled


def resample(
    alphas: Sequence[float], values: Sequence[float], low: float, high: float, columns: int
) -> list[float | None]:
    """Resample the values of one series to cells.

    A cell shows the largest of the values measured in it, so a barrier narrower than a cell is not lost; a cell
    without any shows the linear interpolation at its middle.  The middles of the first and the last cell are `low`
    and `high`.

    Args:
        alphas: Positions, ascending.
        values: Nats or fractions at the positions; NaN where they were not finite.
        low: The first cell's position.
        high: The last cell's position.
        columns: Number of cells, 1 or more.

    Returns:
        For each cell a value, NaN where a value measured in it is not finite, or None where it is unknown: beyond
        the measured positions, and between a value that is finite and one that is not.

    Example:
        >>> resample([0.0, 0.5, 0.55, 1.0], [1.0, 0.0, 3.0, 3.0], 0.0, 1.0, 5)
        [1.0, 0.5, 3.0, 3.0, 3.0]
    """
    span = high - low if high > low else 1.0
    cells: list[list[float]] = [[] for _ in range(columns)]
    for alpha, value in zip(alphas, values, strict=True):
        cells[min(max(0, round((alpha - low) / span * (columns - 1))), columns - 1)].append(value)
    middles = [low + span * column / max(1, columns - 1) for column in range(columns)]
    return [_worst(cell) if cell else _between(alphas, values, at) for cell, at in zip(cells, middles, strict=True)]


def threshold_words(threshold: float, metric: Metric) -> str:
    """A threshold with its unit, nats or percentage points of the error: `>= 0.1 nats`."""
    return f">= {threshold:g} nats" if metric == "loss" else f">= {100 * threshold:g} pp"


def next_threshold(threshold: float, direction: int) -> float:
    """The next round threshold: 1, 2 or 5 times a power of ten.

    Args:
        threshold: Above 0.
        direction: 1 for the next larger, -1 for the next smaller.

    Returns:
        A figure from 0.001 to 100.

    Example:
        >>> next_threshold(0.1, 1), next_threshold(0.1, -1), next_threshold(0.07, 1)
        (0.2, 0.05, 0.1)
    """
    ladder = [float(f"{step}e{power}") for power in range(-3, 2) for step in _STEPS] + [100.0]
    if direction > 0:
        return next((figure for figure in ladder if figure > threshold * (1 + 1e-9)), ladder[-1])
    return next((figure for figure in reversed(ladder) if figure < threshold * (1 - 1e-9)), ladder[0])


def _row(
    curve: Curve, series: Series, depth: int, split: str, definition: str, metric: Metric, threshold: float,
    critical: Critical | None,
) -> LayerRow:  # fmt: skip
    costs = series.splits[split].costs(metric)
    barrier = curve.barrier(series, split, definition, metric)
    return LayerRow(
        series=series,
        depth=depth,
        costs=costs,
        barrier=barrier,
        interval=series.interval(split, definition, metric),
        monotone=curve.is_monotone(series, split, metric),
        settled=settled_from(series.alphas, costs, threshold),
        critical=critical,
        is_high=barrier is not None and barrier.height >= threshold,
    )


def _worst(values: Sequence[float]) -> float:
    return max(values) if all(map(math.isfinite, values)) else math.nan


def _between(alphas: Sequence[float], values: Sequence[float], at: float) -> float | None:
    after = next((index for index, alpha in enumerate(alphas) if alpha > at), len(alphas))
    if not 0 < after < len(alphas):
        return None
    (left, right), (low, high) = alphas[after - 1 : after + 1], values[after - 1 : after + 1]
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    return low + (high - low) * ((at - left) / (right - left))
