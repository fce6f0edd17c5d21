"""From a study to its outcomes: what is not done is worked on, what failed is tried once more at the end."""

import functools
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from lininterp_cli.errors import ConfigError, DataError, LininterpError, NotFoundError
from lininterp_cli.study.feasible import SizeOf, check_feasible
from lininterp_cli.study.local import Slot, cpu_slots, gpu_slots, how_it_ended, run_processes, shares
from lininterp_cli.study.outcomes import Standing, log_path, standing
from lininterp_cli.study.plan import Cell, Study
from lininterp_cli.study.steps import check
from lininterp_cli.study.work import fail
from lininterp_cli.training import recipe
from lininterp_cli.training.device import resolve

Engine = Callable[[Sequence[Cell]], None]
"""Works on cells, so many at a time; whatever becomes of one, the rest goes on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A study that is to be done, and where."""

    study: Study
    """The study."""
    words: tuple[str, ...]
    """The command line that does one of its cells, after `lininterp` and but for which."""
    runs: Path
    """The folder that holds the runs."""
    device: str
    """What computes."""
    told: Callable[[Standing], None]
    """Told how a cell stands that was worked on, in any thread."""


def check_all(study: Study, cells: Sequence[Cell], size_of: SizeOf) -> dict[str, str]:
    """Make sure that cells can be computed, before anything is spent.

    What a study file says wrongly refuses all of it.  What is not there, such as a data set, concerns the cells that
    need it alone.

    Args:
        study: The study.
        cells: Those that are meant.
        size_of: Gives the sizes of data sets; `sizes_in` makes sure that they are there, `estimate.size_of` leaves
            them alone.

    Returns:
        Group to what its cells lack.

    Raises:
        ConfigError: If one cannot, with which; also where every cell lacks something.
    """
    seen: set[str] = set()
    lacking: dict[str, str] = {}
    for cell in cells:
        if cell.group in seen:  # seeds differ in nothing that could be wrong
            continue
        seen.add(cell.group)
        try:
            check(cell)
            size_of(recipe.resolve(cell.config))
            check_feasible(cell, size_of)
        except (DataError, NotFoundError) as error:
            lacking[cell.group] = str(error)
        except LininterpError as error:
            raise ConfigError(f"{study.name}: {cell.group}: {error}") from error
    if lacking and len(lacking) == len(seen):
        group, why = next(iter(lacking.items()))
        raise ConfigError(f"{study.name}: {group}: {why}")
    return lacking


def set_aside(order: Order, standings: Sequence[Standing], lacking: Mapping[str, str]) -> None:
    """Keep why cells failed that lack something, but of those that are done or that another process works on.

    Args:
        order: What is to be done; told of each.
        standings: How its cells stand.
        lacking: Group to what its cells lack, see `check_all`.
    """
    for one in standings:
        if one.cell.group in lacking and one.state not in {"done", "running"}:
            fail(order.runs, order.study, one.cell, lacking[one.cell.group])
            order.told(standing(order.runs, order.study, one.cell))


def finish(
    study: Study, cells: Sequence[Cell], runs: Path, engine: Engine, lacking: Collection[str] = ()
) -> list[Standing]:
    """Work on what is not done.

    What another process works on comes last, and so does what failed, which is tried once more.

    Args:
        study: The study.
        cells: Those that are meant.
        runs: The folder that holds the runs.
        engine: Who does it.
        lacking: Groups whose cells are left alone, as they lack something.

    Returns:
        How each cell stands afterwards.
    """
    distinct = {cell.digest: cell for cell in cells if cell.group not in lacking}
    for is_last in (False, True):
        now = [standing(runs, study, cell) for cell in distinct.values()]
        left = [one.cell for one in now if one.state != "done" and (is_last or one.state != "running")]
        if left:
            engine(left)
    return [standing(runs, study, cell) for cell in cells]


def local_engine(order: Order, num_jobs: int | None, gpus_per_job: float | None) -> Engine:
    """Processes on this machine.

    Args:
        order: What is to be done.
        num_jobs: How many at a time; None for as many as there is room for.
        gpus_per_job: The share of a GPU that each gets; None for a whole one.

    Returns:
        The engine.

    Raises:
        ConfigError: If GPUs are to be shared and there is none.
    """
    kind = _kind(order.device)
    if gpus_per_job is not None and kind != "cuda":
        raise ConfigError(f"--gpus-per-job needs an NVIDIA GPU, and the device is {kind}")
    log = functools.partial(log_path, order.runs, order.study)

    def slots(num_cells: int) -> list[Slot]:
        share = 1.0 if gpus_per_job is None else gpus_per_job
        if kind == "cuda" and ":" not in order.device:
            return gpu_slots(num_jobs, num_cells, _gpus(), share)
        # One accelerator, by its own name; or none.
        return cpu_slots(num_jobs or {"cpu": None, "cuda": shares(share)}.get(kind, 1), num_cells)

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
    # Asking torch for the present GPU would take memory of it for as long as the study lasts.
    if device in {"auto", "cuda"} and torch.cuda.is_available():
        return "cuda"
    return resolve(device).type


def _gpus() -> list[str]:
    listed = os.environ.get("CUDA_VISIBLE_DEVICES")
    count = torch.cuda.device_count()
    return [name.strip() for name in listed.split(",")][:count] if listed else [str(index) for index in range(count)]
