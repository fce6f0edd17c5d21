"""The explorer in a real terminal, as a person meets it."""

import shlex
import shutil
import subprocess
import sys
import time

import pytest

PROGRAM = "from pathlib import Path; import sys; from lininterp_cli.tui.app import main; main(Path(sys.argv[1]))"


@pytest.fixture
def terminal(tmp_path_factory):
    """Starts a program in a tmux of its own; returns how to press keys and to wait for words."""
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux")
    socket = str(tmp_path_factory.mktemp("tmux") / "s")
    tmux = ["tmux", "-S", socket, "-u", "-f", "/dev/null"]

    def call(*words):
        return subprocess.run([*tmux, *words], capture_output=True, text=True, timeout=20, check=False).stdout

    def start(command, columns, rows):
        call("new-session", "-d", "-s", "t", "-x", str(columns), "-y", str(rows), f"{command}; echo ended; sleep 60")

    def wait(words):
        end = time.monotonic() + 15
        while words not in (screen := call("capture-pane", "-p", "-t", "t")):
            assert time.monotonic() < end, f"{words!r} is not in:\n{screen}"
            time.sleep(0.05)
        return screen

    yield start, lambda *keys: call("send-keys", "-t", "t", *keys), wait
    call("kill-server")


def test_browse_open_and_leave(terminal, store):
    start, press, wait = terminal
    command = shlex.join([
        "env",
        "LC_ALL=C.UTF-8",
        "TEXTUAL_ANIMATIONS=none",
        sys.executable,
        "-c",
        PROGRAM,
        str(store),
    ])
    start(command, 80, 24)
    assert "6 runs" in wait("mlp-s0")
    press("/")
    press("mlp")
    press("Enter")
    wait("filter mlp")
    press("Enter")
    screen = wait("0 initial")
    assert "worst rise barrier" in screen
    assert "▲" in screen
    assert any("⠀" <= character <= "⣿" for character in screen)
    press("y")
    wait("log axis")
    press("q")
    wait("Enter open")
    press("q")
    assert "mlp-s0" not in wait("ended")
