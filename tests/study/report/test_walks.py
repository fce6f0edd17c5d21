"""What one run's curves say of a line."""

import math

import pytest

from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.study.report.walks import line_of, walk_of

RUN = "run-0"


@pytest.fixture
def curve(place):
    """Writes a curve and reads it again."""
    here = place()

    def make(name="full", losses=None, **about):
        here.curve(RUN, name, losses, **about)
        return read_curve(here.runs / RUN / "curves" / f"{name}.json")

    return make


@pytest.mark.parametrize(
    ("about", "line"),
    [
        ({}, "initial to final"),
        ({"bn": "batch"}, "initial to final, bn batch"),
        ({"rest": "initial", "dtype": "float64"}, "initial to final, rest initial, float64"),
        ({"start": {"random": 3}}, "random to final"),
        ({"start": {"noise": 3, "sha256": ["1", "2"]}}, "noise to final"),
        ({"start": {"direction": 0}}, "direction to final"),
        ({"start": {"zero": True}}, "zero to final"),
        ({"start": {"run": RUN, "alpha": 0.3}}, "a point between to final"),
        ({"end": {"run": "other", "checkpoint": "final"}}, "initial to another run's final"),
        ({"start": {"file": "x.pt"}}, "a file to final"),
    ],
)
def test_a_line_is_called_by_its_ends_and_what_is_unusual(curve, about, line):
    assert line_of(curve(**about)) == line


def test_figures_are_those_of_the_whole_network(curve):
    walk = walk_of([curve(losses={"all": (2.0, 2.5, 1.0, 0.5, 0.75), "fc": (9.0, 9.0, 9.0, 9.0, 0.75)})], "test")
    assert walk.figures["barrier_rise"] == 0.5
    assert walk.figures["monotone"] == 0.0
    assert (walk.figures["best_alpha"], walk.figures["best_loss"]) == (0.75, 0.5)
    assert walk.figures["cliff"] == 0.375


def test_without_a_plateau_its_length_is_0_and_it_is_left_nowhere(curve):
    walk = walk_of([curve(losses={"all": (2.0, 1.5, 1.0, 0.5, 0.0)})], "test")
    assert (walk.figures["plateau"], walk.figures["plateau_end"]) == (0.0, None)


def test_of_several_random_ends_the_mean_counts(curve):
    curves = []
    for seed, height in enumerate((2.0, 4.0)):
        losses = (height, 1.0, 1.0, 1.0, 0.5)
        curves.append(curve(f"r{seed}", {"all": losses, "fc": losses}, start={"random": seed}))
    walk = walk_of(curves, "test")
    assert walk.rises == {("block", "fc"): (2.5, pytest.approx(2.5 / 4))}
    assert walk.figures["barrier_mean"] == pytest.approx((0.75 + 1.75) / 2)
    assert len(walk.paths) == 2


def test_every_block_has_a_walk_of_its_own(curve):
    curves = [
        curve(f"r{seed}", {"all": (2.0,) * 5, "fc": (top, top + height, 1.0, 0.5, 0.25)}, start={"random": seed})
        for seed, (top, height) in enumerate([(2.0, 0.5), (3.0, -0.5)])
    ]
    (key, walk), *rest = walk_of(curves, "test").blocks.items()
    assert (key, rest) == (("block", "fc"), [])
    assert walk.figures["barrier_rise"] == 0.25
    assert (walk.figures["monotone"], walk.figures["distance"]) == (0.5, 1.0)
    assert [losses[0] for _, losses in walk.paths] == [2.0, 3.0]


def test_the_same_ends_walked_at_another_granularity_count_once(curve):
    losses = {"all": (2.0, 1.0, 1.0, 1.0, 0.5), "fc": (2.0, 1.0, 1.0, 1.0, 0.5)}
    walk = walk_of([curve("one", losses), curve("two", losses, by="layer")], "test")
    assert len(walk.paths) == 1
    assert set(walk.rises) == {("block", "fc"), ("layer", "fc")}


ALPHAS = (0.0, 0.25, 0.5, 0.75, 1.0)
FINE = (2.0, 2.5, 1.0, 0.5, 0.5)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("coarse", "fine", "height"),
    [
        ({"num_examples": 20}, {}, 0.5),
        ({}, {"num_examples": 20}, 0.0),
        ({"alphas": (0.0, 1.0)}, {}, 0.5),
        ({"alphas": (0.0, 1.0), "num_examples": 200}, {}, 0.0),
        ({"alphas": (-0.5, 0.0, 1.0, 1.5, 2.0, 2.5)}, {}, 0.5),
    ],
    ids=str,
)
def test_of_several_curves_that_of_most_examples_then_of_most_points_counts(curve, order, coarse, fine, height):
    falling = tuple(2.0 - alpha for alpha in coarse.get("alphas", ALPHAS))
    curves = [curve("coarse", dict.fromkeys(("all", "fc"), falling), **coarse),
              curve("fine", dict.fromkeys(("all", "fc"), FINE), **fine)]  # fmt: skip
    walk = walk_of(curves[::order], "test")
    assert walk.figures["barrier_rise"] == height
    assert len(walk.paths) == 1
    block = walk.blocks["block", "fc"]
    assert (block.figures["barrier_rise"], len(block.paths)) == (height, 1)
    assert walk.rises["block", "fc"][0] == (1.5 if height else 1.0)


def test_a_rise_is_of_the_finest_curve_that_has_both_ends(curve):
    inner = curve("inner", {"fc": (9.0, 8.0, 7.0)}, alphas=(0.25, 0.5, 0.75))
    walk = walk_of([inner, curve("ends", {"fc": (2.0, 0.5)}, alphas=(0.0, 1.0))], "test")
    assert walk.rises["block", "fc"][0] == 1.5
    assert walk.blocks["block", "fc"].paths == (((0.25, 0.5, 0.75), (9.0, 8.0, 7.0)),)


def test_values_that_are_not_finite_leave_figures_open(curve):
    gone = (math.nan,) * 5
    walk = walk_of([curve(losses={"all": gone, "fc": (math.inf, 1.0, 1.0, 1.0, 0.5)})], "test")
    assert set(walk.figures.values()) == {None}
    assert walk.rises == {}


def test_a_curve_of_blocks_alone_has_rises_and_no_shape(curve):
    walk = walk_of([curve(losses={"fc": (2.0, 1.0, 1.0, 1.0, 0.5)})], "test")
    assert (walk.figures, walk.paths) == ({}, ())
    assert walk.rises[("block", "fc")][0] == 1.5


def test_a_curve_that_does_not_reach_both_ends_tells_no_rise(curve):
    walk = walk_of([curve(losses={"fc": (2.0, 1.0)}, alphas=(0.25, 1.0))], "test")
    assert walk.rises == {}
