"""Makes the report of a study from its outcomes and curves; never imports torch.

The study need not be finished; the report gives the number of cells in each state.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from statistics import mean

from lininterp_cli.study.plan import Study
from lininterp_cli.study.report.blocks import block_rows, sensitivities
from lininterp_cli.study.report.figures import FIGURES, MEASURES, OUTCOMES, SHAPES, USUAL_LINE, Scope, spread
from lininterp_cli.study.report.findings import Association, Point, Report, Row
from lininterp_cli.study.report.methods import METHODS
from lininterp_cli.study.report.ranks import holm, rank
from lininterp_cli.study.report.samples import Sample, gather
from lininterp_cli.study.report.words import conclusions

_Pair = tuple[float, float]
"""A shape and an outcome."""


def report(study: Study, runs: Path, *, split: str = "test", barrier: str = "rise") -> Report:
    """Make the report of a study.

    Args:
        study: The study.
        runs: The folder that holds the runs.
        split: The split on which the curves are read.
        barrier: A key of BARRIERS, for sentences and plots; the other barriers are reported too.

    Returns:
        The report; without numbers if no run is finished.
    """
    found = gather(study, runs, split)
    lines = Counter(line for sample in found.samples for line in sample.walks)
    line = USUAL_LINE if USUAL_LINE in lines else max(lines, key=lambda one: lines[one], default="")
    points = tuple(_points(found.samples, line))
    associations = tuple(associate(points))
    return Report(
        name=study.name,
        about=study.about,
        source=study.source,
        note=study.note,
        split=split,
        barrier=barrier,
        line=line,
        cells=found.cells,
        rows=tuple(rows(found.samples, study)),
        points=points,
        associations=associations,
        blocks=tuple(block_rows(found.samples)),
        sensitivities=tuple(sensitivities(found.samples)),
        sentences=conclusions(associations, f"barrier_{barrier}"),
        warnings=(*_shared(found.samples), *found.warnings),
        methods=METHODS,
    )


def _points(samples: Sequence[Sample], line: str) -> Iterator[Point]:
    """The runs with a curve of the line, each once."""
    told = set()
    for sample in samples:
        if line in sample.walks and sample.run not in told:
            told.add(sample.run)
            figures = {**sample.figures, **sample.walks[line].figures}
            yield Point(group=sample.group, seed=sample.seed, step=sample.step, figures=figures)


def _shared(samples: Sequence[Sample]) -> Iterator[str]:
    """A warning for every set of rows that have the same runs."""
    labels: dict[str, list[str]] = {}
    for sample in samples:
        if sample.state == "finished":
            labels.setdefault(sample.run, []).append(sample.label)
    for (first, *others), num in Counter(map(tuple, labels.values())).items():
        if others:
            words = "the same run, which counts" if num == 1 else f"the same {num} runs, each of which counts"
            yield f"{', '.join([first, *others[:-1]])} and {others[-1]} have {words} once in correlations"


def rows(samples: Sequence[Sample], study: Study) -> list[Row]:
    """Group the runs that differ only in their seeds.

    Args:
        samples: The runs.
        study: The study, for the published values.

    Returns:
        A row for each group, step and line; where there are no curves, one whose line is empty.
    """
    found = []
    lines = dict.fromkeys([USUAL_LINE, *(line for sample in samples for line in sample.walks)])
    place = {label: at for at, label in enumerate(dict.fromkeys(sample.label for sample in samples))}
    for label, some in groupby(sorted(samples, key=lambda sample: place[sample.label]), lambda sample: sample.label):
        own = list(some)
        done = [sample for sample in own if sample.state == "finished"]
        published = study.targets.get(label, {})
        for line in [line for line in lines if any(line in sample.walks for sample in done)] or [""]:
            walks = [sample.walks[line].figures if line in sample.walks else {} for sample in done]
            known = [{**sample.figures, **walk} for sample, walk in zip(done, walks, strict=True)]
            row = Row(
                group=own[0].group,
                step=own[0].step,
                line=line,
                states=dict(Counter(sample.state for sample in own)),
                figures={name: spread([one.get(name) for one in known]) for name in {**FIGURES, **published}},
                published=published,
                runs=tuple(sample.run for sample in done),
                paths=tuple(path for sample in done if line in sample.walks for path in sample.walks[line].paths),
            )
            found.append(row)
    return found


def associate(points: Sequence[Point]) -> list[Association]:
    """Correlate every shape with every outcome, over all runs, between groups and within them.

    Runs that steps make from one training share its seed and its settings, so they are no further evidence on either.
    Between and within groups each training therefore counts once: by its own run, or, if no training has a point, by
    the mean over the runs that its steps make.

    Args:
        points: The runs, each once.

    Returns:
        One correlation for each scope, outcome and shape; those of a scope are corrected as one family of tests.
    """
    trainings = [point for point in points if not point.step] or points
    num_groups = len({point.group for point in trainings})
    is_one_each = len({(point.group, point.seed) for point in trainings}) == len(points)
    scopes: list[Scope] = ["all"]
    # Where all points are in one group, or in a group of their own, another scope would repeat the first.
    scopes += ["between"] if 1 < num_groups < len(points) else []
    scopes += ["within"] if num_groups < len(points) and (num_groups > 1 or not is_one_each) else []
    # Measures that no run has are left out.
    asked = [name for name in MEASURES if any(point.figures.get(name) is not None for point in points)]
    found: list[Association] = []
    for scope in scopes:
        some = points if scope == "all" else trainings
        family = [_associate(some, shape, outcome, scope) for outcome in OUTCOMES for shape in (*SHAPES, *asked)]
        tested = [one.p for one in family if one.p is not None]
        corrected = iter(holm(tested))
        for one in family:
            p_holm = None if one.p is None else next(corrected)
            found.append(replace(one, p_holm=p_holm, num_tests=len(tested)))
    return found


def _associate(points: Sequence[Point], shape: str, outcome: str, scope: Scope) -> Association:
    units: dict[tuple[str, int], list[_Pair]] = {}
    for at, point in enumerate(points):
        x, y = point.figures.get(shape), point.figures.get(outcome)
        if x is not None and y is not None and math.isfinite(x) and math.isfinite(y):
            units.setdefault((point.group, at if scope == "all" else point.seed), []).append((x, y))
    most = max(map(len, units.values()), default=0)
    groups: dict[str, list[_Pair]] = {}
    for (group, _), pairs in units.items():
        # Means over runs of different steps cannot be compared.
        if len(pairs) == most:
            groups.setdefault(group, []).append(_mean_pair(pairs))
    if scope == "within":
        # A training that is alone in its group does not show the effect of seeds.
        groups = {label: pairs for label, pairs in groups.items() if len(pairs) > 1}
    known = [(label if scope == "within" else "", x, y) for label, pairs in groups.items() for x, y in pairs]
    num_runs = len(known)
    if scope == "between":
        known = [("", *_mean_pair(pairs)) for pairs in groups.values()]
    ranked = rank(
        [x for _, x, _ in known], [y for _, _, y in known], [label for label, _, _ in known], shape, outcome, scope
    )  # fmt: skip
    rho, tau = ranked.rho_interval or (None, None), ranked.tau_interval or (None, None)
    return Association(
        shape=shape, outcome=outcome, scope=scope, num_runs=num_runs, num_groups=len(groups),
        is_constant=ranked.is_constant, rho=ranked.rho, rho_low=rho[0], rho_high=rho[1],
        tau=ranked.tau, tau_low=tau[0], tau_high=tau[1], p=ranked.p, p_least=ranked.p_least,
        is_exact=ranked.is_exact, no_interval=ranked.no_interval,
    )  # fmt: skip


def _mean_pair(pairs: Sequence[_Pair]) -> _Pair:
    return mean(x for x, _ in pairs), mean(y for _, y in pairs)
