"""No colours for a terminal that has none, or whose person wants none; signs, bold and reverse tell all the same."""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter


class Colorless(LineFilter):
    """Takes every colour away, whoever chose it: a screen, a theme or a library.

    Under NO_COLOR, Textual's own filter turns colours into greys, which are colours too.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments with the attributes of their styles alone."""
        return [Segment(text, style and _without_color(style), control) for text, style, control in segments]


@lru_cache(1024)
def _without_color(style: Style) -> Style:
    return style.without_color
