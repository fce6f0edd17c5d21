"""Commands of this program that run on their own: started detached, followed through their files; never torch.

A job outlives the program that started it, the terminal and the line, however they end.  Its folder
`<runs>/.jobs/<id>` holds all there is to know: `job.json` (the words and when), `log` (what it says), `pid`, `exit`
(its exit code, written at its end), `stop` (it was asked to stop) and `lock`, which it holds as long as it lives.  A
lock cannot be mistaken for another process's, as a number that the system gives out again could be.
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
"""How a job stands; `lost` is one that died without leaving an exit code, as after a power cut."""

# The shell stays until the command ends and keeps its exit code, whoever is still there to ask for it.  A trap that
# does nothing lets it survive what stops the command.  That begins deaf to Ctrl-C, which Python at its start would
# meet with a traceback or swallow, until `job_start.heed_stop` lets it in and looks for the file written before.
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
    """One command, as its folder told when it was read."""

    folder: Path
    """`<runs>/.jobs/<id>`."""
    words: tuple[str, ...] = ()
    """The command line after `lininterp`."""
    created: float = 0.0
    """When it was started, in seconds since 1970."""
    host: str = ""
    """The machine it was started on."""
    state: State = "running"
    """How it stands."""
    code: int | None = None
    """Its exit code; None where there is none yet."""
    error: str = ""
    """What is wrong with its folder."""
    is_stopping: bool = False
    """Whether it was asked to stop."""

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def log_path(self) -> Path:
        """What it says."""
        return self.folder / "log"


def start(runs: Path, words: Sequence[str], *, folder: Path | None = None) -> Job:
    """Start a command of this program that goes on whatever becomes of this process.

    Args:
        runs: The run store, which keeps the job's files.
        words: The command line after `lininterp`; each arrives as it is.
        folder: Where it runs; the present folder unless given.

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
            _spawn(place, words, lock, folder)
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
        The jobs; none where the folder is not there.
    """
    try:
        names = [entry.name for entry in os.scandir(runs / ".jobs") if entry.is_dir() and entry.name[0] != "."]
    except OSError:
        return []
    found = [read_job(runs / ".jobs" / name) for name in names]
    return sorted(found, key=lambda job: (job.created, job.id), reverse=True)


def read_job(folder: Path) -> Job:
    """How a job stands now.

    Args:
        folder: The job's.

    Returns:
        The job; `damaged` where its files say nothing that can be meant.
    """
    try:
        words, host, created = _content(folder)
    except (LininterpError, OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        return Job(folder=folder, state="damaged", error=str(error), created=_changed(folder))
    # In this order: a job that ends in between has written its code before it lets go of the lock.
    is_alive, code, is_stopping = is_held(folder / "lock"), _number(folder / "exit"), (folder / "stop").exists()
    return Job(
        folder=folder, words=words, created=created, host=host, code=code, is_stopping=is_stopping,
        state=_state(is_alive, code, is_stopping),
    )  # fmt: skip


def stop(job: Job) -> str:
    """Ask a job to stop as Ctrl-C does, and at the second time with SIGTERM; it is never killed.

    Args:
        job: The job; what it has done is kept, as the command keeps it.

    Returns:
        The name of the signal that was sent; a command that has not begun yet ends by `job_start`.

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
        # Where there is no number yet, there is no command yet either, and it will find the file.
        if number is not None:
            os.killpg(number, chosen)
    except OSError as error:
        raise StoreError(f"cannot stop job {job.id}: {error.strerror or error}") from error
    return chosen.name


def remove(job: Job) -> None:
    """Forget a job that is over; the runs it made stay.

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


def _spawn(place: Path, words: Sequence[str], lock: int, folder: Path | None) -> None:
    # The folder by its full path: the command may run elsewhere.
    command = ["/bin/sh", "-c", _KEEPER, "lininterp-job", str(place.resolve()), sys.executable, "-m", "lininterp_cli"]
    with (place / "log").open("ab") as log:
        process = subprocess.Popen(
            [*command, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(lock,),
            start_new_session=True, cwd=folder,
        )  # fmt: skip
    # As long as this process lives it takes note of the job's end, or the system would keep the dead one listed.
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
