"""A user's own pictures, one folder per class; nothing is downloaded."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lininterp_cli.data.dataset import Augmentation, Dataset, Split, assemble
from lininterp_cli.errors import ConfigError, DataError

LAYOUT = "train/CLASS/*.png and test/CLASS/*.png (or val/, or another kind of picture)"


def imagefolder(folder: Path, *, size: int = 64, augment: bool = True) -> Dataset:
    """Your own pictures: imagefolder:PATH with PATH/train/CLASS/*.png and PATH/test/CLASS/*.png (or val).

    Every picture, of 8 bits per channel, is made RGB, its shorter side resized to `size` (bilinear, antialiased), and
    its centre cropped square.  Classes are numbered in the alphabetical order of their folders.

    Args:
        folder: The folder that holds `train`, and `test` or else `val`.
        size: Height and width in pixels, 1 or more.
        augment: Crop training images at random after padding by an eighth of their size, and mirror them.

    Returns:
        The data set, with the cropped pictures in memory.

    Raises:
        ConfigError: If the size is below 1.
        DataError: If a folder is missing or empty, the classes of both splits differ, or a picture is broken, too large
            or of more than 8 bits.

    References:
        The layout of `torchvision.datasets.ImageFolder`,
        https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html.
    """
    if size < 1:
        raise ConfigError(f"imagefolder needs a size of 1 pixel or more, not {size}")
    held_out = "test" if (folder / "test").is_dir() else "val"
    train, test = (_list(folder, split) for split in ("train", held_out))
    if train.classes != test.classes:
        odd = ", ".join(sorted(set(train.classes) ^ set(test.classes)))
        raise DataError(f"imagefolder {folder}: train and {held_out} must have the same classes; only one has {odd}")
    return assemble(
        f"imagefolder:{folder}",
        Split(_read(train, size), torch.tensor(train.targets)),
        Split(_read(test, size), torch.tensor(test.targets)),
        num_classes=len(train.classes),
        augmentation=Augmentation(padding=size // 8, flip=True) if augment else None,
    )


def _list(folder: Path, split: str) -> Any:
    """The pictures of one split, as torchvision finds them."""
    from torchvision.datasets import ImageFolder  # noqa: PLC0415  a second to import, and few need it

    try:
        return ImageFolder(str(folder / split))
    except OSError as error:
        raise DataError(f"imagefolder {folder} must hold {LAYOUT}; {' '.join(str(error).split())}") from error


def _read(pictures: Any, size: int) -> Tensor:
    """Every picture of a split, (N, 3, size, size) uint8."""
    from PIL.Image import DecompressionBombError  # noqa: PLC0415  as above
    from torchvision.transforms import functional  # noqa: PLC0415  as above

    images = torch.empty(len(pictures.samples), 3, size, size, dtype=torch.uint8)

    def read(index: int) -> None:
        path = pictures.samples[index][0]
        try:
            picture = functional.resize(_open(path), [size])
        except (OSError, ValueError, SyntaxError, DecompressionBombError) as error:  # Pillow's for broken pictures
            raise DataError(
                f"imagefolder: {path} cannot be read as a picture ({error}); replace or remove it"
            ) from error
        images[index] = functional.pil_to_tensor(functional.center_crop(picture, [size]))

    with ThreadPoolExecutor() as pool:  # decoding releases the GIL
        for _ in pool.map(read, range(len(images))):
            pass
    return images


def _open(path: str) -> Any:
    """A picture as an RGB image of Pillow."""
    from PIL import Image  # noqa: PLC0415  as above

    with Image.open(path) as picture:
        if picture.mode.startswith(("I", "F")):  # `convert` would cut 16 or 32 bits off at 255, mostly to white
            raise ValueError(f"mode {picture.mode}, pixels are to have 8 bits")
        return picture.convert("RGB")


FAMILY = {"imagefolder": imagefolder}
