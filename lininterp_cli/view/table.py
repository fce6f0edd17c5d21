"""Tables without lines: a space between columns, a title above and a caption below."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text


def stacked(widths: Sequence[int], room: int) -> list[slice]:
    """Divide the columns of a table evenly among as few tables as fit, to show below each other.

    Args:
        widths: Width of each column; a blank is before it.
        room: Columns for all of them.

    Returns:
        The columns of each table, in order; one that is too wide has a table of its own.

    Example:
        >>> stacked([5, 9, 9], 26), stacked([5, 9, 9], 24)
        ([slice(0, 3, None)], [slice(0, 2, None), slice(2, 4, None)])
    """
    for num in range(1, len(widths)):
        each = -(-len(widths) // num)
        parts = [slice(first, first + each) for first in range(0, len(widths), each)]
        if all(sum(width + 1 for width in widths[part]) <= room for part in parts):
            return parts
    return [slice(place, place + 1) for place in range(len(widths))]


def bare_table(title: str = "", caption: str = "", *, head_style: str = "bold", heads: bool = True) -> Table:
    """An empty table without lines.

    Args:
        title: The line above it; empty for none.
        caption: The text below it; empty for none.
        head_style: Rich style of the heads.
        heads: Whether heads are shown.

    Returns:
        The table, without columns and rows.
    """
    return Table(
        title=Text(title, style="bold") if title else None,
        title_justify="left",
        caption=Text(caption, style="dim") if caption else None,
        caption_justify="left",
        box=None,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        header_style=head_style,
        show_header=heads,
    )
