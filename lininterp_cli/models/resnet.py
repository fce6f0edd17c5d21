"""torchvision's residual networks with stems for small images.

Names and forward pass are torchvision's own, so its `state_dict`s load where stem, width and norm agree.
"""

from functools import partial
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import ResNet
from torchvision.models.resnet import BasicBlock, Bottleneck

from lininterp_cli.models.limits import check_positive, image_shape
from lininterp_cli.models.norm import Norm, norm_2d

Stem = Literal["paper", "cifar", "imagenet"]
"""The layers before `layer1`.

* `paper`: a 3x3 convolution of stride 1 with PyTorch's default initial weights, then the max-pooling; the only
  stem whose losses at initialisation fit the curves of Vlaar & Frankle 2022.
* `cifar`: the same convolution without max-pooling.
* `imagenet`: torchvision's 7x7 convolution of stride 2, then the max-pooling.
"""


def resnet18(
    shape: tuple[int, ...],
    num_classes: int,
    *,
    width: int = 64,
    norm: Norm = "batch",
    skip: bool = True,
    stem: Stem = "paper",
) -> nn.Module:
    """ResNet-18: 8 residual blocks of two convolutions in four layers, as torchvision has it.

    Args:
        shape: One example (C, H, W).
        num_classes: Number of logits.
        width: Channels of `conv1` and `layer1`; each later layer has twice as many.
        norm: Normalisation after each convolution; with `none` the residual branches start scaled down.
        skip: Whether the residual blocks add their input.
        stem: The layers before `layer1`.

    Returns:
        The network, (N, C, H, W) to (N, num_classes), with blocks conv1, layer1 .. layer4 and fc.

    Raises:
        ConfigError: If the examples are not images, or width is below 1.

    References:
        He, Zhang, Ren & Sun 2016 (arXiv 1512.03385); with the stem `paper` as in Vlaar & Frankle 2022
        (arXiv 2106.16004).
    """  # noqa: DOC502
    return _resnet("resnet18", _BASIC, [2, 2, 2, 2], shape, num_classes, width, norm, skip, stem)


def resnet34(
    shape: tuple[int, ...],
    num_classes: int,
    *,
    width: int = 64,
    norm: Norm = "batch",
    skip: bool = True,
    stem: Stem = "paper",
) -> nn.Module:
    """ResNet-34: 16 residual blocks of two convolutions in four layers, as torchvision has it.

    Args:
        shape: One example (C, H, W).
        num_classes: Number of logits.
        width: Channels of `conv1` and `layer1`; each later layer has twice as many.
        norm: Normalisation after each convolution; with `none` the residual branches start scaled down.
        skip: Whether the residual blocks add their input.
        stem: The layers before `layer1`.

    Returns:
        The network, (N, C, H, W) to (N, num_classes), with blocks conv1, layer1 .. layer4 and fc.

    Raises:
        ConfigError: If the examples are not images, or width is below 1.

    References:
        He, Zhang, Ren & Sun 2016 (arXiv 1512.03385); with the stem `paper` as in Vlaar & Frankle 2022
        (arXiv 2106.16004).
    """  # noqa: DOC502
    return _resnet("resnet34", _BASIC, [3, 4, 6, 3], shape, num_classes, width, norm, skip, stem)


def resnet50(
    shape: tuple[int, ...],
    num_classes: int,
    *,
    width: int = 64,
    norm: Norm = "batch",
    skip: bool = True,
    stem: Stem = "paper",
) -> nn.Module:
    """ResNet-50: 16 bottleneck blocks of three convolutions in four layers, as torchvision has it.

    Args:
        shape: One example (C, H, W).
        num_classes: Number of logits.
        width: Channels of `conv1`; `layer1` has four times as many, each later layer twice the one before.
        norm: Normalisation after each convolution; with `none` the residual branches start scaled down.
        skip: Whether the residual blocks add their input.
        stem: The layers before `layer1`.

    Returns:
        The network, (N, C, H, W) to (N, num_classes), with blocks conv1, layer1 .. layer4 and fc.

    Raises:
        ConfigError: If the examples are not images, or width is below 1.

    References:
        He, Zhang, Ren & Sun 2016 (arXiv 1512.03385), with the stride in the 3x3 convolution as torchvision has
        it; with the stem `paper` as in Vlaar & Frankle 2022 (arXiv 2106.16004).
    """  # noqa: DOC502
    return _resnet("resnet50", _BOTTLENECK, [3, 4, 6, 3], shape, num_classes, width, norm, skip, stem)


