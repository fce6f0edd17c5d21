"""Checks of a curve: losses at its ends, agreement of BatchNorm treatments, precise barriers; imports no torch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lininterp_cli.landscape.curves.barrier import is_monotone
from lininterp_cli.landscape.curves.curve import Curve, Metric
from lininterp_cli.landscape.curves.placement import DEFAULT_TOLERANCE, spelled, uncertainty
from lininterp_cli.runs.record import Record


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A path that is monotone under one treatment of BatchNorm statistics and not under another."""

    block: str
    """The block that moves; `all` for the whole network."""
    split: str
    """The split it was measured on."""
    monotone: dict[str, bool | None]
    """Treatment to whether the loss never rises, or the accuracy never falls; None if undecided."""


def disagreements(curves: Sequence[Curve], metric: Metric = "loss") -> list[Disagreement]:
    """The paths that are monotone under one treatment of BatchNorm and not under another.

    Args:
        curves: Curves of the same question, each with a different `bn`.
        metric: The metric whose monotonicity is compared.

    Returns:
        One entry for each path and split of all curves where the treatments disagree; an undecided verdict agrees with
        any.
    """
    found = []
    for row in zip(*(curve.series for curve in curves), strict=True):
        for split in row[0].splits:
            if not all(split in series.splits for series in row):
                continue
            verdicts: dict[str, bool | None] = {
                c.bn: c.is_monotone(series, split, metric) for c, series in zip(curves, row, strict=True)
            }
            if {True, False} <= set(verdicts.values()):
                found.append(Disagreement(row[0].label, split, verdicts))
    return found


def bn_dependent(curves: Sequence[Curve], split: str) -> list[str]:
    """The paths of a run that are monotone under one treatment of BatchNorm and not under another.

    A path is compared at the alphas that were measured under all its treatments, on as many examples; whatever else the
    curves hold does not matter.

    Args:
        curves: Curves of one run, of any questions, all with the split.
        split: The split to compare on.

    Returns:
        The blocks that move, `all` for the whole network, each once.
    """
    paths: dict[tuple[str, ...], dict[str, dict[float, float]]] = {}
    for curve in curves:
        ends = str([sorted(end.items()) for end in (curve.start, curve.end)])
        for series in curve.series:
            values = series.splits[split]
            by = "full" if series.block is None else curve.by
            path = (series.label, by, ends, curve.rest, curve.dtype, str(values.num_examples))
            losses = zip(series.alphas, values.loss, strict=True)
            paths.setdefault(path, {}).setdefault(curve.bn, {}).update(losses)
    found = []
    for (label, *_), treatments in paths.items():
        shared = sorted(set.intersection(*map(set, treatments.values())))
        verdicts = {is_monotone(shared, [losses[alpha] for alpha in shared]) for losses in treatments.values()}
        found += [label] if {True, False} <= verdicts else []
    return list(dict.fromkeys(found))


def end_difference(curve: Curve, record: Record) -> float | None:
    """The largest difference between the losses at a curve's ends and those its run stored for the same weights.

    Args:
        curve: A curve of the run.
        record: The run's record.

    Returns:
        The largest absolute difference, in nats; NaN if a loss of the curve is not finite where the stored one is.
        None if the two are not the same measurement: other endpoints, a part of the split, another dtype, or BatchNorm
        statistics that are not the checkpoint's own.
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
    """The barriers whose interval is wider than the requested precision, so far or after all examples.

    Args:
        curve: A curve.
        split: `test` or `train`.

    Returns:
        Block to half the width of its interval, the widest first; empty if no precision was requested.
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
    """The paths without a barrier although a precision was requested, because a loss that it needs is not finite.

    Args:
        curve: A curve.
        split: `test` or `train`.

    Returns:
        Their blocks, in the curve's order; empty if no precision was requested.
    """
    if "precision" not in curve.asked:
        return []
    definition, metric = curve.asked.get("barrier", curve.default_definition), curve.asked.get("metric", "loss")
    return [one.label for one in curve.series if curve.barrier(one, split, definition, metric) is None]


def unsettled(curve: Curve) -> dict[str, float]:
    """The paths that used up their points before they met the tolerance, on the split the points were placed on.

    Args:
        curve: A curve.

    Returns:
        Block to the estimated error of the straight lines between its points, as `uncertainty` computes it, the
        largest first; empty if positions were given.
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
