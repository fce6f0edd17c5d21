"""Spirals in the plane: a data set that is computed, of any size, and that no linear network can separate."""

import math
from pathlib import Path

import torch

from lininterp_cli.config.seeds import derive
from lininterp_cli.data.dataset import Dataset, Split, assemble
from lininterp_cli.errors import ConfigError

INNER_RADIUS = 1 / 13
"""Radius at which an arm begins, relative to its outer end; 0.5 of 6.5 in the original."""


def spiral(
    folder: Path,
    *,
    num_train: int = 1000,
    num_test: int = 1000,
    num_classes: int = 2,
    turns: float = 1.5,
    noise: float = 0.02,
    seed: int = 0,
) -> Dataset:
    """Points on interleaved spiral arms in the plane, one arm per class; computed, no download.

    At t in [0, 1] along its arm, drawn uniformly, class k is at radius 1/13 + 12/13 t and angle
    2 pi (turns t + k / num_classes).  `turns=3, noise=0` is the original problem.

    Args:
        folder: Not read.
        num_train: Training examples; each class has the same number, or one more.
        num_test: Test examples, drawn independently.
        num_classes: Arms, 2 or more.
        turns: How often an arm winds around the centre, above 0.
        noise: Standard deviation of the Gaussian noise on both coordinates, in outer radii.
        seed: Which points are drawn; not the run's seed, so that runs of all seeds share the data.

    Returns:
        The data set, inputs (N, 2).

    Raises:
        ConfigError: If an argument is outside its range.

    References:
        K. J. Lang, M. J. Witbrock, "Learning to tell two spirals apart", Proceedings of the 1988
        Connectionist Models Summer School, 1988.
    """
    if num_classes < 2 or min(num_train, num_test) < num_classes:
        raise ConfigError(
            f"spiral needs 2 classes or more and an example of each in both splits, not num_classes={num_classes} "
            f"with num_train={num_train} and num_test={num_test}"
        )
    if not (0 < turns < math.inf and 0 <= noise < math.inf):
        raise ConfigError(f"spiral needs turns above 0 and noise of 0 or more, not turns={turns} and noise={noise}")
    train, test = (
        _draw(num_examples, num_classes, turns, noise, derive(seed, "spiral", split))
        for num_examples, split in ((num_train, "train"), (num_test, "test"))
    )
    return assemble("spiral", train, test, num_classes)


def _draw(num_examples: int, num_classes: int, turns: float, noise: float, seed: int) -> Split:
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(num_examples) % num_classes
    along = torch.rand(num_examples, generator=generator, dtype=torch.float64)
    radius = INNER_RADIUS + (1 - INNER_RADIUS) * along
    angle = 2 * math.pi * (turns * along + labels / num_classes)
    points = radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)
    points += noise * torch.randn(points.shape, generator=generator, dtype=torch.float64)
    return Split(points.to(torch.float32), labels)


FAMILY = {"spiral": spiral}
