"""Paths that meet at the final weights, drawn over one axis: initial - final - random initialisations.

The figure of Vlaar & Frankle (ICML 2022, arXiv 2106.16004): two legs of unit length joined at the final weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.runs.advice import command
from lininterp_cli.view import palette
from lininterp_cli.view.curves.bands import error_band
from lininterp_cli.view.curves.barrier_words import height_words, interval_words
from lininterp_cli.view.curves.drawing import BandKind
from lininterp_cli.view.curves.ends import endpoint_names
from lininterp_cli.view.curves.extent import examples_words
from lininterp_cli.view.curves.lines import windowed
from lininterp_cli.view.curves.numbers import Reading
from lininterp_cli.view.curves.overlay import whole_path
from lininterp_cli.view.curves.quantity import Quantity, chance, metric_of, quantity_words, reach, shown_values
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.axes import Axes, Line, Mark
from lininterp_cli.view.plots.band import Band
from lininterp_cli.view.plots.panel import Row
from lininterp_cli.view.plots.plot import plot_rows
from lininterp_cli.view.text import crop, printable


@dataclass(frozen=True, kw_only=True, slots=True)
class Legs:
    """Paths joined at the final weights."""

    first: Curve
    """The path from initial to final weights."""
    seconds: tuple[Curve, ...]
    """The paths from final weights to random initialisations, with the same treatment of BatchNorm statistics."""

    @property
    def splits(self) -> list[str]:
        """The splits on which all paths were measured on the same examples, so that they meet at their ends."""
        return [split for split in self.first.splits if all(_meet(self.first, one, split) for one in self.seconds)]

    @property
    def readings(self) -> list[Reading]:
        """The legs as readings: the first leg from 0 on the axis, the others from 1."""
        whole = whole_path(self.first)
        found = [] if whole is None else [Reading(name="initial to final", sign="initial-final", series=whole)]
        for curve in self.seconds:
            series = whole_path(curve)
            if series is not None:
                name = _random(curve)
                found.append(Reading(name=name, sign=name, series=series, offset=1.0))
        return found


def legs_of(curves: Sequence[Curve]) -> Legs | None:
    """Find the legs among a run's curves.

    Args:
        curves: The run's curves, the most relevant first.

    Returns:
        The first curve from initial to final weights that meets curves between final and random weights, and these;
        curves meet if they were measured in the same way on the same examples of a split.  None without such a pair.
    """
    seconds = [second for curve in curves if (second := _from_final(curve)) is not None]
    for first in _firsts(curves):
        found: dict[str, Curve] = {}
        for second in seconds:
            if any(_meet(first, second, split) for split in first.splits):
                found.setdefault(_random(second), second)
        legs = Legs(first=first, seconds=tuple(found.values()))
        if found and legs.splits:
            return legs
    return None


def no_legs(curves: Sequence[Curve], store: Path, run: str) -> str:
    """The reason why a run has no legs, and the command that measures the missing one.

    Args:
        curves: The run's curves, the most relevant first.
        store: The folder of the runs.
        run: The run's id.

    Returns:
        One line; empty where there are legs.
    """
    if legs_of(curves) is not None:
        return ""
    first = next(iter(_firsts(curves)), None)
    if first is None:
        return f"no way from initial to final weights yet; make it with: {command(store, 'interpolate', run)}"
    is_there = any(_from_final(curve) is not None for curve in curves)
    why = "the ways to random weights are of other examples" if is_there else "no way from final to random weights yet"
    return f"{why}; make one with: {_second_leg(first, store, run)}"


def _firsts(curves: Sequence[Curve]) -> list[Curve]:
    """Curves from initial to final weights that hold the full path."""
    ends = [(one, one.start.get("checkpoint"), one.end.get("checkpoint")) for one in curves]
    return [one for one, *names in ends if names == ["initial", "final"] and whole_path(one) is not None]


def _meet(first: Curve, second: Curve, split: str) -> bool:
    """Whether two paths, measured in the same way on the same examples, have the same value where they meet."""
    known = [
        (curve.bn, curve.dtype, curve.order_seed, whole.splits[split].num_examples)
        for curve in (first, second)
        if (whole := whole_path(curve)) is not None and split in whole.splits
    ]
    return len(known) == 2 and known[0] == known[1]


def _second_leg(first: Curve, store: Path, run: str) -> str:
    """The command that measures a second leg for a first one."""
    whole = whole_path(first)
    values = list(whole.splits.values()) if whole is not None else []
    words = ["interpolate", run, "--from", "final", "--to", "random:1"]
    words += ["--split", ",".join(first.splits)] if first.splits != ["test"] else []
    counts = {one.num_examples for one in values if one.num_examples != one.split_size}
    words += ["--examples", str(max(counts))] if counts else []
    words += ["--bn", first.bn] if first.bn != "running" else []
    words += ["--dtype", first.dtype] if first.dtype != "float32" else []
    return command(store, *map(printable, words))


def _from_final(curve: Curve) -> Curve | None:
    """The full path of a curve from final to random weights, reversed if necessary; None if it has another path."""
    series = whole_path(curve)
    if series is None:
        return None
    if curve.start.get("checkpoint") == "final" and "random" in curve.end:
        return replace(curve, series=(series,))
    if curve.end.get("checkpoint") == "final" and "random" in curve.start:
        return replace(curve, start=curve.end, end=curve.start, series=(_turned(series),))
    return None


def _turned(series: Series) -> Series:
    def turn(values: Values) -> Values:
        parts = (values.loss, values.loss_stderr, values.accuracy)
        loss, errors, accuracy = (part[::-1] for part in parts)
        return replace(values, loss=loss, loss_stderr=errors, accuracy=accuracy)

    splits = {split: turn(values) for split, values in series.splits.items()}
    # Intervals of a rise do not hold for the reversed path.
    alphas = tuple(1 - alpha for alpha in reversed(series.alphas))
    return replace(series, alphas=alphas, splits=splits, intervals={}, accuracy_intervals={})


def _random(curve: Curve) -> str:
    return endpoint_names(curve)[1]


def legs_rows(
    legs: Legs,
    splits: Sequence[str],
    *,
    quantity: Quantity = "loss",
    definition: str | None = None,
    width: int,
    height: int,
    log: bool = False,
    band: BandKind = "none",
    num_classes: int | None = None,
    window: tuple[float, float] | None = None,
    cursor: float | None = None,
    legend: bool = True,
    look: Look = Look(),
) -> list[Row]:
    """Draw the legs.

    Args:
        legs: The paths.
        splits: One or two of the legs' splits; the second is drawn dashed.
        quantity: The quantity to draw.
        definition: A key of BARRIERS, for each leg's barrier; each leg's own default unless given.
        width: Columns at most.
        height: Rows at most.
        log: Whether the value axis is logarithmic.
        band: `error` shades 1.96 standard errors; there is no band over seeds.
        num_classes: Number of classes, for the chance level; None to draw none.
        window: The part of the axis from 0 to 2 to draw; all unless given.
        cursor: Position of the cursor, a vertical line; None for none.
        legend: Whether the legs are listed under the plot.
        look: What can be shown.

    Returns:
        At most `height` rows of at most `width` columns.
    """
    lines, bands, marks = _drawn(legs, splits, quantity, definition, band)
    level = chance(num_classes, quantity)
    on = splits[0] if len(splits) == 1 else f"{splits[0]} and {splits[1]} (dashed)"
    words = [f"{quantity_words(quantity)} on {on}", examples_words(legs.first, splits[0]), "initial - final - random"]
    words += ["log axis"] if log else []
    words += [f"band {'+-' if look.ascii else '±'}1.96 s.e."] if bands else []
    ticks = [
        (0.0, "initial"),
        (0.5, "0.5"),
        (1.0, "final"),
        (1.5, "1.5"),
        (2.0, _far_end(legs, width, ascii=look.ascii)),
    ]
    axes = Axes(
        title=", ".join(words), x_ticks=ticks, log=log, always=reach(quantity),
        levels=() if level is None else ((level, "chance"),), bands=bands, x_limits=window, cursor=cursor,
    )  # fmt: skip
    return plot_rows(
        windowed(lines, window), width=width, height=height, axes=axes, marks=marks, legend=legend, look=look,
    )  # fmt: skip


def _far_end(legs: Legs, width: int, *, ascii: bool) -> str:
    """The name of the right end, short enough to fit beside the tick half a leg before it."""
    names, room = [_random(curve) for curve in legs.seconds], max(8, width // 4 - 5)
    words = " ".join(names)
    return words if len(words) <= room else f"{len(names)} random" if len(names) > 1 else crop(words, room, ascii=ascii)


def _drawn(
    legs: Legs, splits: Sequence[str], quantity: Quantity, definition: str | None, band: BandKind
) -> tuple[list[Line], list[Band], list[Mark]]:
    """The lines of all legs, the areas under them, and the marks of their barriers."""
    lines: list[Line] = []
    bands: list[Band] = []
    marks: list[tuple[float, Mark]] = []
    for index, (reading, curve) in enumerate(zip(legs.readings, (legs.first, *legs.seconds), strict=True)):
        for rank, split in reversed(list(enumerate(splits))):
            values = reading.series.splits[split]
            lines.append(
                Line(
                    label="" if rank else reading.name,
                    xs=reading.positions,
                    ys=shown_values(values, quantity),
                    color=palette.color(index - 1) if index else None,
                    letter=palette.letter(index - 1) if index else None,
                    emphasis="normal" if index else "bold",
                    stroke="dashed" if rank else "solid",
                )
            )
            bands += [error_band(reading.positions, values, quantity)] if band == "error" else []
        marks += _marks(curve, reading, splits[0], quantity, definition)
    # The highest barrier comes first, so that there is room for its mark.
    return lines, bands, [mark for _, mark in sorted(marks, key=lambda pair: pair[0], reverse=True)]


def _marks(
    curve: Curve, reading: Reading, split: str, quantity: Quantity, definition: str | None
) -> list[tuple[float, Mark]]:
    """The height of one leg's barrier with its mark; empty if there is no barrier."""
    name, metric, series = definition or curve.default_definition, metric_of(quantity), reading.series
    barrier = curve.barrier(series, split, name, metric)
    if barrier is None or barrier.height <= 0:
        return []
    value = shown_values(series.splits[split], quantity)[series.alphas.index(barrier.alpha)]
    foot = value + barrier.height * (1 if quantity == "accuracy" else -1)
    words = f"{name if metric == 'loss' else f'error {name}'} {height_words(barrier.height, metric)}"
    interval = series.interval(split, name, metric)
    words += f" {interval_words(interval, metric)}" if interval is not None else ""
    # The position on the axis, on which the second leg begins at 1.
    place = reading.offset + barrier.alpha
    return [(barrier.height, Mark(x=place, y=value, text=f"{words} at {place:.3g}, {reading.sign}", foot=foot))]
