"""The image data sets that torchvision downloads: MNIST, Fashion-MNIST, CIFAR-10 and CIFAR-100.

`fetch` finds their files; this module lists the files and turns the images into tensors.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from lininterp_cli.data.dataset import Augmentation, Dataset, Split, assemble
from lininterp_cli.data.fetch import File, Source, fetch

IDX_BYTES = {
    "train-images-idx3-ubyte": 16 + 60_000 * 28 * 28,
    "train-labels-idx1-ubyte": 8 + 60_000,
    "t10k-images-idx3-ubyte": 16 + 10_000 * 28 * 28,
    "t10k-labels-idx1-ubyte": 8 + 10_000,
}
"""Sizes in bytes of the unpacked files of MNIST, and of Fashion-MNIST."""


def mnist(folder: Path, *, augment: bool = False) -> Dataset:
    """MNIST handwritten digits, 28 x 28 grey, 10 classes, 60000 + 10000.

    Args:
        folder: The folder that has `MNIST/raw/` (its compressed files are enough), or receives the download.
        augment: Crop training images at random after padding by 2 pixels.

    Returns:
        The data set.

    References:
        Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition",
        Proceedings of the IEEE, 1998, https://doi.org/10.1109/5.726791.
    """
    from torchvision.datasets import MNIST  # noqa: PLC0415  a second to import, and not every data set needs it

    return _idx("mnist", MNIST, folder, Augmentation(padding=2, flip=False) if augment else None)


def fashion_mnist(folder: Path, *, augment: bool = False) -> Dataset:
    """Fashion-MNIST pictures of clothes, 28 x 28 grey, 10 classes, 60000 + 10000.

    Args:
        folder: The folder that has `FashionMNIST/raw/` (its compressed files are enough), or receives the download.
        augment: Crop training images at random after padding by 2 pixels, and mirror them.

    Returns:
        The data set.

    References:
        H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
        Algorithms", 2017, arXiv 1708.07747.
    """
    from torchvision.datasets import FashionMNIST  # noqa: PLC0415  as above

    return _idx("fashion-mnist", FashionMNIST, folder, Augmentation(padding=2, flip=True) if augment else None)


def cifar10(folder: Path, *, augment: bool = True) -> Dataset:
    """CIFAR-10 photographs, 32 x 32 colour, 10 classes, 50000 + 10000.

    Args:
        folder: The folder that has `cifar-10-batches-py/` or `cifar-10-python.tar.gz`, or receives the download.
        augment: Crop training images at random after padding by 4 pixels, and mirror them.

    Returns:
        The data set.

    References:
        A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report, University of
        Toronto, 2009, https://www.cs.toronto.edu/~kriz/cifar.html.
    """
    from torchvision.datasets import CIFAR10  # noqa: PLC0415  as above

    return _pickled("cifar10", CIFAR10, folder, 10, augment)


def cifar100(folder: Path, *, augment: bool = True) -> Dataset:
    """CIFAR-100 photographs, 32 x 32 colour, 100 (fine) classes, 50000 + 10000.

    Args:
        folder: The folder that has `cifar-100-python/` or `cifar-100-python.tar.gz`, or receives the download.
        augment: Crop training images at random after padding by 4 pixels, and mirror them.

    Returns:
        The data set.

    References:
        A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report, University of
        Toronto, 2009, https://www.cs.toronto.edu/~kriz/cifar.html.
    """
    from torchvision.datasets import CIFAR100  # noqa: PLC0415  as above

    return _pickled("cifar100", CIFAR100, folder, 100, augment)


def _idx(name: str, reader: Any, folder: Path, augmentation: Augmentation | None) -> Dataset:
    """A data set in MNIST's file format."""
    raw = f"{reader.__name__}/raw"
    source = Source(
        name=name,
        reader=reader,
        files=tuple(File(path=f"{raw}/{file}", num_bytes=num_bytes) for file, num_bytes in IDX_BYTES.items()),
        archives=tuple(File(path=f"{raw}/{file}", md5=md5) for file, md5 in reader.resources),
    )
    train, test = (Split(read.data.unsqueeze(1), read.targets) for read in fetch(source, folder))
    return assemble(name, train, test, num_classes=10, augmentation=augmentation)


def _pickled(name: str, reader: Any, folder: Path, num_classes: int, augment: bool) -> Dataset:
    """A data set in CIFAR's file format."""
    published = [*reader.train_list, *reader.test_list, (reader.meta["filename"], reader.meta["md5"])]
    source = Source(
        name=name,
        reader=reader,
        files=tuple(File(path=f"{reader.base_folder}/{file}", md5=md5) for file, md5 in published),
        archives=(File(path=reader.filename, md5=reader.tgz_md5),),
    )
    train, test = (_channels_first(read) for read in fetch(source, folder))
    augmentation = Augmentation(padding=4, flip=True) if augment else None
    return assemble(name, train, test, num_classes, augmentation)


def _channels_first(read: Any) -> Split:
    images = np.ascontiguousarray(read.data.transpose(0, 3, 1, 2))
    return Split(torch.from_numpy(images), torch.tensor(read.targets))


FAMILY = {"mnist": mnist, "fashion-mnist": fashion_mnist, "cifar10": cifar10, "cifar100": cifar100}
