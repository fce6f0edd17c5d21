"""A study's report as terminal tables and sentences; nothing is read or computed here."""

import textwrap
from collections.abc import Callable, Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from lininterp_cli.study.report.figures import MEASURES
from lininterp_cli.study.report.findings import Report, Row
from lininterp_cli.study.report.words import NAMES
from lininterp_cli.view import palette
from lininterp_cli.view.look import Look
from lininterp_cli.view.study.block_tables import block_tables
from lininterp_cli.view.study.cells import (
    begun,
    missing_words,
    places,
    progress_words,
    runs_words,
    short_names,
    spread_words,
    target_words,
)
from lininterp_cli.view.study.panels import Panel, group_panel, panels
from lininterp_cli.view.study.published import HEADS, comparisons, is_more_than_accuracy
from lininterp_cli.view.study.rank_table import rank_tables
from lininterp_cli.view.table import bare_table, stacked
from lininterp_cli.view.text import crop, printable

Column = tuple[str, int, Callable[[Row], str]]
"""Head, width, and a function that formats its cells."""

LEAST_NAME = 8
"""Columns for the names of rows; where the other columns of a table would leave fewer, they are divided."""

_FIGURE_WIDTH = 20
"""Columns of the name of a published figure."""


def head(report: Report, *, width: int, look: Look = Look()) -> RenderableType:
    """The name, question and progress of the study."""
    words = [report.about, f"source: {report.source}" * bool(report.source), f"note: {report.note}" * bool(report.note)]
    lines = [Text(crop(printable(report.name, ascii=look.ascii), width, ascii=look.ascii), style="bold")]
    lines += [Text(line) for word in words if word for line in _wrapped(word, width, look.ascii)]
    lines += [Text(line, style="bold") for line in _wrapped(progress_words(report), width, look.ascii)]
    return Text("\n").join(lines)


def tables(report: Report, *, width: int, look: Look = Look()) -> Iterator[RenderableType]:
    """The tables of accuracies, barriers, shapes, blocks and correlations, as far as they are known.

    Args:
        report: The report.
        width: Columns at most.
        look: What can be shown.

    Yields:
        Tables, an empty line before each.
    """
    sign = "+-" if look.ascii else "±"
    groups = begun(report)
    if groups:
        yield from ("", _key(report, width, look.ascii), "", _title("Runs"))
        yield from _tables(group_panel(report, groups), _run_columns(groups, sign), width, look.ascii)
    if is_more_than_accuracy(report):
        yield from ("", _title("Published figures"))
        yield from _published_tables(report, width, look.ascii)
    for title, columns in (
        ("Barriers (nats)", _columns(_BARRIERS, 12, sign)),
        ("Shapes (alpha)", _columns(_SHAPES, 10, sign)),
    ):
        for panel in panels(report):
            words = f"{title}, {panel.title}, {report.split}"
            yield from ("", _title(crop(printable(words), width, ascii=look.ascii)))
            yield from _tables(panel, columns, width, look.ascii)
    measured = [name for name in MEASURES if any(row.figures[name].num for row in groups)]
    if measured:
        names = {name: NAMES[name] for name in measured}
        known = [row for row in groups if any(row.figures[name].num for name in measured)]
        yield from ("", _title("Measures of the whole network"))
        yield from _tables(group_panel(report, known), _columns(names, 18, sign), width, look.ascii)
    blocks = list(block_tables(report, width=width, ascii=look.ascii))
    if blocks:
        yield from ("", *blocks)
    if any(one.rho is not None for one in report.associations):
        title = "Spearman's rho, its 95 % interval; * holds after Holm's correction"
        yield ""
        yield from map(_title, _wrapped(title, width, look.ascii))
        yield from rank_tables(report.associations, width=width, ascii=look.ascii)


def words(report: Report, *, width: int, look: Look = Look()) -> Iterator[RenderableType]:
    """The conclusions, warnings and methods of the report.

    Args:
        report: The report.
        width: Columns at most.
        look: What can be shown.

    Yields:
        Texts, an empty line before each.
    """
    warned = f"bold {palette.HIGH}" if look.color else "bold"
    for title, sentences, style in (
        ("What the data say", report.sentences, ""),
        ("Beware", report.warnings, warned),
        ("How it was computed", report.methods if report.points else (), "dim"),
    ):
        if sentences:
            lines = [Text(title, style=warned if title == "Beware" else "bold")]
            for sentence in sentences:
                first, *rest = _wrapped(sentence, width - 2, look.ascii)
                lines += [Text(f"- {first}", style=style), *(Text(f"  {line}", style=style) for line in rest)]
            yield from ("", Text("\n").join(lines))


