"""Twins differ in their seeds and in nothing else."""

from dataclasses import replace

from lininterp_cli.view.runs.seeds import differ_in_seed_only, twin_curve
from lininterp_cli.view.runs.summary import Summary


def run(name, **settings):
    return Summary(id=name, name="", state="finished", kind="train", settings={"optimizer.lr": 0.1, **settings})


def test_only_the_seed_may_differ():
    first = run("a", seed=0)
    assert differ_in_seed_only(first, run("b", seed=1))
    assert not differ_in_seed_only(first, first)
    assert not differ_in_seed_only(first, run("b", seed=0))
    assert not differ_in_seed_only(first, run("b", seed=1, **{"optimizer.lr": 0.2}))
    assert not differ_in_seed_only(first, run("b", seed=1, **{"model.width": 8}))
    assert not differ_in_seed_only(first, replace(run("b", seed=1), kind="reset-block"))
    assert not differ_in_seed_only(Summary(id="a", name="", state="damaged"), Summary(id="b", name="", state="damaged"))


def test_the_curve_of_a_twin_answers_the_same_question(make_curve):
    mine = make_curve(run="r0")
    other = make_curve(run="r1", name="another-name")
    assert twin_curve(mine, ("test",), [replace(other, bn="recalibrate"), other]) is other
    assert twin_curve(mine, ("test",), [replace(other, rest="initial"), replace(other, by="layer")]) is None
    assert twin_curve(mine, ("test",), [make_curve(run="r1", end={"random": 1})]) is None
    short = replace(
        other, series=tuple(replace(one, splits={"test": one.splits["test"]}) for one in other.series)
    )  # fmt: skip
    assert twin_curve(mine, ("test", "train"), [short, other]) is other
    assert twin_curve(mine, ("test", "train"), [short]) is short
    assert twin_curve(mine, ("train",), [short]) is None
