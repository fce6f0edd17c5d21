"""LeNet-5 in the form that is used today."""

from collections import OrderedDict

from torch import nn

from lininterp_cli.models.limits import image_shape
from lininterp_cli.models.norm import Norm, norm_2d

_KERNEL_PIXELS = 5
_PAPER_IMAGE_PIXELS = 32
_PAPER_MAP_PIXELS = 14


def lenet5(shape: tuple[int, ...], num_classes: int, *, norm: Norm = "none") -> nn.Module:
    """LeNet-5: two 5x5 convolutions and three linear layers, with ReLU and max-pooling.

    32x32 and 28x28 images reach `fc1` as the original's 16 maps of 5x5.  Images smaller than the original's 32x32 are
    padded by 2 pixels before `conv1`, and maps smaller than its 14x14 before `conv2`.  Initial weights are PyTorch's
    default.

    Args:
        shape: One example (C, H, W) of at least 8x8 pixels.
        num_classes: Number of logits.
        norm: Normalisation after each convolution.

    Returns:
        The network, (N, C, H, W) to (N, num_classes), with blocks conv1, conv2, fc1, fc2 and fc3.

    Raises:
        ConfigError: If the examples are not images, or smaller than 8x8 pixels.

    References:
        LeCun, Bottou, Bengio & Haffner 1998, https://doi.org/10.1109/5.726791 (there with tanh, average
        pooling, partly connected maps and radial basis functions at the end).
    """  # noqa: DOC502
    channels, height, width = image_shape("lenet5", shape, min_pixels=8)
    padding1 = _padding(min(height, width), _PAPER_IMAGE_PIXELS)
    height, width = (_size_after(size, padding1) for size in (height, width))
    padding2 = _padding(min(height, width), _PAPER_MAP_PIXELS)
    height, width = (_size_after(size, padding2) for size in (height, width))
    bias = norm == "none"
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        conv1=nn.Conv2d(channels, 6, _KERNEL_PIXELS, padding=padding1, bias=bias),
        norm1=norm_2d(norm, 6),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(6, 16, _KERNEL_PIXELS, padding=padding2, bias=bias),
        norm2=norm_2d(norm, 16),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),
        flatten=nn.Flatten(),
        fc1=nn.Linear(16 * height * width, 120),
        relu3=nn.ReLU(),
        fc2=nn.Linear(120, 84),
        relu4=nn.ReLU(),
        fc3=nn.Linear(84, num_classes),
    )
    return nn.Sequential(layers)


def _padding(size: int, paper_size: int) -> int:
    return 0 if size >= paper_size else _KERNEL_PIXELS // 2


def _size_after(size: int, padding: int) -> int:
    return (size + 2 * padding - _KERNEL_PIXELS + 1) // 2


FAMILY = {"lenet5": lenet5}
