"""Rank correlations against SciPy, against the pure versions of `landscape.ranks`, and what must not change them."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lininterp_cli.landscape.curves.ranks import kendall, spearman
from lininterp_cli.study.report import ranks
from lininterp_cli.study.report.ranks import holm, rank

PAIRS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=4, max_size=7)


def columns(pairs):
    return [float(x) for x, _ in pairs], [float(y) for _, y in pairs]


def noisy(size, seed, slope=1.0):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=size).round(1)
    return list(x), list((slope * x + generator.normal(size=size)).round(1))


@given(PAIRS)
@settings(max_examples=60)
def test_of_one_group_the_coefficients_are_spearmans_and_kendalls(pairs):
    x, y = columns(pairs)
    found = rank(x, y, ["one"] * len(x))
    rho, tau = spearman(x, y), kendall(x, y)
    assert found.is_constant == (rho is None)
    assert (found.rho is None) == (rho is None)
    if rho is not None:
        assert found.rho == pytest.approx(rho)
        assert found.tau == pytest.approx(tau)
        assert found.rho == pytest.approx(stats.spearmanr(x, y).statistic)
        assert found.tau == pytest.approx(stats.kendalltau(x, y).statistic)


@given(PAIRS)
@settings(max_examples=10)
def test_with_few_runs_the_p_value_is_scipys_over_every_permutation(pairs):
    x, y = columns(pairs)
    if spearman(x, y) is None or len(x) > 6:
        return
    found = rank(x, y, ["one"] * len(x))
    # SciPy's two-sided p doubles the smaller tail; ours counts both tails.
    rhos = [stats.spearmanr(x, order).statistic for order in itertools.permutations(y)]
    assert found.is_exact
    assert found.p == pytest.approx(np.mean(np.abs(rhos) >= abs(found.rho) - 1e-9))


def test_rounding_breaks_no_tie():
    middles = [(left + right) / 2 for left, right in ((0.1, 0.2), (0.0, 0.3))]
    assert middles[0] != middles[1]
    ys, alone = [3.0, 1.0, 2.0, 5.0, 4.0, 6.0], ["one"] * 6
    some, ties = [*middles, 0.3, 0.4, 0.0, 1.0], [0.15, 0.15, 0.3, 0.4, 0.0, 1.0]
    assert rank(some, ys, alone) == rank(ties, ys, alone)
    assert rank(ys, some, alone).rho == pytest.approx(stats.spearmanr(ys, ties).statistic)


def test_with_more_runs_the_p_value_is_near_scipys():
    x, y = noisy(15, 3, slope=0.5)
    found = rank(x, y, ["one"] * 15, "a name")
    ranks = stats.rankdata(y)
    reference = stats.permutation_test(
        (stats.rankdata(x),), lambda one: np.corrcoef(one, ranks)[0, 1], permutation_type="pairings", n_resamples=9999,
        rng=np.random.default_rng(0),
    )  # fmt: skip
    assert not found.is_exact
    assert found.p == pytest.approx(reference.pvalue, abs=0.02)
    assert 0.01 < found.p < 0.9


@pytest.mark.parametrize(("statistic", "name"), [(stats.spearmanr, "rho"), (stats.kendalltau, "tau")])
def test_the_interval_is_near_scipys_bootstrap(statistic, name):
    x, y = noisy(20, 5)
    found = rank(x, y, ["one"] * 20, "a name")
    reference = stats.bootstrap(
        (x, y), lambda a, b: statistic(a, b).statistic, paired=True, vectorized=False, method="percentile",
        n_resamples=1000, rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    assert getattr(found, f"{name}_interval") == pytest.approx((reference.low, reference.high), abs=0.06)


def test_the_test_of_chance_is_right_as_often_as_it_says():
    """Of unrelated figures, p is below 0.1 in a tenth of all studies."""
    generator = np.random.default_rng(1)
    draws = [rank(*generator.normal(size=(2, 6)).tolist(), ["one"] * 6).p for _ in range(300)]
    assert np.mean(np.array(draws) <= 0.1) == pytest.approx(0.1, abs=0.05)


def slow_within(x, y, groups):
    """Midranks in each group less their mean, over its runs plus one, by SciPy; then Pearson's correlation."""
    columns = ([], [])
    for group in dict.fromkeys(groups):
        places = [at for at, one in enumerate(groups) if one == group]
        for column, values in zip(columns, (x, y), strict=True):
            ranks = stats.rankdata([values[at] for at in places])
            column += list((ranks - ranks.mean()) / (len(places) + 1))
    left, right = map(np.array, columns)
    return (left @ right) / math.sqrt((left @ left) * (right @ right))


