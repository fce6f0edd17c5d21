"""What a job's command does first; every command asks for it at its start, so it imports next to nothing."""

import os
import signal
from pathlib import Path


def heed_stop() -> None:
    """Let Ctrl-C in, where this process is a job's command that has just begun; elsewhere do nothing.

    Raises:
        KeyboardInterrupt: If the job was asked to stop before it could hear that.
    """
    folder = os.environ.pop("LININTERP_JOB", None)
    if folder is None:
        return
    # In this order: whoever asks from now on is heard, and who asked before has left the file.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if (Path(folder) / "stop").exists():
        raise KeyboardInterrupt
