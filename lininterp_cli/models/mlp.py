"""Fully connected networks, which ignore the positions of pixels."""

import math
from collections import OrderedDict
from typing import Literal

from torch import nn

from lininterp_cli.models.limits import check_positive
from lininterp_cli.models.norm import Norm, norm_1d

_ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


def mlp(
    shape: tuple[int, ...],
    num_classes: int,
    *,
    width: int = 100,
    depth: int = 2,
    norm: Norm = "none",
    activation: Literal["relu", "tanh", "sigmoid"] = "relu",
) -> nn.Module:
    """Fully connected network with hidden layers of one width.

    Blocks `fc1` .. `fc{depth + 1}`, each hidden one followed by its normalisation and the activation.  Initial weights
    are PyTorch's default.

    Args:
        shape: One example; images are flattened.
        num_classes: Number of logits.
        width: Units in each hidden layer.
        depth: How many hidden layers.
        norm: Normalisation between a hidden layer and its activation.
        activation: The non-linearity.

    Returns:
        The network, (N, *shape) to (N, num_classes).

    Raises:
        ConfigError: If width or depth is below 1.

    References:
        Two hidden layers as for MNIST in Vlaar & Frankle 2022 (arXiv 2106.16004); widths, norms and activations
        as varied by Lucas et al. 2021 (arXiv 2104.11044).
    """  # noqa: DOC502
    check_positive("mlp", width=width, depth=depth)
    layers: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
    num_inputs = math.prod(shape)
    for index in range(1, depth + 1):
        layers[f"fc{index}"] = nn.Linear(num_inputs, width, bias=norm == "none")
        layers[f"norm{index}"] = norm_1d(norm, width)
        layers[f"activation{index}"] = _ACTIVATIONS[activation]()
        num_inputs = width
    layers[f"fc{depth + 1}"] = nn.Linear(num_inputs, num_classes)
    return nn.Sequential(layers)


FAMILY = {"mlp": mlp}
