"""Curves of several runs as one; never torch, never numpy."""

import math
from bisect import bisect_left
from collections.abc import Sequence

from lininterp_cli.study.report.figures import Path


def aligned(paths: Sequence[Path]) -> list[Path]:
    """Curves at the same positions.

    Args:
        paths: Alphas, ascending, and losses of each.

    Returns:
        As many; those of other positions are read at every alpha that any of them has and all of them reach, linearly
        between their own.
    """
    if not paths or all(tuple(alphas) == tuple(paths[0][0]) for alphas, _ in paths):
        return list(paths)
    low, high = max(alphas[0] for alphas, _ in paths), min(alphas[-1] for alphas, _ in paths)
    wanted = sorted({alpha for alphas, _ in paths for alpha in alphas if low <= alpha <= high})
    return [(wanted, [_between(path, alpha) for alpha in wanted]) for path in paths]


def mean_path(paths: Sequence[Path]) -> Path:
    """The mean of several curves.

    Args:
        paths: Alphas, ascending, and losses of each.

    Returns:
        Alphas and means, NaN where one of them is not finite; both empty where there is no curve.

    Example:
        >>> mean_path([((0.0, 1.0), (2.0, 0.0)), ((0.0, 0.5, 1.0), (2.0, 2.0, 0.0))])
        ([0.0, 0.5, 1.0], [2.0, 1.5, 0.0])
    """
    same = aligned(paths)
    if not same:
        return (), ()
    columns = zip(*(losses for _, losses in same), strict=True)
    # Sums of diverged losses overflow; parts of them do not.
    means = [math.fsum(loss / len(same) for loss in some) if all(map(math.isfinite, some)) else math.nan
             for some in columns]  # fmt: skip
    return list(same[0][0]), means


def _between(path: Path, alpha: float) -> float:
    alphas, losses = path
    right = bisect_left(alphas, alpha)
    if alphas[right] == alpha:
        return losses[right]
    share = (alpha - alphas[right - 1]) / (alphas[right] - alphas[right - 1])
    return losses[right - 1] * (1 - share) + losses[right] * share
