"""Barriers against slow and obvious versions, closed forms and what must not change them."""

import math
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lininterp_cli.landscape.curves.barrier import BARRIERS, MONOTONE_TOLERANCE, Barrier, is_monotone

NOT_FINITE = [math.nan, math.inf, -math.inf]

# Dyadic numbers: sums, differences and products of them are exact, so the oracles are compared with `==`.
LOSS = st.integers(-4096, 4096).map(lambda number: number / 256)
GAPPY_LOSS = st.one_of(LOSS, LOSS, LOSS, st.sampled_from(NOT_FINITE))
Points = list[tuple[float, float]]


def curves(loss: st.SearchStrategy[float], *, ends: bool = False, outside: bool = True) -> st.SearchStrategy[Points]:
    low, high = (-16, 80) if outside else (0, 64)
    alphas = st.sets(st.integers(low, high), max_size=12)
    if ends:
        alphas = alphas.map(lambda given: given | {0, 64})
    return alphas.flatmap(
        lambda given: st.tuples(*(st.tuples(st.just(number / 64), loss) for number in sorted(given))).map(list)
    )


def call(definition: str, points: Points) -> Barrier | None:
    return BARRIERS[definition]([alpha for alpha, _ in points], [loss for _, loss in points])


def kept(points: Points) -> Points:
    return [(alpha, loss) for alpha, loss in points if alpha >= 0 and alpha <= 1 and loss - loss == 0]


def slow_rise(points: Points) -> Fraction | None:
    """max over i < j of L_j - L_i, not below 0: every pair is looked at."""
    losses = [Fraction(loss) for _, loss in kept(points)]
    if not losses:
        return None
    pairs = [losses[j] - losses[i] for i in range(len(losses)) for j in range(i + 1, len(losses))]
    return max([Fraction(0), *pairs])


Baseline = Callable[[Fraction, Fraction, Fraction], Fraction]

BASELINES: dict[str, Baseline] = {
    "chord": lambda alpha, first, last: first + alpha * (last - first),
    "mean": lambda alpha, first, last: (first + last) / 2,
    "max": lambda alpha, first, last: first if first > last else last,
}


def slow_heights(baseline: Baseline, points: Points) -> list[tuple[float, Fraction]]:
    """The height over the baseline at every position; none where an end is missing."""
    measured = kept(points)
    first = [Fraction(loss) for alpha, loss in measured if alpha == 0]
    last = [Fraction(loss) for alpha, loss in measured if alpha == 1]
    if len(first) != 1 or len(last) != 1:
        return []
    return [(alpha, Fraction(loss) - baseline(Fraction(alpha), first[0], last[0])) for alpha, loss in measured]


def slow_over(baseline: Baseline) -> Callable[[Points], Fraction | None]:
    return lambda points: max((height for _, height in slow_heights(baseline, points)), default=None)


ORACLES: dict[str, Callable[[Points], Fraction | None]] = {
    "rise": slow_rise,
    **{name: slow_over(baseline) for name, baseline in BASELINES.items()},
}


def test_every_definition_has_an_oracle() -> None:
    assert list(BARRIERS) == list(ORACLES) == ["rise", "chord", "mean", "max"]


@pytest.mark.parametrize("definition", ORACLES)
@settings(deadline=None, max_examples=50)
@given(points=curves(GAPPY_LOSS) | curves(LOSS, ends=True) | curves(GAPPY_LOSS, ends=True))
def test_heights_are_those_of_the_slow_version(definition: str, points: Points) -> None:
    barrier, expected = call(definition, points), ORACLES[definition](points)
    assert (None if barrier is None else Fraction(barrier.height)) == expected


@pytest.mark.parametrize("definition", ORACLES)
@settings(deadline=None, max_examples=50)
@given(points=curves(GAPPY_LOSS, ends=True))
def test_the_alpha_is_the_first_place_of_that_height(definition: str, points: Points) -> None:
    barrier = call(definition, points)
    if barrier is None:
        return
    top = Fraction(barrier.height)
    if definition == "rise":
        losses = [Fraction(loss) for _, loss in kept(points)]
        reached = [any(losses[j] - losses[i] == top for i in range(j + 1)) for j in range(len(losses))]
        places = [alpha for (alpha, _), here in zip(kept(points), reached, strict=True) if here]
    else:
        places = [alpha for alpha, height in slow_heights(BASELINES[definition], points) if height == top]
    assert barrier.alpha == places[0]


@settings(deadline=None)
@given(points=curves(GAPPY_LOSS))
def test_rise_is_zero_exactly_where_nothing_rises(points: Points) -> None:
    barrier = call("rise", points)
    losses = [loss for _, loss in kept(points)]
    assert (barrier is None) == (not losses)
    if barrier is not None:
        assert barrier.height >= 0
        assert (barrier.height == 0) == (losses == sorted(losses, reverse=True))


