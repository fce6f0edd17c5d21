"""How fast, how quiet and how small the explorer is: the real program at the other end of a pseudo-terminal.

    python tests/benchmarks/tui.py

Makes stores of runs in a temporary folder and prints one table: each figure beside its bar.  Bytes are what the program
writes to the terminal, times are from the key to the last byte of its answer.  Each figure is the best of several, as
other programs may run at the same time; the exit code is 1 where one misses its bar.
"""

import argparse
import fcntl
import json
import math
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.table import Table
from stores import curve_of, make_store

WIDTH, HEIGHT = 120, 40
QUIET_SECONDS = 0.06
"""After so long without a byte an answer is over; a run under the cursor is read only after twice as long."""
KEYS = {
    "j": "down", "G": "last", "s": "other order", "/": "open the filter", "r": "letter of a filter",
    "\x15": "no filter", "\r": "close the filter",
}  # fmt: skip
"""What is pressed, each with its name; the order is that of a session."""

Row = tuple[str, float, float, str]
"""What, its figure, its bar, the unit."""


def main() -> None:
    options = _options()
    if options.draw is not None:
        draw(options.draw)
        return
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="lininterp-tui-") as name:
        folder = Path(name)
        os.environ |= {
            "XDG_CONFIG_HOME": name,
            "XDG_CACHE_HOME": name,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LC_ALL": "C.UTF-8",
        }
        make_store(folder / "many", options.runs, num_alphas=51)
        make_store(folder / "most", options.most, num_alphas=3)
        rows += _start(folder / "many", options.runs, options.rounds)
        rows += _session(folder / "many", options.runs, options.rounds)
        rows += _memory(folder / "most", options.most)
        rows += _redraws(folder, options.rounds)
    table = Table(box=None, pad_edge=False)
    for head in ("what", "figure", "bar", "", "share of the bar"):
        table.add_column(head, justify="left" if head in ("what", "") else "right", no_wrap=True)
    for what, figure, bar, unit in rows:
        words = (f"{bar:,g}", unit, f"{figure / bar:.0%}" if bar else "") if bar < math.inf else ("none", unit, "")
        table.add_row(what, f"{figure:,.4g}", *words)
    print(f"explorer at {WIDTH}x{HEIGHT}, true colour, best of {options.rounds}, load {os.getloadavg()[0]:.1f}")
    Console(width=120).print(table)
    sys.exit(any(figure > bar for _, figure, bar, _ in rows))


# The program -----------------------------------------------------------------------------------------------------


class Terminal:
    """A program at the other end of a pseudo-terminal.

    Args:
        words: Its command line.
    """

    def __init__(self, *words: str) -> None:
        self.began = time.perf_counter()
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
            os.execv(sys.executable, [sys.executable, *words])
        self.seen = b""

    def until(self, is_there: Callable[[str], bool], seconds: float = 60.0) -> float:
        """Wait for something on the terminal.

        Args:
            is_there: Gets everything that was written so far, without control sequences.
            seconds: The longest wait.

        Returns:
            Seconds since the start.
        """
        while not is_there(_words(self.seen)):
            if time.perf_counter() - self.began > seconds or not self._read(seconds):
                raise SystemExit(f"the explorer wrote something else: {_words(self.seen)[-500:]!r}")
        return time.perf_counter() - self.began

    def answer(self, keys: str, quiet: float = QUIET_SECONDS, longest: float = 5.0) -> tuple[float, int]:
        """Press keys and wait for the answer.

        Args:
            keys: What is sent; nothing listens only.
            quiet: Seconds without a byte after which the answer is over.
            longest: Seconds after which there is none.

        Returns:
            Seconds to its last byte, and the number of bytes.
        """
        began, last, before = time.perf_counter(), 0.0, len(self.seen)
        os.write(self._file, keys.encode())
        while self._read(quiet if last else longest):
            last = time.perf_counter() - began
        return last, len(self.seen) - before

    def settle(self) -> None:
        """Wait until nothing is written for a second."""
        self.answer("", quiet=1.0, longest=1.0)

    def memory_mb(self) -> float:
        """The most memory it has had, in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) * 1024 / 1e6

    def end(self) -> None:
        """Kill it."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._file)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._file], [], [], seconds)[0]:
            return False
        try:
            self.seen += (found := os.read(self._file, 1 << 16))
        except OSError:
            return False
        return bool(found)


def _words(written: bytes) -> str:
    return re.sub(r"\x1b\[[0-9;?<>=]*[ -/]*[@-~]", "", written.decode(errors="replace"))


@contextmanager
def explorer(folder: Path) -> Iterator[Terminal]:
    """The real program over a store."""
    terminal = Terminal("-m", "lininterp_cli", "tui", "--runs", str(folder))
    try:
        yield terminal
    finally:
        terminal.end()


# What is measured ------------------------------------------------------------------------------------------------


