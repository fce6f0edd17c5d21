"""Holding a file, so that of all processes that share a folder one works on a thing.

The system lets go when a process dies, however it dies.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lininterp_cli.errors import StoreError

_GLANCE_SECONDS = 0.5
"""Whoever looks whether a file is held holds it for a moment; who is held up for longer waits for a worker."""

_WAIT_SECONDS = 0.05


@contextlib.contextmanager
def hold(path: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold a file against every other process; wait for whoever holds it.

    Args:
        path: The file; it and its folder are made.
        waiting: Called once where another process is at work; what it raises ends the waiting.

    Raises:
        StoreError: If it cannot be held.
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
    """Whether a process holds a file.

    Args:
        path: The file.

    Returns:
        False too where it is not there.
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
