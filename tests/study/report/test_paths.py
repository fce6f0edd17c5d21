"""Curves of several runs as one, against NumPy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.study.report.paths import aligned, mean_path


def test_the_mean_of_nothing_is_nothing():
    assert mean_path([]) == ((), ())
    assert aligned([]) == []


def test_the_mean_is_over_curves_at_each_alpha():
    assert mean_path([((0.0, 1.0), (2.0, 0.0)), ((0.0, 1.0), (3.0, 0.5))]) == ([0.0, 1.0], [2.5, 0.25])


def test_beside_a_loss_that_is_not_finite_there_is_no_mean():
    _, losses = mean_path([((0.0, 1.0), (math.inf, 0.0)), ((0.0, 1.0), (3.0, 0.5))])
    assert math.isnan(losses[0])
    assert losses[1] == 0.25


def test_huge_losses_do_not_overflow():
    assert mean_path([((0.0,), (1.7e308,))] * 4)[1] == [1.7e308]


@given(st.lists(st.lists(st.integers(1, 9), min_size=0, max_size=4, unique=True), min_size=2, max_size=3))
def test_curves_of_other_positions_are_read_between_their_own(inner):
    grids = [[0.0, *(at / 10 for at in sorted(one)), 1.0] for one in inner]
    paths = [(grid, [math.sin(9 * alpha) for alpha in grid]) for grid in grids]
    wanted = sorted({alpha for grid in grids for alpha in grid})
    for (alphas, losses), path in zip(aligned(paths), paths, strict=True):
        assert list(alphas) == wanted
        assert losses == pytest.approx(np.interp(wanted, *path))


def test_nothing_is_extrapolated():
    assert aligned([((0.0, 0.5), (1.0, 2.0)), ((0.25, 1.0), (1.0, 4.0))])[1] == ([0.25, 0.5], [1.0, 2.0])
