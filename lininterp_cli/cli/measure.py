"""`measure`: the measures of a run other than curves, which need its network."""

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lininterp_cli.cli import options
from lininterp_cli.cli.rows import Form, form_of, print_rows
from lininterp_cli.landscape.curves.alphas import USUAL_ALPHAS

if TYPE_CHECKING:
    from lininterp_cli.landscape.curves.measures import Measure
    from lininterp_cli.landscape.interpolate import Ground
    from lininterp_cli.runs.run import Run

_SECONDS_BETWEEN_LINES = 10.0

_Alphas = typer.Option(help="A number of points, START:STOP:STEP, or a list.")
_Force = Annotated[bool, typer.Option("--force", help="Measure again what is there.")]

app = typer.Typer(
    name="measure",
    help="Measure how critical each block is, or how much the logits' course bends.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@app.command("criticality")
def criticality(
    run: options.Reference = None,
    by: Annotated[Literal["block", "layer"], typer.Option(help="What moves at a time.")] = "block",
    block: options.Block = None,
    epsilon: Annotated[
        float | None,
        typer.Option(help="Training error that is allowed, a fraction.", show_default="final error + 0.01"),
    ] = None,
    alphas: Annotated[str, _Alphas] = "0:1:0.1",
    examples: Annotated[int, typer.Option(help="Training examples at most.")] = 500,
    draws: Annotated[int, typer.Option(help="Draws of noise that an error is a mean over.")] = 3,
    force: _Force = False,
    device: options.Device = "auto",
    data_dir: options.DataDir = options.DATA,
    runs: options.Runs = options.RUNS,
    quiet: options.Quiet = False,
    as_plain: options.Plain = False,
    as_json: options.Json = False,
) -> None:
    """Measure module criticality (Chatterji et al. 2020): how far each block must go, and how precisely.

    It is the least (alpha · moved / sigma)² at which the training error stays within --epsilon while the block is at
    alpha between its initial and final weights, noise of standard deviation sigma is added to it, and all other
    blocks are final. 0: the block can go back to where it began. Sigma is found to a factor of 1.4.

    For example:

        lininterp measure criticality

        lininterp measure criticality my-run --by layer --block fc --epsilon 0.05
    """
    from lininterp_cli.landscape.criticality import CriticalityQuestion
    from lininterp_cli.landscape.criticality import criticality as measure
    from lininterp_cli.landscape.curves.alphas import parse
    from lininterp_cli.runs.store import Store

    form = form_of(plain=as_plain, as_json=as_json)
    question = CriticalityQuestion(
        by=by, blocks=tuple(block or ()), epsilon=epsilon, alphas=parse(alphas), num_examples=examples, num_draws=draws
    )
    target = Store(runs).find(run)
    ground = _ground(options.Place(runs, data_dir, device))
    with _Progress("points", quiet) as progress:
        found, is_new = measure(target, question, ground, progress.went, progress.told, force=force)
    _report(target, found, is_new, form, quiet)


@app.command("gauss-length")
def gauss_length(
    run: options.Reference = None,
    start: Annotated[str, typer.Option("--from", help="The end at alpha 0.")] = "initial",
    end: Annotated[str, typer.Option("--to", help="The end at alpha 1.")] = "final",
    alphas: Annotated[str, _Alphas] = USUAL_ALPHAS,
    split: Annotated[str, typer.Option(help="test or train.")] = "test",
    examples: Annotated[int, typer.Option(help="Examples of the split at most.")] = 256,
    force: _Force = False,
    device: options.Device = "auto",
    data_dir: options.DataDir = options.DATA,
    runs: options.Runs = options.RUNS,
    quiet: options.Quiet = False,
    as_plain: options.Plain = False,
    as_json: options.Json = False,
) -> None:
    """Measure the Gauss length (Lucas et al. 2021): how much the logits turn while the weights go straight on.

    It is the sum of the angles between the logits' directions (their derivatives by alpha) at successive alphas, in
    radians, a mean over examples: 0 where the logits go straight on, too. Where the network is rectified, directions
    jump, and the sum depends on --alphas: compare runs at the same ones.

    For example:

        lininterp measure gauss-length

        lininterp measure gauss-length my-run --split train --alphas 100
    """
    from lininterp_cli.landscape.curves.alphas import parse
    from lininterp_cli.landscape.gauss_length import GaussLengthQuestion
    from lininterp_cli.landscape.gauss_length import gauss_length as measure
    from lininterp_cli.runs.store import Store

    form = form_of(plain=as_plain, as_json=as_json)
    question = GaussLengthQuestion(start=start, end=end, alphas=parse(alphas), num_examples=examples, split=split)
    target = Store(runs).find(run)
    ground = _ground(options.Place(runs, data_dir, device))
    with _Progress("derivatives", quiet) as progress:
        found, is_new = measure(target, question, ground, progress.went, progress.told, force=force)
    _report(target, found, is_new, form, quiet)


def _ground(place: options.Place) -> "Ground":
    from lininterp_cli.landscape.interpolate import Ground
    from lininterp_cli.runs.store import Store
    from lininterp_cli.training.device import resolve

    return Ground(store=Store(place.runs), data_folder=place.data, device=resolve(place.device))


def _report(target: "Run", measure: "Measure", is_new: bool, form: Form | None, quiet: bool) -> None:
    from lininterp_cli.cli.output import say, show, show_json
    from lininterp_cli.landscape.curves.measures import measure_path
    from lininterp_cli.view.curves.measure_tables import measure_rows, measure_table

    say(f"{'measured' if is_new else 'kept from before'}: {measure_path(target, measure.name)}", quiet)
    if form == "json":
        show_json(measure.to_dict())
    elif form is not None:
        print_rows(measure_rows(measure), form)
    else:
        show(lambda width, look: [measure_table(measure, width=width, look=look)])


class _Progress:
    """Shows the progress of a measurement, and reports an interrupt in one line.

    Args:
        what: The unit that is counted.
        quiet: Print nothing.
    """

    def __init__(self, what: str, quiet: bool) -> None:
        from rich.progress import Progress, TimeRemainingColumn

        from lininterp_cli.cli.output import console, interruptible
        from lininterp_cli.view.terminal import detect

        self._what, self._quiet, self._said = what, quiet, time.monotonic()
        self._interruptible = interruptible("nothing was kept; the same command begins again")
        is_seen = not quiet and detect(sys.stderr).interactive
        columns = (*Progress.get_default_columns()[:-1], TimeRemainingColumn(compact=True))
        self._bar = Progress(*columns, console=console(sys.stderr), transient=True) if is_seen else None
        self._task = self._bar.add_task(what, total=None) if self._bar is not None else None

    def __enter__(self) -> "_Progress":
        self._interruptible.__enter__()
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *error: Any) -> bool | None:
        if self._bar is not None:
            self._bar.stop()
        return self._interruptible.__exit__(*error)

    def told(self, words: str) -> None:
        """Print a message for the user."""
        from lininterp_cli.cli.output import say

        say(words, self._quiet)

    def went(self, done: int, total: int) -> None:
        """Show that `done` of `total` units are done."""
        from lininterp_cli.cli.output import say

        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)
        elif time.monotonic() - self._said > _SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            say(f"{done}/{total} {self._what}", self._quiet)
