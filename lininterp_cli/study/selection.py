"""Selects cells of a study by their index, label, group or digest; never imports torch."""

import re
from collections.abc import Sequence

from lininterp_cli.config.values import shown
from lininterp_cli.errors import ConfigError, NotFoundError, UnknownNameError
from lininterp_cli.study.plan import MAX_CELLS, Cell


def select(cells: Sequence[Cell], text: str) -> tuple[Cell, ...]:
    """Select cells as a user names them.

    Args:
        cells: The study's cells, in order.
        text: A cell's index, from 0 on, its label, its digest or a prefix of it; or a group for all its seeds.  A
            number that is an index is never the name of a group, so that the indices always name every cell once.

    Returns:
        One cell or more.

    Raises:
        ConfigError: If an index is beyond the last, or a prefix fits several digests.
        NotFoundError: If no cell has this digest.
        UnknownNameError: If the text fits no cell.
    """
    is_index = text.isdecimal() and len(text) <= len(str(MAX_CELLS)) and int(text) < len(cells)
    for fitting in (
        [cell for cell in cells if cell.digest == text][:1],
        [cells[int(text)]] if is_index else [],
        [cell for cell in cells if cell.label == text],
        [cell for cell in cells if cell.group == text],
    ):
        if fitting:
            return tuple(fitting)
    begun = {cell.digest: cell for cell in cells if text and cell.digest.startswith(text)}
    if len(begun) > 1:
        raise ConfigError(f"{text!r} begins {len(begun)} digests: {', '.join(sorted(begun)[:3])}; give more of it")
    if begun:
        return tuple(begun.values())
    if re.fullmatch("[0-9a-f]{12}", text):
        raise NotFoundError(
            f"no cell has the digest {text}: the study's file, or code that it names, is not what it was; start again"
        )
    if text.isdecimal():
        where = f"`lininterp study show` lists the cells 0 to {len(cells) - 1}"
        raise ConfigError(f"there is no cell {shown(text)}; {where}")
    raise UnknownNameError("cell", text, dict.fromkeys(cell.group for cell in cells))
