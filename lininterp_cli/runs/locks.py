"""File locks, so that only one of the processes that share a folder works on a thing at a time.

The system releases a lock when its process dies, however it dies.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lininterp_cli.errors import StoreError

_GLANCE_SECONDS = 0.5
"""`is_held` itself holds the lock for a moment; a lock that stays held for longer belongs to a process at work."""

_WAIT_SECONDS = 0.05


@contextlib.contextmanager
def hold(path: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the exclusive lock of a file; wait until it is free.

    Args:
        path: The file; it and its folder are created.
        waiting: Called once if another process is at work; an exception from it ends the wait.

    Raises:
        StoreError: If the file cannot be created or locked.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(
            f"cannot write {path.parent}: {error.strerror or error}; choose another folder with --runs"
        ) from error
    try:
        _acquire(descriptor, path, waiting)
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether a process holds the lock of a file.

    Args:
        path: The file.

    Returns:
        Whether it is held; False if the file cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _acquire(descriptor: int, path: Path, waiting: Callable[[], None]) -> None:
    began, was_told = time.monotonic(), False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not was_told and time.monotonic() - began > _GLANCE_SECONDS:
                waiting()
                was_told = True
            time.sleep(_WAIT_SECONDS)
        except OSError as error:
            raise StoreError(f"cannot lock {path}: {error.strerror or error}") from error
