"""Aligns and averages the curves of several runs; never imports torch or numpy."""

import math
from bisect import bisect_left
from collections.abc import Sequence

from lininterp_cli.study.report.figures import Path


def aligned(paths: Sequence[Path]) -> list[Path]:
    """Bring curves to the same positions.

    Args:
        paths: Alphas, ascending, and losses of each.

    Returns:
        As many; if their positions differ, each is interpolated linearly at every alpha that any of them has within
        the range of all.
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
        Alphas and mean losses, NaN where a loss is not finite; both empty if there is no curve.

    Example:
        >>> mean_path([((0.0, 1.0), (2.0, 0.0)), ((0.0, 0.5, 1.0), (2.0, 2.0, 0.0))])
        ([0.0, 0.5, 1.0], [2.0, 1.5, 0.0])
    """
    same = aligned(paths)
    if not same:
        return (), ()
    columns = zip(*(losses for _, losses in same), strict=True)
    # A sum of diverged losses can overflow, so each is divided first.
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
