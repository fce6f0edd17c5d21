"""Whether figures are what they ought to be: ends as stored, treatments agreeing, barriers precise; never torch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lininterp_cli.landscape.curve import Curve, Metric
from lininterp_cli.landscape.placement import DEFAULT_TOLERANCE, spelled, uncertainty
from lininterp_cli.runs.record import Record


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A path whose shape depends on what is done with BatchNorm statistics."""

    block: str
    """What moves."""
    split: str
    """What it was measured on."""
    monotone: dict[str, bool | None]
    """Treatment to whether the loss never rises, or the accuracy never falls."""


def disagreements(curves: Sequence[Curve], metric: Metric = "loss") -> list[Disagreement]:
    """The paths that are monotone under one treatment of BatchNorm and not under another.

    Args:
        curves: Curves of one question, each with another `bn`.
        metric: What is monotone.

    Returns:
        One entry for each path and split where the treatments do not agree; an open verdict agrees with any.
    """
    found = []
    for row in zip(*(curve.series for curve in curves), strict=True):
        for split in row[0].splits:
            verdicts: dict[str, bool | None] = {
                c.bn: c.is_monotone(series, split, metric) for c, series in zip(curves, row, strict=True)
            }
            if {True, False} <= set(verdicts.values()):
                found.append(Disagreement(row[0].label, split, verdicts))
    return found


def end_difference(curve: Curve, record: Record) -> float | None:
    """How far a curve's ends are from the metrics its run stored for the same weights.

    Args:
        curve: A curve of the run.
        record: The run's record.

    Returns:
        The largest absolute difference in loss, in nats, or None where the two are not the same measurement: other
        endpoints, a part of the split, another precision, or statistics that are not the checkpoint's own.
    """
    if curve.bn != "running" or curve.dtype != "float32" or not curve.series or curve.series[0].block is not None:
        return None
    full, differences = curve.series[0], []
    for end, alpha in ((curve.start, 0.0), (curve.end, 1.0)):
        stored = record.result.get(str(end.get("checkpoint")), {})
        if end.get("run") != record.id or alpha not in full.alphas:
            continue
        for split, values in full.splits.items():
            loss = stored.get(f"{split}_loss")
            if loss is not None and values.num_examples == values.split_size:
                differences.append(abs(values.loss[full.alphas.index(alpha)] - loss))
    return max(differences, default=None) if not any(map(math.isnan, differences)) else math.nan


def imprecise(curve: Curve, split: str) -> dict[str, float]:
    """The barriers that are less precisely known than was asked: so far, or after all examples.

    Args:
        curve: A curve.
        split: `test` or `train`.

    Returns:
        Block to half the width of its interval, the widest first; empty where no precision was asked.
    """
    asked = curve.asked.get("precision")
    if asked is None:
        return {}
    definition = curve.asked.get("barrier", curve.default_definition)
    known = {
        series.label: series.interval(split, definition, curve.asked.get("metric", "loss")) for series in curve.series
    }
    halves = {label: one.half_width for label, one in known.items() if one is not None}
    wide = {label: half for label, half in halves.items() if half > asked}
    return dict(sorted(wide.items(), key=lambda item: -item[1]))


def undefined(curve: Curve, split: str) -> list[str]:
    """The paths that were to be known precisely and whose barrier is none: a loss that it is over is not finite.

    Args:
        curve: A curve.
        split: `test` or `train`.

    Returns:
        Their blocks, in the curve's order; empty where no precision was asked.
    """
    if "precision" not in curve.asked:
        return []
    definition, metric = curve.asked.get("barrier", curve.default_definition), curve.asked.get("metric", "loss")
    return [one.label for one in curve.series if curve.barrier(one, split, definition, metric) is None]


def unsettled(curve: Curve) -> dict[str, float]:
    """The paths whose points were spent before they were known as well as was asked, on the split they were placed on.

    Args:
        curve: A curve.

    Returns:
        Block to how far the straight lines between its points may still be off, as `uncertainty` counts it, the worst
        first; empty where positions were given.
    """
    budget = spelled(str(curve.asked.get("alphas", "")))
    if budget is None or not curve.splits:
        return {}
    open_ends = {
        series.label: uncertainty(series.alphas, series.splits[curve.splits[0]].loss)
        for series in curve.series
        if sum(0 <= alpha <= 1 for alpha in series.alphas) >= budget
    }
    wide = {
        label: error for label, error in open_ends.items() if error > curve.asked.get("tolerance", DEFAULT_TOLERANCE)
    }
    return dict(sorted(wide.items(), key=lambda item: -item[1]))
