"""The devices that measure one line, and the ledger they write into.

What they are told to measure is a list of jobs; which jobs there are is decided elsewhere.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from lininterp_cli.config.identity import digest_of
from lininterp_cli.data.dataset import Split
from lininterp_cli.landscape.estimates import places_in
from lininterp_cli.landscape.ledger import Ledger, Place
from lininterp_cli.landscape.plan import Point
from lininterp_cli.landscape.sweep import Outcomes, Sweep

Points = dict[int, tuple[float, ...]]
"""Walker's index to alphas."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a walk is, as far as is known: what is asked for may grow."""

    moving: str
    """What moves in the point that is done."""
    rows: int
    """Examples times points that are measured, in this walk."""
    num_rows: int
    """How many there will be."""
    chunk: int
    """The chunk that is being measured, from 1."""
    num_chunks: int
    """How many there will be."""


@dataclass(frozen=True, slots=True)
class Job:
    """Points to be measured on some consecutive examples."""

    split: str
    """The split."""
    rows: slice
    """The examples."""
    points: Points
    """The points; none where all of them are known."""

    @property
    def num_rows(self) -> int:
        """Examples times points."""
        num_examples: int = self.rows.stop - self.rows.start
        return num_examples * sum(map(len, self.points.values()))

    def __iter__(self) -> Iterator[Point]:
        return ((index, alpha) for index, alphas in self.points.items() for alpha in alphas)


class Crew:
    """Devices and their ledger.

    Args:
        sweeps: The line on each device.
        keys: What each path moves, by the name it has in the ledger.
        train: The training examples that statistics are estimated on.
        ledger: What is known, and where it is kept.
        on_progress: Told after each pass.
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
        """The part of some points that is not measured yet.

        Args:
            split: The split.
            rows: Some examples.
            points: Some points.

        Returns:
            The job.
        """
        missing = {
            index: tuple(
                alpha for alpha in alphas if self._ledger.num_known(split, self._place(index, alpha)) < rows.stop
            )
            for index, alphas in points.items()
        }
        return Job(split, rows, {index: alphas for index, alphas in missing.items() if alphas})

    def measure(self, jobs: Sequence[Job]) -> Iterator[Job]:
        """Do jobs, as many at a time as there are devices.

        Args:
            jobs: The jobs.

        Yields:
            Each job, in their order, when its outcomes are in the ledger.
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
        """The outcomes of jobs in their order."""
        num = len(self._sweeps)
        with ExitStack() as threads:
            # The first device's work is this thread's own, so that Ctrl-C ends it at once.
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
                # A pass that ran out of memory is told twice.
                self._rows = min(self._rows + num_rows, self._num_rows)
                chunk = min(self._chunk + 1, self._num_chunks)
                self._on_progress(Progress(moving, self._rows, self._num_rows, chunk, self._num_chunks))

        return sweep.measure(job.split, job.rows, job.points, on_rows)

    def _estimate(self, points: list[Point]) -> None:
        """Estimate the statistics of points that lack them, where that is the treatment."""
        if not self._sweeps[0].estimates_statistics:
            return
        for path in sorted(self._ledger.folder.glob("statistics-*")) if self._ledger.folder is not None else ():
            places = places_in(path)
            # A file of another question's paths is whole only with all of them.
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
