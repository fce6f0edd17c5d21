"""Which blocks are sensitive: what it costs to put one back and leave the rest trained; never torch."""

import math
from collections.abc import Sequence

from scipy.special import stdtrit

from lininterp_cli.study.report.findings import Sensitivity, spread
from lininterp_cli.study.report.samples import Sample

LINES = {"initial to final": "initial", "random to final": "random"}
"""Lines whose beginning puts a block back, to what they put it back to."""


def sensitivities(samples: Sequence[Sample]) -> list[Sensitivity]:
    """Rank the blocks of every row by what it costs to put them back.

    The cost is L(0) - L(1) on the line of one block, the rest final: to its initial weights, or to random ones, of
    which several draws are averaged in each run.

    Args:
        samples: The runs.

    Returns:
        For each row, in the order of the samples, its blocks, the most sensitive first, with Student's 95 % interval of
        the mean over runs; blocks that no run knows the cost of are left out.

    References:
        Zhang, Bengio & Singer 2022, arXiv 1902.01996 (re-initialisation and re-randomisation robustness); Student 1908,
        doi 10.2307/2331554.
    """
    rises: dict[tuple[str, str, str], dict[str, list[tuple[float, float]]]] = {}
    for sample in samples:
        for line, to in LINES.items():
            for (by, block), rise in sample.walks[line].rises.items() if line in sample.walks else ():
                rises.setdefault((sample.label, to, by), {}).setdefault(block, []).append(rise)
    labels = list(dict.fromkeys(sample.label for sample in samples))
    ordered = sorted(rises, key=lambda key: labels.index(key[0]))
    return [one for key in ordered for one in _ranked(*key, rises[key])]


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


def _ranked(label: str, to: str, by: str, blocks: dict[str, list[tuple[float, float]]]) -> list[Sensitivity]:
    means = {block: spread([rise for rise, _ in some]).mean for block, some in blocks.items()}
    known = sorted(((mean, block) for block, mean in means.items() if mean is not None), key=lambda pair: -pair[0])
    found = []
    for rank, (mean, block) in enumerate(known, start=1):
        some = blocks[block]
        low, high = mean_interval([rise for rise, _ in some]) or (None, None)
        error_rise = spread([error for _, error in some]).mean or 0.0
        one = Sensitivity(
            label=label, to=to, by=by, block=block, rank=rank, num_runs=len(some), rise=mean, low=low, high=high,
            error_rise=error_rise,
        )  # fmt: skip
        found.append(one)
    return found
