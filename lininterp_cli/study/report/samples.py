"""Reads outcomes, records and curve files into one sample for each run of a study; averages nothing over runs.

Never imports torch.  A file that cannot be read is skipped with a warning.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from lininterp_cli.errors import StoreError
from lininterp_cli.landscape.curves.agreement import bn_dependent
from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.landscape.curves.measures import Measure, measure_path, read_measure
from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store
from lininterp_cli.study.outcomes import Made, Outcome, State, stale, standing
from lininterp_cli.study.plan import Cell, Study, row_label, run_names
from lininterp_cli.study.report.figures import epoch_of
from lininterp_cli.study.report.measured import measured
from lininterp_cli.study.report.walks import Walk, line_of, walk_of

_STATES = {"finished": "finished", "diverged": "diverged", "failed": "failed"}
"""Status in an outcome to state in a report; any other status is the reason why a run was not made."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One run that a study asks for."""

    group: str
    """The group of its cell."""
    seed: int
    """The seed of its cell."""
    step: str
    """Labels of the steps that make it, joined by ` / `; empty for the cell's own training."""
    state: str
    """`finished`, `diverged`, `failed`, `not made` or `waiting`."""
    run: str = ""
    """Its id; empty if there is none."""
    figures: Mapping[str, float | None] = field(default_factory=dict)
    """Accuracies, distances and measures by their names in FIGURES."""
    walks: Mapping[str, Walk] = field(default_factory=dict)
    """Line to the figures of its curves."""
    moved: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    """Block to the distance that training moved it, and that distance over its initial norm."""
    criticalities: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """Granularity and block to module criticality, where it is known."""

    @property
    def label(self) -> str:
        """The row it belongs to: group and step."""
        return row_label(self.group, self.step)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """The input of a report."""

    samples: tuple[Sample, ...]
    """One for each run that the study asks for."""
    cells: Mapping[str, int]
    """State to number of cells."""
    warnings: tuple[str, ...]
    """Messages on failed cells, unreadable files and curves that disagree."""


def gather(study: Study, runs: Path, split: str) -> Gathered:
    """Read the runs of a study.

    Args:
        study: The study.
        runs: The folder that holds the runs.
        split: The split on which the curves are read.

    Returns:
        Its runs, the numbers of cells in each state, and warnings.
    """
    reader = _Reader(Store(runs), split, study.targets)
    states = Counter(dict.fromkeys(get_args(State), 0))
    samples: list[Sample] = []
    cells = study.cells()
    for cell in cells:
        found = standing(runs, study, cell)
        states[found.state] += 1
        outcome = found.outcome
        samples += reader.samples(cell, outcome)
        if outcome is not None and outcome.error:
            reader.failed(cell.label, outcome.error)
    old = stale(runs, study, cells)
    if old:
        words = ("1 outcome is of a cell", "is") if len(old) == 1 else (f"{len(old)} outcomes are of cells", "are")
        reader.warn(f"{words[0]} that the study no longer has, and {words[1]} left out")
    return Gathered(samples=tuple(samples), cells=dict(states), warnings=tuple(reader.warnings()))


