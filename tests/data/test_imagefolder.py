"""Pictures written with Pillow, read back, against torchvision's own transforms."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import CenterCrop, Compose, PILToTensor, Resize

from lininterp_cli.data.dataset import Augmentation
from lininterp_cli.data.imagefolder import imagefolder
from lininterp_cli.data.registry import load
from lininterp_cli.errors import ConfigError, DataError

Draw = Callable[..., Path]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Writes one picture of noise below `tmp_path`."""
    generator = np.random.default_rng(0)

    def write(path: str, width: int = 20, height: int = 30, mode: str = "RGB") -> Path:
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        pixels = generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(pixels).convert(mode).save(target)
        return target

    return write


@pytest.fixture
def birds(draw: Draw, tmp_path: Path) -> Path:
    for split, num in (("train", 3), ("test", 2)):
        for name in ("wren", "crow"):
            for index in range(num):
                draw(f"{split}/{name}/{index}.png", width=20 + index, height=33 - 9 * index)
    return tmp_path


def test_classes_are_numbered_alphabetically_and_sizes_are_as_written(birds: Path) -> None:
    dataset = load(f"imagefolder:{birds}", Path("elsewhere"), size=16)
    assert dataset.name == f"imagefolder:{birds}"
    assert dataset.train.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert dataset.test.labels.tolist() == [0, 0, 1, 1]
    assert dataset.shape == (3, 16, 16)
    assert dataset.num_classes == 2
    assert dataset.train.inputs.dtype == torch.uint8


def test_pictures_are_resized_and_cropped_as_torchvision_does(birds: Path) -> None:
    dataset = imagefolder(birds, size=12)
    transform = Compose([Resize(12), CenterCrop(12), PILToTensor()])
    paths = [birds / "train" / name / f"{index}.png" for name in ("crow", "wren") for index in range(3)]
    expected = torch.stack([transform(Image.open(path)) for path in paths])
    assert torch.equal(dataset.train.inputs, expected)


def test_a_square_picture_of_the_right_size_is_not_changed(draw: Draw, tmp_path: Path) -> None:
    path = draw("train/one/a.png", width=64, height=64)
    draw("test/one/a.png")
    expected = np.asarray(Image.open(path)).transpose(2, 0, 1)
    np.testing.assert_array_equal(imagefolder(tmp_path).train.inputs[0].numpy(), expected)


def test_grey_pictures_become_rgb(draw: Draw, tmp_path: Path) -> None:
    draw("train/one/a.png", mode="L")
    draw("test/one/a.png", mode="RGBA")
    inputs = imagefolder(tmp_path, size=8).train.inputs
    assert inputs.shape == (1, 3, 8, 8)
    assert torch.equal(inputs[:, 0], inputs[:, 2])


def test_val_serves_where_there_is_no_test(birds: Path) -> None:
    expected = imagefolder(birds, size=8).test
    (birds / "test").rename(birds / "val")
    assert torch.equal(imagefolder(birds, size=8).test.inputs, expected.inputs)


def test_augmentation_is_on_unless_refused(birds: Path) -> None:
    assert imagefolder(birds, size=32).augmentation == Augmentation(padding=4, flip=True)
    assert imagefolder(birds, size=32, augment=False).augmentation is None


def test_classes_of_both_splits_must_agree(birds: Path, draw: Draw) -> None:
    draw("test/owl/0.png")
    with pytest.raises(DataError, match="only one has owl"):
        imagefolder(birds)


@pytest.mark.parametrize("missing", ["train", "test", "test/crow/*"])
def test_a_missing_or_empty_folder_is_named_with_the_layout(birds: Path, missing: str) -> None:
    if missing.endswith("*"):
        for path in birds.glob(missing):
            path.unlink()
    else:
        (birds / missing).rename(birds / "elsewhere")
    with pytest.raises(DataError, match="must hold train/CLASS") as caught:
        imagefolder(birds)
    assert str(birds) in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no picture", None])
def test_a_broken_picture_is_named(birds: Path, content: bytes | None) -> None:
    path = birds / "train" / "wren" / "1.png"
    path.write_bytes(path.read_bytes()[:200] if content is None else content)
    with pytest.raises(DataError, match=str(path)):
        imagefolder(birds)


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.float32])
def test_pixels_that_8_bits_cannot_hold_are_refused(birds: Path, kind: type) -> None:
    path = birds / "train" / "wren" / "x.tiff"
    Image.fromarray(np.full((9, 9), 1000, dtype=kind)).save(path)
    with pytest.raises(DataError, match=rf"{path} cannot be read .* \(mode [IF].*, pixels are to have 8 bits"):
        imagefolder(birds)


def test_a_picture_too_large_for_pillow_is_named(birds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(DataError, match=r"0\.png cannot be read as a picture \(Image size .*; replace or remove it"):
        imagefolder(birds)


def test_a_size_below_1_is_refused(birds: Path) -> None:
    with pytest.raises(ConfigError, match="size"):
        imagefolder(birds, size=0)
