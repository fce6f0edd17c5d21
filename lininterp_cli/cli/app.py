"""The command `lininterp`: registers its commands, and turns errors into exit codes.

Nothing heavier than typer is imported before a command runs, so that `--help` is fast.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

import lininterp_cli
from lininterp_cli.cli.barriers import barriers
from lininterp_cli.cli.catalogue import catalogue
from lininterp_cli.cli.compare import compare
from lininterp_cli.cli.demo import demo
from lininterp_cli.cli.explore import tui
from lininterp_cli.cli.interpolate import interpolate
from lininterp_cli.cli.interrupts import interrupts_kept
from lininterp_cli.cli.measure import app as measure
from lininterp_cli.cli.plot import plot
from lininterp_cli.cli.reset_block import reset_block
from lininterp_cli.cli.store import remove, runs, show
from lininterp_cli.cli.study.commands import study
from lininterp_cli.cli.take_in import take_in
from lininterp_cli.cli.train import train
from lininterp_cli.errors import ExitCode, LininterpError
from lininterp_cli.runs.job_start import heed_stop

app = typer.Typer(
    name="lininterp",
    help="What the loss does on the straight line from a network's initial to its final weights, layer by layer.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, command, panel in (
    ("demo", demo, "Begin"),
    ("train", train, "Make runs"),
    ("reset-block", reset_block, "Make runs"),
    ("import", take_in, "Make runs"),
    ("interpolate", interpolate, "Look at them"),
    ("plot", plot, "Look at them"),
    ("barriers", barriers, "Look at them"),
    ("compare", compare, "Look at them"),
    ("tui", tui, "Look at them"),
    ("runs", runs, "Keep them"),
    ("show", show, "Keep them"),
    ("rm", remove, "Keep them"),
    ("list", catalogue, "Begin"),
):
    app.command(name, rich_help_panel=panel)(command)
app.add_typer(measure, name="measure", rich_help_panel="Look at them")
app.add_typer(study, name="study", rich_help_panel="Make runs")


@app.callback(invoke_without_command=True)
def version(
    show_version: bool = typer.Option(False, "--version", help="Print the version.", is_eager=True),
) -> None:
    """Print the version where it is asked for."""
    if show_version:
        print(lininterp_cli.__version__)
        raise typer.Exit()


def main() -> None:
    """Run the command line; a user's mistake is one line on standard error, a bug is a traceback."""
    try:
        heed_stop()
        with interrupts_kept(), _written():
            app(prog_name="lininterp")
    except LininterpError as error:
        print(f"lininterp: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("lininterp: stopped", file=sys.stderr)
        sys.exit(ExitCode.INTERRUPTED)
    except OSError as error:
        # The reader of a pipe (head, less) has gone, or the disk of a redirected output is full.
        if error.errno not in {errno.EPIPE, errno.ENOSPC, errno.EDQUOT}:
            raise
        if error.errno != errno.EPIPE:
            print(f"lininterp: cannot write the output: {error.strerror}", file=sys.stderr)
        # Otherwise Python would report that again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.FAILED)


@contextmanager
def _written() -> Iterator[None]:
    """Write buffered output before the end, so that a failure is caught."""
    try:
        yield
    finally:
        if sys.stdout is not None:
            sys.stdout.flush()
