"""One measure of runs against another, a dot for each run, and their rank correlation; nothing is drawn here.

The correlation is over all runs with both measures, including those outside the drawn part.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lininterp_cli.errors import ConfigError, did_you_mean
from lininterp_cli.landscape.curves.ranks import RankCorrelation, correlate
from lininterp_cli.view.curves.quantity import reach
from lininterp_cli.view.runs.fields import ALIASES, FIELDS, about, differing, numeric, shown, value
from lininterp_cli.view.runs.summary import Summary

MAX_GROUPS = 8
"""Largest number of groups that stay distinguishable; fields with more of them are not offered for grouping."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dot:
    """One run."""

    index: int
    """Its index among the given runs."""
    x: float
    """The horizontal measure; finite."""
    y: float
    """The vertical measure; finite."""
    group: int
    """Index of its group."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scatter:
    """The content of a scatter plot of any size."""

    x: str
    """The horizontal field."""
    y: str
    """The vertical field."""
    by: str
    """The field that groups the runs; empty for none."""
    groups: tuple[str, ...]
    """The names of the groups that dots are in; one empty name if the runs are not grouped."""
    dots: tuple[Dot, ...]
    """The runs in which both measures are known."""
    num_runs: int
    """Number of given runs."""
    ranks: RankCorrelation = field(default_factory=lambda: RankCorrelation(num_pairs=0))
    """The rank correlation of the measures."""


def scatter(runs: Sequence[Summary], x: str, y: str, by: str = "") -> Scatter:
    """Make a scatter of one measure of runs against another.

    Args:
        runs: The runs.
        x: The horizontal field, see `view.fields`.
        y: The vertical field.
        by: The field whose values group the runs; unless given, the one that `usual_grouping` chooses for those that
            are drawn.

    Returns:
        The runs in which both are finite numbers, and the correlation of their ranks.
    """
    pairs = [(known_number(run, x), known_number(run, y)) for run in runs]
    known = [
        (index, left, right) for index, (left, right) in enumerate(pairs) if left is not None and right is not None
    ]
    # Runs without a dot need no letter.
    by = by or usual_grouping([runs[index] for index, _, _ in known])
    labels = [label_of(runs[index], by) if by else "" for index, _, _ in known]
    names = sorted(set(labels), key=_order)
    places = {name: place for place, name in enumerate(names)}
    dots = tuple(
        Dot(index=index, x=left, y=right, group=places[label])
        for (index, left, right), label in zip(known, labels, strict=True)
    )
    ranks = correlate([dot.x for dot in dots], [dot.y for dot in dots])
    return Scatter(x=x, y=y, by=by, groups=tuple(names), dots=dots, num_runs=len(runs), ranks=ranks)


def usual_grouping(runs: Sequence[Summary]) -> str:
    """The default field of groups: model, data, optimizer, or the first setting of few values; empty for none."""
    return next(groupings(runs), "")


def groupings(runs: Sequence[Summary]) -> Iterator[str]:
    """The fields that divide runs into 2 to MAX_GROUPS groups.

    Args:
        runs: The runs.

    Yields:
        Their names; model, data and optimizer first, the seed last.
    """
    keys = [key for key in differing(runs) if not key.endswith(".name") and key != "seed"]
    for name in ("model", "data", "optimizer", *keys, "seed"):
        if 2 <= len({label_of(run, name) for run in runs}) <= MAX_GROUPS:
            yield name


def measures(runs: Sequence[Summary]) -> list[tuple[str, str]]:
    """The fields that can be plotted against each other, each with a short description."""
    return [(name, about(name)) for name in numeric(runs)]


def axes(runs: Sequence[Summary], text: str) -> tuple[str, str]:
    """Parse the names of two measures.

    Args:
        runs: The runs.
        text: `horizontal,vertical`.

    Returns:
        Both names.

    Raises:
        ConfigError: If there are not two names, or no run has a number in one of these fields.
    """
    names = [part.strip() for part in text.split(",")]
    if len(names) != 2:
        raise ConfigError(f"a scatter is of two measures, such as barrier,accuracy, not {text!r}")
    for name in names:
        if all(known_number(run, name) is None for run in runs):
            known = numeric(runs)
            words = ", ".join(known) or "nothing, as all runs are the same in every number"
            hint = did_you_mean(name, known)
            raise ConfigError(f"no run has a number called {name!r}{hint} (what differs between them: {words})")
    return names[0], names[1]


def sentences(plotted: Scatter) -> list[str]:
    """The rank correlation in sentences.

    Args:
        plotted: The scatter.

    Returns:
        A sentence with n, the correlation and its interval, then their caveats.
    """
    ranks, lost = plotted.ranks, plotted.num_runs - len(plotted.dots)
    runs = f"{ranks.num_pairs} run{'' if ranks.num_pairs == 1 else 's'}"
    out = []
    if ranks.rho is None:
        same = len({dot.x for dot in plotted.dots}) <= 1 or len({dot.y for dot in plotted.dots}) <= 1
        why = "one of the measures is the same in all" if ranks.num_pairs >= 4 and same else "too few"
        out.append(f"{runs}: {why}, no rank correlation")
    elif (ranks.low is None or ranks.high is None) and 1 - abs(ranks.rho) > 1e-9:
        out.append(f"{runs}: rho = {ranks.rho:z.2f}; too few, or too many tied, to say how sure that is")
    elif ranks.low is None or ranks.high is None:
        out.append(f"{runs}: an order without exception, rho = {ranks.rho:.0f}; too few to say how sure that is")
    else:
        tau = "" if ranks.tau is None else f", tau = {ranks.tau:.2f}"
        # Where there is little room, the end is left out.
        unsure = "" if ranks.is_told_from_zero else "; it cannot be told from 0"
        out.append(f"{runs}: rank correlation rho = {ranks.rho:.2f} ({ranks.low:.2f}..{ranks.high:.2f}){tau}{unsure}")
    if ranks.low is not None:
        out.append("95 % interval of independent runs; runs that share settings are not independent")
    if lost:
        out.append(f"{lost} run{'' if lost == 1 else 's'} without both measures left out")
    return out


def axis_words(name: str) -> str:
    """The name of an axis: the field and its unit."""
    known = FIELDS.get(ALIASES.get(name, name))
    return f"{name} ({known.unit})" if known is not None and known.unit else name


def usual_reach(name: str) -> float:
    """The magnitude up to which a measure never counts as diverged: 10 nats, 1 for fractions, else 0."""
    known = FIELDS.get(ALIASES.get(name, name))
    return {"nats": reach("loss"), "fraction": 1.0}.get(known.unit if known is not None else "", 0.0)


def known_number(run: Summary, name: str) -> float | None:
    """The value of a run's field if it is a finite number, else None."""
    found = value(run, name)
    return float(found) if isinstance(found, float | int) and math.isfinite(found) else None


def label_of(run: Summary, name: str) -> str:
    """The group of a run: the field's value in words, `-` where it has none."""
    found = value(run, name)
    return shown(name, found) or "-"


def _order(label: str) -> tuple[bool, float, str]:
    """Sort key of labels: numbers by their size, then words."""
    try:
        size = float(label)
    except ValueError:
        size = math.nan
    return (False, size, label) if math.isfinite(size) else (True, 0.0, label)


def scatter_rows(runs: Sequence[Summary], plotted: Scatter) -> list[list[str | float | None]]:
    """The runs of a scatter as a table, in full precision.

    Args:
        runs: The runs it was made of.
        plotted: The scatter.

    Returns:
        Rows, the heads first; None where a measure of a run is not known.
    """
    rows: list[list[str | float | None]] = [
        ["run", "name", *([plotted.by] if plotted.by else []), plotted.x, plotted.y]
    ]
    for run in runs:
        about = [run.id, run.name, *([label_of(run, plotted.by)] if plotted.by else [])]
        rows.append([*about, known_number(run, plotted.x), known_number(run, plotted.y)])
    return rows
