"""Tables without lines: a space between columns, a title above and a caption below."""

from rich.table import Table
from rich.text import Text


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
