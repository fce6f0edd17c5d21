"""A data set: two splits of tensors in memory, and the normalisation that turns them into a network's input.

Nothing here depends on a particular data set or draws at random.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

_NUM_SHOWN = 3
"""Values of a statistic in messages."""


@dataclass(frozen=True, eq=False, slots=True)
class Split:
    """The examples of one split, all of them in memory."""

    inputs: Tensor
    """Images (N, C, H, W) uint8 in [0, 255] or float32, or vectors (N, F) float32."""
    labels: Tensor
    """The class of each example, (N,) int64 in [0, num_classes)."""

    def __post_init__(self) -> None:
        assert (self.inputs.dtype, self.inputs.ndim) in {(torch.uint8, 4), (torch.float32, 4), (torch.float32, 2)}
        assert self.labels.dtype == torch.int64
        assert self.labels.shape == self.inputs.shape[:1]

    def __len__(self) -> int:
        return len(self.labels)

    def fingerprint(self) -> str:
        """A hash of every example and label."""
        digest = hashlib.sha256(str((self.inputs.dtype, tuple(self.inputs.shape))).encode())
        for tensor in (self.inputs, self.labels):
            digest.update(tensor.cpu().contiguous().numpy().data)
        return digest.hexdigest()

    def to(self, device: torch.device | str) -> "Split":
        """A split with its tensors on a device; those that are there already are shared."""
        return Split(self.inputs.to(device), self.labels.to(device))

    def take(self, indices: Tensor) -> "Split":
        """Some examples, in the order of the indices.

        Args:
            indices: Which examples, (M,) int64 in [0, N), on any device.

        Returns:
            A split of M examples, copied, on this split's device.
        """
        there = indices.to(self.labels.device)
        return Split(self.inputs[there], self.labels[there])

    def part(self, rows: slice) -> "Split":
        """Consecutive examples, which share the memory of this split."""
        return Split(self.inputs[rows], self.labels[rows])

    def first(self, num_examples: int, order: Tensor) -> "Split":
        """The examples that come first in an order.

        Args:
            num_examples: How many; all if there are fewer.
            order: A permutation of the split, (N,) int64 (see `lininterp_cli.data.draws.order`).

        Returns:
            A split of at most `num_examples` examples, in that order.
        """
        return self.take(order[:num_examples])


def join(splits: list[Split]) -> Split:
    """The examples of several splits, one split after the other.

    Args:
        splits: At least one, of examples of one shape and dtype.

    Returns:
        A split of all of them, copied.
    """
    return Split(torch.cat([split.inputs for split in splits]), torch.cat([split.labels for split in splits]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Augmentation:
    """Random crops and flips of training images; test images are never augmented."""

    padding: int
    """Pixels added at each side before a crop of the old size is taken at a random place."""
    flip: bool
    """Whether each image is mirrored left to right with probability 1/2."""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Dataset:
    """Two splits, and the statistics that their inputs are normalised with."""

    name: str
    """The name it is loaded by."""
    train: Split
    """The training split."""
    test: Split
    """The test split."""
    num_classes: int
    """Number of classes."""
    mean: Tensor
    """Mean of the whole training split per channel (C,), uint8 pixels scaled to [0, 1], or per feature (F,); float32.
    Inputs with mean 0 and standard deviation 1 are used as they are."""
    std: Tensor
    """Standard deviation, shaped like `mean`, divided by N, not N - 1; 1 for a constant channel or feature."""
    augmentation: Augmentation | None
    """The augmentation of training images; None for none."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one example, (C, H, W) or (F,)."""
        return tuple(self.train.inputs.shape[1:])

    def to(self, device: torch.device | str) -> "Dataset":
        """The data set with everything in it on a device."""
        return replace(
            self,
            train=self.train.to(device),
            test=self.test.to(device),
            mean=self.mean.to(device),
            std=self.std.to(device),
        )

    def normaliser(self, device: torch.device | str) -> Callable[[Tensor], Tensor]:
        """`normalise` for inputs on a device, which need not be the data set's own."""
        return replace(self, mean=self.mean.to(device), std=self.std.to(device)).normalise

    def normalise(self, inputs: Tensor) -> Tensor:
        """The network's input: with the measured statistics, zero mean and unit variance over the training split.

        Intended for one chunk at a time, on the device: it needs four times the bytes of the images.  Each value
        depends on its own pixel alone, so that the size of a chunk changes nothing.

        Args:
            inputs: Any number of examples of either split, on the device of `mean`: (N, C, H, W) uint8 or float32, or
                (N, F) float32.

        Returns:
            (x / 255 - mean) / std for uint8, (x - mean) / std for float32; a new float32 tensor of that shape.
        """
        wide = (1,) * (inputs.ndim - 2)
        mean, std = (statistic.view(-1, *wide) for statistic in (self.mean, self.std))
        if inputs.dtype != torch.uint8:
            return (inputs - mean) / std
        return inputs.to(torch.float32).div_(255).sub_(mean).div_(std)

    def normalisation(self) -> str:
        """The formula of `normalise` with its numbers, in one line; each statistic has the first three at most."""
        x = "x / 255" if self.train.inputs.dtype == torch.uint8 else "x"
        if not self.mean.any() and bool((self.std == 1).all()):
            return x
        return f"({x} - {_numbers(self.mean)}) / {_numbers(self.std)}"


