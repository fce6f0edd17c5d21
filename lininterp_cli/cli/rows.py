"""Rows for other programs and for screen readers: with tabs, or as CSV."""

import csv
import sys
from collections.abc import Sequence
from typing import Any, Literal

from lininterp_cli.errors import ConfigError

Form = Literal["plain", "csv", "json"]
"""The format of data."""


def form_of(*, plain: bool = False, as_csv: bool = False, as_json: bool = False) -> Form | None:
    """The requested format of data.

    Args:
        plain: `--plain` was given.
        as_csv: `--csv` was given.
        as_json: `--json` was given.

    Returns:
        The format; None for output that a person reads.

    Raises:
        ConfigError: If more than one was given.
    """
    asked: dict[Form, bool] = {"plain": plain, "csv": as_csv, "json": as_json}
    chosen = [form for form, is_wanted in asked.items() if is_wanted]
    if len(chosen) > 1:
        raise ConfigError(f"{' and '.join(f'--{form}' for form in chosen)} exclude one another; give one of them")
    return chosen[0] if chosen else None


def print_rows(rows: Sequence[Sequence[Any]], form: Form) -> None:
    """Print rows on standard output; None is an empty cell.

    Args:
        rows: The heads, then the rows.
        form: `csv`, or `plain` for one line each with tabs between the cells, without control characters.
    """
    from lininterp_cli.view.text import printable

    cells = [["" if cell is None else cell for cell in row] for row in rows]
    if form == "csv":
        csv.writer(sys.stdout, lineterminator="\n").writerows(cells)
    else:
        for row in cells:
            print("\t".join(map(printable, row)))
