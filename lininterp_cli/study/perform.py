"""Doing what a cell asks: its training, then its steps; what is done already is found, so every call goes on."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from lininterp_cli.errors import NotFoundError
from lininterp_cli.landscape.crew import Progress
from lininterp_cli.landscape.curve import Curve
from lininterp_cli.landscape.curve_reader import read_curve
from lininterp_cli.landscape.interpolate import Ground, interpolate
from lininterp_cli.runs.store import Run
from lininterp_cli.study.outcomes import Made
from lininterp_cli.study.plan import Cell, Step
from lininterp_cli.study.steps import changed, questions, reset_options, train_options
from lininterp_cli.training.reset_block import reset_block
from lininterp_cli.training.train import Request, config_of, train


class Narrator:
    """Says in plain lines how trainings and walks go.

    Args:
        say: Where the lines go.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def started(self, run: Run, epoch: int) -> None:
        """Training begins, or goes on after the given epoch."""
        self._say(f"training {run.id} on {run.record.environment['device']}" + f" after epoch {epoch}" * bool(epoch))

    def stepped(self, epoch: int, done: int, total: int) -> None:
        """A step of an epoch is done; there are too many to speak of."""

    def measured(self, row: dict[str, Any]) -> None:
        """An epoch is measured."""
        self._say(f"epoch {row['epoch']}: train {row['train_accuracy']:.1%}, test {row['test_accuracy']:.1%}")

    def passed(self, progress: Progress) -> None:
        """Some points are measured; there are too many to speak of."""

    def grew(self, curve: Curve) -> None:
        """A curve has grown."""

    def told(self, words: str) -> None:
        """There is something to know of a walk."""
        self._say(words)


def perform(
    cell: Cell, ground: Ground, tags: tuple[str, ...] = (), say: Callable[[str], None] = lambda _: None
) -> tuple[Made, ...]:
    """Do everything a cell asks.

    Args:
        cell: The cell.
        ground: Store, data and devices.
        tags: The marks of its runs.
        say: Told line by line how it goes.

    Returns:
        Its runs, its own training first; after a training that diverged there are no steps.
    """
    request = Request(
        config=cell.config, store=ground.store, data_folder=ground.data_folder, device=ground.device, tags=tags
    )
    narrator = Narrator(say)
    return tuple(_followed(train(request, narrator), "", cell.steps, request, ground, narrator))


def _followed(
    run: Run, path: str, steps: tuple[Step, ...], request: Request, ground: Ground, narrator: Narrator
) -> Iterator[Made]:
    """A run with its curves, then the runs that are made from it."""
    status = run.status()
    if status != "finished":
        yield Made(step=path, run=run.id, status=status)
        return
    names = [
        interpolate(run, question, ground, narrator)[0].name
        for step in steps
        if step.kind == "interpolate"
        for question in questions(step)
    ]
    yield Made(step=path, run=run.id, status=status, curves=tuple(dict.fromkeys(names)))
    for step in steps:
        if step.kind == "interpolate":
            continue
        below = f"{path} / {step.label}".removeprefix(" / ")
        try:
            make = _reset if step.kind == "reset-block" else _trained
            made = make(run, step, request, narrator)
        except NotFoundError as error:
            yield Made(step=below, run="", status=str(error))
        else:
            yield from _followed(made, below, step.steps, request, ground, narrator)


def _reset(run: Run, step: Step, request: Request, narrator: Narrator) -> Run:
    options = reset_options(step)
    return reset_block(
        run, list(options.blocks), to=options.to, all_but=options.all_but, retrain=options.retrain, request=request,
        listener=narrator,
    )  # fmt: skip


def _trained(run: Run, step: Step, request: Request, narrator: Narrator) -> Run:
    options = train_options(step)
    init = f"{run.id}:{options.init}" if options.init != "barrier" else f"{run.id}@{_barrier(run, options.height)}"
    config = changed(config_of(run), options, init)
    return train(replace(request, config=config, parent=run.id), narrator)


def _barrier(run: Run, least: float) -> float:
    """Where the highest rise is on the whole network's path that was measured.

    Returns:
        The alpha.

    Raises:
        NotFoundError: If there is none as high as that.
    """
    tops = []
    for path in run.curve_paths():
        curve = read_curve(path)
        ends = [end.get("checkpoint") for end in (curve.start, curve.end)]
        whole = next((series for series in curve.series if series.block is None), None)
        if ends == ["initial", "final"] and whole is not None:
            top = curve.barrier(whole, curve.splits[0], "rise")
            tops += [top] if top is not None and top.height >= least else []
    if not tops:
        raise NotFoundError(f"no barrier of {least:g} nats or more on its path")
    return max(tops, key=lambda top: top.height).alpha
