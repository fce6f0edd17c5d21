"""The devices that measure one line, and the ledger they write to.

They measure a list of jobs; `walk` decides which.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from lininterp_cli.config.identity import digest_of
from lininterp_cli.data.dataset import Split
from lininterp_cli.landscape.engine.estimates import places_in
from lininterp_cli.landscape.engine.plan import Point
from lininterp_cli.landscape.engine.sweep import Outcomes, Sweep
from lininterp_cli.landscape.ledger import Ledger, Place

Points = dict[int, tuple[float, ...]]
"""Index of a walker, that is a path, to its alphas."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a measurement; its totals may grow as more points are added."""

    moving: str
    """The block that moves at the point just measured."""
    rows: int
    """Examples times points measured so far, in this walk."""
    num_rows: int
    """Their expected total."""
    chunk: int
    """The chunk that is being measured, from 1."""
    num_chunks: int
    """Expected number of chunks."""


@dataclass(frozen=True, slots=True)
class Job:
    """Points to be measured on some consecutive examples."""

    split: str
    """The split."""
    rows: slice
    """The examples, as a slice of the split's order."""
    points: Points
    """The points; empty if all of them are measured already."""

    @property
    def num_rows(self) -> int:
        """Examples times points."""
        num_examples: int = self.rows.stop - self.rows.start
        return num_examples * sum(map(len, self.points.values()))

    def __iter__(self) -> Iterator[Point]:
        return ((index, alpha) for index, alphas in self.points.items() for alpha in alphas)


class Crew:
    """Measures jobs on several devices and writes the outcomes to a ledger.

    Args:
        sweeps: The sweep of the line on each device.
        keys: The name of each path in the ledger.
        train: The training examples that BatchNorm statistics are estimated on.
        ledger: The outcomes measured so far.
        on_progress: Called after each pass.
    """

    def __init__(
        self,
        sweeps: Sequence[Sweep],
        keys: Sequence[str],
        train: Split,
        ledger: Ledger,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._sweeps, self._keys, self._train, self._ledger = sweeps, keys, train, ledger
        self._on_progress = on_progress
        self._estimated: set[Point] = set()
        self._rows = self._num_rows = self._chunk = self._num_chunks = 0
        self._lock = threading.Lock()

    def lacks(self, split: str, rows: slice, points: Points) -> Job:
        """The job of measuring those points that are not yet measured on all of some examples.

        Args:
            split: The split.
            rows: The examples.
            points: The points.

        Returns:
            The job; without points if all are measured.
        """
        missing = {
            index: tuple(
                alpha for alpha in alphas if self._ledger.num_known(split, self._place(index, alpha)) < rows.stop
            )
            for index, alphas in points.items()
        }
        return Job(split, rows, {index: alphas for index, alphas in missing.items() if alphas})

    def measure(self, jobs: Sequence[Job]) -> Iterator[Job]:
        """Measure jobs, as many at a time as there are devices.

        Args:
            jobs: The jobs.

        Yields:
            Each job, in order, once its outcomes are in the ledger.
        """
        work = [job for job in jobs if job.points]
        self._num_chunks += len(work)
        self._num_rows += sum(job.num_rows for job in work)
        self._estimate(list(dict.fromkeys(point for job in work for point in job)))
        found = self._all_outcomes(work)
        for job in jobs:
            if job.points:
                outcomes = next(found)
                self._chunk += 1
                self._ledger.add(job.split, job.rows.start, [self._place(*point) for point in job], *outcomes)
            yield job

    def _all_outcomes(self, work: Sequence[Job]) -> Iterator[Outcomes]:
        """The outcomes of jobs, in the order of the jobs."""
        num = len(self._sweeps)
        with ExitStack() as threads:
            # The first device is driven from this thread, so that Ctrl-C ends its work at once.
            workers = [threads.enter_context(ThreadPoolExecutor(1)) for _ in self._sweeps[1:]]
            for first in range(0, len(work), num):
                mine, *theirs = work[first : first + num]
                others = zip(workers, self._sweeps[1:], theirs, strict=False)
                running = [worker.submit(self._outcomes, sweep, job) for worker, sweep, job in others]
                yield self._outcomes(self._sweeps[0], mine)
                yield from (future.result() for future in running)

    def _outcomes(self, sweep: Sweep, job: Job) -> Outcomes:
        def on_rows(moving: str, num_rows: int) -> None:
            with self._lock:
                # A pass that ran out of memory is reported twice.
                self._rows = min(self._rows + num_rows, self._num_rows)
                chunk = min(self._chunk + 1, self._num_chunks)
                self._on_progress(Progress(moving, self._rows, self._num_rows, chunk, self._num_chunks))

        return sweep.measure(job.split, job.rows, job.points, on_rows)

    def _estimate(self, points: list[Point]) -> None:
        """Estimate the BatchNorm statistics of points that lack them, if the treatment estimates any."""
        if not self._sweeps[0].estimates_statistics:
            return
        for path in sorted(self._ledger.folder.glob("statistics-*")) if self._ledger.folder is not None else ():
            places = places_in(path)
            # A file can only be read whole, so one that holds paths of another question is skipped.
            known = [
                (self._keys.index(key), alpha) for key, alpha in places if {key for key, _ in places} <= {*self._keys}
            ]
            if any(point in known for point in points if point not in self._estimated):
                self._see_batches(known, path)
        missing = [point for point in points if point not in self._estimated]
        if missing:
            name = f"statistics-{digest_of([self._place(*point) for point in missing])[:8]}.safetensors"
            self._see_batches(missing, self._ledger.folder / name if self._ledger.folder is not None else None)

    def _see_batches(self, points: list[Point], path: Path | None) -> None:
        first = self._sweeps[0]
        estimates = first.begin_estimates(points)
        if path is not None:
            estimates.read(path, self._keys)
        for _ in first.estimate(estimates, self._train):
            if path is not None:
                estimates.write(path, self._keys)
        for sweep in self._sweeps:
            sweep.adopt(estimates)
        self._estimated.update(points)

    def _place(self, index: int, alpha: float) -> Place:
        return self._keys[index], alpha
