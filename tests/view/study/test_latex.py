"""The table for a paper."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.study.report.figures import Spread
from lininterp_cli.view.study.latex import escaped, latex


def test_the_table_has_a_row_for_each_group(make_report, make_row):
    out = latex(make_report(rows=(make_row(target=0.93), make_row("decay=50%", (0.5,)))))
    lines = out.splitlines()
    assert lines[0] == r"% needs \usepackage{booktabs}"
    rows = [line for line in lines if line.endswith(r"\\")]
    heads, first, second = ([cell.strip() for cell in row.removesuffix(r"\\").split(" & ")] for row in rows)
    assert len(heads) == len(first) == len(second)
    assert first[:5] == ["decay=0", "3/3", r"$92.00 \pm 2.00$", "93.00", "$-1.00$"]
    assert second[:5] == [r"decay=50\%", "1/1", "50.00", "--", "--"]
    assert heads[1:4] == ["runs", r"test \%", "published"]
    (spec,) = re.findall(r"tabular\}\{(l r*|lr*)\}", out)
    assert len(spec) == len(heads)


def test_of_one_group_the_lines_are_the_rows(make_report, make_row):
    out = latex(make_report(rows=(make_row(), make_row(line="zero to final"))))
    assert [row.split(" & ")[0] for row in out.splitlines() if row.endswith(r"\\")] == [
        "", "initial to final", "zero to final"
    ]  # fmt: skip
    assert "line by line" in out


def test_without_targets_there_is_no_column_for_them(make_report):
    assert "published" not in latex(make_report())


def test_numbers_of_every_size_are_plain_tex(make_report, make_row):
    row = make_row("a_b [1] 50% {x}")
    row.figures["barrier_rise"] = Spread(3, 1.9e7, 2.7e6)
    row.figures["generalisation_gap"] = Spread(3, -1.9e-4, 2.7e-4)
    row.figures["distance"] = Spread(1, 1.5e-4, None)
    out = latex(make_report(rows=(row, make_row("b"))))
    assert r"$2 \times 10^{7} \pm 3 \times 10^{6}$" in out
    assert r"$-0.02 \pm 0.03$" in out
    assert not re.search(r"\de[+-]?\d", out)


def test_the_table_is_whole(make_report, make_row, evil):
    """Braces close, mathematics ends in the cell it began in, and each row has a cell for each column."""
    rows = (make_row(evil, target=0.5), make_row("b", (), line="", states={"failed": 1}), make_row("c", (0.5,)))
    out = latex(make_report(rows=rows, name=evil, line="a_b to c"))
    bare = re.sub(r"\\[\\{}$&%#_]", "", out)
    depth = 0
    for character in bare:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert re.findall(r"\\begin\{(\w+)\}", out) == re.findall(r"\\end\{(\w+)\}", out)[::-1]
    columns = len(re.findall(r"tabular\}\{(.+)\}", out)[0])
    for line in bare.splitlines():
        if "&" in line:
            assert line.count("&") == columns - 1
            assert all(cell.count("$") in (0, 2) for cell in line.split("&"))
        else:
            assert "$" not in line


def test_names_are_text_and_no_command(make_report, make_row, evil):
    out = latex(make_report(rows=(make_row(evil),), name=evil))
    assert r"\textless{}script\textgreater{}" in out
    assert r"\&\%\$\#\_\{\}\textbackslash{}\textasciitilde{}\textasciicircum{}" in out
    assert "\x1b" not in out


@pytest.mark.parametrize("start", ["[1cm]", "*"])
def test_a_row_cannot_be_taken_for_the_end_of_the_one_before(start):
    assert escaped(start).startswith("{")


@given(st.text())
def test_nothing_special_is_left(text):
    bare = re.sub(r"\\text[a-z]+\{\}|\\[&%$#_{}]|\{[\[*]\}", "", escaped(text))
    assert not set(bare) & set("\\&%$#_{}~^<>|\n")
