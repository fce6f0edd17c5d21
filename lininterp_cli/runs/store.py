"""The folder of all runs: finds, makes, relabels and deletes them."""

import contextlib
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from lininterp_cli.errors import BusyError, ConfigError, NotFoundError, StoreError
from lininterp_cli.runs.advice import command
from lininterp_cli.runs.files import read_json, write_json
from lininterp_cli.runs.locks import hold, is_held
from lininterp_cli.runs.record import SCHEMA, Record, read_record
from lininterp_cli.runs.run import Run


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of runs."""

    folder: Path
    """The folder given by `--runs`."""
    damaged: dict[str, str] = field(default_factory=dict, compare=False)
    """Folder name to the problem with its record, as found by the last `runs()`."""

    def run(self, record: Record) -> Run:
        """The run of a record, whether or not it is on the disk.

        Args:
            record: The record.

        Returns:
            The run.
        """
        return Run(self.folder / record.id, record)

    def existing(self, run_id: str) -> Run | None:
        """The run with exactly this id, if it exists.

        Args:
            run_id: A full id.

        Returns:
            The run or None.
        """
        folder = self.folder / run_id
        try:
            return Run(folder, read_record(folder / "run.json"))
        except FileNotFoundError:
            return None

    def runs(self) -> list[Run]:
        """Every readable run, newest first; unreadable ones are listed in `damaged`."""
        found: list[Run] = []
        self.damaged.clear()
        try:
            entries = [entry for entry in os.scandir(self.folder) if not entry.name.startswith(".")]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"cannot read the runs in {self.folder}: {error.strerror}") from error
        for entry in entries:
            try:
                if entry.is_dir():
                    found.append(Run(Path(entry.path), read_record(Path(entry.path) / "run.json")))
            except FileNotFoundError:
                continue
            except StoreError as error:
                self.damaged[entry.name] = str(error)
            except OSError as error:  # a symbolic link that leads nowhere but to itself
                self.damaged[entry.name] = f"cannot read {entry.path}: {error.strerror or error}"
        return sorted(found, key=lambda run: (str(run.record.times.get("created", "")), run.id), reverse=True)

    def find(self, reference: str | None) -> Run:
        """The run that a reference denotes.

        Args:
            reference: An id, a unique prefix of one, or a name; None for the newest finished run.

        Returns:
            The run.

        Raises:
            NotFoundError: If there is none; the message suggests the nearest or the newest.
            ConfigError: If the reference fits several.
            StoreError: If it is the name of the folder of a damaged run.
        """
        runs = self.runs()
        is_damaged = reference in self.damaged
        if not runs and not is_damaged:
            raise NotFoundError(f"there are no runs in {self.folder}; make one with: {command(self.folder, 'train')}")
        if reference is None:
            for run in runs:
                if run.record.status == "finished":
                    return run
            raise NotFoundError(f"no run in {self.folder} is finished; see: {command(self.folder, 'runs')}")
        for match in (
            # Usually the id; a copy of a run has the run's id, and only its folder tells the two apart.
            [run for run in runs if run.folder.name == reference],
            [run for run in runs if run.id == reference],
            [run for run in runs if run.record.name == reference],
            [run for run in runs if run.id.startswith(reference) and not is_damaged],
        ):
            if len(match) == 1:
                return match[0]
            if match:
                raise ConfigError(f"{reference!r} means {len(match)} runs: {_some(match)}; give more of the id")
        if is_damaged:
            raise StoreError(self.damaged[reference])
        raise NotFoundError(f"no run {reference!r} in {self.folder}; {_nearest(reference, runs)}")

    def check_name(self, name: str | None, run_id: str) -> None:
        """Check that a name can denote a run, and that no other run has it.

        Args:
            name: The user's name for the run; None for none.
            run_id: The run's full id.

        Raises:
            ConfigError: If another run has the name, or it is that of another endpoint or has a sign of one in it.
        """
        if name is None:
            return
        if re.search(r"[/:@]", name) or re.fullmatch(r"\s*|initial|final|zero|epoch-\d+", name):
            raise ConfigError(
                f"{name!r} cannot name a run: a name has no / : @ and is not empty, initial, final, zero or epoch-N"
            )
        for other in self.runs():
            if other.record.name == name and other.id != run_id:
                raise ConfigError(f"the name {name!r} is {other.id}'s; choose another")

    def amend(self, run_id: str, *, name: str | None = None, tags: Sequence[str] | None = None) -> None:
        """Change the user's name and tags of a run; everything else in its record is unchanged.

        Args:
            run_id: The run's full id.
            name: Its new name; empty for none, None to keep the old one.
            tags: Its new tags; None to keep the old ones.

        Raises:
            StoreError: If a process is at work on it, or there is no such run.
            ConfigError: If it cannot have the name, see `check_name`.
        """  # noqa: DOC502 - some are raised below
        run = self.existing(run_id)
        if run is None:
            raise StoreError(f"cannot change {run_id}: it is not in {self.folder}")
        self.check_name(name or None, run_id)
        with run.lock():
            # Read again under the lock, as a plain dict: keys that this program does not know must be kept.
            content = read_json(run.record_path, SCHEMA)
            if name is not None:
                content["name"] = name or None
            if tags is not None:
                content["tags"] = list(dict.fromkeys(tags))
            write_json(run.record_path, content)

    def delete(self, name: str) -> None:
        """Delete a run, damaged or not, with everything in its folder.

        Of a symbolic link to a folder elsewhere only the link is deleted.

        Args:
            name: The name of the run's folder.

        Raises:
            StoreError: If a process is at work on it, or the folder cannot be deleted.
        """
        folder, grave = self.folder / name, self.folder / f".deleted-{name}-{os.getpid()}"
        lock = folder / "lock"
        if any(map(is_held, (lock, *(folder / "locks").glob("*")))):
            raise StoreError(f"a process is at work on {name}; stop it first")
        if not os.path.lexists(folder):
            raise StoreError(f"cannot delete {folder}: it is not there")
        with hold(lock, lambda: _refuse(name, lock)) if os.path.isdir(folder) else contextlib.nullcontext():
            try:
                if folder.is_symlink():
                    folder.unlink()
                    return
                folder.rename(grave)
                shutil.rmtree(grave)
            except OSError as error:
                with contextlib.suppress(OSError):  # what is left must not be hidden
                    grave.rename(folder)
                raise StoreError(f"cannot delete {folder}: {error.strerror or error}") from error


def _refuse(name: str, lock: Path) -> None:
    raise BusyError(name, lock)


def _some(runs: list[Run]) -> str:
    return ", ".join(run.folder.name for run in runs[:3]) + (", ..." if len(runs) > 3 else "")


def _nearest(reference: str, runs: list[Run]) -> str:
    names = [run.id for run in runs] + [run.record.name for run in runs if run.record.name]
    beginnings = {name[: len(reference)]: name for name in reversed(names)}
    near = [beginnings[beginning] for beginning in get_close_matches(reference, beginnings, n=3, cutoff=0.7)]
    return f"did you mean {' or '.join(near)}?" if near else f"the newest is {runs[0].id}"
