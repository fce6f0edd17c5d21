"""The normalisation layers that models are built with; nothing here depends on a model.

Models give a convolution or linear layer a bias only if no normalisation follows it, which would cancel or
repeat the bias.
"""

from typing import Literal

from torch import nn

Norm = Literal["batch", "none", "group", "layer"]
"""The name of a normalisation, a value of a model's `norm` option."""

_MAX_GROUPS = 32
_MIN_CHANNELS_PER_GROUP = 8


def norm_2d(norm: Norm, num_channels: int) -> nn.Module:
    """The normalisation of a map of shape (N, C, H, W).

    Args:
        norm: `batch` (Ioffe & Szegedy 2015, arXiv 1502.03167), `group` (Wu & He 2018, arXiv 1803.08494), `layer`
            (Ba, Kiros & Hinton 2016, arXiv 1607.06450; over channels and pixels at once, one scale and shift
            per channel), or `none`.
        num_channels: C.

    Returns:
        The layer; `nn.Identity` for `none`.
    """
    match norm:
        case "batch":
            return nn.BatchNorm2d(num_channels)
        case "group":
            return nn.GroupNorm(num_groups(num_channels), num_channels)
        case "layer":
            return nn.GroupNorm(1, num_channels)
        case "none":
            return nn.Identity()


def norm_1d(norm: Norm, num_features: int) -> nn.Module:
    """The normalisation of vectors of shape (N, F).

    Args:
        norm: As for `norm_2d`.
        num_features: F.

    Returns:
        The layer; `nn.Identity` for `none`.
    """
    match norm:
        case "batch":
            return nn.BatchNorm1d(num_features)
        case "group":
            return nn.GroupNorm(num_groups(num_features), num_features)
        case "layer":
            return nn.LayerNorm(num_features)
        case "none":
            return nn.Identity()


def num_groups(num_channels: int) -> int:
    """The number of groups into which GroupNorm divides the channels.

    The largest number that divides them evenly, at most 32 (Wu & He 2018, arXiv 1803.08494), and leaves at least 8
    channels in each: on a map of one pixel a group of one channel would be normalised to 0.

    Args:
        num_channels: How many channels there are.

    Returns:
        The number of groups; 1 where the channels cannot be divided.

    Example:
        >>> [num_groups(channels) for channels in (6, 16, 24, 31, 64, 512, 1000)]
        [1, 2, 3, 1, 8, 32, 25]
    """
    most = max(1, min(_MAX_GROUPS, num_channels // _MIN_CHANNELS_PER_GROUP))
    return next(groups for groups in range(most, 0, -1) if num_channels % groups == 0)
