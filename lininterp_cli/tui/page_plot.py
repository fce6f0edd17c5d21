"""The plot of a page, the exact values under it and the barriers; the state that keys change is in `page`."""

import textwrap
from collections.abc import Callable, Iterable

from rich.table import Table
from rich.text import Text

from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.page import Page
from lininterp_cli.view import palette
from lininterp_cli.view.curves.barriers import barrier_table
from lininterp_cli.view.curves.curve import curve_rows
from lininterp_cli.view.curves.drawing import Drawing
from lininterp_cli.view.curves.epochs import epoch_line, epochs, training_rows
from lininterp_cli.view.curves.legs import Legs, legs_of, legs_rows
from lininterp_cli.view.curves.numbers import HEADS, Reading, numbers, series_numbers, value_line, words_of
from lininterp_cli.view.plots.panel import Row
from lininterp_cli.view.runs.seeds import differ_in_seed_only, twin_curve
from lininterp_cli.view.text import printable

MAX_TWINS = 32
"""Maximum number of runs that are read for the band over seeds."""

Plot = Callable[[int, int], list[Row]]
"""Draws a plot, given its columns and rows."""


def plotter(page: Page) -> Plot | None:
    """Returns a function that draws the page's plot, or None until the run is read."""
    detail, look = page.detail, page.look
    if detail is None:
        return None
    if detail.entry.summary.state == "damaged":
        words = printable(detail.entry.summary.error, ascii=look.ascii)
        return lambda width, height: _folded(words, width, height)
    drawing, legs = _drawing(page), _legs(page)

    def draw(width: int, height: int) -> list[Row]:
        if legs is not None:
            return legs_rows(
                legs, page.shown_splits(legs.splits), quantity=page.quantity, definition=page.definition, width=width,
                height=height, log=page.log, band=page.band, num_classes=_num_classes(page), window=page.lens.window,
                cursor=page.lens.cursor, look=look,
            )  # fmt: skip
        if drawing is not None:
            return curve_rows(drawing, width=width, height=height, legend=height > 20, look=look)
        return training_rows(
            detail.rows, metric=page.metric, width=width, height=height, log=page.log, window=page.lens.window,
            cursor=page.lens.cursor, look=look,
        )  # fmt: skip

    return draw


def _drawing(page: Page) -> Drawing | None:
    curve = page.curve
    if curve is None:
        return None
    labels = {series.label for series in curve.series}
    blocks = page.chosen & labels
    splits = page.shown_splits(curve.splits)
    others = (twin_curve(curve, splits, detail.curves) for detail in page.twins) if page.band == "seeds" else ()
    return Drawing(
        curve=curve, splits=splits, quantity=page.quantity, definition=page.shown_definition,
        blocks=blocks | {page.highlight or next(iter(blocks))} if blocks else None, highlight=page.highlight,
        log=page.log, shade=True, band=page.band, others=tuple(one for one in others if one is not None),
        num_classes=_num_classes(page), window=page.lens.window, cursor=page.lens.cursor,
    )  # fmt: skip


def _num_classes(page: Page) -> int | None:
    run = page.detail.run if page.detail is not None else None
    count = run.record.num_classes if run is not None else None
    return count if isinstance(count, int) else None


def _legs(page: Page) -> Legs | None:
    return legs_of(page.detail.curves) if page.legs and page.detail is not None else None


def _readings(page: Page) -> list[Reading]:
    """The series whose values are shown: the legs, or the highlighted series, or all that are drawn."""
    legs, drawing = _legs(page), _drawing(page)
    if legs is not None:
        return legs.readings
    if drawing is None:
        return []
    found = [
        Reading(
            name=series.label,
            sign="all" if series.block is None else palette.letter(index),
            series=series,
        )
        for index, series in drawing.shown
    ]
    return [one for one in found if one.name == page.highlight] or found


def _axis(page: Page, readings: list[Reading]) -> list[float]:
    """The positions that the cursor can take: those of all legs, or of the first series, or else the epochs."""
    if not readings:
        return epochs(page.detail.rows) if page.detail is not None else []
    parts = readings if _legs(page) is not None else readings[:1]
    return sorted({position for one in parts for position in one.positions})


