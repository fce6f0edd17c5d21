"""The small residual networks that were designed for CIFAR."""

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional

from lininterp_cli.models.limits import check_positive, image_shape
from lininterp_cli.models.norm import Norm, norm_2d


def resnet8(
    shape: tuple[int, ...], num_classes: int, *, width: int = 16, norm: Norm = "batch", skip: bool = True
) -> nn.Module:
    """ResNet-8 for CIFAR: three layers of one residual block, without a parameter in the shortcuts.

    Args:
        shape: One example (C, H, W).
        num_classes: Number of logits.
        width: Channels of `conv1` and `layer1`; `layer2` and `layer3` have 2 and 4 times as many.
        norm: Normalisation after each convolution; with `none` the residual branches start scaled down.
        skip: Whether the residual blocks add their input.

    Returns:
        The network, (N, C, H, W) to (N, num_classes), with blocks conv1, layer1, layer2, layer3 and fc.

    Raises:
        ConfigError: If the examples are not images, or width is below 1.

    References:
        He, Zhang, Ren & Sun 2016 (arXiv 1512.03385), section 4.2 with n = 1 and option A.
    """  # noqa: DOC502
    return _resnet("resnet8", 1, shape, num_classes, width, norm, skip)


def resnet20(
    shape: tuple[int, ...], num_classes: int, *, width: int = 16, norm: Norm = "batch", skip: bool = True
) -> nn.Module:
    """ResNet-20 for CIFAR: three layers of three residual blocks, without a parameter in the shortcuts.

    Args:
        shape: One example (C, H, W).
        num_classes: Number of logits.
        width: Channels of `conv1` and `layer1`; `layer2` and `layer3` have 2 and 4 times as many.
        norm: Normalisation after each convolution; with `none` the residual branches start scaled down.
        skip: Whether the residual blocks add their input.

    Returns:
        The network, (N, C, H, W) to (N, num_classes), with blocks conv1, layer1, layer2, layer3 and fc.

    Raises:
        ConfigError: If the examples are not images, or width is below 1.

    References:
        He, Zhang, Ren & Sun 2016 (arXiv 1512.03385), section 4.2 with n = 3 and option A.
    """  # noqa: DOC502
    return _resnet("resnet20", 3, shape, num_classes, width, norm, skip)


def resnet56(
    shape: tuple[int, ...], num_classes: int, *, width: int = 16, norm: Norm = "batch", skip: bool = True
) -> nn.Module:
    """ResNet-56 for CIFAR: three layers of nine residual blocks, without a parameter in the shortcuts.

    Args:
        shape: One example (C, H, W).
        num_classes: Number of logits.
        width: Channels of `conv1` and `layer1`; `layer2` and `layer3` have 2 and 4 times as many.
        norm: Normalisation after each convolution; with `none` the residual branches start scaled down.
        skip: Whether the residual blocks add their input.

    Returns:
        The network, (N, C, H, W) to (N, num_classes), with blocks conv1, layer1, layer2, layer3 and fc.

    Raises:
        ConfigError: If the examples are not images, or width is below 1.

    References:
        He, Zhang, Ren & Sun 2016 (arXiv 1512.03385), section 4.2 with n = 9 and option A.
    """  # noqa: DOC502
    return _resnet("resnet56", 9, shape, num_classes, width, norm, skip)


def _resnet(
    name: str, depth: int, shape: tuple[int, ...], num_classes: int, width: int, norm: Norm, skip: bool
) -> nn.Module:
    check_positive(name, width=width)
    channels, _, _ = image_shape(name, shape)
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        conv1=_conv3x3(channels, width, 1, norm),
        bn1=norm_2d(norm, width),
        relu=nn.ReLU(),
        layer1=_layer(width, width, depth, 1, norm, skip),
        layer2=_layer(width, 2 * width, depth, 2, norm, skip),
        layer3=_layer(2 * width, 4 * width, depth, 2, norm, skip),
        avgpool=nn.AdaptiveAvgPool2d(1),
        flatten=nn.Flatten(),
        fc=nn.Linear(4 * width, num_classes),
    )
    model = nn.Sequential(layers)
    _initialise(model, branch_scale=(3 * depth) ** -0.5 if norm == "none" and skip else 1.0)
    return model


def _conv3x3(num_inputs: int, num_outputs: int, stride: int, norm: Norm) -> nn.Conv2d:
    return nn.Conv2d(num_inputs, num_outputs, 3, stride=stride, padding=1, bias=norm == "none")


def _layer(num_inputs: int, num_outputs: int, depth: int, stride: int, norm: Norm, skip: bool) -> nn.Sequential:
    first = _Block(num_inputs, num_outputs, stride, norm, skip)
    return nn.Sequential(first, *(_Block(num_outputs, num_outputs, 1, norm, skip) for _ in range(depth - 1)))


class _Block(nn.Module):
    """relu(x' + bn2(conv2(relu(bn1(conv1(x)))))), where x' is x cut and padded to the branch's shape (option A)."""

    def __init__(self, num_inputs: int, num_outputs: int, stride: int, norm: Norm, skip: bool) -> None:
        super().__init__()
        self.conv1 = _conv3x3(num_inputs, num_outputs, stride, norm)
        self.bn1 = norm_2d(norm, num_outputs)
        self.conv2 = _conv3x3(num_outputs, num_outputs, 1, norm)
        self.bn2 = norm_2d(norm, num_outputs)
        self.stride = stride
        self.num_new_channels = num_outputs - num_inputs
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C', H / stride, W / stride)."""
        branch = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        return functional.relu(branch + self._shortcut(x) if self.skip else branch)

    def _shortcut(self, x: Tensor) -> Tensor:
        before = self.num_new_channels // 2
        cut = x[:, :, :: self.stride, :: self.stride]
        return functional.pad(cut, (0, 0, 0, 0, before, self.num_new_channels - before))


@torch.no_grad()
def _initialise(model: nn.Module, *, branch_scale: float) -> None:
    """Initialise as torchvision's ResNet does (He et al. 2015, arXiv 1502.01852), with biases of 0.

    `branch_scale` keeps the signal from doubling with each residual block that has no normalisation
    (De & Smith 2020, arXiv 2002.10444).
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    for module in model.modules():
        if isinstance(module, _Block):
            module.conv2.weight *= branch_scale


FAMILY = {"resnet8": resnet8, "resnet20": resnet20, "resnet56": resnet56}
