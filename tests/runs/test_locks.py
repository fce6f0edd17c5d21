"""A file is held by one process, and let go however it dies."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from lininterp_cli.errors import StoreError
from lininterp_cli.runs.locks import hold, is_held

HOLDER = """
import sys, time
from pathlib import Path
from lininterp_cli.runs.locks import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path / "a" / "lock"], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_another_process_is_seen_and_waited_for_until_it_is_killed(holder, tmp_path):
    path = tmp_path / "a" / "lock"
    assert is_held(path)
    told = []

    def kill():
        told.append("waiting")
        os.kill(holder.pid, signal.SIGKILL)

    with hold(path, kill):
        assert told == ["waiting"]
        assert is_held(path)
    assert not is_held(path)


def test_nothing_is_held_where_nothing_is(tmp_path):
    assert not is_held(tmp_path / "nowhere" / "lock")
    with hold(tmp_path / "lock"):
        pass
    assert not is_held(tmp_path / "lock")


def test_readers_hold_nobody_up(tmp_path):
    path, is_over, told = tmp_path / "lock", threading.Event(), []

    def look():
        while not is_over.is_set():
            is_held(path)

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(20):
        with hold(path, lambda: told.append(time.monotonic())):
            pass
    is_over.set()
    for reader in readers:
        reader.join()
    assert told == []


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="--runs"), hold(tmp_path / "file" / "lock"):
        pass
