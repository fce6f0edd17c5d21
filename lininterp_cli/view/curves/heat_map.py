"""Blocks x alpha as a heat map, a barrier beside each row; never wider or higher than asked, whatever the values are.

Brighter is a higher loss or error.  Every cell has a sign under its colour, so that copied text and terminals without
colours show the same.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from rich.cells import cell_len
from rich.text import Text

from lininterp_cli.landscape.curves.curve import Curve, Metric
from lininterp_cli.view import palette, ramp
from lininterp_cli.view.curves.ends import endpoint_names
from lininterp_cli.view.curves.layer_rows import LayerRow, resample, threshold_words
from lininterp_cli.view.curves.quantity import reach
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.guard import Limits, is_drawable, robust_limits
from lininterp_cli.view.text import bar, crop, crop_unique, number, printable

_FAR = 1e6


@dataclass(frozen=True, slots=True)
class _Signs:
    not_finite: str
    unknown: str
    high: str
    pointer: str
    chosen: str
    cursor: str


_SIGNS = {False: _Signs("x", "·", "▲", "▌", "●", "▼"), True: _Signs("x", ",", "^", ">", "o", "v")}


@dataclass(frozen=True, kw_only=True, slots=True)
class HeatMap:
    """The content and the style of a heat map."""

    curve: Curve
    """The curve of the rows."""
    rows: Sequence[LayerRow]
    """The rows, from top to bottom."""
    definition: str
    """Definition of the rows' barriers."""
    threshold: float
    """The threshold of the rows' barriers, in nats or as a fraction; a full bar is at least as high."""
    metric: Metric = "loss"
    """The metric of the costs: `loss`, or `accuracy` for the error."""
    per_row: bool = False
    """Whether each row has a colour scale of its own."""
    log: bool = False
    """Whether the colour scale is logarithmic."""
    cursor: int = -1
    """Index of the row with a pointer; -1 for none."""
    alpha: float | None = None
    """The alpha with a pointer over the map; None for none."""
    chosen: Collection[str] = field(default_factory=tuple)
    """Labels of the rows that are marked as chosen."""
    look: Look = field(default_factory=Look)
    """What can be shown."""


def heat_map(shown: HeatMap, *, width: int, height: int | None = None, first: int = 0, tall: int = 1) -> list[Text]:
    """Draw a map: a line of heads, then `tall` lines for each row.

    Args:
        shown: The map.
        width: Columns.
        height: Lines at most; as many as all rows take unless given.
        first: Index of the first row to draw.
        tall: Lines per row.

    Returns:
        Lines of at most `width` columns.
    """
    layout = _layout(shown, width)
    last = len(shown.rows) if height is None else first + max(0, height - 1) // tall
    scale = None if shown.per_row else scale_of(shown.rows, shown.metric, log=shown.log)
    top = max([shown.threshold, *(row.height for row in shown.rows)])
    lines = [_heads(shown, layout)]
    for place, row in list(enumerate(shown.rows))[first:last]:
        limits = scale_of([row], shown.metric, log=shown.log) if shown.per_row else scale
        line = _line(shown, layout, place, row, limits, top)
        # The further lines of a row repeat only its pointer and its cells.
        edge = 2 + len(layout.labels[place]) + layout.label - cell_len(layout.labels[place]) + 1
        below = Text.assemble(line[:1], " " * (edge - 1), line[edge : edge + layout.cells])
        lines += [line, *(below.copy() for _ in range(tall - 1))]
    for line in lines:
        line.truncate(width)
    return lines[:height]


def scale_of(rows: Sequence[LayerRow], metric: Metric, *, log: bool = False) -> Limits | None:
    """Limits of the colours: the smallest and the largest cost, diverged ones left out.

    Args:
        rows: The rows that share them.
        metric: The metric of the costs.
        log: Whether the scale is logarithmic.

    Returns:
        The limits; None where nothing is finite.
    """
    values = [value for row in rows for value in row.costs]
    limits = robust_limits(values, log=log, always=reach(metric))
    inside = [v for v in values if limits and is_drawable(v, log=log) and limits.low <= v <= limits.high]
    return Limits(low=min(inside), high=max(inside), log=log) if inside else None


