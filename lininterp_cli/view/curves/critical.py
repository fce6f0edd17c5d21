"""The criticality of a curve's blocks, where it was measured."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.landscape.curves.measures import Criticality, Measure
from lininterp_cli.view.text import number


@dataclass(frozen=True, kw_only=True, slots=True)
class Critical:
    """The module criticality of a block."""

    mu: float
    """The criticality, see `BlockCriticality.mu`; NaN where no tried alpha and sigma kept the error allowed."""
    is_bound: bool = False
    """Whether `mu` is only an upper bound, as its sigma is the smallest or largest that was tried."""

    def words(self, *, ascii: bool) -> str:
        """The number, after a sign where it is a bound."""
        return (("<=" if ascii else "≤") if self.is_bound else "") + number(self.mu)


def criticality_of(curve: Curve, measures: Iterable[Measure]) -> dict[str, Critical]:
    """The criticality of a curve's blocks, from a measure between the same weights.

    Args:
        curve: The curve.
        measures: The measures of its run.

    Returns:
        Label to criticality; `all` is the sum, where every block of the curve has one.  Of several measures, the one
        with most blocks, then most examples, then most draws of noise, then the first name.
    """
    # Descriptions of ends state the hashes of their weights.
    fitting = [
        one
        for one in measures
        if isinstance(one, Criticality) and (one.by, one.start, one.end) == (curve.by, curve.start, curve.end)
    ]
    best = min(fitting, key=lambda one: (-len(one.blocks), -one.num_examples, -one.num_draws, one.name), default=None)
    if best is None:
        return {}
    known = {block: critical(one.mu, one.is_at_edge) for block, one in best.blocks.items()}
    if all(series.block is None or series.block in known for series in curve.series):
        known["all"] = critical(best.total, is_bound(best))
    return known


def critical(mu: float | None, is_at_edge: bool) -> Critical:
    """Convert a stored criticality; `mu` is None where no tried alpha and sigma kept the error allowed."""
    return Critical(mu=math.nan) if mu is None else Critical(mu=mu, is_bound=is_at_edge)


def is_bound(measure: Criticality) -> bool:
    """Whether some block's sigma is at the edge of the tried ones, so that the sum is only an upper bound."""
    return any(block.is_at_edge for block in measure.blocks.values())
