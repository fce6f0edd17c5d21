"""Areas under the lines of a plot."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lininterp_cli.view.plots.grid import Kind
from lininterp_cli.view.plots.guard import Limits, is_drawable


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """An area between two lines."""

    xs: Sequence[float]
    """Positions, ascending."""
    lows: Sequence[float | None]
    """Lower ends; None, NaN and the infinities are gaps."""
    highs: Sequence[float | None]
    """Upper ends."""
    kind: Kind = "band"
    """Its meaning, which decides how it is shaded."""

    def values(self, window: tuple[float, float] | None) -> list[float]:
        """The lower and upper ends except None; with a window, only those at positions inside it."""
        first, last = window or (-math.inf, math.inf)
        ends = zip(self.xs, zip(self.lows, self.highs, strict=True), strict=True)
        return [value for x, pair in ends if first <= x <= last for value in pair if value is not None]

    def runs(self, x: Limits, y: Limits) -> list[list[tuple[float, float, float]]]:
        """The connected pieces, scaled to the limits.

        Args:
            x: Limits of the positions.
            y: Limits of the values; on a logarithmic axis, a lower end of 0 or less is placed below the plot.

        Returns:
            For each point of a piece its position, lower and upper end, each from 0 to 1 inside the limits.
        """
        runs: list[list[tuple[float, float, float]]] = [[]]
        for position, low, high in zip(self.xs, self.lows, self.highs, strict=True):
            if is_drawable(position) and is_drawable(low) and is_drawable(high, log=y.log):
                lower = y.place(low) if is_drawable(low, log=y.log) else -1.0  # type: ignore[arg-type]
                runs[-1].append((x.place(position), lower, y.place(high)))  # type: ignore[arg-type]
            elif runs[-1]:
                runs.append([])
        return [run for run in runs if run]
