"""A cache of the summaries in the list of runs of a large store, kept between sessions of the explorer.

It only saves time: a run whose stamps have changed is read again, a damaged cache file is ignored, and the file may be
deleted at any time.
"""

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import chain, islice
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO

from lininterp_cli.errors import StoreError
from lininterp_cli.runs.files import replace
from lininterp_cli.tui.stamps import Stamp
from lininterp_cli.view.runs.summary import Summary, Worst

SCHEMA = 2
"""Increased whenever the same files give a different `Summary`."""

Kept = tuple[str, tuple[Stamp, Stamp], Summary]
"""Name of a run's folder, the stamps of its record and of its curves' folder, and its summary."""

_WORST = tuple(one.name for one in fields(Worst))
_NAMES = tuple(one.name for one in fields(Summary) if one.name not in ("tags", "settings", "worst"))
_FORMAT = [SCHEMA, list(_NAMES), list(_WORST)]


def cache_path(folder: Path) -> Path:
    """The cache file of a store.

    Args:
        folder: The run store.

    Returns:
        A file in `$XDG_CACHE_HOME/lininterp` (`~/.cache/lininterp`), a different one for every store.
    """
    cache = os.environ.get("XDG_CACHE_HOME", "")
    place = Path(cache) if os.path.isabs(cache) else Path(os.path.expanduser("~")) / ".cache"
    digest = hashlib.sha256(os.fsencode(os.path.abspath(folder))).hexdigest()
    return place / "lininterp" / f"runs-{digest[:16]}.jsonl"


def load(path: Path) -> Iterator[Kept]:
    """Read the cached runs one by one: reading all of a large store at once would block the interface for a moment.

    Args:
        path: The file.

    Yields:
        The runs; none if the file is missing, damaged, or of another version.
    """
    with contextlib.suppress(OSError), path.open("rb") as file:
        if not _is_whole(file):
            return
        head = json.loads(file.readline())
        if head["format"] != _FORMAT:
            return
        for line in islice(file, head["num_runs"]):
            yield _read(json.loads(line), head["settings"])


def save(path: Path, known: Sequence[Kept]) -> None:
    """Write summaries for the next session; does nothing if the file cannot be written.

    Args:
        path: The file.
        known: The runs to cache.
    """
    # Thousands of runs share a few lists of names of settings, which are written once, not in every line.
    settings = {names: place for place, names in enumerate(dict.fromkeys(tuple(one[2].settings) for one in known))}
    head = {"format": _FORMAT, "settings": list(settings), "num_runs": len(known)}

    def write(temporary: Path) -> None:
        digest = hashlib.sha256()
        with temporary.open("wb") as file:
            for content in chain([head], (_row(*one, settings) for one in known)):
                line = json.dumps(content, separators=(",", ":")).encode() + b"\n"
                digest.update(line)
                file.write(line)
            file.write(digest.hexdigest().encode())

    with contextlib.suppress(StoreError):
        replace(path, write)


def _is_whole(file: BinaryIO) -> bool:
    """Whether a file's last line is the hash of the others; then it comes from `save` and needs no other check."""
    digest, last = hashlib.sha256(), b""
    for line in file:
        digest.update(last)
        last = line
    file.seek(0)
    return last == digest.hexdigest().encode()


def _row(
    key: str, stamps: tuple[Stamp, Stamp], summary: Summary, settings: Mapping[tuple[str, ...], int]
) -> Sequence[Any]:
    worst = None if summary.worst is None else _values_of_worst(summary.worst)
    known = summary.settings
    return key, stamps, _values(summary), summary.tags, worst, settings[tuple(known)], list(known.values())


def _read(row: list[Any], settings: list[list[str]]) -> Kept:
    key, (record, curves), values, tags, worst, place, known = row
    summary = Summary(
        **dict(zip(_NAMES, _shared(values), strict=True)),
        tags=tuple(_shared(tags)),
        worst=None if worst is None else Worst(**dict(zip(_WORST, _shared(worst), strict=True))),
        settings=dict(zip(settings[place], _shared(known), strict=True)),
    )
    return key, (tuple(record), tuple(curves)), summary


def _shared(values: list[Any]) -> list[Any]:
    # Thousands of rows hold the same few words; one object for each saves megabytes.
    return [
        sys.intern(value) if type(value) is str else tuple(_shared(value)) if type(value) is list else value
        for value in values
    ]


_values, _values_of_worst = attrgetter(*_NAMES), attrgetter(*_WORST)
