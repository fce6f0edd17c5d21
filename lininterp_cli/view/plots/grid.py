"""The cells of a plot: lines from the canvas, and the signs and backgrounds around and under them.

Positions are rows, columns or fractions in [0, 1]; measured values are not known here.
"""

import math
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Literal

from lininterp_cli.view import palette
from lininterp_cli.view.plots.canvas import Point, cell_of, draw

Kind = Literal["band", "barrier"]
"""The meaning of a shaded area: the uncertainty or spread of a curve, or a barrier."""

BACKGROUNDS: dict[Kind, str] = {"band": "#3a3a3a", "barrier": "#5f0000"}
"""Grey 237 and red 52 of the 256 colours, so that terminals with 256 colours need not round them."""

_FOREGROUND = "#eeeeee"
"""Text colour on these backgrounds; the terminal's own could be as dark as they are."""

_SIGNS = {False: "┊│┄", True: ":|-"}

_EMPTY = -1


class Grid:
    """Cells that are filled step by step; nothing that is added later covers a line.

    Args:
        width: Columns, 2 or more.
        height: Rows, 2 or more.
        styles: The Rich style of each line.
        ascii: Use ASCII only.
    """

    def __init__(self, width: int, height: int, styles: Sequence[str], *, ascii: bool) -> None:
        self.width, self.height, self.styles, self.ascii = width, height, list(styles), ascii
        self._signs = [[" "] * width for _ in range(height)]
        self._owners = [[_EMPTY] * width for _ in range(height)]
        self._grounds: dict[tuple[int, int], Kind] = {}
        self._named: set[tuple[int, int]] = set()
        self._columns: dict[int, dict[int, list[int]]] = {}
        self._num_lines = len(styles)

    def draw(self, lines: Sequence[Sequence[Sequence[Point]]], glyphs: Sequence[str], dashed: Collection[int]) -> None:
        """Draw lines.

        Args:
            lines: For each line its connected pieces inside the unit square.
            glyphs: For each line the character that draws it in ASCII.
            dashed: Indices of the dashed lines.
        """
        for row, runs in enumerate(draw(lines, glyphs, self.width, self.height, ascii=self.ascii)):
            for start, word, owner in runs:
                stop = start + len(word)
                self._signs[row][start:stop] = word
                self._owners[row][start:stop] = [owner] * (stop - start)
                columns = self._columns.setdefault(owner, {})
                for column in range(start, stop):
                    columns.setdefault(column, []).append(row)
        for owner in dashed:
            self._dash(owner)

    def _dash(self, owner: int) -> None:
        """Blank every third cell of a line, counted along it, so that a steep part has gaps too."""
        for column, rows in self._columns.get(owner, {}).items():
            kept = [row for row in rows if (column if len(rows) == 1 else row) % 3 != 2]
            for row in set(rows) - set(kept):
                self._signs[row][column], self._owners[row][column] = " ", _EMPTY
            rows[:] = kept

    def letter(self, letters: Sequence[tuple[int, str]]) -> None:
        """Put each line's letter on it, in both halves of the plot if possible, apart from other lines' letters.

        Args:
            letters: Indices of lines with their letters.
        """
        for rank, (index, letter) in enumerate(letters):
            columns = [column for column, rows in self._columns.get(index, {}).items() if rows]
            step = self.width / (2 * len(letters))
            for turn in (0, 1):
                middle = (rank + 0.5 + turn * len(letters)) * step
                distance, near = min(((abs(column - middle), column) for column in columns), default=(math.inf, 0))
                if distance < self.width / 4:
                    self._signs[self._columns[index][near][0]][near] = letter

    def shade(self, places: Sequence[tuple[float, float, float]], kind: Kind, tint: bool) -> None:
        """Shade the area between two lines.

        Args:
            places: Positions, ascending, with the lower and the upper end there; from 0 to 1 inside the plot.
            kind: Its meaning; a later area covers an earlier one.
            tint: Whether there are backgrounds; else a band is drawn by sparse signs, a barrier by its pointer only.
        """
        for (x0, low0, high0), (x1, low1, high1) in pairwise(places):
            for column, share in self._between(x0, x1):
                low, high = low0 + (low1 - low0) * share, high0 + (high1 - high0) * share
                if high >= 0 and low <= 1:
                    self._shade_column(column, low, high, kind, tint)

    def _shade_column(self, column: int, low: float, high: float, kind: Kind, tint: bool) -> None:
        bottom, top = (cell_of((0, min(1.0, max(0.0, place))), self.width, self.height)[0] for place in (low, high))
        for row in range(top, bottom + 1):
            if tint:
                self._grounds[row, column] = kind
            elif kind == "band" and (row + column) % 2 == 0:
                self._paint(row, column, ":", "dim")

    def dot(self, pieces: Sequence[Sequence[Point]], sign: str, style: str) -> None:
        """Draw a line of dots where no other line is.

        Args:
            pieces: Its connected pieces inside the unit square.
            sign: The dot.
            style: Its Rich style.
        """
        for piece in pieces:
            for (x0, y0), (x1, y1) in pairwise(piece):
                for column, share in self._between(x0, x1):
                    row = cell_of((0, y0 + (y1 - y0) * share), self.width, self.height)[0]
                    self._paint(row, column, sign, style)

    def level(self, place: float, word: str) -> None:
        """Draw a horizontal line with its name, which is put on or near it, as far right as there is room.

        Args:
            place: The height, from 0 to 1.
            word: The name.
        """
        row = cell_of((0, place), self.width, self.height)[0]
        near = [one for step in range(3) for one in dict.fromkeys((row - step, row + step)) if 0 <= one < self.height]
        at = next(((one, start) for one in near if (start := self._room(one, len(word) + 2)) is not None), None)
        if at is not None:
            for column, sign in enumerate(f" {word} ", start=at[1]):
                self._paint(at[0], column, sign, "dim")
                self._named.add((at[0], column))
        for column in range(self.width):
            self._paint(row, column, self._sign(2), "dim")

    def _room(self, row: int, size: int) -> int | None:
        """The last column of a row at which `size` free cells begin; None if there is none."""
        free = "".join(" " if owner == _EMPTY else "x" for owner in self._owners[row])
        start = free.rfind(" " * size)
        return None if start < 0 else start

    def pointer(self, column: int, top: float, foot: float | None, color: bool) -> None:
        """Draw dots from the upper frame down to a point, and a line from there to its foot.

        Args:
            column: Column.
            top: The height of the point, from 0 to 1.
            foot: The height of its foot; None for none.
            color: Use colours.
        """
        row = cell_of((0, min(1.0, max(0.0, top))), self.width, self.height)[0]
        for above in range(row):
            self._paint(above, column, self._sign(0), "dim")
        if foot is not None:
            last = cell_of((0, min(1.0, max(0.0, foot))), self.width, self.height)[0]
            for between in range(row, last + 1):
                self._paint(between, column, self._sign(1), palette.HIGH if color else "bold", over=True)

    def column(self, place: float) -> None:
        """Draw a vertical line over the whole height, except over lines and names.

        Args:
            place: The position, from 0 to 1; outside of that nothing is drawn.
        """
        column = _column(place, self.width)
        if 0 <= place <= 1:
            for row in range(self.height):
                if (row, column) not in self._named:
                    self._paint(row, column, self._sign(1), "bold", over=True)

    def row(self, row: int) -> list[tuple[str, str]]:
        """One row as words with their Rich styles."""
        signs, owners = self._signs[row], self._owners[row]
        keys: Sequence[object] = owners
        if self._grounds:
            keys = [(owner, self._grounds.get((row, column))) for column, owner in enumerate(owners)]
        out, start = [], 0
        for end in range(1, self.width + 1):
            if end == self.width or keys[end] != keys[start]:
                style = self.styles[owners[start]] if owners[start] >= 0 else ""
                if ground := self._grounds.get((row, start)):
                    style = f"{style if '#' in style else f'{style} {_FOREGROUND}'} on {BACKGROUNDS[ground]}".strip()
                out.append(("".join(signs[start:end]), style))
                start = end
        return out

    def _between(self, start: float, end: float) -> Iterator[tuple[int, float]]:
        """The columns from one position to another, each with its fraction of the way."""
        first, last = max(0, _column(start, self.width)), min(self.width - 1, _column(end, self.width))
        for column in range(first, last + 1):
            share = (column / (self.width - 1) - start) / (end - start) if end > start else 0.0
            yield column, min(1.0, max(0.0, share))

    def _sign(self, which: int) -> str:
        return _SIGNS[self.ascii][which]

    def _paint(self, row: int, column: int, sign: str, style: str, *, over: bool = False) -> None:
        """Fill a cell that no line has; with `over`, even if it was painted before."""
        owner = self._owners[row][column]
        if owner == _EMPTY or (over and owner >= self._num_lines):
            if style not in self.styles[self._num_lines :]:
                self.styles.append(style)
            self._owners[row][column] = self.styles.index(style, self._num_lines)
            self._signs[row][column] = sign


def _column(place: float, width: int) -> int:
    return round(place * (width - 1))
