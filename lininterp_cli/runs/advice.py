"""Command lines of `lininterp` that messages advise."""

import shlex
from pathlib import Path

RUNS = Path("runs")
"""The run store of a command without `--runs`."""


def command(store: Path, *words: str) -> str:
    """A command line of `lininterp` that finds the runs of a store when it is pasted into a shell.

    Args:
        store: The folder of the runs.
        words: The command and its arguments.

    Returns:
        The command line, quoted for a shell; `--runs` ends it unless the store is the one without it.

    Example:
        >>> command(Path("runs"), "train"), command(Path("my runs"), "interpolate", "r-1")
        ('lininterp train', "lininterp interpolate r-1 --runs 'my runs'")
    """
    where = () if store == RUNS else ("--runs", str(store))
    return shlex.join(("lininterp", *words, *where))
