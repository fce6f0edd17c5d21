"""Data sets from a user's own function."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lininterp_cli.data.dataset import Dataset, Split, assemble
from lininterp_cli.errors import DataError

_FORM = "it must give (inputs, labels) of the training split and of the test split"

_MAX_COLOURS = 4
"""More channels than an image of height, width and channels, in this order, has."""


def as_dataset(name: str, given: Any) -> Dataset:
    """The data set that a user's function returned.

    Args:
        name: The function's name, which becomes the data set's.
        given: `((inputs, labels), (inputs, labels))` of the training and the test split, tensors or arrays: images
            (N, C, H, W) uint8, or images or vectors (N, F) of floating point, and classes (N,) from 0 on; or a
            `Dataset`.

    Returns:
        The data set, with one class more than the largest label; a given `Dataset` is unchanged.  Images of uint8 are
        normalised by the statistics of the training split, inputs of floating point are used as they are.

    Raises:
        DataError: If `given` has neither form, the splits do not match, or an input is not finite.
    """
    if isinstance(given, Dataset):
        return given
    try:
        (train_inputs, train_labels), (test_inputs, test_labels) = given
        train, test = _split(name, train_inputs, train_labels), _split(name, test_inputs, test_labels)
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError(f"{name}: {_FORM} ({error})") from error
    if train.inputs.shape[1:] != test.inputs.shape[1:] or train.inputs.dtype != test.inputs.dtype:
        raise DataError(f"{name}: the splits' examples differ in shape or type")
    labels = torch.cat([train.labels, test.labels])
    if int(labels.min()) < 0:
        raise DataError(f"{name}: labels are classes from 0 on, not {int(labels.min())}")
    dataset = assemble(name, train, test, int(labels.max()) + 1)
    if train.inputs.dtype == torch.uint8:
        return dataset
    return replace(dataset, mean=torch.zeros_like(dataset.mean), std=torch.ones_like(dataset.std))


def _split(name: str, inputs: Any, labels: Any) -> Split:
    inputs, labels = _tensor(inputs), _tensor(labels)
    if inputs.is_floating_point():
        inputs = inputs.float()
    if (inputs.dtype, inputs.ndim) not in {(torch.uint8, 4), (torch.float32, 4), (torch.float32, 2)}:
        raise DataError(
            f"{name}: inputs are images (N, C, H, W), uint8 or float, or vectors (N, F) float, "
            f"not {tuple(inputs.shape)} {_type(inputs)}"
        )
    if inputs.ndim == 4 and inputs.shape[1] == inputs.shape[2] > _MAX_COLOURS >= inputs.shape[3]:
        raise DataError(
            f"{name}: images {tuple(inputs.shape)} have their channels last; give (N, C, H, W), as numpy's "
            "transpose(0, 3, 1, 2) and torch's permute(0, 3, 1, 2) do"
        )
    if labels.ndim != 1 or labels.is_floating_point() or not 0 < len(labels) == len(inputs):
        raise DataError(
            f"{name}: labels are whole numbers (N,), one for each of one or more examples, "
            f"not {tuple(labels.shape)} {_type(labels)} for {len(inputs)}"
        )
    if inputs.is_floating_point():
        _check_finite(name, inputs)
    return Split(inputs.contiguous(), labels.long())


def _tensor(given: Any) -> Tensor:
    """A tensor of an array, whichever way that lies in memory, or of anything else that torch takes."""
    if isinstance(given, np.ndarray):  # torch takes no other byte order, no negative strides and no read-only memory
        given = np.require(given, given.dtype.newbyteorder("="), ["C", "W"])
    return torch.as_tensor(given).detach()


def _check_finite(name: str, inputs: Tensor) -> None:
    broken = (~inputs.isfinite()).flatten(1).any(dim=1).nonzero().flatten().tolist()
    if broken:
        raise DataError(
            f"{name}: {len(broken)} of {len(inputs)} examples have values that are not finite, the first is example "
            f"{broken[0]}; leave these examples out, or replace the values"
        )


def _type(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
