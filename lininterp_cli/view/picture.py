"""SVG pictures of terminal output, which must not fetch anything when they are viewed."""

import re


def without_fonts(drawing: str) -> str:
    """Remove the web fonts from a picture; the SVG templates of Rich and Textual fetch some from a server.

    Args:
        drawing: SVG as Rich or Textual exports it.

    Returns:
        The same picture, set in DejaVu Sans Mono.
    """
    return re.sub(r"@font-face \{.*?\}", "", drawing, flags=re.DOTALL).replace("Fira Code", "DejaVu Sans Mono")
