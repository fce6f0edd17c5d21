"""Whether a file has changed, told without reading it."""

import os
from pathlib import Path

Stamp = tuple[int, int, int]
"""Inode, time of change (nanoseconds) and size of a file."""

ABSENT: Stamp = (0, 0, 0)
"""Where there is no such file."""


def stamp_of(path: Path | str) -> Stamp:
    """The stamp of a file or a folder as it is now; ABSENT where it cannot be looked at."""
    try:
        found = os.stat(path)
    except OSError:
        return ABSENT
    return found.st_ino, found.st_mtime_ns, found.st_size
