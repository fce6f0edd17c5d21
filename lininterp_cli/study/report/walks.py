"""Figures of one run's curves of one line; averages nothing over runs and never imports torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lininterp_cli.landscape.curves.curve import Curve, Series
from lininterp_cli.landscape.curves.shape import shape
from lininterp_cli.study.report.figures import Path, spread


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """Figures of one run's curves of one line; their means if there are several, with different random ends."""

    figures: Mapping[str, float | None]
    """Shapes by their names in FIGURES."""
    paths: tuple[Path, ...] = ()
    """Curves of the whole network, one for each pair of ends."""
    rises: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    """Granularity and block to the cost of putting it back (alpha 0 less alpha 1): loss in nats, error (a fraction)."""
    blocks: Mapping[tuple[str, str], "Walk"] = field(default_factory=dict)
    """Granularity and block to the figures of its own curves, which include the distance between its ends."""


def line_of(curve: Curve) -> str:
    """The name of a curve's line: its ends, and settings that are not the default.

    Seeds of random ends and ids of other runs are left out, so that curves of many runs share a name.

    Args:
        curve: The curve.

    Returns:
        A name such as `initial to final` or `final to random, bn batch`.
    """
    words = [f"{_end(curve.start, curve.run)} to {_end(curve.end, curve.run)}"]
    words += [f"bn {curve.bn}"] if curve.bn != "running" else []
    words += [f"rest {curve.rest}"] if curve.rest != "final" else []
    words += [curve.dtype] if curve.dtype != "float32" else []
    return ", ".join(words)


def walk_of(curves: Sequence[Curve], split: str) -> Walk:
    """Compute the figures of a run's curves of one line.

    A path between the same ends counts once: where several curves have it, that of most examples, then of most points.

    Args:
        curves: The curves, with any random ends and granularities; all have the split.
        split: The split to read.

    Returns:
        Their shapes and the rises of their blocks.
    """
    # Curves of each granularity contain the whole network's path.
    whole: dict[str, list[Series]] = {}
    blocks: dict[tuple[str, str], dict[str, list[Series]]] = {}
    for curve in curves:
        ends = str([sorted(end.items()) for end in (curve.start, curve.end)])
        for series in curve.series:
            same = whole if series.block is None else blocks.setdefault((curve.by, series.block), {})
            same.setdefault(ends, []).append(series)
    paths = _paths(_finest(whole, split), split)
    rises = {key: _mean_rise(_finest(_ending(same), split), split) for key, same in blocks.items()}
    return Walk(
        figures=_mean_figures(paths),
        paths=paths,
        rises={key: rise for key, rise in rises.items() if rise is not None},
        blocks={key: _block_walk(_finest(same, split), split) for key, same in blocks.items()},
    )


def _finest(same: Mapping[str, Sequence[Series]], split: str) -> list[Series]:
    """Of the series between each pair of ends, that of most examples, then of most points in [0, 1]."""

    def size(series: Series) -> tuple[int, int]:
        return series.splits[split].num_examples, sum(0 <= alpha <= 1 for alpha in series.alphas)

    return [max(some, key=size) for some in same.values()]


def _ending(same: Mapping[str, Sequence[Series]]) -> dict[str, list[Series]]:
    """The series that have both ends, by pairs of ends."""
    found = {ends: [one for one in some if {0.0, 1.0} <= set(one.alphas)] for ends, some in same.items()}
    return {ends: some for ends, some in found.items() if some}


def _paths(some: Sequence[Series], split: str) -> tuple[Path, ...]:
    return tuple((series.alphas, series.splits[split].loss) for series in some)


def _mean_rise(some: Sequence[Series], split: str) -> tuple[float, float] | None:
    """Means over pairs of ends of loss and error at alpha 0 less those at 1; None if one of them is not known."""
    rises = []
    for series in some:
        first, last = series.alphas.index(0.0), series.alphas.index(1.0)
        values = series.splits[split]
        rises.append([costs[first] - costs[last] for costs in (values.loss, values.costs("accuracy"))])
    loss, error = (_mean([rise[at] for rise in rises]) for at in range(2))
    return None if loss is None or error is None else (loss, error)


def _block_walk(some: Sequence[Series], split: str) -> Walk:
    paths = _paths(some, split)
    return Walk(figures=_mean_figures(paths) | {"distance": _mean([one.distance for one in some])}, paths=paths)


def _mean_figures(paths: Sequence[Path]) -> dict[str, float | None]:
    every = [_shape_figures(alphas, losses) for alphas, losses in paths]
    return {name: spread([one[name] for one in every]).mean for name in (every[0] if every else ())}


def _mean(values: Sequence[float]) -> float | None:
    """The mean of several draws; None if one of them is not finite."""
    found = spread(values)
    return found.mean if found.num == len(values) else None


def _shape_figures(alphas: Sequence[float], losses: Sequence[float]) -> dict[str, float | None]:
    found = shape(alphas, losses)
    # A curve that was measured and has no plateau has one of length 0.
    length = None if found.best is None else 0.0 if found.plateau is None else found.plateau.length
    return {
        **{f"barrier_{name}": None if top is None else top.height for name, top in found.barriers.items()},
        "monotone": None if found.monotone is None else float(found.monotone),
        "plateau": length,
        "plateau_end": None if found.plateau is None else found.plateau.end,
        "cliff": None if found.cliff is None else found.cliff.alpha,
        "best_alpha": None if found.best is None else found.best.alpha,
        "best_loss": None if found.best is None else found.best.loss,
    }


def _end(end: Mapping[str, Any], run: str) -> str:
    if end.get("zero"):
        return "zero"
    for kind in ("random", "noise", "direction"):
        if kind in end:
            return kind
    name = str(end.get("checkpoint") or ("a point between" if "alpha" in end else "a file"))
    return name if end.get("run", run) == run else f"another run's {name}"
