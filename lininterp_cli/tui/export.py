"""Writes a screen's content to a new file, never over an existing one; it uses no widget."""

import csv
import io
import os
import time
from collections.abc import Sequence
from pathlib import Path

from lininterp_cli.errors import LininterpError
from lininterp_cli.runs.files import replace
from lininterp_cli.view.text import printable

KINDS = {
    "text": ("txt", "the screen's characters"),
    "svg": ("svg", "a picture of the screen"),
    "csv": ("csv", "the screen's table, every row of it"),
}
"""Name of a kind of file to its extension and a short description."""


class ExportError(LininterpError):
    """The file cannot be written to the folder that the explorer was started in."""


def export(folder: Path, screen: str, kind: str, content: str, seconds: float) -> Path:
    """Write a screen's content to a new file atomically.

    Args:
        folder: The folder to write to.
        screen: The screen's name.
        kind: A key of KINDS.
        content: The file's content.
        seconds: The present in seconds since 1970; its local time is part of the file's name.

    Returns:
        The file: `lininterp-<screen>-<time>.<ending>`, with a number if that name is taken.

    Raises:
        ExportError: If the folder cannot be written.
    """
    moment = time.strftime("%Y%m%d-%H%M%S", time.localtime(seconds))
    stem, ending = f"lininterp-{screen}-{moment}", KINDS[kind][0]
    path, number = folder / f"{stem}.{ending}", 1
    try:
        while not _reserve(path):
            number += 1
            path = folder / f"{stem}-{number}.{ending}"
        try:
            replace(path, lambda temporary: temporary.write_text(content, encoding="utf-8", newline=""))
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    except (OSError, LininterpError) as error:
        cause = error.__cause__ or error
        reason = cause.strerror if isinstance(cause, OSError) else cause
        raise ExportError(
            f"cannot write {path.name} in {folder}: {reason}; start the explorer in another folder"
        ) from error
    return path


def as_csv(rows: Sequence[Sequence[str]]) -> str:
    r"""A table as comma-separated values (RFC 4180), with control characters escaped.

    Args:
        rows: The rows, the header first.

    Returns:
        The file's content.

    Example:
        >>> as_csv([["run", "barrier"], ["a, b", "0.5"]])
        'run,barrier\r\n"a, b",0.5\r\n'
    """
    text = io.StringIO()
    csv.writer(text).writerows([printable(cell) for cell in row] for row in rows)
    return text.getvalue()


def _reserve(path: Path) -> bool:
    """Reserve a name by creating an empty file; False if it is taken."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    except FileExistsError:
        return False
    return True
