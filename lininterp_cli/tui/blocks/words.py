"""What stands around a heat map of blocks, in words; it decides nothing."""

from collections.abc import Sequence

from rich.cells import cell_len

from lininterp_cli.landscape.curve import Curve, Metric
from lininterp_cli.tui.blocks.finer import finer_command, next_finer
from lininterp_cli.tui.page import Page
from lininterp_cli.view.extent import preview_words
from lininterp_cli.view.layer_rows import HEADS, LayerRow, cells, threshold_words
from lininterp_cli.view.text import crop, fraction, number, printable, wrap

_GAP = "  "
_MIN_WHERE = 12


def title(
    curve: Curve, rows: Sequence[LayerRow], split: str, metric: Metric, sort: str, threshold: float, where: str,
    width: int, *, ascii: bool,
) -> str:  # fmt: skip
    """What is shown; where there is little room, a curve's long name is shortened, and its rest and bn are left out.

    Args:
        curve: The curve.
        rows: Its rows that are shown.
        split: What they were measured on.
        metric: The loss, or the error.
        sort: Their order.
        threshold: The barrier from which a row is sensitive.
        where: Which of the run's curves it is, and which part of it.
        width: Columns.
        ascii: Use ASCII only.

    Returns:
        One line.
    """
    above = sum(row.is_high for row in rows)
    preview = preview_words([curve], split)
    words = [
        f"{'loss' if metric == 'loss' else 'error'} on {printable(split)}",
        f"sort {sort}",
        f"{above} of {len(rows)} {threshold_words(threshold, metric)}",
    ]
    more = [f"bn {printable(curve.bn)}", f"rest {printable(curve.rest)}"]
    for known in ([*words, *more], [*words, *more[:1]], words):
        rest = _GAP.join([*([preview] if preview else []), *known])
        if cell_len(where + _GAP + rest) <= width:
            break
    where = crop(where, max(_MIN_WHERE, width - cell_len(_GAP + rest)), ascii=ascii)
    # A preview is told by the first word.
    return _GAP.join([*([preview] if preview else []), where, *known])


def values(row: LayerRow, alpha: float, split: str, width: int, *, ascii: bool) -> str:
    """Everything that is known of one row at one alpha.

    Args:
        row: The row.
        alpha: One of its alphas.
        split: `test` or `train`.
        width: Columns; where they are too few, some words are shorter and the standard error is left out.
        ascii: Use ASCII only.

    Returns:
        One line.
    """
    known, at = row.series.splits[split], row.series.alphas.index(alpha)
    error = f" {'+-' if ascii else '±'} {number(known.loss_stderr[at])}"
    words = [
        printable(row.label),
        f"alpha {alpha:.4g}",
        f"loss {number(known.loss[at])}{error}",
        f"accuracy {fraction(known.accuracy[at])}",
        f"moved {number(row.series.distance)}",
        "" if row.critical is None else f"critical {row.critical.words(ascii=ascii)}",
        "" if row.settled is None else f"settled from {row.settled:.3g}",
        {True: "monotone", False: "not monotone", None: ""}[row.monotone],
    ]
    line = _GAP.join(word for word in words if word)
    for more, less in (("accuracy", "acc"), (error, ""), ("settled from", "settled"), (_GAP, " ")):
        line = line.replace(more, less) if cell_len(line) > width else line
    # What ends in the middle of a word says less than nothing.
    return line if cell_len(line) <= width else line.removesuffix("not monotone").removesuffix("monotone").rstrip()


def table(rows: Sequence[LayerRow]) -> list[list[str]]:
    """The rows with everything that is known of them, the heads first."""
    return [list(HEADS), *(["" if cell is None else str(cell) for cell in cells(row)] for row in rows)]


def no_finer(curve: Curve) -> str:
    """Why there is nothing to enter from the rows of a curve, and the command that changes that."""
    wanted = next_finer(curve)
    command = finer_command(curve, wanted)
    return f"no curve by {wanted} yet; make it with: {command}" if wanted else "a tensor is the finest there is"


def folded(line: str, width: int, *, ascii: bool) -> list[str]:
    """A line in as many as it needs, with its indent: a command must be readable whole."""
    text = printable(line, ascii=ascii)
    indent = text[: len(text) - len(text.lstrip())]
    return [indent + row for row in wrap(text.split(), max(1, width - len(indent)), " ", ascii=ascii)] or [""]


def why(page: Page) -> list[str]:
    """Why there is no map.

    Args:
        page: The run.

    Returns:
        Lines.
    """
    if page.detail is None:
        return ["", "reading ..." if page.entry is not None else "no run is chosen"]
    run = page.detail.entry.summary
    if run.state == "damaged":
        return ["", f"This run cannot be read: {run.error}"]
    if page.is_running:
        return ["", "The run is being trained; its blocks can be looked at after that."]
    problems = page.detail.problems
    torn = ["", f"{len(problems)} of its curve files cannot be read:", "", *(f"  {one}" for one in problems[:5])]
    advice = ["", "No curve tells of blocks yet; make one with:", "", f"  lininterp interpolate {run.id} --layer-wise"]
    return [*(torn if problems else []), *advice]
