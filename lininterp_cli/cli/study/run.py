"""`study run`: run the cells of a study, here or on a cluster, and resume where it was stopped."""

import contextlib
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from lininterp_cli.cli import options
from lininterp_cli.cli.study.options import (
    Engine,
    GpusPerJob,
    Jobs,
    Only,
    RayAddress,
    Smoke,
    Which,
    Workers,
)
from lininterp_cli.cli.study.status import counts, document, stale_words
from lininterp_cli.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lininterp_cli.study.outcomes import Standing
    from lininterp_cli.study.plan import Study
    from lininterp_cli.study.running import Engine as Working
    from lininterp_cli.study.running import Order

_ADVICE = "what is done is kept; the same command goes on"


def run(
    reference: Which,
    engine: Engine = None,
    jobs: Jobs = None,
    gpus_per_job: GpusPerJob = None,
    only: Only = None,
    smoke: Smoke = False,
    ray_address: RayAddress = None,
    device: options.Device = "auto",
    data_dir: options.DataDir = options.DATA,
    folder: options.Runs = options.RUNS,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Do what a study asks: train its cells, and take their steps.

    Cells that are done are skipped, whichever study made their runs. A cell that fails is tried once more at the
    end, and holds nothing up. Several of these commands share the work of one study.

    For example:

        lininterp study run weight-decay --smoke

        lininterp study run my.toml --jobs 8 --gpus-per-job 0.25

        lininterp study run my.toml --only 17
    """
    from lininterp_cli.cli.output import interruptible, say, show_json
    from lininterp_cli.study.reading import find_study

    workers = Workers(engine, jobs, gpus_per_job, ray_address)
    _check(workers, only)
    study = find_study(reference)
    study = study.shrunk() if smoke else study
    place = options.Place(folder, data_dir, device)
    with interruptible(_ADVICE):
        if only is not None:
            standings = _do_here(study, only, place, quiet)
        else:
            with _copy(reference) as file:
                standings = _do_all(study, _words(file, smoke, place), workers, place, quiet)
    if as_json:
        show_json(document(study, standings, folder))
    else:
        say(f"{study.name}: {counts(standings)}", quiet)
    if any(one.state != "done" for one in standings):
        _complain(study, standings, folder)
        raise typer.Exit(ExitCode.FAILED)


class _Teller:
    """Prints the cells that have been worked on.

    Args:
        standings: Every cell with its state at the beginning.
        quiet: Print nothing.
    """

    def __init__(self, standings: "list[Standing]", quiet: bool) -> None:
        self._num_cells, self._quiet = len(standings), quiet
        self._done = [one.cell.label for one in standings if one.state == "done"]

    def told(self, standing: "Standing") -> None:
        """Print a cell that was worked on, with its state."""
        from lininterp_cli.cli.output import say
        from lininterp_cli.view.text import duration, printable

        if standing.state == "done":
            self._done.append(standing.cell.label)  # appending to a list is safe from any thread
        words = f"[{len(set(self._done))}/{self._num_cells}] {standing.state}: {printable(standing.cell.label)}"
        if standing.outcome is not None:
            states = {one.status for one in standing.outcome.made} - {"finished"}
            words += f" ({'; '.join([duration(standing.outcome.seconds), *sorted(map(printable, states))])})"
            words += f": {printable(standing.outcome.error)}" * bool(standing.outcome.error)
        say(words, self._quiet)


def _check(workers: Workers, only: str | None) -> None:
    if only is not None:
        for name, value in asdict(workers).items():
            if value is not None:
                flag = f"--{name.replace('_', '-')}"
                raise ConfigError(f"--only works in this process, one cell after the other; leave {flag} out")
    if workers.ray_address is not None and workers.engine != "ray":
        raise ConfigError("--ray-address is of --engine ray; give both")


@contextlib.contextmanager
def _copy(reference: str) -> "Iterator[Path]":
    """A copy of a study's file: processes that begin later do the cells of now, whatever becomes of the file."""
    from lininterp_cli.study.reading import file_of

    original = file_of(reference)
    with tempfile.TemporaryDirectory(prefix="lininterp-") as folder:
        yield Path(shutil.copy(original, folder))


def _words(file: Path, smoke: bool, place: options.Place) -> tuple[str, ...]:
    where = ("--runs", str(place.runs), "--data-dir", str(place.data), "--device", place.device)
    return "study", "run", *where, *(["--smoke"] if smoke else []), str(file)


def _do_all(
    study: "Study", words: tuple[str, ...], workers: Workers, place: options.Place, quiet: bool
) -> "list[Standing]":
    """Run every cell that is not done, by several workers."""
    from lininterp_cli.cli.output import say
    from lininterp_cli.runs.store import Store
    from lininterp_cli.study.feasible import sizes_in
    from lininterp_cli.study.outcomes import stale, standing
    from lininterp_cli.study.running import Order, check_all, finish, set_aside

    cells = study.cells()
    old = stale(place.runs, study, cells)
    if old:
        say(stale_words(old), quiet)
    before = [standing(place.runs, study, cell) for cell in cells]
    left = [one.cell for one in before if one.state != "done"]
    lacking = check_all(study, left, sizes_in(place.data), Store(place.runs))
    told = _Teller(before, quiet).told
    order = Order(study=study, words=words, runs=place.runs, device=place.device, told=told)
    set_aside(order, before, lacking)
    with _engine(order, workers, place) as engine:
        if left:
            # The processes need a while until the first cell is done.
            say(f"{study.name}: {counts(before)}; Ctrl-C stops it, and the same command goes on", quiet)
        return finish(study, cells, place.runs, engine, lacking)


@contextlib.contextmanager
def _engine(order: "Order", workers: Workers, place: options.Place) -> "Iterator[Working]":
    if workers.engine == "ray":
        from lininterp_cli.study.cluster import ray_engine

        address, jobs, share = workers.ray_address, workers.jobs, workers.gpus_per_job
        with ray_engine(order, place.data, address, jobs, share) as engine:
            yield engine
    else:
        from lininterp_cli.study.running import local_engine

        yield local_engine(order, workers.jobs, workers.gpus_per_job)


def _do_here(study: "Study", only: str, place: options.Place, quiet: bool) -> "list[Standing]":
    """Run the cells that `only` selects, in this process."""
    from lininterp_cli.cli.output import say
    from lininterp_cli.landscape.interpolate import Ground
    from lininterp_cli.runs.store import Store
    from lininterp_cli.study.estimate import size_of
    from lininterp_cli.study.outcomes import settled
    from lininterp_cli.study.running import check_all
    from lininterp_cli.study.selection import select
    from lininterp_cli.study.work import work
    from lininterp_cli.training.device import resolve

    cells = study.cells()
    chosen = select(cells, only)
    store = Store(place.runs)
    check_all(study, chosen, size_of, store)
    ground = Ground(store=store, data_folder=place.data, device=resolve(place.device))
    for cell in chosen:
        say(f"cell {cells.index(cell)}: {cell.label}", quiet)
        work(study, cell, ground, lambda line: say(line, quiet))
    return [settled(place.runs, study, cell) for cell in chosen]


def _complain(study: "Study", standings: "list[Standing]", folder: Path) -> None:
    from lininterp_cli.study.outcomes import log_path
    from lininterp_cli.view.text import printable

    for one in standings:
        if one.state != "done":
            why = f": {one.outcome.error}" if one.outcome is not None and one.outcome.error else ""
            log = log_path(folder, study, one.cell)
            where = f" (see {log})" if log.exists() else ""
            print(printable(f"{one.state}: {one.cell.label}{why}{where}"), file=sys.stderr)
