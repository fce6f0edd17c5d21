"""The explorer in a real terminal, as a person meets it."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from waiting import PATIENCE_SECONDS, wait_for

PROGRAM = (sys.executable, "-m", "lininterp_cli")

RAW = """
import sys
from lininterp_cli.tui import app

def fail(*_, **__):
    raise RuntimeError("a bug")

{patch}
from pathlib import Path
sys.exit(app.main(Path(sys.argv[1])))
"""


@dataclass
class Window:
    """A program in a tmux of its own."""

    socket: str
    folder: Path

    def tmux(self, *words):
        command = ["tmux", "-S", self.socket, "-u", "-f", "/dev/null", *words]
        environ = {"PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False, env=environ
        ).stdout

    def start(self, *words, size=(80, 24), **environ):
        """Starts a program; after it the line `ended` and its exit code, and the terminal's settings."""
        known = {
            "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": str(self.folder), "TEXTUAL_ANIMATIONS": "none",
            "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1",
        } | environ  # fmt: skip
        command = shlex.join(["env", *(f"{name}={value}" for name, value in known.items()), "env", *words])
        shell = f"stty -g; {command}; echo ended $?; stty -g; echo over; exec sleep 60"
        width, height = map(str, size)
        self.tmux("new-session", "-d", "-s", "t", "-x", width, "-y", height, shell)

    def press(self, *keys):
        self.tmux("send-keys", "-t", "t", *keys)

    @property
    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "t")

    def wait(self, *words):
        def shown():
            screen = self.screen
            return all(word in screen for word in words) and screen

        return wait_for(shown, lambda: f"{words!r} are not in:\n{self.screen}")

    def pid(self):
        """The process of the explorer, a grandchild of the shell."""
        return self.child(int(self.tmux("display-message", "-p", "-t", "t", "#{pane_pid}")))

    def child(self, pid):
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text())

    def restored(self, code):
        """The exit code, and that the terminal is as it was before."""
        screen = self.wait(f"ended {code}", "over")
        # stty wrote what it had found before, which a traceback may have pushed out, and after.
        everything = self.tmux("capture-pane", "-p", "-S", "-", "-t", "t")
        settings = [line for line in everything.split("\n") if line.count(":") > 20]
        assert (len(settings), len(set(settings))) == (2, 1), everything
        assert self.tmux("display-message", "-p", "-t", "t", "#{alternate_on}#{cursor_flag}").strip() == "01"
        return screen


@pytest.fixture
def window(tmp_path_factory):
    """A terminal."""
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux")
    folder = tmp_path_factory.mktemp("tmux")
    window = Window(str(folder / "s"), folder)
    yield window
    window.tmux("kill-server")


