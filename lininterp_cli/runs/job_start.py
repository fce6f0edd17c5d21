"""The first step of a job's command; every command imports this at its start, so it imports next to nothing itself."""

import os
import signal
from pathlib import Path


def heed_stop() -> None:
    """Enable Ctrl-C if this process is a job's command that has just begun; otherwise do nothing.

    Raises:
        KeyboardInterrupt: If the job was asked to stop before it could receive the signal.
    """
    folder = os.environ.pop("LININTERP_JOB", None)
    if folder is None:
        return
    # In this order: a later request to stop arrives as a signal, an earlier one has left the file.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if (Path(folder) / "stop").exists():
        raise KeyboardInterrupt
