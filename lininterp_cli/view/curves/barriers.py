"""The barriers of one curve as a table: height, interval and position, with the values at the ends."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from lininterp_cli.landscape.curves.barrier import Barrier
from lininterp_cli.landscape.curves.curve import Curve, Metric, Series
from lininterp_cli.view import palette
from lininterp_cli.view.curves.barrier_words import describe, height_words, num_missing
from lininterp_cli.view.curves.drawing import check, chosen
from lininterp_cli.view.curves.ends import endpoint_names
from lininterp_cli.view.curves.extent import preview_words
from lininterp_cli.view.curves.quantity import Quantity, shown_values
from lininterp_cli.view.look import Look
from lininterp_cli.view.table import bare_table
from lininterp_cli.view.text import MISSING, bar, crop, crop_unique, fraction, number, printable

_INTERVAL = 5
"""Index of the column of intervals."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sheet:
    """What all rows of one table share."""

    curve: Curve
    split: str
    definition: str
    metric: Metric
    ends: Quantity
    worst: tuple[Series, Barrier] | None
    look: Look


def barrier_table(
    curve: Curve,
    split: str,
    definition: str | None = None,
    *,
    metric: Metric = "loss",
    width: int = 80,
    as_error: bool = False,
    highlight: str | None = None,
    order: Sequence[str] = (),
    look: Look = Look(),
) -> Table:
    """The barrier of every series of one curve.

    An unknown split or definition raises UnknownNameError.

    Args:
        curve: The curve.
        split: `test` or `train`.
        definition: A key of BARRIERS; the curve's own default unless given.
        metric: `loss` for its barriers in nats, `accuracy` for those of the error in percentage points.
        width: Columns of the terminal; if they are too few, less important columns of the table are left out.
        as_error: Show the error at the ends instead of the accuracy.
        highlight: The label whose row is marked with a pointer.
        order: Labels in the order of the rows; series that are not in it follow in the curve's order.
        look: What can be shown.

    Returns:
        A table; the row of the highest barrier is bold and marked with HIGHEST.  Intervals follow the barriers where
        they were computed.
    """
    definition = check(curve, split, definition)
    start, end = endpoint_names(curve)
    sheet = _Sheet(
        curve=curve, split=split, definition=definition, metric=metric, look=look,
        ends="error" if as_error and metric == "accuracy" else metric, worst=curve.worst(split, definition, metric),
    )  # fmt: skip
    places = {label: place for place, label in enumerate(order)}
    heads = ["", "block", crop(start, 8, ascii=look.ascii), crop(end, 8, ascii=look.ascii), "barrier", "95 %", "", "at"]
    heads += ["monotone", "moved"]
    rows = [
        _row(sheet, series, index, pointed=series.label == highlight)
        for index, series in sorted(chosen(curve, None), key=lambda pair: places.get(pair[1].label, len(places)))
    ]
    sizes = [max([len(head), *(row[at].cell_len for row in rows)]) for at, head in enumerate(heads)]
    if not any(row[_INTERVAL] for row in rows):
        sizes[_INTERVAL] = 0
    kept, labels = _fitting(sizes, [row[1].plain for row in rows], width, look)
    table = bare_table(_title(sheet), _caption(sheet), head_style="dim")
    for at in kept:
        # Rich's own ellipsis is not ASCII.
        table.add_column(heads[at], justify="right" if at in {2, 3, 4, 7, 9} else "left", no_wrap=True, overflow="crop")
    for label, row in zip(labels, rows, strict=True):
        row[1].plain = label
        table.add_row(*(row[at] for at in kept), style=row[1].style)
    return table


def _title(sheet: _Sheet) -> str:
    words = f"{sheet.definition} barrier on {sheet.split} (nats)"
    if sheet.metric == "accuracy":
        words = f"{sheet.definition} barrier of the error on {sheet.split} (percentage points)"
    return "; ".join(part for part in (preview_words([sheet.curve], sheet.split), words) if part)


