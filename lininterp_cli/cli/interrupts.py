"""A Ctrl-C that Python swallows is raised again."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SOON = 0.02
"""Seconds until it is raised again; the callback that swallowed it is over by then, or it is swallowed once more."""


@contextmanager
def interrupts_kept() -> Iterator[None]:
    """Let no Ctrl-C go unheard while the body runs.

    Python cannot pass an exception on from a finalizer or the callback of a weak reference, of which every import
    has some; it prints and forgets it there.  Over an SSH line that is a program that cannot be stopped now and then.

    Yields:
        Nothing.
    """
    before = sys.unraisablehook

    def hook(swallowed: "sys.UnraisableHookArgs") -> None:
        if issubclass(swallowed.exc_type, KeyboardInterrupt):
            # The number of the main thread, or a wait there would go on.
            again = (threading.main_thread().ident, signal.SIGINT)
            threading.Timer(_SOON, signal.pthread_kill, again).start()
        else:
            before(swallowed)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before
