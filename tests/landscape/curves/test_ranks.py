"""Rank correlations against scipy's, and the interval against what it promises."""

import math
import random
from decimal import Context

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lininterp_cli.landscape.curves.ranks import correlate, kendall, midranks, rank_interval, spearman

NINE = Context(prec=9)

few = st.integers(-3, 3).map(float)
any_float = st.floats(allow_nan=False, allow_infinity=False)
pairs = st.lists(st.tuples(few, few) | st.tuples(any_float, any_float), min_size=4, max_size=40)


@given(pairs)
def test_rho_and_tau_are_those_of_scipy(points):
    xs, ys = [list(side) for side in zip(*points, strict=True)]
    near_xs, near_ys = [[float(NINE.create_decimal(value)) for value in side] for side in (xs, ys)]
    if len(set(near_xs)) == 1 or len(set(near_ys)) == 1:
        assert spearman(xs, ys) is None
        assert kendall(xs, ys) is None
    else:
        assert spearman(xs, ys) == pytest.approx(stats.spearmanr(near_xs, near_ys).statistic, abs=1e-12)
        assert kendall(xs, ys) == pytest.approx(stats.kendalltau(near_xs, near_ys).statistic, abs=1e-12)
    assert midranks(xs) == list(stats.rankdata(xs))


def test_rounding_breaks_no_tie():
    xs, ties = [0.1 + 0.2, 0.3, 0.7, 0.1, 0.5], [0.3, 0.3, 0.7, 0.1, 0.5]
    assert xs[0] != xs[1]
    ys = [1.0, 2.0, 3.0, 4.0, 5.0]
    found = correlate(xs, ys)
    assert found.rho == pytest.approx(stats.spearmanr(ties, ys).statistic, abs=1e-12)
    assert found.tau == pytest.approx(stats.kendalltau(ties, ys).statistic, abs=1e-12)


def test_many_pairs():
    draw = random.Random(0)
    xs = [draw.gauss(0, 1) for _ in range(5000)]
    ys = [round(x + draw.gauss(0, 1), 1) for x in xs]
    found = correlate(xs, ys)
    assert found.rho == pytest.approx(stats.spearmanr(xs, ys).statistic, abs=1e-12)
    assert found.tau == pytest.approx(stats.kendalltau(xs, ys).statistic, abs=1e-12)
    assert found.is_told_from_zero


def test_what_is_not_known_is_left_out_with_its_partner():
    xs = [1.0, None, 3.0, math.nan, 2.0, 5.0, math.inf, 4.0]
    ys = [2.0, 1.0, 1.0, 4.0, None, 3.0, 0.0, 9.0]
    found = correlate(xs, ys)
    assert found.num_pairs == 4
    assert found.rho == pytest.approx(stats.spearmanr([1, 3, 5, 4], [2, 1, 3, 9]).statistic)


@pytest.mark.parametrize("xs", [[1.0, 2.0, 3.0], [], [1.0, 1.0, 1.0, 1.0, 1.0]])
def test_undefined_correlations_are_none(xs):
    found = correlate(xs, [float(index) for index in range(len(xs))])
    assert (found.rho, found.tau, found.low, found.high) == (None, None, None, None)
    assert not found.is_told_from_zero


def test_an_order_without_exception_has_no_interval():
    found = correlate([1, 2, 3, 4, 5], [5, 4, 3, 2, 1])
    assert (found.rho, found.tau, found.low) == (-1.0, -1.0, None)
    assert found.is_told_from_zero


def test_the_interval_is_wider_than_fishers_by_its_variance():
    low, high = rank_interval(0.5, 30)
    half = (math.atanh(high) - math.atanh(low)) / 2
    assert half == pytest.approx(stats.norm.ppf(0.975) * math.sqrt(1.125 / 27))
    assert math.atanh(low) + half == pytest.approx(math.atanh(0.5))


@pytest.mark.parametrize("num_pairs", [10, 20, 50])
@pytest.mark.parametrize("slope", [0.0, 0.4, -0.8])
def test_the_interval_covers_the_truth_as_often_as_it_says(num_pairs, slope):
    # Spearman's rho of a bivariate normal distribution: Kruskal 1958, doi 10.1080/01621459.1958.10501481.
    truth = 6 / math.pi * math.asin(slope / 2)
    draw = random.Random(num_pairs)
    num_covered, num_draws = 0, 1500
    for _ in range(num_draws):
        xs = [draw.gauss(0, 1) for _ in range(num_pairs)]
        ys = [slope * x + math.sqrt(1 - slope**2) * draw.gauss(0, 1) for x in xs]
        low, high = rank_interval(spearman(xs, ys), num_pairs) or (-1.0, 1.0)
        num_covered += low <= truth <= high
    assert num_covered / num_draws >= 0.93
