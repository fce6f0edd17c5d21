"""What a user's own function may give as data."""

import numpy as np
import pytest
import torch

from lininterp_cli.data.digits import digits
from lininterp_cli.data.own import as_dataset
from lininterp_cli.data.registry import load
from lininterp_cli.errors import ConfigError, DataError

IMAGES = np.arange(2 * 3 * 4 * 4, dtype=np.uint8).reshape(2, 3, 4, 4)

FLOATS = IMAGES.reshape(2, -1).astype(np.float32)


def test_pairs_of_arrays_are_a_data_set():
    dataset = as_dataset("d.py:load", ((IMAGES, [0, 2]), (IMAGES[:1], np.array([4], dtype=np.int32))))
    assert (dataset.name, dataset.shape, dataset.num_classes) == ("d.py:load", (3, 4, 4), 5)
    assert (len(dataset.train), len(dataset.test)) == (2, 1)
    assert dataset.train.inputs.numpy().tolist() == IMAGES.tolist()
    assert dataset.train.labels.dtype == torch.int64
    shown = dataset.normalise(dataset.train.inputs)
    assert shown.mean().abs() < 1e-6


def test_vectors_are_float32():
    inputs = torch.randn(3, 2, dtype=torch.float64)
    dataset = as_dataset("d", ((inputs, torch.tensor([0, 1, 1])), (inputs, torch.tensor([0, 1, 1]))))
    assert dataset.test.inputs.dtype == torch.float32


@pytest.mark.parametrize("inputs", [IMAGES / 255, FLOATS])
def test_floats_reach_the_network_as_they_are(inputs):
    dataset = as_dataset("d", ((inputs, [0, 1]), (inputs, [0, 1])))
    assert dataset.normalise(dataset.test.inputs).numpy().tolist() == inputs.astype(np.float32).tolist()
    assert dataset.normalisation() == "x"


@pytest.mark.parametrize("kind", ["big-endian", "backwards", "read-only", "transposed"])
def test_an_array_may_lie_in_memory_in_any_way(kind):
    inputs, labels = IMAGES.astype(np.float32), np.array([3, 1])
    if kind == "big-endian":
        given = inputs.astype(">f4"), labels.astype(">i8")
    elif kind == "backwards":
        given = inputs[::-1].copy()[::-1], labels[::-1].copy()[::-1]
    elif kind == "transposed":
        given = np.asfortranarray(inputs), labels
    else:
        given = inputs.copy(), labels.copy()
        for array in given:
            array.setflags(write=False)
    dataset = as_dataset("d", (given, given))
    assert dataset.train.inputs.numpy().tolist() == inputs.tolist()
    assert dataset.test.labels.tolist() == labels.tolist()


def test_outputs_of_another_network_are_data_without_its_gradients():
    with torch.enable_grad():
        features = torch.nn.Linear(3, 4)(torch.randn(2, 3))
    dataset = as_dataset("d", ((features, [0, 1]), (features, [0, 1])))
    assert not dataset.train.inputs.requires_grad
    assert dataset.train.inputs.tolist() == features.tolist()


@pytest.mark.parametrize("num_channels", [1, 3, 4])
def test_channels_that_come_last_are_refused(num_channels):
    first = np.zeros((2, num_channels, 5, 5), dtype=np.uint8)
    last = first.transpose(0, 2, 3, 1)
    with pytest.raises(DataError, match=rf"\(2, 5, 5, {num_channels}\) have their channels last; give \(N, C, H, W\)"):
        as_dataset("d", ((last, [0, 1]), (last, [0, 1])))
    assert as_dataset("d", ((first, [0, 1]), (first, [0, 1]))).shape == (num_channels, 5, 5)


def test_a_data_set_of_ours_is_one(tmp_path):
    dataset = digits(tmp_path)
    assert as_dataset("d", dataset) is dataset


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "must give"),
        (((object(), [0]), (IMAGES, [0, 1])), "must give"),
        ((IMAGES, IMAGES), "inputs are images"),
        (((IMAGES, ["a", "b"]), (IMAGES, [0, 1])), "must give"),
        (((IMAGES / 255, [0, 1]), (IMAGES, [0, 1])), "differ in shape or type"),
        (((IMAGES.astype(np.int64), [0, 1]), (IMAGES, [0, 1])), r"not \(2, 3, 4, 4\) int64"),
        (((np.where(IMAGES == 50, np.nan, IMAGES), [0, 1]), (IMAGES, [0, 1])), "1 of 2 examples .* is example 1;"),
        (((FLOATS, [0, 1]), (np.where(FLOATS < 1, np.inf, FLOATS), [0, 1])), "1 of 2 examples .* is example 0;"),
        (((IMAGES, [0]), (IMAGES, [0, 1])), r"labels are whole numbers .* not \(1,\) int64 for 2"),
        (((IMAGES, [0.5, 1.0]), (IMAGES, [0, 1])), "labels are whole numbers"),
        (((IMAGES, [0, -1]), (IMAGES, [0, 1])), "from 0 on, not -1"),
        (((IMAGES, [0, 1]), (IMAGES[:, :1], [0, 1])), "differ in shape"),
        (((IMAGES[:0], []), (IMAGES, [0, 1])), "one or more"),
    ],
)
def test_what_is_none_is_told(given, words):
    with pytest.raises(DataError, match=words):
        as_dataset("d.py:load", given)


def test_a_function_gets_the_folder_and_its_options(tmp_path):
    path = tmp_path / "d.py"
    path.write_text("""
import torch
def load(folder, *, num: int = 3):
    inputs = torch.full((num, 2), float(len(folder.name)))
    return (inputs, [0] * num), (inputs, [1] * num)
""")
    dataset = load(f"{path}:load", tmp_path / "four", num=5)
    assert (len(dataset.train), dataset.num_classes, float(dataset.train.inputs[0, 0])) == (5, 2, 4.0)
    with pytest.raises(ConfigError, match="option of data set"):
        load(f"{path}:load", tmp_path, size=5)


@pytest.mark.parametrize("draw", ["torch.rand(6, 2)", "np.random.rand(6, 2)", "[[random.random()] for _ in range(6)]"])
def test_examples_that_are_drawn_are_the_same_in_every_command(tmp_path, draw):
    path = tmp_path / "d.py"
    path.write_text(f"""
import random
import numpy as np
import torch
def load(folder):
    split = {draw}, [0, 1] * 3
    return split, split
""")
    one, other = (load(f"{path}:load", tmp_path).train for _ in range(2))
    assert one.fingerprint() == other.fingerprint()
    assert len(one.inputs.unique()) > 1


def test_an_error_of_the_function_is_one_line(tmp_path):
    path = tmp_path / "d.py"
    path.write_text("""
from lininterp_cli.errors import ConfigError
def gone(folder):
    open(folder / "gone.npz")
def long(folder):
    raise ValueError("first\\nsecond")
def own(folder):
    raise ConfigError("as it is")
def none():
    pass
""")
    with pytest.raises(DataError, match=r"^d.py:gone failed: FileNotFoundError: .*gone.npz' \(d.py:4\)$"):
        load(f"{path}:gone", tmp_path)
    with pytest.raises(DataError, match=r"^d.py:long failed: ValueError: first \(d.py:6\)$"):
        load(f"{path}:long", tmp_path)
    with pytest.raises(DataError, match=r"^d.py:none must be a function of the folder of data sets: too many"):
        load(f"{path}:none", tmp_path)
    with pytest.raises(ConfigError, match=r"^as it is$"):
        load(f"{path}:own", tmp_path)
