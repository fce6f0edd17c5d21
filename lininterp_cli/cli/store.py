"""`runs`, `show` and `rm`: list, show and delete the runs of the store; torch is never imported."""

from typing import TYPE_CHECKING, Annotated, Optional

import typer

from lininterp_cli.cli import completion, options
from lininterp_cli.cli.rows import Form, form_of, print_rows
from lininterp_cli.errors import ConfigError

if TYPE_CHECKING:
    from lininterp_cli.runs.run import Run
    from lininterp_cli.view.runs.groups import Group
    from lininterp_cli.view.runs.summary import Summary


def runs(
    query: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="QUERY",
            help="Only some runs: words, model:resnet*, opt.lr>=0.1, -tag:old, a | b. After -- it may begin with -.",
        ),
    ] = None,
    sort: Annotated[
        str, typer.Option(metavar="FIELD", help="newest, name, state, or any field or setting.")
    ] = "newest",
    reverse: Annotated[bool, typer.Option("--reverse", help="The other way round.")] = False,
    group_by: Annotated[
        Optional[str],  # noqa: UP045 (typer shows `KEY` only for this spelling)
        typer.Option(metavar="KEY", help="configuration (all but the seed), tag, or any field or setting."),
    ] = None,
    plain: options.Plain = False,
    as_csv: options.Csv = False,
    folder: options.Runs = options.RUNS,
    as_json: options.Json = False,
) -> None:
    """List the runs, newest first.

    For example:

        lininterp runs resnet18 finished

        lininterp runs 'opt.lr>=0.1 -tag:old | name:~wd' --sort barrier --plain

        lininterp runs --group-by configuration
    """
    import time

    from lininterp_cli.cli.output import say
    from lininterp_cli.runs.advice import command
    from lininterp_cli.runs.query import parse
    from lininterp_cli.runs.store import Store
    from lininterp_cli.view.runs.groups import CONFIGURATION, group
    from lininterp_cli.view.runs.listing import USUAL_SORTS, order, require, select
    from lininterp_cli.view.runs.run_curves import worst_barrier
    from lininterp_cli.view.runs.summary import damaged, summarise

    form = form_of(plain=plain, as_csv=as_csv, as_json=as_json)
    meant = parse(" ".join(query or ()))
    store = Store(folder)
    found = {run.folder.name: run for run in store.runs()}
    known = [(key, summarise(run, worst_barrier(run.folder, run.id))) for key, run in found.items()]
    known += [(key, damaged(key, problem)) for key, problem in store.damaged.items()]
    now, everything = time.time(), [summary for _, summary in known]
    for name in {sort, group_by or sort} - {CONFIGURATION, *USUAL_SORTS}:
        require(everything, name)
    kept = order(select(known, meant, now, _summary), sort, now, _summary, reverse=reverse)
    if group_by is not None:
        summaries = [summary for _, summary in kept]
        _show_groups(group(summaries, group_by, now, lambda run: run, everything, sort=sort, reverse=reverse), form)
    elif form == "json":
        _show_records([found[key] for key, _ in kept if key in found])
    else:
        if not kept:
            way = f" with {meant.text}" if meant.text else f"; make one with: {command(folder, 'train')}"
            say(f"no runs in {folder}{way}")
        _show_list([summary for _, summary in kept], sort, form)


def _summary(pair: "tuple[str, Summary]") -> "Summary":
    return pair[1]


def _show_records(found: "list[Run]") -> None:
    from lininterp_cli.cli.output import show_json

    show_json([run.record.to_dict() | {"status": run.status()} for run in found])


def _show_list(kept: "list[Summary]", sort: str, form: Form | None) -> None:
    from lininterp_cli.cli.output import show
    from lininterp_cli.view.runs.listing import PLAIN, USUAL_SORTS, table
    from lininterp_cli.view.runs.table import runs_table

    if form is not None:
        print_rows(table(kept, PLAIN if sort in {*PLAIN, *USUAL_SORTS} else (*PLAIN, sort)), form)
    elif kept:
        show(lambda width, look: [runs_table(kept, sort=sort, width=width, look=look)])


def _show_groups(groups: "list[Group[Summary]]", form: Form | None) -> None:
    from rich.text import Text

    from lininterp_cli.cli.output import show, show_json
    from lininterp_cli.view.runs.group_row import group_lines
    from lininterp_cli.view.runs.groups import GROUP_HEADS, group_numbers

    numbers = [group_numbers(one) for one in groups]
    if form == "json":
        show_json([dict(zip(GROUP_HEADS, row, strict=True)) for row in numbers])
    elif form is not None:
        print_rows([GROUP_HEADS, *numbers], form)
    else:
        show(lambda width, look: [Text(line) for line in group_lines(groups, width, ascii=look.ascii)])


def show(
    run: options.Reference = None,
    folder: options.Runs = options.RUNS,
    plain: options.Plain = False,
    as_json: options.Json = False,
) -> None:
    """Show one run: configuration, metrics, distances, checkpoints and curves.

    For example:

        lininterp show

        lininterp show my-run --plain
    """
    from lininterp_cli.cli import output
    from lininterp_cli.runs.store import Store

    form = form_of(plain=plain, as_json=as_json)
    found = Store(folder).find(run)
    files = {"checkpoints": found.checkpoints(), "curves": [path.stem for path in found.curve_paths()]}
    if form == "json":
        output.show_json(found.record.to_dict() | {"status": found.status()} | files)
        return
    from lininterp_cli.landscape.curves.figures import figures
    from lininterp_cli.view.runs.run_curves import readable_curves
    from lininterp_cli.view.runs.table import run_panel

    curves = readable_curves(found, output.say)
    if form is None:
        output.show(lambda width, look: [run_panel(found, curves, width=width, look=look)])
        return
    telling = next(iter(curves), None)
    known = figures(found, telling, "test", telling.default_definition if telling is not None else "rise")
    rows = [[key, value] for key, value in known.items()]
    print_rows([["field", "value"], *rows, *([key, ", ".join(names)] for key, names in files.items())], form)


def remove(
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help="An id, a unique prefix of one, or a name.", autocompletion=completion.runs),
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    folder: options.Runs = options.RUNS,
) -> None:
    """Delete a run with its weights and curves; of a symbolic link to a run elsewhere, only the link.

    For example:

        lininterp rm my-run --yes
    """
    import sys

    from lininterp_cli.cli.output import say
    from lininterp_cli.errors import StoreError
    from lininterp_cli.runs.store import Store

    store = Store(folder)
    try:
        name = store.find(run).folder.name
        what = f"{name} with its weights and curves"
    except StoreError:
        if run not in store.damaged:
            raise
        name, what = run, f"{run} with all that is in it, which cannot be read ({store.damaged[run]})"
    if (folder / name).is_symlink():
        what = f"the link {name} (what it leads to, {(folder / name).readlink()}, stays)"
    if not yes and not sys.stdin.isatty():
        raise ConfigError(f"there is nobody to ask; delete {name} with --yes")
    if yes or typer.confirm(f"delete {what}?", err=True):
        store.delete(name)
        say(f"deleted {what}")
