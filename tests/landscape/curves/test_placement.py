"""Adaptive placement against dense references, even grids, closed forms and fits by numpy."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.curves.barrier import rise
from lininterp_cli.landscape.curves.placement import (
    DEFAULT_POINTS,
    DEFAULT_TOLERANCE,
    EDGE_GAP,
    MINIMUM_GAP,
    MINIMUM_POINTS,
    NEAR_NATS,
    SAFETY,
    next_alphas,
    spelled,
    uncertainty,
)

Array = NDArray[np.float64]
Curve = Callable[[Array], Array]

DENSE = np.linspace(0, 1, 2001)
COARSE = (0.0, 0.0625, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 0.9375, 1.0)


def drop(centre: float, width: float, height: float = math.log(10)) -> Curve:
    """A plateau, then a fall of which nine tenths lie within `width` around the centre."""
    return lambda alpha: height / (1 + np.exp(np.clip((alpha - centre) / width * 6, -700, 700)))


def hump(centre: float, width: float, height: float) -> Curve:
    return lambda alpha: height * np.exp(-(((alpha - centre) / width) ** 2) / 2)


def total(*curves: Curve) -> Curve:
    return lambda alpha: np.sum([curve(alpha) for curve in curves], axis=0)


def line(first: float, last: float) -> Curve:
    return lambda alpha: first + (last - first) * alpha


CLIFFS: dict[str, Curve] = {
    "cliff of width 0.3": drop(0.7, 0.3),
    "cliff of width 0.1": drop(0.9, 0.1),
    "cliff of width 0.03": drop(0.97, 0.03),
    "cliff at the start": drop(0.03, 0.03),
    "cliff in the middle": drop(0.437, 0.05),
}
HUMPS: dict[str, Curve] = {
    "hump": total(line(0.3, 0.3), hump(0.7, 0.1, 3.0)),
    "narrow hump near 1": total(line(0.1, 0.1), hump(0.95, 0.02, 3.0)),
    "two humps": total(line(1.5, 0), hump(0.3, 0.07, 2.0), hump(0.8, 0.05, 3.0)),
    "huge hump": total(line(2.3, 0), hump(0.5, 0.12, 300.0)),
}
STEEP: dict[str, Curve] = {
    "exponential decay": lambda alpha: 2.3 * np.exp(-20 * alpha),
    "explosion at the start": lambda alpha: 1e3 * (1 - alpha) ** 8,
    "explosion and cliff": total(lambda alpha: 1e3 * (1 - alpha) ** 20, drop(0.95, 0.06)),
    "steps": total(line(1, 1), drop(0.21, 0.06, 3.0), drop(0.63, 0.18, 2.0), drop(0.9, 0.03, -1.0)),
}
SMOOTH: dict[str, Curve] = {
    "parabola": lambda alpha: 2.3 * (1 - alpha) ** 2,
    "slow decay": lambda alpha: 2.3 * np.exp(-5 * alpha),
    "flat": line(2.3, 2.3),
    "wave": lambda alpha: 1 + np.sin(9 * alpha),
}
KINKS: dict[str, Curve] = {
    f"kink {width} before the end": lambda alpha, width=width: NEAR_NATS * np.minimum(1, (1 - alpha) / width)
    for width in (0.3, 0.1, 0.03)
}
SHAPES = CLIFFS | HUMPS | STEEP | SMOOTH


def losses_of(curve: Curve, alphas: Sequence[float]) -> list[float]:
    return [float(loss) for loss in curve(np.asarray(alphas, dtype=np.float64))]


def placed(
    curve: Curve, tolerance: float = DEFAULT_TOLERANCE, max_points: int = 1000, start: Sequence[float] = ()
) -> tuple[list[float], list[float]]:
    """What is measured when every round is asked for, with what is promised of each."""
    alphas = list(start)
    while wanted := next_alphas(alphas, losses_of(curve, alphas), tolerance, max_points):
        assert list(wanted) == sorted(set(wanted))
        assert all(0 <= alpha <= 1 for alpha in wanted)
        assert not set(wanted) & set(alphas)
        alphas = sorted([*alphas, *wanted])
        assert sum(0 <= alpha <= 1 for alpha in alphas) <= max_points
    return alphas, losses_of(curve, alphas)


def largest_error(curve: Curve, alphas: Sequence[float]) -> float:
    """Of the straight lines between the points, against a dense reference; relative where the loss is large."""
    drawn = np.interp(DENSE, alphas, losses_of(curve, alphas))
    return float((np.abs(curve(DENSE) - drawn) / np.maximum(1, np.abs(drawn) / NEAR_NATS)).max())


def height(alphas: Sequence[float], losses: Sequence[float]) -> float:
    top = rise(alphas, losses)
    assert top is not None
    return top.height


@pytest.mark.parametrize("tolerance", [0.02, 0.05])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_curve_that_stops_is_known_within_the_tolerance(shape: str, tolerance: float):
    alphas, losses = placed(SHAPES[shape], tolerance)
    assert uncertainty(alphas, losses) <= tolerance
    assert largest_error(SHAPES[shape], alphas) <= tolerance


@pytest.mark.parametrize("tolerance", [0.02, 0.05])
@pytest.mark.parametrize("shape", KINKS)
def test_a_kink_is_known_within_twice_the_tolerance(shape: str, tolerance: float):
    alphas, _ = placed(KINKS[shape], tolerance)
    assert largest_error(KINKS[shape], alphas) <= 2 * tolerance


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=6), st.sampled_from([0.02, 0.05, 0.2]))
def test_smooth_curves_are_known_within_twice_the_tolerance(amplitudes: list[float], tolerance: float):
    def curve(alpha: Array) -> Array:
        return 3 + np.sum([a / k * np.cos(math.pi * k * alpha) for k, a in enumerate(amplitudes, 1)], axis=0)

    alphas, losses = placed(curve, tolerance)
    assert uncertainty(alphas, losses) <= tolerance
    assert largest_error(curve, alphas) <= 2 * tolerance


@given(st.floats(0.03, 0.97), st.floats(0.02, 0.5), st.floats(-3, 3))
def test_cliffs_anywhere_are_known_within_four_times_the_tolerance(centre: float, width: float, fall: float):
    curve = total(drop(centre, width, fall), line(3, 0.3))
    alphas, _ = placed(curve)
    assert largest_error(curve, alphas) <= 4 * DEFAULT_TOLERANCE
    assert len(alphas) <= DEFAULT_POINTS


def test_more_than_the_tolerance_is_rare():
    random = np.random.default_rng(0)
    cliffs = [drop(random.uniform(0.03, 0.97), random.uniform(0.02, 0.3), random.uniform(0.05, 3)) for _ in range(300)]
    errors = [largest_error(cliff, placed(cliff)[0]) for cliff in cliffs]
    assert np.mean(np.asarray(errors) > DEFAULT_TOLERANCE) <= 0.03


@pytest.mark.parametrize("shape", CLIFFS | HUMPS | STEEP)
def test_it_beats_even_spacing(shape: str):
    curve = SHAPES[shape]
    alphas, _ = placed(curve, max_points=DEFAULT_POINTS)
    assert largest_error(curve, alphas) < largest_error(curve, np.linspace(0, 1, len(alphas)).tolist())


@pytest.mark.parametrize("shape", ["cliff of width 0.1", "cliff of width 0.03", "cliff at the start"])
def test_twenty_points_draw_a_cliff_as_well_as_fifty_even_ones(shape: str):
    alphas, _ = placed(CLIFFS[shape], max_points=20)
    assert largest_error(CLIFFS[shape], alphas) <= largest_error(CLIFFS[shape], np.linspace(0, 1, 50).tolist())


@pytest.mark.parametrize("shape", HUMPS)
def test_half_the_budget_tells_the_barrier(shape: str):
    curve = HUMPS[shape]
    truth = height(DENSE.tolist(), losses_of(curve, DENSE.tolist()))
    assert height(*placed(curve, max_points=24)) == pytest.approx(truth, abs=0.01)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_smaller_budget_places_a_subset(shape: str):
    budgets = [0, 2, 5, 11, 12, 13, 17, 24, 48, 100]
    sets = [set(placed(SHAPES[shape], max_points=budget)[0]) for budget in budgets]
    assert all(few <= many for few, many in pairwise(sets))
    assert (len(sets[0]), sets[1], sets[3]) == (0, {0.0, 1.0}, set(COARSE))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_run_can_be_continued_with_a_larger_budget(shape: str):
    curve = SHAPES[shape]
    first, _ = placed(curve, max_points=19)
    alphas, losses = placed(curve, start=first)
    assert set(first) <= set(alphas)
    assert uncertainty(alphas, losses) <= DEFAULT_TOLERANCE
    assert next_alphas(alphas, losses, DEFAULT_TOLERANCE, 1000) == ()


def test_from_nothing_a_coarse_grid():
    assert next_alphas([], [], DEFAULT_TOLERANCE, 24) == COARSE
    assert len(COARSE) == MINIMUM_POINTS


@given(st.lists(st.floats(-3, 3), min_size=64, max_size=64))
def test_positions_are_multiples_of_the_minimum_gap_whatever_the_curve(noise: list[float]):
    alphas, _ = placed(lambda alpha: np.asarray([noise[int(a * 1e9) % 64] for a in alpha]), max_points=300)
    assert all((alpha / MINIMUM_GAP).is_integer() for alpha in alphas)


def test_a_jump_is_closed_in_to_the_minimum_gap_and_stays_uncertain():
    def curve(alpha: Array) -> Array:
        return np.where(alpha < 0.7123, 2.3, 0.0)

    alphas, losses = placed(curve)
    left, right = max(a for a in alphas if a < 0.7123), min(a for a in alphas if a >= 0.7123)
    assert right - left == MINIMUM_GAP
    assert len(alphas) <= DEFAULT_POINTS
    assert uncertainty(alphas, losses) > 0.5


# Curves that are not finite somewhere.


def test_the_edges_of_an_explosion_are_found_with_few_points():
    def curve(alpha: Array) -> Array:
        return np.where((alpha > 0.3) & (alpha < 0.8), np.nan, 2.3)

    alphas, losses = placed(curve)
    assert len(alphas) == MINIMUM_POINTS + 4
    for edge in (0.3, 0.8):
        gap = min(a for a in alphas if a > edge) - max(a for a in alphas if a <= edge)
        assert gap == EDGE_GAP
    assert uncertainty(alphas, losses) == 0


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf, 1e300])
def test_where_nothing_is_finite_the_coarse_grid_is_all(loss: float):
    alphas, losses = placed(lambda alpha: np.full_like(alpha, loss))
    assert tuple(alphas) == COARSE
    assert uncertainty(alphas, losses) == math.inf


@given(st.lists(st.sampled_from([2.3, 2.3, math.nan, math.inf]), min_size=32, max_size=32))
def test_edges_never_spend_the_default_budget(values: list[float]):
    alphas, _ = placed(lambda alpha: np.asarray([values[min(31, int(a * 32))] for a in alpha]))
    assert len(alphas) < DEFAULT_POINTS


def test_the_finite_part_of_a_curve_is_known_all_the_same():
    finite = drop(0.9, 0.1)
    alphas, losses = placed(lambda alpha: np.where(alpha < 0.4, np.inf, finite(alpha)))
    inside = [alpha for alpha, loss in zip(alphas, losses, strict=True) if math.isfinite(loss)]
    part = DENSE[inside[0] <= DENSE]
    assert np.abs(np.interp(part, inside, finite(np.asarray(inside))) - finite(part)).max() <= DEFAULT_TOLERANCE


@given(st.lists(st.floats(), min_size=16, max_size=16))
def test_any_numbers_at_all_end_within_the_budget(values: list[float]):
    alphas, losses = placed(lambda alpha: np.asarray([values[int(a * 1e6) % 16] for a in alpha]), max_points=60)
    assert uncertainty(alphas, losses) >= 0


# Positions of another grid.


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("num_points", [3, 11, 50])
def test_an_earlier_even_grid_is_reused(shape: str, num_points: int):
    earlier = np.linspace(0, 1, num_points).tolist()
    alphas, losses = placed(SHAPES[shape], start=earlier)
    assert set(earlier) <= set(alphas)
    assert uncertainty(alphas, losses) <= DEFAULT_TOLERANCE
    assert largest_error(SHAPES[shape], alphas) <= DEFAULT_TOLERANCE


@settings(max_examples=50)
@given(st.sets(st.floats(-0.5, 1.5), max_size=20), st.sampled_from(sorted(SHAPES)))
def test_an_earlier_grid_of_any_kind(earlier: set[float], shape: str):
    start = sorted(earlier)
    alphas, _ = placed(SHAPES[shape], start=start)
    new = [alpha for alpha in alphas if alpha not in earlier]
    assert all((alpha * 2**16).is_integer() for alpha in new)
    assert {0.0, 1.0} <= set(alphas)
    assert largest_error(SHAPES[shape], [a for a in alphas if 0 <= a <= 1]) <= 2 * DEFAULT_TOLERANCE


@pytest.mark.parametrize("shape", SHAPES)
def test_positions_outside_the_path_change_nothing(shape: str):
    inside, losses = placed(SHAPES[shape], max_points=16)
    outside = [-0.5, *inside, 1.25]
    assert next_alphas(outside, [1e3, *losses, math.nan], 0.02, 24) == next_alphas(inside, losses, 0.02, 24)
    assert uncertainty(outside, [1e3, *losses, math.nan]) == uncertainty(inside, losses)


def test_two_positions_nearly_on_top_of_each_other_are_no_cliff():
    alphas = sorted([*COARSE, 0.5 + 1e-12, 1 - 1e-12, 1e-12])
    losses = [2.3 - 1e-6 * (index % 2) for index in range(len(alphas))]
    assert next_alphas(alphas, losses, DEFAULT_TOLERANCE, 100) == ()


# The estimate.

FINE = st.sets(st.integers(1, 63), max_size=30).map(lambda extra: sorted({*COARSE, *(number / 64 for number in extra)}))


@given(FINE, st.data())
def test_the_estimate_is_the_curvature_of_the_parabolas_through_three_points(alphas: list[float], data: st.DataObject):
    losses = data.draw(st.lists(st.floats(-2, 2), min_size=len(alphas), max_size=len(alphas)))
    bends = [
        abs(2 * np.polyfit(np.asarray(alphas[i - 1 : i + 2]) - alphas[i], losses[i - 1 : i + 2], 2)[0])
        for i in range(1, len(alphas) - 1)
    ]
    bends = [bends[0], *bends, bends[-1]]
    errors = [
        SAFETY * (alphas[i + 1] - alphas[i]) ** 2 / 8 * max(bends[i], bends[i + 1]) for i in range(len(alphas) - 1)
    ]
    assert uncertainty(alphas, losses) == pytest.approx(max(errors), rel=1e-6, abs=1e-9)


@given(FINE, st.floats(-2, 2), st.floats(-1, 1))
def test_of_a_parabola_the_estimate_is_the_exact_error_times_the_safety(alphas: list[float], bend: float, slope: float):
    losses = [bend * alpha**2 / 2 + slope * alpha for alpha in alphas]
    widest = max(right - left for left, right in pairwise(alphas))
    assert uncertainty(alphas, losses) == pytest.approx(SAFETY * abs(bend) * widest**2 / 8, abs=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_estimate_is_the_same_from_both_ends(shape: str):
    alphas, losses = placed(SHAPES[shape], max_points=30)
    mirrored = [1 - alpha for alpha in reversed(alphas)]
    assert uncertainty(mirrored, losses[::-1]) == pytest.approx(uncertainty(alphas, losses), rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_large_losses_count_relative_to_their_size(shape: str):
    curve = total(SHAPES[shape], line(NEAR_NATS, NEAR_NATS))
    once, losses = placed(curve)
    scaled = [1024 * loss for loss in losses]
    assert uncertainty(once, scaled) == pytest.approx(uncertainty(once, losses), rel=1e-9)
    assert placed(lambda alpha: 1024 * curve(alpha))[0] == once


def test_small_losses_count_in_nats():
    losses = [alpha**2 / 4 for alpha in COARSE]
    assert uncertainty(COARSE, [4 * loss for loss in losses]) == 4 * uncertainty(COARSE, losses)


@pytest.mark.parametrize("alphas", [(), (0.0,), (0.0, 1.0), COARSE[1:], COARSE[:-1], COARSE[:5] + COARSE[6:]])
def test_nothing_is_known_without_the_coarse_grid(alphas: tuple[float, ...]):
    assert uncertainty(alphas, [2.3] * len(alphas)) == math.inf


def test_between_losses_that_are_not_finite_the_jump_is_the_uncertainty():
    losses = [2.0] * 4 + [math.nan, 1.0, 1.5, math.nan] + [2.0] * 3
    assert uncertainty(COARSE, losses) == 0.5


# What a user writes.


def test_what_means_adaptive():
    assert spelled("adaptive") == DEFAULT_POINTS
    assert spelled(" adaptive:24 ") == 24
    assert spelled(f"adaptive:{MINIMUM_POINTS}") == MINIMUM_POINTS


@pytest.mark.parametrize("text", ["50", "0:1:0.02", "0,0.5,1", "", "adaptively", "Adaptive:24"])
def test_what_means_something_else(text: str):
    assert spelled(text) is None


@pytest.mark.parametrize("number", ["x", "", "1", "10", "-24", "24.5", "24:2", "٢٤", "1_1", "inf"])
def test_what_cannot_be_meant_is_refused_in_one_line(number: str):
    with pytest.raises(ConfigError, match=f"{MINIMUM_POINTS} or more") as caught:
        spelled(f"adaptive:{number}")
    assert repr(number) in str(caught.value)
    assert "\n" not in str(caught.value)