@pytest.mark.parametrize("definition", ORACLES)
@settings(deadline=None, max_examples=50)
@given(points=curves(GAPPY_LOSS, ends=True), shift=LOSS)
def test_adding_a_constant_changes_nothing(definition: str, points: Points, shift: float) -> None:
    assert call(definition, [(alpha, loss + shift) for alpha, loss in points]) == call(definition, points)


@pytest.mark.parametrize("definition", ORACLES)
@settings(deadline=None, max_examples=50)
@given(points=curves(GAPPY_LOSS, ends=True), factor=st.integers(1, 64).map(lambda number: number / 8))
def test_scaling_the_loss_scales_the_height(definition: str, points: Points, factor: float) -> None:
    scaled, barrier = call(definition, [(alpha, loss * factor) for alpha, loss in points]), call(definition, points)
    assert scaled == (None if barrier is None else Barrier(barrier.height * factor, barrier.alpha))


@pytest.mark.parametrize("definition", ["chord", "mean", "max"])
@settings(deadline=None, max_examples=50)
@given(points=curves(LOSS, ends=True, outside=False))
def test_a_walk_from_the_other_end_has_the_same_height(definition: str, points: Points) -> None:
    there, back = call(definition, points), call(definition, [(1 - alpha, loss) for alpha, loss in reversed(points)])
    assert there is not None
    assert back is not None
    assert there.height == back.height


@settings(deadline=None)
@given(points=curves(LOSS, ends=True))
def test_the_definitions_are_ordered(points: Points) -> None:
    rise, chord, mean, top = (call(name, points) for name in ("rise", "chord", "mean", "max"))
    assert rise is not None
    assert chord is not None
    assert mean is not None
    assert top is not None
    assert 0 <= top.height <= chord.height
    assert top.height <= mean.height
    assert top.height <= rise.height
    first, last = dict(points)[0.0], dict(points)[1.0]
    assert mean.height == top.height + abs(first - last) / 2


@settings(deadline=None)
@given(points=curves(LOSS, ends=True), end=LOSS)
def test_equal_ends_make_chord_mean_and_max_one(points: Points, end: float) -> None:
    level = [(alpha, end if alpha in (0, 1) else loss) for alpha, loss in points]
    assert call("chord", level) == call("mean", level) == call("max", level)


@pytest.mark.parametrize("definition", ORACLES)
@settings(deadline=None, max_examples=50)
@given(points=curves(GAPPY_LOSS, ends=True, outside=False), data=st.data())
def test_what_is_outside_the_line_does_not_count(definition: str, points: Points, data: st.DataObject) -> None:
    loss = st.floats()
    before = [(-number / 7, data.draw(loss)) for number in range(data.draw(st.integers(0, 2)), 0, -1)]
    after = [(1 + number / 7, data.draw(loss)) for number in range(1, 1 + data.draw(st.integers(0, 2)))]
    assert call(definition, before + points + after) == call(definition, points)


@pytest.mark.parametrize("definition", ORACLES)
@settings(deadline=None, max_examples=50)
@given(points=curves(LOSS, ends=True), number=st.integers(0, 63), bad=st.sampled_from(NOT_FINITE))
def test_a_missing_value_is_as_if_never_measured(definition: str, points: Points, number: int, bad: float) -> None:
    alpha = number / 64 + 1 / 128
    with_gap = sorted([*points, (alpha, bad)], key=lambda point: point[0])
    assert call(definition, with_gap) == call(definition, points)


@settings(deadline=None)
@given(bend=st.floats(-50, 50), slope=st.floats(-50, 50), level=st.floats(-50, 50), half=st.integers(1, 30))
def test_the_chord_of_a_parabola(bend: float, slope: float, level: float, half: int) -> None:
    alphas = [number / (2 * half) for number in range(2 * half + 1)]
    points = [(alpha, bend * alpha**2 + slope * alpha + level) for alpha in alphas]
    barrier = call("chord", points)
    assert barrier is not None
    assert barrier.height == pytest.approx(max(-bend, 0) / 4, abs=1e-12)
    if bend < -1e-6:
        assert barrier.alpha == 0.5


@settings(deadline=None)
@given(top=st.floats(0.01, 100), half=st.integers(1, 30))
def test_a_parabola_with_zeros_at_the_ends_has_one_height(top: float, half: int) -> None:
    points = [
        (number / (2 * half), 4 * top * (number / (2 * half)) * (1 - number / (2 * half)))
        for number in range(2 * half + 1)
    ]
    for definition in ORACLES:
        barrier = call(definition, points)
        assert barrier is not None
        assert barrier.height == pytest.approx(top)
        assert barrier.alpha == 0.5


