"""Sensitive blocks against SciPy's intervals and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lininterp_cli.study.report.blocks import block_rows, mean_interval, sensitivities
from lininterp_cli.study.report.figures import BLOCK_FIGURES
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
    return Sample(group=group, seed=0, step="", state="finished", run="r", walks=walks)


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
        return Sample(
            group="a", seed=0, step="", state="finished", criticalities={("block", one): mus[one] for one in mus}
        )

    found = sensitivities([sample({"fc": 1.0}), critical({"fc": 2.0, "conv1": 0.0}), critical({"fc": 4.0})])
    kept = [(one.measure, one.block, one.rank, one.mean, one.error_rise, one.num_runs) for one in found]
    assert kept == [
        ("initial", "fc", 1, 1.0, 0.1, 1),
        ("criticality", "fc", 1, 3.0, None, 2),
        ("criticality", "conv1", 2, 0.0, None, 1),
    ]
    assert found[1].title == "a: module criticality by block"
    assert (found[1].low, found[1].high) == pytest.approx(stats.t.interval(0.95, 1, loc=3, scale=1))


def walked(blocks, *, by="block", line="initial to final", distance=1.0):
    own = {
        (by, block): Walk(
            figures={"barrier_rise": top, "monotone": float(top == 0), "distance": distance},
            paths=(((0.0, 0.5, 1.0), (2.0, 2.0 + top, 0.0)),),
        )
        for block, top in blocks.items()
    }  # fmt: skip
    return {line: Walk(figures={}, blocks=own)}


def seed(walks, moved=None, state="finished", group="a"):
    return Sample(group=group, seed=0, step="", state=state, run="r", walks=walks, moved=moved or {})


def test_a_block_has_its_curves_over_seeds():
    moved = ({"fc": (2.0, 0.5), "conv1": (1.0, None)}, {"fc": (4.0, 0.25), "conv1": (1.0, None)})
    samples = [seed(walked({"fc": top, "conv1": 0.0}), some) for top, some in zip((0.0, 0.5), moved, strict=True)]
    first, second = block_rows(samples)
    assert [(row.label, row.line, row.by, row.block, row.num_runs) for row in (first, second)] == [
        ("a", "initial to final", "block", "fc", 2),
        ("a", "initial to final", "block", "conv1", 2),
    ]
    assert first.figures["barrier_rise"].mean == 0.25
    assert first.figures["monotone"].mean == 0.5
    assert (first.figures["distance"].mean, first.figures["relative_distance"].mean) == (3.0, 0.375)
    assert second.figures["relative_distance"].num == 0
    assert [losses[1] for _, losses in first.paths] == [2.0, 2.5]
    assert first.figures.keys() == set(BLOCK_FIGURES)


def test_a_block_that_no_line_was_walked_by_has_its_distance():
    (row,) = block_rows([seed({}, {"fc": (2.0, 0.5)}), seed({}, {"fc": (4.0, None)}), seed({}, state="waiting")])
    assert (row.line, row.block, row.num_runs, row.paths) == ("", "fc", 2, ())
    assert (row.figures["distance"].mean, row.figures["relative_distance"].num) == (3.0, 1)
    assert row.figures["barrier_rise"].num == 0


def test_finer_parts_know_their_distance_by_the_line_of_training_alone():
    samples = [seed(walked({"fc.weight": 0.0}, by="tensor", distance=2.5) | walked({"fc.weight": 0.0}, by="tensor",
                                                                                  line="random to final"))]  # fmt: skip
    usual, other = block_rows(samples)
    assert (usual.line, usual.figures["distance"].mean) == ("initial to final", 2.5)
    assert (other.line, other.figures["distance"].num) == ("random to final", 0)


def test_blocks_are_listed_row_by_row_the_usual_line_first():
    samples = [
        seed(walked({"fc": 0.0}, line="zero to final") | walked({"fc": 0.0, "conv1": 0.0})),
        seed(walked({"fc": 0.0}), group="b"),
    ]
    assert [(row.label, row.line, row.block) for row in block_rows(samples)] == [
        ("a", "initial to final", "fc"),
        ("a", "initial to final", "conv1"),
        ("a", "zero to final", "fc"),
        ("b", "initial to final", "fc"),
    ]
