"""The errors that a user can correct, as one tree of classes; printing them is left to `cli`.

A message states the given value, the allowed ones, and the next step.  `cli` catches `LininterpError`
once and turns it into one line and an exit code; any other exception is a bug and shows its traceback.

* LininterpError
  - ConfigError          an invalid option or file, or options that contradict each other
    · UnknownNameError   a name that no registry, run or network has; the nearest ones are offered
  - NotFoundError        a run, checkpoint, curve or file that does not exist
  - StoreError           the run store cannot be read, written or locked
    · BusyError          another process is at work on a run
  - DataError            a data set is broken, or could not be fetched
  - StateError           weights that cannot be read, are not finite, or do not fit the network or each other
"""

from collections.abc import Iterable
from difflib import get_close_matches
from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """The exit codes of the command line."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    INTERRUPTED = 130


class LininterpError(Exception):
    """An error that a user can correct; the message is one line."""

    exit_code = ExitCode.FAILED


class ConfigError(LininterpError):
    """An invalid option or file, or options that contradict each other."""

    exit_code = ExitCode.USAGE


class UnknownNameError(ConfigError):
    """A name that is not among the allowed ones; the message offers the nearest.

    Args:
        kind: The kind of name, in the singular (`model`, `block`, `option`).
        name: The given name.
        allowed: Every allowed name.

    Example:
        >>> str(UnknownNameError("model", "resnet81", ["resnet8", "resnet18", "mlp"]))
        "unknown model 'resnet81'; did you mean resnet8 or resnet18? (all: mlp, resnet18, resnet8)"
    """

    def __init__(self, kind: str, name: str, allowed: Iterable[str]) -> None:
        known = sorted(allowed)
        everything = f"(all: {', '.join(known)})" if known else "(there is none)"
        super().__init__(f"unknown {kind} {name!r}{did_you_mean(name, known)} {everything}")


class NotFoundError(LininterpError):
    """A run, checkpoint, curve or file that does not exist."""

    exit_code = ExitCode.NOT_FOUND


class StoreError(LininterpError):
    """The run store cannot be read, written or locked."""

    exit_code = ExitCode.USAGE


class BusyError(StoreError):
    """Another process is at work on a run.

    Args:
        run_id: The run's id.
        lock: The file that the process holds the lock of.
    """

    def __init__(self, run_id: str, lock: Path) -> None:
        super().__init__(f"another process is at work on {run_id}; wait for it or stop it")
        self.run_id, self.lock = run_id, lock


class DataError(LininterpError):
    """A data set is broken, or could not be fetched."""

    exit_code = ExitCode.NOT_FOUND


class StateError(LininterpError):
    """Weights that cannot be read, are not finite, or do not fit the network or each other."""

    exit_code = ExitCode.USAGE


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """A hint at the allowed names nearest to a name, for the message of an error; empty if none is near.

    Args:
        name: The given name.
        allowed: Every allowed name.

    Returns:
        The hint, to be written right after the name.

    Example:
        >>> did_you_mean("barier", ["barrier", "accuracy"]), did_you_mean("x", ["barrier"])
        ('; did you mean barrier?', '')
    """
    near = get_close_matches(name, list(allowed), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(near)}?" if near else ""
