"""What a report says, as data: rows over seeds, rank correlations, blocks; nothing is read or computed here.

Never torch, never numpy: the views read this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from lininterp_cli.runs.files import finite
from lininterp_cli.study.plan import Published
from lininterp_cli.study.report.figures import BACK, FIGURES, USUAL_LINE, Path, Scope, Spread
from lininterp_cli.study.report.paths import mean_path

SCHEMA = 1
"""Of the report as JSON."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """The runs of one group that the same steps have made, over its seeds, on one line."""

    group: str
    """What they have in common."""
    step: str
    """The steps that made them; empty for the group's own trainings."""
    line: str
    """The line that was walked, `initial to final`; empty where none was."""
    states: Mapping[str, int]
    """How they stand to how many: `finished`, `diverged`, `failed`, `not made`, `waiting`."""
    figures: Mapping[str, Spread]
    """Name of FIGURES, or of an accuracy after an epoch that was published, to what is known over the finished ones."""
    published: Mapping[str, Published] = field(default_factory=dict)
    """What others have published of it, by the names of figures."""
    runs: tuple[str, ...] = ()
    """The ids of the finished ones."""
    paths: tuple[Path, ...] = ()
    """Their walks of the whole network."""

    @property
    def label(self) -> str:
        """What it is called: group and step."""
        return f"{self.group} / {self.step}" if self.step else self.group

    @property
    def num_planned(self) -> int:
        """Runs that the study asks for."""
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
    """One block in the networks of a row, on one line: it moves, and the rest stays where the line says."""

    label: str
    """The row it is of."""
    line: str
    """The line that was walked, `initial to final`; empty where none was by this block."""
    by: str
    """How fine the block is: `block`, `kind`, `layer` or `tensor`."""
    block: str
    """The block."""
    num_runs: int
    """Runs of which it is known."""
    figures: Mapping[str, Spread]
    """Name of BLOCK_FIGURES to what is known over them."""
    paths: tuple[Path, ...] = ()
    """The curves themselves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Association:
    """Whether a figure of the shape and an outcome rise together."""

    shape: str
    """One of SHAPES or MEASURES."""
    outcome: str
    """One of OUTCOMES."""
    scope: Scope
    """Over what."""
    num_runs: int
    """Runs in which both are known."""
    num_groups: int
    """Groups that they are in."""
    is_constant: bool = False
    """Whether one of the two is the same throughout."""
    rho: float | None = None
    """Spearman's rho, -1..1; None where there is too little, or nothing varies."""
    rho_low: float | None = None
    """Lower end of its 95 % interval; None where it has none."""
    rho_high: float | None = None
    """Upper end."""
    no_interval: Literal["few", "order", "ties"] | None = None
    """Why there is none: too few runs, an order without exception, or ties that leave too little that varies."""
    tau: float | None = None
    """Kendall's tau-b, -1..1."""
    tau_low: float | None = None
    """Lower end of its 95 % interval."""
    tau_high: float | None = None
    """Upper end."""
    p: float | None = None
    """Two-sided p-value of a permutation test of rho."""
    p_least: float | None = None
    """The smallest that figures with these ties could have, in whatever order."""
    p_holm: float | None = None
    """The same after Holm's correction for all tests of its scope."""
    is_exact: bool = False
    """Whether every permutation was looked at."""
    num_tests: int = 0
    """Tests of its scope."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sensitivity:
    """How sensitive one block is, by one measure."""

    label: str
    """The row it is of."""
    measure: str
    """`initial` or `random`, the cost of putting it back there with the rest final; or `criticality`."""
    by: str
    """How fine the blocks are that it is ranked among: `block`, `layer` or `tensor`."""
    block: str
    """The block."""
    rank: int
    """1 for the most sensitive block."""
    num_runs: int
    """Runs it was measured in."""
    mean: float
    """Mean over them: rise of the loss in nats, or module criticality, which has no unit."""
    low: float | None
    """Lower end of the mean's 95 % interval over seeds; None with one run."""
    high: float | None
    """Upper end."""
    error_rise: float | None = None
    """Mean rise of the error, a fraction; None for criticality."""

    @property
    def line(self) -> str:
        """The line whose beginning is measured; that of training where it is none."""
        return BACK.get(self.measure, USUAL_LINE)

    @property
    def title(self) -> str:
        """What it is ranked among."""
        if self.measure == "criticality":
            return f"{self.label}: module criticality by {self.by}"
        return f"{self.label}: each {self.by} back to {self.measure}, nats"


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One run as a dot of the scatter."""

    label: str
    """Its row."""
    figures: Mapping[str, float | None]
    """What is known of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a study has found so far."""

    name: str
    """The study's."""
    about: str
    """What it asks."""
    source: str
    """Where the question comes from."""
    note: str
    """What differs from the source."""
    split: str
    """The split the curves are of."""
    barrier: str
    """The definition of the barrier that sentences and plots are about."""
    line: str
    """The line that shapes are correlated on; empty where there is no curve."""
    cells: Mapping[str, int]
    """How cells stand to how many: `done`, `running`, `failed`, `damaged`, `waiting`."""
    rows: tuple[Row, ...]
    """Groups and steps, then lines."""
    points: tuple[Point, ...]
    """The finished runs that have walked the line."""
    associations: tuple[Association, ...]
    """Every shape against every outcome, scope by scope."""
    sensitivities: tuple[Sensitivity, ...]
    """Blocks, the most sensitive of each row first."""
    blocks: tuple[BlockRow, ...]
    """Every block of every row on every line, in the network's order."""
    sentences: tuple[str, ...]
    """What the data support and what they do not."""
    warnings: tuple[str, ...]
    """What is wrong or to be known before anything is believed."""
    methods: tuple[str, ...] = field(default=())
    """How the numbers were made."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that were walked."""
        return tuple(dict.fromkeys(row.line for row in self.rows if row.line))

    @property
    def groups(self) -> tuple[Row, ...]:
        """One row for each group and step: that of the report's line, or its first."""
        found: dict[str, Row] = {}
        for row in self.rows:
            if row.label not in found or row.line == self.line:
                found[row.label] = row
        return tuple(found.values())

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data; what is not known is None.

        Returns:
            `schema`, what the study is, `cells`, `rows` and `blocks` with `mean`, `deviation` and `num` of every
            figure and the mean `curve`, `associations`, `sensitivities`, `sentences`, `warnings`, and what
            figures and methods mean.
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
