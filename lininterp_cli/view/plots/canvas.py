"""Lines as characters: braille, drawn by plotext or without it, or ASCII; the only module that uses plotext.

It takes points inside the unit square (see `guard`), and draws no frame, tick or word.  plotext has one global figure,
so draw from one thread only.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

Point = tuple[float, float]
Run = tuple[int, str, int]
"""First column, characters without a gap, and the index of the line that owns them."""

_ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")
_WORD = re.compile(r"[^ \u2800]+")


def has_plotext() -> bool:
    """Whether a usable plotext can be imported: some platforms have no wheel, and 5.x has another interface."""
    try:
        import plotext  # noqa: PLC0415 (importing it costs 150 ms)
    except (ImportError, OSError):
        return False
    return hasattr(plotext, "pixel")


def draw(
    lines: Sequence[Sequence[Sequence[Point]]], glyphs: Sequence[str], width: int, height: int, *, ascii: bool
) -> list[list[Run]]:
    """Draw lines on a canvas; a later one lies over an earlier one.

    Args:
        lines: For each line its connected pieces, every point inside [0, 1] x [0, 1], (0, 0) at the lower left.
        glyphs: For each line the character that draws it in ASCII.
        width: Columns, 2 or more.
        height: Rows, 2 or more.
        ascii: Draw with the glyphs only.

    Returns:
        `height` rows of their characters, without blanks; from top to bottom, each from left to right.
    """
    if ascii:
        return _draw_ascii(lines, glyphs, width, height)
    return _draw_with_plotext(lines, width, height) if has_plotext() else _draw_braille(lines, width, height)


def cell_of(point: Point, width: int, height: int) -> tuple[int, int]:
    """The row and the column of a point's cell in plotext and in ASCII; `_draw_braille` may be one cell off."""
    return round((1 - point[1]) * (height - 1)), round(point[0] * (width - 1))


def _draw_with_plotext(lines: Sequence[Sequence[Sequence[Point]]], width: int, height: int) -> list[list[Run]]:
    import plotext  # noqa: PLC0415 (importing it costs 150 ms)

    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.plot_size(width, height)
    figure.theme("colorless")
    figure.axes(False)
    for axis in ("x", "y"):
        for side in (0, 1):
            figure.ruler(axis, side).frequency(0)
    for index, pieces in enumerate(lines):
        # The line's index passes through plotext as a colour, so the caller's style need not be one it knows.
        marker = plotext.marker("braille", pixel=plotext.pixel(foreground=(index >> 8, index & 255, 1)))
        for piece in pieces:
            figure.draw(_signal(figure, piece, marker))
    # Limits take effect when the figure is built; the upper limit of an unset ruler would follow the data.
    figure.ruler("x").lim(0, 1)
    figure.ruler("y").lim(0, 1)
    rows = [_read_row(row, width) for row in figure.build().string().split("\n")[:height]]
    return rows + [[] for _ in range(height - len(rows))]


def _signal(figure: Any, piece: Sequence[Point], marker: Any) -> Any:
    signal = figure.signal([x for x, _ in piece], [y for _, y in piece], marker=marker)
    return signal.lines() if len(piece) > 1 else signal


def _read_row(row: str, width: int) -> list[Run]:
    runs: list[Run] = []
    owner, start, column = -1, 0, 0
    for match in [*_ESCAPE.finditer(row), None]:
        text = row[start : match.start() if match else len(row)][: width - column]
        runs += [(column + word.start(), word[0], owner) for word in _WORD.finditer(text)] if owner >= 0 else []
        column += len(text)
        if match:
            codes = match[1].split(";")
            owner = (int(codes[2]) << 8) + int(codes[3]) if codes[:2] == ["38", "2"] and len(codes) > 4 else -1
            start = match.end()
    return runs


def _draw_braille(lines: Sequence[Sequence[Sequence[Point]]], width: int, height: int) -> list[list[Run]]:
    """Draw braille without plotext; as with it, crossing lines share the dots of a cell."""
    dots: list[dict[int, tuple[int, int]]] = [{} for _ in range(height)]
    for index, pieces in enumerate(lines):
        for piece in pieces:
            for start, end in pairwise([*piece, piece[-1]]):
                steps = _walk(cell_of(start, 2 * width, 4 * height), cell_of(end, 2 * width, 4 * height))
                for row, column in steps:
                    cells = dots[row // 4]
                    bits = cells.get(column // 2, (0, 0))[0] | _DOTS[row % 4][column % 2]
                    cells[column // 2] = (bits, index)
    return [[(at, chr(0x2800 + row[at][0]), row[at][1]) for at in sorted(row)] for row in dots]


_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille character's dots, row by row (Unicode 15, block Braille Patterns)."""


def _draw_ascii(
    lines: Sequence[Sequence[Sequence[Point]]], glyphs: Sequence[str], width: int, height: int
) -> list[list[Run]]:
    rows: list[dict[int, Run]] = [{} for _ in range(height)]
    for index, (pieces, glyph) in enumerate(zip(lines, glyphs, strict=True)):
        for piece in pieces:
            for start, end in pairwise([*piece, piece[-1]]):
                for row, column in _walk(cell_of(start, width, height), cell_of(end, width, height)):
                    rows[row][column] = (column, glyph, index)
    return [[row[column] for column in sorted(row)] for row in rows]


def _walk(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    return [
        (round(start[0] + (end[0] - start[0]) * step / steps), round(start[1] + (end[1] - start[1]) * step / steps))
        for step in range(steps + 1)
    ]
