"""Removes all colours, for a terminal or a user without them; signs, bold and reverse show the same."""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter


class Colorless(LineFilter):
    """Removes every colour, whether a screen, a theme or a library has set it.

    Under NO_COLOR, Textual's own filter turns colours into greys, which are colours too.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, their styles reduced to attributes such as bold."""
        return [Segment(text, style and _without_color(style), control) for text, style, control in segments]


@lru_cache(1024)
def _without_color(style: Style) -> Style:
    return style.without_color