class _Reader:
    """Reads runs and curves of one store, and collects warnings about them.

    Args:
        store: The store.
        split: The split on which the curves are read.
        published: Label of a row to the names of its published figures.
    """

    def __init__(self, store: Store, split: str, published: Mapping[str, Iterable[str]]) -> None:
        self._store, self._split, self._published = store, split, published
        self._warnings: list[str] = []
        self._failures: dict[str, list[str]] = {}
        self._disagreements: dict[str, Counter[str]] = {}

    def warn(self, words: str) -> None:
        self._warnings.append(words)

    def failed(self, label: str, error: str) -> None:
        self._failures.setdefault(error, []).append(label)

    def warnings(self) -> list[str]:
        """The warnings, each once, the disagreements first."""
        told = []
        for label, blocks in self._disagreements.items():
            named = {"the whole path" if block == "all" else block: num for block, num in blocks.items()}
            paths = ", ".join(f"{block} in {num} run{'s' * (num > 1)}" for block, num in named.items())
            words = "monotone or not depends on the treatment of BatchNorm statistics"
            told += [f"{label}: {words}: {paths}"] if paths else []
        for error, labels in self._failures.items():
            told.append(f"failed: {labels[0]}{f' and {len(labels) - 1} more' * (len(labels) > 1)}: {error}")
        return list(dict.fromkeys([*told, *self._warnings]))

    def samples(self, cell: Cell, outcome: Outcome | None) -> Iterator[Sample]:
        """A sample for every run that a cell asks for."""
        made = {one.step: one for one in outcome.made} if outcome is not None else {}
        for step in run_names(cell.steps):
            if step in made:
                yield self._sample(cell, made[step])
            else:
                state = "waiting" if outcome is None else "failed" if outcome.error else "not made"
                yield Sample(group=cell.group, seed=cell.config.seed, step=step, state=state)

    def _sample(self, cell: Cell, made: Made) -> Sample:
        state = _STATES.get(made.status, "not made")
        run = self._run(made.run) if state == "finished" else None
        if state != "finished":
            return Sample(group=cell.group, seed=cell.config.seed, step=made.step, state=state, run=made.run)
        if run is None:
            return Sample(group=cell.group, seed=cell.config.seed, step=made.step, state="waiting")
        curves = list(self._curves(run, made.curves))
        lines: dict[str, list[Curve]] = {}
        for curve in curves:
            lines.setdefault(line_of(curve), []).append(curve)
        walks = {line: walk_of(some, self._split) for line, some in lines.items()}
        measures = measured(list(self._measures(run, made.measures)), self._split)
        published = self._published.get(row_label(cell.group, made.step), ())
        sample = Sample(
            group=cell.group,
            seed=cell.config.seed,
            step=made.step,
            state=state,
            run=run.id,
            figures=_figures(run) | _epochs(run, published) | dict(measures.figures),
            walks=walks,
            moved=_moved(run),
            criticalities=measures.criticalities,
        )
        for words in measures.warnings:
            self.warn(words)
        disagreements = self._disagreements.setdefault(sample.label, Counter())
        disagreements.update(bn_dependent(curves, self._split))
        return sample

    def _run(self, run_id: str) -> Run | None:
        try:
            # An id is a folder's name; one with a path in it must not lead out of the store.
            run = self._store.existing(run_id) if Path(run_id).name == run_id else None
        except (StoreError, OSError) as error:
            self.warn(f"run {run_id} cannot be read: {error}")
            return None
        if run is None:
            self.warn(f"run {run_id} is gone from {self._store.folder}; `lininterp study run` makes it again")
        return run

    def _curves(self, run: Run, names: Sequence[str]) -> Iterator[Curve]:
        for name in names:
            try:
                if Path(name).name != name:
                    raise StoreError("no curve has such a name")
                curve = read_curve(run.curves_folder / f"{name}.json")
            except (StoreError, OSError) as error:
                self.warn(f"curve {name} of {run.id} cannot be read: {error}")
                continue
            if self._split not in curve.splits:
                self.warn(f"curves called {name} were not measured on {self._split} and are left out")
            elif not curve.complete:
                self.warn(f"curve {name} of {run.id} is not complete and left out")
            else:
                yield curve

    def _measures(self, run: Run, names: Sequence[str]) -> Iterator[Measure]:
        for name in names:
            try:
                if Path(name).name != name:
                    raise StoreError("no measure has such a name")
                yield read_measure(measure_path(run, name))
            except (StoreError, OSError) as error:
                self.warn(f"measure {name} of {run.id} cannot be read: {error}")


def _figures(run: Run) -> dict[str, float | None]:
    final = run.record.result.get("final", {})
    train, test = final.get("train_accuracy"), final.get("test_accuracy")
    moved, before = run.record.distance_total, run.record.initial_norm_total
    return {
        "test_accuracy": test,
        "train_accuracy": train,
        "generalisation_gap": None if train is None or test is None else train - test,
        "test_loss": final.get("test_loss"),
        "distance": moved,
        "relative_distance": _over(moved, before),
    }


def _epochs(run: Run, names: Iterable[str]) -> dict[str, float | None]:
    """The test accuracies after the epochs in the names of figures."""
    asked = {epoch: name for name in names if (epoch := epoch_of(name)) is not None}
    return {asked[row["epoch"]]: row.get("test_accuracy") for row in run.metrics() if row.get("epoch") in asked}


def _moved(run: Run) -> dict[str, tuple[float | None, float | None]]:
    norms = run.record.initial_norm
    return {block: (moved, _over(moved, norms.get(block))) for block, moved in run.record.distance.items()}


def _over(moved: float | None, before: float | None) -> float | None:
    return moved / before if moved is not None and before else None
