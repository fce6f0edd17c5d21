"""Rich texts as the strips that widgets draw; it must never let a segment without a style through.

Under NO_COLOR, Textual's filter asks every segment for its colour and falls over where there is no style.
"""

from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

NULL = Style.null()


def strip_of(text: Text, width: int, console: Console, style: Style = NULL) -> Strip:
    """One line as exactly so many columns.

    Args:
        text: One line.
        width: Columns.
        console: Resolves the names of styles.
        style: What lies under the text's own styles.

    Returns:
        The strip; what is too long is cut off.
    """
    segments = (Segment(part.text, style + (part.style or NULL)) for part in text.render(console, end=""))
    return Strip(segments).adjust_cell_length(width, style)


def strips_of(text: Text, width: int, console: Console) -> list[Strip]:
    """Every line of a text as exactly so many columns."""
    return [strip_of(line, width, console) for line in text.split("\n", allow_blank=True)]


def rendered(renderable: RenderableType, width: int, console: Console) -> list[Strip]:
    """Any renderable as lines of exactly so many columns."""
    lines = console.render_lines(renderable, console.options.update(width=width, height=None), pad=False)
    return [
        Strip(Segment(part.text, part.style or NULL) for part in line).adjust_cell_length(width, NULL) for line in lines
    ]
