"""Raises a Ctrl-C again that Python has swallowed."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SOON = 0.02
"""Seconds until it is raised again; if the callback that swallowed it still runs then, that repeats."""


@contextmanager
def interrupts_kept() -> Iterator[None]:
    """Make sure that no Ctrl-C is lost while the body runs.

    Python cannot pass an exception on from a finalizer or the callback of a weak reference, of which every import
    runs some; it prints the exception and drops it.  Over an SSH line, such a program now and then cannot be stopped.

    Yields:
        Nothing.
    """
    before = sys.unraisablehook

    def hook(swallowed: "sys.UnraisableHookArgs") -> None:
        if issubclass(swallowed.exc_type, KeyboardInterrupt):
            # To the main thread, as otherwise a blocking call there would go on.
            again = (threading.main_thread().ident, signal.SIGINT)
            threading.Timer(_SOON, signal.pthread_kill, again).start()
        else:
            before(swallowed)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before
