"""Rows for other programs."""

import csv
import io

import pytest

from lininterp_cli.cli.rows import form_of, print_rows
from lininterp_cli.errors import ConfigError


def test_one_form_at_most():
    assert form_of() is None
    assert form_of(plain=True) == "plain"
    assert form_of(as_csv=True) == "csv"
    assert form_of(as_json=True) == "json"
    with pytest.raises(ConfigError, match=r"^--plain and --json exclude one another"):
        form_of(plain=True, as_json=True)
    with pytest.raises(ConfigError, match=r"^--plain and --csv and --json"):
        form_of(plain=True, as_csv=True, as_json=True)


ROWS = [["run", "barrier"], ["a,\x1b[2J\tb", 1 / 3], ["x", None], ["y", 0]]


def test_csv_is_read_back_as_it_was(capsys):
    print_rows(ROWS, "csv")
    found = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert found == [["run", "barrier"], ["a,\x1b[2J\tb", str(1 / 3)], ["x", ""], ["y", "0"]]


def test_plain_rows_have_a_tab_between_cells_and_nowhere_else(capsys):
    print_rows(ROWS, "plain")
    assert capsys.readouterr().out == f"run\tbarrier\na,\\x1b[2J\\x09b\t{1 / 3}\nx\t\ny\t0\n"
