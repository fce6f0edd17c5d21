"""What is said of figures that ought to agree, on curves written by hand."""

import math
from dataclasses import replace
from typing import Any

import pytest

from lininterp_cli.landscape.curves.agreement import (
    Disagreement,
    bn_dependent,
    disagreements,
    end_difference,
    undefined,
    unsettled,
)
from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.landscape.interpolate import Ground, interpolate
from lininterp_cli.landscape.question import Question
from lininterp_cli.landscape.watcher import Unwatched
from lininterp_cli.runs.record import Record
from lininterp_cli.runs.run import Run

FALLING, RISING, OPEN = (2.0, 1.0, 0.5), (2.0, 2.5, 0.5), (2.0, math.nan, 0.5)

ID = "mlp-0"
ENDS = {"initial": {"test_loss": 2.0, "train_loss": 1.9}, "final": {"test_loss": 0.5, "train_loss": 0.25}}


def values(losses: tuple[float, ...], num_examples: int = 10) -> Values:
    known = tuple(0.1 for _ in losses)
    return Values(num_examples=num_examples, split_size=10, loss=losses, loss_stderr=known, accuracy=known)


def curve(*series: Series, **changes: Any) -> Curve:
    plain: dict[str, Any] = {
        "name": "full", "run": ID, "by": "full", "rest": "final", "bn": "running", "dtype": "float32",
        "start": {"run": ID, "checkpoint": "initial"}, "end": {"run": ID, "checkpoint": "final"},
        "batch_size": 512, "series": series,
    }  # fmt: skip
    return Curve(**plain | changes)


def full(
    test: tuple[float, ...] = FALLING,
    block: str | None = None,
    alphas: tuple[float, ...] = (0.0, 0.5, 1.0),
    **splits: tuple[float, ...],
) -> Series:
    measured = {"test": test, **splits}
    return Series(
        block=block,
        tensors=("w",),
        distance=1.0,
        alphas=alphas,
        splits={split: values(losses) for split, losses in measured.items()},
    )


@pytest.mark.parametrize(
    ("asked", "labels"),
    [
        ({}, []),
        ({"precision": 0.1, "metric": "loss"}, ["lost"]),
        ({"precision": 0.1, "metric": "loss", "barrier": "chord"}, ["open", "lost"]),
        ({"precision": 0.1, "metric": "accuracy", "barrier": "chord"}, []),
    ],
    ids=str,
)
def test_paths_without_a_barrier_are_named_where_one_was_to_be_precise(asked: dict[str, Any], labels: list[str]):
    lost = full((math.nan,) * 3, "lost")
    some = curve(full(), full((2.0, 1.0, math.nan), "open"), lost, full(OPEN, "gap"), asked=asked)
    assert undefined(some, "test") == labels


GRID = (0.0, 1 / 16, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 5 / 8, 3 / 4, 7 / 8, 15 / 16, 1.0)


def bent(size: float, block: str | None = None, alphas: tuple[float, ...] = GRID) -> Series:
    """A parabola; what the coarse grid leaves open is size / 128."""
    return full(tuple(size * alpha**2 for alpha in alphas), block, alphas, train=(0.0,) * len(alphas))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {}),
        ({"precision": 0.1}, {}),
        ({"alphas": "adaptive:11", "tolerance": 0.02}, {"b": 4 / 128, "c": 3 / 128}),
        ({"alphas": "adaptive:11", "tolerance": 0.03}, {"b": 4 / 128}),
        ({"alphas": "adaptive:11", "tolerance": 0.04}, {}),
        ({"alphas": "adaptive:12", "tolerance": 0.02}, {}),
    ],
    ids=str,
)
def test_paths_whose_points_were_spent_are_named_with_what_they_leave_open(
    asked: dict[str, Any], expected: dict[str, float]
):
    some = curve(bent(1), bent(2, "a"), bent(4, "b"), bent(3, "c"), asked=asked)
    assert list(unsettled(some)) == list(expected)
    assert unsettled(some) == pytest.approx(expected)
    told = [one.get("uncertainty") for one in some.to_dict()["series"]]
    if "alphas" in asked:
        assert [one["test"] for one in told] == pytest.approx([1 / 128, 2 / 128, 4 / 128, 3 / 128])
        assert {one["train"] for one in told} == {0.0}
    else:
        assert told == [None] * 4


