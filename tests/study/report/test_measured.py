"""Which of several measures of one run a report takes."""

import math

import pytest

from lininterp_cli.landscape.curves.measures import BlockCriticality, Criticality, GaussLength
from lininterp_cli.study.report.measured import measured

INITIAL, FINAL = {"run": "r", "checkpoint": "initial"}, {"run": "r", "checkpoint": "final"}


def critical(name, mus, *, by="block", epsilon=0.01, num_examples=60, **about):
    blocks = {
        block: BlockCriticality(
            mu=mu, alpha=0.5, sigma=0.1, error=0.0, distance=1.0, num_parameters=9, is_at_edge=False
        )
        for block, mu in mus.items()
    }
    known = {"alphas": (0.0, 1.0), "num_draws": 1, "final_error": 0.0} | about
    return Criticality(
        name=name, run="r", start=INITIAL, end=FINAL, by=by, blocks=blocks, epsilon=epsilon, num_examples=num_examples,
        **known,
    )  # fmt: skip


def length(name, mean, *, start=INITIAL, split="test", num=11, **about):
    known = {"num_examples": 32, "num_missing": 0} | about
    alphas = tuple(at / (num - 1) for at in range(num))
    return GaussLength(
        name=name, run="r", start=start, end=FINAL, split=split, alphas=alphas, mean=mean, stderr=0.1, **known
    )


def test_blocks_that_were_measured_alike_are_put_together():
    found = measured([critical("one", {"fc": 2.0}), critical("two", {"head": 3.0})], "test")
    assert found.criticalities == {("block", "fc"): 2.0, ("block", "head"): 3.0}
    assert (found.figures, found.warnings) == ({"criticality": 5.0}, ())


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({"epsilon": 0.9}, {"fc": 1.0, "head": 2.0}),
        ({"num_examples": 61}, {"fc": 5.0, "head": 6.0}),
        ({"num_examples": 59, "num_draws": 3}, {"fc": 1.0, "head": 2.0}),
        ({"num_draws": 3}, {"fc": 5.0, "head": 6.0}),
        ({"alphas": (0.0, 0.5, 1.0)}, {"fc": 5.0, "head": 6.0}),
    ],
    ids=str,
)
def test_blocks_are_ranked_within_one_way_of_measuring(others, expected):
    part = critical("part", {"head": 99.0}, epsilon=0.5, num_examples=1000)
    found = measured([critical("a", {"fc": 1.0, "head": 2.0}), part, critical("b", {"fc": 5.0, "head": 6.0}, **others)],
                     "test")  # fmt: skip
    assert found.criticalities == {("block", block): mu for block, mu in expected.items()}
    assert found.figures == {"criticality": sum(expected.values())}
    (warning,) = found.warnings
    assert warning.startswith(
        f"criticality by block was measured in 3 ways; reported is {'ab'[expected['fc'] == 5.0]}:"
    )


def test_granularities_are_no_two_ways_and_only_blocks_make_the_total():
    found = measured([critical("a", {"fc": 1.0}), critical("b", {"fc.weight": 7.0}, by="layer", epsilon=0.9)], "test")
    assert found.criticalities == {("block", "fc"): 1.0, ("layer", "fc.weight"): 7.0}
    assert (found.figures, found.warnings) == ({"criticality": 1.0}, ())


def test_an_unknown_block_leaves_the_total_open():
    found = measured([critical("a", {"fc": 1.0, "head": None})], "test")
    assert (found.criticalities, found.figures) == ({("block", "fc"): 1.0}, {"criticality": None})


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({}, 2.0),
        ({"num": 21}, 3.0),
        ({"num": 21, "num_examples": 16}, 2.0),
        ({"num_examples": 30, "num_missing": 3}, 3.0),
        ({"num": 21, "split": "train"}, 2.0),
    ],
    ids=str,
)
def test_of_several_gauss_lengths_that_of_the_split_and_of_most_examples_counts(second, expected):
    elsewhere = length("random", 9.0, start={"random": 1}, num=99)
    found = measured([length("a", 2.0), elsewhere, length("b", 3.0, **second)], "test")
    assert found.figures == {"gauss_length": expected}
    (warning,) = found.warnings
    assert warning.startswith(
        f"Gauss length was measured in 2 ways; reported is {'ab'[expected == 3.0]}: the one on test"
    )


def test_a_length_that_no_example_has_is_not_known():
    found = measured([length("a", math.nan)], "test")
    assert (found.figures, found.warnings) == ({"gauss_length": None}, ())
    assert measured([], "test").figures == {}
