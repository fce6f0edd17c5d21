"""The search for the cheapest point of a grid that is allowed; what a point's error is comes from outside.

A point costs alpha / sigma, the square root of module criticality up to a block's constant.  Never torch.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_NUM_ABREAST = 8
"""Points of one block that are judged at a time, so that blocks share passes and few points are judged in vain."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One point of a block's grid."""

    block: str
    """The block that moves."""
    alpha: float
    """Where it is between its initial and its final state."""
    ratio: float
    """Sigma in units of the block's own, above 0; 0 for no noise."""

    @property
    def cost(self) -> float:
        """What is to be small: alpha / sigma, 0 where there is no noise, which may be as small as one likes."""
        return self.alpha / self.ratio if self.ratio else 0.0


Judge = Callable[[Sequence[Spot]], Mapping[Spot, float]]
"""From points to the errors of those that are allowed."""


def grid(block: str, alphas: Sequence[float], ratios: Sequence[float]) -> list[Spot]:
    """A block's points, the cheapest first.

    Args:
        block: The block.
        alphas: Positions; one at 0 is tried without noise.
        ratios: Sigmas, above 0.

    Returns:
        The points; of equal ones the one with the smaller alpha is first.

    Example:
        >>> [(spot.alpha, spot.ratio) for spot in grid("fc", (0.0, 0.5, 1.0), (1.0, 4.0))]
        [(0.0, 0.0), (0.5, 4.0), (1.0, 4.0), (0.5, 1.0), (1.0, 1.0)]
    """
    still = [Spot(block, 0.0, 0.0)] if 0.0 in alphas else []
    noisy = [Spot(block, alpha, ratio) for alpha in alphas if alpha for ratio in ratios]
    return still + sorted(noisy, key=lambda spot: (spot.cost, spot.alpha))


def cheapest(grids: Mapping[str, Sequence[Spot]], judge: Judge) -> Iterator[tuple[int, dict[str, tuple[Spot, float]]]]:
    """Find the first point of each grid that is allowed; all before it are judged, and few behind it.

    Args:
        grids: Block to its points, the cheapest first.
        judge: Tells which of some points are allowed.

    Yields:
        How many points are decided, and of each block that is done its point and the point's error; a block that
        has none is not in it.
    """
    waiting = {block: list(spots) for block, spots in grids.items()}
    total, found = sum(map(len, waiting.values())), dict[str, tuple[Spot, float]]()
    while any(waiting.values()):
        fronts = {block: spots[:_NUM_ABREAST] for block, spots in waiting.items()}
        allowed = judge([spot for front in fronts.values() for spot in front])
        for block, front in fronts.items():
            first = next((spot for spot in front if spot in allowed), None)
            if first is not None:
                found[block] = first, allowed[first]
            waiting[block] = waiting[block][_NUM_ABREAST:] if first is None else []
        yield total - sum(map(len, waiting.values())), dict(found)
