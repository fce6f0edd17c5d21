"""VGG networks for small images."""

from collections import OrderedDict

from torch import nn

from lininterp_cli.models.limits import check_positive, image_shape
from lininterp_cli.models.norm import Norm, norm_2d

_STAGE_WIDTHS = (1, 2, 4, 8, 8)


def vgg11(shape: tuple[int, ...], num_classes: int, *, width: int = 64, norm: Norm = "batch") -> nn.Module:
    """VGG-11 (configuration A): 8 convolutions in five stages, and one linear layer.

    Args:
        shape: One example (C, H, W).
        num_classes: Number of logits.
        width: Channels of the first stage; the others have 2, 4, 8 and 8 times as many.
        norm: Normalisation after each convolution.

    Returns:
        The network, (N, C, H, W) to (N, num_classes), with blocks stage1 .. stage5 and fc.

    Raises:
        ConfigError: If the examples are not images, or width is below 1.

    References:
        Simonyan & Zisserman 2014 (arXiv 1409.1556); one linear layer instead of three, for small images, as in
        Frankle & Carbin 2019 (arXiv 1803.03635).
    """  # noqa: DOC502
    return _vgg("vgg11", (1, 1, 2, 2, 2), shape, num_classes, width, norm)


def vgg13(shape: tuple[int, ...], num_classes: int, *, width: int = 64, norm: Norm = "batch") -> nn.Module:
    """VGG-13 (configuration B): 10 convolutions in five stages, and one linear layer.

    Args:
        shape: One example (C, H, W).
        num_classes: Number of logits.
        width: Channels of the first stage; the others have 2, 4, 8 and 8 times as many.
        norm: Normalisation after each convolution.

    Returns:
        The network, (N, C, H, W) to (N, num_classes), with blocks stage1 .. stage5 and fc.

    Raises:
        ConfigError: If the examples are not images, or width is below 1.

    References:
        Simonyan & Zisserman 2014 (arXiv 1409.1556); one linear layer instead of three, for small images, as in
        Frankle & Carbin 2019 (arXiv 1803.03635).
    """  # noqa: DOC502
    return _vgg("vgg13", (2, 2, 2, 2, 2), shape, num_classes, width, norm)


def vgg16(shape: tuple[int, ...], num_classes: int, *, width: int = 64, norm: Norm = "batch") -> nn.Module:
    """VGG-16 (configuration D): 13 convolutions in five stages, and one linear layer.

    Args:
        shape: One example (C, H, W).
        num_classes: Number of logits.
        width: Channels of the first stage; the others have 2, 4, 8 and 8 times as many.
        norm: Normalisation after each convolution.

    Returns:
        The network, (N, C, H, W) to (N, num_classes), with blocks stage1 .. stage5 and fc.

    Raises:
        ConfigError: If the examples are not images, or width is below 1.

    References:
        Simonyan & Zisserman 2014 (arXiv 1409.1556); one linear layer instead of three, for small images, as in
        Frankle & Carbin 2019 (arXiv 1803.03635).
    """  # noqa: DOC502
    return _vgg("vgg16", (2, 2, 3, 3, 3), shape, num_classes, width, norm)


def _vgg(
    name: str, depths: tuple[int, ...], shape: tuple[int, ...], num_classes: int, width: int, norm: Norm
) -> nn.Module:
    check_positive(name, width=width)
    num_inputs, *size = image_shape(name, shape)
    pixels = min(size)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for index, (depth, multiple) in enumerate(zip(depths, _STAGE_WIDTHS, strict=True), start=1):
        # A map of one pixel cannot be halved: the last stages of small images are not pooled.
        pooled = pixels >= 2
        layers[f"stage{index}"] = _stage(num_inputs, multiple * width, depth, norm, pooled=pooled)
        num_inputs = multiple * width
        pixels = pixels // 2 if pooled else pixels
    layers["avgpool"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    layers["fc"] = nn.Linear(num_inputs, num_classes)
    model = nn.Sequential(layers)
    _initialise(model)
    return model


def _stage(num_inputs: int, num_channels: int, depth: int, norm: Norm, *, pooled: bool) -> nn.Sequential:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for index in range(1, depth + 1):
        layers[f"conv{index}"] = nn.Conv2d(num_inputs, num_channels, 3, padding=1, bias=norm == "none")
        layers[f"norm{index}"] = norm_2d(norm, num_channels)
        layers[f"relu{index}"] = nn.ReLU()
        num_inputs = num_channels
    if pooled:
        layers["pool"] = nn.MaxPool2d(2)
    return nn.Sequential(layers)


def _initialise(model: nn.Module) -> None:
    # The same initialisation as in torchvision.models.VGG.
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0.0, 0.01)
            nn.init.zeros_(module.bias)


FAMILY = {"vgg11": vgg11, "vgg13": vgg13, "vgg16": vgg16}
