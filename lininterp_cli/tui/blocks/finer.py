"""From a block to its layers and from a layer to its tensors: a run's finer curves of the same question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lininterp_cli.landscape.curves.curve import Curve, Series
from lininterp_cli.runs.advice import command
from lininterp_cli.view.text import printable

FINER = {
    "full": ("block", "layer", "tensor"),
    "block": ("layer", "tensor"),
    "kind": ("layer", "tensor"),
    "layer": ("tensor",),
    "tensor": (),
}
"""The `by` of a curve to those whose rows are parts of its rows, the coarsest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """One step down from a curve to a finer one."""

    curve: str
    """The finer curve's name."""
    block: str
    """Label of the row that it was entered from."""
    labels: frozenset[str] | None
    """Labels of the rows inside; None for all."""
    place: int
    """Index of the page's curve before it was entered."""


def finer_rows(curve: Curve, whole: Series, others: Sequence[Curve], split: str) -> tuple[str, list[str]] | None:
    """The parts of one series in the next finer curve of the same question.

    Args:
        curve: The curve that the series is of.
        whole: One block or layer, or the whole network.
        others: The run's curves.
        split: A split that the finer curve must have.

    Returns:
        The finer curve's name and the labels of the series inside; None if there is no such curve.
    """
    for by in FINER[curve.by]:
        for other in others:
            if other.by == by and split in other.splits and _question(other) == _question(curve):
                labels = [series.label for series in other.series if series.block is not None and _is_in(series, whole)]
                if labels:
                    return other.name, labels
    return None


def next_finer(curve: Curve) -> str:
    """The `--by` to measure next to see inside a series: `block`, `layer` or `tensor`; empty if nothing is finer."""
    return next(iter(FINER[curve.by]), "")


def finer_command(curve: Curve, by: str, store: Path) -> str:
    """The command that measures the same question with a finer `--by`.

    Args:
        curve: The curve.
        by: `block`, `layer` or `tensor`.
        store: The folder of the runs.

    Returns:
        The command; options at their defaults are omitted.
    """
    start, end = _ends(curve)
    options = {"--by": by, "--from": start, "--to": end, "--rest": curve.rest, "--bn": curve.bn, "--dtype": curve.dtype}
    usual = {"--from": "initial", "--to": "final", "--rest": "final", "--bn": "running", "--dtype": "float32"}
    options["--split"], usual["--split"] = ",".join(curve.splits), "test"
    words = [word for name, value in options.items() if usual.get(name) != value for word in (name, value)]
    return command(store, "interpolate", *map(printable, (curve.run, *words)))


def _ends(curve: Curve) -> tuple[str, str]:
    return _spelled(curve.start, curve.run, "initial"), _spelled(curve.end, curve.run, "final")


def _spelled(end: Mapping[str, Any], run: str, fallback: str) -> str:
    """An endpoint of a curve as it is written on the command line."""
    if end.get("zero"):
        return "zero"
    for kind in ("random", "noise", "direction"):
        if kind in end:
            return f"{kind}:{end[kind]}"
    if "file" in end:
        return str(end["file"])
    other = end.get("run") or run
    if "alpha" in end:
        return f"{other}@{end['alpha']}"
    name = str(end.get("checkpoint") or fallback)
    return name if other == run else f"{other}:{name}"


def _question(curve: Curve) -> tuple[object, ...]:
    """The properties that curves of the same question have in common."""
    return dict(curve.start), dict(curve.end), curve.path, curve.rest, curve.bn


def _is_in(series: Series, whole: Series) -> bool:
    """Whether a series moves only tensors that another one moves."""
    if whole.block is None:
        return True
    if series.tensors and whole.tensors:
        return set(series.tensors) <= set(whole.tensors)
    return series.label == whole.label or series.label.startswith(f"{whole.label}.")
