"""The order of a run's curves is that of what they are."""

from dataclasses import replace
from itertools import permutations

import pytest

from lininterp_cli.landscape.curve import Curve, Series, Values
from lininterp_cli.landscape.curve_reader import is_usual, most_telling_first, rank


def curve(name, *, start="initial", num_examples=100, split="test", **changes):
    values = Values(num_examples=num_examples, loss=(1.0, 0.1), loss_stderr=(0.1, 0.1), accuracy=(0.1, 0.9))
    series = Series(block=None, tensors=(), distance=1.0, alphas=(0.0, 1.0), splits={split: values})
    known = {
        "run": "r", "start": {"run": "r", "checkpoint": start}, "end": {"checkpoint": "final"}, "by": "block",
        "rest": "final", "bn": "running", "dtype": "float32", "batch_size": 8, "series": (series,),
    }  # fmt: skip
    return Curve(**(known | {"name": name} | changes))


ORDERED = (
    curve("z", num_examples=200),
    curve("y"),
    curve("z-same"),
    curve("a", complete=False, num_examples=300),
    curve("x", by="layer"),
    curve("w", by="kind"),
    curve("v", by="tensor"),
    curve("u", by="full"),
    curve("t", dtype="bfloat16"),
    curve("s", rest="initial"),
    curve("r", bn="recalibrate", num_examples=900),
    curve("q", split="train"),
    curve("p", start="final"),
)


def test_the_order_is_that_of_what_curves_are():
    names = [one.name for one in ORDERED]
    for given in (ORDERED, ORDERED[::-1], *list(permutations(ORDERED[:4]))):
        wanted = [name for name in names if name in {one.name for one in given}]
        assert [one.name for one in most_telling_first(given)] == wanted


def test_an_end_of_another_run_is_not_the_own_way():
    other = curve("a", end={"run": "another", "checkpoint": "final"})
    assert rank(other) > rank(curve("b", by="full"))


@pytest.mark.parametrize("change", [{"by": "full"}, {"bn": "batch"}, {"rest": "initial"}, {"complete": False}])
def test_only_a_curve_that_none_comes_before_is_usual(change):
    assert is_usual(curve("by-block").to_dict())
    assert not is_usual(replace(curve("by-block"), **change).to_dict())


def test_a_head_of_another_shape_comes_last_and_stops_nothing():
    assert not is_usual({})
    assert not is_usual({"start": 3, "end": [], "by": {}, "bn": None, "name": None})
