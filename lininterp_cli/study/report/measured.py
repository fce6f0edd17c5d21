"""Figures of one run's criticalities and Gauss lengths; reads no files and averages nothing over runs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lininterp_cli.landscape.curves.measures import Criticality, GaussLength, Measure


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """Figures of a run's measures; values that were measured in different ways are never put together."""

    figures: Mapping[str, float | None]
    """Total criticality by block, and the Gauss length from initial to final, by their names in FIGURES."""
    criticalities: Mapping[tuple[str, str], float]
    """Granularity and block to module criticality, where it is known."""
    warnings: tuple[str, ...]
    """A message for each figure that was measured in several ways."""


def measured(measures: Sequence[Measure], split: str) -> Measured:
    """Choose the figures of a run's measures.

    Criticalities can be compared if epsilon, alphas, examples and draws are the same: of several such settings those of
    most blocks count, then of most examples, draws and alphas.  Of several Gauss lengths the one on the report's split
    counts, then that of most examples and alphas.

    Args:
        measures: The measures, in the order of the steps that asked for them; of equal ones the first counts.
        split: The split of the report.

    Returns:
        The figures, and what was chosen.
    """
    figures: dict[str, float | None] = {}
    criticalities: dict[tuple[str, str], float] = {}
    warnings: list[str] = []
    ways: dict[str, dict[str, list[Criticality]]] = {}
    for one in measures:
        if isinstance(one, Criticality):
            way = str([sorted(one.start.items()), sorted(one.end.items()), one.epsilon, one.alphas, _size(one)])
            ways.setdefault(one.by, {}).setdefault(way, []).append(one)
    for by, some in ways.items():
        chosen = max(some.values(), key=lambda alike: (len(_mus(alike)), _size(alike[0])))
        mus = _mus(chosen)
        criticalities |= {(by, block): mu for block, mu in mus.items() if mu is not None}
        if by == "block":
            known = [mu for mu in mus.values() if mu is not None]
            figures["criticality"] = math.fsum(known) if len(known) == len(mus) else None
        rule = "the one of most blocks, then of most examples, draws and alphas, then the first"
        warnings += _choice(f"criticality by {by}", len(some), chosen, rule)
    lengths = [one for one in measures if isinstance(one, GaussLength) and _is_training(one)]
    if lengths:
        longest = max(lengths, key=lambda one: (one.split == split, _size(one)))
        figures["gauss_length"] = longest.mean if math.isfinite(longest.mean) else None
        rule = f"the one on {split}, then of most examples and alphas, then the first"
        warnings += _choice("Gauss length", len(lengths), [longest], rule)
    return Measured(figures=figures, criticalities=criticalities, warnings=tuple(warnings))


def _size(one: Measure) -> tuple[int, ...]:
    """Numbers of examples, draws and alphas."""
    if isinstance(one, Criticality):
        return one.num_examples, one.num_draws, len(one.alphas)
    return one.num_examples + one.num_missing, len(one.alphas)


def _mus(alike: Sequence[Criticality]) -> dict[str, float | None]:
    return {name: block.mu for one in alike for name, block in one.blocks.items()}


def _is_training(one: GaussLength) -> bool:
    return (one.start.get("checkpoint"), one.end.get("checkpoint")) == ("initial", "final")


def _choice(figure: str, num_ways: int, chosen: Sequence[Measure], rule: str) -> list[str]:
    names = " and ".join(one.name for one in chosen)
    return [f"{figure} was measured in {num_ways} ways; reported is {names}: {rule}"] if num_ways > 1 else []
