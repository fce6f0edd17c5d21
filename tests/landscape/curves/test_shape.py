"""Shapes against closed forms, slow and obvious versions, and the curves of the poster."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.landscape.curves.barrier import BARRIERS, is_monotone
from lininterp_cli.landscape.curves.shape import PLATEAU_SHARE, best, cliff, plateau, shape

GRID = [index / 49 for index in range(50)]
FINE = [index / 2000 for index in range(2001)]

# Dyadic, so that sums and differences are exact.
LOSS = st.one_of(*[st.integers(0, 64).map(lambda number: number / 16)] * 3, st.sampled_from([math.nan, math.inf]))
CURVES = st.lists(LOSS, min_size=1, max_size=9).map(
    lambda losses: ([index / 8 for index in range(len(losses))], losses)
)


def poster(alpha, *, first=2.77, last=0.338):
    """ResNet-18 on CIFAR-10 with weight decay, from the poster: down to ln 10 by .15, there to .98, then down."""
    if alpha < 0.15:
        return first + (2.30 - first) * alpha / 0.15
    return 2.30 if alpha <= 0.98 else 2.30 + (last - 2.30) * (alpha - 0.98) / 0.02


def slow_plateau(alphas, losses):
    """Every pair of positions is looked at."""
    points = list(zip(alphas, losses, strict=True))
    longest = None
    for i in range(len(points)):
        for j in range(i + 1, len(points)):
            inside = [loss for _, loss in points[i : j + 1]]
            behind = [loss for _, loss in points[j + 1 :] if math.isfinite(loss)]
            if not all(map(math.isfinite, inside)) or not behind or min(inside) <= min(behind):
                continue
            length = points[j][0] - points[i][0]
            flat = max(inside) - min(inside) <= PLATEAU_SHARE * (min(inside) - min(behind))
            if flat and (longest is None or length > longest):
                longest = length
    return longest


def test_the_posters_plateau_is_found_whatever_the_loss_was_at_first():
    for first in (2.77, 9.4, 60.0):
        found = plateau(GRID, [poster(alpha, first=first) for alpha in GRID])
        assert found.start == pytest.approx(0.15, abs=0.04)
        assert found.end == pytest.approx(0.98, abs=1 / 49)
        assert found.length == pytest.approx(0.83, abs=0.05)


def test_the_posters_cliff_is_its_last_step():
    found = cliff(GRID, [poster(alpha) for alpha in GRID])
    assert found.alpha == pytest.approx(48.5 / 49)
    assert found.slope == pytest.approx((0.338 - 2.30) * 49)


def test_without_weight_decay_the_best_place_lies_before_the_end():
    """A parabola with its lowest point at .88 and .473, as the poster's table has it."""
    found = best(FINE, [0.473 + 3 * (alpha - 0.88) ** 2 for alpha in FINE])
    assert (found.alpha, found.loss) == (pytest.approx(0.88), pytest.approx(0.473))


def test_on_a_straight_fall_a_plateau_is_its_share():
    found = plateau(FINE, [1 - alpha for alpha in FINE])
    assert found.length == pytest.approx(PLATEAU_SHARE / (1 + PLATEAU_SHARE), abs=1 / 1000)


def test_a_valley_at_the_end_is_no_plateau():
    """A loss that has fallen by .5 and stays: the flat part is nothing that it leaves."""
    losses = [2.0 - 4 * alpha if alpha < 0.5 else 0.0 for alpha in GRID]
    assert plateau(GRID, losses).end < 0.5


@pytest.mark.parametrize("losses", [[1.0] * 5, [0.0, 1.0, 2.0, 3.0, 4.0], [math.nan] * 5])
def test_where_nothing_falls_there_is_neither_plateau_nor_cliff(losses):
    alphas = [0.0, 0.25, 0.5, 0.75, 1.0]
    assert plateau(alphas, losses) is None
    assert cliff(alphas, losses) is None


def test_a_missing_value_ends_a_plateau():
    losses = [2.0, 2.0, 2.0, math.nan, 2.0, 2.0, 0.0]
    found = plateau([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.0], losses)
    assert (found.start, found.end) == (0.0, 0.2)


def test_what_lies_outside_the_way_does_not_count():
    alphas = [-0.5, -0.25, 0.0, 0.5, 1.0, 1.5]
    inside = shape(alphas[2:5], [2.0, 2.0, 1.0])
    assert shape(alphas, [9.0, 9.0, 2.0, 2.0, 1.0, -5.0]) == inside


@given(CURVES)
def test_the_longest_plateau_is_that_of_a_slow_search(curve):
    found, slow = plateau(*curve), slow_plateau(*curve)
    assert (None if found is None else found.length) == slow


@given(CURVES)
def test_cliff_and_best_are_those_of_a_slow_search(curve):
    alphas, losses = curve
    slopes = [(losses[at + 1] - losses[at]) * 8 for at in range(len(losses) - 1)]
    falls = [slope for slope in slopes if math.isfinite(slope) and slope < 0]
    found = cliff(alphas, losses)
    assert (None if found is None else found.slope) == min(falls, default=None)
    known = [loss for loss in losses if math.isfinite(loss)]
    lowest = best(alphas, losses)
    assert (None if lowest is None else lowest.loss) == min(known, default=None)


@given(CURVES)
def test_shape_holds_every_barrier_and_the_verdict(curve):
    found = shape(*curve)
    assert found.barriers == {name: measure(*curve) for name, measure in BARRIERS.items()}
    assert found.monotone == is_monotone(*curve)


@given(CURVES, st.integers(1, 6))
def test_units_of_the_loss_change_no_position(curve, power):
    """A loss in other units, by a power of two so that it is exact, has the same plateau, cliff and best place."""
    alphas, losses = curve
    other = shape(alphas, [loss * 2.0**power for loss in losses])
    found = shape(alphas, losses)
    assert other.plateau == found.plateau
    assert [one and one.alpha for one in (other.cliff, other.best)] == [
        one and one.alpha for one in (found.cliff, found.best)
    ]
