"""Jobs: commands of this program that run detached and are followed through their files; never imports torch.

A job outlives the program that started it, the terminal and the connection, however they end.  Its folder
`<runs>/.jobs/<id>` holds its whole state: `job.json` (words, start time, host), `log` (its output), `pid`, `exit` (its
exit code, written at its end), `stop` (it was asked to stop) and `lock`, which it holds as long as it lives.  A lock
cannot be mistaken for another process's, as a process id could be, since the system uses ids again.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from lininterp_cli.errors import ConfigError, ExitCode, LininterpError, StoreError
from lininterp_cli.runs.files import read_json, write_json
from lininterp_cli.runs.locks import is_held

SCHEMA = 1

State = Literal["running", "done", "failed", "stopped", "lost", "damaged"]
"""Status of a job; `lost` is one that died without leaving an exit code, as after a power cut."""

# The shell waits for the command and writes its exit code, even if the starting process is gone.  A trap that does
# nothing lets it survive the signals that stop the command.  The command begins with Ctrl-C ignored, which Python at
# its start would answer with a traceback or swallow; `job_start.heed_stop` enables it and looks for an earlier `stop`.
_KEEPER = """
trap : INT TERM HUP
folder=$1
shift
echo $$ > "$folder/pid"
(
    trap '' INT
    trap - TERM HUP
    LININTERP_JOB=$folder exec "$@"
)
code=$?
echo $code > "$folder/.exit" && mv "$folder/.exit" "$folder/exit"
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One job, as its folder described it when it was read."""

    folder: Path
    """`<runs>/.jobs/<id>`."""
    words: tuple[str, ...] = ()
    """The command line after `lininterp`."""
    created: float = 0.0
    """Its start time, in seconds since 1970."""
    host: str = ""
    """The machine it was started on."""
    state: State = "running"
    """Its status."""
    code: int | None = None
    """Its exit code; None if there is none yet."""
    error: str = ""
    """The problem of its folder, if `damaged`."""
    is_stopping: bool = False
    """Whether it was asked to stop."""

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def log_path(self) -> Path:
        """The file of its output."""
        return self.folder / "log"


def start(runs: Path, words: Sequence[str]) -> Job:
    """Start a command of this program as a job, which outlives this process.

    Args:
        runs: The run store, which keeps the job's files.
        words: The command line after `lininterp`; each word is passed on unchanged.

    Returns:
        The job.

    Raises:
        ConfigError: If a word holds a null character, which no command line can carry.
        StoreError: If its files cannot be written or the command cannot be started.
    """
    if any("\0" in word for word in words):
        raise ConfigError("a command line cannot hold a null character; leave it out")
    moment = datetime.now(UTC)
    try:
        place = _new_folder(runs / ".jobs", moment)
        lock = os.open(place / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            content = {"schema": SCHEMA, "words": list(words), "created": moment.isoformat(timespec="seconds")}
            write_json(place / "job.json", content | {"host": socket.gethostname()})
            _spawn(place, words, lock)
        finally:
            os.close(lock)
    except OSError as error:
        raise StoreError(f"cannot start a job in {runs}: {error.strerror or error}; is the folder writable?") from error
    return read_job(place)


def jobs(runs: Path) -> list[Job]:
    """Every job of a store, newest first; one whose files cannot be read is `damaged`.

    Args:
        runs: The run store.

    Returns:
        The jobs; none if there is no such folder.
    """
    try:
        names = [entry.name for entry in os.scandir(runs / ".jobs") if entry.is_dir() and entry.name[0] != "."]
    except OSError:
        return []
    found = [read_job(runs / ".jobs" / name) for name in names]
    return sorted(found, key=lambda job: (job.created, job.id), reverse=True)


def read_job(folder: Path) -> Job:
    """Read a job with its present status.

    Args:
        folder: The job's folder.

    Returns:
        The job; its status is `damaged` if its files are missing or invalid.
    """
    try:
        words, host, created = _content(folder)
    except (LininterpError, OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        return Job(folder=folder, state="damaged", error=str(error), created=_changed(folder))
    # In this order: a job that ends in between has written its code before it releases the lock.
    is_alive, code, is_stopping = is_held(folder / "lock"), _number(folder / "exit"), (folder / "stop").exists()
    return Job(
        folder=folder, words=words, created=created, host=host, code=code, is_stopping=is_stopping,
        state=_state(is_alive, code, is_stopping),
    )  # fmt: skip


def stop(job: Job) -> str:
    """Ask a job to stop: with SIGINT, as Ctrl-C does, and the second time with SIGTERM; never with SIGKILL.

    Args:
        job: The job; its command keeps the work that it has done, as after Ctrl-C.

    Returns:
        The name of the signal that was sent; a command that has not begun yet stops itself in `job_start.heed_stop`.

    Raises:
        StoreError: If it is not running, or runs on another machine.
    """
    now = read_job(job.folder)
    if now.state != "running":
        raise StoreError(f"job {job.id} is not running; there is nothing to stop")
    if now.host != socket.gethostname():
        raise StoreError(f"job {job.id} runs on {now.host}; stop it there")
    chosen = signal.SIGTERM if now.is_stopping else signal.SIGINT
    try:
        (job.folder / "stop").touch()
        number = _number(job.folder / "pid")
        # Without a process id there is no command yet either, and it will find the file.
        if number is not None:
            os.killpg(number, chosen)
    except OSError as error:
        raise StoreError(f"cannot stop job {job.id}: {error.strerror or error}") from error
    return chosen.name


def remove(job: Job) -> None:
    """Delete the files of a job that has ended; the runs it made stay.

    Args:
        job: The job.

    Raises:
        StoreError: If it is running, or its files cannot be deleted.
    """
    if read_job(job.folder).state == "running":
        raise StoreError(f"job {job.id} is running; stop it first")
    try:
        shutil.rmtree(job.folder)
    except OSError as error:
        raise StoreError(f"cannot delete {job.folder}: {error.strerror or error}") from error


def _content(folder: Path) -> tuple[tuple[str, ...], str, float]:
    content = read_json(folder / "job.json", SCHEMA)
    words, host = content["words"], content.get("host", "")
    if not (isinstance(words, list) and all(isinstance(word, str) for word in [*words, host])):
        raise StoreError(f"{folder / 'job.json'} is damaged: its words are no texts")
    return tuple(words), host, datetime.fromisoformat(content["created"]).timestamp()


def _new_folder(above: Path, moment: datetime) -> Path:
    above.mkdir(parents=True, exist_ok=True)
    number = 0
    while True:
        place = above / f"{moment:%Y%m%d-%H%M%S}-{number:02d}"
        try:
            place.mkdir()
        except FileExistsError:
            number += 1
        else:
            return place


def _spawn(place: Path, words: Sequence[str], lock: int) -> None:
    command = ["/bin/sh", "-c", _KEEPER, "lininterp-job", str(place.resolve()), sys.executable, "-m", "lininterp_cli"]
    with (place / "log").open("ab") as log:
        process = subprocess.Popen(
            [*command, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(lock,),
            start_new_session=True,
        )  # fmt: skip
    # Waits for the job's end, so that it does not stay a zombie as long as this process lives.
    threading.Thread(target=process.wait, daemon=True).start()


def _state(is_alive: bool, code: int | None, is_stopping: bool) -> State:
    if is_alive:
        return "running"
    if code is None:
        return "lost"
    if code == 0:
        return "done"
    return "stopped" if is_stopping or code == ExitCode.INTERRUPTED else "failed"


def _number(path: Path) -> int | None:
    try:
        return int(path.read_bytes()[:20])
    except (OSError, ValueError):
        return None


def _changed(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return time.time()
