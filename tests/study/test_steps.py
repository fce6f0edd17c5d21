"""What steps mean: questions, blocks and settings, and what is refused."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.config.run import Reset
from lininterp_cli.errors import ConfigError, LininterpError, UnknownNameError
from lininterp_cli.landscape.question import Question
from lininterp_cli.study.plan import Cell, Step, Study
from lininterp_cli.study.steps import (
    ResetOptions,
    barrier_questions,
    changed,
    check,
    epochs_to_keep,
    following,
    questions,
    reset_options,
    train_options,
    unfolded,
)

BASE = {"data": {"name": "digits"}, "model": {"name": "mlp", "width": 8}, "training": {"epochs": 5}}


def walk(**options):
    return Step(kind="interpolate", options={key.replace("_", "-"): value for key, value in options.items()})


def measure(kind, **options):
    return Step(kind=kind, options=options)


def cell(*steps, **base) -> Cell:
    return Study(name="x", base=BASE | base, steps=steps).cells()[0]


def test_a_walk_without_options_is_the_usual_question():
    assert questions(walk()) == [Question()]


def test_every_option_of_a_walk():
    options = {
        "from": "epoch-3", "to": "random:1", "by": "layer", "block": "fc1, fc2", "alphas": "-0.5:1.5:0.5",
        "extrapolate": True, "tolerance": 0.5, "rest": "initial", "split": "test,train", "examples": 64,
        "precision": 0.25, "metric": "accuracy", "barrier": "chord", "bn": "batch", "dtype": "float64",
        "batch-size": 32,
    }  # fmt: skip
    expected = Question(
        start="epoch-3", end="random:1", by="layer", blocks=("fc1", "fc2"), alphas=(-0.5, 0.0, 0.5, 1.0, 1.5),
        tolerance=0.5, rest="initial", splits=("test", "train"), num_examples=64, precision=0.25, metric="accuracy",
        barrier="chord", bn="batch", dtype="float64", batch_size=32,
    )  # fmt: skip
    assert questions(Step(kind="interpolate", options=options)) == [expected]


def test_all_treatments_are_a_question_each():
    asked = questions(walk(bn="all", by="block", alphas=3))
    assert [one.bn for one in asked] == ["running", "recalibrate", "batch", "final"]
    assert {replace(one, bn="running") for one in asked} == {Question(by="block", alphas=(0.0, 0.5, 1.0))}


def test_blocks_mean_by_block_and_positions_may_be_placed():
    (asked,) = questions(walk(block="fc1", alphas="adaptive:19"))
    assert (asked.by, asked.blocks, asked.num_placed) == ("block", ("fc1",), 19)


BAD = [
    (walk(alpha=3), "unknown option of interpolate 'alpha'; did you mean alphas"),
    (walk(alphas=0.5), "alphas must be a whole number or a text, not 0.5"),
    (walk(alphas=True), "alphas must be"),
    (walk(alphas="x"), "--alphas takes"),
    (walk(alphas="0:2:1"), "add --extrapolate"),
    (walk(extrapolate=True), "extrapolate needs alphas"),
    (walk(examples=3.7), "examples must be a whole number, not 3.7"),
    (walk(examples=0), "examples must be 1 or more"),
    (walk(by="blok"), "interpolate: by must be one of full, block"),
    (walk(by="full", block="fc1"), "block cannot be meant"),
    (walk(bn="runing"), "bn must be one of running, recalibrate, batch, final, all"),
    (walk(rest="both"), "rest must be one of"),
    (walk(dtype="int8"), "dtype must be one of"),
    (walk(split="valid"), "unknown split 'valid'"),
    (walk(metric="error"), "metric must be one of"),
    (walk(barrier="rice"), "did you mean rise"),
    (walk(precision=-1.0), "--precision must be a number above 0"),
    (measure("criticality", epsilon=2.0), "--epsilon is a fraction of errors"),
    (measure("criticality", draws=0), "draws must be 1 or more"),
    (measure("criticality", split="train"), "unknown option of criticality 'split'"),
    (measure("criticality", by="tensor"), "by must be one of block, layer"),
    (measure("gauss-length", alphas="0.5"), "must name two or more"),
    (walk(**{"from": "epoch-6"}), "interpolate: the run has no epoch 6, only 0 to 5"),
    (measure("gauss-length", to="epoch-006"), "gauss-length: the run has no epoch 6, only 0 to 5"),
    (measure("gauss-length", example=5), "did you mean examples"),
    (walk(block=7), "block must be a text, not 7"),
    (Step(kind="reset-block"), "reset-block needs a block"),
    (Step(kind="reset-block", options={"block": " , "}), "reset-block needs a block"),
    (Step(kind="reset-block", options={"blocks": "fc"}), "did you mean block"),
    (Step(kind="reset-block", options={"block": "fc", "to": "zero"}), "to must be one of random, initial"),
    (Step(kind="reset-block", options={"block": "fc", "retrain": 1}), "retrain must be true or false, not 1"),
    (Step(kind="train", options={"init": "middle"}), "init must be one of initial, final, barrier"),
    (Step(kind="train", options={"height": 0.5}), "height is of a barrier"),
    (Step(kind="train", options={"init": "barrier", "height": "high"}), "height must be a number"),
    (Step(kind="train", options={"lr": 0.1}), "unknown option of train 'lr'"),
    (Step(kind="train", options={"optimizer": {"lrr": 0.1}}), "did you mean lr"),
    (Step(kind="train", options={"optimizer": 1}), "optimizer must be a table of settings, not 1"),
    (Step(kind="train", options={"init": "barrier"}), "needs an interpolate step beside it"),
]


@pytest.mark.parametrize(("step", "message"), BAD, ids=[step.label for step, _ in BAD])
@pytest.mark.parametrize("is_nested", [False, True], ids=["beside", "within"])
def test_a_step_that_means_nothing_is_refused(step, message, is_nested):
    steps = (Step(kind="reset-block", options={"block": "fc1"}, steps=(step,)),) if is_nested else (step,)
    with pytest.raises(LininterpError) as caught:
        check(cell(*steps))
    assert message in str(caught.value)


def test_the_settings_themselves_are_checked():
    with pytest.raises(UnknownNameError, match="did you mean lr"):
        check(cell(optimizer={"lrr": 1}))
    with pytest.raises(UnknownNameError, match="did you mean mlp"):
        check(cell(model={"name": "mpl"}))
    check(cell(walk(), Step(kind="train", options={"init": "barrier"})))


def test_what_is_checked_within_a_train_step_is_what_it_makes():
    inner = Step(kind="train", options={"schedule": {"warmup_epochs": 3.0}})
    check(cell(inner))
    with pytest.raises(ConfigError, match="warm-up of 3 epochs does not fit into 2"):
        check(cell(Step(kind="train", options={"training": {"epochs": 2}}, steps=(inner,))))


@pytest.mark.parametrize(
    ("options", "counts"),
    [({}, True), ({"by": "block"}, True), ({"bn": "all"}, True), ({"bn": "final"}, False), ({"from": "zero"}, False)],
)
def test_which_walk_finds_the_barrier_of_a_line(options, counts):
    found = barrier_questions([Step(kind="reset-block", options={"block": "fc1"}), walk(**options)])
    assert [question.bn for question in found] == ["running"] * counts


def test_epochs_that_walks_end_in():
    bend = Step(kind="gauss-length", options={"from": "epoch-7"})
    steps = [bend, walk(to="epoch-0003"), walk(to="epoch-0"), walk(to="random:5")]
    nested = Step(kind="reset-block", options={"block": "a"}, steps=(walk(to="epoch-9"),))
    assert epochs_to_keep([*steps, nested]) == (3, 7)


def test_options_of_reset_block_and_train():
    step = Step(kind="reset-block", options={"block": "a, b", "to": "initial", "all-but": True, "retrain": False})
    assert reset_options(step) == ResetOptions(blocks=("a", "b"), to="initial", all_but=True, retrain=False)
    options = train_options(Step(kind="train", options={"init": "barrier", "height": 2, "data": {"label_noise": 0.0}}))
    assert (options.init, options.height, options.changes) == ("barrier", 2.0, {"data": {"label_noise": 0.0}})
    assert train_options(Step(kind="train")).init == "final"


def test_a_run_that_is_made_anew_keeps_nothing_of_where_the_other_came_from():
    reset, scale = Reset(run="parent", blocks=("fc",)), {"fc": 2.0}
    config = replace(cell().config, init="somewhere", reset=reset, block_init_scale=scale)
    new = changed(config, train_options(Step(kind="train", options={"training": {"epochs": 9}})), "run:final")
    assert (new.init, new.reset, new.block_init_scale) == ("run:final", None, {})
    assert (new.training.epochs, new.model) == (9, config.model)
    with pytest.raises(UnknownNameError, match="unknown option of train 'block_init_scale'"):
        check(cell(Step(kind="train", options={"block_init_scale": scale})))


@given(st.lists(st.integers(1, 50), min_size=1, max_size=4))
def test_steps_within_steps_see_the_settings_so_far(epochs):
    step = walk()
    for count in reversed(epochs):
        step = Step(kind="train", options={"training": {"epochs": count}}, steps=(step,))
    seen = [config.training.epochs for _, config, _ in unfolded((step,), cell().config)]
    assert seen == [5, *epochs]


def test_what_is_not_trained_again_has_no_epochs():
    step = Step(kind="reset-block", options={"block": "fc1", "retrain": False}, steps=(walk(to="epoch-1"),))
    assert following(step, cell().config).training.epochs == 0
    with pytest.raises(ConfigError, match="no epoch 1, only 0 to 0"):
        check(cell(step))


def test_epochs_of_the_run_that_a_step_measures_are_there():
    check(cell(walk(to="epoch-5")))
    check(cell(Step(kind="train", options={"training": {"epochs": 9}}, steps=(walk(to="epoch-9"),))))
