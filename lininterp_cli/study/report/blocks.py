"""Blocks over seeds: their curves, how far they moved, and which are sensitive; no torch.

Sensitive is what costs much to put back with the rest final, or what is critical.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from scipy.special import stdtrit

from lininterp_cli.study.report.figures import BACK, BLOCK_FIGURES, USUAL_LINE, spread
from lininterp_cli.study.report.findings import BlockRow, Sensitivity
from lininterp_cli.study.report.samples import Sample

_Key = tuple[str, str, str]
"""Row, measure and granularity; or line, granularity and block."""


def sensitivities(samples: Sequence[Sample]) -> list[Sensitivity]:
    """Rank the blocks of every row, by what it costs to put them back and by module criticality.

    The cost is L(0) - L(1) on the line of one block, the rest final: to its initial weights, or to random ones, of
    which several draws are averaged in each run.

    Args:
        samples: The runs.

    Returns:
        For each row, in the order of the samples, its blocks by each measure, the most sensitive first, with
        Student's 95 % interval of the mean over runs; blocks of which no run knows anything are left out.

    References:
        Zhang, Bengio & Singer 2022, arXiv 1902.01996 (re-initialisation and re-randomisation robustness); Chatterji,
        Neyshabur & Sedghi 2020, arXiv 1912.00528 (module criticality); Student 1908, doi 10.2307/2331554.
    """
    costs: dict[_Key, dict[str, list[float]]] = {}
    errors: dict[tuple[_Key, str], list[float]] = {}
    for sample in samples:
        for end, line in BACK.items():
            for (by, block), (loss, error) in sample.walks[line].rises.items() if line in sample.walks else ():
                key = (sample.label, end, by)
                costs.setdefault(key, {}).setdefault(block, []).append(loss)
                errors.setdefault((key, block), []).append(error)
        for (by, block), mu in sample.criticalities.items():
            costs.setdefault((sample.label, "criticality", by), {}).setdefault(block, []).append(mu)
    labels = list(dict.fromkeys(sample.label for sample in samples))
    return [
        replace(one, error_rise=spread(errors.get((key, one.block), [])).mean)
        for key in sorted(costs, key=lambda key: labels.index(key[0]))
        for one in _ranked(key, costs[key])
    ]


def block_rows(samples: Sequence[Sample]) -> list[BlockRow]:
    """What is known of every block by itself: its curve's shape on each line, and how far training moved it.

    Args:
        samples: The runs.

    Returns:
        For each row, in the order of the samples, every line, then its blocks in the network's order; of a row whose
        blocks no line was walked by, one for each block without a line.
    """
    found: list[BlockRow] = []
    for label in dict.fromkeys(sample.label for sample in samples):
        own = [sample for sample in samples if sample.label == label and sample.state == "finished"]
        keys = {(line, *key): None for sample in own for line, walk in sample.walks.items() for key in walk.blocks}
        lines = dict.fromkeys(line for line, _, _ in keys)
        ordered = [key for line in sorted(lines, key=lambda line: line != USUAL_LINE) for key in keys if key[0] == line]
        alone = [("", "block", block) for block in dict.fromkeys(block for sample in own for block in sample.moved)]
        found += [_block_row(label, key, own) for key in ordered or alone]
    return found


def _block_row(label: str, key: _Key, samples: Sequence[Sample]) -> BlockRow:
    line, by, block = key
    if line:
        samples = [sample for sample in samples if line in sample.walks and (by, block) in sample.walks[line].blocks]
    walks = [sample.walks[line].blocks[by, block] for sample in samples] if line else []
    figures = {name: [walk.figures.get(name) for walk in walks] for name in BLOCK_FIGURES}
    moved = [sample.moved.get(block, (None, None)) if by == "block" else (None, None) for sample in samples]
    # Records know blocks alone; of finer parts only the curve of training's own line knows how far they moved.
    if line != USUAL_LINE or any(distance is not None for distance, _ in moved):
        figures["distance"] = [distance for distance, _ in moved]
    figures["relative_distance"] = [relative for _, relative in moved]
    paths = tuple(path for walk in walks for path in walk.paths)
    return BlockRow(
        label=label, line=line, by=by, block=block, num_runs=len(samples), paths=paths,
        figures={name: spread(some) for name, some in figures.items()},
    )  # fmt: skip


def mean_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Student's 95 % interval of a mean.

    Args:
        values: Independent and, but for luck, normal.

    Returns:
        Its ends, or None with fewer than two values.

    Example:
        >>> low, high = mean_interval([1.0, 2.0, 3.0])
        >>> round(low, 3), round(high, 3)
        (-0.484, 4.484)
    """
    found = spread(values)
    if found.mean is None or found.deviation is None:
        return None
    reach = float(stdtrit(found.num - 1, 0.975)) * found.deviation / math.sqrt(found.num)
    return found.mean - reach, found.mean + reach


def _ranked(key: _Key, blocks: Mapping[str, Sequence[float]]) -> Iterator[Sensitivity]:
    label, measure, by = key
    means = {block: spread(some).mean for block, some in blocks.items()}
    known = sorted(((mean, block) for block, mean in means.items() if mean is not None), key=lambda pair: -pair[0])
    for rank, (mean, block) in enumerate(known, start=1):
        low, high = mean_interval(blocks[block]) or (None, None)
        yield Sensitivity(
            label=label, measure=measure, by=by, block=block, rank=rank, num_runs=len(blocks[block]), mean=mean,
            low=low, high=high,
        )  # fmt: skip
