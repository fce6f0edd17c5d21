"""Figures of one run's curves of one line; averages nothing over runs and never imports torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lininterp_cli.landscape.curve import Curve
from lininterp_cli.landscape.shape import shape
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

    Args:
        curves: The curves, with any random ends and granularities; all have the split.
        split: The split to read.

    Returns:
        Their shapes and the rises of their blocks.
    """
    paths: dict[str, Path] = {}
    rises: dict[tuple[str, str], dict[str, tuple[float, float]]] = {}
    blocks: dict[tuple[str, str], dict[str, tuple[Path, float]]] = {}
    for curve in curves:
        # Curves of each granularity contain the whole network's path; each pair of ends counts once.
        ends = str([sorted(end.items()) for end in (curve.start, curve.end)])
        for series in curve.series:
            values = series.splits[split]
            if series.block is None:
                paths.setdefault(ends, (series.alphas, values.loss))
                continue
            own = ((series.alphas, values.loss), series.distance)
            blocks.setdefault((curve.by, series.block), {}).setdefault(ends, own)
            if 0.0 in series.alphas and 1.0 in series.alphas:
                first, last = series.alphas.index(0.0), series.alphas.index(1.0)
                loss, error = (costs[first] - costs[last] for costs in (values.loss, values.costs("accuracy")))
                rises.setdefault((curve.by, series.block), {}).setdefault(ends, (loss, error))
    known = {key: [_mean(column) for column in zip(*some.values(), strict=True)] for key, some in rises.items()}
    return Walk(
        figures=_mean_figures([*paths.values()]),
        paths=tuple(paths.values()),
        rises={key: (loss, error) for key, (loss, error) in known.items() if loss is not None and error is not None},
        blocks={key: _block_walk([*some.values()]) for key, some in blocks.items()},
    )


def _block_walk(curves: Sequence[tuple[Path, float]]) -> Walk:
    paths = tuple(path for path, _ in curves)
    return Walk(figures=_mean_figures(paths) | {"distance": _mean([distance for _, distance in curves])}, paths=paths)


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
