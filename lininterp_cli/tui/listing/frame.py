"""Text around the list of runs: its first line, and advice if it is empty."""

from pathlib import Path

from rich.text import Text

from lininterp_cli.runs.advice import command
from lininterp_cli.tui.listing.shelf import Shelf
from lininterp_cli.tui.model import Snapshot
from lininterp_cli.view import palette
from lininterp_cli.view.text import crop, printable, wrap

_LONG = 60
"""Columns from which on the beginning of a message is enough to understand it."""


def head(
    place: str, found: Snapshot | None, shelf: Shelf, num_shown: int, num_marked: int, width: int, *, ascii: bool
) -> Text:
    """The first line: the folder, the number of runs, filter and order.

    Args:
        place: Display name of the folder of runs.
        found: The latest snapshot; None before the first one.
        shelf: Filter, order and groups.
        num_shown: Number of runs that pass the filter.
        num_marked: Number of marked runs.
        width: Columns.
        ascii: Use ASCII only.

    Returns:
        One line of that width.
    """
    if found is None:
        counts = "reading ..."
    else:
        live = sum(entry.summary.state == "running" for entry in found.entries)
        total = len(found.entries)
        counts = f"{total} run{'s' * (total != 1)}"
        counts = counts if num_shown == total else f"{num_shown} of {counts}"
        counts += (f"  {live} live" if live else "") + (f"  {num_marked} marked" if num_marked else "")
        counts += "" if found.complete else "  reading ..."
    wanted = f"  filter {printable(shelf.text, ascii=ascii)}" if shelf.text else ""
    room = max(10, width - len(counts) - 20)
    problem = printable(shelf.problem, ascii=ascii)
    # On a narrow screen the whole message is shown below, where there is more room.
    problem = problem if len(problem) <= room or room >= _LONG else "filter not understood"
    right = crop(problem or shelf.title + wanted, room, ascii=ascii, head=room - 1)
    where = crop(printable(place, ascii=ascii), max(4, width - len(right) - len(counts) - 18), ascii=ascii)
    text = Text.assemble((" lininterp", "bold"), f"  {where}  {counts}")
    gap = max(2, width - text.cell_len - len(right) - 1)
    return text.append(" " * gap).append(right, palette.HIGH if shelf.problem else "")


def nothing(shelf: Shelf, width: int, *, ascii: bool) -> list[Text]:
    """The reason why no run is shown although there are some.

    Args:
        shelf: The filter, which matches no run or is invalid.
        width: Columns.
        ascii: Use ASCII only.

    Returns:
        Some lines.
    """
    words = printable(shelf.problem or f"No run matches {shelf.text}", ascii=ascii)
    lines = wrap(words.split(" "), max(1, width - 4), " ", ascii=ascii)
    return [Text(f"  {line}") for line in ["", *lines, "", "Esc takes the filter back."]]


def advice(folder: Path, found: Snapshot | None, width: int, *, ascii: bool) -> list[Text]:
    """Advice for a folder without runs.

    Args:
        folder: The run store.
        found: The latest snapshot; None before the first one.
        width: Columns.
        ascii: Use ASCII only.

    Returns:
        Some lines.
    """
    where = crop(printable(folder), max(8, width - 25), ascii=ascii)
    error = found.error if found is not None else ""
    words = [f"There are no runs in {where}."] if not error else [printable(error, ascii=ascii)]
    way = printable(command(folder, "train"), ascii=ascii)
    rows = wrap(way.split(" "), max(1, width - 6), " ", ascii=ascii)
    words += ["", "Make one with x, or:", "", *(f"    {row}" for row in rows), "", "and it will appear here."]
    return [Text(f"  {line}") for line in ["", *words]]
