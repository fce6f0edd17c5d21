"""One run: the paths of its files, whose formats are defined elsewhere, its state, and its locks."""

import contextlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lininterp_cli.errors import BusyError, StoreError
from lininterp_cli.runs.locks import hold, is_held
from lininterp_cli.runs.record import Record, Status


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its folder and its record as it was when read."""

    folder: Path
    """`<runs>/<run-id>`."""
    record: Record
    """The content of `run.json`."""

    @property
    def id(self) -> str:
        """The run's id."""
        return self.record.id

    @property
    def record_path(self) -> Path:
        """`run.json`."""
        return self.folder / "run.json"

    @property
    def metrics_path(self) -> Path:
        """`metrics.jsonl`: one line per epoch."""
        return self.folder / "metrics.jsonl"

    @property
    def resume_folder(self) -> Path:
        """The folder of an unfinished run's last position, for resuming it."""
        return self.folder / "resume"

    @property
    def curves_folder(self) -> Path:
        """The folder of the run's curves."""
        return self.folder / "curves"

    @property
    def measures_folder(self) -> Path:
        """The folder of the run's measures other than curves."""
        return self.folder / "measures"

    @property
    def position_path(self) -> Path:
        """`resume/position.json`: the last position; without it an unfinished run begins anew."""
        return self.resume_folder / "position.json"

    def checkpoint_path(self, name: str) -> Path:
        """The file of a checkpoint.

        Args:
            name: `initial`, `final` or `epoch-0005`.

        Returns:
            Its path, whether or not it exists.
        """
        return self.folder / "checkpoints" / f"{name}.safetensors"

    def checkpoints(self) -> list[str]:
        """The names of the existing checkpoints, from first to last."""
        names = [path.stem for path in (self.folder / "checkpoints").glob("*.safetensors")]
        return sorted(names, key=lambda name: (name != "initial", name == "final", name))

    def curve_paths(self) -> list[Path]:
        """The run's curve files, oldest first."""
        return curve_paths(self.folder)

    def metrics(self) -> list[dict[str, Any]]:
        """The lines of `metrics.jsonl`, one per epoch; an incomplete line ends the list."""
        rows: list[dict[str, Any]] = []
        with contextlib.suppress(OSError, ValueError, RecursionError):
            for line in self.metrics_path.read_bytes().split(b"\n"):
                row = json.loads(line)
                if not isinstance(row, dict):
                    break
                rows.append(row)
        return rows

    def status(self) -> Status:
        """The present status: `interrupted` if the record has `running` but no process is at work on the run."""
        if self.record.status == "running" and not self.is_locked():
            return "interrupted"
        return self.record.status

    def is_locked(self) -> bool:
        """Whether a process is at work on the run."""
        return is_held(self._lock_path)

    def lock(self) -> AbstractContextManager[None]:
        """Lock the run against every other process; the system releases the lock when this one dies, however it dies.

        Returns:
            A context; entering it raises BusyError if another process holds the lock, StoreError if the folder cannot
            be written.
        """
        return hold(self._lock_path, self.refuse)

    def refuse(self) -> None:
        """Raise BusyError: another process is at work on the run."""
        raise BusyError(self.id, self._lock_path)

    @property
    def _lock_path(self) -> Path:
        return self.folder / "lock"

    def measuring(self, name: str, told: Callable[[str], None]) -> AbstractContextManager[None]:
        """Hold the lock of one curve or measure, so that no other process measures it or deletes the run.

        Args:
            name: The curve's or the measure's name.
            told: Called with a message if another process measures it; it is waited for.

        Returns:
            A context; entering it raises StoreError if the folder cannot be written.
        """
        self.check_present()
        words = f"another process measures {name} of {self.id}; waiting for it"
        return hold(self.folder / "locks" / name, lambda: told(words))

    def check_present(self) -> None:
        """Raise StoreError if the run was deleted, so that nothing is written where it was."""
        if not self.record_path.is_file():
            raise StoreError(f"{self.id} is no longer in {self.folder.parent}; nothing more is written")


def curve_paths(folder: Path) -> list[Path]:
    """The curve files of a run, oldest first.

    Args:
        folder: The run's folder.

    Returns:
        Their paths.
    """
    return sorted((folder / "curves").glob("*.json"), key=_age)


def _age(path: Path) -> tuple[float, str]:
    try:
        return path.stat().st_mtime, path.name
    except OSError:
        return 0.0, path.name
