"""A share as a sign and a colour, darker to lighter; every depth of colour has its own ramp, none is cut from another.

A sign always stands there too: under the colour where there is one, for whoever copies the text, and alone elsewhere.
"""

import math

from lininterp_cli.view.look import Look

SHADES = " ░▒▓█"
"""From 0 to 1."""

ASCII_SHADES = " .:-=+*#%@"
"""The same in ASCII."""

VIRIDIS = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")
"""Equal steps of viridis by Smith, van der Walt and Firing, perceptually uniform (https://bids.github.io/colormap/)."""

PALETTE_256 = (53, 54, 55, 25, 31, 37, 78, 149, 155, 191, 227)
"""Colours of the 256 that run from purple over blue and green to yellow and only ever become lighter.  Rich's nearest
neighbours of viridis do not: they have a grey band in the middle."""

NUM_STEPS = 48
"""Colours of the ramp in true colour; more would cost bytes and not be told apart."""


def shade(share: float, *, ascii: bool = False) -> str:
    """The sign of a share.

    Args:
        share: From 0 to 1; what lies beyond is taken for the nearer end.
        ascii: Use ASCII only.

    Returns:
        One character; the blank is 0.

    Example:
        >>> shade(0.0), shade(0.5), shade(1.0), shade(0.5, ascii=True)
        (' ', '▒', '█', '+')
    """
    shades = ASCII_SHADES if ascii else SHADES
    return shades[_step(share, len(shades))]


def style(share: float, look: Look) -> str:
    """The colour of a share as a Rich style; foreground and background are the same, so that the sign is not seen.

    Args:
        share: From 0 to 1; what lies beyond is taken for the nearer end.
        look: What can be shown.

    Returns:
        A style; empty where there are too few colours for a ramp and the sign must do.

    Example:
        >>> style(0.0, Look(depth="256")), style(1.0, Look()), style(0.5, Look(depth="16"))
        ('color(53) on color(53)', '#fde725 on #fde725', '')
    """
    if look.depth == "256":
        color = f"color({PALETTE_256[_step(share, len(PALETTE_256))]})"
    elif look.depth == "truecolor":
        color = _viridis(_step(share, NUM_STEPS) / (NUM_STEPS - 1))
    else:
        return ""
    return f"{color} on {color}"


def _step(share: float, count: int) -> int:
    """Which of so many equal parts of [0, 1] a share lies in."""
    share = 0.0 if math.isnan(share) else min(1.0, max(0.0, share))
    return min(int(share * count), count - 1)


def _viridis(share: float) -> str:
    place = share * (len(VIRIDIS) - 1)
    low = min(int(place), len(VIRIDIS) - 2)
    start, end = (bytes.fromhex(color[1:]) for color in VIRIDIS[low : low + 2])
    mixed = (round(a + (b - a) * (place - low)) for a, b in zip(start, end, strict=True))
    return "#" + bytes(mixed).hex()
