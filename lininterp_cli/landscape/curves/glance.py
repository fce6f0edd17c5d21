"""Reads the head and the barriers of a curve file, for lists, without parsing the rest; imports no torch.

A file that this program wrote has every key on a line of its own, indented by its depth, and no string in it can hold a
line break, so a key is found by its line.  Files in any other format are left to `reader`.
"""

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lininterp_cli.landscape.curves.curve import SCHEMA
from lininterp_cli.landscape.curves.reader import read_curve

_NUMBER = rb"(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
_BARRIER = re.compile(
    rb'(?:null|\{\n      "height": %b,\n      "alpha": %b(?:,\n      "low": %b,\n      "high": %b)?\n     \})(?:,\n|\n)'
    % ((_NUMBER,) * 4)
)
_COMPLETE = re.compile(rb'\n "complete": (true|false),\n')
_START = 1 << 14
"""Bytes that hold the head of any ordinary curve file, which takes a few thousand."""
_SERIES = b',\n "series": ['
_ALPHAS = b'\n   "alphas": ['
_BLOCK = b'\n  {\n   "block": '
_BARRIERS = b'\n   "barriers": {\n'
_MONOTONE = {b"true": True, b"false": False, b"null": None}


@dataclass(frozen=True, kw_only=True, slots=True)
class Top:
    """The barrier of one series, as the file states it."""

    block: str | None
    """The block that moves; None for the whole network."""
    height: float
    """In nats."""
    alpha: float
    """Position of the highest point."""
    low: float | None
    """Lower bound of the height's interval; None if it was not computed."""
    high: float | None
    """Upper bound of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Glance:
    """The head of a curve file and its barriers."""

    head: dict[str, Any]
    """Everything before the series."""
    tops: tuple[Top, ...]
    """The barriers that are defined, in the order of the series."""
    monotone: bool | None
    """Whether the loss of the whole network never rises; None if that is undecided or the curve lacks its series."""


def glance(path: Path, split: str, definition: str) -> Glance | None:
    """Read the head and the barriers of a curve file.

    Args:
        path: The file.
        split: `test` or `train`.
        definition: A key of BARRIERS.

    Returns:
        The head and the barriers; None if the file is not formatted as this program writes it, or lacks the split.
    """
    content = _content(path)
    head, *series = content.split(_BLOCK)
    try:
        known = _head(content, head)
        tops, monotone = _tops(series, split, definition)
    except (ValueError, RecursionError):
        return None
    return Glance(head=known, tops=tops, monotone=monotone)


def glance_head(path: Path, split: str) -> tuple[dict[str, Any], int, int] | None:
    """Read the head and the numbers of examples and points of a curve file, which rank it among a run's curves.

    Args:
        path: The file.
        split: `test` or `train`.

    Returns:
        The head, how many examples of the split it was measured on, and at how many points, of all series; None if
        the file is not formatted as this program writes it, or lacks the split.
    """
    content = _content(path)
    head, mark, series = content.partition(_BLOCK)
    try:
        known = _head(content, head)
        count = re.search(rb'\n    "%b": \{\n     "num_examples": (\d+),\n' % split.encode(), mark + series)
        num_points = sum(part.count(b"\n", 0, part.index(b"\n   ]")) for part in series.split(_ALPHAS)[1:])
        return None if count is None else (known, int(count[1]), num_points)
    except (ValueError, RecursionError):
        return None


def is_complete(path: Path) -> bool:
    """Whether a curve file states that everything requested was measured; reads no more than the file's beginning.

    Args:
        path: The file.

    Returns:
        False for a curve that still grows, or that was interrupted.
    """
    with path.open("rb", buffering=0) as file:
        head, mark, _ = file.read(_START).partition(_BLOCK)
    stated = _COMPLETE.search(head) if mark else None
    return read_curve(path).complete if stated is None else stated[1] == b"true"


def _content(path: Path) -> bytes:
    with path.open("rb", buffering=0) as file:
        return file.read()


def _head(content: bytes, head: bytes) -> dict[str, Any]:
    """The content before the series; ValueError if the file is of another format or schema."""
    if not head.endswith(_SERIES) or not content.endswith(b"\n ]\n}\n"):
        raise ValueError("another spelling")
    known = json.loads(head.removesuffix(_SERIES) + b"}")
    if not isinstance(known, dict) or known.get("schema") != SCHEMA:
        raise ValueError("another schema")
    return known


def _tops(parts: list[bytes], split: str, definition: str) -> tuple[tuple[Top, ...], bool | None]:
    """The barriers, and whether the loss of the whole network never rises; ValueError if the format is another."""
    of_split, of_state = b'\n    "%b": {\n' % split.encode(), b'\n    "%b": ' % split.encode()
    of_definition = b'\n     "%b": ' % definition.encode()
    tops: list[Top] = []
    monotone = None
    for series in parts:
        # Nine tenths of a series lie between its name and its barriers, so the search starts at its end.
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
    # Only a name with an escape in it needs a parser, and few have one.
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
    """The text between two marks, with the line break that begins the second; empty if either is missing."""
    at = text.find(start)
    if at < 0:
        return b""
    at += len(start)
    return text[at : text.find(end, at) + 1]
