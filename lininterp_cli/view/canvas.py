"""Lines as characters: braille through plotext, or plain ASCII; the only module that talks to plotext.

It is given points inside the unit square and nothing else (see `guard`), and draws no frame, tick or word.
plotext is one global figure: draw from one thread only.
"""

import re
from collections.abc import Sequence
from typing import Any

Point = tuple[float, float]
Cell = tuple[str, int]
"""A character and the index of the line that owns it; -1 where there is none."""

_ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")
_EMPTY = " "


def has_plotext() -> bool:
    """Whether plotext can be imported; some platforms have no wheel of it, and a 5.x has another interface."""
    try:
        import plotext  # noqa: PLC0415 (importing it costs 150 ms)
    except (ImportError, OSError):
        return False
    return hasattr(plotext, "pixel")


def draw(
    lines: Sequence[Sequence[Sequence[Point]]], glyphs: Sequence[str], width: int, height: int, *, ascii: bool
) -> list[list[Cell]]:
    """Draw lines on a canvas; a later one lies over an earlier one.

    Args:
        lines: For each line its connected pieces, every point inside [0, 1] x [0, 1], (0, 0) at the lower left.
        glyphs: For each line the character that draws it where braille cannot be shown.
        width: Columns, 2 or more.
        height: Rows, 2 or more.
        ascii: Draw with the glyphs only.

    Returns:
        `height` rows of `width` cells, the upper row first.
    """
    if ascii or not has_plotext():
        return _draw_ascii(lines, glyphs, width, height)
    return _draw_braille(lines, width, height)


def cell_of(point: Point, width: int, height: int) -> tuple[int, int]:
    """The row and the column of a point, as both ways of drawing place it."""
    return round((1 - point[1]) * (height - 1)), round(point[0] * (width - 1))


def _draw_braille(lines: Sequence[Sequence[Sequence[Point]]], width: int, height: int) -> list[list[Cell]]:
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
        # The colour carries the line's index through plotext, so that the caller's style need not be one it knows.
        pixel = plotext.pixel(foreground=(index >> 8, index & 255, 1))
        for piece in pieces:
            figure.draw(_signal(plotext, figure, piece, plotext.marker("braille", pixel=pixel)))
    # Limits are read when the figure is built, and the upper ones of an unset ruler would follow the data.
    figure.ruler("x").lim(0, 1)
    figure.ruler("y").lim(0, 1)
    rows = [_read_row(row, width) for row in figure.build().string().split("\n")[:height]]
    return rows + [[(_EMPTY, -1)] * width] * (height - len(rows))


def _signal(plotext: Any, figure: Any, piece: Sequence[Point], marker: Any) -> Any:
    signal = figure.signal([x for x, _ in piece], [y for _, y in piece], marker=marker)
    return signal.lines() if len(piece) > 1 else signal


def _read_row(row: str, width: int) -> list[Cell]:
    cells: list[Cell] = []
    owner, start = -1, 0
    for match in [*_ESCAPE.finditer(row), None]:
        text = row[start : match.start() if match else len(row)]
        cells += [(_EMPTY, -1) if one in " \u2800" else (one, owner) for one in text]
        if match:
            codes = match[1].split(";")
            owner = (int(codes[2]) << 8) + int(codes[3]) if codes[:2] == ["38", "2"] and len(codes) > 4 else -1
            start = match.end()
    return (cells + [(_EMPTY, -1)] * width)[:width]


def _draw_ascii(
    lines: Sequence[Sequence[Sequence[Point]]], glyphs: Sequence[str], width: int, height: int
) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[(_EMPTY, -1)] * width for _ in range(height)]
    for index, (pieces, glyph) in enumerate(zip(lines, glyphs, strict=True)):
        for piece in pieces:
            for start, end in zip(piece, [*piece[1:], piece[-1]], strict=True):
                for row, column in _walk(cell_of(start, width, height), cell_of(end, width, height)):
                    rows[row][column] = (glyph, index)
    return rows


def _walk(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    return [
        (round(start[0] + (end[0] - start[0]) * step / steps), round(start[1] + (end[1] - start[1]) * step / steps))
        for step in range(steps + 1)
    ]
