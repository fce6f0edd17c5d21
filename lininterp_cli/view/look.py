"""The characters and colours that can be shown where a text is printed."""

from dataclasses import dataclass
from typing import Literal

Depth = Literal["none", "16", "256", "truecolor"]
"""The number of colours."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """The characters and colours that can be shown; all of them by default."""

    ascii: bool = False
    """Whether only ASCII can be shown: no braille, no frames."""
    depth: Depth = "truecolor"
    """The number of colours; `none` also if no colours are wanted."""

    @property
    def color(self) -> bool:
        """Whether there are colours at all."""
        return self.depth != "none"

    @property
    def tint(self) -> bool:
        """Whether there are enough colours for backgrounds; if not, areas are drawn with signs."""
        return self.depth in {"256", "truecolor"}
