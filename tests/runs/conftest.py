"""Another process at work on a run."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

import lininterp_cli
from lininterp_cli.runs.run import Run

ROOT = Path(lininterp_cli.__file__).parents[1]

HOLD = """
import sys
from pathlib import Path
from lininterp_cli.runs.store import Store
run = Store(Path(sys.argv[1])).existing(sys.argv[2])
with run.lock():
    print("held", flush=True)
    sys.stdin.readline()
print("released", flush=True)
sys.stdin.readline()
"""


@contextmanager
def _holder(run: Run) -> Iterator[subprocess.Popen[str]]:
    worker = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(run.folder.parent), run.id],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with worker:
        assert worker.stdout is not None
        try:
            assert worker.stdout.readline() == "held\n"
            yield worker
        finally:
            worker.kill()


@pytest.fixture
def holder() -> Callable[[Run], AbstractContextManager[subprocess.Popen[str]]]:
    """Starts a process that holds a run until a line comes, and then lives on until the next."""
    return _holder
