"""Planned looks and their price: Pocock's table, closed forms, and a slow simulation."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lininterp_cli.landscape.intervals.contrasts import Listed
from lininterp_cli.landscape.intervals.looks import FIRST_LOOK, STEP, critical_value, looks

ONE = Listed(np.ones((1, 1)))


@given(st.integers(1, 2_000_000))
def test_looks_climb_to_the_last_example(num_examples):
    planned = looks(num_examples)
    assert planned[-1] == num_examples
    assert all(before < after <= 1.5 * before for before, after in pairwise(planned))
    assert all(look % STEP == 0 and look >= FIRST_LOOK for look in planned[:-1])


def test_a_larger_split_has_the_same_looks_and_more():
    assert looks(10_000)[:-1] == looks(50_000)[: len(looks(10_000)) - 1]
    assert (len(looks(10_000)), len(looks(50_000))) == (18, 27)


@pytest.mark.parametrize(
    ("num_looks", "constant"), [(2, 2.178), (3, 2.289), (4, 2.361), (5, 2.413), (10, 2.555), (20, 2.672)]
)
def test_one_contrast_has_pococks_constant(num_looks, constant):
    # His table 1: groups of equal size, two sides of 2.5 % each.
    planned = tuple(100 * (1 + look) for look in range(num_looks))
    assert critical_value(ONE, planned, 0.025) == pytest.approx(constant, abs=0.04)


@pytest.mark.parametrize("error", [0.0125, 0.025, 0.2])
@pytest.mark.parametrize("num_contrasts", [1, 2, 40])
def test_independent_contrasts_are_sidaks(num_contrasts, error):
    value = critical_value(Listed(np.eye(num_contrasts)), (300,), error)
    assert value == pytest.approx(stats.norm.ppf((1 - error) ** (1 / num_contrasts)), abs=0.03)


def test_correlated_contrasts_at_many_looks_are_what_counting_maxima_gives():
    generator = np.random.default_rng(1)
    # Differences of a random walk's positions: from nearly equal to nearly independent.
    after, before = np.tril_indices(12, -1)
    steps = np.tril(np.ones((12, 12)))
    directions = steps[after] - steps[before]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    planned = (256, 512, 640, 1000)
    increments = generator.standard_normal((20_000, 4, 12)) * np.sqrt(np.diff(planned, prepend=0))[:, None]
    totals = increments.cumsum(axis=1) / np.sqrt(planned)[:, None]
    largest = (totals @ directions.T).max(axis=(1, 2))
    value = critical_value(Listed(directions), planned, 0.025)
    assert value == pytest.approx(np.quantile(largest, 0.975), abs=0.06)
    assert value == critical_value(Listed(directions.copy()), planned, 0.025)
