"""`study`: registers the commands for studies, which are many runs that answer one question."""

import typer

from lininterp_cli.cli.study.report import report
from lininterp_cli.cli.study.run import run
from lininterp_cli.cli.study.show import catalogue, show
from lininterp_cli.cli.study.status import status

study = typer.Typer(
    help="Studies: many runs that answer one question, declared in one file.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, command in (("list", catalogue), ("show", show), ("run", run), ("status", status), ("report", report)):
    study.command(name)(command)
