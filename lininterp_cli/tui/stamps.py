"""Stamps of files, which show without reading whether a file has changed."""

import os
from pathlib import Path

Stamp = tuple[int, int, int]
"""Inode, modification time (nanoseconds) and size of a file."""

ABSENT: Stamp = (0, 0, 0)
"""The stamp of a missing file."""


def stamp_of(path: Path | str) -> Stamp:
    """The present stamp of a file or a folder: ABSENT if there is none, one made of the error if it may not be read."""
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    except OSError as error:
        return 0, 0, error.errno or -1
    return found.st_ino, found.st_mtime_ns, found.st_size
