"""Any set of lines as a plot of text, never wider or higher than asked, whatever the values are.

Frame, ticks, legend and remarks are drawn here; the lines themselves by `canvas`, on what `guard` lets through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.text import Text

from lininterp_cli.view import palette
from lininterp_cli.view.canvas import Cell, cell_of, draw
from lininterp_cli.view.guard import Limits, clip_runs, is_drawable, robust_limits, span, thin, ticks
from lininterp_cli.view.remarks import is_finite, left_out, nothing
from lininterp_cli.view.text import crop, crop_unique, printable, wrap

MIN_WIDTH, MIN_HEIGHT = 24, 6
"""Columns and rows below which there is a remark instead of a plot."""

_FRAMES = {False: "┌─┐│└┘┤┬┊▲━", True: "+-+|++++:^*"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a plot."""

    label: str
    """What the legend calls it."""
    xs: Sequence[float]
    """Positions, ascending."""
    ys: Sequence[float | None]
    """Values, as many; None, NaN and the infinities are gaps with an `x` on the axis."""
    color: str | None = None
    """`#rrggbb`; None is the terminal's own foreground."""
    letter: str | None = None
    """One ASCII character that stands on the line and in the legend; None for the line that needs none."""
    emphasis: Literal["dim", "normal", "bold"] = "normal"
    """How it stands out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A place on a line that the frame points to."""

    x: float
    """Position."""
    y: float
    """Value."""
    text: str
    """What is said of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Axes:
    """What a plot is of."""

    title: str = ""
    """The line above the frame."""
    x_ticks: Sequence[tuple[float, str]] | None = None
    """Positions with their labels; round numbers unless given."""
    x_label: str = ""
    """What the positions are, where there is room beside the ticks."""
    log: bool = False
    """Whether the values' axis is logarithmic."""
    always: float = 0.0
    """Values up to this magnitude are never taken for diverged."""
    note: str = ""
    """A remark to stand under the plot."""


ALPHA_TICKS = ((0.0, "0"), (0.25, "0.25"), (0.5, "0.5"), (0.75, "0.75"), (1.0, "1"))
"""Ticks of the way from one endpoint to the other."""