def _resnet(
    name: str,
    blocks: "_Blocks",
    depths: list[int],
    shape: tuple[int, ...],
    num_classes: int,
    width: int,
    norm: Norm,
    skip: bool,
    stem: Stem,
) -> nn.Module:
    check_positive(name, width=width)
    channels, _, _ = image_shape(name, shape)
    block = blocks.residual if skip else blocks.plain
    model = _SizedResNet(block, depths, channels, num_classes, width, norm)
    if norm == "none":
        _make_trainable_without_norm(model, scaled=skip)
    if stem != "imagenet":
        model.conv1 = nn.Conv2d(channels, width, 3, stride=1, padding=1, bias=norm == "none")
    if stem == "cifar":
        model.maxpool = nn.Identity()
    return model


class _SizedResNet(ResNet):  # type: ignore[misc]  # torchvision has no types
    """torchvision's ResNet with any number of input channels and any width.

    torchvision fixes both in its constructor, which is therefore repeated here step by step, so that the same seed
    gives the same weights.
    """

    def __init__(
        self, block: type[Any], depths: list[int], num_inputs: int, num_classes: int, width: int, norm: Norm
    ) -> None:
        nn.Module.__init__(self)
        self._norm_layer = partial(norm_2d, norm)
        self.inplanes = width
        self.dilation = 1
        self.groups = 1
        self.base_width = 64
        self.conv1 = nn.Conv2d(num_inputs, width, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = self._norm_layer(width)
        # Not in place: a caller may keep the outputs of `conv1` and `bn1`.
        self.relu = nn.ReLU()
        self.maxpool: nn.Module = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, width, depths[0])
        self.layer2 = self._make_layer(block, 2 * width, depths[1], stride=2)
        self.layer3 = self._make_layer(block, 4 * width, depths[2], stride=2)
        self.layer4 = self._make_layer(block, 8 * width, depths[3], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(8 * width * block.expansion, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


class _BasicBlock(BasicBlock):  # type: ignore[misc]
    """torchvision's block, but its sum is not computed in place.

    An in-place sum fails under `torch.vmap` if only the shortcut's weights differ between the copies.
    """

    skip = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.skip:
            self.downsample = None

    def forward(self, x: Tensor) -> Tensor:
        branch = self.relu(self.bn1(self.conv1(x)))
        branch = self.bn2(self.conv2(branch))
        return _joined(self, x, branch)


class _Bottleneck(Bottleneck):  # type: ignore[misc]
    """torchvision's bottleneck, but its sum is not computed in place."""

    skip = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.skip:
            self.downsample = None

    def forward(self, x: Tensor) -> Tensor:
        branch = self.relu(self.bn1(self.conv1(x)))
        branch = self.relu(self.bn2(self.conv2(branch)))
        branch = self.bn3(self.conv3(branch))
        return _joined(self, x, branch)


def _joined(block: _BasicBlock | _Bottleneck, x: Tensor, branch: Tensor) -> Tensor:
    if not block.skip:
        return functional.relu(branch)
    return functional.relu(branch + (x if block.downsample is None else block.downsample(x)))


class _PlainBasicBlock(_BasicBlock):
    """Two convolutions without a shortcut."""

    skip = False


class _PlainBottleneck(_Bottleneck):
    """Three convolutions without a shortcut."""

    skip = False


class _Blocks(NamedTuple):
    residual: type[nn.Module]
    plain: type[nn.Module]


_BASIC = _Blocks(_BasicBlock, _PlainBasicBlock)
_BOTTLENECK = _Blocks(_Bottleneck, _PlainBottleneck)


@torch.no_grad()
def _make_trainable_without_norm(model: nn.Module, *, scaled: bool) -> None:
    """Give every convolution a bias of 0 and keep the signal from doubling with each residual block.

    The last convolution of each of the L residual branches is scaled by L ** -0.5 at the start, the scale that
    lets residual networks without normalisation train (De & Smith 2020, arXiv 2002.10444).
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            module.bias = nn.Parameter(torch.zeros(module.out_channels))
    if scaled:
        blocks = [module for module in model.modules() if isinstance(module, BasicBlock | Bottleneck)]
        for block in blocks:
            last = block.conv3 if isinstance(block, Bottleneck) else block.conv2
            last.weight *= len(blocks) ** -0.5


FAMILY = {"resnet18": resnet18, "resnet34": resnet34, "resnet50": resnet50}
