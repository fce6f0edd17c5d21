"""What a user can do wrong, as one tree of errors; it must not know how they are printed.

A message says what was given, what is allowed, and what to do next.  `cli` catches `LininterpError`
once and turns it into one line and an exit code; anything else is a bug and shows its traceback.

* LininterpError
  - ConfigError          an option, a file or a combination of them that cannot be meant
    · UnknownNameError   a name that no registry, run or network has; the nearest ones are offered
  - NotFoundError        a run, checkpoint, curve or data set that is not there
  - StoreError           the run store cannot be read, written or locked
  - DataError            a data set is broken, or could not be fetched
  - StateError           weights that do not fit the network they are meant for
"""

from collections.abc import Iterable
from difflib import get_close_matches
from enum import IntEnum


class ExitCode(IntEnum):
    """What the command line returns to the shell."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    INTERRUPTED = 130


class LininterpError(Exception):
    """Anything a user can set right; the message is one line."""

    exit_code = ExitCode.FAILED


class ConfigError(LininterpError):
    """An option, a file or a combination of them that cannot be meant."""

    exit_code = ExitCode.USAGE


class UnknownNameError(ConfigError):
    """A name that is not among the allowed ones; the message offers the nearest.

    Args:
        kind: What was looked for, in the singular (`model`, `block`, `option`).
        name: What was given.
        allowed: Every name that would have been right.

    Example:
        >>> str(UnknownNameError("model", "resnet81", ["resnet8", "resnet18", "mlp"]))
        "unknown model 'resnet81'; did you mean resnet8 or resnet18? (all: mlp, resnet18, resnet8)"
    """

    def __init__(self, kind: str, name: str, allowed: Iterable[str]) -> None:
        known = sorted(allowed)
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        everything = f"(all: {', '.join(known)})" if known else "(there is none)"
        super().__init__(f"unknown {kind} {name!r}{hint} {everything}")


class NotFoundError(LininterpError):
    """A run, checkpoint, curve or data set that is not there."""

    exit_code = ExitCode.NOT_FOUND


class StoreError(LininterpError):
    """The run store cannot be read, written or locked."""

    exit_code = ExitCode.USAGE


class DataError(LininterpError):
    """A data set is broken, or could not be fetched."""

    exit_code = ExitCode.NOT_FOUND


class StateError(LininterpError):
    """Weights that do not fit the network they are meant for."""

    exit_code = ExitCode.USAGE
