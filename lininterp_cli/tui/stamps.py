"""Stamps of files, which show without reading whether a file has changed."""

import os
from pathlib import Path

Stamp = tuple[int, int, int]
"""Inode, modification time (nanoseconds) and size of a file."""

ABSENT: Stamp = (0, 0, 0)
"""The stamp of a missing file."""


def stamp_of(path: Path | str) -> Stamp:
    """The present stamp of a file or a folder; ABSENT if it cannot be accessed."""
    try:
        found = os.stat(path)
    except OSError:
        return ABSENT
    return found.st_ino, found.st_mtime_ns, found.st_size
