"""One curve's plot as data: the curve, and which of its splits, series and areas are drawn; `curve` draws it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from lininterp_cli.errors import UnknownNameError
from lininterp_cli.landscape.curves.barrier import BARRIERS
from lininterp_cli.landscape.curves.curve import Curve, Metric, Series
from lininterp_cli.view.curves.quantity import Quantity, metric_of

BandKind = Literal["none", "error", "seeds"]
"""The area that is shaded under a curve: none, 1.96 standard errors, or the range over seeds."""

BAND_KINDS: tuple[BandKind, ...] = ("none", "error", "seeds")
"""All kinds, in the order in which a key of the explorer cycles through them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """The content and the style of a drawing of one curve."""

    curve: Curve
    """The curve."""
    splits: tuple[str, ...]
    """One or two measured splits; the second is drawn dashed."""
    quantity: Quantity = "loss"
    """The quantity to draw."""
    definition: str | None = None
    """A key of BARRIERS, whose highest barrier is marked; the curve's own default unless given."""
    blocks: Collection[str] | None = None
    """Labels (`all` is the full path) to draw; every one unless given."""
    highlight: str | None = None
    """The label to draw boldly over the others, which are then dim."""
    log: bool = False
    """Whether the value axis is logarithmic."""
    shade: bool = False
    """Whether the part of the path that forms the marked barrier is shaded, and its interval stated."""
    band: BandKind = "none"
    """The area that is shaded under the `focus` series."""
    others: tuple[Curve, ...] = ()
    """The same curve of runs that differ in their seeds only, for the band over seeds."""
    num_classes: int | None = None
    """Number of classes, for the chance level; None to draw none."""
    window: tuple[float, float] | None = None
    """First and last alpha to draw; all unless given."""
    cursor: float | None = None
    """Alpha of the cursor, a vertical line; None for none."""

    @property
    def metric(self) -> Metric:
        """The metric whose barriers belong to the quantity."""
        return metric_of(self.quantity)

    @property
    def shown(self) -> list[tuple[int, Series]]:
        """The series that are drawn, with their places among the blocks."""
        return chosen(self.curve, self.blocks)

    @property
    def focus(self) -> Series | None:
        """The series that has bands: the highlighted one, else the full path, else the only one; or None."""
        shown = [series for _, series in self.shown]
        wanted = [series for series in shown if series.label == self.highlight]
        whole = [series for series in shown if series.block is None]
        return next(iter(wanted or whole or (shown if len(shown) == 1 else [])), None)


def check(curve: Curve, split: str, definition: str | None) -> str:
    """Check that a split and a barrier definition exist.

    Args:
        curve: The curve.
        split: The split.
        definition: A key of BARRIERS; the curve's own default unless given.

    Returns:
        The definition, or the default.

    Raises:
        UnknownNameError: If the curve has no such split, or there is no such definition.
    """
    if split not in curve.splits:
        raise UnknownNameError("split", split, curve.splits)
    definition = curve.default_definition if definition is None else definition
    if definition not in BARRIERS:
        raise UnknownNameError("barrier definition", definition, BARRIERS)
    return definition


def chosen(curve: Curve, blocks: Collection[str] | None) -> list[tuple[int, Series]]:
    """The series to show with their places among the blocks.

    Args:
        curve: The curve.
        blocks: Labels; all unless given.

    Returns:
        Place and series; the full path has the place 0.

    Raises:
        UnknownNameError: If there is no series of a label.
    """
    labels = [series.label for series in curve.series]
    for block in blocks or ():
        if block not in labels:
            raise UnknownNameError("block", block, labels)
    offset = sum(series.block is None for series in curve.series)
    chosen = [(index - offset, series) for index, series in enumerate(curve.series)]
    return [(max(0, index), series) for index, series in chosen if blocks is None or series.label in blocks]
