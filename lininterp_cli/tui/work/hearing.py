"""Reads the jobs of a store: the state of each, its run, and the last line of its log; it draws nothing.

One `Ear` is used by one thread at a time.
"""

from dataclasses import dataclass, field
from pathlib import Path

from lininterp_cli.runs.job_log import run_of, tail
from lininterp_cli.runs.jobs import Job, jobs
from lininterp_cli.tui.stamps import Stamp, stamp_of

NUM_HEARD = 50
"""Maximum number of jobs that are listed; older ones stay on the disk until they are removed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One job, its run, and the end of its log."""

    job: Job
    """The job."""
    run: str | None = None
    """Id or name of the run it works on; None if that is not known."""
    line: str = ""
    """The last line of its log, or else the error of a damaged job."""
    written: float = 0.0
    """Time of the last write to its log, in seconds since 1970."""


@dataclass(slots=True)
class Ear:
    """Reads the jobs of a store; a log that has not changed is not read again."""

    runs: Path
    """The run store."""
    _known: dict[str, tuple[Stamp, str | None, str]] = field(default_factory=dict)

    def listen(self) -> tuple[Heard, ...]:
        """Read the jobs with the ends of their logs.

        Returns:
            At most NUM_HEARD jobs, newest first.
        """
        found = jobs(self.runs)[:NUM_HEARD]
        self._known = {job.id: self._said(job) for job in found}
        return tuple(
            Heard(job=job, run=run, line=line or job.error, written=stamp[1] / 1e9)
            for job, (stamp, run, line) in zip(found, self._known.values(), strict=True)
        )

    def _said(self, job: Job) -> tuple[Stamp, str | None, str]:
        stamp, known = stamp_of(job.log_path), self._known.get(job.id)
        if known is not None and known[0] == stamp:
            return known
        return stamp, run_of(job), next(iter(tail(job, 1)), "")
