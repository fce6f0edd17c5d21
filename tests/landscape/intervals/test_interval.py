"""How sure a barrier is: coverage by simulation, also of runs that stop, closed forms, what changes no interval."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lininterp_cli.landscape.curves.barrier import BARRIERS
from lininterp_cli.landscape.intervals.contrasts import Listed
from lininterp_cli.landscape.intervals.interval import UNSEEN, intervals
from lininterp_cli.landscape.intervals.looks import critical_value, looks

ALPHAS = tuple(np.linspace(0, 1, 8))
NUM_RUNS = 110

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


ERROR_RATES = {
    "hump": [0.5, 0.55, 0.65, 0.7, 0.6, 0.4, 0.2, 0.05],
    "plateau and cliff": [0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.05],
    "rarely wrong": [0.002, 0.002, 0.004, 0.012, 0.012, 0.004, 0.002, 0.002],
}


def _sample_errors(rates, num_examples, generator):
    """Errors, 0 or 1, of examples that are mostly wrong at the same positions."""
    shape = (num_examples, len(rates))
    own, shared = generator.random(shape), generator.random((num_examples, 1))
    return np.where(generator.random(shape) < 0.9, shared, own) < np.asarray(rates)


def _true_barriers(alphas, values):
    return {name: barrier(alphas, values).height for name, barrier in BARRIERS.items()}


def _covered(found, truth):
    return {name for name, i in found.items() if i.low - 1e-12 <= truth[name] <= i.high + 1e-12}


def _run_of_looks(alphas, losses, planned, truth, precision, binary=False):
    """Which definitions are covered where each alone would have stopped, which at every look."""
    stopped, at_stop, always = set(), set(), set(truth)
    for look in planned:
        found = intervals(alphas, losses[:look], planned, binary=binary)
        good = _covered(found, truth)
        always &= good
        narrow = {name for name, i in found.items() if (i.high - i.low) / 2 <= precision or look == planned[-1]}
        at_stop |= good & (narrow - stopped)
        stopped |= narrow
    return at_stop, always


def _shares(sets, num_tries):
    counts = {name: sum(name in one for one in sets) / num_tries for name in BARRIERS}
    assert len(sets) == num_tries
    return counts


@pytest.mark.parametrize("shape", SHAPES)
def test_the_true_barrier_is_covered_as_often_as_promised(shape):
    generator = np.random.default_rng(1)
    truth = _true_barriers(ALPHAS, SHAPES[shape])
    hits = [_covered(intervals(ALPHAS, _sample(SHAPES[shape], 400, generator)), truth) for _ in range(200)]
    assert min(_shares(hits, 200).values()) >= 0.93


@pytest.mark.parametrize("shape", SHAPES)
def test_a_run_that_stops_when_it_is_sure_enough_covers_as_often_as_promised(shape):
    generator = np.random.default_rng(11)
    truth, planned = _true_barriers(ALPHAS, SHAPES[shape]), looks(640)
    samples = (_sample(SHAPES[shape], planned[-1], generator) for _ in range(NUM_RUNS))
    at_stop, always = zip(*(_run_of_looks(ALPHAS, one, planned, truth, 0.08) for one in samples), strict=True)
    assert min(_shares(at_stop, NUM_RUNS).values()) >= 0.93
    # Not the rule for stopping makes it true: whichever look is believed, the interval holds.
    assert min(_shares(always, NUM_RUNS).values()) >= 0.93


@pytest.mark.parametrize("size", [1e8, 1e50])
@pytest.mark.parametrize("num_exploded", [1, 3])
def test_the_barrier_behind_positions_that_exploded_is_covered_as_often_as_promised(num_exploded, size):
    generator, alphas = np.random.default_rng(20), np.linspace(0, 1, 6)
    hits = 0
    for _ in range(NUM_RUNS):
        losses = np.array([1.0, 1.0, 1.0, 1.0, 1.15, 0.9]) + generator.exponential(1.0, (400, 6)) - 1
        # They fall surely, so that no rise begins or ends at one of them.
        losses[:, :num_exploded] = generator.exponential(size, (400, 1)) * np.array([4, 2, 1])[:num_exploded]
        found = intervals(alphas, losses, definitions=["rise"])["rise"]
        hits += found.low <= 0.15 <= found.high
    assert hits / NUM_RUNS >= 0.93


NUM_RARE_RUNS = 80
RARE = {
    # Share of examples that are hit, nats at the top of the path, precision that is asked.
    "1 in 500 of 20 nats": (0.002, 20.0, 0.05),
    "1 in 200 of 20 nats": (0.005, 20.0, 0.05),
    "1 in 100 of 10 nats": (0.01, 10.0, 0.05),
    "1 in 100 of 6 nats": (0.01, 6.0, 0.02),
    "1 in 50 of 5 nats": (0.02, 5.0, 0.05),
    "1 in 20 of 3 nats": (0.05, 3.0, 0.05),
}


def _sample_rare(share, size, num_examples, generator):
    """Losses near 0 with little noise, but for examples that are rarely wrong, and then very wrong."""
    shape = np.array([0, 0.5, 1, 0.5, 0])
    own = 0.01 * generator.exponential(size=(num_examples, 1)) + 0.002 * generator.exponential(size=(num_examples, 5))
    hit = (generator.random((num_examples, 1)) < share) * generator.gamma(4, size / 4, (num_examples, 1))
    return own + hit * shape, share * size * shape


@pytest.mark.parametrize("turned", [False, True], ids=["hump", "dip"])
@pytest.mark.parametrize("name", RARE)
def test_what_is_rarely_wrong_and_then_very_wrong_is_covered_where_a_run_stops(name, turned):
    share, size, precision = RARE[name]
    generator, planned, alphas = np.random.default_rng(18), looks(10_000), np.linspace(0, 1, 5)
    hits = 0
    for _ in range(NUM_RARE_RUNS):
        losses, means = _sample_rare(share, size, planned[-1], generator)
        if turned:
            # What is rare lowers a barrier that all examples agree on.
            losses, means = 0.3 * alphas * (alphas < 1) - losses, 0.3 * alphas * (alphas < 1) - means
        found = (intervals(alphas, losses[:look], planned, definitions=["rise"])["rise"] for look in planned)
        interval = next((one for one in found if one.half_width <= precision), None)
        interval = interval or intervals(alphas, losses, planned, definitions=["rise"])["rise"]
        hits += interval.low <= BARRIERS["rise"](alphas, means).height <= interval.high
    assert hits / NUM_RARE_RUNS >= 0.93


@pytest.mark.parametrize("spread", [0.3, 0.6])
def test_a_path_that_behaves_well_is_known_from_a_fifth_of_ten_thousand_examples(spread):
    generator, planned, top = np.random.default_rng(19), looks(10_000), np.sin(np.pi * np.linspace(0, 1, 8))
    hardness = generator.gamma(0.5, 1.0, size=(planned[-1], 1)) / np.sqrt(0.5)
    for height in (0.0, 1.0):
        losses = hardness * (1 + height * spread * top) + 0.05 * generator.normal(size=(planned[-1], 8))
        found = (intervals(ALPHAS, losses[:look], planned)["rise"].half_width for look in planned)
        stop = next(look for look, half in zip(planned, found, strict=False) if half <= 0.05)
        assert stop <= (800 if height == 0 else 2000)


@pytest.mark.parametrize("shape", ERROR_RATES)
def test_errors_of_0_and_1_are_covered_as_often_as_promised(shape):
    generator = np.random.default_rng(12)
    truth, planned = _true_barriers(ALPHAS, ERROR_RATES[shape]), looks(512)
    samples = [_sample_errors(ERROR_RATES[shape], planned[-1], generator) for _ in range(NUM_RUNS)]
    once = [_covered(intervals(ALPHAS, one[:256], binary=True), truth) for one in samples]
    assert min(_shares(once, NUM_RUNS).values()) >= 0.93
    at_stop, _ = zip(*(_run_of_looks(ALPHAS, one, planned, truth, 0.05, True) for one in samples), strict=True)
    assert min(_shares(at_stop, NUM_RUNS).values()) >= 0.93


def test_alphas_chosen_where_the_first_examples_have_their_maximum_are_covered_as_often_as_promised():
    generator = np.random.default_rng(13)
    alphas, planned = np.linspace(0, 1, 40), looks(640)
    # A plateau is the worst case: which of its alphas are chosen is all chance, and chance is what looks high.
    means = np.where(alphas < 0.9, 2.3, 2.3 - 20 * (alphas - 0.9))
    hits = []
    for _ in range(NUM_RUNS):
        losses = _sample(means, planned[-1], generator)
        top = alphas[losses[: planned[0]].mean(axis=0).argmax()]
        near = np.unique([0, *np.argsort(abs(alphas - top), kind="stable")[:8], 39])
        truth = _true_barriers(alphas[near], means[near])
        hits.append(_run_of_looks(alphas[near], losses[:, near], planned, truth, 0.08)[0])
    assert min(_shares(hits, NUM_RUNS).values()) >= 0.93


def test_two_points_are_the_paired_normal_interval():
    losses = _sample([1.0, 1.5], 4000, np.random.default_rng(2))
    difference = losses[:, 1] - losses[:, 0]
    half = stats.norm.ppf(0.975) * stats.sem(difference)
    interval = intervals((0.0, 1.0), losses)["rise"]
    assert (interval.low, interval.high) == pytest.approx((difference.mean() - half, difference.mean() + half))


def test_two_looks_at_two_points_cost_what_pocock_says():
    losses = _sample([1.0, 1.5], 4000, np.random.default_rng(2))
    once, twice = (intervals((0.0, 1.0), losses, planned)["rise"] for planned in ((4000,), (4000, 8000)))
    # 2.178 is the constant of his table 1 for two groups and 5 %.
    assert (twice.high - twice.low) / (once.high - once.low) == pytest.approx(2.178 / 1.960, rel=0.02)
    assert once == intervals((0.0, 1.0), losses)["rise"]


def test_the_larger_end_is_believed_from_above_where_both_ends_are():
    losses = _sample([1.0, 9.0, 1.05], 4000, np.random.default_rng(16))
    over_ends = losses[:, 1:2] - losses[:, [0, 2]]
    # Each of the two fails half as often as one alone may.
    highs = over_ends.mean(axis=0) + stats.norm.ppf(1 - 0.025 / 2) * stats.sem(over_ends)
    assert intervals((0.0, 0.5, 1.0), losses)["max"].high == pytest.approx(highs.min())


def test_errors_that_all_agree_still_leave_room():
    interval = intervals(ALPHAS, np.ones((256, 8)), binary=True)["rise"]
    # The rule of three, for 2.5 %: at this rate of disagreement, 256 examples without one are that rare.
    assert interval.low == 0
    assert interval.high >= 1 - 0.025 ** (1 / 256)
    assert interval.high == pytest.approx(1.96**2 / 256, rel=0.001)
    seldom = intervals(ALPHAS, np.ones((256, 8)), looks(10_000), binary=True)["rise"]
    assert seldom.high == pytest.approx(critical_value(Listed(np.ones((1, 1))), looks(10_000), 0.025) ** 2 / 256)


def test_losses_that_are_all_the_same_still_leave_room():
    same = intervals(ALPHAS, np.ones((256, 8)))
    for name, interval in same.items():
        # The least of two parts fails half as often where each is believed.
        multiple = stats.norm.ppf(1 - 0.025 / (2 if name == "max" else 1))
        assert interval.low == 0
        assert interval.high == pytest.approx(multiple**2 * UNSEEN / 256, rel=0.001)
    seldom = intervals(ALPHAS, np.ones((256, 8)), looks(10_000))["rise"]
    assert seldom.high == pytest.approx(critical_value(Listed(np.ones((1, 1))), looks(10_000), 0.025) ** 2 * 9 / 256)


@pytest.mark.parametrize("binary", [False, True])
def test_two_ends_lie_on_their_own_chord_whatever_they_are(binary):
    losses = np.random.default_rng(17).integers(0, 2, (256, 2))
    sure = intervals((0.0, 1.0), losses, binary=binary)["chord"]
    assert (sure.low, sure.high) == (0, 0)


def test_the_farthest_example_stands_for_those_that_were_not_seen():
    losses = np.zeros((1000, 3))
    losses[:7, 1] = 30.0
    interval = intervals((0.0, 0.5, 1.0), losses)["rise"]
    difference = losses[:, 1] - losses[:, 0]
    farthest, multiple = 30 - difference.mean(), stats.norm.ppf(0.975)
    added = multiple**2 * farthest**2 / 1000**2
    half = multiple * np.sqrt(stats.sem(difference) ** 2 + added)
    assert interval.high == pytest.approx(difference.mean() + half)
    # What all examples have in common is not far.
    assert intervals((0.0, 0.5, 1.0), losses + np.array([0, 100, 50]))["rise"].high == pytest.approx(
        interval.high + 100
    )


def test_only_what_is_asked_for_is_computed_and_it_is_the_same():
    losses = _sample(SHAPES["hump"], 300, np.random.default_rng(14))
    every = intervals(ALPHAS, losses, (256, 300, 2000))
    assert set(every) == set(BARRIERS)
    for name in BARRIERS:
        assert intervals(ALPHAS, losses, (256, 300, 2000), definitions=[name]) == {name: every[name]}
    assert intervals(ALPHAS[1:], losses[:, 1:], definitions=["chord"]) == {}


def test_examples_that_were_no_planned_look_are_refused():
    with pytest.raises(ValueError, match="300 examples are none of the planned looks"):
        intervals(ALPHAS, _sample(SHAPES["hump"], 300, np.random.default_rng(15)), (256, 512))


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


def test_losses_too_large_to_be_squared_are_passed_over_as_the_barriers_do():
    losses = _sample(SHAPES["hump"], 100, np.random.default_rng(7))
    huge = losses.copy()
    huge[:, 4] *= 1e160
    assert intervals(ALPHAS, huge) == intervals(np.delete(ALPHAS, 4), np.delete(losses, 4, axis=1))
    means = [values.mean(axis=0).tolist() for values in (huge, np.delete(losses, 4, axis=1))]
    assert _true_barriers(ALPHAS, means[0]) == _true_barriers(tuple(np.delete(ALPHAS, 4)), means[1])


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
