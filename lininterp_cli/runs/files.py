"""Atomic writing of the store's files, so that each is complete or not there, and reading them."""

import contextlib
import fcntl
import json
import os
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from lininterp_cli.errors import StoreError

_T = TypeVar("_T")

_TEMPORARY = re.compile(r"\..+\.[a-z0-9_]{8}")
"""Name of a temporary file: a dot, the final name, and the suffix of `tempfile`."""

_SECONDS_TO_LOCK = 2.0
"""The longest time that a writer takes from creating a temporary file to locking it."""


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file atomically: no reader sees half of it, and no crash or full disk leaves half of it.

    The content goes to a temporary file in the same folder, is synced to the disk, and is renamed in one step.

    Args:
        path: The file's final name; its folder is created.
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
    """Remove the temporary files below a folder whose writers were killed.

    A writer holds a lock on its temporary file as long as it lives, on any machine.  On a file system without locks
    nothing is removed.

    Args:
        folder: The folder; it need not exist.
    """
    hidden = (Path(place, name) for place, _, names in os.walk(folder) for name in names if _TEMPORARY.fullmatch(name))
    for path in hidden:
        # A file that another process has already removed, or that may not be removed, is no reason to fail.
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
            try:
                # A writer that has just created its file may not have locked it yet.
                if time.time() - os.fstat(handle).st_mtime > _SECONDS_TO_LOCK and _lock(handle):
                    path.unlink()
            finally:
                os.close(handle)


def write_json(path: Path, content: Any) -> None:
    """Write plain data as indented JSON, atomically.

    Args:
        path: The file.
        content: Plain data; a NaN in it is a bug and raises ValueError.
    """
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    # A character without UTF-8 encoding (a broken byte in a name) becomes its JSON escape.
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
        advice = "; choose another folder with --runs" if isinstance(error, NotADirectoryError) else ""
        raise StoreError(f"cannot read {path}: {error.strerror or error}{advice}") from error
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
    """The value, or None for NaN and the infinities, which JSON cannot express."""
    return None if value is None or value != value or value in (float("inf"), float("-inf")) else value


def real(value: object) -> float | None:
    """A value from JSON as a finite number.

    Args:
        value: Anything.

    Returns:
        The number; None for anything else, which includes booleans, and integers larger than any float.

    Example:
        >>> real(3), real(0.5), real(True), real("3"), real(10**400), real(float("nan"))
        (3.0, 0.5, None, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return finite(float(value))
    except OverflowError:
        return None


def number(value: object) -> float:
    """A value from JSON that must be a finite number.

    Args:
        value: Anything.

    Returns:
        The number.

    Raises:
        TypeError: If it is anything else; see `real`.
    """
    found = real(value)
    if found is None:
        raise TypeError(f"{value!r:.99} is not a finite number")
    return found


def typed(value: object, kind: type[_T]) -> _T:
    """A value from JSON that must be of one type.

    Args:
        value: Anything.
        kind: The type; a boolean is not an int.

    Returns:
        The value.

    Raises:
        TypeError: If it is of another type.
    """
    if type(value) is not kind:
        raise TypeError(f"{value!r:.99} is not a {kind.__name__}")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
"""Created once, since listing runs may read thousands of files."""


def _lock(handle: int) -> bool:
    """Lock an open file until it is closed; return whether that succeeded."""
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