def test_within_groups_rho_is_that_of_a_slow_version():
    x, y = noisy(17, 7)
    groups = list("aaaaabbbbbbbccccc")
    mixed = [groups[at] for at in np.random.default_rng(0).permutation(17)]
    assert rank(x, y, mixed).rho == pytest.approx(slow_within(x, y, mixed))


def test_within_groups_tau_counts_pairs_of_one_group_alone():
    x, y = noisy(8, 2)
    groups = list("aaaabbbb")
    signs = [
        np.sign((x[i] - x[j]) * (y[i] - y[j])) for i, j in itertools.combinations(range(8), 2) if groups[i] == groups[j]
    ]
    untied = [
        sum(values[i] != values[j] for i, j in itertools.combinations(range(8), 2) if groups[i] == groups[j])
        for values in (x, y)
    ]
    assert rank(x, y, groups).tau == pytest.approx(sum(signs) / math.sqrt(untied[0] * untied[1]))


def test_within_groups_differences_between_groups_do_not_count():
    """Simpson's paradox: falling in each group, rising over all."""
    x = [1.0, 2.0, 3.0, 11.0, 12.0, 13.0, 21.0, 22.0, 23.0]
    y = [3.0, 2.0, 1.0, 13.0, 12.0, 11.0, 23.0, 22.0, 21.0]
    assert rank(x, y, ["one"] * 9).rho > 0.7
    found = rank(x, y, list("aaabbbccc"))
    assert found.rho == pytest.approx(-1)
    # 2 of the 6 ** 3 permutations are as far from chance: this one and its mirror.
    assert (found.is_exact, found.p) == (True, pytest.approx(2 / 216))


