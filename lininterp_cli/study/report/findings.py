"""The report of a study as data: rows over seeds, rank correlations, blocks; reads no files.

Never imports torch or numpy: the views import this module.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from lininterp_cli.runs.files import finite
from lininterp_cli.study.plan import Published, row_label
from lininterp_cli.study.report.figures import BACK, FIGURES, USUAL_LINE, NoInterval, Path, Scope, Spread
from lininterp_cli.study.report.paths import mean_path

SCHEMA = 1
"""Schema number of the report as JSON."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """The runs of one group that the same steps made, over seeds, on one line."""

    group: str
    """Label of the group."""
    step: str
    """Labels of the steps that made them, joined by ` / `; empty for the group's own trainings."""
    line: str
    """The line of their curves, such as `initial to final`; empty if they have none."""
    states: Mapping[str, int]
    """State to number of runs: `finished`, `diverged`, `failed`, `not made`, `waiting`."""
    figures: Mapping[str, Spread]
    """Name in FIGURES, or of a published accuracy after an epoch, to its spread over the finished runs."""
    published: Mapping[str, Published] = field(default_factory=dict)
    """Published values of the row, by the names of figures."""
    runs: tuple[str, ...] = ()
    """Ids of the finished runs."""
    paths: tuple[Path, ...] = ()
    """Curves of the whole network of these runs."""

    @property
    def label(self) -> str:
        """The row's name: group and step."""
        return row_label(self.group, self.step)

    @property
    def num_planned(self) -> int:
        """Number of runs that the study asks for."""
        return sum(self.states.values())

    @property
    def target(self) -> float | None:
        """The published test accuracy, a fraction; None where there is none."""
        known = self.published.get("test_accuracy")
        return None if known is None else known.mean

    @property
    def difference(self) -> float | None:
        """The measured mean test accuracy less the published one; None where either is not known."""
        mean = self.figures["test_accuracy"].mean
        return None if mean is None or self.target is None else mean - self.target


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockRow:
    """One block in the networks of a row, on one line: it alone moves, the rest stays at the end the line gives."""

    label: str
    """Label of the row."""
    line: str
    """The line of its curves, such as `initial to final`; empty if it has none."""
    by: str
    """Granularity of the block: `block`, `kind`, `layer` or `tensor`."""
    block: str
    """The block."""
    num_runs: int
    """Number of finished runs with its curve; if `line` is empty, of all finished ones."""
    figures: Mapping[str, Spread]
    """Name in BLOCK_FIGURES to its spread over these runs."""
    paths: tuple[Path, ...] = ()
    """The block's curves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Association:
    """Rank correlation of a shape and an outcome."""

    shape: str
    """One of SHAPES or MEASURES."""
    outcome: str
    """One of OUTCOMES."""
    scope: Scope
    """The points of the correlation."""
    num_runs: int
    """Number of runs in which both are known; between and within groups, of trainings, each of which counts once."""
    num_groups: int
    """Number of groups that these are in."""
    is_constant: bool = False
    """Whether one of the two does not vary."""
    rho: float | None = None
    """Spearman's rho, -1..1; None with too few points, or if one of the two does not vary."""
    rho_low: float | None = None
    """Lower end of its 95 % interval; None where it has none."""
    rho_high: float | None = None
    """Upper end."""
    no_interval: NoInterval | None = None
    """Reason for a missing interval: few points, an order without exception, or too many constant resamples."""
    tau: float | None = None
    """Kendall's tau-b, -1..1."""
    tau_low: float | None = None
    """Lower end of its 95 % interval."""
    tau_high: float | None = None
    """Upper end."""
    p: float | None = None
    """Two-sided p-value of a permutation test of rho."""
    p_least: float | None = None
    """The smallest p-value that figures with these ties could have, over all orders."""
    p_holm: float | None = None
    """`p` after Holm's correction for all tests of its scope."""
    is_exact: bool = False
    """Whether the test tried every permutation."""
    num_tests: int = 0
    """Number of tests of its scope."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sensitivity:
    """How sensitive one block is, by one measure."""

    label: str
    """Label of the row."""
    measure: str
    """`initial` or `random` for the cost of putting it back there with the rest final; or `criticality`."""
    by: str
    """Granularity of the blocks that it is ranked among: `block`, `kind`, `layer` or `tensor`."""
    block: str
    """The block."""
    rank: int
    """1 for the most sensitive block."""
    num_runs: int
    """Number of runs it was measured in."""
    mean: float
    """Mean over these: rise of the loss in nats, or module criticality, which has no unit."""
    low: float | None
    """Lower end of the mean's 95 % interval over seeds; None with one run."""
    high: float | None
    """Upper end."""
    error_rise: float | None = None
    """Mean rise of the error, a fraction; None for criticality."""

    @property
    def line(self) -> str:
        """The line that starts where the block is put back to; for criticality, that of training."""
        return BACK.get(self.measure, USUAL_LINE)

    @property
    def title(self) -> str:
        """Title of the ranking that it belongs to."""
        if self.measure == "criticality":
            return f"{self.label}: module criticality by {self.by}"
        return f"{self.label}: each {self.by} back to {self.measure}, nats"


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One run as a point of the scatter plot and of the correlations."""

    group: str
    """The group of its cell."""
    seed: int
    """The seed of its cell."""
    step: str = ""
    """Labels of the steps that made it, joined by ` / `; empty for the cell's own training."""
    figures: Mapping[str, float | None]
    """Figures of the run and of its curves of the report's line."""

    @property
    def label(self) -> str:
        """Label of its row; the first, if several rows have the run."""
        return row_label(self.group, self.step)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The report of a study, which need not be finished."""

    name: str
    """Name of the study."""
    about: str
    """The question of the study."""
    source: str
    """Where the question comes from."""
    note: str
    """How the study differs from the source."""
    split: str
    """The split on which the curves are read."""
    barrier: str
    """The definition of the barrier that sentences and plots are about."""
    line: str
    """The line whose shapes are correlated; empty if there is no curve."""
    cells: Mapping[str, int]
    """State to number of cells: `done`, `running`, `failed`, `damaged`, `waiting`."""
    rows: tuple[Row, ...]
    """Rows by group and step, then by line."""
    points: tuple[Point, ...]
    """The finished runs with a curve of `line`, each once."""
    associations: tuple[Association, ...]
    """Every shape against every outcome, scope by scope."""
    sensitivities: tuple[Sensitivity, ...]
    """Blocks by row, measure and granularity, the most sensitive first."""
    blocks: tuple[BlockRow, ...]
    """Every block of every row on every line, in the network's order."""
    sentences: tuple[str, ...]
    """Sentences on the relations that the data support or do not support."""
    warnings: tuple[str, ...]
    """Problems that make figures incomplete or doubtful."""
    methods: tuple[str, ...] = field(default=())
    """How the numbers were computed."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that have curves."""
        return tuple(dict.fromkeys(row.line for row in self.rows if row.line))

    @property
    def groups(self) -> tuple[Row, ...]:
        """One row for each group and step: that of the report's line, or the first."""
        found: dict[str, Row] = {}
        for row in self.rows:
            if row.label not in found or row.line == self.line:
                found[row.label] = row
        return tuple(found.values())

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data; unknown values are None.

        Returns:
            `schema`, the head (`name` to `line`), `cells`, `rows` and `blocks` with `mean`, `deviation` and `num` of
            every figure and the mean `curve`, `associations`, `sensitivities`, `sentences`, `warnings`, `methods`,
            and `figures`, the definitions by name.
        """
        head = {key: getattr(self, key) for key in ("name", "about", "source", "note", "split", "barrier", "line")}
        return {
            "schema": SCHEMA,
            **head,
            "cells": dict(self.cells),
            "rows": [_row_dict(row) for row in self.rows],
            "blocks": [_block_dict(row) for row in self.blocks],
            "associations": [asdict(one) for one in self.associations],
            "sensitivities": [asdict(one) for one in self.sensitivities],
            "sentences": list(self.sentences),
            "warnings": list(self.warnings),
            "methods": list(self.methods),
            "figures": dict(FIGURES),
        }


def _row_dict(row: Row) -> dict[str, Any]:
    return {
        "label": row.label,
        "group": row.group,
        "step": row.step,
        "line": row.line,
        "states": dict(row.states),
        "runs": list(row.runs),
        "published": {name: asdict(one) for name, one in row.published.items()},
        "target": row.target,
        "difference": row.difference,
        "figures": {name: asdict(one) for name, one in row.figures.items()},
        "curve": _curve_dict(row.paths),
    }


def _block_dict(row: BlockRow) -> dict[str, Any]:
    return {
        **{key: getattr(row, key) for key in ("label", "line", "by", "block", "num_runs")},
        "figures": {name: asdict(one) for name, one in row.figures.items()},
        "curve": _curve_dict(row.paths),
    }


def _curve_dict(paths: Sequence[Path]) -> dict[str, Any]:
    alphas, losses = mean_path(paths)
    return {"alphas": list(alphas), "losses": [finite(loss) for loss in losses]}
