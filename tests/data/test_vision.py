"""Torchvision's data sets as tensors: real files against torchvision itself, and small ones of the same format."""

import gzip
import hashlib
import pickle
import shutil
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torchvision import datasets
from torchvision.transforms.functional import pil_to_tensor

from lininterp_cli.data.dataset import Augmentation, Dataset
from lininterp_cli.data.vision import IDX_BYTES, cifar10, cifar100, fashion_mnist, mnist

SAMPLE = [0, 1, 4999, 9999, -1]


@pytest.fixture(scope="module")
def real_cifar10(real_data: Path) -> Dataset:
    return cifar10(real_data)


@pytest.fixture(scope="module")
def real_mnist(real_data: Path) -> Dataset:
    return mnist(real_data)


def test_cifar10_is_what_its_authors_say(real_cifar10: Dataset) -> None:
    assert real_cifar10.train.labels.bincount().tolist() == [5000] * 10
    assert real_cifar10.test.labels.bincount().tolist() == [1000] * 10
    assert real_cifar10.shape == (3, 32, 32)
    assert real_cifar10.train.inputs.is_contiguous()
    assert real_cifar10.augmentation == Augmentation(padding=4, flip=True)


def test_cifar10_has_the_statistics_that_everybody_uses(real_cifar10: Dataset) -> None:
    assert real_cifar10.mean.tolist() == pytest.approx([0.4914, 0.4822, 0.4465], abs=5e-5)
    assert real_cifar10.std.tolist() == pytest.approx([0.2470, 0.2435, 0.2616], abs=5e-5)


def test_statistics_are_those_of_numpy(real_cifar10: Dataset, real_mnist: Dataset) -> None:
    for dataset in (real_cifar10, real_mnist):
        for channel in range(dataset.shape[0]):
            pixels = dataset.train.inputs[:, channel].numpy()
            assert float(dataset.mean[channel]) == pytest.approx(pixels.mean(dtype=np.float64) / 255, rel=1e-6)
            assert float(dataset.std[channel]) == pytest.approx(pixels.std(dtype=np.float64) / 255, rel=1e-6)


@pytest.mark.filterwarnings("ignore:dtype.*align")
def test_cifar10_is_torchvisions_image_by_image(real_cifar10: Dataset, real_data: Path) -> None:
    theirs = datasets.CIFAR10(str(real_data), train=False)
    check(real_cifar10, theirs)
    assert real_cifar10.test.labels.tolist() == theirs.targets


def test_mnist_unpacked_elsewhere_is_torchvisions_image_by_image(
    real_mnist: Dataset, real_data: Path, tmp_path: Path
) -> None:
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in IDX_BYTES:
        raw.joinpath(name).write_bytes(gzip.decompress((real_data / f"MNIST/raw/{name}.gz").read_bytes()))
    check(real_mnist, datasets.MNIST(str(tmp_path), train=False))
    assert (len(real_mnist.train), real_mnist.shape) == (60_000, (1, 28, 28))
    assert real_mnist.augmentation is None
    unpacked = mnist(tmp_path, augment=True)
    assert torch.equal(unpacked.train.inputs, real_mnist.train.inputs)
    assert torch.equal(unpacked.train.labels, real_mnist.train.labels)
    assert unpacked.augmentation == Augmentation(padding=2, flip=False)


def check(dataset: Dataset, theirs: Any) -> None:
    assert len(dataset.test) == len(theirs)
    for index in SAMPLE:
        image, label = theirs[index]
        assert torch.equal(dataset.test.inputs[index], pil_to_tensor(image))
        assert int(dataset.test.labels[index]) == label


def test_fashion_mnist_is_read_from_its_own_folder(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    written = {}
    for name in IDX_BYTES:
        shape = (60_000 if name.startswith("train") else 10_000, *((28, 28) if "images" in name else ()))
        values = generator.integers(0, 10, shape, dtype=np.uint8)
        header = np.array([0x800 + len(shape), *shape], dtype=">u4").tobytes()
        raw.joinpath(name).write_bytes(header + values.tobytes())
        written[name] = values
    dataset = fashion_mnist(tmp_path, augment=True)
    np.testing.assert_array_equal(dataset.train.inputs[:, 0].numpy(), written["train-images-idx3-ubyte"])
    np.testing.assert_array_equal(dataset.test.labels.numpy(), written["t10k-labels-idx1-ubyte"])
    assert dataset.name == "fashion-mnist"
    assert dataset.augmentation == Augmentation(padding=2, flip=True)


@pytest.mark.parametrize("packed", [False, True])
def test_cifar100_has_its_fine_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    generator = np.random.default_rng(0)
    folder = tmp_path / "cifar-100-python"
    folder.mkdir()

    def write(name: str, content: dict[str, Any]) -> str:
        data = pickle.dumps(content, protocol=2)
        folder.joinpath(name).write_bytes(data)
        return hashlib.md5(data).hexdigest()

    batches = {
        name: {
            "data": generator.integers(0, 256, (num, 3072), dtype=np.uint8),
            "fine_labels": [index % 100 for index in range(num)],
            "coarse_labels": [0] * num,
        }
        for name, num in (("train", 200), ("test", 100))
    }
    monkeypatch.setattr(datasets.CIFAR100, "train_list", [["train", write("train", batches["train"])]])
    monkeypatch.setattr(datasets.CIFAR100, "test_list", [["test", write("test", batches["test"])]])
    names = {"fine_label_names": [str(index) for index in range(100)]}
    monkeypatch.setitem(datasets.CIFAR100.meta, "md5", write("meta", names))
    if packed:
        archive = tmp_path / "cifar-100-python.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(folder, folder.name)
        monkeypatch.setattr(datasets.CIFAR100, "tgz_md5", hashlib.md5(archive.read_bytes()).hexdigest())
        shutil.rmtree(folder)

    dataset = cifar100(tmp_path, augment=False)
    assert dataset.num_classes == 100
    assert dataset.augmentation is None
    assert dataset.train.labels.tolist() == batches["train"]["fine_labels"]
    for split, name in ((dataset.train, "train"), (dataset.test, "test")):
        np.testing.assert_array_equal(split.inputs.numpy(), batches[name]["data"].reshape(-1, 3, 32, 32))
