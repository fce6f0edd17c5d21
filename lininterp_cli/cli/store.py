"""`runs`, `show` and `rm`: what is in the store; torch is never imported."""

from typing import Annotated

import typer

from lininterp_cli.cli import options
from lininterp_cli.errors import ConfigError


def runs(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORD", help="Only runs whose id, name, tags or status hold every word."),
    ] = None,
    folder: options.Runs = options.RUNS,
    as_json: options.Json = False,
) -> None:
    """List the runs, newest first.

    For example:

        lininterp runs resnet18 finished
    """
    from lininterp_cli.cli.output import say, show, show_json
    from lininterp_cli.runs.store import Run, Store

    def is_meant(run: Run) -> bool:
        text = " ".join([run.id, run.record.name or "", *run.record.tags, run.status()]).lower()
        return all(word.lower() in text for word in words or ())

    store = Store(folder)
    found = [run for run in store.runs() if is_meant(run)]
    if as_json:
        show_json([run.record.to_dict() | {"status": run.status()} for run in found])
        return
    if not found:
        say(f"no runs in {folder}" + (f" with {' '.join(words)}" if words else "; make one with: lininterp train"))
        return
    from lininterp_cli.view.runs import runs_table
    from lininterp_cli.view.summary import damaged, summarise, worst_barrier

    rows = [summarise(run, worst_barrier(run)) for run in found]
    rows += [damaged(*item) for item in store.damaged.items()] if not words else []
    show(lambda look: [runs_table(rows, **look)])


def show(run: options.Reference = None, folder: options.Runs = options.RUNS, as_json: options.Json = False) -> None:
    """Show one run: configuration, metrics, distances, checkpoints and curves.

    For example:

        lininterp show
        lininterp show my-run --json
    """
    from lininterp_cli.cli import output
    from lininterp_cli.runs.store import Store

    found = Store(folder).find(run)
    if as_json:
        files = {"checkpoints": found.checkpoints(), "curves": [path.stem for path in found.curve_paths()]}
        output.show_json(found.record.to_dict() | {"status": found.status()} | files)
        return
    from lininterp_cli.view.runs import run_panel
    from lininterp_cli.view.summary import readable_curves

    output.show(lambda look: [run_panel(found, readable_curves(found), **look)])


def remove(
    run: Annotated[str, typer.Argument(metavar="RUN", help="An id, a unique prefix of one, or a name.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    folder: options.Runs = options.RUNS,
) -> None:
    """Delete a run with its weights and curves.

    For example:

        lininterp rm my-run --yes
    """
    import sys

    from lininterp_cli.cli.output import say
    from lininterp_cli.runs.store import Store

    store = Store(folder)
    found = store.find(run)
    if not yes and not sys.stdin.isatty():
        raise ConfigError(f"there is nobody to ask; delete {found.id} with --yes")
    if yes or typer.confirm(f"delete {found.id} with its weights and curves?", err=True):
        store.delete(found)
        say(f"deleted {found.id}")
