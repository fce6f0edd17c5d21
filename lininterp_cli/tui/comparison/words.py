"""Words and exported tables about the compared runs."""

from collections.abc import Sequence

from rich.text import Text

from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.landscape.curves.figures import differing_columns, figures
from lininterp_cli.runs.run import Run
from lininterp_cli.tui.comparison.comparison import Comparison
from lininterp_cli.view import palette
from lininterp_cli.view.comparison.contenders import Contender
from lininterp_cli.view.curves.difference import difference
from lininterp_cli.view.curves.extent import preview_words
from lininterp_cli.view.curves.quantity import Quantity, quantity_words
from lininterp_cli.view.runs.summary import WHOLE
from lininterp_cli.view.text import crop, printable


def heading(shown: Comparison, width: int, *, ascii: bool) -> Text:
    """The view, the runs and the choices, in one line.

    Args:
        shown: The comparison.
        width: Columns.
        ascii: Use ASCII only.

    Returns:
        One line, the most important words first.
    """
    start = Text.assemble((" compare", "bold"), "  ", (shown.view, "bold"), "  ")
    words = _scatter_words(shown) if shown.view == "scatter" else _curve_words(shown, width)
    rest = "  ".join(word for word in words if word)
    return start.append(crop(printable(rest), max(0, width - start.cell_len), ascii=ascii, head=width))


def _scatter_words(shown: Comparison) -> list[str]:
    hidden = sum(entry.key in shown.hidden for entry in shown.runs)
    which = "marked " if shown.marked else ""
    is_cut = not shown.marked and len(shown.runs) < shown.num_listed
    return [
        f"first {len(shown.runs)} of {shown.num_listed} runs" if is_cut else f"{len(shown.runs)} {which}runs",
        f"{hidden} hidden" if hidden else "",
        f"{shown.y} against {shown.x}",
        f"letters by {shown.scatter.by}" if shown.scatter.by else "",
    ]


def _curve_words(shown: Comparison, width: int) -> list[str]:
    contenders = shown.contenders
    curves = [one.trace.curve for one in contenders if one.trace is not None]
    if shown.marked:
        which = f"{len(contenders)} marked" if shown.marked <= len(contenders) else ""
        which = which or f"first {len(contenders)} of {shown.marked} marked"
    else:
        which = f"newest {len(contenders)} of {shown.num_listed}"
    hidden = sum(one.is_hidden for one in contenders)
    block = shown.block if shown.block in shown.blocks else WHOLE
    words = [
        f"{which}{f', {hidden} hidden' if hidden else ''}",
        f"{block}: {quantity_words(shown.page.metric)} on {shown.split}{', log axis' if shown.page.log else ''}",
        f"{shown.definition} barrier",
        f"reference {palette.letter(shown.reference.place)}" if shown.reference is not None else "",
        preview_words(curves, shown.split),
    ]
    if shown.view == "table":
        num_able, num_drawn = sum(one.is_drawn for one in contenders), len(shown.drawn(width))
        words[0] += f", {num_drawn} have room" if num_drawn < num_able else ""
    return words


def trace_rows(drawn: Sequence[Contender], split: str, quantity: Quantity, base: Contender | None) -> list[list[str]]:
    """The curves as a table, a row for each alpha of each run.

    Args:
        drawn: The runs.
        split: The split they were measured on.
        quantity: The quantity in the rows.
        base: The run whose values are subtracted; None for the curves themselves.

    Returns:
        Rows, the header first.
    """
    named = f"{quantity} less that of {base.run.id}" if base is not None else quantity
    rows = [["run", "name", "curve", "block", "split", "alpha", named]]
    for one in drawn:
        if one.trace is None:
            continue
        alphas: Sequence[float] = one.trace.series.alphas
        values: Sequence[float] = one.trace.values(split, quantity)
        if base is not None and base.trace is not None:
            alphas, values = difference(one.trace, base.trace, split, quantity)
        about = [one.run.id, one.run.name, one.trace.curve.name, one.trace.series.label, split]
        rows += [[*about, str(alpha), str(value)] for alpha, value in zip(alphas, values, strict=True)]
    return rows


def table_rows(runs: Sequence[Run], curves: Sequence[Curve], split: str, definition: str) -> list[list[str]]:
    """The runs as a table, a row for each: metrics, barriers, distances, settings that differ.

    Args:
        runs: The runs.
        curves: Each one's curve.
        split: The split of the barriers.
        definition: A key of BARRIERS.

    Returns:
        Rows, the header first.
    """
    pairs = zip(runs, curves, strict=True)
    rows = differing_columns([figures(run, curve, split, definition) for run, curve in pairs])
    heads = list(rows[0]) if rows else []
    return [heads, *([("" if value is None else str(value)) for value in row.values()] for row in rows)]
