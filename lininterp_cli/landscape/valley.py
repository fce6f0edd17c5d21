"""Search for the cheapest allowed point of a grid; the caller computes the points' errors.

A point costs alpha / sigma, the square root of module criticality up to a constant of the block.  Never torch.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_NUM_ABREAST = 8
"""Points of one block that are judged at a time, so that blocks share passes and few points are judged needlessly."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One point of a block's grid."""

    block: str
    """The block that moves."""
    alpha: float
    """Its position between its initial (0) and its final (1) state."""
    ratio: float
    """Sigma in the block's own unit, above 0; 0 for no noise."""

    @property
    def cost(self) -> float:
        """The cost to minimise: alpha / ratio; 0 without noise, where mu is 0 for any sigma, however small."""
        return self.alpha / self.ratio if self.ratio else 0.0


Judge = Callable[[Sequence[Spot]], Mapping[Spot, float]]
"""Takes points, returns the errors of those that are allowed."""


def grid(block: str, alphas: Sequence[float], ratios: Sequence[float]) -> list[Spot]:
    """A block's points, the cheapest first.

    Args:
        block: The block.
        alphas: Positions; one at 0 is tried without noise.
        ratios: Sigmas in the block's own unit, above 0.

    Returns:
        The points; of equally cheap ones the one with the smaller alpha is first.

    Example:
        >>> [(spot.alpha, spot.ratio) for spot in grid("fc", (0.0, 0.5, 1.0), (1.0, 4.0))]
        [(0.0, 0.0), (0.5, 4.0), (1.0, 4.0), (0.5, 1.0), (1.0, 1.0)]
    """
    still = [Spot(block, 0.0, 0.0)] if 0.0 in alphas else []
    noisy = [Spot(block, alpha, ratio) for alpha in alphas if alpha for ratio in ratios]
    return still + sorted(noisy, key=lambda spot: (spot.cost, spot.alpha))


def cheapest(grids: Mapping[str, Sequence[Spot]], judge: Judge) -> Iterator[tuple[int, dict[str, tuple[Spot, float]]]]:
    """Find the first allowed point of each grid; all points before it are judged, and few after it.

    Args:
        grids: The points of each block, the cheapest first.
        judge: Returns the errors of those points that are allowed.

    Yields:
        How many points are decided, and the point and its error of each block where an allowed one was found.
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
