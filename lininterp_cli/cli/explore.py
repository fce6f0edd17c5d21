"""`tui`: open the explorer; torch is never imported."""

from typing import Annotated

import typer

from lininterp_cli.cli import options
from lininterp_cli.errors import ConfigError


def tui(
    context: typer.Context,
    demo: Annotated[bool, typer.Option("--demo", help="Look at runs that ship with the package.")] = False,
    mouse: Annotated[
        bool | None, typer.Option("--mouse/--no-mouse", help="Use the mouse.", show_default="not over SSH")
    ] = None,
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Use ASCII only.")] = False,
    folder: options.Runs = options.RUNS,
) -> None:
    """Browse and watch the runs in the terminal.

    Keys, theme and more can be set in $XDG_CONFIG_HOME/lininterp/tui.toml (~/.config/lininterp/tui.toml):
    see docs/explorer.md.

    For example:

        lininterp tui --runs /scratch/me/runs

        lininterp tui --demo
    """
    from lininterp_cli.tui.app import main

    source = context.get_parameter_source("folder")
    if demo and source is not None and source.name == "COMMANDLINE":
        raise ConfigError("give either --demo, which has runs of its own, or --runs")
    if code := main(folder, mouse=mouse, ascii=ascii_only, demo=demo):
        raise typer.Exit(code)
