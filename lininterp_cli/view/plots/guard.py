"""Prepares measured numbers for drawing: limits, ticks, and lines cut to the unit square.

Diverged interpolations are normal data here, and plotext aborts the whole interpreter on a NaN or a value far
outside its limits.  So all points of a line that this module returns are finite and inside [0, 1] x [0, 1].
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOO_LARGE = 1e150
"""Larger values are not drawn, as arithmetic with them could overflow."""

_TOO_SMALL = 1e-150
"""Values up to this one have no place on a logarithmic axis."""

_OUTLIER = 20.0
"""A value more than this many times as far out as the bulk of the others is left out of the limits."""

_LEAP = 1000.0
"""A quantile more than this many times as large as the lowest one that is tried is diverged itself."""

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The part of one axis that is drawn."""

    low: float
    """Lower end, as measured."""
    high: float
    """Upper end, as measured."""
    log: bool = False
    """Whether the axis is logarithmic."""

    def place(self, value: float) -> float:
        """The position of a drawable value: 0 at the lower end, 1 at the upper end, beyond them outside; never NaN."""
        low, high, here = self._scaled(self.low), self._scaled(self.high), self._scaled(value)
        return (here - low) / (high - low)

    def places(self, values: Sequence[float | None]) -> list[float | None]:
        """The positions of many values; None for a value that is not drawable."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        least = _TOO_SMALL if self.log else -_TOO_LARGE
        known = [value if value is not None and least < value < _TOO_LARGE else None for value in values]
        if self.log:
            known = [None if value is None else math.log10(value) for value in known]
        return [None if value is None else (value - low) / (high - low) for value in known]

    def _scaled(self, value: float) -> float:
        return math.log10(value) if self.log else value


def is_drawable(value: float | None, *, log: bool = False) -> bool:
    """Whether a value has a place on an axis: finite, not too large, and above 0 if the axis is logarithmic."""
    return value is not None and math.isfinite(value) and abs(value) < _TOO_LARGE and not (log and value <= _TOO_SMALL)


def robust_limits(values: Sequence[float], *, log: bool = False, always: float = 0.0) -> Limits | None:
    """Limits that a few diverged values cannot stretch.

    A value is left out when it lies more than twenty times as far from a central value as three quarters of the
    others; where even that quantile is diverged, the next lower one counts.

    Args:
        values: Values, drawable or not.
        log: Whether the axis is logarithmic.
        always: Values up to this magnitude are always inside (unless `log`).

    Returns:
        The limits, a little wider than the values inside, or None where nothing is drawable.

    Example:
        >>> limits = robust_limits([2.3, 2.4, 2.5, 1e6, 0.1])
        >>> limits.low, round(limits.high, 1)
        (0.0, 2.6)
    """
    scale = math.log10 if log else float
    known = sorted(scale(value) for value in values if is_drawable(value, log=log))
    if not known:
        return None
    floor = 1.0 if log else always
    center = _settle([_quantile(known, share) for share in (0.5, 0.25, 0.1, 0.0)], floor)
    away = sorted(abs(value - center) for value in known)
    bulk = _settle([_quantile(away, share) for share in (0.75, 0.5, 0.25)], max(floor, abs(center)))
    reach = max(_OUTLIER * max(bulk, 0.5 if log else abs(center)), 0.0 if log else always)
    # Where nearly all values are 0, there is no scale by which another could be far away.
    kept = [value for value in known if abs(value - center) <= reach or (not log and abs(value) <= always)]
    kept = kept if reach > 0 else known
    low, high = kept[0], kept[-1]
    if high - low <= 1e-9 * max(abs(low), abs(high)) or high - low < 1e-140:
        # All equal: room for a flat line in the middle, however small or large its value is.
        pad = max(abs(high) * 0.1, 1e-3) if not log else 0.3
        low, high = low - pad, high + pad
    elif not log and 0 <= low < 0.3 * high:
        low, high = 0.0, high + 0.04 * high
    else:
        low, high = low - 0.04 * (high - low), high + 0.04 * (high - low)
    return Limits(low=10**low, high=10**high, log=True) if log else Limits(low=low, high=high)


def span(values: Sequence[float]) -> Limits | None:
    """Limits from the smallest to the largest value, for the axis of positions.

    Args:
        values: Positions; those that are not drawable are ignored.

    Returns:
        The limits, or None where nothing is drawable.
    """
    known = [value for value in values if is_drawable(value)]
    if not known:
        return None
    low, high = min(known), max(known)
    if high - low <= 1e-9 * max(abs(low), abs(high)) or high - low < 1e-140:
        pad = max(abs(low) * 0.1, 0.5)
        low, high = low - pad, high + pad
    return Limits(low=low, high=high)


def clip_runs(xs: Sequence[float], ys: Sequence[float | None], x: Limits, y: Limits) -> Iterator[list[Point]]:
    """Cut a line to the unit square, and break it where a value is missing.

    Args:
        xs: Positions.
        ys: Values, as many.
        x: Limits of the positions; points outside them are left out.
        y: Limits of the values; lines are cut where they cross them.

    Yields:
        Connected pieces, every point finite and inside [0, 1] x [0, 1].
    """
    run: list[Point] = []
    last: Point | None = None
    for across, up in zip(x.places(xs), y.places(ys), strict=True):
        if across is None or up is None or not 0 <= across <= 1:
            if run:
                yield run
            run, last = [], None
            continue
        point = (across, up)
        if run and last == run[-1] and 0 <= point[1] <= 1:
            # A shortcut for nearly all points: this one and the one before lie inside.
            run.append(point)
            last = point
            continue
        piece = [point] if last is None else _cut(last, point)
        if run and piece and piece[0] != run[-1]:
            yield run
            run = []
        if last is None or piece:
            inside = [one for one in piece if 0 <= one[1] <= 1]
            run = [*run, *(inside[1:] if run else inside)]
        if run and not 0 <= point[1] <= 1:
            yield run
            run = []
        last = point
    if run:
        yield run


def thin(run: list[Point], columns: int) -> list[Point]:
    """Keep only the visible points of a long line: in each column the first, lowest, highest and last.

    Args:
        run: Points inside the unit square.
        columns: Columns of the canvas, 1 or more.

    Returns:
        At most four points a column, in order.
    """
    if len(run) <= 4 * columns:
        return run
    kept: list[Point] = []
    column: list[Point] = []
    for point in [*run, None]:
        if point is None or (column and round(point[0] * columns) != round(column[0][0] * columns)):
            low, high = min(column, key=lambda one: one[1]), max(column, key=lambda one: one[1])
            wanted = {id(one) for one in (column[0], low, high, column[-1])}
            kept += [one for one in column if id(one) in wanted]
            column = []
        if point is not None:
            column.append(point)
    return kept


def ticks(limits: Limits, most: int) -> list[tuple[float, str]]:
    """Round numbers inside the limits, a step of 1, 2 or 5 apart (powers of ten on a logarithmic axis).

    Args:
        limits: The axis.
        most: Largest number of them, 2 or more.

    Returns:
        Values, as measured, with their labels, ascending.

    Example:
        >>> [label for _, label in ticks(Limits(low=0, high=2.6), 5)]
        ['0', '1', '2']
        >>> [label for _, label in ticks(Limits(low=0.01, high=200, log=True), 9)]
        ['0.01', '0.1', '1', '10', '100']
    """
    if limits.log:
        return _log_ticks(limits, most)
    width = limits.high - limits.low
    step = _round_step(width / (2 * most))
    while math.floor(limits.high / step + 1e-9) - math.ceil(limits.low / step - 1e-9) >= most:
        step = _round_step(1.5 * step)
    first, last = math.ceil(limits.low / step - 1e-9), math.floor(limits.high / step + 1e-9)
    values = [index * step for index in range(first, last + 1)]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    far = max(abs(limits.low), abs(limits.high))
    if far >= 1e5 or (far < 1e-2 and decimals > 4) or decimals > 6:
        digits = min(6, max(0, math.floor(math.log10(far) + 1e-9) - math.floor(math.log10(step) + 1e-9)))
        return [(value, f"{value:.{digits}e}") for value in values[:most]]
    return [(value, f"{value:.{decimals}f}" if value else "0") for value in values[:most]]


def _log_ticks(limits: Limits, most: int) -> list[tuple[float, str]]:
    low, high = math.floor(math.log10(limits.low)), math.ceil(math.log10(limits.high))
    inside: list[float] = []
    for factors in ((1, 2, 5), (1,)):
        values = [factor * 10.0**power for power in range(low, high + 1) for factor in factors]
        inside = [value for value in values if limits.low <= value <= limits.high]
        if len(inside) <= most:
            break
    if len(inside) < 2:
        # Less than a decade: round steps are more useful than one power of ten.
        return [tick for tick in ticks(Limits(low=limits.low, high=limits.high), most) if tick[0] > 0]
    inside = inside[:: -(-len(inside) // most)]
    return [(value, f"{value:.3g}" if 1e-4 < value < 1e5 else f"{value:.0e}") for value in inside]


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= rough * (1 - 1e-9)), 10 * power)


def _settle(quantiles: list[float], floor: float) -> float:
    """The first quantile that is not _LEAP times as large as the last, which diverged values affect least."""
    allowed = _LEAP * max(abs(quantiles[-1]), floor, 1e-12)
    return next((quantile for quantile in quantiles if abs(quantile) <= allowed), quantiles[-1])


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[int(share * (len(ordered) - 1))]


def _cut(start: Point, end: Point) -> list[Point]:
    """The part of a segment whose height is in [0, 1]; empty where there is none."""
    (x0, y0), (x1, y1) = start, end
    if max(y0, y1) < 0 or min(y0, y1) > 1:
        return []
    rise = y1 - y0
    if rise == 0:
        return [start, end]
    first, last = sorted(((0 - y0) / rise, (1 - y0) / rise))
    first, last = max(0.0, first), min(1.0, last)

    def at(share: float) -> Point:
        if share in {0.0, 1.0}:
            return start if share == 0.0 else end
        return min(1.0, max(0.0, x0 + (x1 - x0) * share)), min(1.0, max(0.0, y0 + rise * share))

    return [at(first), at(last)]