def _top(page: Page, readings: list[Reading]) -> float | None:
    """Alpha of the highest barrier among the series; None for legs, or if no barrier is above 0."""
    curve = page.curve
    if curve is None or _legs(page) is not None:
        return None
    split, definition = page.shown_split(curve.splits), page.shown_definition
    pairs = [curve.barrier(one.series, split, definition, page.metric) for one in readings]
    tops = [(barrier.height, barrier.alpha) for barrier in pairs if barrier is not None and barrier.height > 0]
    return max(tops)[1] if tops else None


def _start(page: Page, readings: list[Reading]) -> float:
    """Position of a cursor that was not moved: the top of the highest barrier, the middle of the axis, or the end."""
    axis, top = _axis(page, readings), _top(page, readings)
    if not readings:
        return axis[-1]
    middle = (axis[0] + axis[-1]) / 2 if top is None else top
    return min(axis, key=lambda position: abs(position - middle))


def move_cursor(page: Page, steps: int) -> None:
    """Move the cursor through the measured alphas, or the epochs.

    Args:
        page: The page.
        steps: Number of positions to move by; negative is to the left.
    """
    readings = _readings(page)
    if axis := _axis(page, readings):
        page.lens.move(axis, steps, _start(page, readings))


def zoom(page: Page, direction: int) -> None:
    """Show a smaller or a larger part of the axis.

    Args:
        page: The page.
        direction: 1 for half of it around the cursor, -1 for twice as much, 0 for the whole axis and no cursor.
    """
    readings = _readings(page)
    axis = _axis(page, readings)
    if direction == 0:
        page.lens.clear()
    elif len(axis) > 1:
        page.lens.zoom(axis, direction, _start(page, readings))


def values(page: Page, width: int) -> Text:
    """The exact values at the cursor, or at the top of the barrier before it is moved.

    Args:
        page: The page.
        width: Columns.

    Returns:
        One line; empty if there is neither a curve nor a training.
    """
    readings, legs = _readings(page), _legs(page)
    if not _axis(page, readings):
        return Text()
    place = _start(page, readings) if page.lens.cursor is None else page.lens.cursor
    if page.detail is not None and not readings:
        return epoch_line(page.detail.rows, place, width, metric=page.metric, ascii=page.look.ascii)
    splits = page.shown_splits(legs.splits if legs is not None else list(readings[0].series.splits))
    note = "top" if page.lens.cursor is None and place == _top(page, readings) else ""
    if legs is not None:
        readings = [one for one in readings if any(abs(position - place) < 1e-9 for position in one.positions)]
    return value_line(readings, splits, page.quantity, place, note, width, ascii=page.look.ascii)


def tabulator(page: Page) -> Callable[[int], Table] | None:
    """Returns a function from columns to the table of barriers, or None if there is no curve."""
    curve = page.curve
    if curve is None:
        return None

    def tabulate(width: int) -> Table:
        table = barrier_table(
            curve, page.shown_split(curve.splits), page.shown_definition, metric=page.metric, width=width,
            as_error=page.as_error, highlight=page.highlight, look=page.look,
        )  # fmt: skip
        # The heading above the plot already names split and definition.
        table.title = table.caption = None
        for series, sign in zip(curve.series, table.columns[0].cells, strict=True):
            if series.label in page.chosen and isinstance(sign, Text):
                sign.plain = sign.plain.replace(" ", "+", 1)
        return table

    return tabulate


def table(page: Page) -> list[list[str]]:
    """All numbers of the shown curves as a table, the header first."""
    legs, drawing = _legs(page), _drawing(page)
    rows = []
    if legs is not None:
        rows = [row for one in legs.readings for row in series_numbers(one.series, legs.splits, one.name)]
    elif drawing is not None:
        rows = numbers(drawing.curve, drawing.splits, drawing.blocks)
    return [list(HEADS), *words_of(rows)] if rows else []


def twins_of(entry: Entry, entries: Iterable[Entry]) -> list[Entry]:
    """The runs that differ from a given one in the seed only.

    Args:
        entry: The run.
        entries: All runs.

    Returns:
        At most MAX_TWINS, one for each seed; those with a barrier are preferred and come first.
    """
    found: dict[object, Entry] = {}
    for other in sorted(entries, key=lambda one: (one.summary.worst is None, one.key)):
        if differ_in_seed_only(entry.summary, other.summary):
            found.setdefault(other.summary.settings.get("seed"), other)
    return list(found.values())[:MAX_TWINS]


def _folded(error: str, width: int, height: int) -> list[Row]:
    lines = textwrap.wrap(f"This run cannot be read: {error}", max(1, width - 2))
    return [[(f" {line}", "")] for line in ["", *lines][:height]]
