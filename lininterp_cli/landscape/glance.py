"""What a list wants of a curve file, taken out of it without reading the rest; never torch.

A file as this program writes it has every key on a line of its own, indented by its depth, and no text in it can hold a
line end: so a key is found by its line.  Whatever looks otherwise is left to `curve_reader`.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lininterp_cli.landscape.curve import SCHEMA

_NUMBER = rb"(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
_BARRIER = re.compile(
    rb'(?:null|\{\n      "height": %b,\n      "alpha": %b(?:,\n      "low": %b,\n      "high": %b)?\n     \})(?:,\n|\n)'
    % ((_NUMBER,) * 4)
)
_MONOTONE = {b"true": True, b"false": False, b"null": None}


@dataclass(frozen=True, kw_only=True, slots=True)
class Top:
    """The barrier of one series, as the file states it."""

    block: str | None
    """What moves; None for the whole network."""
    height: float
    """Nats."""
    alpha: float
    """Where the top is."""
    low: float | None
    """Lower end of the height's interval, where it was computed."""
    high: float | None
    """Upper end of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Glance:
    """The head of a curve file and its barriers."""

    head: dict[str, Any]
    """Everything before the series."""
    tops: tuple[Top, ...]
    """The barriers that are defined, in the order of the series."""
    monotone: bool | None
    """Whether the loss of the whole network never rises; None where that is open or the curve does not hold it."""


def glance(path: Path, split: str, definition: str) -> Glance | None:
    """Take the barriers out of a curve file.

    Args:
        path: The file.
        split: `test` or `train`.
        definition: A key of BARRIERS.

    Returns:
        The head and the barriers; None where the file is not spelled as this program spells it, or has no such split.
    """
    content = path.read_bytes()
    before, found, after = content.partition(b'\n "series": [')
    if not found or not after.endswith(b"\n ]\n}\n"):
        return None
    try:
        head = json.loads(before.rstrip(b",") + b"}")
    except (ValueError, RecursionError):
        return None
    if not isinstance(head, dict) or head.get("schema") != SCHEMA:
        return None
    tops: list[Top] = []
    monotone = None
    for part in after.split(b'\n   "block": ')[1:]:
        name, _, rest = part.partition(b",\n")
        barriers = _section(rest, b'\n   "barriers": {', b"\n   }")
        barrier = _BARRIER.match(_after(_section(barriers, b'\n    "%b": {' % split.encode(), b"\n    }"), definition))
        if barrier is None:
            return None
        try:
            # A name with an escape in it is rare, and only then is a parser needed.
            plain = name[:1] == b'"' and b"\\" not in name
            block = name[1:-1].decode() if plain else json.loads(name)
        except ValueError:
            return None
        if block is None:
            states = _section(rest, b'\n   "monotone": {', b"\n   }")
            monotone = _MONOTONE.get(states.partition(b'"%b": ' % split.encode())[2].partition(b"\n")[0].rstrip(b","))
        if barrier[1] is not None:
            height, alpha, low, high = (None if text is None else float(text) for text in barrier.groups())
            tops.append(Top(block=block, height=height or 0.0, alpha=alpha or 0.0, low=low, high=high))
    return Glance(head=head, tops=tuple(tops), monotone=monotone)


def _section(text: bytes, start: bytes, end: bytes) -> bytes:
    """What stands between two marks, with the line end at its close; nothing where they are not there."""
    at = text.find(start)
    if at < 0:
        return b""
    return text[at + len(start) : text.find(end, at) + 1]


def _after(section: bytes, name: str) -> bytes:
    return section.partition(b'\n     "%b": ' % name.encode())[2]
