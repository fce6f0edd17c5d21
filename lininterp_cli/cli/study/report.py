"""`study report`: the report of a study as tables, a page, rows or LaTeX; torch is never imported."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lininterp_cli.cli import options
from lininterp_cli.cli.rows import form_of, print_rows
from lininterp_cli.cli.study.options import Smoke, Which
from lininterp_cli.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lininterp_cli.study.report.findings import Report
    from lininterp_cli.view.look import Look

_PLOT_ROWS = 22
"""Lines of a plot, its text included."""

_BLOCK_PLOT_ROWS = 16
"""The same for a plot of blocks, of which there may be several."""


def report(
    reference: Which,
    smoke: Smoke = False,
    split: Annotated[Literal["test", "train"], typer.Option(help="Split of the curves.")] = "test",
    barrier: Annotated[options.Definition, typer.Option(help="Barrier that sentences and plots are about.")] = "rise",
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one self-contained page.")] = None,
    as_latex: Annotated[bool, typer.Option("--latex", help="Print a LaTeX table (booktabs).")] = False,
    folder: options.Runs = options.RUNS,
    as_plain: options.Plain = False,
    as_csv: options.Csv = False,
    as_json: options.Json = False,
) -> None:
    """Say what a study has found: means over seeds, shapes against accuracy, sensitive blocks.

    It works while the study still runs.

    For example:

        lininterp study report base

        lininterp study report decay.toml --barrier chord --html decay.html
    """
    from lininterp_cli.cli.output import say, show, show_json
    from lininterp_cli.runs.advice import command
    from lininterp_cli.study.reading import find_study
    from lininterp_cli.study.report.assembly import report as make
    from lininterp_cli.view.study.cells import flat_rows
    from lininterp_cli.view.study.latex import latex
    from lininterp_cli.view.study.page import write_page

    form = form_of(plain=as_plain, as_csv=as_csv, as_json=as_json)
    if as_latex and form is not None:
        raise ConfigError(f"--latex and --{form} exclude one another; give one of them")
    study = find_study(reference)
    found = make(study.shrunk() if smoke else study, folder, split=split, barrier=barrier)
    if html is not None:
        write_page(found, html)
        say(f"wrote {html}")
    if as_latex:
        print(latex(found), end="")
    elif form == "json":
        show_json(found.to_dict())
    elif form is not None:
        print_rows(flat_rows(found), form)
    elif html is None:
        show(lambda width, look: _things(found, width, look))
    if not any(row.runs for row in found.rows):
        way = command(folder, "study", "run", reference, *["--smoke"] * smoke)
        say(f"no run is finished yet; make them with: {way}")


def _things(found: "Report", width: int, look: "Look") -> "Iterator[RenderableType]":
    from lininterp_cli.view.study.block_plots import block_plots
    from lininterp_cli.view.study.legs import legs_plot
    from lininterp_cli.view.study.plot import mean_plot, shape_scatter
    from lininterp_cli.view.study.tables import head, tables, words

    yield head(found, width=width, look=look)
    yield from tables(found, width=width, look=look)
    for drawn in (
        mean_plot(found, height=_PLOT_ROWS, width=width, look=look),
        legs_plot(found, height=_PLOT_ROWS, width=width, look=look),
        *block_plots(found, height=_BLOCK_PLOT_ROWS, width=width, look=look),
        shape_scatter(found, height=_PLOT_ROWS, width=width, look=look),
    ):
        if drawn is not None:
            yield from ("", drawn)
    yield from words(found, width=width, look=look)
