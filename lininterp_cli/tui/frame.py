"""What stands around the list and the run, in words."""

from pathlib import Path

from rich.text import Text

from lininterp_cli.tui.model import Snapshot
from lininterp_cli.view.text import crop, printable


def head(folder: Path, found: Snapshot | None, sort: str, wanted: str, width: int, *, ascii: bool) -> Text:
    """The first line: where the runs are, how many, in which order.

    Args:
        folder: The runs.
        found: What a scan has found; None before the first one.
        sort: The order's name.
        wanted: The filter.
        width: Columns.
        ascii: Use ASCII only.

    Returns:
        One line of that width.
    """
    if found is None:
        counts = "reading ..."
    else:
        live = sum(entry.summary.state == "running" for entry in found.entries)
        counts = f"{len(found.entries)} runs  {live} live" + ("" if found.complete else "  reading ...")
    right = f"sort {sort}" + (f"  filter {printable(wanted)}" if wanted else "")
    right = crop(right, max(10, width - len(counts) - 18), ascii=ascii)
    place = crop(printable(folder), max(4, width - len(right) - len(counts) - 18), ascii=ascii)
    text = Text.assemble((" lininterp", "bold"), f"  {place}  {counts}")
    gap = max(2, width - text.cell_len - len(right) - 1)
    return text.append(" " * gap).append(right)


def advice(folder: Path, found: Snapshot | None, width: int, *, ascii: bool) -> list[Text]:
    """What to do where there are no runs.

    Args:
        folder: The runs.
        found: What a scan has found.
        width: Columns.
        ascii: Use ASCII only.

    Returns:
        Some lines.
    """
    where = crop(printable(folder), max(8, width - 25), ascii=ascii)
    error = found.error if found is not None else ""
    words = [f"There are no runs in {where}."] if not error else [printable(error, ascii=ascii)]
    words += ["", "Make one with:", "", "    lininterp train", "", "and it will appear here."]
    return [Text(f"  {line}") for line in ["", *words]]
