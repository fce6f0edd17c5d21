"""Words around a heat map of blocks, and in place of one."""

from collections.abc import Sequence
from pathlib import Path

from rich.cells import cell_len

from lininterp_cli.landscape.curves.curve import Curve, Metric
from lininterp_cli.runs.advice import command
from lininterp_cli.tui.blocks.finer import finer_command, next_finer
from lininterp_cli.tui.page import Page
from lininterp_cli.view.curves.extent import preview_words
from lininterp_cli.view.curves.layer_rows import HEADS, LayerRow, cells, threshold_words
from lininterp_cli.view.text import crop, fraction, number, printable, wrap

_GAP = "  "
_MIN_WHERE = 12


def title(
    curve: Curve, rows: Sequence[LayerRow], split: str, metric: Metric, sort: str, threshold: float, where: str,
    width: int, *, ascii: bool,
) -> str:  # fmt: skip
    """The title of the map; if it is too long, `rest` is omitted, then `bn`, and then the curve's name is shortened.

    Args:
        curve: The curve.
        rows: Its rows that are shown.
        split: The split they were measured on.
        metric: The loss, or the error.
        sort: Their order.
        threshold: The barrier from which a row is sensitive.
        where: The place and name of the curve, and the blocks that were entered.
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
    # The word that marks a preview is the first.
    return _GAP.join([*([preview] if preview else []), where, *known])


def values(row: LayerRow, alpha: float, split: str, width: int, *, ascii: bool) -> str:
    """All values of one row at one alpha.

    Args:
        row: The row.
        alpha: One of its alphas.
        split: `test` or `train`.
        width: Columns; if they are too few, words are shortened, and the standard error and the last words omitted.
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
    words, gap = [word for word in words if word], _GAP
    for more, less in (("accuracy", "acc"), (error, ""), ("settled from", "settled")):
        if cell_len(gap.join(words)) > width:
            words = [word.replace(more, less) for word in words]
    gap = " " if cell_len(gap.join(words)) > width else gap
    # Cut in the middle, a word could be misread.
    while len(words) > 1 and cell_len(gap.join(words)) > width:
        words.pop()
    return gap.join(words)


def table(rows: Sequence[LayerRow]) -> list[list[str]]:
    """All values of the rows as a table, the header first."""
    return [list(HEADS), *(["" if cell is None else str(cell) for cell in cells(row)] for row in rows)]


def no_finer(curve: Curve, store: Path) -> str:
    """The reason why no row of a curve can be entered, and the command that measures a finer curve."""
    wanted = next_finer(curve)
    way = finer_command(curve, wanted, store)
    return f"no curve by {wanted} yet; make it with x, or: {way}" if wanted else "a tensor is the finest there is"


def folded(line: str, width: int, *, ascii: bool) -> list[str]:
    """A line wrapped with its indent, so that a command can be read in full."""
    text = printable(line, ascii=ascii)
    indent = text[: len(text) - len(text.lstrip())]
    return [indent + row for row in wrap(text.split(), max(1, width - len(indent)), " ", ascii=ascii)] or [""]


def why(page: Page) -> list[str]:
    """The reason why there is no map.

    Args:
        page: The page of the run.

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
    advice = ["", "No curve tells of blocks yet; make one with x, or:", ""]
    way = command(page.detail.entry.store, "interpolate", run.id, "--layer-wise")
    return [*(torn if problems else []), *advice, f"  {way}"]
