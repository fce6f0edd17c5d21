"""Selects cells of a study by their index, label, group or digest; never imports torch."""

from collections.abc import Sequence

from lininterp_cli.errors import ConfigError, UnknownNameError
from lininterp_cli.study.plan import Cell


def select(cells: Sequence[Cell], text: str) -> tuple[Cell, ...]:
    """Select cells as a user names them.

    Args:
        cells: The study's cells, in order.
        text: A cell's index, from 0 on, its label, its digest or a prefix of it; or a group for all its seeds.

    Returns:
        One cell or more.

    Raises:
        ConfigError: If an index is beyond the last, or a prefix fits several digests.
        UnknownNameError: If the text fits no cell.
    """
    for fitting in (
        [cell for cell in cells if cell.digest == text][:1],
        [cell for cell in cells if cell.label == text],
        [cell for cell in cells if cell.group == text],
    ):
        if fitting:
            return tuple(fitting)
    if text.isdecimal() and int(text) < len(cells):
        return (cells[int(text)],)
    begun = {cell.digest: cell for cell in cells if text and cell.digest.startswith(text)}
    if len(begun) > 1:
        raise ConfigError(f"{text!r} begins {len(begun)} digests: {', '.join(sorted(begun)[:3])}; give more of it")
    if begun:
        return tuple(begun.values())
    if text.isdecimal():
        raise ConfigError(f"there is no cell {text}; the cells are 0 to {len(cells) - 1}, see: lininterp study show")
    raise UnknownNameError("cell", text, dict.fromkeys(cell.group for cell in cells))
