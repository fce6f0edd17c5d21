"""The one way tables look."""

from rich.console import Console

from lininterp_cli.view.table import bare_table


def printed(table):
    console = Console(width=20, no_color=True)
    with console.capture() as capture:
        console.print(table)
    return [line.rstrip() for line in capture.get().splitlines()]


def filled(**options):
    table = bare_table(**options)
    for head in ("a", "b"):
        table.add_column(head)
    table.add_row("1", "22")
    return table


def test_no_lines_and_one_space_between_columns():
    assert printed(filled()) == ["a b", "1 22"]


def test_words_above_and_below_are_printed_as_they_are():
    assert printed(filled(title="[b]", caption="[i]")) == ["[b]", "a b", "1 22", "[i]"]


def test_heads_can_be_left_out():
    assert printed(filled(heads=False)) == ["1 22"]