def legend(shown: HeatMap, width: int) -> Text:
    """The legend of a map's colours and signs, in one line.

    Args:
        shown: The map.
        width: Columns.

    Returns:
        One line.
    """
    signs = _SIGNS[shown.look.ascii]
    scale = scale_of(shown.rows, shown.metric, log=shown.log)
    text = Text(" ", "dim")
    ends = ("low", "high") if shown.per_row or scale is None else (number(scale.low), number(scale.high))
    text.append(f"{ends[0]} ")
    _paint(text, [_shaded(column / 9, shown.look) for column in range(10)])
    unit = "loss in nats" if shown.metric == "loss" else "error"
    scales = "each row its own scale" if shown.per_row else "one scale"
    missing = [value for row in shown.rows for value in row.costs if not math.isfinite(value)]
    limit = threshold_words(shown.threshold, shown.metric)
    words = [f" {ends[1]} {unit}, {'log, ' if shown.log else ''}{scales}", f"{signs.high} barrier {limit}"]
    words += [f"{signs.not_finite} not finite", f"{signs.unknown} not known"] if missing else []
    line = "  ".join(words)
    # The most obvious words are dropped first, so that every sign keeps its explanation.
    for more, less in (
        (", one scale", ""),
        (" barrier ", " "),
        ("each row its own scale", "own scales"),
        (" in nats", ""),
    ):
        line = line.replace(more, less, 1) if text.cell_len + cell_len(line) > width else line
    text.append(line, "dim")
    text.truncate(width)
    return text


@dataclass(frozen=True, kw_only=True, slots=True)
class _Layout:
    """The columns of a map, and their widths."""

    labels: list[str]
    """Shortened labels."""
    label: int
    """Width of the labels."""
    cells: int
    """Width of the map."""
    bar: int
    """Width of the bars."""
    figures: list[str]
    """Heights of the barriers."""
    figure: int
    """Width of the heights."""
    others: list[tuple[str, list[str], int]]
    """Further columns: head, cells and width."""
    span: tuple[float, float]
    """Alphas of the first and the last cell."""


