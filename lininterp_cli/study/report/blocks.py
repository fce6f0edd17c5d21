"""Blocks over seeds: the shapes of their curves, the distances they moved, and their sensitivity; no torch.

A block is sensitive if the loss rises much when it is put back with the rest final, or if its criticality is high.
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
    """Rank the blocks of every row by the cost of putting them back, and by module criticality.

    The cost is L(0) - L(1) on the line of one block, the rest final; alpha 0 is its initial weights, or random ones,
    of which several draws are averaged in each run.

    Args:
        samples: The runs.

    Returns:
        For each row, in the order of the samples, its blocks by each measure, the most sensitive first, with
        Student's 95 % interval of the mean over runs; blocks without a value in any run are left out.

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
    """Collect the figures of each block: its curve's shape on each line, and the distance that training moved it.

    Args:
        samples: The runs.

    Returns:
        For each row, in the order of the samples, line by line, its blocks in the network's order; for a row without
        curves of blocks, its blocks with an empty line.
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
    # Records have the distances of blocks only; those of other parts are in the curve of training's own line.
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
        values: Independent values from a normal distribution.

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
