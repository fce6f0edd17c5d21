"""Converts Rich texts to the strips that widgets draw; every segment must have a style.

Under NO_COLOR, Textual's filter reads the colour of every segment's style and raises if there is no style.
"""

from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

NULL = Style.null()


def strip_of(text: Text, width: int, console: Console, style: Style = NULL) -> Strip:
    """One line as a strip of a given width.

    Args:
        text: One line.
        width: Columns.
        console: Resolves the names of styles.
        style: The style under the text's own styles.

    Returns:
        The strip, padded or cut to exactly this width.
    """
    segments = (Segment(part.text, style + (part.style or NULL)) for part in text.render(console, end=""))
    return Strip(segments).adjust_cell_length(width, style)


def strips_of(text: Text, width: int, console: Console) -> list[Strip]:
    """The lines of a text as strips of exactly a given width."""
    return [strip_of(line, width, console) for line in text.split("\n", allow_blank=True)]


def rendered(renderable: RenderableType, width: int, console: Console) -> list[Strip]:
    """A renderable as strips of exactly a given width."""
    lines = console.render_lines(renderable, console.options.update(width=width, height=None), pad=False)
    return [
        Strip(Segment(part.text, part.style or NULL) for part in line).adjust_cell_length(width, NULL) for line in lines
    ]
