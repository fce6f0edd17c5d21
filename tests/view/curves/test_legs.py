"""Legs are joined at the final weights, and only such as were measured in the same way."""

from dataclasses import replace
from pathlib import Path

import pytest

from lininterp_cli.view.curves.legs import legs_of, legs_rows, no_legs
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.plot import text_of


@pytest.fixture
def curves(make_curve):
    first = make_curve({"all": (2.3, 1.9, 1.4, 0.6, 0.1), "fc": (1.0, 0.5, 0.3, 0.2, 0.1)})
    final = {"run": "run-1", "checkpoint": "final"}
    return first, *(
        make_curve({"all": (0.1, 0.9, 1.4, 2.0, 2.4 + seed)}, name=f"r{seed}", start=final, end={"random": seed})
        for seed in (1, 2)
    )


def test_legs_meet_at_the_final_weights(curves):
    readings = legs_of(curves).readings
    assert [one.name for one in readings] == ["initial to final", "random:1", "random:2"]
    for reading in readings:
        values = dict(zip(reading.positions, reading.series.splits["test"].loss, strict=True))
        assert values[1.0] == 0.1
    assert readings[2].positions[-1] == 2.0
    text = text_of(legs_rows(legs_of(curves), ("test",), width=100, height=24, num_classes=10)).plain
    rows = text.split("\n")
    assert rows[-2].split() == ["initial", "0.5", "final", "1.5", "random:1", "random:2"]
    assert rows[-1].split() == ["━", "initial", "to", "final", "a", "random:1", "b", "random:2"]
    assert "chance" in text
    assert "initial - final - random" in rows[0]


def test_a_leg_that_was_walked_the_other_way_is_turned(curves):
    first, second, _ = curves
    back = replace(second, start=second.end, end=second.start)
    series = legs_of([first, back]).readings[1].series
    assert series.alphas == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert series.splits["test"].loss == second.series[0].splits["test"].loss[::-1]


def test_what_does_not_belong_together_is_not_joined(curves):
    first, second, third = curves
    assert legs_of([first]) is None
    assert legs_of([second, third]) is None
    assert legs_of([]) is None
    assert legs_of([first, replace(second, bn="recalibrate")]) is None
    assert len(legs_of([first, replace(second, bn="recalibrate"), third]).seconds) == 1
    by_block = replace(first, series=first.series[1:])
    assert legs_of([by_block, second]) is None
    test_only = replace(
        second, series=tuple(replace(one, splits={"test": one.splits["test"]}) for one in second.series)
    )
    assert legs_of([first, test_only]).splits == ["test"]


def counted(curve, num_examples, split_size=0):
    """The curve as if measured on so many examples."""
    series = [
        replace(one, splits={
            split: replace(values, num_examples=num_examples, split_size=split_size)
            for split, values in one.splits.items()
        })
        for one in curve.series
    ]  # fmt: skip
    return replace(curve, series=tuple(series))


def test_legs_are_of_the_same_examples(curves):
    first, second, third = curves
    few, many = counted(first, 100), counted(first, 200)
    found = legs_of([many, few, counted(second, 100), counted(third, 100)])
    assert found.first is few
    assert len(found.seconds) == 2
    assert legs_of([many, few, counted(second, 300)]) is None
    assert legs_of([first, replace(second, dtype="bfloat16")]) is None
    assert legs_of([first, replace(second, order_seed=7)]) is None


def test_what_makes_a_leg_that_fits_is_said(curves):
    first, second, _ = curves
    command = "lininterp interpolate run-1 --from final --to random:1 --split test,train"
    assert no_legs(curves, Path("runs"), "run-1") == ""
    assert no_legs([], Path("runs"), "run-1").endswith("make it with: lininterp interpolate run-1")
    whole = counted(first, 360, 360)
    assert (
        no_legs([whole], Path("runs"), "run-1") == f"no way from final to random weights yet; make one with: {command}"
    )
    part = replace(counted(first, 100, 360), bn="recalibrate")
    words = no_legs([part, second], Path("runs"), "run-1")
    assert "of other examples" in words
    assert words.endswith(f"{command} --examples 100 --bn recalibrate")


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_the_right_end_is_named_and_the_highest_barrier_says_whose_it_is(curves, make_curve, width):
    first, second, third = curves
    third = replace(make_curve({"all": (0.1, 0.9, 9.4, 2.0, 3.4)}, name="r2"), start=third.start, end=third.end)
    names = [{"random": 100 + seed} for seed in range(3)]
    legs = legs_of([first, *(replace(second, end=end) for end in names), third])
    rows = text_of(legs_rows(legs, ("test",), width=width, height=24, legend=False)).plain.split("\n")
    assert rows[-1].endswith("4 random")
    assert rows[-2].endswith("┬┘")
    assert "chord 7.650 at 1.5, random:2" in rows[1]


@pytest.mark.parametrize("size", [(1, 1), (24, 6), (60, 14), (120, 40)])
@pytest.mark.parametrize("quantity", ["loss", "accuracy", "error"])
def test_legs_fit_every_size(curves, size, quantity):
    rows = legs_rows(
        legs_of(curves), ("test", "train"), quantity=quantity, width=size[0], height=size[1], band="error",
        definition="chord", window=(0.5, 1.5), cursor=1.25, look=Look(ascii=True, depth="none"),
    )  # fmt: skip
    text = text_of(rows).plain
    assert len(text.split("\n")) <= size[1]
    assert max(map(len, text.split("\n"))) <= size[0]
    assert text.isascii()
