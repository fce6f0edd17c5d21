"""The rank correlations of a study's report as terminal tables; nothing is computed here."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from lininterp_cli.study.report.figures import OUTCOMES, SCOPES
from lininterp_cli.study.report.findings import Association
from lininterp_cli.study.report.words import NAMES, is_supported
from lininterp_cli.view.table import bare_table, stacked
from lininterp_cli.view.text import crop

_NAMES_WIDTH, _CELL_WIDTH = 17, 18
"""Columns of a shape's name and of a coefficient with its interval."""


def rank_tables(found: Sequence[Association], *, width: int, ascii: bool = False) -> Iterator[Table | Text]:
    """Every shape against every outcome, scope by scope.

    Args:
        found: The correlations.
        width: Columns at most.
        ascii: Use ASCII only.

    Yields:
        Tables of as many outcomes as fit side by side, then those of the next; shapes without a correlation with any of
        them are named in one line.
    """
    for part in stacked([_CELL_WIDTH] * len(OUTCOMES), width - _NAMES_WIDTH):
        outcomes = OUTCOMES[part]
        yield from [Text("")] * (part.start > 0)
        heads = True
        for scope in SCOPES:
            own = {(one.shape, one.outcome): one for one in found if one.scope == scope and one.outcome in outcomes}
            if own:
                yield from _part(own, outcomes, width, heads, ascii)
                heads = False


def _part(
    own: Mapping[tuple[str, str], Association], outcomes: Sequence[str], width: int, heads: bool, ascii: bool
) -> Iterator[Table | Text]:
    table = bare_table(heads=heads)
    room = min((width - _NAMES_WIDTH) // len(outcomes) - 1, 24)
    table.add_column("", width=_NAMES_WIDTH, no_wrap=True)
    for outcome in outcomes:
        table.add_column(crop(NAMES[outcome], room, ascii=ascii), justify="right", width=room, no_wrap=True)
    table.add_row(Text(_scope_words([*own.values()]), style="bold"))
    silent: dict[str, list[str]] = {}
    for shape in dict.fromkeys(shape for shape, _ in own):
        cells = [own[shape, outcome] for outcome in outcomes]
        if len({_rho(one) for one in cells if one.rho is None}) == 1 and all(one.rho is None for one in cells):
            silent.setdefault(_rho(cells[0]), []).append(NAMES[shape])
        else:
            table.add_row(Text(f"  {NAMES[shape]}"), *(Text(_rho(one), style=_style(one)) for one in cells))
    yield table
    for why, names in silent.items():
        for line in textwrap.wrap(f"{why}: {', '.join(names)}", max(1, width - 2)):
            yield Text(f"  {line}", style="dim")


def _scope_words(some: Sequence[Association]) -> str:
    runs, groups = (max(getattr(one, name) for one in some) for name in ("num_runs", "num_groups"))
    words = f"{groups} group{'s' * (groups != 1)}"
    return {"all": f"all {runs} runs", "between": words}.get(some[0].scope, f"within {words}")


def _rho(one: Association) -> str:
    if one.rho is None:
        return "constant" if one.is_constant else "too few"
    interval = "" if one.rho_low is None else f" {one.rho_low:z.2f}..{one.rho_high:z.2f}"
    return f"{one.rho:z.2f}{interval}{'*' if is_supported(one) else ' '}"


def _style(one: Association) -> str:
    return "bold" if is_supported(one) else "" if one.rho is not None else "dim"