def _caption(sheet: _Sheet) -> str:
    words = [f"{sheet.definition}: {describe(sheet.definition)}"]
    words += ["of 1 - accuracy"] if sheet.metric == "accuracy" else []
    lost = sum(num_missing(series, sheet.split, sheet.metric) for series in sheet.curve.series)
    # The column that counts them for each series is left out where there is little room.
    words += [f"{lost} not finite"] if lost else []
    return "; ".join(words)


def _row(sheet: _Sheet, series: Series, index: int, *, pointed: bool) -> list[Text]:
    top = sheet.worst[1].height if sheet.worst is not None else 0.0
    highest = sheet.worst is not None and series is sheet.worst[0] and top > 0
    letter = palette.letter(index) if series.block is not None else ("*" if sheet.look.ascii else "━")
    style = palette.color(index) if sheet.look.color and series.block is not None else ""
    return [
        Text((">" if pointed else " ") + letter, style=style),
        Text(printable(series.label), style="bold" if highest else ""),
        *(Text(_end(series, sheet.split, sheet.ends, alpha)) for alpha in (0.0, 1.0)),
        *_barrier_cells(sheet, series, top, highest),
        *_shape_cells(sheet, series),
    ]


def _barrier_cells(sheet: _Sheet, series: Series, top: float, highest: bool) -> list[Text]:
    split, definition, metric, look = sheet.split, sheet.definition, sheet.metric, sheet.look
    barrier = sheet.curve.barrier(series, split, definition, metric)
    # A single point is no path.
    if barrier is None or len(series.alphas) < 2:
        lost = num_missing(series, split, metric)
        return [Text(MISSING), Text(), Text(f"{lost} not finite"[:14] if lost else "", style="dim"), Text("")]
    sign = f" {palette.HIGHEST[look.ascii]}" if highest else "  "
    share = bar(barrier.height / top if top > 0 else 0.0, 10, ascii=look.ascii)
    style = palette.HIGH if highest and look.color else ""
    where = f"{barrier.alpha:.2f}" if barrier.height > 0 else "-"
    interval = series.interval(split, definition, metric)
    ends = () if interval is None else (interval.low, interval.high)
    # The title names the unit.
    height, *bounds = (height_words(value, metric).removesuffix(" pp") for value in (barrier.height, *ends))
    cells = [Text(height, style=style), Text("..".join(bounds), style="dim")]
    return [*cells, Text(share + sign, style=style), Text(where)]


def _shape_cells(sheet: _Sheet, series: Series) -> list[Text]:
    words = {True: "yes", False: "no", None: "?"}[sheet.curve.is_monotone(series, sheet.split, sheet.metric)]
    words = MISSING if len(series.alphas) < 2 else words
    lost = num_missing(series, sheet.split, sheet.metric)
    return [Text(f"{words} ({lost} x)" if lost else words), Text(number(series.distance))]


def _fitting(sizes: list[int], blocks: list[str], width: int, look: Look) -> tuple[list[int], list[str]]:
    """The columns beside readable blocks that all differ, and the blocks; left out are shape, ends, bar, interval."""
    filled = [at for at, size in enumerate(sizes) if size or at == 0]
    for dropped in ((), (8, 9), (2, 3, 8, 9), (2, 3, 6, 8, 9), (2, 3, _INTERVAL, 6, 8, 9)):
        kept = [at for at in filled if at not in dropped]
        room = width - sum(sizes[at] + 1 for at in kept if at != 1)
        labels = crop_unique(blocks, max(4, room), ascii=look.ascii)
        if room >= min(sizes[1], 12) and len(set(labels)) == len(set(blocks)):
            break
    return kept, labels


def _end(series: Series, split: str, quantity: Quantity, alpha: float) -> str:
    if alpha not in series.alphas:
        return MISSING
    value = shown_values(series.splits[split], quantity)[series.alphas.index(alpha)]
    if not math.isfinite(value):
        return "x"
    return number(value) if quantity == "loss" else fraction(value)