@pytest.fixture(scope="session")
def real_store(tmp_path_factory):
    """A run of the real command line on the digits, with its curve."""
    folder = tmp_path_factory.mktemp("real")
    runs = folder / "runs"
    small = ("--preset", "digits", "--width", "4", "--train-size", "300", "--epochs", "1", "--name", "tiny")
    for words in (("train", *small), ("interpolate", "--layer-wise", "--alphas", "5", "--examples", "100")):
        command = [*PROGRAM, *words, "--runs", str(runs), "--device", "cpu", "--quiet"]
        subprocess.run(command, check=True, capture_output=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    return runs


def braille(screen):
    return any("⠀" <= character <= "⣿" for character in screen)


def test_browse_open_and_leave(window, real_store):
    window.start(*PROGRAM, "tui", "--runs", str(real_store))
    assert "  1 run  " in window.wait("tiny", "resnet8")
    window.press("/")
    window.press("tin")
    window.press("Enter")
    window.wait("filter tin")
    window.press("Enter")
    screen = window.wait("0 initial", "final 1")
    assert "barrier" in screen
    assert braille(screen)
    window.press("y")
    window.wait("log axis")
    window.press("q")
    window.wait("Enter open")
    window.press("q")
    assert "tiny" not in window.restored(0)


@pytest.mark.parametrize(
    ("environ", "drawn"),
    [
        ({"TERM": "xterm"}, "braille"),
        ({"TERM": "screen-256color"}, "braille"),
        ({"TERM": "tmux-256color"}, "braille"),
        ({"TERM": "vt100"}, "braille"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "braille"),
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "ascii"),
        ({"LC_ALL": "POSIX"}, "braille"),
        ({"LC_ALL": "en_US.ISO-8859-1", "PYTHONIOENCODING": "iso-8859-1"}, "ascii"),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else str(value),
)
def test_every_terminal(window, store, environ, drawn):
    window.start(*PROGRAM, "tui", "--runs", str(store), size=(100, 30), **environ)
    screen = window.wait("6 runs", "final 1")
    assert braille(screen) == (drawn == "braille")
    assert screen.isascii() == (drawn == "ascii")
    assert "Traceback" not in screen
    window.press("q")
    window.restored(0)


def test_tmux_without_utf8(window, store):
    """What an ASCII client of tmux shows, seen from a second tmux around it, has no underscores for braille."""
    explorer = shlex.join([*PROGRAM, "tui", "--runs", str(store)])
    inner = ["tmux", "-S", f"{window.socket}2", "-f", "/dev/null"]
    window.start("-u", "TMUX", *inner, "new-session", explorer, size=(100, 30), LC_ALL="C")
    screen = window.wait("6 runs", "final 1")
    assert screen.isascii()
    assert "____" not in screen
    window.press("q")
    window.wait("ended 0")


def test_a_dumb_terminal_gets_the_list(window, store):
    window.start(*PROGRAM, "tui", "--runs", str(store), TERM="dumb")
    screen = window.restored(0)
    assert "mlp-s0" in screen
    assert "barrier" in screen


def test_the_size_may_change(window, store):
    window.start(*PROGRAM, "tui", "--runs", str(store))
    window.wait("6 runs")
    assert "final 1" not in window.screen
    window.tmux("resize-window", "-t", "t", "-x", "120", "-y", "40")
    assert len(window.wait("final 1").rstrip("\n").split("\n")) == 40
    for width, height in ((30, 5), (2, 1), (200, 60)):
        window.tmux("resize-window", "-t", "t", "-x", str(width), "-y", str(height))
    window.wait("final 1", "q quit")
    window.press("q")
    window.restored(0)


OPENING = {"Ctrl-Z in a menu": ("S", "type to narrow"), "Ctrl-Z in a prompt": ("/", "Esc as before")}
"""A way to stop the explorer to the key that opens something before, and words that are shown then."""


@pytest.mark.parametrize(
    "way",
    [
        "Ctrl-Z",
        "Ctrl-Z in a menu",
        "Ctrl-Z in a prompt",
        "Ctrl-Z, then continued in the background",
        "SIGTSTP",
        "SIGSTOP",
    ],
)
def test_a_shell_can_stop_it_and_go_on_with_it(window, store, way):
    window.start("bash", "--norc", "--noprofile", "-i", size=(60, 20))
    # As a child of another program, which has to stop as well.
    window.press(f"sh -c '{shlex.join([*PROGRAM, 'tui', '--runs', str(store)])}; :'", "Enter")
    window.wait("6 runs")
    job = window.child(window.pid())
    if way in OPENING:
        key, shown = OPENING[way]
        window.press(key)
        window.wait(shown)
    if way == "SIGSTOP":
        os.killpg(job, signal.SIGSTOP)
    elif way == "SIGTSTP":
        os.kill(window.child(job), signal.SIGTSTP)
    else:
        window.press("C-z")
    window.wait("Stopped")
    if way.endswith("background"):
        window.press("bg; sleep 1; echo again", "Enter")
        window.wait("\nagain")
    window.tmux("resize-window", "-t", "t", "-x", "100", "-y", "30")
    window.press("fg", "Enter")
    if way in OPENING:
        window.wait(OPENING[way][1])
        window.press("C-c")
    window.wait("6 runs", "final 1")
    # Of two threads that read keys, one would wait forever for what the other took.
    window.press("j", "q")
    window.wait("bash-")
    window.press("exit", "Enter")
    window.restored(0)


def test_without_a_shell_it_is_not_stopped(window, store):
    window.start(*PROGRAM, "tui", "--runs", str(store))
    window.wait("6 runs")
    window.press("S")
    window.wait("type to narrow")
    window.press("C-z", "C-c")
    window.wait("no shell could continue the explorer here")
    window.press("q")
    window.restored(0)


@pytest.mark.parametrize("way", ["Ctrl-C", "Ctrl-C in a prompt", "SIGTERM", "SIGHUP", "SIGINT"])
def test_every_way_out_restores_the_terminal(window, store, way):
    window.start(*PROGRAM, "tui", "--runs", str(store))
    window.wait("6 runs")
    if way.startswith("SIG"):
        number = getattr(signal, way)
        os.kill(window.pid(), number)
        window.restored(128 + number)
        return
    if way.endswith("prompt"):
        window.press("/")
        window.wait("Esc as before")
        window.press("C-c")
        window.wait("q quit")
    window.press("C-c")
    window.restored(130)


@pytest.mark.parametrize(
    "patch",
    ["app.RunsScreen.action_sort = fail", "app.Catalog.scan = fail", "app.Reader.detail = fail"],
    ids=["a screen", "the scan's worker", "a reading worker"],
)
def test_a_bug_restores_the_terminal_and_is_shown(window, store, patch):
    window.start(sys.executable, "-c", RAW.format(patch=patch), str(store), size=(80, 60))
    if "sort" in patch:
        window.wait("6 runs")
        window.press("s")
    assert "RuntimeError: a bug" in window.restored(1)


def test_a_lost_line_ends_it(window, store):
    window.start(*PROGRAM, "tui", "--demo")
    window.wait("base-s0")
    pid = window.pid()
    window.tmux("kill-server")
    wait_for(lambda: not Path(f"/proc/{pid}").exists())


def test_killing_it_leaves_a_run_at_work(window, tmp_path):
    window.start(*PROGRAM, "tui", "--runs", str(tmp_path))
    window.wait("There are no runs")
    command = [*PROGRAM, "train", "--preset", "digits", "--model", "mlp", "--epochs", "5000", "--runs", str(tmp_path),
               "--device", "cpu"]  # fmt: skip
    environ = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen([*command, "--quiet"], stdout=subprocess.DEVNULL, env=environ) as run:
        try:
            window.wait("1 live")
            os.kill(window.pid(), signal.SIGKILL)
            window.wait("ended 137")
            (metrics,) = tmp_path.glob("*/metrics.jsonl")
            before = metrics.read_text()
            wait_for(lambda: metrics.read_text() != before)
            assert run.poll() is None
        finally:
            run.terminate()
