"""Data sets from a user's own function."""

from typing import Any

import torch
from torch import Tensor

from lininterp_cli.data.dataset import Dataset, Split, assemble
from lininterp_cli.errors import DataError

_FORM = "it must give (inputs, labels) of the training split and of the test split"


def as_dataset(name: str, given: Any) -> Dataset:
    """The data set that a user's function returned.

    Args:
        name: The function's name, which becomes the data set's.
        given: `((inputs, labels), (inputs, labels))` of the training and the test split, tensors or arrays: images
            (N, C, H, W) uint8 or vectors (N, F) of floating point, and classes (N,) from 0 on; or a `Dataset`.

    Returns:
        The data set, with one class more than the largest label; a given `Dataset` is unchanged.

    Raises:
        DataError: If `given` has neither form, or the splits do not match.
    """
    if isinstance(given, Dataset):
        return given
    try:
        (train_inputs, train_labels), (test_inputs, test_labels) = given
        train, test = _split(name, train_inputs, train_labels), _split(name, test_inputs, test_labels)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name}: {_FORM} ({error})") from error
    if train.inputs.shape[1:] != test.inputs.shape[1:] or train.inputs.dtype != test.inputs.dtype:
        raise DataError(f"{name}: the splits' examples differ in shape or type")
    labels = torch.cat([train.labels, test.labels])
    if int(labels.min()) < 0:
        raise DataError(f"{name}: labels are classes from 0 on, not {int(labels.min())}")
    return assemble(name, train, test, int(labels.max()) + 1)


def _split(name: str, inputs: Any, labels: Any) -> Split:
    inputs, labels = torch.as_tensor(inputs), torch.as_tensor(labels)
    if inputs.is_floating_point():
        inputs = inputs.float()
    if (inputs.dtype, inputs.ndim) not in {(torch.uint8, 4), (torch.float32, 2)}:
        raise DataError(
            f"{name}: inputs are images (N, C, H, W) uint8 or vectors (N, F) float, "
            f"not {tuple(inputs.shape)} {_type(inputs)}"
        )
    if labels.ndim != 1 or labels.is_floating_point() or not 0 < len(labels) == len(inputs):
        raise DataError(
            f"{name}: labels are whole numbers (N,), one for each of one or more examples, "
            f"not {tuple(labels.shape)} {_type(labels)} for {len(inputs)}"
        )
    return Split(inputs.contiguous(), labels.long())


def _type(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
