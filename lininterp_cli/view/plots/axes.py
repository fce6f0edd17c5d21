"""Lines, marks and axes of a plot, as data: `plot` draws them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lininterp_cli.view.plots.band import Band


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a plot."""

    label: str
    """Its name in the legend; empty to leave it out."""
    xs: Sequence[float]
    """Positions, ascending."""
    ys: Sequence[float | None]
    """Values, as many; None, NaN and the infinities are gaps with an `x` on the axis."""
    color: str | None = None
    """`#rrggbb`; None is the terminal's own foreground."""
    letter: str | None = None
    """One ASCII character that stands on the line and in the legend; None for no letter."""
    emphasis: Literal["dim", "normal", "bold"] = "normal"
    """How strongly it is drawn."""
    stroke: Literal["solid", "dashed", "dotted"] = "solid"
    """The kind of stroke; a dotted line lies under all others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A point on a line that the frame points to."""

    x: float
    """Position."""
    y: float
    """Value."""
    text: str
    """The words beside the pointer."""
    foot: float | None = None
    """Value that the height is measured from, to which a line leads; None for no line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Axes:
    """Title, axes, areas and remarks of a plot."""

    title: str = ""
    """The line above the frame."""
    x_ticks: Sequence[tuple[float, str]] | None = None
    """Positions with their labels; round numbers unless given."""
    x_label: str = ""
    """Name of the positions, shown if there is room beside the ticks."""
    log: bool = False
    """Whether the value axis is logarithmic."""
    always: float = 0.0
    """Values up to this magnitude never count as diverged."""
    note: str = ""
    """A remark under the plot."""
    x_limits: tuple[float, float] | None = None
    """First and last position to draw; all unless given."""
    levels: Sequence[tuple[float, str]] = ()
    """Values that are drawn as horizontal lines with their names, if they are inside the limits."""
    bands: Sequence[Band] = ()
    """Areas that are shaded under the lines, the upper ones last."""
    cursor: float | None = None
    """Position of the cursor, a vertical line; None for none."""


ALPHA_TICKS = ((0.0, "0"), (0.25, "0.25"), (0.5, "0.5"), (0.75, "0.75"), (1.0, "1"))
"""Ticks of a path from one endpoint to the other."""
