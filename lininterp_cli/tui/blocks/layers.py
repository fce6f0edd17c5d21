"""State of the heat map of a run's blocks: order, scale, threshold, cursor, level; plain data, no widget."""

from dataclasses import dataclass, field
from typing import Any

from rich.text import Text

from lininterp_cli.landscape.curves.curve import Curve, Metric
from lininterp_cli.tui.blocks.finer import Level, finer_rows
from lininterp_cli.tui.blocks.words import folded, no_finer, title, values, why
from lininterp_cli.tui.page import Page
from lininterp_cli.view.curves.critical import criticality_of
from lininterp_cli.view.curves.curve import curve_plot
from lininterp_cli.view.curves.heat_map import HeatMap, heat_map, legend
from lininterp_cli.view.curves.layer_rows import SORTS, THRESHOLDS, LayerRow, layer_rows, next_threshold
from lininterp_cli.view.text import crop, plain, printable

MAX_TALL = 3
"""Maximum height of a row in lines."""

NUM_WORDS = 4
"""Number of lines around the map: the title, the header, the values at the cursor, the legend."""

MIN_PLOT = 12
"""Minimum height in lines of a plot under the map."""


@dataclass(slots=True)
class Layers:
    """The user's choices of how to show the blocks."""

    page: Page
    """The run, and the choices that all screens share."""
    sort: str = "depth"
    """A key of SORTS."""
    per_row: bool = False
    """Whether each row has a colour scale of its own."""
    thresholds: dict[Metric, float] = field(default_factory=lambda: dict(THRESHOLDS))
    """Metric to the barrier from which a block is sensitive."""
    label: str = ""
    """Label of the row under the cursor; the first row if there is no such row."""
    alpha: float | None = None
    """Alpha of the cursor; None for the top of the row's barrier."""
    chosen: set[str] = field(default_factory=set)
    """Labels of the blocks to plot together."""
    _levels: list[Level] = field(default_factory=list)
    _first: int = 0
    _height: int = 1
    _rows: tuple[Curve, dict[str, Any], list[LayerRow]] | None = None

    # Curve and rows --------------------------------------------------------------------------------------------

    @property
    def curve(self) -> Curve | None:
        """The curve whose rows are shown: the page's, or the finer one that was entered."""
        if not self._levels or self.page.detail is None:
            return self.page.curve
        name = self._levels[-1].curve
        return next((curve for curve in self.page.detail.curves if curve.name == name), self.page.curve)

    @property
    def split(self) -> str:
        """The page's split if the curve has it, else the curve's first."""
        splits = self.curve.splits if self.curve is not None else []
        return self.page.split if self.page.split in splits or not splits else splits[0]

    @property
    def definition(self) -> str:
        """The definition of the barriers that are shown."""
        return self.page.definition or (self.curve.default_definition if self.curve is not None else "rise")

    @property
    def threshold(self) -> float:
        """The barrier from which a block is sensitive."""
        return self.thresholds[self.page.metric]

    @property
    def rows(self) -> list[LayerRow]:
        """The rows in order."""
        curve = self.curve
        if curve is None:
            return []
        within = self._levels[-1].labels if self._levels and self._levels[-1].curve == curve.name else None
        critical = criticality_of(curve, self.page.detail.measures if self.page.detail is not None else ())
        how: dict[str, Any] = {
            "split": self.split, "definition": self.definition, "metric": self.page.metric, "sort": self.sort,
            "threshold": self.threshold, "within": within, "critical": critical,
        }  # fmt: skip
        # A key press must not compute four barriers of every block again.
        if self._rows is None or self._rows[0] is not curve or self._rows[1] != how:
            self._rows = (curve, how, layer_rows(curve, **how))
        return self._rows[2]

    @property
    def place(self) -> int:
        """Index of the row under the cursor."""
        labels = [row.label for row in self.rows]
        return labels.index(self.label) if self.label in labels else 0

    @property
    def row(self) -> LayerRow | None:
        """The row under the cursor."""
        return self.rows[self.place] if self.rows else None

    # Choices ---------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Leave the entered curves if the present run lacks one of them."""
        names = [curve.name for curve in self.page.detail.curves] if self.page.detail is not None else []
        if any(level.curve not in names for level in self._levels):
            self._levels.clear()

    def leave(self) -> None:
        """Leave all entered curves, as those of another run; the choices stay."""
        self._levels.clear()

    def begin(self) -> None:
        """Turn the page to the first curve with blocks, if the run has one and the page's curve has no blocks."""
        curves = self.page.detail.curves if self.page.detail is not None else ()
        if self.page.curve is None or self.page.curve.by == "full":
            by_block = [place for place, curve in enumerate(curves) if curve.by != "full"]
            while by_block and not self.page.is_running and self.page.place != by_block[0]:
                self.page.next_curve(1)

    def move(self, rows: int) -> None:
        """Move the cursor; it stops at the first and the last row."""
        if self.rows:
            self.label = self.rows[max(0, min(self.place + rows, len(self.rows) - 1))].label

    @property
    def leaf(self) -> int:
        """Number of rows on one screen, minus one."""
        return max(1, self._height - 1)

    def move_alpha(self, steps: int) -> None:
        """Move the cursor by a number of measured alphas; 0 returns it to the top of the row's barrier."""
        row = self.row
        if row is None or steps == 0:
            self.alpha = None
            return
        alphas = row.series.alphas
        here = alphas.index(_nearest(alphas, self._alpha_of(row)))
        self.alpha = alphas[max(0, min(here + steps, len(alphas) - 1))]

    def next_sort(self) -> None:
        """Change to the next order; that by criticality is skipped if it was not measured."""
        is_measured = any(row.critical is not None for row in self.rows)
        names = [name for name in SORTS if is_measured or name != "critical" or name == self.sort]
        self.sort = names[(names.index(self.sort) + 1) % len(names)]

    def next_scale(self) -> None:
        """Change between one colour scale for all rows and one for each."""
        self.per_row = not self.per_row

    def move_threshold(self, direction: int) -> None:
        """Change to the next larger or smaller threshold."""
        highest = 100.0 if self.page.metric == "loss" else 1.0
        self.thresholds[self.page.metric] = min(highest, next_threshold(self.threshold, direction))

    def choose(self) -> None:
        """Add the block under the cursor to the chosen ones, or remove it."""
        if self.row is not None:
            self.chosen ^= {self.row.label}

    def next_curve(self, step: int) -> None:
        """Show another curve of the run, skipping its training."""
        self._levels.clear()
        self.page.next_curve(step)
        if self.page.curve is None:
            self.page.next_curve(step)

    def down(self) -> str:
        """Enter the block under the cursor.

        Returns:
            A remark if there is no finer curve, else an empty string.
        """
        curve, row = self.curve, self.row
        if curve is None or row is None or self.page.detail is None:
            return ""
        found = finer_rows(curve, row.series, self.page.detail.curves, self.split)
        if found is None:
            return no_finer(curve, self.page.detail.entry.store)
        name, labels = found
        inside = None if row.series.block is None else frozenset(labels)
        self._levels.append(Level(curve=name, block=row.label, labels=inside, place=self.page.place))
        self.label = row.label if inside is None else labels[0]
        return ""

    def up(self) -> bool:
        """Leave the block that was entered; returns whether there was one."""
        if not self._levels:
            return False
        level = self._levels.pop()
        # The page may have been turned to the finer curve, to plot it.
        self.page.next_curve(level.place - self.page.place)
        self.label = level.block
        return True

    def show_chosen(self) -> None:
        """Turn the page to the shown curve and its chosen blocks, with the row under the cursor highlighted."""
        curve, row, detail = self.curve, self.row, self.page.detail
        if curve is None or row is None or detail is None:
            return
        self.page.next_curve(detail.curves.index(curve) - self.page.place)
        self.page.block, self.page.chosen = row.depth, set(self.chosen)

    # Drawing ---------------------------------------------------------------------------------------------------

    def lines(self, width: int, height: int) -> list[Text]:
        """The title, the map, the values at the cursor and the legend; or the reason why there is no map.

        Args:
            width: Columns.
            height: Lines.

        Returns:
            At most `height` lines.
        """
        curve, ascii = self.curve, self.page.look.ascii
        if curve is None or not self.rows:
            return [plain(f" {row}") for line in why(self.page) for row in folded(line, width - 2, ascii=ascii)][
                :height
            ]
        room, tall = max(1, height - NUM_WORDS), self._tall(height)
        self._height = room // tall
        place = self.place
        self._first = min(max(self._first, place - self._height + 1, 0), place, max(0, len(self.rows) - self._height))
        alpha = self._alpha_at(self.rows[place])
        shown = HeatMap(
            curve=curve, rows=self.rows, definition=self.definition, threshold=self.threshold,
            metric=self.page.metric, per_row=self.per_row, log=self.page.log, cursor=place, alpha=alpha,
            chosen=frozenset(self.chosen), look=self.page.look,
        )  # fmt: skip
        lines = [plain(crop(f" {self._title(curve, width - 1)}", width, ascii=ascii, head=width), "dim")]
        lines += heat_map(shown, width=width, height=room + 1, first=self._first, tall=tall)
        lines += [Text("")] * (height - 2 - len(lines))
        known = values(self.rows[place], alpha, self.split, width - 1, ascii=ascii)
        lines.append(plain(crop(f" {known}", width, ascii=ascii, head=width), "bold"))
        return [*lines, legend(shown, width)][:height]

    def plot_height(self, height: int) -> int:
        """The number of lines that are left for a plot of the rows' curves.

        Args:
            height: Lines for the map, the lines around it, and the plot.

        Returns:
            MIN_PLOT or more, or 0 if the map needs the room.
        """
        for tall in (2, 1):
            left = height - NUM_WORDS - tall * len(self.rows)
            if self.rows and left >= MIN_PLOT:
                return left
        return 0

    def plot(self, width: int, height: int) -> Text:
        """The curves of the chosen blocks, or of all rows; independent of the cursor, as a new plot sends many bytes.

        Args:
            width: Columns.
            height: Lines.

        Returns:
            A plot.
        """
        curve, page = self.curve, self.page
        if curve is None:
            return Text()
        labels = [row.label for row in self.rows]
        chosen = [label for label in labels if label in self.chosen]
        return curve_plot(
            curve, self.split, metric=page.metric, definition=self.definition, width=width, height=height,
            blocks=chosen or labels, log=page.log, look=page.look,
        )  # fmt: skip

    def _tall(self, height: int) -> int:
        """Height of a row in lines."""
        return max(1, min(MAX_TALL, (height - NUM_WORDS) // len(self.rows)))

    def _title(self, curve: Curve, width: int) -> str:
        blocks = [printable(level.block) for level in self._levels]
        where = " > ".join([*blocks, printable(curve.name)])
        where = where if blocks else f"{self.page.place + 1}/{self.page.num_places} {where}"
        how = (self.split, self.page.metric, self.sort, self.threshold)
        return title(curve, self.rows, *how, where, width, ascii=self.page.look.ascii)

    def _alpha_of(self, row: LayerRow) -> float:
        if self.alpha is not None:
            return self.alpha
        return row.barrier.alpha if row.barrier is not None and row.height > 0 else 0.5

    def _alpha_at(self, row: LayerRow) -> float:
        """The measured alpha of a row that is nearest to the cursor's."""
        return _nearest(row.series.alphas, self._alpha_of(row))


def _nearest(alphas: tuple[float, ...], alpha: float) -> float:
    return min(alphas, key=lambda other: abs(other - alpha))
