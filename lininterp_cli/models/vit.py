"""torchvision's vision transformer for small images."""

import math

from torch import nn
from torchvision.models import VisionTransformer

from lininterp_cli.errors import ConfigError
from lininterp_cli.models.limits import check_positive, image_shape


def vit_tiny(
    shape: tuple[int, ...],
    num_classes: int,
    *,
    width: int = 192,
    depth: int = 6,
    heads: int = 3,
    patch: int = 4,
    dropout: float = 0.0,
) -> nn.Module:
    """Vision transformer of DeiT-tiny's width and heads, with small patches and half its layers.

    The width (192), heads (3) and the MLP of four times the width are DeiT-tiny's; its 12 layers and patches of
    16 pixels are made for images of 224x224, here they are 6 and 4.  Initial weights are torchvision's, except in
    the head: torchvision sets it to 0, which would leave every other tensor without a gradient; it is drawn as
    DeiT draws it, from a normal distribution of standard deviation 0.02, truncated at -2 and 2.

    Args:
        shape: One example (C, H, W), square.
        num_classes: Number of logits.
        width: Length of a token; must be a multiple of heads.
        depth: How many encoder layers.
        heads: How many attention heads in each layer.
        patch: Height and width of a patch in pixels; must divide the image's.
        dropout: Fraction of activations dropped in training, in [0, 1).

    Returns:
        The network, (N, C, H, W) to (N, num_classes), with blocks patch, layer1 .. layer{depth} and head.

    Raises:
        ConfigError: If the examples are not square images, the patches do not divide them, width is no multiple
            of heads, a count is below 1, or dropout lies outside [0, 1).

    References:
        Dosovitskiy et al. 2021 (arXiv 2010.11929); sizes of Touvron et al. 2021 (arXiv 2012.12877).
    """
    check_positive("vit-tiny", width=width, depth=depth, heads=heads, patch=patch)
    channels, pixels = _square(shape)
    if pixels % patch:
        divisors = ", ".join(str(size) for size in range(1, pixels + 1) if pixels % size == 0)
        raise ConfigError(
            f"patch of vit-tiny is {patch}, which does not divide images of {pixels}x{pixels}; allowed: {divisors}"
        )
    if width % heads:
        raise ConfigError(f"width of vit-tiny is {width}; it must be a multiple of heads, which is {heads}")
    if not 0 <= dropout < 1:
        raise ConfigError(f"dropout of vit-tiny is {dropout}; it must be at least 0 and less than 1")
    return _BlockedTransformer(channels, pixels, num_classes, width, depth, heads, patch, dropout)


def _square(shape: tuple[int, ...]) -> tuple[int, int]:
    channels, height, width = image_shape("vit-tiny", shape)
    if height != width:
        raise ConfigError(
            f"vit-tiny takes square images, but an example is {shape}; choose a data set of square images or "
            f"another model"
        )
    return channels, height


class _BlockedTransformer(VisionTransformer):  # type: ignore[misc]  # torchvision has no types
    """torchvision's VisionTransformer with any number of input channels and with named blocks."""

    block_prefixes: dict[str, tuple[str, ...]]

    def __init__(
        self,
        channels: int,
        pixels: int,
        num_classes: int,
        width: int,
        depth: int,
        heads: int,
        patch: int,
        dropout: float,
    ) -> None:
        super().__init__(
            image_size=pixels,
            patch_size=patch,
            num_layers=depth,
            num_heads=heads,
            hidden_dim=width,
            mlp_dim=4 * width,
            dropout=dropout,
            num_classes=num_classes,
        )
        if channels != 3:
            self.conv_proj = _patch_projection(channels, width, patch)
        nn.init.trunc_normal_(self.heads.head.weight, std=0.02)
        layers = {f"layer{index + 1}": (f"encoder.layers.encoder_layer_{index}",) for index in range(depth)}
        self.block_prefixes = {
            "patch": ("conv_proj", "class_token", "encoder.pos_embedding"),
            **layers,
            "head": ("encoder.ln", "heads"),
        }


def _patch_projection(channels: int, width: int, patch: int) -> nn.Conv2d:
    projection = nn.Conv2d(channels, width, kernel_size=patch, stride=patch)
    nn.init.trunc_normal_(projection.weight, std=math.sqrt(1 / (channels * patch**2)))
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    return projection


FAMILY = {"vit-tiny": vit_tiny}
