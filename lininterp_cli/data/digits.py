"""The digits that come with scikit-learn: real images that need no download."""

from pathlib import Path

import numpy as np
import torch

from lininterp_cli.data.dataset import Augmentation, Dataset, Split, assemble

NUM_TEST_PER_CLASS = 36


def digits(folder: Path, *, augment: bool = False) -> Dataset:
    """Handwritten digits, 8 x 8 grey, 10 classes, 1437 + 360; comes with scikit-learn, no download.

    The original has no split; here 36 examples of every class, drawn once and for all, are the test split.
    Grey values 0 to 16 are spread over 0 to 255 (`round(value * 255 / 16)`), from which `round(pixel * 16 / 255)`
    brings them back.

    Args:
        folder: Not read.
        augment: Crop training images at random after padding by 1 pixel.

    Returns:
        The data set.

    References:
        E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository,
        1998, https://doi.org/10.24432/C50P49 (its test part, as `sklearn.datasets.load_digits`).
    """
    from sklearn.datasets import load_digits  # noqa: PLC0415  a second to import, and only this needs it

    bundle = load_digits()
    inputs = torch.from_numpy((bundle.images * 255 / 16).round().astype(np.uint8)).unsqueeze(1)
    labels = torch.from_numpy(bundle.target.astype(np.int64))
    train, test = _separate(bundle.target)
    return assemble(
        "digits",
        Split(inputs[train], labels[train]),
        Split(inputs[test], labels[test]),
        num_classes=10,
        augmentation=Augmentation(padding=1, flip=False) if augment else None,
    )


def _separate(labels: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> tuple[torch.Tensor, torch.Tensor]:
    """Indices of the training and of the test split, each in ascending order."""
    # RandomState is NumPy's frozen generator: the split is the same in every version for ever.
    shuffled = np.random.RandomState(0).permutation(len(labels))
    is_test = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        is_test[shuffled[labels[shuffled] == label][:NUM_TEST_PER_CLASS]] = True
    return torch.from_numpy(np.flatnonzero(~is_test)), torch.from_numpy(np.flatnonzero(is_test))


FAMILY = {"digits": digits}