def _start(folder: Path, num_runs: int, rounds: int) -> list[Row]:
    firsts, wholes = [], []
    for _ in range(rounds + 1):
        with explorer(folder) as terminal:
            firsts.append(terminal.until(lambda words: "lininterp" in words))
            wholes.append(_wait_for_list(terminal, num_runs))
            terminal.settle()
    # In the first round nothing is known of the store; later starts know what its runs say.
    return [
        (f"{num_runs:,} runs: start to complete list, the first time ever", wholes[0], math.inf, "s"),
        (f"{num_runs:,} runs: start to first frame", min(firsts[1:]), 0.6, "s"),
        (f"{num_runs:,} runs: start to complete list", min(wholes[1:]), 2.0, "s"),
    ]


def _wait_for_list(terminal: Terminal, num_runs: int) -> float:
    # While it reads, `reading ...` stands after the count.
    return terminal.until(lambda words: re.search(rf"\b{num_runs} runs +sort", words) is not None)


def _session(folder: Path, num_runs: int, rounds: int) -> list[Row]:
    seconds: dict[str, list[float]] = {name: [] for name in KEYS.values()}
    steps, previews = [], []
    with explorer(folder) as terminal:
        _wait_for_list(terminal, num_runs)
        terminal.settle()
        for _ in range(rounds):
            for key, name in KEYS.items():
                taken, num_bytes = terminal.answer(key)
                seconds[name].append(taken)
                if key == "j":
                    steps.append(num_bytes)
                    previews.append(terminal.answer("", quiet=0.3, longest=1.0)[1])
                terminal.settle()
            terminal.answer("g")
            terminal.settle()
        # Far enough for the list to scroll again and again.
        held = [terminal.answer("j", longest=1.0)[1] for _ in range(2 * HEIGHT)]
        terminal.settle()
        _, idle = terminal.answer("", quiet=5.0, longest=5.0)
    return [
        *((f"{num_runs:,} runs: key to screen: {name}", min(taken) * 1e3, 50, "ms") for name, taken in seconds.items()),
        ("cursor down", max(steps), 1_000, "bytes"),
        (f"cursor down, mean of {len(held)} from the top on", sum(held) / len(held), 1_000, "bytes"),
        ("the run beside the list, once the cursor rests", max(previews), 16_000, "bytes"),
        ("idle for 5 s", idle, 0, "bytes"),
    ]


def _memory(folder: Path, num_runs: int) -> list[Row]:
    rows = []
    for which in ("first", "second"):
        with explorer(folder) as terminal:
            whole = _wait_for_list(terminal, num_runs)
            terminal.settle()
            for key in "jGsg":
                terminal.answer(key)
                terminal.settle()
            what = f"{num_runs:,} runs: most memory ever, {which} start (complete list after {whole:.1f} s)"
            rows.append((what, terminal.memory_mb(), 150.0, "MB"))
    return rows


def _redraws(folder: Path, rounds: int) -> list[Row]:
    notes, num_bytes = folder / "notes.json", []
    terminal = Terminal(__file__, "--draw", str(notes))
    try:
        terminal.until(lambda words: "loss" in words)
        terminal.settle()
        num_bytes = [terminal.answer(" ")[1] for _ in range(4 * rounds)]
        terminal.answer("q")
    finally:
        terminal.end()
    taken = json.loads(notes.read_text())
    return [
        ("10 series drawn anew on the whole screen", min(taken) * 1e3, 20, "ms"),
        ("10 series drawn anew on the whole screen", max(num_bytes), 16_000, "bytes"),
    ]


def draw(notes: Path) -> None:
    """Draw curves of ten series in turn at each Space, by the widget as a screen does; `q` ends.

    Args:
        notes: Gets the seconds from each change to the end of its frame, as JSON.
    """
    from textual.app import App, ComposeResult

    from lininterp_cli.tui.widgets.curve_view import CurveView
    from lininterp_cli.view.curves.curve import curve_rows
    from lininterp_cli.view.curves.drawing import Drawing

    blocks = tuple(f"layer{index}" for index in range(9))
    drawings = [Drawing(curve=curve_of(place, 51, blocks), splits=("test",)) for place in (0, 5)]

    class Plots(App[None]):
        def compose(self) -> ComposeResult:
            yield CurveView()

        def on_mount(self) -> None:
            self.taken: list[float] = []
            self.query_one(CurveView).styles.height = "100%"
            self.call_after_refresh(self.plot)

        def plot(self) -> None:
            began, drawing = time.perf_counter(), drawings[len(self.taken) % 2]
            self.query_one(CurveView).plot(lambda width, height: curve_rows(drawing, width=width, height=height))
            self.call_after_refresh(lambda: self.taken.append(time.perf_counter() - began))

        def key_space(self) -> None:
            self.plot()

        def key_q(self) -> None:
            notes.write_text(json.dumps(self.taken))
            self.exit()

    Plots().run()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5_000, help="in the store that is walked about in")
    parser.add_argument("--most", type=int, default=20_000, help="in the store for the memory")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--draw", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