@pytest.mark.parametrize(
    ("definition", "points", "expected"),
    [
        # the last step counts
        ("rise", [(0.0, 2.0), (0.5, 1.0), (1.0, 1.75)], Barrier(0.75, 1.0)),
        # a rise is over the lowest before it, not over the start or the neighbour
        ("rise", [(0.0, 3.0), (0.25, 1.0), (0.5, 2.0), (0.75, 4.0), (1.0, 0.0)], Barrier(3.0, 0.75)),
        ("rise", [(0.0, 2.0), (0.5, 2.0), (1.0, 2.0)], Barrier(0.0, 0.0)),
        ("rise", [(0.0, 2.0), (0.5, 1.0), (1.0, 0.0)], Barrier(0.0, 0.0)),
        ("rise", [(0.25, 2.0)], Barrier(0.0, 0.25)),
        ("rise", [(0.0, 0.0)], Barrier(0.0, 0.0)),
        ("chord", [(0.0, 0.0), (1.0, 0.0)], Barrier(0.0, 0.0)),
        ("chord", [(0.0, 2.0), (0.5, 1.0), (1.0, 0.0)], Barrier(0.0, 0.0)),
        ("mean", [(0.0, 2.0), (0.5, 1.0), (1.0, 0.0)], Barrier(1.0, 0.0)),
        ("mean", [(0.0, 0.0), (0.5, 0.5), (1.0, 2.0)], Barrier(1.0, 1.0)),
        ("max", [(0.0, 0.0), (0.5, 0.5), (1.0, 2.0)], Barrier(0.0, 1.0)),
        ("max", [(-0.0, 0.0), (0.5, 0.5), (1.0, 0.0)], Barrier(0.5, 0.5)),
    ],
)
def test_by_hand(definition: str, points: Points, expected: Barrier) -> None:
    assert call(definition, points) == expected


@pytest.mark.parametrize("definition", ["chord", "mean", "max"])
@pytest.mark.parametrize(
    "points",
    [
        [],
        [(0.5, 1.0)],
        [(0.0, 1.0)],
        [(1.0, 1.0)],
        [(0.0, 1.0), (0.5, 1.0)],
        [(0.5, 1.0), (1.0, 1.0)],
        [(-1.0, 1.0), (2.0, 1.0)],
        *([(0.0, bad), (0.5, 1.0), (1.0, 1.0)] for bad in NOT_FINITE),
        *([(0.0, 1.0), (0.5, 1.0), (1.0, bad)] for bad in NOT_FINITE),
    ],
    ids=str,
)
def test_a_missing_end_leaves_no_barrier(definition: str, points: Points) -> None:
    assert call(definition, points) is None


@pytest.mark.parametrize("points", [[], [(0.0, math.nan)], [(-0.5, 1.0), (1.5, 2.0)], [(math.nan, 1.0)]], ids=str)
def test_nothing_measured_has_no_rise(points: Points) -> None:
    assert call("rise", points) is None
    assert is_monotone([alpha for alpha, _ in points], [loss for _, loss in points]) is None


@pytest.mark.parametrize("definition", ORACLES)
def test_lengths_must_agree(definition: str) -> None:
    with pytest.raises(ValueError, match="zip"):
        BARRIERS[definition]([0.0, 1.0], [1.0])


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([2.0, 1.0, 0.0], True),
        ([2.0, 2.0, 2.0], True),
        ([0.0, 0.0, 0.0], True),
        ([2.0, 2.0 + MONOTONE_TOLERANCE / 2, 0.0], True),
        ([2.0, 2.0 + MONOTONE_TOLERANCE * 2, 0.0], False),
        ([2.0, 1.0, 1.5], False),
        ([2.0, math.nan, 1.0], None),
        ([math.inf, 1.0, 0.5], None),
        ([2.0, 1.0, math.nan], None),
        ([1.0, math.nan, 2.0], False),
        ([math.nan, math.nan, math.nan], None),
        ([1e100, 1.0, 0.5], None),
    ],
    ids=str,
)
def test_monotone(losses: list[float], expected: bool | None) -> None:
    assert is_monotone([0.0, 0.5, 1.0], losses) is expected


def test_small_steps_that_add_up_are_a_rise() -> None:
    losses = [1.0 + number * MONOTONE_TOLERANCE / 2 for number in range(11)]
    assert is_monotone([number / 10 for number in range(11)], losses) is False


def test_a_missing_value_outside_the_line_leaves_nothing_open() -> None:
    assert is_monotone([-0.5, 0.0, 1.0], [math.nan, 2.0, 1.0]) is True
    assert is_monotone([-0.5, 0.0, 1.0], [0.0, 2.0, 1.0]) is True


@settings(deadline=None)
@given(points=curves(LOSS, ends=True))
def test_monotone_is_no_rise(points: Points) -> None:
    rise = call("rise", points)
    assert rise is not None
    answer = is_monotone([alpha for alpha, _ in points], [loss for _, loss in points])
    assert answer is (rise.height == 0)
