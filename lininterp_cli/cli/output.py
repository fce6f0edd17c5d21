"""The output of commands: data on stdout, messages on stderr."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from lininterp_cli.errors import ConfigError, ExitCode, LininterpError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from lininterp_cli.view.look import Look


class StoppedError(LininterpError):
    """The user stopped a command; the message states whether anything is kept."""

    exit_code = ExitCode.INTERRUPTED


Things = Callable[[int, "Look"], Iterable["RenderableType"]]
"""Takes the width in columns and the look; returns Rich renderables."""


def show(things: Things) -> None:
    """Print tables, plots and texts on standard output, no wider than it is.

    Args:
        things: Makes the renderables.
    """
    from lininterp_cli.view.terminal import detect

    seen, out = detect(sys.stdout), console(sys.stdout)
    for thing in things(seen.width, seen.look):
        out.print(thing)


def picture(path: Path, title: str, things: Things) -> None:
    """Write renderables to an SVG file as they look on 80 columns in full colour.

    Args:
        path: The file.
        title: Title of the drawn window.
        things: Makes the renderables.
    """
    import io

    from rich.console import Console
    from rich.terminal_theme import MONOKAI

    from lininterp_cli.runs.files import replace
    from lininterp_cli.view.look import Look
    from lininterp_cli.view.picture import without_fonts

    paper = Console(
        file=io.StringIO(), record=True, width=80, force_terminal=True, color_system="truecolor", highlight=False
    )
    for thing in things(80, Look()):
        paper.print(thing, markup=False)
    drawing = without_fonts(paper.export_svg(title=title, theme=MONOKAI))
    replace(path, lambda temporary: temporary.write_text(drawing, encoding="utf-8"))


def check_picture(path: Path | None) -> None:
    """Check that a picture can be written, before anything is measured for it.

    Args:
        path: The file of `--svg`; None if it was not given.

    Raises:
        ConfigError: If it is no SVG file in a folder that is there.
    """
    if path is None:
        return
    if path.suffix.lower() != ".svg" or path.is_dir():
        raise ConfigError(f"--svg takes a file whose name ends in .svg, not {path}")
    if not path.parent.is_dir():
        raise ConfigError(f"--svg {path}: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise ConfigError(f"--svg {path}: cannot write in {path.parent}; choose another folder")


def console(stream: Any) -> "Console":
    """A Rich console on a stream, as wide as the terminal.

    Args:
        stream: Standard output or standard error.

    Returns:
        The console; it prints texts literally, without markup.
    """
    from rich.console import Console

    from lininterp_cli.view.terminal import detect

    seen = detect(stream)
    return Console(
        file=stream, width=seen.width, no_color=not seen.look.color, markup=False, highlight=False, soft_wrap=False
    )


def say(text: str, quiet: bool = False) -> None:
    """Print a message on standard error.

    Args:
        text: The message.
        quiet: Print nothing.
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
    """Turn Ctrl-C and SIGTERM into one clear line and exit code 130; nothing within prints on standard output.

    A user's network may print whenever it computes, and standard output is for data.

    Args:
        advice: The end of the line: whether anything is kept, and how to go on.

    Yields:
        Nothing.

    Raises:
        StoppedError: If the user stopped the body.
    """

    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with redirect_stdout(sys.stderr):
            yield
    except KeyboardInterrupt:
        raise StoppedError(f"stopped; {advice}") from None
    finally:
        signal.signal(signal.SIGTERM, before)
