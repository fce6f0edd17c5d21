"""How sure a barrier is: coverage by simulation, closed forms, and what must not change an interval."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lininterp_cli.landscape.barrier import BARRIERS
from lininterp_cli.landscape.interval import intervals

ALPHAS = tuple(np.linspace(0, 1, 8))

SHAPES = {
    "hump": [2.0, 2.2, 2.6, 2.9, 2.5, 1.6, 0.8, 0.3],
    "plateau and cliff": [2.3, 2.3, 2.3, 2.3, 2.3, 2.3, 2.29, 0.3],
    "falling": [2.3, 2.0, 1.7, 1.4, 1.1, 0.8, 0.5, 0.2],
    "equal ends": [0.5, 0.6, 0.8, 0.9, 0.9, 0.8, 0.6, 0.5],
}


def _sample(means, num_examples, generator):
    """Losses of examples that are hard or easy everywhere, with skewed noise at each alpha beside it."""
    hardness = generator.gamma(0.5, 2.0, size=(num_examples, 1)) - 1
    noise = generator.gamma(1.0, 1.0, size=(num_examples, len(means))) - 1
    return np.asarray(means) + hardness + 0.4 * noise


@pytest.mark.parametrize("shape", SHAPES)
def test_the_true_barrier_is_covered_as_often_as_promised(shape):
    generator = np.random.default_rng(1)
    truth = {name: barrier(ALPHAS, SHAPES[shape]).height for name, barrier in BARRIERS.items()}
    num_tries = 300
    hits = dict.fromkeys(truth, 0)
    for _ in range(num_tries):
        found = intervals(ALPHAS, _sample(SHAPES[shape], 400, generator))
        for name, interval in found.items():
            hits[name] += interval.low - 1e-12 <= truth[name] <= interval.high + 1e-12
    assert all(count >= 0.93 * num_tries for count in hits.values()), hits


def test_two_points_are_the_paired_normal_interval():
    losses = _sample([1.0, 1.5], 500, np.random.default_rng(2))
    difference = losses[:, 1] - losses[:, 0]
    half = stats.norm.ppf(0.975) * stats.sem(difference)
    interval = intervals((0.0, 1.0), losses)["rise"]
    assert interval.low == pytest.approx(difference.mean() - half, abs=0.1 * half)
    assert interval.high == pytest.approx(difference.mean() + half, abs=0.1 * half)


def test_what_is_hard_everywhere_cancels():
    generator = np.random.default_rng(3)
    losses = _sample(SHAPES["hump"], 200, generator)
    harder = losses + generator.gamma(1.0, 5.0, size=(200, 1))
    for name, interval in intervals(ALPHAS, losses).items():
        other = intervals(ALPHAS, harder)[name]
        assert (other.low, other.high) == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_four_times_the_examples_halve_the_width():
    generator = np.random.default_rng(4)
    few, many = (intervals(ALPHAS, _sample(SHAPES["hump"], num, generator))["rise"] for num in (2000, 8000))
    assert (many.high - many.low) / (few.high - few.low) == pytest.approx(0.5, abs=0.07)


def test_a_curve_that_surely_falls_has_no_rise_at_all():
    interval = intervals(ALPHAS, _sample(SHAPES["falling"], 5000, np.random.default_rng(5)))["rise"]
    assert (interval.low, interval.high) == (0.0, 0.0)


def test_the_same_examples_give_the_same_interval():
    losses = _sample(SHAPES["hump"], 100, np.random.default_rng(6))
    assert intervals(ALPHAS, losses) == intervals(ALPHAS, losses.copy())


def test_positions_that_are_not_finite_or_outside_are_passed_over():
    losses = _sample(SHAPES["hump"], 100, np.random.default_rng(7))
    holed = losses.copy()
    holed[3, 4] = np.nan
    without = np.delete(losses, 4, axis=1)
    assert intervals(ALPHAS, holed) == intervals(np.delete(ALPHAS, 4), without)
    wider = np.column_stack([losses[:, :1] - 50, losses, losses[:, -1:] + 50])
    assert intervals((-0.5, *ALPHAS, 1.5), wider) == intervals(ALPHAS, losses)


def test_what_needs_an_end_is_left_out_without_it():
    losses = _sample(SHAPES["hump"], 100, np.random.default_rng(8))
    assert set(intervals(ALPHAS[1:], losses[:, 1:])) == {"rise"}
    losses[0, -1] = np.inf
    assert set(intervals(ALPHAS, losses)) == {"rise"}


def test_one_example_tells_nothing():
    assert intervals(ALPHAS, np.asarray([SHAPES["hump"]])) == {}
    assert intervals((), np.zeros((5, 0))) == {}


@settings(max_examples=60)
@given(data=st.data(), num_examples=st.integers(2, 12), num_alphas=st.integers(1, 6))
def test_the_barrier_lies_in_its_interval(data, num_examples, num_alphas):
    value = st.floats(0, 1e3, allow_subnormal=False)
    rows = st.lists(
        st.lists(value, min_size=num_alphas, max_size=num_alphas), min_size=num_examples, max_size=num_examples
    )
    losses = np.asarray(data.draw(rows))
    alphas = tuple(np.linspace(0, 1, num_alphas))
    found = intervals(alphas, losses)
    for name, interval in found.items():
        height = BARRIERS[name](alphas, tuple(losses.mean(axis=0))).height
        slack = 1e-9 * (1 + losses.max())
        assert 0 <= interval.low <= height + slack
        assert height <= interval.high + slack
