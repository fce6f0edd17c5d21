"""Areas under a plot hold what they claim: errors, spreads, and exactly the height of a barrier."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.landscape.curves.barrier import BARRIERS, baseline
from lininterp_cli.landscape.curves.curve import Values
from lininterp_cli.view.curves.bands import barrier_band, error_band, spread_band, standard_errors

ALPHAS = tuple(index / 10 for index in range(11))
costs = st.lists(st.floats(0, 5), min_size=11, max_size=11)
gappy = st.lists(st.one_of(st.floats(0, 5), st.just(math.nan)), min_size=11, max_size=11)


def values(accuracy, loss=None):
    return Values(
        num_examples=100,
        loss=tuple(loss or [1.0] * len(accuracy)),
        loss_stderr=(0.5,) * len(accuracy),
        accuracy=tuple(accuracy),
    )


@pytest.mark.parametrize("definition", BARRIERS)
@given(losses=gappy)
def test_the_top_stands_its_height_above_the_baseline(definition, losses):
    top = BARRIERS[definition](ALPHAS, losses)
    floor = baseline(definition, ALPHAS, losses)
    assert len(floor) == len(ALPHAS)
    if top is None:
        assert all(map(math.isnan, floor))
    else:
        at = ALPHAS.index(top.alpha)
        assert losses[at] - floor[at] == pytest.approx(top.height, abs=1e-12)


@pytest.mark.parametrize("definition", BARRIERS)
@pytest.mark.parametrize("quantity", ["loss", "accuracy", "error"])
@given(losses=gappy)
def test_the_shaded_part_is_as_high_as_the_barrier_and_one_piece(definition, quantity, losses):
    losses = [loss / 5 for loss in losses]
    top = BARRIERS[definition](ALPHAS, losses)
    band = barrier_band(definition, ALPHAS, losses, quantity)
    if top is None or top.height <= 0:
        assert band is None
        return
    assert top.alpha in band.xs
    first = ALPHAS.index(band.xs[0])
    assert tuple(band.xs) == ALPHAS[first : first + len(band.xs)]
    at = list(band.xs).index(top.alpha)
    assert band.highs[at] - band.lows[at] == pytest.approx(top.height, abs=1e-9)
    # Nothing that was measured outside the part belongs to the same hill.
    last = first + len(band.xs) - 1
    floor = baseline(definition, ALPHAS, losses)
    if definition == "rise":
        assert losses[first] == floor[first + at]
        assert band.xs[-1] == top.alpha
    else:
        assert all(losses[place] > floor[place] for place in range(first + 1, last))


def test_beyond_the_ends_there_is_no_baseline():
    wide = (-0.5, 0.0, 0.5, 1.0, 1.5)
    for definition in BARRIERS:
        floor = baseline(definition, wide, (0.0, 2.0, 1.0, 1.5, 9.0))
        assert math.isnan(floor[0])
        assert math.isnan(floor[-1])
    assert baseline("chord", wide, (0.0, 2.0, 1.0, 1.5, 9.0))[1:4] == [2.0, 1.75, 1.5]
    assert baseline("mean", wide, (0.0, 2.0, 1.0, 1.5, 9.0))[2] == 1.75
    assert baseline("max", wide, (0.0, 2.0, 1.0, 1.5, 9.0))[2] == 2.0
    assert baseline("rise", wide, (0.0, 2.0, 1.0, 1.5, 9.0))[1:4] == [2.0, 1.0, 1.0]


def test_the_error_of_a_fraction_is_that_of_its_examples():
    flips = np.array([1] * 30 + [0] * 70)
    assert standard_errors(values([0.3]), "accuracy") == pytest.approx([flips.std() / math.sqrt(100)])
    assert standard_errors(values([0.3]), "loss") == [0.5]
    assert math.isnan(standard_errors(values([math.nan]), "error")[0])


def test_the_band_of_a_fraction_stays_a_fraction():
    band = error_band((0.0, 1.0), values([0.01, 0.99]), "accuracy")
    assert band.lows[0] == 0.0
    assert band.highs[1] == 1.0
    assert band.highs[0] == pytest.approx(0.01 + 1.96 * math.sqrt(0.0099 / 100))
    mirrored = error_band((0.0, 1.0), values([0.01, 0.99]), "error")
    assert [1 - one for one in mirrored.highs] == pytest.approx(band.lows)
    assert error_band((0.0, 1.0), values([0.5, 0.5]), "loss").lows == pytest.approx([1 - 0.98] * 2)


@given(rows=st.lists(costs, min_size=1, max_size=5))
def test_a_spread_is_lowest_highest_and_mean(rows):
    band, mean = spread_band([(ALPHAS, row) for row in rows])
    table = np.array(rows)
    assert list(band.xs) == list(ALPHAS)
    assert band.lows == pytest.approx(table.min(axis=0))
    assert band.highs == pytest.approx(table.max(axis=0))
    assert mean == pytest.approx(table.mean(axis=0))


def test_a_spread_is_over_common_alphas_and_not_over_gaps():
    band, mean = spread_band([((0.0, 0.5, 1.0), (1.0, 2.0, 3.0)), ((0.0, 0.25, 0.5, 1.0), (3.0, 9.0, math.nan, 5.0))])
    assert list(band.xs) == [0.0, 0.5, 1.0]
    assert [mean[0], mean[2]] == [2.0, 4.0]
    assert math.isnan(mean[1])
    assert math.isnan(band.lows[1])
    assert spread_band([((0.0, 1.0), (1.0, 2.0)), ((0.25, 1.0), (1.0, 2.0))]) is None
    assert spread_band([]) is None
