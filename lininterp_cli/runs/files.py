"""Files that are whole or not there: how everything in the store is written and read."""

import contextlib
import fcntl
import json
import os
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lininterp_cli.errors import StoreError

_TEMPORARY = re.compile(r"\..+\.[a-z0-9_]{8}")
"""A dot, the final name, and what `tempfile` puts behind it."""

_SECONDS_TO_LOCK = 2.0
"""At most, from a temporary file to its lock."""


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file so that a reader, a crash or a full disk never sees half of it.

    The content goes to a temporary file in the same folder, is forced to the disk, and takes the name in one step.

    Args:
        path: The file's final name; its folder is made.
        write: Writes the content to the path it is given.

    Raises:
        StoreError: If the folder or the file cannot be written.
    """
    temporary = handle = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        _lock(handle)
        write(temporary)
        temporary.chmod(0o644)
        _force(temporary)
        temporary.replace(path)
        temporary = None
        _force(path.parent)
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: {error.strerror or error}; choose another folder with --runs"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        if handle is not None:
            os.close(handle)


def remove_leftovers(folder: Path) -> None:
    """Remove what writers that were killed in the middle of a file have left below a folder.

    A writer holds a lock on its temporary file as long as it lives, on whatever machine it is.  Where the file system
    has no locks, everything stays.

    Args:
        folder: The folder; it need not be there.
    """
    hidden = (Path(place, name) for place, _, names in os.walk(folder) for name in names if _TEMPORARY.fullmatch(name))
    for path in hidden:
        # What another process has removed meanwhile, or nobody may remove, is no reason to fail.
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
            try:
                # A writer that has just made its file may not have locked it yet.
                if time.time() - os.fstat(handle).st_mtime > _SECONDS_TO_LOCK and _lock(handle):
                    path.unlink()
            finally:
                os.close(handle)


def write_json(path: Path, content: Any) -> None:
    """Write plain data as indented JSON, whole or not at all.

    Args:
        path: The file.
        content: Plain data; a NaN in it is a bug and raises ValueError.
    """
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    # What has no UTF-8 (a broken byte in a name) becomes the escape that JSON has for it.
    encoded = text.encode("utf-8", "backslashreplace")
    replace(path, lambda temporary: temporary.write_bytes(encoded))


def read_json(path: Path, schema: int) -> dict[str, Any]:
    """Read a JSON object whose `schema` this program knows.

    Args:
        path: The file.
        schema: The newest schema that can be read.

    Returns:
        The object.

    Raises:
        StoreError: If the file is damaged, foreign or newer than this program.
        FileNotFoundError: If it is not there.
    """
    try:
        with path.open("rb", buffering=0) as file:
            # Other programs may begin a file with a byte order mark.
            content = _DECODER.decode(file.read().decode("utf-8-sig"))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{path} is damaged: {error}") from error
    if not isinstance(content, dict) or type(content.get("schema")) is not int:
        raise StoreError(f"{path} is not a file of lininterp: it has no schema number")
    if content["schema"] > schema:
        raise StoreError(
            f"{path} was written by a newer lininterp (schema {content['schema']}, this one reads {schema})"
        )
    return content


def finite(value: float | None) -> float | None:
    """The value, or None where JSON has no word for it (NaN and the infinities)."""
    return None if value is None or value != value or value in (float("inf"), float("-inf")) else value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
"""Made once: a list of runs is thousands of files."""


def _lock(handle: int) -> bool:
    """Lock a file until it is closed; whether that could be done."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _force(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
