"""The barriers of a large store, kept from one start of the explorer to the next; they come from the curves alone.

It only saves time: whatever is wrong with the file, the curves are read again, and the file may be removed at will.
"""

import contextlib
import hashlib
import json
import math
import os
import sys
from collections.abc import Mapping
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from lininterp_cli.errors import StoreError
from lininterp_cli.runs.files import read_json, replace
from lininterp_cli.view.summary import Worst

SCHEMA = 1
"""Goes up whenever the same curves give another `Worst`."""

Barriers = dict[str, tuple[tuple[int, ...], Worst | None]]
"""Run's folder to the stamp of its curves and the worst barrier in them."""

_NAMES = tuple(one.name for one in fields(Worst))
_TEXTS = ("block", "definition", "curve")
_NUMBERS = ("height", "alpha", "low", "high", "full")


def cache_path(folder: Path) -> Path:
    """Where the barriers of a store are kept.

    Args:
        folder: The runs.

    Returns:
        A file in `$XDG_CACHE_HOME/lininterp` (`~/.cache/lininterp`), another one for every folder.
    """
    cache = os.environ.get("XDG_CACHE_HOME", "")
    place = Path(cache) if os.path.isabs(cache) else Path(os.path.expanduser("~")) / ".cache"
    digest = hashlib.sha256(os.fsencode(os.path.abspath(folder))).hexdigest()
    return place / "lininterp" / f"barriers-{digest[:16]}.json"


def load(path: Path) -> Barriers:
    """Read what was kept.

    Args:
        path: The file.

    Returns:
        The barriers; none where there is no such file, or something is wrong with it.
    """
    try:
        content = read_json(path, SCHEMA)
        if content["schema"] != SCHEMA or content["names"] != list(_NAMES):
            return {}
        return {key: (tuple(map(int, stamp)), _worst(row)) for key, (stamp, row) in content["runs"].items()}
    except (StoreError, OSError, KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return {}


def save(path: Path, known: Mapping[str, tuple[tuple[int, ...], Worst | None]]) -> None:
    """Keep barriers for the next start; where that cannot be, nothing happens.

    Args:
        path: The file.
        known: The barriers.
    """
    runs = {key: (stamp, None if worst is None else astuple(worst)) for key, (stamp, worst) in known.items()}
    content = json.dumps({"schema": SCHEMA, "names": _NAMES, "runs": runs}, separators=(",", ":"))
    with contextlib.suppress(StoreError):
        replace(path, lambda temporary: temporary.write_text(content))


def _worst(row: list[Any] | None) -> Worst | None:
    if row is None:
        return None
    found: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    # The same few names stand in thousands of rows.
    found |= {name: sys.intern(found[name]) for name in _TEXTS}
    if not all(value in (True, False, None) for value in (found["complete"], found["monotone"])):
        raise ValueError("a state that is none")
    numbers = [found[name] for name in _NUMBERS if found[name] is not None]
    if not all(type(value) in (int, float) and math.isfinite(value) for value in numbers):
        raise ValueError("a number that is none")
    if found["height"] is None or found["alpha"] is None:
        raise ValueError("a barrier without a height")
    return Worst(**found)
