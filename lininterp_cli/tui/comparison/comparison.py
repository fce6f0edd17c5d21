"""The compared runs and how they are shown; plain data, no widget.

A run's letter, colour and number key depend on its place among the compared runs, which does not change when runs are
hidden.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.runs.run import Run
from lininterp_cli.tui.comparison.missing import Missing, missing
from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.page import Page
from lininterp_cli.tui.reader import Detail
from lininterp_cli.view.comparison.contenders import Barriers, Contender
from lininterp_cli.view.comparison.scatter import Scatter, groupings, measures, scatter
from lininterp_cli.view.comparison.scatter_plot import ScatterPlot
from lininterp_cli.view.comparison.table import comparable
from lininterp_cli.view.curves.overlay import Trace
from lininterp_cli.view.runs.summary import WHOLE, Summary

VIEWS = ("overlay", "grid", "difference", "table", "scatter")
"""The views, in the order of the key that changes them."""

NUM_NEWEST = 6
"""Number of runs whose curves are compared if none is marked."""

MAX_DRAWN = 24
"""Maximum number of marked runs whose curves are compared; more cannot be distinguished."""

MAX_DOTS = 5000
"""Maximum number of runs in a scatter if none is marked."""


@dataclass(slots=True)
class Comparison:
    """The compared runs, and the user's choices of how to show them."""

    page: Page
    """The choices that all screens share: metric, split, definition, scale."""
    view: str = VIEWS[0]
    """One of VIEWS."""
    block: str = WHOLE
    """The block whose curves are compared."""
    x: str = "barrier"
    """The horizontal measure of the scatter."""
    y: str = "accuracy"
    """The vertical one."""
    by: str = ""
    """The field that groups the runs of the scatter; empty for the first field with only a few different values."""
    hidden: set[str] = field(default_factory=set)
    """Keys of the runs that are not drawn."""
    marked: int = 0
    """Number of marked runs; 0 if the list's runs are compared."""
    runs: tuple[Entry, ...] = ()
    """The runs of the scatter: all that are marked, or else at most MAX_DOTS of the list."""
    num_listed: int = 0
    """Number of runs that the list shows."""
    _keys: tuple[str, ...] = ()
    _chosen: list[Entry] = field(default_factory=list)
    _details: dict[str, Detail] = field(default_factory=dict)
    _cursor: str = ""
    _reference: str = ""
    _scatter: tuple[Any, Scatter] | None = None
    _plot: tuple[Any, ScatterPlot] | None = None

    def begin(self) -> None:
        """Forget which runs were compared; the choices of how to show them stay."""
        self._keys, self._cursor, self._details = (), "", {}

    # Which runs ------------------------------------------------------------------------------------------------

    def meet(self, listed: Sequence[Entry], known: Sequence[Entry], marks: Sequence[str], *, settled: bool) -> None:
        """Choose the runs to compare, or update them.

        Args:
            listed: The runs that the list shows.
            known: Every run.
            marks: Keys of the marked runs, in the order of their marks.
            settled: Whether the scan of the folder is complete, so that the newest runs are known.
        """
        there = {entry.key: entry for entry in known}
        self.marked, self.num_listed = len(marks), len(listed)
        runs = tuple(there[key] for key in marks if key in there) if marks else tuple(listed[:MAX_DOTS])
        if runs != self.runs:
            self.runs = runs
        if marks:
            self._keys = tuple(marks)[:MAX_DRAWN]
        elif not self._keys:
            newest = sorted(listed, key=lambda entry: -(entry.summary.created or 0.0))
            with_curves = [entry for entry in newest if entry.summary.worst is not None] or newest
            # Until the scan is complete another run may be newer, and letters must not change.
            self._keys = tuple(entry.key for entry in with_curves[:NUM_NEWEST]) if settled else ()
        self._chosen = [there[key] for key in self._keys if key in there]

    @property
    def unread(self) -> list[Entry]:
        """All runs whose curves are compared, if any of them is not read or has changed since; else none."""
        is_new = any(key not in self._details or self._details[key].entry != entry for key, entry in self._pairs)
        return list(self._chosen) if is_new else []

    @property
    def _pairs(self) -> list[tuple[str, Entry]]:
        return [(entry.key, entry) for entry in self._chosen]

    def read(self, details: Sequence[Detail]) -> None:
        """Take runs that were read."""
        self._details = {detail.entry.key: detail for detail in details}

    # Curves and choices ----------------------------------------------------------------------------------------

    @property
    def curves(self) -> dict[str, Curve | None]:
        """Key of each run that was read to its curve for the comparison; None if it has none."""
        return comparable({key: detail.curves for key, detail in self._details.items()}, self.split)

    @property
    def splits(self) -> list[str]:
        """Every split that any run was measured on; `test` if there is none."""
        found = (split for detail in self._details.values() for curve in detail.curves for split in curve.splits)
        return list(dict.fromkeys(found)) or ["test"]

    @property
    def split(self) -> str:
        """The page's split if any curve has it, else the first of `splits`."""
        return self.page.split if self.page.split in self.splits else self.splits[0]

    @property
    def definition(self) -> str:
        """The barrier's definition: the page's, else the default of the first curve."""
        first = next((curve for curve in self.curves.values() if curve is not None), None)
        return self.page.definition or (first.default_definition if first is not None else "rise")

    @property
    def blocks(self) -> list[str]:
        """`all`, then each block that all compared curves have."""
        labels = [[series.label for series in curve.series] for curve in self.curves.values() if curve is not None]
        common = [label for label in (labels[0] if labels else ()) if all(label in others for others in labels)]
        return [WHOLE, *(label for label in common if label != WHOLE)]

    @property
    def contenders(self) -> list[Contender]:
        """The runs whose curves are compared, in the order of their places."""
        curves, block = self.curves, self.block if self.block in self.blocks else WHOLE
        return [
            self._contender(place, entry, curves.get(entry.key), block)
            for place, entry in ((self._keys.index(entry.key), entry) for entry in self._chosen)
        ]

    def _contender(self, place: int, entry: Entry, curve: Curve | None, block: str) -> Contender:
        series = next((one for one in curve.series if one.label == block), None) if curve is not None else None
        trace = None
        why = Missing()
        if curve is not None and series is not None:
            trace = Trace(label=entry.summary.title, place=place, curve=curve, series=series)
        else:
            why = missing(entry, self._details.get(entry.key), curve, block, self.split)
        return Contender(
            run=entry.summary, place=place, trace=trace, short=why.short, why=why.words,
            is_hidden=entry.key in self.hidden,
        )  # fmt: skip

    @property
    def reference(self) -> Contender | None:
        """The run that the others are compared with: the chosen one, else the first that has a curve."""
        able = [one for one in self.contenders if one.trace is not None]
        chosen = [one for one in able if self._keys[one.place] == self._reference]
        return next(iter(chosen or able), None)

    @property
    def listed(self) -> list[Entry]:
        """The rows of this screen's list: all runs of the scatter, or those whose curves are compared."""
        return list(self.runs) if self.view == "scatter" else self._chosen

    @property
    def cursor(self) -> int:
        """The index in `listed` of the run under the cursor."""
        return next((at for at, entry in enumerate(self.listed) if entry.key == self._cursor), 0)

    # Choices ---------------------------------------------------------------------------------------------------

    def move(self, rows: int) -> None:
        """Move the cursor; it stops at the first and the last run."""
        if listed := self.listed:
            self._cursor = listed[max(0, min(self.cursor + rows, len(listed) - 1))].key

    def toggle(self, place: int | None = None) -> None:
        """Hide a run of the list or show it again: the one at a place, else the one under the cursor."""
        listed = [entry.key for entry in self.listed]
        # A run's place stays when another one is deleted; the scatter's list is numbered anew.
        keys = self._keys if place is not None and self.view != "scatter" else listed
        at = self.cursor if place is None else place
        if at < len(keys) and keys[at] in listed:
            self.hidden ^= {keys[at]}

    def refer(self) -> None:
        """Make the run under the cursor the reference."""
        if self._chosen and self.view != "scatter":
            self._reference = self._chosen[self.cursor].key

    def next_view(self, step: int = 1) -> None:
        """Change to the next view, or with `step` -1 to the previous one."""
        self.view = VIEWS[(VIEWS.index(self.view) + step) % len(VIEWS)]

    def next_block(self, step: int) -> None:
        """Change to the next block that all curves have, or to the previous one."""
        blocks = self.blocks
        here = blocks.index(self.block) if self.block in blocks else 0
        self.block = blocks[(here + step) % len(blocks)]

    def next_split(self) -> None:
        """Change to the next of `splits`."""
        splits = self.splits
        self.page.split = splits[(splits.index(self.split) + 1) % len(splits)]

    @property
    def barriers(self) -> Barriers:
        """The choice of barriers that the list shows."""
        return Barriers(
            split=self.split, definition=self.definition, quantity=self.page.metric, reference=self.reference
        )

    def drawn(self, width: int) -> list[Contender]:
        """The drawn runs that have room in a table of this width in columns."""
        able = [one for one in self.contenders if one.is_drawn]
        return able[: max(1, (width - 20) // 14)]

    def run_of(self, one: Contender) -> Run | None:
        """The run of a contender, as it was read; None if its record cannot be read."""
        return self._details[self._keys[one.place]].run

    # The scatter -----------------------------------------------------------------------------------------------

    @property
    def visible(self) -> list[Summary]:
        """The runs of the scatter that are not hidden."""
        return [entry.summary for entry in self.runs if entry.key not in self.hidden]

    @property
    def scatter(self) -> Scatter:
        """The scatter; it is computed again only after a change, as thousands of runs take a while."""
        how = (self.x, self.y, self.by, frozenset(self.hidden))
        if self._scatter is None or self._scatter[0][0] is not self.runs or self._scatter[0][1:] != how:
            self._scatter = ((self.runs, *how), scatter(self.visible, self.x, self.y, self.by))
        return self._scatter[1]

    def scatter_plot(self, width: int, height: int) -> ScatterPlot:
        """The scatter as a plot of a given size in columns and lines, which is cached as well."""
        plotted, how = self.scatter, (self.page.log, width, height)
        if self._plot is None or self._plot[0][0] is not plotted or self._plot[0][1:] != how:
            self._plot = (
                (plotted, *how),
                ScatterPlot(plotted, log=self.page.log, width=width, height=height, look=self.page.look),
            )
        return self._plot[1]

    @property
    def dot_under_cursor(self) -> int | None:
        """The index of the run under the cursor among those that are not hidden; None if it is hidden."""
        visible = [entry.key for entry in self.runs if entry.key not in self.hidden]
        here = self.runs[self.cursor].key if self.runs else ""
        return visible.index(here) if here in visible else None

    def choices(self, which: str) -> list[tuple[str, str]]:
        """The fields for an axis (`x`, `y`) or for the groups (`by`), each with a few words about it."""
        summaries = [entry.summary for entry in self.runs]
        if which == "by":
            return [(name, "letters and colours") for name in groupings(summaries)]
        return measures(summaries)
