"""The digits against scikit-learn's own."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from lininterp_cli.data.dataset import Augmentation, Dataset
from lininterp_cli.data.digits import digits


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return digits(Path())


def test_sizes_and_types(dataset: Dataset) -> None:
    assert (len(dataset.train), len(dataset.test)) == (1437, 360)
    assert dataset.shape == (1, 8, 8)
    assert dataset.num_classes == 10
    assert dataset.train.inputs.dtype == torch.uint8
    assert (int(dataset.train.inputs.min()), int(dataset.train.inputs.max())) == (0, 255)


def test_both_splits_together_are_every_example_of_the_original_once(dataset: Dataset) -> None:
    original = load_digits()
    pixels = torch.cat([dataset.train.inputs, dataset.test.inputs]).flatten(1).double() * 16 / 255
    labels = torch.cat([dataset.train.labels, dataset.test.labels])
    ours = np.column_stack([labels.numpy(), pixels.round().numpy()])
    theirs = np.column_stack([original.target, original.data])
    assert sorted(map(tuple, ours)) == sorted(map(tuple, theirs))


def test_the_split_is_stratified(dataset: Dataset) -> None:
    assert dataset.test.labels.bincount().tolist() == [36] * 10
    total = np.bincount(load_digits().target)
    assert dataset.train.labels.bincount().tolist() == (total - 36).tolist()


def test_the_split_is_the_same_for_ever(dataset: Dataset) -> None:
    assert dataset.test.labels[:20].tolist() == [4, 5, 6, 9, 4, 7, 8, 9, 9, 6, 9, 9, 1, 7, 8, 2, 6, 6, 8, 1]
    assert int(dataset.test.inputs.long().sum()) == 1780203


def test_augmentation_is_off_unless_asked_for(dataset: Dataset) -> None:
    assert dataset.augmentation is None
    assert digits(Path(), augment=True).augmentation == Augmentation(padding=1, flip=False)
