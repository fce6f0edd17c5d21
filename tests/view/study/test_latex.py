"""The table for a paper."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_without_targets_there_is_no_column_for_them(make_report):
    assert "published" not in latex(make_report())


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
