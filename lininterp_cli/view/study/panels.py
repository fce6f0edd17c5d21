"""Arranges a report's rows for comparison: groups on one line, or lines of one group; nothing is laid out here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lininterp_cli.study.report.findings import Report, Row
from lininterp_cli.view.study.cells import places


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """Rows to be compared in one table or one drawing."""

    title: str
    """Their common line or group; empty for rows of any line."""
    rows: tuple[Row, ...]
    """The rows."""
    names: tuple[str, ...]
    """The name of each: its group or its line."""
    places: tuple[int, ...]
    """The index of each, which decides letter and colour."""


def is_by_line(report: Report) -> bool:
    """Whether a study compares lines: it has more lines than groups with curves."""
    return len(report.lines) > len({row.label for row in report.rows if row.paths})


def panels(report: Report) -> list[Panel]:
    """The rows with curves, arranged by the comparison of the study.

    Args:
        report: The report.

    Returns:
        For each line its groups; for each group its lines, where there are more lines than groups.
    """
    if not is_by_line(report):
        return [panel for panel in (line_panel(report, line) for line in report.lines) if panel.rows]
    walked = [row for row in report.rows if row.paths]
    found = []
    for label in dict.fromkeys(row.label for row in walked):
        rows = tuple(row for row in walked if row.label == label)
        names = tuple(row.line for row in rows)
        found.append(Panel(title=label, rows=rows, names=names, places=tuple(map(report.lines.index, names))))
    return found


def line_panel(report: Report, line: str) -> Panel:
    """The groups that have curves on a line."""
    rows = [row for row in report.rows if row.line == line and row.paths]
    return replace(group_panel(report, rows), title=line)


def group_panel(report: Report, rows: Sequence[Row]) -> Panel:
    """Rows of several groups, named after these."""
    place, names = places(report), tuple(row.label for row in rows)
    return Panel(title="", rows=tuple(rows), names=names, places=tuple(place[name] for name in names))


def main_panel(report: Report) -> Panel:
    """The panel of a single drawing: the lines of the only group, or all groups on the report's line."""
    every = panels(report)
    return every[0] if is_by_line(report) and len(every) == 1 else line_panel(report, report.line)
