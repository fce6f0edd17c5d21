"""Orders, subsets and random labels: permutations, exact counts, and one inside the other."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.data.dataset import Split
from lininterp_cli.data.draws import corrupt, order, select, zero
from lininterp_cli.errors import ConfigError

SEEDS = st.integers(0, 2**40)
FRACTIONS = st.floats(0, 1)


def numbered(num_examples: int) -> Split:
    """A split whose one feature is the index of the example."""
    return Split(torch.arange(num_examples, dtype=torch.float32)[:, None], torch.arange(num_examples) % 7)


def members(split: Split) -> list[int]:
    return [int(value) for value in split.inputs[:, 0].tolist()]


@given(st.integers(0, 300), SEEDS)
def test_an_order_is_a_permutation_and_stays_the_same(num_examples: int, seed: int) -> None:
    drawn = order(num_examples, seed)
    assert drawn.dtype == torch.int64
    assert sorted(drawn.tolist()) == list(range(num_examples))
    assert torch.equal(drawn, order(num_examples, seed))


def test_orders_of_two_seeds_differ() -> None:
    assert not torch.equal(order(100, 0), order(100, 1))


@given(st.integers(1, 200), SEEDS, st.data())
def test_a_smaller_subset_lies_inside_a_larger(num_examples: int, seed: int, data: st.DataObject) -> None:
    small, large = sorted(data.draw(st.lists(st.integers(1, num_examples), min_size=2, max_size=2)))
    split = numbered(num_examples)
    inner, outer = (members(select(split, size, seed)) for size in (small, large))
    assert (len(inner), len(outer)) == (small, large)
    assert set(inner) <= set(outer)
    assert outer == sorted(set(outer))


@given(st.integers(1, 200), SEEDS)
def test_an_example_keeps_its_label(num_examples: int, seed: int) -> None:
    chosen = select(numbered(num_examples), (num_examples + 1) // 2, seed)
    assert chosen.labels.tolist() == [index % 7 for index in members(chosen)]


@given(st.integers(1, 200), st.floats(0.01, 1))
def test_a_fraction_is_the_rounded_number(num_examples: int, fraction: float) -> None:
    split, count = numbered(num_examples), round(fraction * num_examples)
    if count == 0:
        with pytest.raises(ConfigError, match="means 0 examples"):
            select(split, fraction, seed=0)
    else:
        assert members(select(split, fraction, seed=0)) == members(select(split, count, seed=0))


def test_an_int_of_1_is_one_example_and_a_float_of_1_is_all_of_them_untouched() -> None:
    split = numbered(20)
    assert len(select(split, 1, seed=0)) == 1
    assert members(select(split, 1.0, seed=0)) == list(range(20))
    assert members(select(split, 7.0, seed=0)) == members(select(split, 7, seed=0))


def test_subsets_of_two_seeds_differ() -> None:
    assert members(select(numbered(100), 50, seed=0)) != members(select(numbered(100), 50, seed=1))


@pytest.mark.parametrize("size", [0, -3, 21, 0.0, -0.5, 1.5, 21.0, 0.01, math.nan, math.inf])
def test_a_size_that_cannot_be_had_is_refused(size: int | float) -> None:
    with pytest.raises(ConfigError, match="training size"):
        select(numbered(20), size, seed=0)


@given(st.integers(1, 300), SEEDS, FRACTIONS, FRACTIONS)
def test_random_labels_stay_as_the_fraction_grows(num_examples: int, seed: int, one: float, two: float) -> None:
    # Every true label is outside the classes drawn from, so that each label that was drawn shows.
    true = torch.full((num_examples,), 99)
    few, many = (corrupt(true, fraction, 5, seed) for fraction in sorted((one, two)))
    for fraction, labels in zip(sorted((one, two)), (few, many), strict=True):
        assert (labels != 99).sum() == round(fraction * num_examples)
        assert set(labels.tolist()) <= {0, 1, 2, 3, 4, 99}
    touched = few != 99
    assert torch.equal(few[touched], many[touched])
    assert bool((true == 99).all())


def test_all_labels_drawn_are_uniform_over_all_classes() -> None:
    drawn = corrupt(torch.zeros(50_000, dtype=torch.int64), 1.0, 10, seed=0)
    # 5000 expected in each class with a standard deviation of sqrt(50000 * 0.1 * 0.9) = 67.
    assert (drawn.bincount(minlength=10) - 5000).abs().max() < 5 * 67


def test_which_labels_are_drawn_does_not_follow_the_subset_or_the_order() -> None:
    noisy = corrupt(torch.full((1000,), 99), 0.5, 10, seed=0) != 99
    chosen = torch.zeros(1000, dtype=torch.bool)
    chosen[members(select(numbered(1000), 500, seed=0))] = True
    first = torch.zeros(1000, dtype=torch.bool)
    first[order(1000, 0)[:500]] = True
    for other in (chosen, first):
        # Two independent halves share 250 with a standard deviation of 1000 / (4 sqrt(999)) = 7.9.
        assert abs(int((noisy & other).sum()) - 250) < 5 * 7.9


def test_no_noise_is_the_labels_in_a_tensor_of_their_own() -> None:
    labels = torch.arange(10)
    clean = corrupt(labels, 0.0, 10, seed=0)
    assert torch.equal(clean, labels)
    assert clean.data_ptr() != labels.data_ptr()


@pytest.mark.parametrize("fraction", [-0.1, 1.1, math.nan])
def test_a_fraction_outside_0_to_1_is_refused(fraction: float) -> None:
    with pytest.raises(ConfigError, match=r"in \[0, 1\]"):
        corrupt(torch.arange(3), fraction, 3, seed=0)


@given(st.integers(1, 40), st.integers(1, 30), SEEDS, st.floats(0, 0.99), st.floats(0, 0.99))
def test_gaps_are_as_many_as_asked_for_and_stay_as_they_grow(
    num_examples: int, num_entries: int, seed: int, one: float, two: float
) -> None:
    inputs = torch.ones(num_examples, num_entries)
    few, many = (zero(inputs, fraction, seed) for fraction in sorted((one, two)))
    for fraction, gapped in zip(sorted((one, two)), (few, many), strict=True):
        assert set((gapped == 0).sum(1).tolist()) == {round(fraction * num_entries)}
    assert bool((many[few == 0] == 0).all())
    assert bool((inputs == 1).all())


def test_gaps_are_uniform_over_entries_and_others_in_each_image() -> None:
    images = torch.full((2500, 3, 4, 4), 200, dtype=torch.uint8)
    gapped = zero(images, 0.25, seed=0)
    assert gapped.dtype == torch.uint8
    assert set(gapped.unique().tolist()) == {0, 200}
    # 625 expected of each entry with a standard deviation of sqrt(2500 * 0.25 * 0.75) = 21.7.
    assert ((gapped == 0).sum(0) - 625).abs().max() < 5 * 21.7
    assert len({image.numpy().tobytes() for image in gapped}) == 2500
    assert torch.equal(gapped[:1500], zero(images[:1500], 0.25, seed=0))
    assert not torch.equal(gapped, zero(images, 0.25, seed=1))


def test_the_streams_are_pinned() -> None:
    assert zero(torch.arange(1.0, 9.0)[None], 0.5, seed=0).tolist() == [[1, 2, 3, 4, 0, 0, 0, 0]]
    assert order(8, 0).tolist() == [3, 1, 6, 5, 7, 2, 0, 4]
    assert members(select(numbered(20), 5, seed=0)) == [0, 4, 5, 11, 15]
    assert corrupt(torch.full((8,), 9), 0.5, 9, seed=0).tolist() == [7, 9, 9, 9, 3, 0, 0, 9]
