"""Spirals against the formula of their arms."""

import math
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.data.spiral import spiral
from lininterp_cli.errors import ConfigError


@given(st.integers(2, 6), st.integers(6, 200), st.integers(6, 200))
def test_sizes_are_as_asked_and_classes_are_balanced(num_classes: int, num_train: int, num_test: int) -> None:
    dataset = spiral(Path(), num_classes=num_classes, num_train=num_train, num_test=num_test)
    assert (len(dataset.train), len(dataset.test)) == (num_train, num_test)
    assert dataset.shape == (2,)
    assert dataset.augmentation is None
    for split in (dataset.train, dataset.test):
        counts = split.labels.bincount(minlength=num_classes)
        assert counts.max() - counts.min() <= 1


@given(st.integers(2, 5), st.floats(0.25, 4))
def test_without_noise_every_point_is_on_the_arm_of_its_class(num_classes: int, turns: float) -> None:
    train = spiral(Path(), num_classes=num_classes, turns=turns, noise=0.0).train
    x, y = train.inputs.double().T
    radius = (x**2 + y**2).sqrt()
    assert float(radius.min()) >= 0.5 / 6.5 - 1e-6
    assert float(radius.max()) <= 1 + 1e-6
    along = (radius * 6.5 - 0.5) / 6
    expected = 2 * math.pi * (turns * along + train.labels / num_classes)
    torch.testing.assert_close(torch.atan2(y, x).cos(), expected.cos(), rtol=0, atol=1e-4)
    torch.testing.assert_close(torch.atan2(y, x).sin(), expected.sin(), rtol=0, atol=1e-4)


def test_three_turns_are_the_curve_of_lang_and_witbrock() -> None:
    # Their point i, from the outer end: radius 6.5 (104 - i) / 104 at angle i pi / 16; ours winds the other way.
    train = spiral(Path(), turns=3.0, noise=0.0).train
    x, y = train.inputs[train.labels == 0].double().T
    index = 104 - 104 * (x**2 + y**2).sqrt()
    assert 0 <= float(index.min()) + 1e-4 < float(index.max()) <= 96 + 1e-4
    torch.testing.assert_close(torch.atan2(y, x).cos(), (index * math.pi / 16).cos(), rtol=0, atol=1e-4)


def test_noise_has_the_standard_deviation_asked_for() -> None:
    clean, noisy = (spiral(Path(), noise=noise, num_train=20_000).train.inputs for noise in (0.0, 0.1))
    assert float((noisy - clean).std()) == pytest.approx(0.1, rel=0.02)


def test_the_same_seed_is_the_same_points_and_another_is_not() -> None:
    one, same, other = spiral(Path(), seed=3), spiral(Path(), seed=3), spiral(Path(), seed=4)
    assert torch.equal(one.train.inputs, same.train.inputs)
    assert torch.equal(one.test.inputs, same.test.inputs)
    assert not torch.equal(one.train.inputs, other.train.inputs)
    assert not torch.equal(one.train.inputs, one.test.inputs)


@pytest.mark.parametrize(
    "options",
    [
        {"num_classes": 1},
        {"num_train": 1},
        {"num_test": 0},
        {"turns": 0.0},
        {"turns": math.inf},
        {"noise": -0.1},
        {"noise": math.nan},
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        spiral(Path(), **options)  # type: ignore[arg-type]