def _published_tables(report: Report, width: int, ascii: bool) -> Iterator[Table]:
    """A line for each published figure; each row is named only once."""
    widths: Sequence[int] = (13, 13, 8)
    heads: Sequence[str] = HEADS[1:]
    place, found = places(report), list(comparisons(report, plus_minus="+-" if ascii else "±"))
    rest = width - 2 - (_FIGURE_WIDTH + 1)
    for part in stacked(widths, rest - LEAST_NAME):
        room = max(LEAST_NAME, rest - sum(size + 1 for size in widths[part]))
        names = short_names([row.label for row, _ in found], room, ascii=ascii)
        table = bare_table()
        for head, size in (("", 1), ("", room), (HEADS[0], _FIGURE_WIDTH)):
            table.add_column(head, width=size, no_wrap=True)
        for head, size in zip(heads[part], widths[part], strict=True):
            table.add_column(head, justify="right", width=size, no_wrap=True)
        last = None
        for row, (figure, *cells) in found:
            own = ["", ""] if row is last else [palette.letter(place[row.label]), names[row.label]]
            sized = zip([figure, *cells[part]], (_FIGURE_WIDTH, *widths[part]), strict=True)
            table.add_row(*map(Text, own), *(Text(crop(cell, size, ascii=ascii)) for cell, size in sized))
            last = row
        yield table


def _run_columns(rows: Sequence[Row], sign: str) -> list[Column]:
    def figure(name: str) -> Callable[[Row], str]:
        return lambda row: spread_words(row, name, plus_minus=sign)

    columns: list[Column] = [("runs", 5, runs_words), ("test %", 10 + len(sign), figure("test_accuracy"))]
    if any(row.target is not None for row in rows):
        columns += [
            ("published", 9, lambda row: target_words(row)[0]),
            ("differs", 7, lambda row: target_words(row)[1]),
        ]
    else:
        columns.append(("train %", 10 + len(sign), figure("train_accuracy")))
    # A gap can have a sign; ± is longer by one in ASCII.
    width = 10 + len(sign)
    return [*columns, ("gap %", width + 1, figure("generalisation_gap")), ("distance", width, figure("distance"))]


def _columns(named: dict[str, str], width: int, sign: str) -> list[Column]:
    def figure(name: str) -> Callable[[Row], str]:
        return lambda row: spread_words(row, name, plus_minus=sign)

    return [(title, width, figure(name)) for name, title in named.items()]


_BARRIERS = {"barrier_rise": "rise", "barrier_chord": "chord", "barrier_mean": "mean", "barrier_max": "max"}
_SHAPES = {
    "monotone": "monotone",
    "plateau": "plateau",
    "plateau_end": "left at",
    "cliff": "cliff",
    "best_alpha": "best",
}


def _title(words: str) -> Text:
    return Text(words, style="bold")


def _tables(panel: Panel, columns: Sequence[Column], width: int, ascii: bool) -> Iterator[Table]:
    for part in stacked([size for _, size, _ in columns], width - 2 - LEAST_NAME):
        room = max(LEAST_NAME, width - 2 - sum(size + 1 for _, size, _ in columns[part]))
        names = short_names(panel.names, room, ascii=ascii)
        table = bare_table()
        table.add_column("", width=1, no_wrap=True)
        table.add_column("", width=room, no_wrap=True)
        for name, size, _ in columns[part]:
            table.add_column(name, justify="right", width=size, no_wrap=True)
        for name, place, row in zip(panel.names, panel.places, panel.rows, strict=True):
            cells = [Text(crop(cell(row), size, ascii=ascii)) for _, size, cell in columns[part]]
            table.add_row(palette.letter(place), Text(names[name]), *cells)
        yield table


def _key(report: Report, width: int, ascii: bool) -> Text:
    """The full name of every begun row, with its missing runs."""
    lines = []
    for label, place in places(report).items():
        row = next(one for one in report.groups if one.label == label)
        missing = missing_words(row)
        first, *rest = _wrapped(f"{label}{f' ({missing})' * bool(missing)}", width - 2, ascii)
        lines += [f"{palette.letter(place)} {first}", *(f"  {line}" for line in rest)]
    waiting = len(report.groups) - len(places(report))
    lines += [f"{waiting} more row{'s' * (waiting > 1)} not begun"] if waiting else []
    return Text("\n".join(lines))


def _wrapped(text: str, width: int, ascii: bool) -> list[str]:
    return textwrap.wrap(printable(text, ascii=ascii), max(1, width)) or [""]