def test_what_is_random_within_groups_stays_in_them():
    """With more permutations than are tried, the same paradox gives the least p there is, and no other order."""
    x = [float(10 * group + place) for group in range(5) for place in range(4)]
    y = [float(10 * group - place) for group in range(5) for place in range(4)]
    found = rank(x, y, [str(at // 4) for at in range(20)])
    assert found.rho == pytest.approx(-1)
    assert (found.is_exact, found.p) == (False, pytest.approx(1 / (ranks.NUM_PERMUTATIONS + 1), abs=1e-3))
    assert found.rho_interval is None


@given(st.permutations(range(9)))
@settings(max_examples=10)
def test_neither_order_nor_monotone_units_decide_anything(order):
    x, y = noisy(9, 11)
    groups = list("aaaaabbbb")
    known = rank(x, y, groups, "name")
    other = rank([math.exp(x[at]) for at in order], [y[at] ** 3 for at in order], [groups[at] for at in order], "name")
    assert (other.rho, other.tau) == (pytest.approx(known.rho), pytest.approx(known.tau))
    assert other.p == pytest.approx(known.p, abs=0.02)


def test_the_same_names_give_the_same_numbers_and_others_do_not():
    x, y = noisy(12, 4)
    assert rank(x, y, ["one"] * 12, "a") == rank(x, y, ["one"] * 12, "a")
    assert rank(x, y, ["one"] * 12, "a") != rank(x, y, ["one"] * 12, "b")


def test_fewer_than_four_runs_and_figures_that_do_not_vary_say_nothing():
    assert rank([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], ["one"] * 3).rho is None
    assert rank([], [], []).rho is None
    found = rank([1.0] * 9, [float(at) for at in range(9)], ["one"] * 9)
    assert (found.rho, found.p, found.is_constant) == (None, None, True)


def test_huge_values_do_not_overflow():
    x = [1e308, -1e308, 0.0, 1e300, -1e300, 1.0, 2.0, 3.0, 4.0]
    y = [float(at) for at in range(9)]
    assert rank(x, y, ["one"] * 9).rho == pytest.approx(stats.spearmanr(x, y).statistic)


def test_seven_runs_or_fewer_have_no_interval():
    assert rank(*noisy(7, 1), ["one"] * 7).rho_interval is None
    assert rank(*noisy(8, 1), ["one"] * 8).rho_interval is not None


@given(st.lists(st.integers(0, 1000).map(lambda number: number / 1000), max_size=8))
def test_holms_correction_rejects_what_his_procedure_rejects(ps):
    """The smallest p is held against level / m, the next against level / (m - 1), until one is not below."""
    corrected = holm(ps)
    for level in (0.01, 0.05, 0.2, 0.9):
        rejected = set()
        for place, index in enumerate(sorted(range(len(ps)), key=lambda index: ps[index])):
            if ps[index] * (len(ps) - place) > level:
                break
            rejected.add(index)
        assert {index for index, p in enumerate(corrected) if p <= level} == rejected


def test_where_too_many_are_tied_there_is_no_interval_that_leaves_out_what_was_found():
    """Nine of ten level: a third of the resamples do not vary, and the others are all like the one that does."""
    figures = [0.0] * 8 + [1.0, 0.0]
    found = rank(figures, [float(at) for at in range(10)], ["one"] * 10, "name")
    assert found.rho == pytest.approx(0.406, abs=1e-3)
    assert (found.rho_interval, found.tau_interval, found.no_interval) == (None, None, "ties")


@pytest.mark.parametrize("num_above", [1, 5])
def test_figures_that_part_the_others_without_exception_have_no_interval(num_above):
    """Every resample that varies has the same order, so that an interval would be as narrow as the ties make it."""
    figures = [0.0] * (10 - num_above) + [1.0] * num_above
    found = rank(figures, [float(at) for at in range(10)], ["one"] * 10, "name")
    assert found.rho == pytest.approx({1: 0.522, 5: 0.870}[num_above], abs=1e-3)
    assert (found.rho_interval, found.no_interval) == (None, "order")


def test_why_there_is_no_interval_is_said():
    assert rank(*noisy(7, 1), ["one"] * 7).no_interval == "few"
    assert rank(list(range(9)), list(range(9)), ["one"] * 9).no_interval == "order"
    assert rank(*noisy(9, 1), ["one"] * 9).no_interval is None
    assert rank([1.0] * 9, list(range(9)), ["one"] * 9).no_interval is None


@pytest.mark.parametrize(("size", "share"), [(10, 0.5), (20, 0.5), (20, 0.8)])
def test_of_tied_figures_the_interval_holds_the_truth_and_what_was_found(size, share):
    """Monotone or not, say, against accuracy: a cut of one of two normals that go together, true rho by a long draw."""
    generator = np.random.default_rng(2)
    covariance, cut = [[1, 0.6], [0.6, 1]], stats.norm.ppf(share)

    def draw(count):
        x, y = generator.multivariate_normal([0, 0], covariance, count).T
        return (x > cut).astype(float), y

    truth = stats.spearmanr(*draw(100_000)).statistic
    found = [rank(x.tolist(), y.tolist(), ["one"] * size, "name") for x, y in (draw(size) for _ in range(150))]
    known = [(one.rho, *one.rho_interval) for one in found if one.rho_interval]
    assert len(known) > 60
    assert np.mean([low <= truth <= high for _, low, high in known]) > 0.88
    assert all(low <= rho <= high for rho, low, high in known)


@given(PAIRS)
@settings(max_examples=20)
def test_the_least_p_is_that_of_the_best_of_all_orders(pairs):
    x, y = columns(pairs)
    if spearman(x, y) is None or len(x) > 6:
        return
    rhos = np.abs([stats.spearmanr(x, order).statistic for order in itertools.permutations(y)])
    found = rank(x, y, ["one"] * len(x))
    assert found.p_least == pytest.approx(np.mean(rhos >= rhos.max() - 1e-9))
    assert found.p_least <= found.p


def test_five_groups_cannot_give_a_smaller_p_than_two_of_120():
    found = rank([1.0, 5.0, 2.0, 4.0, 3.0], [2.0, 1.0, 3.0, 5.0, 4.0], ["one"] * 5)
    assert found.p_least == pytest.approx(2 / 120)


def test_the_least_p_of_many_runs_knows_of_ties():
    x, y = noisy(12, 4)
    assert rank(x, y, ["one"] * 12).p_least == pytest.approx(1 / (ranks.NUM_PERMUTATIONS + 1))
    # The one of ten may come first or last.
    tied = rank([0.0, 1.0, *[0.0] * 8], [float(at) for at in range(10)], ["one"] * 10)
    assert tied.p_least == pytest.approx(0.2, abs=0.02)


def test_the_least_p_within_groups_has_each_group_at_its_best():
    x, y = [1.0, 2.0, 3.0, 1.0, 3.0, 2.0], [1.0, 3.0, 2.0, 2.0, 3.0, 1.0]
    assert rank(x, y, list("aaabbb")).p_least == pytest.approx(2 / 36)
