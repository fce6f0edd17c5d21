"""A fraction as a sign and a colour, from dark to light; every depth of colour has its own ramp.

There always is a sign: under the colour, so that it is in copied text, or alone where there are no colours.
"""

import math

from lininterp_cli.view.look import Look

SHADES = " ░▒▓█"
"""Signs from 0 to 1."""

ASCII_SHADES = " .:-=+*#%@"
"""The same in ASCII."""

VIRIDIS = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")
"""Equal steps of viridis by Smith, van der Walt and Firing, perceptually uniform (https://bids.github.io/colormap/)."""

PALETTE_256 = (53, 54, 55, 25, 31, 37, 78, 149, 155, 191, 227)
"""Colours of the 256 that run from purple over blue and green to yellow and only ever become lighter.  Rich's nearest
neighbours of viridis do not: they have a grey band in the middle."""

NUM_STEPS = 48
"""Number of colours of the ramp in true colour; more would cost bytes and look the same."""


def shade(share: float, *, ascii: bool = False) -> str:
    """The sign of a fraction.

    Args:
        share: From 0 to 1; values beyond are clipped.
        ascii: Use ASCII only.

    Returns:
        One character; a blank for 0.

    Example:
        >>> shade(0.0), shade(0.5), shade(1.0), shade(0.5, ascii=True)
        (' ', '▒', '█', '+')
    """
    shades = ASCII_SHADES if ascii else SHADES
    return shades[_step(share, len(shades))]


def style(share: float, look: Look) -> str:
    """The colour of a fraction as a Rich style; foreground and background are equal, so the sign is invisible.

    Args:
        share: From 0 to 1; values beyond are clipped.
        look: What can be shown.

    Returns:
        A style; empty where there are too few colours for a ramp, so that only the sign is shown.

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
    """Index of the part that a fraction lies in, of `count` equal parts of [0, 1]."""
    share = 0.0 if math.isnan(share) else min(1.0, max(0.0, share))
    return min(int(share * count), count - 1)


def _viridis(share: float) -> str:
    place = share * (len(VIRIDIS) - 1)
    low = min(int(place), len(VIRIDIS) - 2)
    start, end = (bytes.fromhex(color[1:]) for color in VIRIDIS[low : low + 2])
    mixed = (round(a + (b - a) * (place - low)) for a, b in zip(start, end, strict=True))
    return "#" + bytes(mixed).hex()
