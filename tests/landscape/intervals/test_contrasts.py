"""All rises of a path as pairs of rows, against the same written out one by one, and in bounded memory."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lininterp_cli.landscape.intervals import contrasts
from lininterp_cli.landscape.intervals.contrasts import Listed, Rises, largest_rises
from lininterp_cli.landscape.intervals.interval import intervals
from lininterp_cli.landscape.intervals.looks import critical_value, looks


def _written_out(num_rows: int) -> np.ndarray:
    """Every difference of a row and an earlier one or itself, as a vector of weights: slow and obvious."""
    unit = np.eye(num_rows)
    after, before = np.tril_indices(num_rows)
    return unit[after] - unit[before]


def _rows(seed: int, num_rows: int, rank: int) -> np.ndarray:
    """Rows of a random walk, some of them the same as the one before, and one very near to another."""
    generator = np.random.default_rng(seed)
    steps = generator.normal(size=(num_rows, rank)) * (generator.random((num_rows, 1)) < 0.7)
    rows = steps.cumsum(axis=0) + 5 * generator.normal(size=rank)
    rows[-1] = rows[0] + 1e-9 * generator.normal(size=rank)
    return rows


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), num_rows=st.integers(1, 25), rank=st.integers(1, 8), value=st.floats(0.5, 3))
def test_rises_are_what_they_are_written_out(seed, num_rows, rank, value):
    rows = _rows(seed, num_rows, rank)
    rises, listed = Rises(rows), Listed(_written_out(num_rows) @ rows)
    np.testing.assert_allclose(rises.errors[np.tril_indices(num_rows)], listed.errors, rtol=1e-8)
    assert not np.triu(rises.errors).any()
    assert len(rises) == len(listed)
    every = np.arange(len(rises))
    np.testing.assert_allclose(rises.take(every), listed.take(every), rtol=1e-7, atol=1e-9)
    fields = np.random.default_rng(seed).normal(size=(6, 3, rank)).astype(np.float32)
    # Single precision tells apart what is a rounding of its rows apart: not at a given threshold, on either way.
    products = fields.astype(np.float64) @ listed.take(every).T
    scale = np.abs(rows).max() / np.maximum(listed.errors[listed.errors > 0], 1e-300)
    sure = np.abs(products - value) > 1e-4 + 1e-6 * scale
    expected, unsure = ((products > value) & sure).sum(axis=(1, 2)), (~sure).sum(axis=(1, 2))
    for counts in (rises.num_beyond(fields, value), listed.num_beyond(fields, value)):
        assert (expected <= counts).all()
        assert (counts <= expected + unsure).all()


@pytest.mark.parametrize("num_rows", [2, 9, 70])
@pytest.mark.parametrize("planned", [(300,), looks(10_000)], ids=len)
def test_rises_need_the_multiple_that_they_need_written_out(num_rows, planned):
    rows = np.random.default_rng(num_rows).normal(size=(num_rows, num_rows)).cumsum(axis=0)
    written_out = critical_value(Listed(_written_out(num_rows) @ rows), planned, 0.025)
    assert critical_value(Rises(rows), planned, 0.025) == pytest.approx(written_out, rel=1e-4)


@pytest.mark.parametrize("num_examples", [0, 1, 50])
def test_the_largest_rise_of_any_example(num_examples, monkeypatch):
    monkeypatch.setattr(contrasts, "_BLOCK_BYTES", 256)
    values = np.random.default_rng(5).normal(size=(num_examples, 6))
    expected = np.abs(values @ _written_out(6).T).max(axis=0, initial=0.0)
    np.testing.assert_allclose(largest_rises(values)[np.tril_indices(6)], expected, atol=1e-12)
    assert not np.triu(largest_rises(values)).any()


def test_a_path_that_does_not_move_has_no_rise():
    assert len(Rises(np.ones((40, 3)))) == 0
    assert len(Rises(np.zeros((3, 0)))) == 0


def test_rises_of_hundreds_of_positions_need_little_memory():
    losses = np.random.default_rng(0).normal(size=(600, 301)).cumsum(axis=1)
    tracemalloc.start()
    try:
        intervals(tuple(np.linspace(0, 1, 301)), losses, looks(600))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Written out, each copy of their 45,451 vectors of 301 weights is 104 MiB.
    assert peak < 60 * 2**20
