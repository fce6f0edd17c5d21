"""Runs the cells of a study that are not done; those that fail are tried once more at the end."""

import functools
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from lininterp_cli.errors import ConfigError, DataError, LininterpError, NotFoundError
from lininterp_cli.runs.store import Store
from lininterp_cli.study.feasible import SizeOf, check_feasible
from lininterp_cli.study.local import Slot, cpu_slots, gpu_slots, how_it_ended, most_at_once, run_processes
from lininterp_cli.study.outcomes import Standing, log_path, standing
from lininterp_cli.study.plan import Cell, Study
from lininterp_cli.study.steps import check
from lininterp_cli.study.work import fail
from lininterp_cli.training import recipe
from lininterp_cli.training.device import resolve

Engine = Callable[[Sequence[Cell]], None]
"""Runs cells, several at a time; if one fails, the others go on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A study to run, and where to run it."""

    study: Study
    """The study."""
    words: tuple[str, ...]
    """Arguments after `lininterp` that run one cell; the engine appends `--only DIGEST`."""
    runs: Path
    """The folder that holds the runs."""
    device: str
    """The device, as `--device` takes it."""
    told: Callable[[Standing], None]
    """Called from any thread with each cell that was worked on, and its state."""


def check_all(study: Study, cells: Sequence[Cell], size_of: SizeOf, store: Store) -> dict[str, str]:
    """Check that cells can be computed, before any time is spent on them.

    An error in the study's file refuses the whole study.  Something that is missing, such as a data set, affects only
    the cells that need it.

    Args:
        study: The study.
        cells: The cells to check.
        size_of: Gives the sizes of data sets; that of `sizes_in` loads them, so that they must be there,
            `estimate.size_of` does not.
        store: The store of the runs, in which the endpoints of steps may name some.

    Returns:
        Group to an error message, for groups that lack something.

    Raises:
        ConfigError: If a cell cannot be computed, with its group; also if every cell lacks something.
    """
    seen: set[str] = set()
    lacking: dict[str, str] = {}
    for cell in cells:
        if cell.group in seen:  # cells of a group differ only in the seed
            continue
        seen.add(cell.group)
        try:
            check(cell)
            size_of(recipe.resolve(cell.config))
            check_feasible(cell, size_of, store)
        except (DataError, NotFoundError) as error:
            lacking[cell.group] = str(error)
        except LininterpError as error:
            raise ConfigError(f"{study.name}: {cell.group}: {error}") from error
    if lacking and len(lacking) == len(seen):
        group, why = next(iter(lacking.items()))
        raise ConfigError(f"{study.name}: {group}: {why}")
    return lacking


def set_aside(order: Order, standings: Sequence[Standing], lacking: Mapping[str, str]) -> None:
    """Write failed outcomes for cells that lack something, unless they are done or another process works on them.

    Args:
        order: The study to run; its `told` is called with each of these cells.
        standings: The study's cells and their states.
        lacking: Group to an error message, see `check_all`.
    """
    for one in standings:
        if one.cell.group in lacking and one.state not in {"done", "running"}:
            fail(order.runs, order.study, one.cell, lacking[one.cell.group])
            order.told(standing(order.runs, order.study, one.cell))


def finish(
    study: Study, cells: Sequence[Cell], runs: Path, engine: Engine, lacking: Collection[str] = ()
) -> list[Standing]:
    """Run the cells that are not done.

    Cells that another process works on come last, and so do those that failed, which are tried once more.

    Args:
        study: The study.
        cells: The cells to run.
        runs: The folder that holds the runs.
        engine: Runs them.
        lacking: Groups whose cells are skipped because they lack something.

    Returns:
        The cells with their states afterwards.
    """
    distinct = {cell.digest: cell for cell in cells if cell.group not in lacking}
    for is_last in (False, True):
        now = [standing(runs, study, cell) for cell in distinct.values()]
        left = [one.cell for one in now if one.state != "done" and (is_last or one.state != "running")]
        if left:
            engine(left)
    return [standing(runs, study, cell) for cell in cells]


def local_engine(order: Order, num_jobs: int | None, gpus_per_job: float | None) -> Engine:
    """An engine that runs each cell as a process on this machine.

    Args:
        order: The study to run.
        num_jobs: Number of processes at a time; None for as many as the cores or the GPUs allow.
        gpus_per_job: Each process's share of a GPU; None for a whole one, or for any share if `num_jobs` is given.

    Returns:
        The engine.

    Raises:
        ConfigError: If GPUs are to be shared and the device is no NVIDIA GPU.
    """
    kind = _kind(order.device)
    if gpus_per_job is not None and kind != "cuda":
        raise ConfigError(f"--gpus-per-job needs an NVIDIA GPU, and the device is {kind}")
    log = functools.partial(log_path, order.runs, order.study)

    def slots(num_cells: int) -> list[Slot]:
        if kind == "cuda" and ":" not in order.device:
            return gpu_slots(num_jobs, num_cells, _gpus(), gpus_per_job)
        if kind == "cuda":
            return cpu_slots(most_at_once(num_jobs, 1, gpus_per_job), num_cells)
        # The CPU, or an accelerator that is used by one process at a time unless more are asked for.
        return cpu_slots(num_jobs if kind == "cpu" else num_jobs or 1, num_cells)

    def ended(cell: Cell, code: int) -> None:
        now = standing(order.runs, order.study, cell)
        if now.state in {"waiting", "damaged"}:
            fail(order.runs, order.study, cell, how_it_ended(code, log(cell)))
            now = standing(order.runs, order.study, cell)
        if now.state != "running":
            order.told(now)

    def engine(cells: Sequence[Cell]) -> None:
        run_processes(cells, slots(len(cells)), lambda cell: [*order.words, "--only", cell.digest], log, ended)

    return engine


def _kind(device: str) -> str:
    # `resolve` would ask torch for the current GPU, which takes GPU memory for as long as the study runs.
    if device in {"auto", "cuda"} and torch.cuda.is_available():
        return "cuda"
    return resolve(device).type


def _gpus() -> list[str]:
    listed = os.environ.get("CUDA_VISIBLE_DEVICES")
    count = torch.cuda.device_count()
    return [name.strip() for name in listed.split(",")][:count] if listed else [str(index) for index in range(count)]
