"""What a list wants of a curve file, taken out of it without reading the rest; never torch.

A file as this program writes it has every key on a line of its own, indented by its depth, and no text in it can hold a
line end: so a key is found by its line.  Whatever looks otherwise is left to `curve_reader`.
"""

import json
import math
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
_SERIES = b',\n "series": ['
_BLOCK = b'\n  {\n   "block": '
_BARRIERS = b'\n   "barriers": {\n'
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
    content = _content(path)
    head, *series = content.split(_BLOCK)
    try:
        known = _head(content, head)
        tops, monotone = _tops(series, split, definition)
    except (ValueError, RecursionError):
        return None
    return Glance(head=known, tops=tops, monotone=monotone)


def glance_head(path: Path, split: str) -> tuple[dict[str, Any], int] | None:
    """Take out of a curve file what tells it from a run's other curves.

    Args:
        path: The file.
        split: `test` or `train`.

    Returns:
        The head, and how many examples of the split it was measured on; None where the file is not spelled as this
        program spells it, or has no such split.
    """
    content = _content(path)
    head, mark, series = content.partition(_BLOCK)
    try:
        known = _head(content, head)
        count = re.search(rb'\n    "%b": \{\n     "num_examples": (\d+),\n' % split.encode(), mark + series)
        return None if count is None else (known, int(count[1]))
    except (ValueError, RecursionError):
        return None


def _content(path: Path) -> bytes:
    with path.open("rb", buffering=0) as file:
        return file.read()


def _head(content: bytes, head: bytes) -> dict[str, Any]:
    """What stands before the series; ValueError where a file is spelled oddly or of another schema."""
    if not head.endswith(_SERIES) or not content.endswith(b"\n ]\n}\n"):
        raise ValueError("another spelling")
    known = json.loads(head.removesuffix(_SERIES) + b"}")
    if not isinstance(known, dict) or known.get("schema") != SCHEMA:
        raise ValueError("another schema")
    return known


def _tops(parts: list[bytes], split: str, definition: str) -> tuple[tuple[Top, ...], bool | None]:
    """The barriers, and whether the loss of the whole network never rises; ValueError where they are spelled oddly."""
    of_split, of_state = b'\n    "%b": {\n' % split.encode(), b'\n    "%b": ' % split.encode()
    of_definition = b'\n     "%b": ' % definition.encode()
    tops: list[Top] = []
    monotone = None
    for series in parts:
        # Nine tenths of a series lie between its name and its barriers: they are looked for from its end.
        start = series.rindex(_BARRIERS)
        end = series.index(b"\n   }", start)
        at = series.index(of_split, start, end)
        at = series.index(of_definition, at, series.index(b"\n    }", at, end))
        barrier = _BARRIER.match(series, at + len(of_definition))
        if barrier is None:
            raise ValueError("a barrier of another shape")
        block = _block(series[: series.index(b",\n")])
        if block is None:
            states = _part(series[end:], b'\n   "monotone": {', b"\n   }")
            monotone = _MONOTONE.get(_part(states, of_state, b"\n").rstrip(b",\n"))
        if barrier[1] is not None:
            height, alpha, low, high = map(_number, barrier.groups())
            tops.append(Top(block=block, height=height or 0.0, alpha=alpha or 0.0, low=low, high=high))
    return tuple(tops), monotone


def _block(name: bytes) -> str | None:
    # A name with an escape in it is rare, and only then is a parser needed.
    block = name[1:-1].decode() if name[:1] == b'"' and b"\\" not in name else json.loads(name)
    if not isinstance(block, str | None):
        raise ValueError("a block without a name")
    return block


def _number(text: bytes | None) -> float | None:
    if text is None:
        return None
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("more than a float can hold")
    return number


def _part(text: bytes, start: bytes, end: bytes) -> bytes:
    """What stands between two marks, with the line end at its close; nothing where they are not there."""
    at = text.find(start)
    if at < 0:
        return b""
    at += len(start)
    return text[at : text.find(end, at) + 1]
