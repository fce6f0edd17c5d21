"""Crops and flips, judged by the list of everything that may come out."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torch import Tensor

from lininterp_cli.data.dataset import Augmentation
from lininterp_cli.training.augment import augmented


def possible(image: Tensor, padding: int, flip: bool) -> list[list[object]]:
    """Each crop of the zero-padded (mirrored) image, by loops over single pixels; (row, column, mirrored) in order."""
    channels, height, width = image.shape
    crops = []
    for top, left, mirrored in itertools.product(
        range(2 * padding + 1), range(2 * padding + 1), (False, True) if flip else (False,)
    ):
        crop = torch.zeros_like(image)
        for channel, row, column in itertools.product(range(channels), range(height), range(width)):
            from_row, from_column = row + top - padding, column + left - padding
            if 0 <= from_row < height and 0 <= from_column < width:
                source = width - 1 - from_column if mirrored else from_column
                crop[channel, row, column] = image[channel, from_row, source]
        crops.append(crop.tolist())
    return crops


def distinct(num: int, channels: int, height: int, width: int) -> Tensor:
    """Images in which no two neighbours agree, nor any pixel with the rim."""
    values = torch.arange(num * channels * height * width) % 251 + 1
    return values.reshape(num, channels, height, width).to(torch.uint8)


@settings(max_examples=25)
@given(
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(2, 5),
    st.integers(2, 5),
    st.integers(0, 2),
    st.booleans(),
    st.integers(0, 2**31),
)
def test_every_image_becomes_a_crop_of_itself(
    num: int, channels: int, height: int, width: int, padding: int, flip: bool, seed: int
) -> None:
    images = distinct(num, channels, height, width)
    before = images.clone()
    out = augmented(images, Augmentation(padding=padding, flip=flip), torch.Generator().manual_seed(seed))
    assert out.shape == images.shape
    assert out.dtype == torch.uint8
    assert torch.equal(images, before)
    for image, varied in zip(images, out, strict=True):
        assert varied.tolist() in possible(image, padding, flip)


def test_nothing_is_left_to_chance_without_padding_and_flip() -> None:
    images = distinct(5, 2, 3, 4)
    out = augmented(images, Augmentation(padding=0, flip=False), torch.Generator().manual_seed(1))
    assert torch.equal(out, images)
    assert out.data_ptr() != images.data_ptr()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_any_dtype_is_cropped_alike(dtype: torch.dtype) -> None:
    images = distinct(6, 1, 5, 5)
    augmentation = Augmentation(padding=2, flip=True)
    pixels, other = (
        augmented(batch, augmentation, torch.Generator().manual_seed(4)) for batch in (images, images.to(dtype))
    )
    assert other.dtype == dtype
    assert torch.equal(pixels.to(dtype), other)


def test_every_crop_is_as_likely_as_the_others() -> None:
    image = distinct(1, 1, 3, 3)
    out = augmented(
        image.expand(18 * 300, 1, 3, 3), Augmentation(padding=1, flip=True), torch.Generator().manual_seed(0)
    )
    crops = possible(image[0], 1, True)
    counts = [0] * len(crops)
    for varied in out.tolist():
        counts[crops.index(varied)] += 1
    assert len(crops) == 18
    assert stats.chisquare(counts).pvalue > 0.001


def test_a_seed_says_which() -> None:
    images, augmentation = distinct(50, 1, 8, 8), Augmentation(padding=1, flip=True)
    first, again, other = (augmented(images, augmentation, torch.Generator().manual_seed(seed)) for seed in (7, 7, 8))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    state = torch.get_rng_state()
    augmented(images, augmentation, torch.Generator().manual_seed(7))
    assert torch.equal(torch.get_rng_state(), state)
