"""Random choices made once for a data set: the order of examples, a subset, random labels, zeroed entries.

Each is a prefix of one seeded permutation, so that a smaller choice lies inside a larger one.  The draws of
every epoch (batches, crops, flips) belong to training, not here.
"""

import math

import torch
from torch import Tensor

from lininterp_cli.config.seeds import derive
from lininterp_cli.data.dataset import Split
from lininterp_cli.errors import ConfigError

_ROWS_AT_ONCE = 1000
"""Number of examples whose zeroed entries are drawn at a time; it does not affect the draw."""


def order(num_examples: int, seed: int) -> Tensor:
    """The fixed random order of a split.

    Args:
        num_examples: Number of examples of the split, N.
        seed: The seed; `evaluation.ORDER_SEED` for every run.

    Returns:
        A permutation of 0 to N - 1, (N,) int64, on the CPU.
    """
    return _permutation(num_examples, derive(seed, "order"))


def select(split: Split, size: int | float, seed: int) -> Split:
    """A random subset of a split; a smaller subset lies inside a larger one.

    Args:
        split: N examples, usually the training split.
        size: An int is a number of examples in [1, N], and so is a float above 1; a float in (0, 1] is a
            fraction of N, rounded to whole examples.
        seed: The run's seed.

    Returns:
        The chosen examples in their original order, so that choosing all of them gives the split itself.

    Raises:
        ConfigError: If the size is neither a fraction nor a whole number, or gives no example or more than N.
    """
    is_fraction = isinstance(size, float) and size <= 1
    if not math.isfinite(size) or not (is_fraction or float(size).is_integer()):
        raise ConfigError(f"the training size must be a fraction in (0, 1] or a whole number, not {size!r}")
    count = round(size * len(split)) if is_fraction else int(size)
    if not 1 <= count <= len(split):
        raise ConfigError(
            f"a training size of {size:g} means {count} examples; the split has {len(split)}, "
            f"give a fraction in (0, 1] or a number from 1 to {len(split)}"
        )
    chosen = _permutation(len(split), derive(seed, "train-size"))[:count]
    return split.take(chosen.sort().values)


def corrupt(labels: Tensor, fraction: float, num_classes: int, seed: int) -> Tensor:
    """Replace a fraction of the labels by uniform random draws from all classes, the true one included.

    As the fraction grows, labels that are already replaced keep their random values.

    Args:
        labels: (N,) int64 in [0, num_classes).
        fraction: The fraction to replace, in [0, 1]: exactly round(fraction * N) labels; with 1, a label is true
            only by chance.
        num_classes: Number of classes.
        seed: The run's seed.

    Returns:
        New labels, (N,) int64, on the device of the old ones.

    Raises:
        ConfigError: If the fraction is outside [0, 1].

    References:
        Zhang, Bengio, Hardt, Recht, Vinyals, "Understanding deep learning requires rethinking
        generalization", 2017, arXiv 1611.03530: "partially corrupted" and "random labels".
    """
    if not 0 <= fraction <= 1:
        raise ConfigError(f"the fraction of random labels must be in [0, 1], not {fraction:g}")
    num_examples = len(labels)
    touched = _permutation(num_examples, derive(seed, "label-noise", "which"))[: round(fraction * num_examples)]
    generator = torch.Generator().manual_seed(derive(seed, "label-noise", "class"))
    drawn = torch.randint(num_classes, (num_examples,), generator=generator)
    noisy = labels.clone()
    noisy[touched.to(labels.device)] = drawn[touched].to(labels.device)
    return noisy


def zero(inputs: Tensor, fraction: float, seed: int) -> Tensor:
    """Set a random fraction of each example's entries to 0; as the fraction grows, zeroed entries stay zeroed.

    Args:
        inputs: N examples, (N, ...), on the CPU.
        fraction: The fraction of the entries, in [0, 1): exactly round(fraction * D) of an example's D.
        seed: The run's seed.

    Returns:
        New examples of the same shape and dtype; `inputs` itself if nothing is set to 0.

    References:
        Liu, Papailiopoulos, Achlioptas, "Bad Global Minima Exist and SGD Can Reach Them", 2020, arXiv 1906.02613:
        a tenth of the pixel channels, set to 0 (black) before the images are normalised.
    """
    num_entries = inputs[0].numel()
    num_zeros = round(fraction * num_entries)
    if not num_zeros:
        return inputs
    generator = torch.Generator().manual_seed(derive(seed, "zeroed"))
    out = inputs.flatten(1).clone()
    for start in range(0, len(out), _ROWS_AT_ONCE):
        rows = out[start : start + _ROWS_AT_ONCE]
        ranks = torch.rand(rows.shape, generator=generator)
        rows.scatter_(1, ranks.topk(num_zeros).indices, 0)
    return out.view(inputs.shape)


def _permutation(num_examples: int, seed: int) -> Tensor:
    return torch.randperm(num_examples, generator=torch.Generator().manual_seed(seed))