def assemble(
    name: str, train: Split, test: Split, num_classes: int, augmentation: Augmentation | None = None
) -> Dataset:
    """A data set of two splits, its statistics measured on the training split.

    Args:
        name: The name it is loaded by.
        train: Training split.
        test: Test split, of examples of the same shape and dtype.
        num_classes: Number of classes.
        augmentation: The augmentation of training images.

    Returns:
        The data set, on the device of its splits.
    """
    assert train.inputs.shape[1:] == test.inputs.shape[1:]
    assert train.inputs.dtype == test.inputs.dtype
    mean, std = measure(train.inputs)
    return Dataset(
        name=name,
        train=train,
        test=test,
        num_classes=num_classes,
        mean=mean,
        std=std,
        augmentation=augmentation,
    )


def measure(inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation per channel or feature.

    Pixels of uint8 are counted, and the sums taken in whole numbers, so that no order of addition changes the result;
    float32 is summed in float64.

    Args:
        inputs: (N, C, H, W) uint8 or float32, or (N, F) float32; N at least 1.

    Returns:
        Mean and standard deviation (divided by N), (C,) of pixels, uint8 ones scaled to [0, 1], or (F,), float32; the
        standard deviation of a constant channel or feature is 1.
    """
    if inputs.dtype == torch.uint8:
        moments = [_measure_pixels(inputs[:, channel]) for channel in range(inputs.shape[1])]
        mean, std = torch.tensor(moments, dtype=torch.float64, device=inputs.device).T
    else:
        exact, axes = inputs.to(torch.float64), [axis for axis in range(inputs.ndim) if axis != 1]
        mean, std = exact.mean(axes), exact.std(axes, correction=0)
        std[inputs.amax(axes) == inputs.amin(axes)] = 1
    return mean.to(torch.float32), std.to(torch.float32)


def _numbers(statistic: Tensor) -> str:
    first = ", ".join(f"{value:.4g}" for value in statistic[:_NUM_SHOWN].tolist())
    return f"[{first}{', ...' if len(statistic) > _NUM_SHOWN else ''}]"


def _measure_pixels(pixels: Tensor) -> tuple[float, float]:
    counts = torch.bincount(pixels.flatten(), minlength=256).tolist()
    num, total, squares = (sum(count * value**power for value, count in enumerate(counts)) for power in (0, 1, 2))
    variance = (num * squares - total**2) / num**2
    return total / num / 255, variance**0.5 / 255 if variance else 1.0
