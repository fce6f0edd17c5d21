"""Pictures of what a terminal shows; they must not fetch anything when they are looked at."""

import re


def without_fonts(drawing: str) -> str:
    """A picture that fetches no fonts: Rich's own template, and Textual's after it, ask a server for them.

    Args:
        drawing: SVG as Rich or Textual exports it.

    Returns:
        The same in a font that is there.
    """
    return re.sub(r"@font-face \{.*?\}", "", drawing, flags=re.DOTALL).replace("Fira Code", "DejaVu Sans Mono")