def plot(
    lines: Sequence[Line],
    *,
    width: int,
    height: int,
    axes: Axes | None = None,
    marks: Sequence[Mark] = (),
    legend: bool = True,
    ascii: bool = False,
    color: bool = True,
) -> Text:
    """Draw lines over a common axis.

    Values that are not finite are gaps with an `x` on the axis; values far from all others are cut off; both are
    said under the plot.

    Args:
        lines: What to draw; a later one lies over an earlier one.
        width: Columns at most.
        height: Rows at most, title, legend and remarks included.
        axes: What the plot is of.
        marks: Places that the upper frame points to, the most important first; as many as fit.
        legend: Whether letters and labels are listed under the plot.
        ascii: Use ASCII only.
        color: Use colours.

    Returns:
        At most `height` lines of at most `width` columns.
    """
    axes = axes or Axes()
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return _remark("too small for a plot", width, height, ascii=ascii)
    x_limits = span([x for line in lines for x in line.xs])
    y_limits = robust_limits([y for line in lines for y in line.ys if y is not None], log=axes.log, always=axes.always)
    if x_limits is None or y_limits is None:
        return _remark(
            nothing([y for line in lines for y in line.ys], log=axes.log), width, height, ascii=ascii, title=axes.title
        )
    sheet = _Sheet(lines, axes, x_limits, y_limits, ascii, color)
    head = [Text(crop(printable(axes.title), width, ascii=ascii), style="bold")] if axes.title else []
    key = sheet.legend(width) if legend else []
    remarks = sheet.remarks(width)
    # Ticks and two frames are three rows; a canvas of less than four shows nothing, so words give way first.
    for part in (key, remarks, head):
        while part and height - 3 - len(head) - len(remarks) - len(key) < max(4, height // 2):
            if part is not key and height - 3 - len(head) - len(remarks) - len(key) >= 4:
                break
            part.pop()
    body = sheet.body(width, height - 3 - len(head) - len(remarks) - len(key), marks)
    return Text("\n").join([*head, *body, *remarks, *key])


class _Sheet:
    """Everything about one plot but its size."""

    def __init__(
        self, lines: Sequence[Line], axes: Axes, x_limits: Limits, y_limits: Limits, ascii: bool, color: bool
    ) -> None:
        self.lines, self.axes, self.x, self.y = lines, axes, x_limits, y_limits
        self.ascii, self.color = ascii, color
        self.frame = _FRAMES[ascii]

    def style(self, index: int) -> str:
        line = self.lines[index]
        words = [] if line.emphasis == "normal" else [line.emphasis]
        return " ".join(words + ([line.color] if self.color and line.color else []))

    def glyph(self, line: Line) -> str:
        return line.letter or self.frame[10]

    def body(self, width: int, rows: int, marks: Sequence[Mark]) -> list[Text]:
        """The frame with what is in it, and the ticks under it."""
        y_ticks = ticks(self.y, max(2, min(7, rows // 2)))
        margin = min(9, max(len(label) for _, label in y_ticks))
        columns = width - margin - 2
        cells = self.cells(columns, rows)
        edge, notch = self.frame[3], self.frame[6]
        labels = {cell_of((0, self.y.place(value)), columns, rows)[0]: label for value, label in reversed(y_ticks)}
        out = [Text(" " * margin + self.frame[0]) + self.top(columns, rows, marks, cells) + self.frame[2]]
        for row, content in enumerate(cells):
            label = labels.get(row)
            line = Text(f"{label or '':>{margin}}"[:margin] + (notch if label else edge))
            out.append(line + self.row_text(content) + edge)
        return out + self.bottom(margin, columns)

    def cells(self, columns: int, rows: int) -> list[list[Cell]]:
        """The canvas with each line's letter on it."""
        pieces = [[thin(run, columns) for run in clip_runs(line.xs, line.ys, self.x, self.y)] for line in self.lines]
        cells = draw(pieces, [self.glyph(line) for line in self.lines], columns, rows, ascii=self.ascii)
        cells = [list(row) for row in cells]
        if not self.ascii:
            _letter(cells, self.lines, columns)
        return cells

    def row_text(self, content: list[Cell]) -> Text:
        text = Text()
        start = 0
        for end in range(1, len(content) + 1):
            if end == len(content) or content[end][1] != content[start][1]:
                owner = content[start][1]
                word = "".join(one for one, _ in content[start:end])
                text.append(word, "dim" if owner == -2 else self.style(owner) if owner >= 0 else "")
                start = end
        return text

    def top(self, columns: int, rows: int, marks: Sequence[Mark], cells: list[list[Cell]]) -> Text:
        """The upper frame with its marks; a dotted line leads down from each to its place."""
        words: dict[int, str] = {}
        taken = [False] * columns
        for mark in marks:
            if not (is_drawable(mark.x) and is_drawable(mark.y, log=self.y.log)):
                continue
            place = (self.x.place(mark.x), min(1.0, max(0.0, self.y.place(mark.y))))
            row, column = cell_of(place, columns, rows)
            if not 0 <= column < columns:
                continue
            room = max(columns - column, column + 1)
            text = crop(printable(mark.text), max(0, room - 3), ascii=self.ascii, head=max(0, room - 15))
            word, start = f"{self.frame[9]} {text} ", column
            if column + cell_len(word) > columns:
                word, start = f" {text} {self.frame[9]}", column + 1 - cell_len(f" {text} {self.frame[9]}")
            stop = start + cell_len(word)
            if start < 0 or stop > columns or any(taken[start:stop]):
                continue
            taken[start:stop] = [True] * (stop - start)
            words[start] = word
            for above in range(row):
                if cells[above][column][1] == -1:
                    cells[above][column] = (self.frame[8], -2)
        return self._ruled(words, columns)

    def _ruled(self, words: dict[int, str], columns: int) -> Text:
        text, at = Text(), 0
        for start, word in sorted(words.items()):
            text.append(self.frame[1] * (start - at))
            text.append(word, f"bold {palette.HIGH}" if self.color else "bold")
            at = start + cell_len(word)
        return text.append(self.frame[1] * (columns - at))

    def bottom(self, margin: int, columns: int) -> list[Text]:
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
        name = printable(self.axes.x_label, ascii=self.ascii)
        if name and free + len(name) + 1 <= len(labels):
            labels[len(labels) - len(name) :] = name
        missing = {cell_of((self.x.place(x), 0), columns, 2)[1] for line in self.lines for x in self.missing(line)}
        for column in missing:
            edge[column] = "x"
        frame = Text(" " * margin + self.frame[4])
        for column, one in enumerate(edge):
            frame.append(one, f"bold {palette.HIGH}" if column in missing and self.color else "")
        return [frame.append(self.frame[5]), Text("".join(labels).rstrip())]

    def missing(self, line: Line) -> list[float]:
        """Positions of the values that are not finite."""
        return [x for x, y in zip(line.xs, line.ys, strict=True) if is_drawable(x) and not is_finite(y)]

    def remarks(self, width: int) -> list[Text]:
        """What is not in the plot, and what else is to be said."""
        words = left_out([y for line in self.lines for y in line.ys], self.y)
        words += [printable(self.axes.note, ascii=self.ascii)] if self.axes.note else []
        return [Text(row, style="dim") for row in wrap(words, width, "; ", ascii=self.ascii)]

    def legend(self, width: int) -> list[Text]:
        """Every line's letter and name, in its colour."""
        if len(self.lines) < 2 and not any(line.letter for line in self.lines):
            return []
        room = max(1, min(28, width - 3))
        labels = crop_unique([printable(line.label) for line in self.lines], room, ascii=self.ascii)
        entries = [
            (f"{self.glyph(line)} {labels[index]}", index)
            for index, line in sorted(enumerate(self.lines), key=lambda pair: palette.place(pair[1].letter))
        ]
        rows, used = [Text()], 0
        for entry, index in entries:
            gap = "  " if used else " "
            if used and used + len(gap) + cell_len(entry) > width:
                rows.append(Text())
                used, gap = 0, " "
            rows[-1].append(gap).append(entry, self.style(index))
            used += len(gap) + cell_len(entry)
        return rows


def _letter(cells: list[list[Cell]], lines: Sequence[Line], columns: int) -> None:
    """Put each line's letter on it, twice where it can be seen, the lines a step apart from each other."""
    owned: dict[int, dict[int, list[int]]] = {}
    for row, content in enumerate(cells):
        for column, (_, owner) in enumerate(content):
            if owner >= 0:
                owned.setdefault(owner, {}).setdefault(column, []).append(row)
    lettered = [index for index, line in enumerate(lines) if line.letter]
    for rank, index in enumerate(lettered):
        letter = lines[index].letter or ""
        step = columns / (2 * len(lettered))
        for turn in (0, 1):
            middle = (rank + 0.5 + turn * len(lettered)) * step
            near = sorted(owned.get(index, {}), key=lambda column: abs(column - middle))
            if near and abs(near[0] - middle) < columns / 4:
                column = near[0]
                cells[owned[index][column][0]][column] = (letter, index)


def _remark(text: str, width: int, height: int, *, ascii: bool, title: str = "") -> Text:
    rows = [Text(crop(printable(title), width, ascii=ascii), style="bold")] if title and height > 1 else []
    return Text("\n").join([*rows, Text(crop(text, width, ascii=True), style="dim")][: max(0, height)])
