"""How commands speak: data on stdout, narration on stderr."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from lininterp_cli.errors import ExitCode, LininterpError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


class StoppedError(LininterpError):
    """The user stopped a command; what it had done is kept."""

    exit_code = ExitCode.INTERRUPTED


def looks() -> dict[str, Any]:
    """What standard output can show, as every function of `view` takes it: width, ascii, color."""
    from lininterp_cli.view.terminal import detect

    seen = detect(sys.stdout)
    return {"width": seen.width, "ascii": seen.ascii, "color": seen.color}


def show(*things: "RenderableType") -> None:
    """Print tables, plots and texts on standard output, no wider than it is.

    Args:
        *things: What Rich can render.
    """
    for thing in things:
        console(sys.stdout).print(thing)


def console(stream: Any) -> "Console":
    """A Rich console on a stream, as wide as the terminal.

    Args:
        stream: Standard output or standard error.

    Returns:
        The console; it takes texts as they are, without markup.
    """
    from rich.console import Console

    from lininterp_cli.view.terminal import detect

    seen = detect(stream)
    return Console(
        file=stream, width=seen.width, no_color=not seen.color, markup=False, highlight=False, soft_wrap=False
    )


def say(text: str, quiet: bool = False) -> None:
    """Tell the user something on standard error.

    Args:
        text: What to say.
        quiet: Say nothing.
    """
    if not quiet:
        print(text, file=sys.stderr, flush=True)


def show_json(content: Any) -> None:
    """Print plain data as JSON on standard output.

    Args:
        content: The data.
    """
    print(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False))


@contextmanager
def interruptible(advice: str) -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into one clear line and exit code 130.

    Args:
        advice: What was kept and how to go on.

    Yields:
        Nothing.

    Raises:
        StoppedError: If the user stopped what was done inside.
    """

    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        raise StoppedError(f"stopped; {advice}") from None
    finally:
        signal.signal(signal.SIGTERM, before)
