"""The numbers of a curve: as rows for pipes, and as one line for one position."""

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.view.curves.bands import standard_errors
from lininterp_cli.view.curves.drawing import chosen
from lininterp_cli.view.curves.quantity import Quantity, shown_values
from lininterp_cli.view.text import MISSING, crop, fraction, number, printable

HEADS = ("series", "alpha", "split", "loss", "stderr", "accuracy")
"""Heads of the rows for programs: loss and standard error are in nats, the accuracy is a fraction."""

Number = float | str | None

_ERROR = re.compile(r" (?:\+-|±)\S+")
"""A standard error, as it follows its value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One series whose values are shown."""

    name: str
    """Its full name."""
    sign: str
    """Its short name, such as its letter."""
    series: Series
    """Its measurements."""
    offset: float = 0.0
    """The position of its alpha 0 on the axis."""

    @property
    def positions(self) -> list[float]:
        """The measured positions on the axis."""
        return [self.offset + alpha for alpha in self.series.alphas]


def numbers(curve: Curve, splits: Sequence[str], blocks: Collection[str] | None = None) -> list[list[Number]]:
    """All measurements along a curve.

    Args:
        curve: The curve.
        splits: Measured splits.
        blocks: Labels of the series; all unless given.

    Returns:
        One row under HEADS for each series, split and alpha; None for values that are not finite.
    """
    return [row for _, series in chosen(curve, blocks) for row in series_numbers(series, splits)]


def series_numbers(series: Series, splits: Sequence[str], name: str = "") -> list[list[Number]]:
    """The rows of one series.

    Args:
        series: The series.
        splits: Measured splits.
        name: Its name in the rows; its label unless given.

    Returns:
        Rows under HEADS.
    """
    return [
        [name or series.label, alpha, split, *(value if math.isfinite(value) else None for value in measured)]
        for split in splits
        for alpha, *measured in zip(
            series.alphas, *(_columns(series.splits[split])), strict=True
        )
    ]  # fmt: skip


def _columns(values: Values) -> tuple[tuple[float, ...], ...]:
    return values.loss, values.loss_stderr, values.accuracy


def words_of(rows: Sequence[Sequence[Number]]) -> list[list[str]]:
    """Rows of numbers as printable words; empty for None."""
    return [["" if cell is None else printable(cell) for cell in row] for row in rows]


def value_line(
    readings: Sequence[Reading], splits: Sequence[str], quantity: Quantity, place: float, note: str, width: int, *,
    ascii: bool = False,
) -> Text:  # fmt: skip
    """The measured values at one position, in one line.

    Args:
        readings: The series, the most important first; one is shown by name, several by their signs.
        splits: One or two measured splits; of several series, only the first split is shown.
        quantity: The quantity to show.
        place: The position on the axis.
        note: A remark on the position; empty for none.
        width: Columns.
        ascii: Use ASCII only.

    Returns:
        One line; numbers after the plus-minus sign are standard errors.
    """
    where = f" alpha {place:.4g}"
    begin = f"{where} ({note})" if note else where
    if len(readings) == 1:
        one = readings[0]
        shown = [
            f"{split} {'  '.join(f'{kind} {_value(one, split, kind, place, ascii)}' for kind in _both(quantity))}"
            for split in splits
        ]
        begin, where = (f"{words}  {printable(one.name)}" for words in (begin, where))
    else:
        shown = [f"{splits[0]} {quantity}"]
        shown += [f"{one.sign} {_value(one, splits[0], quantity, place, ascii)}" for one in readings]
    full = "  ".join(shown)
    # Too long a line first loses the standard errors, then the note and the ends of words, before any value.
    bare = _ERROR.sub("", full)
    tight = bare.replace("accuracy", "acc").replace("error", "err")
    lines = [f"{begin}  {full}", f"{begin}  {bare}", f"{where}  {tight}"]
    if len(readings) > 1:
        # If values must go, too, `+N` counts them, so that the list does not look complete.
        parts = tight.split("  ")
        lines += [f"{where}  {'  '.join(parts[:end])}  +{len(parts) - end}" for end in range(len(parts) - 1, 1, -1)]
    line = next((one for one in lines if cell_len(one) <= width), lines[-1])
    return Text(crop(line, width, ascii=ascii, head=width), style="bold", no_wrap=True)


def _both(quantity: Quantity) -> tuple[Quantity, Quantity]:
    return ("loss", "accuracy") if quantity == "loss" else (quantity, "loss")


def _value(reading: Reading, split: str, quantity: Quantity, place: float, ascii: bool) -> str:
    positions = reading.positions
    at = min(range(len(positions)), key=lambda index: abs(positions[index] - place))
    if abs(positions[at] - place) > 1e-9:
        # Values between two measured alphas are not interpolated.
        return "-"
    values = reading.series.splits[split]
    value, error = shown_values(values, quantity)[at], standard_errors(values, quantity)[at]
    if not math.isfinite(value):
        return f"{MISSING} (not finite)"
    write = number if quantity == "loss" else fraction
    spread = f" {'+-' if ascii else '±'}{write(error)}" if math.isfinite(error) else ""
    return write(value) + spread
