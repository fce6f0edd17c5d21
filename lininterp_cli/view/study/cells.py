"""The figures of a study's report as words, the same in every format; nothing is laid out here."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lininterp_cli.study.report.figures import BACK, FIGURES, MEASURES, USUAL_LINE, Spread, epoch_of
from lininterp_cli.study.report.findings import BlockRow, Report, Row
from lininterp_cli.view.text import MISSING, crop_unique, number, printable

STATES = ("finished", "diverged", "failed", "not made", "waiting")
"""The states of a run, in the order of the columns."""

_ACCURACIES = frozenset({"test_accuracy", "train_accuracy", "generalisation_gap"})


def is_percent(name: str) -> bool:
    """Whether a figure is shown in percent."""
    return name in _ACCURACIES or epoch_of(name) is not None


def spread_words(row: Row | BlockRow, name: str, *, plus_minus: str = "±") -> str:
    """The mean of a figure and, after a sign, its standard deviation.

    Args:
        row: The row.
        name: A key of FIGURES; accuracies are in percent.
        plus_minus: The sign.

    Returns:
        `92.21±0.20`, `1.234` for one run, `n/a` for none; for `monotone`, the number of monotone runs as in `3/10`,
        or the mean if runs have several paths.  Values from 0 to 100 000 take at most 11 columns, except MEASURES.
    """
    found = row.figures[name]
    if name == "monotone" and found.mean is not None:
        return f"{round(found.mean * found.num)}/{found.num}" if _is_counted(found) else f"{found.mean:.2f}"
    return figure_words(name, found, plus_minus=plus_minus)


def figure_words(name: str, found: Spread, *, plus_minus: str = "±") -> str:
    """A mean and, after a sign, its standard deviation, where they are known."""
    return MISSING if found.mean is None else plus_minus.join(_aligned(name, found.mean, found.deviation))


def target_words(row: Row) -> tuple[str, str]:
    """The published accuracy in percent, and the measured one less that; both empty if none was published."""
    if row.target is None:
        return "", ""
    difference = MISSING if row.difference is None else f"{100 * row.difference:+.2f}"
    return f"{100 * row.target:.2f}", difference


def runs_words(row: Row) -> str:
    """The number of finished runs out of the planned ones: `3/10`."""
    return f"{row.states.get('finished', 0)}/{row.num_planned}"


def missing_words(row: Row) -> str:
    """The missing runs by state: `1 diverged, 2 waiting`; empty if none is missing."""
    return ", ".join(f"{row.states[state]} {state}" for state in STATES[1:] if row.states.get(state))


def progress_words(report: Report) -> str:
    """The progress of a study."""
    cells, rows = report.cells, report.groups
    finished = sum(row.states.get("finished", 0) for row in rows)
    others = "".join(
        f", {cells[state]} {state}" for state in ("running", "failed", "damaged", "waiting") if cells.get(state)
    )
    total, different = sum(cells.values()), len({run for row in rows for run in row.runs})
    return (
        f"{cells.get('done', 0)} of {total} cells are done{others}; "
        f"{finished} of {sum(row.num_planned for row in rows)} runs are finished"
        f"{f', {different} different ones' * (different < finished)}"
    )


def begun(report: Report) -> list[Row]:
    """One row for each group and step that is begun: not all of its runs are waiting."""
    return [row for row in report.groups if set(row.states) != {"waiting"}]


def places(report: Report) -> dict[str, int]:
    """Label of each begun row to its index, which decides letter and colour everywhere."""
    return {row.label: place for place, row in enumerate(begun(report))}


def short_names(labels: Sequence[str], width: int, *, ascii: bool = False) -> dict[str, str]:
    """Shorten labels for a table, first by the sections of their settings; a name stands alone, as `adam`.

    Args:
        labels: Labels of rows.
        width: Columns.
        ascii: Use ASCII only.

    Returns:
        Label to its short form.

    Example:
        >>> list(short_names(["adam, optimizer.weight_decay=0.01", "plain, optimizer.weight_decay=0"], 24).values())
        ['adam, weight_decay=0.01', 'plain, weight_decay=0']
    """
    bare = [_SECTION.sub("", printable(label)) for label in labels]
    if len(set(bare)) < len(set(labels)):
        bare = [printable(label) for label in labels]
    return dict(zip(labels, crop_unique(bare, width, ascii=ascii), strict=True))


def flat_rows(report: Report) -> list[list[Any]]:
    """The report's rows and the blocks in them for other programs, in full precision.

    Args:
        report: The report.

    Returns:
        The heads, then a row for each group, step and line, then one for each of their blocks, with the cost of
        putting it back to where its line begins and the ends of that mean's interval; None where a number is unknown
        or does not apply to the row.
    """
    heads = ["label", "group", "step", "line", "by", "block", *(state.replace(" ", "_") for state in STATES)]
    heads += [f"{name}{end}" for name in FIGURES for end in ("", "_deviation", "_runs")]
    table: list[list[Any]] = [[*heads, "cost", "cost_low", "cost_high", "published", "difference"]]
    for row in report.rows:
        told = [row.label, row.group, row.step, row.line, None, None]
        states = (row.states.get(state, 0) for state in STATES)
        table.append([*told, *states, *_flat(row.figures), None, None, None, row.target, row.difference])
    known = {(one.label, one.measure, one.by, one.block): one for one in report.sensitivities}
    ends = {line: end for end, line in BACK.items()}
    for block in report.blocks:
        told = [block.label, None, None, block.line, block.by, block.block]
        cost = known.get((block.label, ends.get(block.line, ""), block.by, block.block))
        costs = (None, None, None) if cost is None else (cost.mean, cost.low, cost.high)
        figures = dict(block.figures)
        mu = known.get((block.label, "criticality", block.by, block.block))
        if mu is not None and block.line in {"", USUAL_LINE}:
            figures["criticality"] = Spread(mu.num_runs, mu.mean, None)
        table.append([*told, *(None for _ in STATES), *_flat(figures), *costs, None, None])
    return table


def _flat(figures: Mapping[str, Spread]) -> Iterator[float | None]:
    for name in FIGURES:
        found = figures.get(name)
        yield from (None, None, None) if found is None else (found.mean, found.deviation, found.num)


def _is_counted(found: Spread) -> bool:
    # With several random ends, a run can be monotone on some of the paths.
    return found.mean is not None and abs(found.mean * found.num - round(found.mean * found.num)) < 1e-9


def _aligned(name: str, mean: float, deviation: float | None) -> list[str]:
    """A mean and its standard deviation, if there is one, with the same decimals."""
    values = [100 * value if is_percent(name) else value for value in (mean, deviation) if value is not None]
    if name in MEASURES:
        # These have no usual size, so small ones need an exponent.
        return [number(value) for value in values]
    decimals = 2 if is_percent(name) or name in _POSITIONS else _decimals(max(map(abs, values)))
    return [f"{value:z.{decimals}f}" if decimals is not None else f"{value:z.0e}" for value in values]


def fixed(value: float | None) -> str:
    """A number in at most seven characters, its sign included, without an exponent where that is possible.

    Args:
        value: Any number.

    Returns:
        The number; `0.000` if it is nearer to 0 than 0.0005; `n/a` where it is unknown.

    Example:
        >>> [fixed(value) for value in (0.0001, -1.23456, 54856.4, 1.2e6, None)]
        ['0.000', '-1.235', '54856', '1e+06', 'n/a']
    """
    if value is None or math.isnan(value):
        return MISSING
    decimals = _decimals(abs(value))
    return f"{value:z.0e}" if decimals is None else f"{value:z.{decimals}f}"


def _decimals(size: float) -> int | None:
    """Decimals, at most three, with which a number of this size takes five characters; None if it is too large."""
    return next((3 - place for place, end in enumerate((9.9995, 99.995, 999.95, 99999.5)) if size < end), None)


_SECTION = re.compile(r"\b[a-z]+\.(?:name=|(?=[a-z_0-9]+=))")
_POSITIONS = frozenset({"plateau", "plateau_end", "cliff", "best_alpha"})
