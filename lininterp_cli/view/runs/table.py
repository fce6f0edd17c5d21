"""Runs as tables: the list of them, and everything about one."""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.runs.run import Run
from lininterp_cli.view import palette
from lininterp_cli.view.curves.ends import endpoint_name, endpoint_names
from lininterp_cli.view.curves.extent import PREVIEW_REMARK, span_words
from lininterp_cli.view.look import Look
from lininterp_cli.view.runs.row import Scene, alarm, cells, columns, fit, full_bar, needs, titles
from lininterp_cli.view.runs.summary import Summary, glyph, seconds_of, summarise
from lininterp_cli.view.table import bare_table
from lininterp_cli.view.text import bar, crop, crop_unique, duration, fraction, number, plain, printable

_STATE_COLORS = {"running": "#56B4E9", "failed": palette.HIGH, "diverged": palette.HIGH, "damaged": palette.HIGH}

_STATE_COLUMNS = 12
"""Width of a space and the longest state, where states are named."""

METRICS = ("test_accuracy", "test_loss", "train_accuracy", "train_loss")
"""The metrics of an endpoint in a record, in the order they are shown."""


def runs_table(
    runs: Sequence[Summary],
    *,
    sort: str = "newest",
    width: int = 80,
    now: float | None = None,
    look: Look = Look(),
) -> Table:
    """List runs, one per line, within a width.

    Args:
        runs: The runs in the order of the list; see `summary.summarise` and `summary.damaged`.
        sort: The field that they are sorted by, which is among the columns.
        width: Columns at most; the run's name is shortened in its middle to fit.
        now: The current time in seconds since 1970, for the age; the clock's unless given.
        look: What can be shown.

    Returns:
        A table.
    """
    worded = width >= 100
    scene = Scene(
        now=time.time() if now is None else now, ascii=look.ascii, full_bar=full_bar(runs), needs=needs(runs)
    )  # fmt: skip
    shown = columns(width - (_STATE_COLUMNS if worded else 0), sort, scene)
    heads = [fit(column.head, column, scene) if column.right else column.head for column in shown]
    table = _table(heads, caption=_signs(runs, scene, worded))
    for run, title in zip(runs, titles(runs, shown, scene), strict=True):
        # Without the padding, a column of words is as wide as its longest cell. Rich would right-align figures without
        # the blank that stands in place of the mark behind a high barrier.
        words = zip(cells(run, shown, scene, title), shown, strict=True)
        row = [Text(word if column.right else word.rstrip()) for word, column in words]
        if worded:
            row[0].append(f" {run.state}")
        if look.color and run.state in _STATE_COLORS:
            row[0].stylize(_STATE_COLORS[run.state])
        table.add_row(*row)
    return table


def run_panel(run: Run, curves: Sequence[Curve], *, width: int = 80, look: Look = Look()) -> RenderableType:
    """All information on one run.

    Args:
        run: The run.
        curves: Its curves; see `run_curves.readable_curves`.
        width: Columns at most.
        look: What can be shown.

    Returns:
        Its head, configuration, metrics, distances, curves and checkpoints.
    """
    summary = summarise(run)
    parts: list[RenderableType] = [
        *_head(run, summary, width, look.ascii),
        Text(),
        _config_table(run.record.config, width, look.ascii),
    ]
    for table in (_result_table(run), _distance_table(run, width, look), _curve_table(curves, width, look.ascii)):
        if table is not None:
            parts += [Text(), table]
    names = run.checkpoints()
    words = ", ".join(printable(name, ascii=look.ascii) for name in names) if names else "none"
    return Group(*parts, Text(), _labelled("checkpoints", words))


def config_words(section: Any, *, ascii: bool = False) -> str:
    """One section of a configuration in one line: the name, then the other settings."""
    if not isinstance(section, Mapping):
        return printable(section, ascii=ascii)
    words = [f"{key}={_value_words(value)}" for key, value in section.items() if key != "name"]
    return printable(" ".join([*([str(section["name"])] if "name" in section else []), *words]), ascii=ascii)


def _signs(runs: Sequence[Summary], scene: Scene, worded: bool) -> str:
    present = set() if worded else {run.state for run in runs}
    words = [f"{glyph(state, ascii=scene.ascii)} {state}" for state in _ORDER if state in present]
    if any(run.worst is not None and run.worst.height >= scene.threshold for run in runs):
        words.append(f"{alarm(ascii=scene.ascii)} {scene.threshold:g} nats or more")
    words += [PREVIEW_REMARK] if any(run.worst is not None and not run.worst.complete for run in runs) else []
    return "  ".join(words)


_ORDER = ("running", "finished", "interrupted", "failed", "diverged", "damaged")


def _table(heads: Sequence[str], right: Sequence[int] = (), caption: str = "") -> Table:
    table = bare_table(caption=caption, head_style="dim")
    for index, head in enumerate(heads):
        table.add_column(plain(head), justify="right" if index in right else "left", no_wrap=True)
    return table


def _labelled(label: str, words: str) -> Text:
    return Text.assemble((f"{label:<12}", "dim"), words)


