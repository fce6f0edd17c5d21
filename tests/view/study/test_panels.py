"""Which rows stand side by side."""

from lininterp_cli.view.study.panels import is_by_line, main_panel, panels


def test_several_groups_are_compared_on_each_line(make_report, make_row):
    rows = (make_row("a"), make_row("b"), make_row("b", line="zero to final"), make_row("c", line=""))
    found = make_report(rows=rows)
    assert not is_by_line(found)
    first, second = panels(found)
    assert (first.title, first.names, first.places) == ("initial to final", ("a", "b"), (0, 1))
    assert (second.title, second.names, second.places) == ("zero to final", ("b",), (1,))
    assert main_panel(found) == first


def test_more_lines_than_groups_are_compared_in_each_group(make_report, make_row):
    lines = ("initial to final", "zero to final", "noise to final")
    found = make_report(
        rows=tuple(make_row(group, line=line) for group in "ab" for line in lines if group + line[0] != "bz")
    )
    assert is_by_line(found)
    first, second = panels(found)
    assert (first.title, first.names, first.places) == ("a", lines, (0, 1, 2))
    assert (second.title, second.names, second.places) == ("b", (lines[0], lines[2]), (0, 2))
    assert main_panel(found).names == ("a", "b")


def test_the_only_group_is_drawn_line_by_line(make_report, make_row):
    found = make_report(rows=(make_row("a"), make_row("a", line="zero to final")))
    assert main_panel(found) == panels(found)[0]
    assert main_panel(found).title == "a"


def test_without_curves_there_is_nothing_to_compare(make_report, make_row):
    assert panels(make_report(rows=(make_row(line=""),))) == []