def _layout(shown: HeatMap, width: int) -> _Layout:
    rows, ascii = shown.rows, shown.look.ascii
    names = [printable(row.label) for row in rows]
    label = min(max((cell_len(name) for name in names), default=0), max(4, width // 4))
    label = max(label, min(10, width // 5))
    figures = [_height(row, shown.metric) for row in rows]
    figure = max((len(words) for words in figures), default=0)
    others: list[tuple[str, list[str], int]] = []
    size = max(0, min(18, width // 8 - 2)) if width >= 44 else 0
    # Pointer and sign, blanks between the columns, the sign behind the barrier.
    used = 2 + label + 1 + 1 + size + 1 + figure + 2
    for head, words in _further(shown):
        room = max(len(head), max((len(word) for word in words), default=0))
        if width - used - room - 2 >= max(22, width * 11 // 40) and any(words):
            others.append((head, words, room))
            used += room + 2
    # Bounded, so that the span can be divided by whatever a file holds; values beyond are in the outermost cells.
    positions = [max(-_FAR, min(alpha, _FAR)) for row in rows for alpha in row.series.alphas]
    return _Layout(
        labels=crop_unique(names, label, ascii=ascii), label=label, cells=max(1, width - used), bar=size,
        figures=figures, figure=figure, others=others, span=(min([0.0, *positions]), max([1.0, *positions])),
    )  # fmt: skip


def _further(shown: HeatMap) -> list[tuple[str, list[str]]]:
    """Columns for which there may be room, the most important first."""
    tops = [f"{row.barrier.alpha:.2f}" if row.barrier is not None and row.height > 0 else "" for row in shown.rows]
    bounds = [
        "" if row.interval is None else "..".join(_figure(value, shown.metric) for value in _ends(row))
        for row in shown.rows
    ]
    settled = ["" if row.settled is None else f"{row.settled:.2f}" for row in shown.rows]
    moved = [number(row.series.distance) for row in shown.rows]
    critical = ["" if row.critical is None else row.critical.words(ascii=shown.look.ascii) for row in shown.rows]
    return [("at", tops), ("moved", moved), ("critical", critical), ("95 %", bounds), ("settled", settled)]


def _ends(row: LayerRow) -> tuple[float, ...]:
    return () if row.interval is None else (row.interval.low, row.interval.high)


def _figure(value: float, metric: Metric) -> str:
    """A barrier's height; all have the same decimals, so that a column can be read at a glance."""
    value, decimals = (value, 3) if metric == "loss" else (100 * value, 2)
    return f"{value:.{decimals}f}" if abs(value) < 1e5 else number(value)


def _height(row: LayerRow, metric: Metric) -> str:
    return "n/a" if row.barrier is None else _figure(row.height, metric)


def _heads(shown: HeatMap, layout: _Layout) -> Text:
    ascii = shown.look.ascii
    place = f"{shown.cursor + 1}/{len(shown.rows)}" if shown.cursor >= 0 else ""
    name = crop(f"{shown.curve.by if shown.curve.by != 'full' else 'path'} {place}", layout.label, ascii=ascii)
    axis = _axis(shown, layout)
    barrier = f"{shown.definition}, {'nats' if shown.metric == 'loss' else 'pp'}"
    room = layout.bar + 1 + layout.figure + 2
    others = "".join(f"  {head:>{size}}" for head, _, size in layout.others)
    text = Text(f"  {name:<{layout.label}} ", style="dim")
    return text.append(axis).append(f" {crop(barrier, room, ascii=ascii):<{room}}{others}")


def _axis(shown: HeatMap, layout: _Layout) -> str:
    """The alphas over the map, with the cursor's place."""
    (low, high), columns, ascii = layout.span, layout.cells, shown.look.ascii
    names = endpoint_names(shown.curve) if (low, high) == (0, 1) else ("", "")
    first, last = (crop(name, max(0, columns // 2 - 3), ascii=ascii) for name in names)
    column = -1
    if shown.alpha is not None:
        column = round((min(max(low, shown.alpha), high) - low) / (high - low) * (columns - 1))
    # A name that the cursor would cover or touch is dropped; its alpha stays.
    first = "" if 0 <= column <= cell_len(first) + 2 else first
    last = "" if columns - cell_len(last) - 3 <= column else last
    words = [f"{low:g} {first}".rstrip(), f"{last} {high:g}".lstrip()]
    gap = columns - sum(map(cell_len, words))
    line = words[0] + " " * gap + words[1] if gap > 0 else ("-" if ascii else "─") * columns
    if column < 0:
        return line
    wide = cell_len(words[0]) - len(words[0]) if gap > 0 else 0
    return line[: column - wide] + _SIGNS[ascii].cursor + line[column - wide + 1 :]


def _line(shown: HeatMap, layout: _Layout, place: int, row: LayerRow, limits: Limits | None, top: float) -> Text:
    look, signs = shown.look, _SIGNS[shown.look.ascii]
    color = palette.HIGH if row.is_high and look.color else ""
    label = layout.labels[place]
    text = Text(signs.pointer if place == shown.cursor else " ", no_wrap=True)
    text.append(signs.chosen if row.label in shown.chosen else " ")
    weight = " ".join(
        part for part in ("bold" if row.is_high else "", "reverse" if place == shown.cursor else "") if part
    )
    text.append(label + " " * (layout.label - cell_len(label)), weight).append(" ")
    values = resample(row.series.alphas, row.costs, *layout.span, layout.cells)
    _paint(text, [_painted(value, limits, look) for value in values])
    share = row.height / top if top > 0 else 0.0
    text.append(" ").append(bar(share, layout.bar, ascii=look.ascii), color)
    text.append(f" {layout.figures[place]:>{layout.figure}}", f"bold {color}".strip() if row.is_high else "")
    text.append(f" {signs.high if row.is_high else ' '}", color)
    for _, words, size in layout.others:
        text.append(f"  {words[place]:>{size}}")
    return text


def _painted(value: float | None, limits: Limits | None, look: Look) -> tuple[str, str]:
    """The sign of a cell and its style."""
    signs = _SIGNS[look.ascii]
    if value is None:
        return signs.unknown, "dim"
    if not math.isfinite(value) or limits is None:
        return signs.not_finite, palette.HIGH if look.color else "bold"
    return _shaded(_share(limits, value), look)


def _shaded(share: float, look: Look) -> tuple[str, str]:
    return ramp.shade(share, ascii=look.ascii), ramp.style(share, look)


def _paint(text: Text, cells: Sequence[tuple[str, str]]) -> None:
    """Append cells; neighbours of one style are joined, as every change of style costs bytes."""
    for style, run in groupby(cells, key=lambda cell: cell[1]):
        text.append("".join(sign for sign, _ in run), style)


def _share(limits: Limits, value: float) -> float:
    if (limits.log and value <= 0) or limits.high - limits.low <= 1e-9 * abs(limits.high):
        return 0.0
    return limits.place(value)
