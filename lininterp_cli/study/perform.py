"""Runs a cell: its training, then its steps; finished parts are found in the store, so that every call goes on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lininterp_cli.errors import BusyError
from lininterp_cli.landscape.crew import Progress
from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.landscape.interpolate import Ground, interpolate
from lininterp_cli.runs.locks import hold
from lininterp_cli.runs.run import Run
from lininterp_cli.study.feasible import check_feasible, sizes_in
from lininterp_cli.study.measuring import measure
from lininterp_cli.study.outcomes import Made
from lininterp_cli.study.plan import Cell, Step
from lininterp_cli.study.steps import (
    barrier_questions,
    changed,
    check,
    epochs_to_keep,
    questions,
    reset_options,
    train_options,
)
from lininterp_cli.training.request import Request
from lininterp_cli.training.reset_block import reset_block
from lininterp_cli.training.train import config_of, train


class Narrator:
    """Reports the progress of trainings and curves in plain lines.

    Args:
        say: Called with each line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def started(self, run: Run, epoch: int) -> None:
        """Training begins, or goes on after the given epoch."""
        verb = f"going on after epoch {epoch} with" if epoch else "training"
        self._say(f"{verb} {run.id} on {run.record.environment['device']}")

    def stepped(self, epoch: int, done: int, total: int) -> None:
        """A step of an epoch is done; there are too many to report."""

    def measured(self, row: dict[str, Any]) -> None:
        """An epoch is done; report it if it was measured."""
        if "test_accuracy" in row:
            self._say(f"epoch {row['epoch']}: train {row['train_accuracy']:.1%}, test {row['test_accuracy']:.1%}")

    def passed(self, progress: Progress) -> None:
        """Some points are measured; there are too many to report."""

    def grew(self, curve: Curve) -> None:
        """A curve has grown; not reported."""

    def told(self, words: str) -> None:
        """Report a remark about a run, a curve or a measure."""
        self._say(words)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Work:
    """Settings shared by all runs of a cell."""

    request: Request
    """Request for the cell's own training, from which the others are derived."""
    ground: Ground
    """Store, data and devices of the curves and measures."""
    narrator: Narrator
    """Reports the progress."""

    def keeping(self, steps: Sequence[Step]) -> Request:
        """The request for a run that keeps the checkpoints these steps need."""
        return replace(self.request, save_at=epochs_to_keep(steps))

    def made(self, make: Callable[[], Run]) -> Run:
        """The run that `make` trains or finds; while another process works on it, wait and then start over."""
        while True:
            try:
                return make()
            except BusyError as busy:
                self.narrator.told(f"another process is at work on {busy.run_id}; waiting for it")
                with hold(busy.lock):
                    pass


def perform(
    cell: Cell, ground: Ground, tags: tuple[str, ...] = (), say: Callable[[str], None] = lambda _: None
) -> Iterator[Made]:
    """Train a cell's run and apply its steps.

    Args:
        cell: The cell.
        ground: Store, data and devices.
        tags: Tags of its runs.
        say: Called with each line of progress.

    Yields:
        Each run once it is measured, or a measurement of it has failed, the cell's own training first; no steps are
        applied to a run that diverged.
    """
    check(cell)
    check_feasible(cell, sizes_in(ground.data_folder), ground.store)
    request = Request(
        config=cell.config, store=ground.store, data_folder=ground.data_folder, device=ground.device, tags=tags
    )
    work = _Work(request=request, ground=ground, narrator=Narrator(say))
    run = work.made(lambda: train(work.keeping(cell.steps), work.narrator))
    yield from _followed(run, "", cell.steps, work)


def _followed(run: Run, path: str, steps: Sequence[Step], work: _Work) -> Iterator[Made]:
    """Measure a run and yield it, then make the runs that its steps ask for."""
    status = run.status()
    if status != "finished":
        yield Made(step=path, run=run.id, status=status)
        return
    curves: dict[str, None] = {}
    measures: dict[str, None] = {}
    failure: Exception | None = None
    try:
        _measure(run, steps, work, curves, measures)
    except Exception as error:  # the run is there all the same, with what was measured of it before
        failure = error
    yield Made(step=path, run=run.id, status=status, curves=tuple(curves), measures=tuple(measures))
    if failure is not None:
        raise failure
    for step in steps:
        if not step.makes_run:
            continue
        below = f"{path} / {step.label}".removeprefix(" / ")
        made = _reset(run, step, work) if step.kind == "reset-block" else _trained(run, step, steps, work)
        if made is None:
            least = train_options(step).height
            yield Made(step=below, run="", status=f"no barrier of {least:g} nats or more on its path")
        else:
            yield from _followed(made, below, step.steps, work)


def _measure(run: Run, steps: Sequence[Step], work: _Work, curves: dict[str, None], measures: dict[str, None]) -> None:
    """Measure a run; each name of a curve or a measure is added to `curves` or `measures` once it is there."""
    for step in steps:
        if step.kind == "interpolate":
            for question in questions(step):
                work.narrator.told(f"walking {question.name} of {run.id}")
                curves[interpolate(run, question, work.ground, work.narrator)[0].name] = None
        elif not step.makes_run:
            work.narrator.told(f"measuring {step.label} of {run.id}")
            measures[measure(run, step, work.ground, work.narrator.told)] = None


def _reset(run: Run, step: Step, work: _Work) -> Run:
    options = reset_options(step)
    return work.made(
        lambda: reset_block(
            run, list(options.blocks), to=options.to, all_but=options.all_but, retrain=options.retrain,
            request=work.keeping(step.steps), listener=work.narrator,
        )
    )  # fmt: skip


def _trained(run: Run, step: Step, siblings: Sequence[Step], work: _Work) -> Run | None:
    """The run that starts from weights of another; None if it is to start from a barrier and there is none."""
    options = train_options(step)
    place = f":{options.init}"
    if options.init == "barrier":
        alpha = _barrier(run, siblings, options.height, work)
        if alpha is None:
            return None
        place = f"@{alpha!r}"
    config = changed(config_of(run), options, f"{run.id}{place}")
    request = replace(work.keeping(step.steps), config=config, parent=run.id)
    return work.made(lambda: train(request, work.narrator))


def _barrier(run: Run, siblings: Sequence[Step], least: float, work: _Work) -> float | None:
    """The position of the highest rise on the whole network's path, from the curves of the steps beside this one.

    Returns:
        The alpha; None if no rise has `least` nats.
    """
    tops = []
    for question in barrier_questions(siblings):
        curve, _ = interpolate(run, question, work.ground, work.narrator)
        whole = next(series for series in curve.series if series.block is None)
        top = curve.barrier(whole, curve.splits[0], "rise")
        tops += [top] if top is not None and top.height >= least else []
    return max(tops, key=lambda top: top.height).alpha if tops else None
