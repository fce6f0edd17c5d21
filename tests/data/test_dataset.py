"""Splits and statistics, against plain NumPy."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.transforms import functional

from lininterp_cli.data.dataset import Dataset, Split, assemble, join, measure


def pictures(num_examples: int, seed: int = 0) -> Split:
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(256, (num_examples, 3, 5, 4), generator=generator, dtype=torch.uint8)
    return Split(images, torch.arange(num_examples) % 3)


@pytest.fixture
def dataset() -> Dataset:
    return assemble("pictures", pictures(40), pictures(9, seed=1), num_classes=3)


def test_a_split_is_taken_in_the_order_of_the_indices() -> None:
    split = pictures(10)
    taken = split.take(torch.tensor([7, 0, 7]))
    assert len(taken) == 3
    assert taken.labels.tolist() == [1, 0, 1]
    assert all(torch.equal(taken.inputs[i], split.inputs[j]) for i, j in enumerate((7, 0, 7)))


def test_splits_are_joined_one_after_the_other() -> None:
    one, other = pictures(4), pictures(3, seed=1)
    both = join([one, other])
    assert torch.equal(both.part(slice(0, 4)).inputs, one.inputs)
    assert torch.equal(both.part(slice(4, 7)).inputs, other.inputs)
    assert both.labels.tolist() == [0, 1, 2, 0, 0, 1, 2]


def test_first_is_the_head_of_an_order_and_all_where_there_are_fewer() -> None:
    split, order = pictures(6), torch.tensor([5, 3, 1, 0, 2, 4])
    assert split.first(2, order).labels.tolist() == [2, 0]
    assert torch.equal(split.first(99, order).inputs, split.inputs[order])


@pytest.mark.parametrize(
    ("inputs", "labels"),
    [
        (torch.zeros(2, 3, 4), torch.zeros(2, dtype=torch.int64)),
        (torch.zeros(2, 3, 4, 4, dtype=torch.float64), torch.zeros(2, dtype=torch.int64)),
        (torch.zeros(2, 3, dtype=torch.float64), torch.zeros(2, dtype=torch.int64)),
        (torch.zeros(2, 3), torch.zeros(2, dtype=torch.int32)),
        (torch.zeros(2, 3), torch.zeros(3, dtype=torch.int64)),
    ],
)
def test_a_split_of_other_tensors_is_a_bug(inputs: torch.Tensor, labels: torch.Tensor) -> None:
    with pytest.raises(AssertionError):
        Split(inputs, labels)


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), min_size=1, max_size=50))
def test_statistics_of_images_are_those_of_numpy(pixels: list[tuple[int, int]]) -> None:
    images = np.array(pixels, dtype=np.uint8).reshape(-1, 2, 1, 1)
    mean, std = measure(torch.from_numpy(images))
    scaled = images.astype(np.float64) / 255
    expected = scaled.std(axis=(0, 2, 3))
    expected[[len(set(channel)) == 1 for channel in zip(*pixels, strict=True)]] = 1
    np.testing.assert_allclose(mean, scaled.mean(axis=(0, 2, 3)), rtol=1e-6)
    np.testing.assert_allclose(std, expected, rtol=1e-6)


def test_statistics_of_vectors_are_those_of_numpy_and_a_constant_feature_has_std_1() -> None:
    vectors = np.random.default_rng(0).normal(3, 2, (500, 4)).astype(np.float32)
    vectors[:, 2] = np.float32(0.1)
    mean, std = measure(torch.from_numpy(vectors))
    expected = vectors.astype(np.float64).std(axis=0)
    expected[2] = 1
    np.testing.assert_allclose(mean, vectors.astype(np.float64).mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(std, expected, rtol=1e-6)


def test_statistics_of_images_of_floats_are_those_of_numpy_and_normalise_them() -> None:
    images = np.random.default_rng(0).normal(3, 2, (50, 3, 5, 4)).astype(np.float32)
    images[:, 1] = np.float32(0.1)
    split = Split(torch.from_numpy(images), torch.zeros(50, dtype=torch.int64))
    dataset = assemble("floats", split, split, num_classes=1)
    mean, std = (getattr(images.astype(np.float64), name)(axis=(0, 2, 3)) for name in ("mean", "std"))
    std[1] = 1
    np.testing.assert_allclose(dataset.mean, mean, rtol=1e-6)
    np.testing.assert_allclose(dataset.std, std, rtol=1e-6)
    expected = (images - mean[:, None, None]) / std[:, None, None]
    np.testing.assert_allclose(dataset.normalise(split.inputs), expected, rtol=0, atol=1e-6)


def test_the_normalisation_is_told_with_its_numbers() -> None:
    images = torch.tensor([0, 255], dtype=torch.uint8)[:, None, None, None].expand(2, 4, 1, 1)
    dataset = assemble("images", Split(images, torch.arange(2)), Split(images, torch.arange(2)), num_classes=2)
    assert dataset.normalisation() == "(x / 255 - [0.5, 0.5, 0.5, ...]) / [0.5, 0.5, 0.5, ...]"
    vectors = torch.tensor([[0.0, 5.0], [4.0, 5.0]])
    dataset = assemble("pair", Split(vectors, torch.arange(2)), Split(vectors, torch.arange(2)), num_classes=2)
    assert dataset.normalisation() == "(x - [2, 5]) / [2, 1]"


def test_statistics_are_float32_and_of_the_training_split_alone(dataset: Dataset) -> None:
    other = assemble("other", dataset.train, pictures(5, seed=9), num_classes=3)
    assert dataset.mean.dtype == dataset.std.dtype == torch.float32
    assert dataset.mean.shape == dataset.std.shape == (3,)
    assert torch.equal(dataset.mean, other.mean)
    assert torch.equal(dataset.std, other.std)


def test_normalised_images_are_those_of_torchvision(dataset: Dataset) -> None:
    before = dataset.test.inputs.clone()
    expected = torch.stack([
        functional.normalize(image.float() / 255, dataset.mean.tolist(), dataset.std.tolist())
        for image in dataset.test.inputs
    ])
    torch.testing.assert_close(dataset.normalise(dataset.test.inputs), expected, rtol=0, atol=1e-6)
    assert torch.equal(dataset.test.inputs, before)


def test_the_training_split_has_mean_0_and_variance_1(dataset: Dataset) -> None:
    shown = dataset.normalise(dataset.train.inputs)
    assert shown.dtype == torch.float32
    torch.testing.assert_close(shown.mean(dim=(0, 2, 3)), torch.zeros(3), rtol=0, atol=1e-5)
    torch.testing.assert_close(shown.std(dim=(0, 2, 3), correction=0), torch.ones(3), rtol=0, atol=1e-5)


def test_normalising_vectors_leaves_them_as_they_are() -> None:
    inputs = torch.tensor([[0.0, 5.0], [4.0, 5.0]])
    dataset = assemble("pair", Split(inputs, torch.arange(2)), Split(inputs, torch.arange(2)), num_classes=2)
    assert dataset.normalise(inputs).tolist() == [[-1, 0], [1, 0]]
    assert inputs.tolist() == [[0, 5], [4, 5]]


@given(st.integers(1, 40))
def test_the_size_of_a_chunk_changes_no_bit(chunk: int) -> None:
    dataset = assemble("pictures", pictures(40), pictures(9, seed=1), num_classes=3)
    inputs = dataset.train.inputs
    parts = [dataset.normalise(part) for part in inputs.split(chunk)]
    assert torch.equal(torch.cat(parts), dataset.normalise(inputs))


def test_moving_moves_everything(dataset: Dataset) -> None:
    moved = dataset.to("meta")
    tensors = [moved.train.inputs, moved.train.labels, moved.test.inputs, moved.test.labels, moved.mean, moved.std]
    assert {tensor.device.type for tensor in tensors} == {"meta"}
    assert moved.shape == dataset.shape == (3, 5, 4)
    assert dataset.to("cpu").train.inputs is dataset.train.inputs


def test_a_part_shares_the_memory_of_its_split() -> None:
    split = pictures(10)
    part = split.part(slice(3, 7))
    assert part.labels.tolist() == [0, 1, 2, 0]
    assert torch.equal(part.inputs, split.inputs[3:7])
    assert part.inputs.data_ptr() == split.inputs[3:].data_ptr()
    assert part.labels.data_ptr() == split.labels[3:].data_ptr()
    assert len(split.part(slice(8, 99))) == 2


def test_a_fingerprint_is_of_what_is_in_a_split_and_not_of_how_it_is_stored() -> None:
    split = pictures(6)
    same = [
        pictures(6),
        Split(split.inputs.contiguous(memory_format=torch.channels_last), split.labels),
        Split(torch.cat([split.inputs] * 2), torch.cat([split.labels] * 2)).part(slice(0, 6)),
        Split(split.inputs.flip(0).contiguous().flip(0), split.labels.repeat_interleave(2)[::2]),
    ]
    assert {one.fingerprint() for one in same} == {split.fingerprint()}


def test_a_fingerprint_is_changed_by_a_pixel_a_label_the_order_the_shape_and_the_dtype() -> None:
    split = pictures(6)
    pixel, label = split.inputs.clone(), split.labels.clone()
    pixel[5, 2, 4, 3] ^= 1
    label[5] ^= 1
    vectors = torch.zeros(6, 4)
    others = [
        Split(pixel, split.labels),
        Split(split.inputs, label),
        split.take(torch.tensor([1, 0, 2, 3, 4, 5])),
        split.part(slice(0, 5)),
        Split(split.inputs.reshape(6, 3, 4, 5), split.labels),
        Split(split.inputs.reshape(6, 15, 2, 2), split.labels),
        # As many bytes, and all of them zero.
        Split(vectors, torch.zeros(6, dtype=torch.int64)),
        Split(vectors.to(torch.uint8).repeat(1, 4)[:, :, None, None], torch.zeros(6, dtype=torch.int64)),
    ]
    prints = [one.fingerprint() for one in (split, *others)]
    assert len(set(prints)) == len(prints)
    assert all(len(one) == 64 for one in prints)


def test_a_normaliser_is_normalise_wherever_the_data_set_is(dataset: Dataset) -> None:
    inputs = dataset.test.inputs
    assert torch.equal(dataset.normaliser("cpu")(inputs), dataset.normalise(inputs))
    away = dataset.to("meta").normaliser("meta")(inputs.to("meta"))
    assert (away.device.type, away.shape, away.dtype) == ("meta", inputs.shape, torch.float32)
    # Only the statistics are taken along: a data set need not fit on a second device.
    assert dataset.normaliser("meta")(inputs.to("meta")).device.type == "meta"
    assert dataset.mean.device.type == "cpu"
