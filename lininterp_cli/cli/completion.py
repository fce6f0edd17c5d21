"""Words that the shell offers for an argument after Tab; no function here may fail, or import torch."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from lininterp_cli.errors import LininterpError

if TYPE_CHECKING:
    from lininterp_cli.runs.store import Store

Offer = Callable[[typer.Context, str], list[str]]
"""Takes the command line so far and the beginning of a word; returns the words that begin so."""


def _beginning(words: Callable[[typer.Context], list[str]]) -> Offer:
    """Offer those of some words that begin as the typed one; none if they cannot be read."""

    def offered(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            return [word for word in words(ctx) if word.startswith(incomplete)]
        except LininterpError:
            return []

    return offered


def _store(ctx: typer.Context) -> "Store":
    from lininterp_cli.runs.store import Store

    return Store(Path(ctx.params.get("runs") or ctx.params["folder"]))


@_beginning
def runs(ctx: typer.Context) -> list[str]:
    """Names and ids of the runs in the folder of runs; shells would split a name with blanks into several words."""
    found = _store(ctx).runs()
    names = [run.record.name for run in found if run.record.name]
    return [*(name for name in names if len(name.split()) == 1), *(run.id for run in found)]


@_beginning
def blocks(ctx: typer.Context) -> list[str]:
    """The blocks of the run that the command line names, or of the newest finished one."""
    # As the option has no value yet, an argument before it is left over rather than taken.
    return list(_store(ctx).find(ctx.params.get("run") or next(iter(ctx.args), None)).record.distance)


@_beginning
def presets(_: typer.Context) -> list[str]:
    """Names of presets."""
    from lininterp_cli.config.presets import PRESETS

    return list(PRESETS)


@_beginning
def studies(_: typer.Context) -> list[str]:
    """Names of the studies that come with the package; the shell completes files by itself."""
    from lininterp_cli.study.reading import shipped

    return shipped()
