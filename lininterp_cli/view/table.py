"""Tables as they are printed here: no lines, a space between columns, words above and below."""

from rich.table import Table
from rich.text import Text


def bare_table(title: str = "", caption: str = "", *, head_style: str = "bold", heads: bool = True) -> Table:
    """A table without lines, to be given its columns and rows.

    Args:
        title: What stands above it; empty for nothing.
        caption: What stands below it; empty for nothing.
        head_style: How heads look.
        heads: Whether they are shown.

    Returns:
        The table.
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
