"""What a report says, as data: rows over seeds, rank correlations, sensitive blocks; nothing is read or computed here.

Never torch, never numpy: the views read this.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import mean, stdev
from typing import Any, Literal

SCHEMA = 1
"""Of the report as JSON."""

FIGURES: dict[str, str] = {
    "test_accuracy": "fraction of the test examples that the final weights get right",
    "train_accuracy": "the same of the training examples, without augmentation",
    "generalisation_gap": "train accuracy less test accuracy",
    "barrier_rise": "largest rise above the running minimum, nats (Lucas et al. 2021, arXiv 2104.11044)",
    "barrier_chord": "largest height above the line between the ends, nats (Entezari et al. 2022, arXiv 2110.06296)",
    "barrier_mean": "largest height above the mean of the ends, nats (Frankle et al. 2020, arXiv 1912.05671)",
    "barrier_max": "largest height above the higher end, nats (Draxler et al. 2018, arXiv 1803.00885)",
    "monotone": "share of runs whose loss never rises on the way (Lucas et al. 2021, arXiv 2104.11044)",
    "plateau": "length in alpha of the longest part on which the loss varies by no more than a twentieth of what it is "
    "still to fall; 0 where there is none (of plateaus: Wang et al. 2023, arXiv 2210.01019)",
    "plateau_end": "alpha at which the loss leaves that part",
    "cliff": "alpha of the steepest fall",
    "best_alpha": "alpha of the lowest loss",
    "best_loss": "the lowest loss on the way, nats",
    "distance": "Euclidean distance from the initial to the final parameters",
    "relative_distance": "that distance over the initial parameters' norm (Lucas et al. 2021, arXiv 2104.11044)",
    "gauss_length": "how much the logits' course bends on the way, radians (Lucas et al. 2021, arXiv 2104.11044)",
    "criticality": "sum of the module criticalities of the blocks asked for (Chatterji et al. 2020, arXiv 1912.00528)",
}
"""What is known of a run, and what it means; a group has the mean and the standard deviation over its runs."""

SHAPES = (
    *("barrier_rise", "barrier_chord", "barrier_mean", "barrier_max"),
    *("monotone", "plateau", "cliff", "best_alpha"),
)
"""The figures that say how a curve is shaped."""

MEASURES = ("gauss_length", "criticality")
"""The figures that are measured only where a study asks for them; shapes like those above where they are."""

OUTCOMES = ("test_accuracy", "generalisation_gap", "distance")
"""The figures that shapes are put against."""

Scope = Literal["all", "between", "within"]
"""Over what a correlation is: all runs, one point for each group, or the runs within each group."""

SCOPES: dict[Scope, str] = {
    "all": "all runs, each a point",
    "between": "groups, each one point: the means over its runs",
    "within": "runs within their groups: midranks in each group over its runs plus one, put together",
}

Path = tuple[Sequence[float], Sequence[float]]
"""Alphas and losses."""


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure over the runs of a group."""

    num: int
    """Runs in which it is known."""
    mean: float | None
    """Their mean; None where there is none."""
    deviation: float | None
    """Their standard deviation, by n - 1; None with fewer than two."""


def spread(values: Sequence[float | None]) -> Spread:
    """Mean and standard deviation of what is known.

    Args:
        values: One for each run; what is None or not finite is left out.

    Returns:
        Both, and how many there are.

    Example:
        >>> spread([1.0, None, 3.0])
        Spread(num=2, mean=2.0, deviation=1.4142135623730951)
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    return Spread(len(known), mean(known) if known else None, stdev(known) if len(known) > 1 else None)


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
    """Name of FIGURES to what is known over the finished ones."""
    target: float | None = None
    """The published test accuracy, a fraction."""
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
    def difference(self) -> float | None:
        """The measured mean test accuracy less the published one; None where either is not known."""
        mean = self.figures["test_accuracy"].mean
        return None if mean is None or self.target is None else mean - self.target


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
            `schema`, what the study is, `cells`, `rows` with `mean`, `deviation` and `num` of every figure,
            `associations`, `sensitivities`, `sentences`, `warnings`, and what figures and methods mean.
        """
        head = {key: getattr(self, key) for key in ("name", "about", "source", "note", "split", "barrier", "line")}
        return {
            "schema": SCHEMA,
            **head,
            "cells": dict(self.cells),
            "rows": [_row_dict(row) for row in self.rows],
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
        "target": row.target,
        "difference": row.difference,
        "figures": {name: asdict(one) for name, one in row.figures.items()},
    }
