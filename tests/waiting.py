"""Waiting for another process; a test's outcome never depends on how long that takes."""

import time
from collections.abc import Callable
from typing import Any

# Far more than anything takes here: it only ends a test whose process has failed or hangs.
PATIENCE_SECONDS = 180.0


def wait_for(answer: Callable[[], Any], said: Callable[[], object] = lambda: "it never came to that") -> Any:
    """Ask again and again.

    Args:
        answer: What is asked.
        said: What to fail with.

    Returns:
        The first answer that is true.
    """
    end = time.monotonic() + PATIENCE_SECONDS
    while not (result := answer()):
        if time.monotonic() > end:
            raise AssertionError(said())
        time.sleep(0.02)
    return result
