"""The order of a run's curves is that of what they are."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from lininterp_cli.errors import ConfigError, NotFoundError, UnknownNameError
from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.landscape.curves.reader import check_measured, is_usual, meant_curve, most_telling_first, rank
from lininterp_cli.runs.record import Record
from lininterp_cli.runs.run import Run

RUN = Run(Path("runs") / "r", Record(id="r", config={}))


def curve(name, *, start="initial", num_examples=100, num_points=2, split="test", **changes):
    numbers = (0.5,) * num_points
    values = Values(num_examples=num_examples, loss=numbers, loss_stderr=numbers, accuracy=numbers)
    alphas = tuple(float(place) for place in range(num_points))
    series = Series(block=None, tensors=(), distance=1.0, alphas=alphas, splits={split: values})
    known = {
        "run": "r", "start": {"run": "r", "checkpoint": start}, "end": {"checkpoint": "final"}, "by": "block",
        "rest": "final", "bn": "running", "dtype": "float32", "batch_size": 8, "series": (series,),
    }  # fmt: skip
    return Curve(**(known | {"name": name} | changes))


ORDERED = (
    curve("z", num_examples=200),
    curve("zz", num_points=5),
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
    for given in (ORDERED, ORDERED[::-1], *list(permutations(ORDERED[:5]))):
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


def test_points_of_all_series_count_as_where_positions_are_placed():
    few = curve("a", num_points=9)
    wide = replace(few, name="b", series=(few.series[0], replace(few.series[0], block="fc", alphas=(0.0, 1.0))))
    assert most_telling_first([few, wide]) == [wide, few]


@pytest.mark.parametrize(
    ("given", "meant"), [("by-layer", "by-layer-1eeb9d"), ("by-block", "by-block"), ("by-block-", "by-block-34596d")]
)
def test_the_beginning_of_a_curves_name_names_it(given, meant):
    curves = [curve(name) for name in ("by-block", "by-block-34596d", "by-layer-1eeb9d")]
    assert meant_curve(RUN, curves, given, {"test"}).name == meant


@pytest.mark.parametrize("given", ["by-layers", "layer"])
def test_a_name_that_fits_no_curve_is_refused(given):
    with pytest.raises(UnknownNameError, match=f"unknown curve '{given}'.*by-layer-1"):
        meant_curve(RUN, [curve("by-layer-1"), curve("by-kind-2")], given, {"test"})


def test_a_name_that_several_curves_begin_with_is_refused():
    curves = [curve("by-layer-1"), curve("full"), curve("by-kind-2")]
    with pytest.raises(ConfigError, match=r"^'by' begins 2 curves: by-kind-2, by-layer-1; give more of the name$"):
        meant_curve(RUN, curves, "by", {"test"})


def test_the_meant_curve_has_the_splits_or_says_how_to_measure_them():
    one = curve("by-block")
    values = one.series[0].splits["test"]
    two = replace(one, name="full", series=(replace(one.series[0], splits={"test": values, "train": values}),))
    assert meant_curve(RUN, [one, two], None, {"train"}).name == "full"
    words = r"^not measured on train; the same curve on both: lininterp interpolate r \.\.\. --split test,train$"
    for given, there in (("by-block", [one, two]), (None, [one])):
        with pytest.raises(NotFoundError, match=words):
            meant_curve(RUN, there, given, ("test", "train"))
    check_measured(RUN, ["test", "train"], ["train"])
