"""`tui`: open the explorer; torch is never imported."""

from typing import Annotated

import typer

from lininterp_cli.cli import options


def tui(
    mouse: Annotated[
        bool | None, typer.Option("--mouse/--no-mouse", help="Use the mouse.", show_default="not over SSH")
    ] = None,
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Use ASCII only.")] = False,
    folder: options.Runs = options.RUNS,
) -> None:
    """Browse and watch the runs in the terminal.

    For example:

        lininterp tui --runs /scratch/me/runs
    """
    from lininterp_cli.tui.app import main

    main(folder, mouse=mouse, ascii=ascii_only)
