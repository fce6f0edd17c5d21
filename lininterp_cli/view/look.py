"""What can be shown where the text goes: which characters and how many colours."""

from dataclasses import dataclass
from typing import Literal

Depth = Literal["none", "16", "256", "truecolor"]
"""How many colours there are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What can be shown; everything unless said otherwise."""

    ascii: bool = False
    """Only ASCII arrives whole: no braille, no frames."""
    depth: Depth = "truecolor"
    """How many colours there are; `none` where none are wanted."""

    @property
    def color(self) -> bool:
        """Whether there are colours at all."""
        return self.depth != "none"

    @property
    def tint(self) -> bool:
        """Whether there are colours enough for backgrounds; areas are drawn with signs elsewhere."""
        return self.depth in {"256", "truecolor"}
