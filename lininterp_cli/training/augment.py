"""Random crops and flips of a whole batch at once, on the device the batch is on."""

import torch
from torch import Generator, Tensor
from torch.nn import functional

from lininterp_cli.data.dataset import Augmentation


def augmented(images: Tensor, augmentation: Augmentation, generator: Generator) -> Tensor:
    """Shift each image by up to `padding` pixels, the rim filled with zeros; if `flip`, mirror it with probability 1/2.

    The crop and flip of He et al. 2016 (arXiv 1512.03385, section 4.2), drawn independently for each image.

    Args:
        images: (N, C, H, W) in any dtype.
        augmentation: The padding in pixels and whether to mirror.
        generator: The random stream, on the images' device.

    Returns:
        (N, C, H, W), a new tensor.
    """
    num, channels, height, width = images.shape
    device = images.device
    pad = augmentation.padding
    draws = torch.randint(2 * pad + 1, (2, num), generator=generator, device=device)
    columns = torch.arange(width, device=device).expand(num, width)
    if augmentation.flip:
        mirrored = torch.rand(num, generator=generator, device=device) < 0.5
        columns = torch.where(mirrored[:, None], width - 1 - columns, columns)
    rows = draws[0][:, None] + torch.arange(height, device=device)
    columns = draws[1][:, None] + columns
    padded = functional.pad(images, (pad, pad, pad, pad))
    return padded[
        torch.arange(num, device=device)[:, None, None, None],
        torch.arange(channels, device=device)[None, :, None, None],
        rows[:, None, :, None],
        columns[:, None, None, :],
    ]
