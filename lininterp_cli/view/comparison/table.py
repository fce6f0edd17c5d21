"""Runs side by side: final metrics, differing settings, barriers and distances."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from lininterp_cli.landscape.curves.curve import Curve, Metric, Series
from lininterp_cli.landscape.curves.figures import settings
from lininterp_cli.runs.run import Run
from lininterp_cli.view import palette
from lininterp_cli.view.curves.barrier_words import describe, height_words, missing_words
from lininterp_cli.view.curves.extent import PREVIEW_REMARK, PREVIEW_SIGN
from lininterp_cli.view.look import Look
from lininterp_cli.view.runs.table import METRICS
from lininterp_cli.view.table import bare_table
from lininterp_cli.view.text import crop, crop_unique, fraction, number, plain, printable

ABSENT = "-"
"""Shown where a run has no such setting, block or curve."""


def differing(configs: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """The settings that are not the same in every configuration.

    Args:
        configs: Nested plain data, as a record holds it.

    Returns:
        For each such setting its dotted name and one printable value for each configuration, by section, in the
        order in which they first occur.

    Example:
        >>> differing([{"seed": 0, "model": {"name": "mlp", "width": 4000.0}}, {"seed": 1, "model": {"name": "mlp"}}])
        [('seed', ['0', '1']), ('model.width', ['4000', '-'])]
    """
    flat = [dict(settings(config)) for config in configs]
    keys = list(dict.fromkeys(key for one in flat for key in one))
    sections = list(dict.fromkeys(key.split(".")[0] for key in keys))
    keys.sort(key=lambda key: sections.index(key.split(".")[0]))
    rows = []
    for key in keys:
        exact = [_words(one.get(key, ABSENT)) for one in flat]
        if len(set(exact)) > 1:
            short = [_words(one.get(key, ABSENT), short=True) for one in flat]
            # Different numbers must not look equal after shortening.
            rows.append((printable(key), short if len(set(short)) == len(set(exact)) else exact))
    return rows


def comparable(curves: Mapping[str, Sequence[Curve]], split: str, name: str | None = None) -> dict[str, Curve | None]:
    """Choose one curve of each run so that the curves can be compared.

    Args:
        curves: Run to its curves, the most relevant first.
        split: The split they must be measured on.
        name: Name of the curve to take of each run; chosen by kind unless given.

    Returns:
        Run to its curve of that name, or to its most relevant curve of one kind: the kind that most runs have, in a
        draw the one that comes first.  None where a run has no such curve.
    """
    there = {run: [one for one in found if split in one.splits] for run, found in curves.items()}
    if name is not None:
        return {run: next((one for one in found if one.name == name), None) for run, found in there.items()}
    kinds = Counter(kind for found in there.values() for kind in dict.fromkeys(map(_kind, found)))
    # Counter keeps the order in which kinds were met first, so the first run's most relevant one wins a draw.
    wanted = max(kinds, key=lambda kind: kinds[kind], default=None)
    return {run: next((one for one in found if _kind(one) == wanted), None) for run, found in there.items()}


def _kind(curve: Curve) -> tuple[object, ...]:
    """The kind of a curve, the same for every run; granularity, number of points and examples do not count."""
    ends = []
    for end in (curve.start, curve.end):
        is_own = end.get("run", curve.run) == curve.run
        ends.append((is_own, *sorted((key, str(end[key])) for key in end.keys() - {"run", "sha256"})))
    return (*ends, curve.bn, curve.rest, curve.dtype)


def comparison_table(
    runs: Sequence[Run],
    curves: Sequence[Curve | None],
    *,
    split: str = "test",
    definition: str | None = None,
    metric: Metric = "loss",
    width: int = 80,
    look: Look = Look(),
) -> Table:
    """Runs as columns: final metrics, differing settings, barriers and distances as rows.

    Args:
        runs: The runs.
        curves: For each run the curve its barriers are read from, or None.
        split: The split of the barriers.
        definition: A key of BARRIERS for all of them; the default of the first curve unless given.
        metric: `loss` for its barriers in nats, `accuracy` for those of the error in percentage points.
        width: Columns at most.
        look: What can be shown.

    Returns:
        A table; the highest barrier of each run is bold and marked with HIGHEST, barriers of an incomplete curve with
        `~`.
    """
    first = next((curve for curve in curves if curve is not None), None)
    definition = definition or (first.default_definition if first else "rise")
    num_runs = max(1, len(runs))
    label_room = min(28, max(20, width // (num_runs + 1)))
    room = max(6, (width - label_room - num_runs) // num_runs)
    kind = f"{definition} barrier" if metric == "loss" else f"{definition} barrier of the error"
    unit = "nats" if metric == "loss" else "percentage points"
    caption = f"settings that are the same are left out; {kind} on {split}, {unit}: {describe(definition)}"
    if any(curve is not None and not curve.complete for curve in curves):
        caption = f"{PREVIEW_REMARK} of the curve; {caption}"
    table = bare_table(caption=caption)
    table.add_column("", width=label_room, no_wrap=True, style="dim")
    for run in runs:
        name = crop(printable(run.record.name or run.id), room, ascii=look.ascii)
        table.add_column(plain(name), justify="right", no_wrap=True, width=room)
    sign = f"{palette.HIGHEST[look.ascii]} "

    def add(title: str, rows: Sequence[tuple[str, Sequence[Text]]]) -> None:
        if not rows:
            return
        table.add_row(*[Text()] * (num_runs + 1))
        table.add_row(Text(crop(title, label_room, ascii=look.ascii), style="bold not dim"), *[Text()] * num_runs)
        labels = crop_unique([label for label, _ in rows], label_room, ascii=look.ascii)
        for label, (_, cells) in zip(labels, rows, strict=True):
            for cell in cells:
                cell.plain = crop(cell.plain, room, ascii=look.ascii)
            table.add_row(Text(label), *cells)

    add("final", _metric_rows(runs))
    add("settings", [(key, [*map(Text, values)]) for key, values in differing([run.record.config for run in runs])])
    add(kind, _barrier_rows(curves, split, definition, metric, sign, look.color))
    add("moved (L2)", _distance_rows(runs))
    return table


def _metric_rows(runs: Sequence[Run]) -> list[tuple[str, list[Text]]]:
    rows = [("state", [Text(run.status()) for run in runs])]
    for key in METRICS:
        show: Callable[[float | None], str] = fraction if key.endswith("accuracy") else number
        values = [_final(run).get(key) for run in runs]
        if any(value is not None for value in values):
            rows.append((key.replace("_", " "), [Text(show(value)) for value in values]))
    return rows


def _final(run: Run) -> Mapping[str, float | None]:
    final = run.record.result.get("final")
    return final if isinstance(final, dict) else {}


def _barrier_rows(
    curves: Sequence[Curve | None], split: str, definition: str, metric: Metric, sign: str, color: bool
) -> list[tuple[str, list[Text]]]:
    tables = [{series.label: series for series in curve.series} if curve else {} for curve in curves]
    tops = [curve.worst(split, definition, metric) if curve and split in curve.splits else None for curve in curves]
    rows = []
    for label in dict.fromkeys(label for table in tables for label in table):
        cells = []
        for curve, table, top in zip(curves, tables, tops, strict=True):
            series = table.get(label)
            if curve is None or series is None or split not in series.splits:
                cells.append(Text(ABSENT, style="dim"))
            else:
                highest = top is not None and top[0] is series and top[1].height > 0
                cells.append(_barrier_cell(curve, series, split, definition, metric, sign if highest else "", color))
        rows.append((printable(label), cells))
    return rows


def _barrier_cell(
    curve: Curve, series: Series, split: str, definition: str, metric: Metric, sign: str, color: bool
) -> Text:
    barrier = curve.barrier(series, split, definition, metric)
    if barrier is None:
        return Text(missing_words(series, split), style="dim")
    style = ("bold " + palette.HIGH if color else "bold") if sign else ""
    # The sign stands to the left of the number, so that the numbers stay in one column.
    return Text(sign + ("" if curve.complete else PREVIEW_SIGN) + height_words(barrier.height, metric), style=style)


def _distance_rows(runs: Sequence[Run]) -> list[tuple[str, list[Text]]]:
    blocks = list(dict.fromkeys(block for run in runs for block in run.record.distance))
    rows = [
        (printable(block), [Text(_moved(run.record.distance.get(block), block in run.record.distance)) for run in runs])
        for block in blocks
    ]
    if any(run.record.distance_total is not None for run in runs):
        totals = [run.record.distance_total for run in runs]
        rows.append(("all", [Text(_moved(total, total is not None)) for total in totals]))
    return rows


def _moved(value: float | None, known: bool) -> str:
    return number(value) if known else ABSENT


def _words(value: Any, *, short: bool = False) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_words(one, short=short) for one in value)
    return f"{value:g}" if short and isinstance(value, float) else printable(value)
