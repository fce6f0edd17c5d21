"""How critical the blocks of a curve are, as far as that was measured."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from lininterp_cli.landscape.curve import Curve
from lininterp_cli.landscape.measures import Criticality, Measure
from lininterp_cli.view.ends import endpoint_names
from lininterp_cli.view.text import number


@dataclass(frozen=True, kw_only=True, slots=True)
class Critical:
    """How critical a block is."""

    mu: float
    """Its criticality, see `BlockCriticality.mu`; NaN where nothing that was tried is good enough."""
    is_bound: bool = False
    """Whether it may be smaller: the best of what was tried lies at the edge of that."""

    def words(self, *, ascii: bool) -> str:
        """The number, behind a sign where it is a bound."""
        return (("<=" if ascii else "≤") if self.is_bound else "") + number(self.mu)


def criticality_of(curve: Curve, measures: Iterable[Measure]) -> dict[str, Critical]:
    """How critical the blocks of a curve are, where that was measured between the same ends.

    Args:
        curve: The curve.
        measures: A run's.

    Returns:
        Label to criticality, that of the whole network being the sum.  Of several measures that of most blocks, on most
        examples and draws of noise, then the first by name.
    """
    fitting = [
        one
        for one in measures
        if isinstance(one, Criticality) and one.by == curve.by and endpoint_names(one) == endpoint_names(curve)
    ]
    best = min(fitting, key=lambda one: (-len(one.blocks), -one.num_examples, -one.num_draws, one.name), default=None)
    if best is None:
        return {}
    known = {block: critical(one.mu, one.is_at_edge) for block, one in best.blocks.items()}
    if all(series.block is None or series.block in known for series in curve.series):
        known["all"] = critical(best.total, is_bound(best))
    return known


def critical(mu: float | None, is_at_edge: bool) -> Critical:
    """A criticality as it was measured: None where nothing that was tried is good enough."""
    return Critical(mu=math.nan) if mu is None else Critical(mu=mu, is_bound=is_at_edge)


def is_bound(measure: Criticality) -> bool:
    """Whether a sigma lies at the edge of what was tried, so that beyond it the criticality may be smaller."""
    return any(block.is_at_edge for block in measure.blocks.values())
