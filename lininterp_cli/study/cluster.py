"""The Ray engine: runs cells as tasks of a Ray cluster, or of a Ray started on this machine; Ray places them.

A task runs in the process of a Ray worker and dies with its node; Ray then runs it elsewhere, where it goes on from
what is in the store.  So every worker must see the same store; a task that does not see it fails with a message.
"""

import contextlib
import importlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lininterp_cli.errors import ConfigError, LininterpError
from lininterp_cli.landscape.interpolate import Ground
from lininterp_cli.runs.store import Store
from lininterp_cli.study.local import cores, cpu_slots, shares
from lininterp_cli.study.outcomes import folder_of, log_path, standing
from lininterp_cli.study.plan import Cell, Study
from lininterp_cli.study.running import Engine, Order
from lininterp_cli.study.work import fail, work
from lininterp_cli.training.device import resolve

MAX_RETRIES = 3
"""How often Ray may rerun a cell whose worker was lost."""

_CONNECT_SECONDS = 5
_PROBE_SECONDS = 30
_TOKEN_SECONDS = 5.0
"""Time within which every node of a shared file system must see a new file."""

_STOP_SECONDS = 15.0
_STORE_BYTES = 100_000_000
"""Size of Ray's own object store, through which nothing large passes."""

_PROBE = "import sys, ray; ray.init(address=sys.argv[1], log_to_driver=False, logging_level='ERROR')"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Study, folders and device of a task; the paths must be the same on every node."""

    study: Study
    """The study."""
    runs: Path
    """The folder that holds the runs."""
    data: Path
    """Where data sets are kept."""
    device: str
    """The device: `cuda`, or a name as `--device` takes it."""
    token: str
    """Name of a file in the study's folder, by which a worker sees that it has the same store."""