def _head(run: Run, summary: Summary, width: int, ascii: bool) -> list[Text]:
    record = run.record
    sign = glyph(summary.state, ascii=ascii)
    rows = [Text.assemble(f"{sign} {summary.state}  ", (printable(record.id, ascii=ascii), "bold"))]
    if summary.state in {"running", "interrupted"}:
        rows[0].append(f"  epoch {summary.epoch} of {summary.epochs}")
    if summary.error:
        rows.append(_labelled("error", printable(summary.error, ascii=ascii)))
    if record.name:
        rows.append(_labelled("name", printable(record.name, ascii=ascii)))
    if record.tags:
        rows.append(_labelled("tags", ", ".join(printable(tag, ascii=ascii) for tag in record.tags)))
    if record.parent:
        rows.append(
            _labelled("parent", f"{printable(record.parent, ascii=ascii)} ({printable(record.kind, ascii=ascii)})")
        )
    ends = [endpoint_name(end, record.id, name) for name, end in record.sources.items() if isinstance(end, Mapping)]
    if ends:
        rows.append(
            _labelled("imported", f" {'->' if ascii else '→'} ".join(printable(end, ascii=ascii) for end in ends))
        )
    times = [printable(record.times["created"], ascii=ascii)] if record.times.get("created") else []
    seconds = record.times.get("seconds")
    if isinstance(seconds, int | float) and math.isfinite(seconds):
        times.append(f"{seconds:.0f} s of work")
    finished = seconds_of(record.times.get("finished"))
    times += [f"finished {duration(time.time() - finished)} ago"] if finished is not None else []
    if times:
        rows.append(_labelled("created", ", ".join(times)))
    rows.append(_labelled("parameters", f"{record.num_parameters:,}"))
    rows.append(_labelled("computed", printable(_where(record.environment), ascii=ascii)))
    return rows


def _where(environment: Mapping[str, Any]) -> str:
    known = {key: value for key, value in environment.items() if isinstance(value, str | int | float)}
    device = " ".join(str(known[key]) for key in ("device", "device_name") if key in known)
    versions = ", ".join(f"{key} {known[key]}" for key in ("torch", "python", "lininterp") if key in known)
    return " with ".join(part for part in (device and f"on {device}", versions) if part) or "in an unknown place"


def _config_table(config: Mapping[str, Any], width: int, ascii: bool) -> Table:
    table = bare_table(heads=False)
    table.add_column(style="dim", width=11, no_wrap=True)
    table.add_column(overflow="fold", max_width=max(10, width - 13))
    for key, section in config.items():
        table.add_row(plain(printable(key, ascii=ascii)), Text(config_words(section, ascii=ascii)))
    return table


def _result_table(run: Run) -> Table | None:
    result = {name: metrics for name, metrics in run.record.result.items() if isinstance(metrics, dict)}
    if not result:
        return None
    names = sorted(result, key=lambda name: (name != "initial", name != "final", name))
    table = _table(["", *names], right=range(1, len(names) + 1))
    for key in METRICS:
        show = fraction if key.endswith("accuracy") else number
        table.add_row(Text(key.replace("_", " "), style="dim"), *(Text(show(result[name].get(key))) for name in names))
    return table


def _distance_table(run: Run, width: int, look: Look) -> Table | None:
    distance = run.record.distance
    if not distance:
        return None
    largest = max((value for value in distance.values() if value is not None), default=0.0)
    table = _table(["moved", "L2", "of initial", ""], right=(1, 2))
    room = max(8, min(40, width - 46))
    labels = crop_unique([printable(block) for block in distance], room, ascii=look.ascii)
    for index, (label, (block, value)) in enumerate(zip(labels, distance.items(), strict=True)):
        share = value / largest if value is not None and largest > 0 else 0.0
        table.add_row(
            Text(label),
            Text(number(value)),
            Text(_relative(value, run.record.initial_norm.get(block))),
            Text(bar(share, 20, ascii=look.ascii), style=palette.color(index) if look.color else ""),
        )
    total = run.record.distance_total
    words = (number(total), _relative(total, run.record.initial_norm_total))
    table.add_row(Text("all", style="bold"), *(Text(word, style="bold") for word in words), "")
    return table


def _relative(moved: float | None, initial: float | None) -> str:
    """A distance as a fraction of the initial norm; empty where one is unknown or the norm is 0."""
    return fraction(moved / initial) if moved is not None and initial else ""


def _curve_table(curves: Sequence[Curve], width: int, ascii: bool) -> Table | None:
    if not curves:
        return None
    # Only if it has a cell that is not empty.
    marks = [""] if any(not curve.complete for curve in curves) else []
    heads = ["curve", *marks, "from", "to", "alphas", "series", "worst on test", ""]
    table = _table(heads, right=(heads.index("alphas"), heads.index("series")))
    rows = [[*("" if curve.complete else "preview" for _ in marks), *_curve_cells(curve, ascii)] for curve in curves]
    # The name takes what the other columns and the spaces between them leave.
    sizes = [max(map(cell_len, column)) + 1 for column in zip(heads[1:], *rows, strict=True)]
    names = crop_unique([printable(curve.name) for curve in curves], max(10, width - sum(sizes)), ascii=ascii)
    for name, row in zip(names, rows, strict=True):
        table.add_row(*map(plain, (name, *row)))
    return table


def _curve_cells(curve: Curve, ascii: bool) -> list[str]:
    start, end = endpoint_names(curve)
    split = "test" if "test" in curve.splits else next(iter(curve.splits), "")
    worst = curve.worst(split, curve.default_definition) if split else None
    words = (number(worst[1].height), crop(printable(worst[0].label), 12, ascii=ascii)) if worst else ("n/a", "")
    return [
        crop(start, 8, ascii=ascii),
        crop(end, 8, ascii=ascii),
        span_words([len(series.alphas) for series in curve.series]),
        str(len(curve.series)),
        f"{words[0]} {curve.default_definition}",
        words[1],
    ]


def _value_words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
