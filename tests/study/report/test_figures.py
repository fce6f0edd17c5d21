"""What a report knows of a figure over runs."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.study.report.figures import (
    BACK,
    BLOCK_FIGURES,
    EPOCH,
    FIGURES,
    MEASURES,
    OUTCOMES,
    SCOPES,
    SHAPES,
    USUAL_LINE,
    epoch_of,
    spread,
)  # fmt: skip


@given(st.lists(st.one_of(st.none(), st.just(math.nan), st.just(math.inf), st.floats(-1e6, 1e6)), max_size=9))
def test_a_spread_is_of_the_known_values_alone(values):
    known = [value for value in values if value is not None and math.isfinite(value)]
    found = spread(values)
    assert found.num == len(known)
    assert (found.mean is None) == (not known)
    assert (found.deviation is None) == (len(known) < 2)
    if known:
        assert found.mean == pytest.approx(math.fsum(known) / len(known), abs=1e-6)
    if len(known) > 1:
        assert found.deviation == pytest.approx(statistics.variance(known) ** 0.5, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "epoch"),
    [(f"{EPOCH}0", 0), (f"{EPOCH}99", 99), (EPOCH, None), (f"{EPOCH}-1", None), (f"{EPOCH}x", None), ("cliff", None)],
)
def test_the_epoch_of_a_figure(name, epoch):
    assert epoch_of(name) == epoch


def test_every_name_that_is_used_is_defined():
    assert {*SHAPES, *BLOCK_FIGURES, *MEASURES, *OUTCOMES} <= set(FIGURES)
    assert not set(SHAPES) & set(OUTCOMES)  # a figure is not correlated with itself
    assert not any(epoch_of(name) is not None for name in FIGURES)
    assert BACK["initial"] == USUAL_LINE
    assert set(SCOPES) == {"all", "between", "within"}
