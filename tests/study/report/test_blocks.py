"""Sensitive blocks against SciPy's intervals and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lininterp_cli.study.report.blocks import mean_interval, sensitivities
from lininterp_cli.study.report.samples import Sample
from lininterp_cli.study.report.walks import Walk


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=12))
def test_the_interval_is_students(values):
    low, high = mean_interval(values)
    error = stats.sem(values)
    if error > 1e-9:
        expected = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=error)
        assert (low, high) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    else:
        assert low == pytest.approx(high, abs=1e-6)


def test_the_interval_holds_the_mean_as_often_as_it_says():
    generator = np.random.default_rng(0)
    inside = [
        low <= 1 <= high for low, high in (mean_interval(row) for row in generator.normal(1, 2, (2000, 4)).tolist())
    ]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)


def sample(rises, *, group="a", line="initial to final", by="block"):
    walks = {line: Walk(figures={}, rises={(by, block): (rise, rise / 10) for block, rise in rises.items()})}
    return Sample(group=group, step="", state="finished", run="r", walks=walks)


def test_blocks_are_ranked_by_their_mean_over_seeds():
    found = sensitivities([sample({"fc": 1.0, "conv1": 3.0}), sample({"fc": 2.0, "conv1": 5.0})])
    assert [(one.rank, one.block, one.mean, one.num_runs) for one in found] == [(1, "conv1", 4.0, 2), (2, "fc", 1.5, 2)]
    assert (found[1].low, found[1].high) == pytest.approx(stats.t.interval(0.95, 1, loc=1.5, scale=0.5))
    assert found[0].error_rise == pytest.approx(0.4)


def test_one_run_has_no_interval():
    (found,) = sensitivities([sample({"fc": 1.0})])
    assert (found.low, found.high, found.num_runs) == (None, None, 1)


def test_rows_ends_and_granularities_are_ranked_apart():
    samples = [
        sample({"fc": 1.0}),
        sample({"fc": 9.0}, group="b"),
        sample({"fc": 2.0}, line="random to final"),
        sample({"fc.weight": 3.0}, by="tensor"),
    ]
    found = [(one.label, one.measure, one.by, one.rank, one.mean) for one in sensitivities(samples)]
    assert found == [
        ("a", "initial", "block", 1, 1.0),
        ("a", "random", "block", 1, 2.0),
        ("a", "initial", "tensor", 1, 3.0),
        ("b", "initial", "block", 1, 9.0),
    ]


@pytest.mark.parametrize("line", ["initial to final, bn batch", "zero to final", "initial to final, rest initial"])
def test_other_lines_put_nothing_back(line):
    assert sensitivities([sample({"fc": 1.0}, line=line)]) == []


def test_criticality_ranks_blocks_too():
    def critical(mus):
        return Sample(group="a", step="", state="finished", criticalities={("block", name): mus[name] for name in mus})

    found = sensitivities([sample({"fc": 1.0}), critical({"fc": 2.0, "conv1": 0.0}), critical({"fc": 4.0})])
    kept = [(one.measure, one.block, one.rank, one.mean, one.error_rise, one.num_runs) for one in found]
    assert kept == [
        ("initial", "fc", 1, 1.0, 0.1, 1),
        ("criticality", "fc", 1, 3.0, None, 2),
        ("criticality", "conv1", 2, 0.0, None, 1),
    ]
    assert found[1].title == "a: module criticality by block"
    assert (found[1].low, found[1].high) == pytest.approx(stats.t.interval(0.95, 1, loc=3, scale=1))
