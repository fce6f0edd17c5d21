"""A scatter plot as text: a letter for each run if there are few, braille dots if there are thousands."""

import math
import textwrap
from collections.abc import Sequence
from statistics import median
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from lininterp_cli.view import palette
from lininterp_cli.view.comparison.scatter import Dot, Scatter, axis_words, sentences, usual_reach
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.canvas import Point, cell_of
from lininterp_cli.view.plots.guard import is_drawable, robust_limits, ticks
from lininterp_cli.view.plots.plot import MIN_HEIGHT, MIN_WIDTH
from lininterp_cli.view.text import crop, crop_unique, printable

MAX_LETTERS = 300
"""Largest number of runs that are drawn as letters; more are braille dots, eight to a cell."""

_FRAMES = {False: "┌─┐│└┘┤┬●", True: "+-+|++++o"}
Cell = tuple[int, int]
"""Row and column."""
Placed = tuple[Point, Cell]
"""The point of a run in the unit square, and its cell on the canvas."""

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


class ScatterPlot:
    """A scatter plot of one size; it is laid out once, so that drawing it with another cursor is cheap.

    Args:
        shown: The scatter.
        log: Whether both axes are logarithmic.
        legend: Whether groups are listed under the plot.
        width: Columns at most.
        height: Rows at most.
        look: What can be shown.
    """

    def __init__(
        self,
        shown: Scatter,
        *,
        log: bool = False,
        legend: bool = True,
        width: int,
        height: int,
        look: Look = Look(),
    ) -> None:
        self.shown, self.width, self.height, self.look = shown, width, height, look
        self._x = robust_limits([dot.x for dot in shown.dots], log=log, always=usual_reach(shown.x))
        self._y = robust_limits([dot.y for dot in shown.dots], log=log, always=usual_reach(shown.y))
        words = "; ".join([*sentences(shown), *self._left_out(log)])
        self._remarks = _wrapped(words, width)
        num_remarks = len(self._remarks)
        self._legend = self._groups() if legend else []
        title = f"{axis_words(shown.y)} against {axis_words(shown.x)}{', log axes' if log else ''}"
        self._title = [Text(crop(printable(title), width, ascii=look.ascii), style="bold")]
        for part in (self._remarks, self._legend, self._title):
            while part and len(part) > (part is self._remarks) and self._room < max(4, height // 2):
                part.pop()
        if len(self._remarks) < num_remarks and width >= MIN_WIDTH:
            self._remarks = _wrapped(words, width, max_lines=len(self._remarks), placeholder=" ...")
        self._cells: dict[Cell, tuple[str, int]] = {}
        self._places: dict[int, Cell] = {}
        if self.is_drawn:
            self._draw()

    @property
    def is_drawn(self) -> bool:
        """Whether there is a plot, not only words."""
        return self._x is not None and self._y is not None and self.width >= MIN_WIDTH and self._room >= 2

    @property
    def _room(self) -> int:
        return self.height - 3 - len(self._title) - len(self._remarks) - len(self._legend)

    def text(self, cursor: int | None = None) -> Text:
        """The plot.

        Args:
            cursor: Index, among the given runs, of the run that is shown in reverse; None for none.

        Returns:
            At most `height` lines of at most `width` columns.
        """
        if not self.is_drawn or self.height < MIN_HEIGHT:
            small = self.shown.dots and (self.width < MIN_WIDTH or self._room < 2 or self.height < MIN_HEIGHT)
            word = crop("too small for a plot" if small else "nothing to draw", self.width, ascii=True)
            return Text("\n").join([*self._title, Text(word, style="dim"), *self._remarks][: max(0, self.height)])
        here = self._places.get(cursor) if cursor is not None else None
        return Text("\n").join([*self._title, *self._body(here), *self._remarks, *self._legend][: self.height])

    # Its parts -------------------------------------------------------------------------------------------------

    def _left_out(self, log: bool) -> list[str]:
        if self._x is None or self._y is None:
            return []
        outside = sum(not self._is_inside(dot) for dot in self.shown.dots)
        if not outside:
            return []
        why = "far from all others or not above 0" if log else "far from all others"
        return [f"{outside} not drawn, {why}"]

    def _is_inside(self, dot: Dot) -> bool:
        return all(
            limits is not None and is_drawable(one, log=limits.log) and 0 <= limits.place(one) <= 1
            for limits, one in ((self._x, dot.x), (self._y, dot.y))
        )

    def _groups(self) -> list[Text]:
        if not self.shown.by or not self.shown.dots:
            return []
        names = crop_unique([printable(name) for name in self.shown.groups], 24, ascii=self.look.ascii)
        text, rows = Text(crop(f"{printable(self.shown.by)}:", self.width, ascii=self.look.ascii), style="dim"), []
        for place, name in enumerate(names):
            entry = f"  {palette.letter(place)} {name}"
            if text.cell_len + cell_len(entry) > self.width:
                rows.append(text)
                text = Text()
            text.append(entry, self._style(place))
        rows = [*rows, text]
        for row in rows:
            row.truncate(self.width)
        return rows

    def _style(self, group: int) -> str:
        return palette.color(group) if self.look.color and self.shown.by else ""

    def _draw(self) -> None:
        assert self._x is not None
        assert self._y is not None
        rows = self._room
        self._y_ticks = ticks(self._y, max(2, min(7, rows // 2)))
        self._margin = min(9, max(len(label) for _, label in self._y_ticks))
        columns = self.width - self._margin - 2
        self._size = rows, columns
        is_sparse = self.look.ascii or len(self.shown.dots) <= MAX_LETTERS
        placed: list[list[Placed]] = [[] for _ in self.shown.groups]
        for dot in self.shown.dots:
            if self._is_inside(dot):
                point = (self._x.place(dot.x), self._y.place(dot.y))
                row, column = cell_of(point, columns, rows) if is_sparse else _dot_of(point, columns, rows)[0]
                placed[dot.group].append((point, (row, column)))
                self._places[dot.index] = row, column
        glyphs = [
            palette.letter(place) if self.shown.by else _FRAMES[self.look.ascii][8] for place in range(len(placed))
        ]
        if is_sparse:
            for group, some in enumerate(placed):
                self._cells |= {cell: (glyphs[group], group) for _, cell in some}
            return
        self._cells = _dotted(placed, columns, rows)
        for group, some in enumerate(placed if self.shown.by else ()):
            self._letter(group, glyphs[group], some)

    def _letter(self, group: int, glyph: str, placed: Sequence[Placed]) -> None:
        """Put a group's letter on one of its visible cells, the nearest to their median."""
        seen = [(point, cell) for point, cell in placed if self._cells[cell][1] == group]
        if seen:
            middle = median(point[0] for point, _ in seen), median(point[1] for point, _ in seen)
            _, cell = min(seen, key=lambda one: math.dist(one[0], middle))
            self._cells[cell] = (glyph, group)

    def _body(self, here: Cell | None) -> list[Text]:
        assert self._x is not None
        assert self._y is not None
        frame, (rows, columns) = _FRAMES[self.look.ascii], self._size
        labels = {cell_of((0, self._y.place(at)), columns, rows)[0]: label for at, label in reversed(self._y_ticks)}
        out = [Text(" " * self._margin + frame[0] + frame[1] * columns + frame[2])]
        for row in range(rows):
            label = labels.get(row)
            line = Text(f"{label or '':>{self._margin}}"[: self._margin] + (frame[3] if label is None else frame[6]))
            for column in range(columns):
                one, owner = self._cells.get((row, column), (" ", 0))
                style = self._style(owner) if one != " " else ""
                line.append(one, f"bold reverse {style}".strip() if (row, column) == here else style)
            out.append(line.append(frame[3]))
        return out + self._foot(columns)

    def _foot(self, columns: int) -> list[Text]:
        assert self._x is not None
        frame, margin = _FRAMES[self.look.ascii], self._margin
        edge, labels, free = [frame[1]] * columns, [" "] * (margin + columns + 2), 0
        for at, word in ticks(self._x, max(2, columns // 12)):
            column = cell_of((self._x.place(at), 0), columns, 2)[1]
            start = min(max(margin + 1, margin + 1 + column - len(word) // 2), len(labels) - 1 - len(word))
            if start >= free:
                edge[column] = frame[7]
                labels[start : start + len(word)] = word
                free = start + len(word) + 1
        name = printable(axis_words(self.shown.x), ascii=self.look.ascii)
        if free + len(name) + 1 <= len(labels):
            labels[len(labels) - len(name) :] = name
        return [Text(" " * margin + frame[4] + "".join(edge) + frame[5]), Text("".join(labels).rstrip())]


def _wrapped(words: str, width: int, **how: Any) -> list[Text]:
    rows = textwrap.wrap(words, max(1, width), **how)
    return [Text(row, style="dim" if at else "bold") for at, row in enumerate(rows)]


def _dot_of(point: Point, columns: int, rows: int) -> tuple[Cell, int]:
    """The cell of a point and the bit of its braille dot there."""
    high, wide = cell_of(point, 2 * columns, 4 * rows)
    return (high // 4, wide // 2), _DOTS[wide % 2][high % 4]


def _dotted(placed: Sequence[Sequence[Placed]], columns: int, rows: int) -> dict[Cell, tuple[str, int]]:
    """Points as braille dots; plotext takes 0.08 ms for each, which is too slow for thousands of runs."""
    bits: dict[Cell, int] = {}
    owners: dict[Cell, int] = {}
    for group, some in enumerate(placed):
        for point, cell in some:
            bits[cell] = bits.get(cell, 0) | _dot_of(point, columns, rows)[1]
            owners[cell] = group
    return {cell: (chr(0x2800 + bit), owners[cell]) for cell, bit in bits.items()}
