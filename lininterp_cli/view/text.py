"""Words and numbers for a terminal; no content of a file can control the terminal or act as markup."""

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len, chop_cells
from rich.text import Text

_SEPARATED = re.compile(r".*[^0-9A-Za-z]")

MISSING = "n/a"
"""Shown in place of an unknown number."""


def printable(value: Any, *, ascii: bool = False) -> str:
    r"""Any value as one line that cannot control a terminal.

    Control characters, line ends, invisible and direction-changing characters, combining marks with nothing to sit
    on and broken surrogates become visible `\xNN` or `\uNNNN`.

    Args:
        value: A value from a file, a folder name or a user.
        ascii: Also escape every character that is not ASCII.

    Returns:
        Printable text; not safe against Rich's markup, see `plain`.

    Example:
        >>> printable("net\x1b[2J\n")
        'net\\x1b[2J\\x0a'
    """
    text = str(value)
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if _is_harmless(character) and (not ascii or character.isascii()) else _escape(character)
        for character in text
    )


def plain(value: Any, style: str = "") -> Text:
    """Any value as a Rich text that is taken literally: no markup, no control characters.

    Args:
        value: A value from a file, a folder name or a user.
        style: Rich style of the whole.

    Returns:
        One line.
    """
    return Text(printable(value), style=style, no_wrap=True)


def crop(text: str, width: int, *, ascii: bool = False, head: int | None = None) -> str:
    """Shorten a text to a width by leaving out its middle, where names differ least.

    Args:
        text: One printable line.
        width: Columns, 0 or more.
        ascii: Write the ellipsis as `~`, and escape all other characters that are not ASCII, as `printable` does.
        head: Columns before the ellipsis; half of them unless given.

    Returns:
        The text, or its head, an ellipsis and its tail.

    Example:
        >>> crop("layer4.1.bn2.weight", 11)
        'layer…eight'
    """
    text = printable(text, ascii=True) if ascii else text
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return chop_cells(text, 1)[0][:width] if width else ""
    room = width - 1
    front = _head(text, room - room // 2 if head is None else min(head, room))
    tail = _head(text[::-1], room - cell_len(front))[::-1]
    return f"{front}{'~' if ascii else '…'}{tail}"


def crop_unique(names: Sequence[str], width: int, *, ascii: bool = False) -> list[str]:
    """Shorten names so that different names stay different, if there is room for that.

    Args:
        names: Printable lines.
        width: Columns.
        ascii: Write the ellipsis as `~`.

    Returns:
        The names in their order; where possible, the same part of each long one is left out.

    Example:
        >>> crop_unique(["encoder.layers.0.attention", "encoder.layers.1.attention"], 15)
        ['enc…0.attention', 'enc…1.attention']
    """
    long = [name for name in names if cell_len(name) > width]
    shared = _SEPARATED.match(_shared_start(long))
    start = shared.end() if shared and len(long) > 1 else 0
    # Where leaving out the middle is not enough, the common start of all long names is left out first.
    shorter = [("~" if ascii else "…") + name[start:] if name in long else name for name in names]
    heads = sorted(range(max(1, width)), key=lambda head: abs(head - width // 2))
    for candidates in (names, shorter):
        for head in heads:
            cropped = [crop(name, width, ascii=ascii, head=head) for name in candidates]
            if len(set(cropped)) == len(set(names)):
                return cropped
    return _crop_each(names, width, heads, ascii)


def wrap(entries: Sequence[str], width: int, gap: str, *, ascii: bool = False) -> list[str]:
    """Put entries side by side in as few lines as they need; one that is too long for a line is shortened."""
    rows: list[str] = []
    for entry in entries:
        if rows and cell_len(rows[-1] + gap + entry) <= width:
            rows[-1] += gap + entry
        else:
            rows.append(crop(entry, width, ascii=ascii))
    return rows


def number(value: float | None, digits: int = 3) -> str:
    """A number in at most nine characters.

    Args:
        value: Any number; None and NaN are unknown.
        digits: Significant digits.

    Returns:
        A decimal where that is short, else an exponent; `n/a` where it is unknown.

    Example:
        >>> number(2.302585), number(0.0), number(1e-7), number(123456.0), number(None)
        ('2.303', '0', '1.0e-07', '1.2e+05', 'n/a')
    """
    if value is None or math.isnan(value):
        return MISSING
    if value == 0:
        return "0"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if abs(value) < 10**-digits / 2 or abs(value) >= 1e5:
        return f"{value:.1e}"
    decimals = max(0, digits - max(0, len(str(int(abs(value)))) - 1))
    return f"{value:.{decimals}f}"


def fraction(value: float | None) -> str:
    """An accuracy with four decimals, `n/a` where it is unknown."""
    return MISSING if value is None or not math.isfinite(value) else f"{value:.4f}"


def duration(seconds: float | None) -> str:
    """A duration in at most four characters, five from 1000 days on.

    Args:
        seconds: Seconds, or None.

    Returns:
        The largest whole unit.

    Example:
        >>> [duration(s) for s in (3, 150, 7300, 200_000, None)]
        ['3s', '2m', '2h', '2d', 'n/a']
    """
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{min(seconds // size, 9999):.0f}{unit}"
    return f"{max(0, seconds):.0f}s"


def bar(share: float, width: int, *, ascii: bool = False) -> str:
    """A bar of eighths of a column, padded to its width.

    Args:
        share: How much of the width it fills; cut to [0, 1].
        width: Columns.
        ascii: Draw it with `#`.

    Returns:
        Exactly `width` columns; anything above 0 is visible.

    Example:
        >>> bar(0.5, 3), bar(0.5, 4, ascii=True)
        ('█▌ ', '##  ')
    """
    share = min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0
    if ascii:
        return ("#" * max(round(share * width), 1 if share > 0 and width else 0)).ljust(width)
    eighths = max(round(share * width * 8), 1 if share > 0 and width else 0)
    return ("█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()).ljust(width)


def _crop_each(names: Sequence[str], width: int, heads: Sequence[int], ascii: bool) -> list[str]:
    """Shorten each name at the first place that tells it from those before it, and from those that need no cropping."""
    found = {name: crop(name, width, ascii=ascii) for name in names if cell_len(name) <= width}
    for name in dict.fromkeys(names):
        if name not in found:
            ways = [crop(name, width, ascii=ascii, head=head) for head in heads]
            found[name] = next((way for way in ways if way not in found.values()), ways[0])
    return [found[name] for name in names]


def _shared_start(names: Sequence[str]) -> str:
    """The longest common start of some names."""
    low, high = min(names, default=""), max(names, default="")
    return low[: next((at for at, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), len(low))]


def _head(text: str, width: int) -> str:
    out, used = [], 0
    for character in text:
        used += cell_len(character)
        if used > width:
            break
        out.append(character)
    return "".join(out)


def _is_harmless(character: str) -> bool:
    # Combining marks (M*) would sit on a frame or a neighbouring column; formats (Cf) reorder what is around them.
    return character.isprintable() and unicodedata.category(character)[0] != "M"


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
