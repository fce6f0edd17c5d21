"""The barriers of one curve as a table: how high, how sure, where, and what the ends are."""

import math
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from lininterp_cli.landscape.barrier import Barrier
from lininterp_cli.landscape.curve import Curve, Series
from lininterp_cli.view import palette
from lininterp_cli.view.curves import check, chosen, describe, endpoint_names, missing_words
from lininterp_cli.view.text import bar, crop, crop_unique, number, printable

_INTERVAL = 5
"""The interval's column."""


def barrier_table(
    curve: Curve,
    split: str,
    definition: str | None = None,
    *,
    width: int = 80,
    highlight: str | None = None,
    ascii: bool = False,
    color: bool = True,
) -> Table:
    """The barrier of every series of one curve.

    A split or definition that there is not raises UnknownNameError.

    Args:
        curve: The curve.
        split: `test` or `train`.
        definition: A key of BARRIERS; the curve's own default unless given.
        width: Columns; where they are too few, the less important columns of the table are left out.
        highlight: The label whose row is marked with a pointer.
        ascii: Use ASCII only.
        color: Use colours.

    Returns:
        A table; the highest barrier is bold and has a `▲` (`^`) beside it. Where intervals were computed, they stand
        behind the barriers.
    """
    definition = check(curve, split, definition)
    start, end = endpoint_names(curve)
    worst = curve.worst(split, definition)
    heads = ["", "block", crop(start, 8, ascii=ascii), crop(end, 8, ascii=ascii), "barrier", "95 %", "", "at"]
    heads += ["monotone", "moved"]
    rows = [
        _row(curve, series, index, split, definition, worst, series.label == highlight, ascii, color)
        for index, series in chosen(curve, None)
    ]
    sizes = [max([len(head), *(row[at].cell_len for row in rows)]) for at, head in enumerate(heads)]
    if not any(row[_INTERVAL] for row in rows):
        sizes[_INTERVAL] = 0
    kept = _fitting(sizes, width)
    room = max(4, width - sum(sizes[at] + 1 for at in kept if at != 1))
    labels = crop_unique([row[1].plain for row in rows], room, ascii=ascii)
    table = Table(
        title=Text(f"{definition} barrier on {split} (nats)", style="bold"),
        title_justify="left",
        caption=Text(f"{definition}: {describe(definition)}", style="dim"),
        caption_justify="left",
        box=None,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        header_style="dim",
    )
    for at in kept:
        # Rich's own ellipsis is not ASCII.
        table.add_column(heads[at], justify="right" if at in {2, 3, 4, 7, 9} else "left", no_wrap=True, overflow="crop")
    for label, row in zip(labels, rows, strict=True):
        row[1].plain = label
        table.add_row(*(row[at] for at in kept), style=row[1].style)
    return table


def _row(
    curve: Curve,
    series: Series,
    index: int,
    split: str,
    definition: str,
    worst: tuple[Series, Barrier] | None,
    pointed: bool,
    ascii: bool,
    color: bool,
) -> list[Text]:
    top = worst[1].height if worst is not None else 0.0
    highest = worst is not None and series is worst[0] and top > 0
    letter = palette.letter(index) if series.block is not None else ("*" if ascii else "━")
    style = palette.color(index) if color and series.block is not None else ""
    losses = series.splits[split].loss
    barrier = curve.barrier(series, split, definition)
    return [
        Text((">" if pointed else " ") + letter, style=style),
        Text(printable(series.label), style="bold" if highest else ""),
        Text(_end(losses, 0)),
        Text(_end(losses, -1)),
        *_barrier_cells(barrier, series, split, definition, top, highest, ascii, color),
        *_shape_cells(curve, series, split),
    ]


def _barrier_cells(
    barrier: Barrier | None,
    series: Series,
    split: str,
    definition: str,
    top: float,
    highest: bool,
    ascii: bool,
    color: bool,
) -> list[Text]:
    if barrier is None:
        return [Text("n/a"), Text(), Text(missing_words(series, split)[4:].strip("()")[:14], style="dim"), Text("")]
    sign = (" ^" if ascii else " ▲") if highest else "  "
    share = bar(barrier.height / top if top > 0 else 0.0, 10, ascii=ascii)
    style = palette.HIGH if highest and color else ""
    where = f"{barrier.alpha:.2f}" if barrier.height > 0 else "-"
    interval = series.intervals.get(split, {}).get(definition)
    range_words = "" if interval is None else f"{number(interval.low)}..{number(interval.high)}"
    cells = [Text(number(barrier.height), style=style), Text(range_words, style="dim")]
    return [*cells, Text(share + sign, style=style), Text(where)]


def _shape_cells(curve: Curve, series: Series, split: str) -> list[Text]:
    words = {True: "yes", False: "no", None: "?"}[curve.is_monotone(series, split)]
    lost = series.splits[split].num_missing
    return [Text(f"{words} ({lost} x)" if lost else words), Text(number(series.distance))]


def _fitting(sizes: list[int], width: int) -> list[int]:
    """The columns there is room for beside a readable block: the shape goes first, then the ends, then the bar."""
    filled = [at for at, size in enumerate(sizes) if size or at == 0]
    for dropped in ((), (8, 9), (2, 3, 8, 9), (2, 3, 6, 8, 9), (2, 3, _INTERVAL, 6, 8, 9)):
        kept = [at for at in filled if at not in dropped]
        if sum(sizes[at] + 1 for at in kept if at != 1) + min(sizes[1], 12) <= width:
            break
    return kept


def _end(losses: Sequence[float], index: int) -> str:
    if not losses:
        return "n/a"
    return number(losses[index]) if math.isfinite(losses[index]) else "x"
