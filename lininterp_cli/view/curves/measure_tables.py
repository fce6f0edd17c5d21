"""Module criticality and Gauss length as tables; never torch."""

import math
from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from lininterp_cli.landscape.curves.measures import BlockCriticality, Criticality, GaussLength, Measure
from lininterp_cli.view import palette
from lininterp_cli.view.curves.critical import critical, is_bound
from lininterp_cli.view.curves.ends import endpoint_names
from lininterp_cli.view.look import Look
from lininterp_cli.view.table import bare_table
from lininterp_cli.view.text import MISSING, crop_unique, fraction, number, printable

CRITICALITY_HEADS = ("block", "criticality", "alpha", "sigma", "error", "moved", "parameters", "at_edge")
"""The columns of module criticality, for programs."""


def measure_table(measure: Measure, *, width: int = 80, look: Look = Look()) -> Table:
    """A measure as a table.

    Args:
        measure: The measure.
        width: Columns.
        look: What can be shown.

    Returns:
        For module criticality a row for each block, the highest bold, and one for their sum; for Gauss length one row.
    """
    if isinstance(measure, GaussLength):
        return _gauss_length_table(measure, width, look.ascii)
    return _criticality_table(measure, width, look)


def measure_rows(measure: Measure) -> list[Sequence[Any]]:
    """A measure as rows for other programs.

    Args:
        measure: The measure.

    Returns:
        The heads, then a row for each block and one named `all`; for Gauss length one row.  Unknown values are None.
    """
    if isinstance(measure, Criticality):
        blocks = [
            [name, one.mu, one.alpha, one.sigma, one.error, one.distance, one.num_parameters, one.is_at_edge]
            for name, one in measure.blocks.items()
        ]
        return [CRITICALITY_HEADS, *blocks, ["all", measure.total, *[None] * 5, is_bound(measure)]]
    row = {
        "gauss_length": None if math.isnan(measure.mean) else measure.mean,
        "stderr": None if math.isnan(measure.stderr) else measure.stderr,
        "split": measure.split,
        "examples": measure.num_examples,
        "missing": measure.num_missing,
        "alphas": len(measure.alphas),
    }
    return [list(row), list(row.values())]


def _criticality_table(measure: Criticality, width: int, look: Look) -> Table:
    highest = max((one.mu for one in measure.blocks.values() if one.mu is not None), default=0.0)
    rows = [_row(name, one, highest, look.ascii) for name, one in measure.blocks.items()]
    rows.append(["all", critical(measure.total, is_bound(measure)).words(ascii=look.ascii), *[""] * 6])
    heads = [measure.by, "criticality", "", "alpha", "sigma", "error", "moved", "parameters"]
    sizes = [max(len(row[at]) for row in [heads, *rows]) for at in range(len(heads))]
    kept = _fitting(sizes, width)
    room = max(4, width - sum(sizes[at] + 1 for at in kept if at))
    labels = crop_unique([row[0] for row in rows], room, ascii=look.ascii)
    title = f"criticality by {measure.by}, training error at most {_percent(measure.epsilon)}"
    table = bare_table(title, _criticality_caption(measure, look.ascii), head_style="dim")
    for at in kept:
        table.add_column(heads[at], justify="right" if at else "left", no_wrap=True, overflow="crop")
    for label, row, one in zip(labels, rows, [*measure.blocks.values(), None], strict=True):
        is_highest = one is not None and one.mu == highest > 0
        style = (f"bold {palette.HIGH}" if look.color else "bold") if is_highest else ""
        table.add_row(*(Text(label if at == 0 else row[at]) for at in kept), style=style)
    return table


def _row(name: str, one: BlockCriticality, highest: float, ascii: bool) -> list[str]:
    mark = palette.HIGHEST[ascii] if one.mu == highest > 0 else ""
    return [
        printable(name, ascii=ascii),
        critical(one.mu, one.is_at_edge).words(ascii=ascii),
        mark,
        MISSING if one.alpha is None else f"{one.alpha:.2g}",
        number(one.sigma),
        MISSING if one.error is None else fraction(one.error),
        number(one.distance),
        f"{one.num_parameters:,}",
    ]


def _criticality_caption(measure: Criticality, ascii: bool) -> str:
    formula = "(alpha moved / sigma)^2" if ascii else "(α moved / σ)²"
    words = [
        f"criticality: the least {formula} at which the block, with noise of sigma, leaves the error allowed",
        f"final error {_percent(measure.final_error)}",
        f"{measure.num_examples} training examples, {measure.num_draws} draws",
    ]
    if is_bound(measure):
        words.append(f"{'<=' if ascii else '≤'}, {MISSING}: sigma is at the edge of what was tried")
    return "; ".join(words)


def _gauss_length_table(measure: GaussLength, width: int, ascii: bool) -> Table:
    sign = "+-" if ascii else "±"
    lost = f"; {measure.num_missing} examples not finite" if measure.num_missing else ""
    caption = (
        "angles by which the direction of the logits turns, in radians; mean and standard error over examples; "
        f"at kinks it depends on the alphas{lost}"
    )
    table = bare_table("Gauss length", caption, head_style="dim")
    line = f" {'->' if ascii else '→'} ".join(endpoint_names(measure))
    cells = {
        "line": crop_unique([printable(line, ascii=ascii)], max(8, width - 44), ascii=ascii)[0],
        "radians": number(measure.mean),
        sign: number(measure.stderr),
        "split": measure.split,
        "examples": str(measure.num_examples),
        "alphas": str(len(measure.alphas)),
    }
    for head in cells:
        table.add_column(head, justify="left" if head in {"line", "split"} else "right", no_wrap=True, overflow="crop")
    table.add_row(*map(Text, cells.values()))
    return table


def _fitting(sizes: Sequence[int], width: int) -> list[int]:
    """The columns that fit beside a readable block."""
    everything = range(len(sizes))
    for dropped in ((), (7,), (5, 7), (5, 6, 7), (4, 5, 6, 7)):
        kept = [at for at in everything if at not in dropped]
        if min(sizes[0], 12) + sum(sizes[at] + 1 for at in kept if at) <= width:
            break
    return kept


def _percent(error: float) -> str:
    return f"{100 * error:.2f} %"
