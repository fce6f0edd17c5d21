"""What is on the screen as a file of the working directory; it never writes over one and asks no widget."""

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
"""What can be written: name to the file's ending and a few words."""


class ExportError(LininterpError):
    """The file cannot be written where the explorer was started."""


def export(folder: Path, screen: str, kind: str, content: str, seconds: float) -> Path:
    """Write what a screen shows, whole or not at all.

    Args:
        folder: Where to.
        screen: The screen's name.
        kind: A key of KINDS.
        content: The file's content.
        seconds: The present in seconds since 1970; its local time is part of the file's name.

    Returns:
        The file: `lininterp-<screen>-<time>.<ending>`, with a number where that is taken.

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
    r"""A table as comma-separated values (RFC 4180), what could steer a terminal made visible.

    Args:
        rows: The heads first.

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
    """Take a name by an empty file, which nobody else can take then; False where somebody has."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    except FileExistsError:
        return False
    return True
