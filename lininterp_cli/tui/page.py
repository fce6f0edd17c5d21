"""The user's choices of how to view one run: curve, metric, split, barrier and block; plain data, no widget."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lininterp_cli.landscape.curves.barrier import BARRIERS
from lininterp_cli.landscape.curves.curve import Curve, Metric
from lininterp_cli.tui.lens import Lens
from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.reader import Detail
from lininterp_cli.view.curves.drawing import BAND_KINDS, BandKind
from lininterp_cli.view.curves.legs import legs_of, no_legs
from lininterp_cli.view.curves.quantity import QUANTITIES, Quantity, metric_of
from lininterp_cli.view.look import Look


@dataclass(slots=True)
class Page:
    """The viewed run and the user's choices; another run resets only curve, highlighted block, legs and lens."""

    look: Look = field(default_factory=Look)
    """What can be shown."""
    metric: Metric = "loss"
    """The metric of the barriers."""
    as_error: bool = False
    """Whether the plot shows the error if the metric is the accuracy."""
    split: str = "test"
    """The split of the barriers and of the plot."""
    both: bool = False
    """Whether the plot shows the other split too."""
    definition: str | None = None
    """Definition of the barrier; None for the curve's own default."""
    log: bool = False
    """Whether the plot's axis is logarithmic."""
    place: int = 0
    """Index of the shown curve of the run; the index after the last stands for the training."""
    block: int = -1
    """Index of the highlighted series; -1 for none."""
    chosen: set[str] = field(default_factory=set)
    """Labels of the series to plot together; if the curve has none of them, all are plotted."""
    band: BandKind = "none"
    """The band that is shaded around the curve."""
    legs: bool = False
    """Whether the run's paths from initial to final and on to random weights are plotted over one axis."""
    lens: Lens = field(default_factory=Lens)
    """The cursor, and the visible part of the path."""
    twins: tuple[Detail, ...] = ()
    """The content of runs that differ in the seed only, for the band over seeds."""
    entry: Entry | None = None
    """The viewed run."""
    detail: Detail | None = None
    """Its content; None until it is read."""

    def look_at(self, entry: Entry | None) -> None:
        """View another run; nothing of it is shown until it is read.

        Args:
            entry: The run; None for none.
        """
        self.entry = entry
        if self.detail is not None and (entry is None or entry.key != self.detail.entry.key):
            self.turn_to(None)

    def renew(self, entries: Sequence[Entry]) -> bool:
        """Update the viewed run from the latest scan.

        Args:
            entries: Every run.

        Returns:
            Whether its files have changed, so that it must be read again.
        """
        key = None if self.entry is None else self.entry.key
        here = next((entry for entry in entries if entry.key == key), None)
        if here is None or here == self.entry:
            return False
        self.look_at(here)
        return True

    def turn_to(self, detail: Detail | None) -> None:
        """Show a run that was read; ignored if another run is viewed by now.

        Args:
            detail: The run; None for none.
        """
        if detail is not None:
            if self.entry is not None and self.entry.key != detail.entry.key:
                return
            self.entry = detail.entry
        same = self.detail is not None and detail is not None and self.detail.entry.key == detail.entry.key
        name = self.curve.name if same and self.curve is not None else None
        self.detail = detail
        if not same:
            self.place, self.block, self.legs, self.twins = 0, -1, False, ()
            self.lens.clear()
        elif name is not None and detail is not None:
            names = [curve.name for curve in detail.curves]
            self.place = names.index(name) if name in names else 0
        self.place = min(self.place, max(0, self.num_places - 1))
        if name is None and self.curve is not None:
            self.lens.clear()  # It was on an epoch.
        self._settle()

    @property
    def curve(self) -> Curve | None:
        """The shown curve; None if the training is shown, or nothing."""
        if self.detail is None or self.is_running or self.place >= len(self.detail.curves):
            return None
        return self.detail.curves[self.place]

    @property
    def is_running(self) -> bool:
        """Whether the run is being trained; then only its training is shown."""
        return self.detail is not None and self.detail.entry.summary.state == "running"

    @property
    def num_places(self) -> int:
        """Number of curves, plus 1 if the training has rows; 1 while the run is being trained."""
        if self.detail is None:
            return 0
        return 1 if self.is_running else len(self.detail.curves) + bool(self.detail.rows)

    def next_curve(self, step: int) -> str:
        """Show the next curve, or with a negative `step` the previous one.

        Returns:
            A remark if there is no other, else an empty string.
        """
        self.place, self.legs = (self.place + step) % max(1, self.num_places), False
        self.lens.clear()
        self._settle()
        return "the run has nothing else to show" if self.num_places == 1 else ""

    def next_block(self, step: int) -> None:
        """Highlight the next block, or the previous one; after the last comes none."""
        if self.curve is not None:
            self.block = (self.block + 1 + step) % (len(self.curve.series) + 1) - 1

    def next_metric(self) -> None:
        """Change between loss and accuracy."""
        self.metric, self.as_error = "accuracy" if self.metric == "loss" else "loss", False

    @property
    def quantity(self) -> Quantity:
        """The quantity that the plot shows."""
        return "error" if self.as_error and self.metric == "accuracy" else self.metric

    def next_quantity(self) -> None:
        """Change from loss to accuracy to error."""
        quantity = QUANTITIES[(QUANTITIES.index(self.quantity) + 1) % len(QUANTITIES)]
        self.metric, self.as_error = metric_of(quantity), quantity == "error"

    def next_split(self) -> str:
        """Change to the curve's next split.

        Returns:
            A remark if there is no other split, else an empty string.
        """
        splits = self._splits
        self.split, self.both = splits[(splits.index(self.shown_split(splits)) + 1) % len(splits)], False
        return "" if len(splits) > 1 else f"measured on {splits[0]} data only"

    def next_splits(self) -> str:
        """Change to the curve's next split; after the last come both at once.

        Returns:
            A remark if there is no other split, else an empty string.
        """
        splits = self._splits
        is_last = splits.index(self.shown_split(splits)) == len(splits) - 1
        if is_last and not self.both and len(splits) > 1:
            self.split, self.both = splits[0], True
        elif self.both:
            self.both = False
        else:
            return self.next_split()
        return ""

    @property
    def _splits(self) -> list[str]:
        legs = legs_of(self.detail.curves) if self.legs and self.detail is not None else None
        if legs is not None:
            return legs.splits
        return self.curve.splits if self.curve is not None else ["test", "train"]

    def shown_splits(self, splits: list[str]) -> tuple[str, ...]:
        """The split of the barriers, followed by the other one if both are shown."""
        first = self.shown_split(splits)
        return (first, *[split for split in splits if split != first][:1]) if self.both else (first,)

    def next_definition(self) -> None:
        """Change to the next definition of the barrier."""
        names = list(BARRIERS)
        self.definition = names[(names.index(self.shown_definition) + 1) % len(names)]

    def next_band(self) -> None:
        """Change from no band to that of 1.96 standard errors, then to that over seeds."""
        self.band = BAND_KINDS[(BAND_KINDS.index(self.band) + 1) % len(BAND_KINDS)]

    def choose(self) -> str:
        """Add the highlighted series to those that are plotted together, or remove it.

        Returns:
            A remark if none is highlighted, else an empty string.
        """
        self.chosen ^= {self.highlight} if self.highlight is not None else set()
        return "" if self.highlight is not None or self.curve is None else "highlight a curve first, with j and k"

    def next_legs(self) -> str:
        """Change between the curve and the run's legs.

        Returns:
            A remark if the run has no legs, else an empty string.
        """
        if self.detail is None or self.is_running:
            return ""
        found = legs_of(self.detail.curves)
        self.legs = found is not None and not self.legs
        self.lens.clear()
        return no_legs(self.detail.curves, self.detail.entry.store, self.detail.entry.summary.id)

    def next_scale(self) -> None:
        """Change between a linear and a logarithmic axis."""
        self.log = not self.log

    def _settle(self) -> None:
        if self.curve is None or self.block >= len(self.curve.series):
            self.block = -1

    def shown_split(self, splits: list[str]) -> str:
        """The split of the barriers: the chosen one, or the first if it is not in `splits`."""
        return self.split if self.split in splits else splits[0]

    @property
    def shown_definition(self) -> str:
        """The definition of the barriers that are shown."""
        return self.definition or (self.curve.default_definition if self.curve is not None else "rise")

    @property
    def highlight(self) -> str | None:
        """Label of the highlighted series; None if none is."""
        return self.curve.series[self.block].label if self.curve is not None and self.block >= 0 else None
