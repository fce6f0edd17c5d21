"""The parts of one plot: frame, ticks, lines, the areas under them, legend and remarks.

They are rows of styled words, made from lines and limits; the meaning of the lines is not known here.
"""

from collections.abc import Sequence
from itertools import groupby

from rich.cells import cell_len

from lininterp_cli.view import palette
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.axes import Axes, Line, Mark
from lininterp_cli.view.plots.canvas import cell_of
from lininterp_cli.view.plots.grid import Grid
from lininterp_cli.view.plots.guard import Limits, clip_runs, is_drawable, thin, ticks
from lininterp_cli.view.plots.remarks import is_finite, left_out
from lininterp_cli.view.text import crop, crop_unique, printable, wrap

Span = tuple[str, str]
"""A word and its Rich style."""
Row = list[Span]

_FRAMES = {False: "┌─┐│└┘┤┬▼━╋", True: "+-+|++++v*#"}
_DOTS = {False: "·", True: "."}


class Panel:
    """A plot of some lines within some limits."""

    def __init__(
        self, lines: Sequence[Line], axes: Axes, x_limits: Limits, y_limits: Limits, *,
        look: Look,
    ) -> None:  # fmt: skip
        self.lines, self.axes, self.x, self.y = lines, axes, x_limits, y_limits
        self.look = look
        self.frame = _FRAMES[look.ascii]

    def style(self, line: Line) -> str:
        """The Rich style of one line."""
        words = [] if line.emphasis == "normal" else [line.emphasis]
        return " ".join(words + ([line.color] if self.look.color and line.color else []))

    def glyph(self, line: Line) -> str:
        """The character that stands for one line."""
        return line.letter or self.frame[9]

    def body(self, width: int, rows: int, marks: Sequence[Mark]) -> list[Row]:
        """The frame with its content, and the ticks under it.

        Args:
            width: Columns.
            rows: Rows of the canvas.
            marks: Places that the upper frame points to.

        Returns:
            Three rows more than the canvas has.
        """
        y_ticks = ticks(self.y, max(2, min(7, rows // 2)))
        margin = min(9, max(len(label) for _, label in y_ticks))
        columns = width - margin - 2
        grid = self._grid(columns, rows)
        edge, notch = self.frame[3], self.frame[6]
        labels = {cell_of((0, self.y.place(value)), columns, rows)[0]: label for value, label in reversed(y_ticks)}
        top = self._top(columns, marks, grid)
        out = [[(" " * margin + self.frame[0], ""), *top, (self.frame[2], "")]]
        for row in range(rows):
            label = labels.get(row)
            start = f"{label or '':>{margin}}"[:margin] + (notch if label else edge)
            out.append([(start, ""), *grid.row(row), (edge, "")])
        return out + self._bottom(margin, columns)

    def _grid(self, columns: int, rows: int) -> Grid:
        """The canvas with the lines, their letters, and the areas, dotted lines and levels under them."""
        pieces = {
            index: [thin(run, columns) for run in clip_runs(line.xs, line.ys, self.x, self.y)]
            for index, line in enumerate(self.lines)
        }
        dotted = [index for index, line in enumerate(self.lines) if line.stroke == "dotted"]
        solid = [[] if index in dotted else pieces[index] for index in pieces]
        glyphs = [self.glyph(line) for line in self.lines]
        grid = Grid(columns, rows, [self.style(line) for line in self.lines], ascii=self.look.ascii)
        grid.draw(solid, glyphs, {index for index, line in enumerate(self.lines) if line.stroke == "dashed"})
        if not self.look.ascii:
            grid.letter([(index, line.letter) for index, line in enumerate(self.lines) if line.letter])
        for band in self.axes.bands:
            for run in band.runs(self.x, self.y):
                grid.shade(run, band.kind, self.look.tint)
        for index in dotted:
            grid.dot(pieces[index], _DOTS[self.look.ascii], grid.styles[index])
        for value, word in self.axes.levels:
            if is_drawable(value, log=self.y.log) and 0 <= self.y.place(value) <= 1:
                grid.level(self.y.place(value), printable(word, ascii=self.look.ascii))
        return grid

    def _top(self, columns: int, marks: Sequence[Mark], grid: Grid) -> Row:
        """The upper frame with its marks; a dotted line leads down from each to its place, a solid one to its foot."""
        words: dict[int, str] = {}
        taken = [False] * columns
        for mark in marks:
            if not (is_drawable(mark.x) and is_drawable(mark.y, log=self.y.log)):
                continue
            column = cell_of((self.x.place(mark.x), 0), columns, grid.height)[1]
            if not 0 <= column < columns:
                continue
            word, start = self._pointed(printable(mark.text, ascii=self.look.ascii), column, columns)
            stop = start + cell_len(word)
            if start < 0 or stop > columns or any(taken[start:stop]):
                continue
            taken[start:stop] = [True] * (stop - start)
            words[start] = word
            foot = mark.foot if is_drawable(mark.foot, log=self.y.log) else None
            top, under = self.y.place(mark.y), None if foot is None else self.y.place(foot)
            grid.pointer(column, top, under, self.look.color)
        if self.axes.cursor is not None:
            grid.column(self.x.place(self.axes.cursor))
        return self._ruled(words, columns)

    def _pointed(self, text: str, column: int, columns: int) -> tuple[str, int]:
        """Words with the pointer at a column, after it, before it or around it; and the column they begin at."""
        pointer, left, right = self.frame[8], column - 2, columns - column - 3
        if cell_len(text) > max(left, right):
            words = text.split(" ")
            # The best place to split is before `at`, with which the position begins.
            for at in sorted(range(1, len(words)), key=lambda at: (words[at] != "at", -at)):
                before, after = " ".join(words[:at]), " ".join(words[at:])
                if cell_len(before) <= left and cell_len(after) <= right:
                    return f" {before} {pointer} {after} ", column - 2 - cell_len(before)
            room = max(0, left, right)
            text = crop(text, room, ascii=self.look.ascii, head=max(0, room - 12))
        if cell_len(text) <= right:
            return f"{pointer} {text} ", column
        return f" {text} {pointer}", column - 2 - cell_len(text)

    def _ruled(self, words: dict[int, str], columns: int) -> Row:
        row, at = [], 0
        for start, word in sorted(words.items()):
            row += [(self.frame[1] * (start - at), ""), (word, f"bold {palette.HIGH}" if self.look.color else "bold")]
            at = start + cell_len(word)
        return [*row, (self.frame[1] * (columns - at), "")]

    def _bottom(self, margin: int, columns: int) -> list[Row]:
        """The lower frame with an `x` for every missing value, and the labels under it."""
        edge = [self.frame[1]] * columns
        wanted = self.axes.x_ticks if self.axes.x_ticks is not None else ticks(self.x, max(2, columns // 12))
        labels = [" "] * (margin + columns + 2)
        free = 0
        for value, word in wanted:
            if not 0 <= self.x.place(value) <= 1:
                continue
            column = cell_of((self.x.place(value), 0), columns, 2)[1]
            start = min(max(margin + 1, margin + 1 + column - len(word) // 2), len(labels) - 1 - len(word))
            if start < free:
                continue
            edge[column] = self.frame[7]
            labels[start : start + len(word)] = word
            free = start + len(word) + 1
        name = printable(self.axes.x_label, ascii=self.look.ascii)
        if name and free + len(name) + 1 <= len(labels):
            labels[len(labels) - len(name) :] = name
        if self.axes.cursor is not None and 0 <= self.x.place(self.axes.cursor) <= 1:
            edge[cell_of((self.x.place(self.axes.cursor), 0), columns, 2)[1]] = self.frame[10]
        missing = {cell_of((self.x.place(x), 0), columns, 2)[1] for line in self.lines for x in self._missing(line)}
        frame: Row = [(" " * margin + self.frame[4], "")]
        for is_lost, part in groupby(range(columns), missing.__contains__):
            if is_lost:
                frame.append(("x" * len(list(part)), f"bold {palette.HIGH}" if self.look.color else ""))
            else:
                frame.append(("".join(edge[column] for column in part), ""))
        return [[*frame, (self.frame[5], "")], [("".join(labels).rstrip(), "")]]

    def _missing(self, line: Line) -> list[float]:
        """Positions of the values that are not finite."""
        return [
            x
            for x, y in zip(line.xs, line.ys, strict=True)
            if not is_finite(y) and is_drawable(x) and 0 <= self.x.place(x) <= 1
        ]

    def remarks(self, width: int) -> list[Row]:
        """Remarks on the values that are not drawn, and the note of the axes."""
        words = left_out([y for line in self.lines if line.stroke != "dotted" for y in line.ys], self.y)
        words += [printable(self.axes.note, ascii=self.look.ascii)] if self.axes.note else []
        return [[(row, "dim")] for row in wrap(words, width, "; ", ascii=self.look.ascii)]

    def legend(self, width: int) -> list[Row]:
        """The letter and name of every line that has a label, in its colour; dashed lines have none."""
        named = [line for line in self.lines if line.label]
        if len(named) < 2 and not any(line.letter for line in named):
            return []
        room = max(1, min(28, width - 3))
        labels = crop_unique([printable(line.label) for line in named], room, ascii=self.look.ascii)
        ranks = sorted(range(len(named)), key=lambda at: palette.place(named[at].letter))
        rows, used = [[("", "")]], 0
        for at in ranks:
            entry = f"{self.glyph(named[at])} {labels[at]}"
            gap = "  " if used else " "
            if used and used + len(gap) + cell_len(entry) > width:
                rows.append([])
                used, gap = 0, " "
            rows[-1] += [(gap, ""), (entry, self.style(named[at]))]
            used += len(gap) + cell_len(entry)
        return rows