def test_a_path_that_has_no_two_finite_points_side_by_side_is_not_known_at_all():
    lost = full((math.nan,) * 11, alphas=GRID)
    some = curve(lost, asked={"alphas": "adaptive:11", "tolerance": 0.02})
    assert unsettled(some) == {"all": math.inf}
    assert some.to_dict()["series"][0]["uncertainty"] == {"test": None}


@pytest.fixture
def record() -> Record:
    return Record(
        id=ID, config={}, digest="", name=None, kind="train", parent=None, tags=[], save_at=[], times={},
        num_parameters=1, num_classes=10, result={key: dict(value) for key, value in ENDS.items()},
    )  # fmt: skip


def test_paths_are_judged_at_their_own_alphas():
    fine = curve(full((2.0, 2.5, 1.0, 0.5), alphas=(0.0, 0.1, 0.5, 1.0)), full(FALLING, block="fc"))
    coarse = curve(full(FALLING), full((2.0, 0.5), block="fc", alphas=(0.0, 1.0)), bn="final")
    assert disagreements([fine, coarse]) == [Disagreement("all", "test", {"running": False, "final": True})]


def test_disagreements_names_path_split_and_verdicts():
    running = curve(full(FALLING, train=FALLING), full(RISING, block="fc", train=FALLING))
    recalibrated = curve(full(RISING, train=FALLING), full(RISING, block="fc", train=RISING), bn="recalibrate")
    assert disagreements([running, recalibrated]) == [
        Disagreement("all", "test", {"running": True, "recalibrate": False}),
        Disagreement("fc", "train", {"running": True, "recalibrate": False}),
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_only_splits_that_all_curves_have_are_compared(order: int):
    both = curve(full(FALLING, train=FALLING))
    one = curve(full(RISING), bn="final")
    (found,) = disagreements([both, one][::order])
    assert (found.split, found.monotone) == ("test", {"running": True, "final": False})


def test_three_treatments_of_which_one_differs():
    curves = [curve(full(FALLING), bn=bn) for bn in ("running", "final")] + [curve(full(RISING), bn="batch")]
    assert disagreements(curves) == [Disagreement("all", "test", {"running": True, "final": True, "batch": False})]


def test_treatments_that_agree_are_not_mentioned():
    for losses in (FALLING, RISING, OPEN):
        assert disagreements([curve(full(losses)), curve(full(losses), bn="final")]) == []
    assert disagreements([curve(full(FALLING))]) == []
    assert disagreements([]) == []


def test_an_open_verdict_agrees_with_any():
    for losses in (FALLING, RISING):
        assert disagreements([curve(full(losses)), curve(full(OPEN), bn="final")]) == []


def test_rises_within_the_tolerance_are_no_disagreement():
    wobble = (2.0, 2.0 + 9e-6, 0.5)
    assert disagreements([curve(full(wobble)), curve(full(FALLING), bn="final")]) == []


def test_curves_of_different_questions_are_a_bug():
    with pytest.raises(ValueError, match="zip"):
        disagreements([curve(full()), curve(full(), full(block="fc"), bn="final")])


@pytest.mark.parametrize("order", [1, -1])
def test_paths_depend_on_bn_whatever_else_their_curves_hold(order: int):
    blocks = curve(full(RISING), full(RISING, block="fc"), full(block="conv1"), by="block")
    alone = [curve(full(FALLING), bn="batch"), curve(full(RISING, block="conv1"), by="block", bn="final")]
    assert sorted(bn_dependent([blocks, *alone][::order], "test")) == ["all", "conv1"]
    assert bn_dependent([curve(full(FALLING, train=RISING)), curve(full(train=FALLING), bn="batch")], "train") == [
        "all"
    ]


def test_paths_are_compared_at_the_alphas_that_all_treatments_have():
    ends = curve(full((2.0, 0.5), alphas=(0.0, 1.0)))
    assert bn_dependent([ends, curve(full(RISING), bn="final")], "test") == []
    assert bn_dependent([ends, curve(full((0.5, 0.6, 2.0)), bn="final")], "test") == ["all"]
    middle = curve(full((2.0, 1.0), alphas=(0.0, 0.5)))
    # Together the curves of one treatment have all of the other's alphas.
    assert bn_dependent([ends, middle, curve(full(RISING), bn="final")], "test") == ["all"]
    apart = curve(full((2.5,), alphas=(0.25,)))
    assert bn_dependent([apart, curve(full(RISING), bn="final")], "test") == []
    assert bn_dependent([], "test") == []


@pytest.mark.parametrize(
    "other",
    [
        curve(replace(full(RISING), splits={"test": values(RISING, num_examples=5)}), bn="final"),
        curve(full(RISING), bn="final", rest="initial"),
        curve(full(RISING), bn="final", dtype="float64"),
        curve(full(RISING), bn="final", start={"random": 1}),
        curve(full(RISING, block="fc"), bn="final", by="layer"),
    ],
    ids=str,
)
def test_paths_of_other_questions_are_not_compared(other: Curve):
    assert bn_dependent([curve(full(FALLING), full(FALLING, block="fc"), by="block"), other], "test") == []


def test_end_difference_is_zero_where_the_ends_are_the_stored_metrics(record: Record):
    assert end_difference(curve(full(FALLING, train=(1.9, 1.0, 0.25))), record) == 0.0


@pytest.mark.parametrize(
    ("test", "train", "expected"),
    [
        ((2.125, 1.0, 0.5), (1.9, 1.0, 0.25), 0.125),
        ((2.0, 9.0, 0.25), (1.9, 1.0, 0.25), 0.25),
        ((2.0, 1.0, 0.5), (1.9, 1.0, 1.25), 1.0),
        ((1.0, 1.0, 0.5), (1.9, 1.0, 0.5), 1.0),
    ],
)
def test_end_difference_is_the_largest_of_ends_and_splits(
    test: tuple[float, ...], train: tuple[float, ...], expected: float, record: Record
):
    assert end_difference(curve(full(test, train=train)), record) == expected


def test_one_end_is_enough(record: Record):
    only_first = curve(full((2.5, 1.0), alphas=(0.0, 0.5)))
    assert end_difference(only_first, record) == 0.5
    other_start = curve(full((7.0, 1.0, 0.75)), start={"random": 1})
    assert end_difference(other_start, record) == 0.25
    other_end = curve(full((2.25, 1.0, 7.0)), end={"run": "else", "checkpoint": "final"})
    assert end_difference(other_end, record) == 0.25


@pytest.mark.parametrize(
    "changes",
    [
        {"bn": "recalibrate"},
        {"bn": "batch"},
        {"bn": "final"},
        {"dtype": "bfloat16"},
        {"series": ()},
        {"series": (full(block="fc"),)},
        {"series": (full(alphas=(0.25, 0.5, 0.75)),)},
        {"start": {"zero": True}, "end": {"random": 0}},
        {"start": {"run": ID, "checkpoint": "epoch-0001"}, "end": {"run": ID, "checkpoint": "epoch-0002"}},
        {"start": {"run": "else", "checkpoint": "initial"}, "end": {"run": "else", "checkpoint": "final"}},
        {"series": (replace(full(), splits={"test": values(FALLING, num_examples=9)}),)},
    ],
    ids=str,
)
def test_what_is_another_measurement_is_not_compared(changes: dict[str, Any], record: Record):
    assert end_difference(replace(curve(full()), **changes), record) is None


def test_values_that_are_not_finite_are_never_agreement(record: Record):
    missing = end_difference(curve(full((math.nan, 1.0, 0.5))), record)
    assert missing is not None
    assert math.isnan(missing)
    record.result["final"]["test_loss"] = None
    assert end_difference(curve(full()), record) == 0.0
    record.result.clear()
    assert end_difference(curve(full()), record) is None


def test_the_ends_are_found_among_positions_beyond_them(record: Record):
    beyond = full((9.0, 2.5, 1.0, 0.5, 7.0), alphas=(-0.5, 0.0, 0.5, 1.0, 1.5))
    assert end_difference(curve(beyond), record) == 0.5


def test_weights_that_were_changed_behind_the_records_back_show(run: Run, ground: Ground):
    shown, _ = interpolate(run, Question(alphas=(0.0, 1.0)), ground, Unwatched())
    assert end_difference(shown, run.record) == 0.0
    run.checkpoint_path("final").write_bytes(run.checkpoint_path("initial").read_bytes())
    changed, _ = interpolate(run, Question(alphas=(0.0, 1.0)), ground, Unwatched())
    difference = end_difference(changed, run.record)
    assert difference is not None
    assert difference > 0.1