@contextlib.contextmanager
def ray_engine(
    order: Order, data: Path, address: str | None, num_jobs: int | None, gpus_per_job: float | None
) -> Iterator[Engine]:
    """An engine that runs each cell as a task of a Ray cluster.

    Args:
        order: The study to run.
        data: Where data sets are kept.
        address: The cluster's address; None to start Ray on this machine.
        num_jobs: Number of cells at a time; None for as many as the cluster has room for.
        gpus_per_job: Each cell's share of a GPU; None for a whole one.

    Yields:
        The engine.

    Raises:
        ConfigError: If Ray is not installed, no cluster answers, or it lacks what the cells need.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        ray: Any = importlib.import_module("ray")  # an extra that is not always installed
    except ImportError as error:
        raise ConfigError("--engine ray needs Ray: pip install 'lininterp[ray]'; or leave --engine out") from error
    num_cpus = _connect(ray, address, num_jobs)
    token = f".token-{uuid.uuid4().hex}"
    seen = folder_of(order.runs, order.study) / token
    try:
        device, num_gpus = _device(order.device, gpus_per_job, ray.cluster_resources())
        seen.parent.mkdir(parents=True, exist_ok=True)
        seen.touch()
        place = Place(study=order.study, runs=order.runs.resolve(), data=data.resolve(), device=device, token=token)
        task = ray.remote(work_there).options(
            num_cpus=num_cpus, num_gpus=num_gpus, max_retries=MAX_RETRIES, scheduling_strategy="SPREAD"
        )
        yield lambda cells: _run_tasks(ray, cells, lambda cell: task.remote(cell, place), num_jobs, _teller(order))
    finally:
        seen.unlink(missing_ok=True)
        ray.shutdown()


def work_there(cell: Cell, place: Place) -> str:
    """Run a cell in the process of a Ray worker.

    Args:
        cell: The cell.
        place: Its study, folders and device.

    Returns:
        The reason why it could not run here; empty if its outcome was written.
    """
    folder = folder_of(place.runs, place.study)
    end = time.monotonic() + _TOKEN_SECONDS
    while not (folder / place.token).exists():
        if time.monotonic() > end:
            host = socket.gethostname()
            return f"the worker on {host} does not see {folder}; the store must be on a disk that all nodes share"
        time.sleep(0.2)
    try:
        ground = Ground(store=Store(place.runs), data_folder=place.data, device=resolve(place.device))
        with log_path(place.runs, place.study, cell).open("a", encoding="utf-8", buffering=1) as log:

            def say(line: str) -> None:
                log.write(f"{line}\n")

            work(place.study, cell, ground, say)
    except LininterpError as error:
        return str(error)
    return ""


def _connect(ray: Any, address: str | None, num_jobs: int | None) -> int:
    """Connect to Ray or start it, and return the number of cores that each task takes."""
    before = signal.getsignal(signal.SIGTERM)
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        if address is not None:
            _check_address(address)
            ray.init(address=address, **quiet)
            return 1
        # As many cores for each task as the local engine would give.
        num_cpus = max(1, cores() // len(cpu_slots(num_jobs, cores())))
        ray.init(address="local", num_cpus=cores(), include_dashboard=False, object_store_memory=_STORE_BYTES, **quiet)
        return num_cpus
    finally:
        signal.signal(signal.SIGTERM, before)  # Ray replaces the handler


def _check_address(address: str) -> None:
    """Make sure that a cluster answers; Ray itself would wait for minutes."""
    advice = "give HOST:PORT of its head as `ray start` prints it, or auto on one of its nodes"
    if "://" in address:
        raise ConfigError(f"--ray-address {address} is of another kind; {advice}")
    host, _, port = address.rpartition(":")
    try:
        if port.isdecimal():
            socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS).close()
        subprocess.run(
            [sys.executable, "-c", _PROBE, address], timeout=_PROBE_SECONDS, capture_output=True, text=True, check=True
        )
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().rpartition("\n")[2]
        raise ConfigError(f"no Ray cluster at {address} ({reason}); {advice}") from error
    except (OSError, OverflowError, ValueError, subprocess.TimeoutExpired) as error:
        reason = "no answer" if isinstance(error, TimeoutError | subprocess.TimeoutExpired) else str(error)
        raise ConfigError(f"no Ray cluster at {address} ({reason}); {advice}") from error


def _device(name: str, gpus_per_job: float | None, there: dict[str, float]) -> tuple[str, float]:
    """The device of the tasks, and the share of a GPU that each takes."""
    num_gpus = there.get("GPU", 0.0)
    kind = name.partition(":")[0]
    if name == "auto":
        kind = "cuda" if num_gpus else "cpu"
    if kind == "cuda":
        if not num_gpus:
            raise ConfigError("the Ray cluster has no GPU; use --device cpu")
        share = 1.0 if gpus_per_job is None else gpus_per_job
        shares(share)
        return "cuda", share
    if gpus_per_job is not None:
        raise ConfigError(f"--gpus-per-job needs NVIDIA GPUs, and the device is {kind}")
    return name if name != "auto" else kind, 0.0


def _teller(order: Order) -> Callable[[Cell, str], None]:
    def ended(cell: Cell, error: str) -> None:
        now = standing(order.runs, order.study, cell)
        if error and now.state not in {"running", "done"}:
            fail(order.runs, order.study, cell, error)
            now = standing(order.runs, order.study, cell)
        order.told(now)

    return ended


def _run_tasks(
    ray: Any,
    cells: Sequence[Cell],
    submit: Callable[[Cell], Any],
    num_jobs: int | None,
    ended: Callable[[Cell, str], None],
) -> None:
    waiting, pending = deque(cells), dict[Any, Cell]()
    try:
        while waiting or pending:
            while waiting and len(pending) < (num_jobs or len(cells)):
                cell = waiting.popleft()
                pending[submit(cell)] = cell
            for reference in ray.wait(list(pending))[0]:
                cell = pending.pop(reference)
                try:
                    error = ray.get(reference)
                except ray.exceptions.RayError as failure:
                    error = f"Ray lost it: {failure}".strip().partition("\n")[0]
                ended(cell, error)
    except BaseException:
        for reference in pending:
            ray.cancel(reference)
        if pending:
            ray.wait(list(pending), num_returns=len(pending), timeout=_STOP_SECONDS)
        raise
