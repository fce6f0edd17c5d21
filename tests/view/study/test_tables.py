"""The report as a terminal shows it."""

import re
from collections import Counter
from dataclasses import replace

import pytest
from rich.console import Group

from lininterp_cli.study.plan import Published
from lininterp_cli.study.report.figures import spread
from lininterp_cli.view.look import Look
from lininterp_cli.view.study.tables import head, tables, words


@pytest.fixture
def lines(show):
    def render(report, width=80, **look):
        parts = [head(report, width=width, **look)]
        parts += [*tables(report, width=width, **look), *words(report, width=width, **look)]
        return show(Group(*parts), width)

    return render


def row_of(lines, start, after):
    at = next(at for at, line in enumerate(lines) if line.startswith(after))
    return next(line for line in lines[at:] if line.startswith(start))


def test_every_part_is_there(make_report, lines):
    out = lines(make_report(warnings=("something is odd",)))
    assert out[0] == "decay"
    assert "5 of 6 cells are done, 1 waiting; 5 of 5 runs are finished" in out
    for title in ("Runs", "Barriers (nats), initial to final, test", "Shapes (alpha), initial to final, test",
                  "Blocks, the most sensitive first; barrier: rise", "What the data say", "Beware",
                  "How it was computed"):  # fmt: skip
        assert title in out
    assert row_of(out, "a decay=0 ", "Runs").split() == [
        *("a", "decay=0", "3/3", "92.00±2.00"),
        *("100.00±0.00", "8.00±2.00", "12.35±0.00"),
    ]
    assert row_of(out, "a decay=0 ", "Barriers").split()[2:] == ["0.080±0.020", "n/a", "n/a", "n/a"]
    assert row_of(out, "a decay=0 ", "Shapes").split()[2:4] == ["1/3", "0.80±0.00"]


def test_of_one_group_the_lines_are_the_rows_of_one_table(make_report, make_row, lines):
    out = lines(make_report(rows=(make_row(), make_row(line="zero to final"))))
    at = out.index("Barriers (nats), decay=0, test")
    assert [line.split()[:4] for line in out[at + 2 : at + 4]] == [
        ["a", "initial", "to", "final"], ["b", "zero", "to", "final"]
    ]  # fmt: skip
    assert sum(line.startswith("Shapes") for line in out) == 1


def test_published_figures_stand_beside_the_measured_ones(make_report, make_row, lines):
    out = lines(make_report(rows=(make_row(target=0.93), make_row("b", (0.5,)))))
    assert row_of(out, "a decay=0 ", "Runs").split()[3:6] == ["92.00±2.00", "93.00", "-1.00"]


def test_measures_that_were_asked_for_have_a_table_of_the_rows_that_have_them(make_report, make_row, lines):
    row, other = make_row(), make_row("decay=0.5", (0.7, 0.8))
    measured = replace(row, figures={**row.figures, "gauss_length": spread([2.0, 3.0])})
    assert "Measures of the whole network" not in lines(make_report(rows=(row, other)))
    out = lines(make_report(rows=(measured, other)))
    at = out.index("Measures of the whole network")
    assert out[at + 1].split() == ["Gauss", "length"]
    assert out[at + 2].split() == ["a", "decay=0", "2.500±0.707"]
    assert "decay=0.5" not in out[at + 3]


def test_rows_that_are_not_begun_are_counted_and_not_shown(make_report, make_row, lines):
    waiting = make_row("later", (), line="", states={"waiting": 3})
    failed = make_row("never", (), line="", states={"failed": 3})
    out = lines(make_report(rows=(make_row(), waiting, failed)))
    assert "1 more row not begun" in out
    assert "b never (3 failed)" in out
    assert not any("later" in line for line in out)


def test_a_report_of_nothing_is_a_head(make_report, make_row, lines):
    empty = make_report(
        rows=(make_row("a", (), line="", states={"waiting": 3}),), points=(), associations=(), sensitivities=(),
        sentences=(), blocks=(),
    )  # fmt: skip
    assert lines(empty)[-1] == "5 of 6 cells are done, 1 waiting; 0 of 3 runs are finished"


@pytest.mark.parametrize("width", [50, 60, 70])
@pytest.mark.parametrize("ascii", [False, True])
def test_figures_that_have_no_room_stand_in_tables_below(make_report, make_row, show, width, ascii):
    published = {"test_accuracy": Published(0.93, 0.002), "monotone": Published(0.5)}
    report = make_report(rows=(make_row(published=published), make_row("other", (0.7, 0.8))))
    wide, narrow = (show(Group(*tables(report, width=one, look=Look(ascii=ascii))), 200) for one in (120, width))
    assert max(map(len, narrow)) <= width
    figures = [Counter(re.findall(r"\S*\d\.\d\S*", "\n".join(lines))) for lines in (wide, narrow)]
    assert figures[0] == figures[1]
    assert figures[0].total() > 80


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_names_cannot_steer_anything(make_report, make_row, lines, evil, width):
    one = replace(make_report().sensitivities[0], label=evil, block=evil)
    rows = (make_row(evil), make_row(evil, step=evil, line=evil))
    said = {"sentences": (evil,), "warnings": (evil,), "sensitivities": (one,)}
    out = lines(make_report(rows=rows, name=evil, about=evil, **said), width)
    assert any("[red]" in line for line in out)


def test_in_ascii_nothing_else_is_shown(make_report, make_row, lines):
    out = lines(make_report(rows=(make_row("größe"), make_row("b"))), look=Look(ascii=True, depth="none"))
    assert "".join(out).isascii()
    assert "92.00+-2.00" in row_of(out, "a gr", "Runs")
