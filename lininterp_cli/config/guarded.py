"""Running a user's own code: its errors become one line, and its output does not reach standard output."""

import sys
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import lininterp_cli
from lininterp_cli.errors import ConfigError, LininterpError

_NOT_THEIRS = (Path(sysconfig.get_path("stdlib")), Path(lininterp_cli.__file__).parent)
_INSTALLED = {"site-packages", "dist-packages"}


@contextmanager
def guarded(what: str, kind: type[LininterpError] = ConfigError) -> Iterator[None]:
    """Turn an exception of a user's code into one line, and print its output on standard error: stdout is for data.

    Args:
        what: The beginning of the message, which names the user's function or file.
        kind: The class of the error.

    Yields:
        Nothing.

    Raises:
        LininterpError: Of the given class, if the body raises an exception or ends the program; it has the exception's
            type, the first line of its message, and the line of the user's code.  An error of the tool is unchanged.
    """
    try:
        with redirect_stdout(sys.stderr):
            yield
    except LininterpError:
        raise
    except (Exception, SystemExit) as error:  # a user's code can raise anything
        words = ": ".join(word for word in (type(error).__name__, str(error).partition("\n")[0]) if word)
        advice = '; put what is done as a script below if __name__ == "__main__":'
        raise kind(f"{what}: {words}{_place(error)}{advice if isinstance(error, SystemExit) else ''}") from error


def _place(error: BaseException) -> str:
    """The innermost line of code that is neither installed nor part of Python; empty if there is none."""
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    theirs = [(path, line) for path, line in frames if path.is_file() and not _is_installed(path)]
    return f" ({theirs[-1][0].name}:{theirs[-1][1]})" if theirs else ""


def _is_installed(path: Path) -> bool:
    return bool(_INSTALLED.intersection(path.parts)) or any(path.is_relative_to(folder) for folder in _NOT_THEIRS)
