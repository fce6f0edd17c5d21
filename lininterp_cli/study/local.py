"""The local engine: runs cells as processes of this same program, several at a time; each is `study run --only`.

The output of a process goes to its cell's log.  If a process dies, only its cell fails.
"""

import os
import queue
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

from lininterp_cli.errors import ConfigError, StoreError
from lininterp_cli.study.plan import Cell

Slot = Mapping[str, str]
"""Environment variables for one of the processes that run at the same time."""

_TAIL_BYTES = 4096

MAX_JOBS = 8
"""Most processes at a time on the CPU unless more are requested: each keeps its own data set in memory."""


def cores() -> int:
    """How many cores this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # which macOS does not have
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1


def cpu_slots(num_jobs: int | None, num_cells: int) -> list[Slot]:
    """Share the cores of this machine among processes.

    Args:
        num_jobs: Number of processes at a time; None for one per core, MAX_JOBS at most.
        num_cells: Number of cells to run.

    Returns:
        One slot per process at a time; its OMP_NUM_THREADS is that of the environment, else its share of the cores.
    """
    num_cores = cores()
    num_jobs = max(1, min(num_jobs or min(num_cores, MAX_JOBS), num_cells))
    threads = os.environ.get("OMP_NUM_THREADS") or str(max(1, num_cores // num_jobs))
    return [{"OMP_NUM_THREADS": threads}] * num_jobs


def gpu_slots(num_jobs: int | None, num_cells: int, gpus: Sequence[str], gpus_per_job: float | None) -> list[Slot]:
    """Share the GPUs of this machine among processes.

    Args:
        num_jobs: Number of processes at a time at most; None for as many as fit on the GPUs.
        num_cells: Number of cells to run.
        gpus: The GPUs' names, as CUDA_VISIBLE_DEVICES takes them.
        gpus_per_job: Each process's share of a GPU, in (0, 1]; see `most_at_once`.

    Returns:
        One slot per process at a time, the GPUs in turn.
    """
    slots = cpu_slots(most_at_once(num_jobs, len(gpus), gpus_per_job), num_cells)
    return [{**slot, "CUDA_VISIBLE_DEVICES": gpus[index % len(gpus)]} for index, slot in enumerate(slots)]


def most_at_once(num_jobs: int | None, num_gpus: int, gpus_per_job: float | None) -> int:
    """How many processes run on the GPUs at a time.

    Args:
        num_jobs: Number that was asked for; None for as many as fit.
        num_gpus: Number of GPUs.
        gpus_per_job: Each process's share of a GPU; None for a whole one, or for any share if `num_jobs` is given.

    Returns:
        The number, not more than fit.

    Example:
        >>> most_at_once(None, 2, 0.25), most_at_once(3, 2, 0.25), most_at_once(9, 2, 0.25), most_at_once(9, 2, None)
        (8, 3, 8, 9)
    """
    fitting = num_gpus * shares(1.0 if gpus_per_job is None else gpus_per_job)
    if num_jobs is None:
        return fitting
    return num_jobs if gpus_per_job is None else min(num_jobs, fitting)


def shares(gpus_per_job: float) -> int:
    """How many processes fit on one GPU.

    Args:
        gpus_per_job: Each process's share of a GPU, in (0, 1].

    Returns:
        The number of processes.

    Raises:
        ConfigError: If the share is not in (0, 1].

    Example:
        >>> shares(1.0), shares(0.25), shares(0.1)
        (1, 4, 10)
    """
    if not 0 < gpus_per_job <= 1:
        raise ConfigError(f"--gpus-per-job takes a share of one GPU in (0, 1], not {gpus_per_job:g}")
    # Rounding: 1 / (1 / 93) is a little less than 93.
    return int(1 / gpus_per_job + 1e-9)


def run_processes(
    cells: Sequence[Cell],
    slots: Sequence[Slot],
    words: Callable[[Cell], Sequence[str]],
    log: Callable[[Cell], Path],
    ended: Callable[[Cell, int], None],
) -> None:
    """Run each cell in a process of its own, as many at a time as there are slots.

    An interruption sends SIGTERM to every process and waits for all of them.

    Args:
        cells: The cells.
        slots: The environment variables of the processes that run at the same time.
        words: Takes a cell, returns the arguments after `lininterp` that run it.
        log: Takes a cell, returns the file for the output of its process.
        ended: Called from any thread when a process ended by itself, with its exit code, negative for a signal.
    """
    free: queue.SimpleQueue[Slot] = queue.SimpleQueue()
    for slot in slots:
        free.put(slot)
    at_work: set[subprocess.Popen[bytes]] = set()
    changing, is_stopping = threading.Lock(), threading.Event()

    def attempt(cell: Cell) -> None:
        with ExitStack() as stack:
            slot = free.get()
            stack.callback(free.put, slot)
            with changing:
                if is_stopping.is_set():
                    return
                process = _start(words(cell), log(cell), slot)
                at_work.add(process)
            code = process.wait()
            with changing:
                at_work.discard(process)
            if not is_stopping.is_set():
                ended(cell, code)

    with ThreadPoolExecutor(len(slots)) as pool:
        attempts = [pool.submit(attempt, cell) for cell in cells]
        try:
            wait(attempts)
        except BaseException:
            with changing:
                is_stopping.set()
                for process in at_work:
                    process.send_signal(signal.SIGTERM)
            raise
    for one in attempts:
        one.result()


def how_it_ended(code: int, log: Path) -> str:
    """Describe how a process ended, in one line.

    Args:
        code: Its exit code, negative for a signal.
        log: The file with its output.

    Returns:
        The exit code or the signal, and the last line of its output.
    """
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        words = f"killed by {name}" + (", as when memory runs out" if name == "SIGKILL" else "")
    else:
        words = f"ended with exit code {code}"
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            said = file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        said = []
    last = next((line.strip() for line in reversed(said) if line.strip()), "")
    return f"{words}: {last}" if last else words


def _start(words: Sequence[str], log: Path, slot: Slot) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "lininterp_cli", *words]
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            file.write(f"$ {shlex.join(command)}\n".encode("utf-8", "backslashreplace"))
            file.flush()
            # A session of its own: Ctrl-C reaches it once, from here, and not a second time from the terminal.
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env={**os.environ, **slot},
                start_new_session=True,
            )  # fmt: skip
    except OSError as error:
        raise StoreError(f"cannot start a process that writes {log}: {error.strerror or error}") from error
