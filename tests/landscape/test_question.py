"""Questions: what is refused, what a file says was asked, and names that say as much as they must and no more."""

import re
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lininterp_cli.errors import ConfigError, UnknownNameError
from lininterp_cli.landscape.curves.placement import DEFAULT_TOLERANCE
from lininterp_cli.landscape.question import NORMALISED_BATCH, Question, positions

CHANGES: dict[str, Any] = {
    "start": "epoch-1",
    "end": "other:final",
    "by": "layer",
    "blocks": ("fc",),
    "alphas": (0.0, 0.5, 1.0),
    "num_placed": 20,
    "tolerance": 0.5,
    "rest": "initial",
    "splits": ("train",),
    "num_examples": 100,
    "precision": 0.05,
    "metric": "accuracy",
    "barrier": "chord",
    "bn": "recalibrate",
    "dtype": "float64",
    "batch_size": 77,
}
"""Another value for each field."""

CONDITIONS: dict[str, dict[str, Any]] = {
    "batch_size": {"bn": "batch"},
    "tolerance": {"num_placed": 20},
    "metric": {"precision": 0.05},
    "barrier": {"precision": 0.05},
}
"""Fields that decide something only beside another one."""

TEXTS = st.text(st.characters(codec="utf-8"), max_size=150)
QUESTIONS = st.builds(
    Question,
    start=st.one_of(st.sampled_from(["initial", "final", "epoch-5", "../x/y.pt", "a/b:final"]), TEXTS),
    end=st.one_of(st.sampled_from(["initial", "final", "@0.5", "random:0"]), TEXTS),
    by=st.sampled_from(["full", "block", "kind", "layer", "tensor"]),
    blocks=st.lists(st.sampled_from(["conv1", "layer1", "layer2", "fc"]), max_size=2).map(tuple),
    alphas=st.lists(st.floats(-0.5, 1.5).map(lambda alpha: alpha + 0.0), min_size=1, max_size=3).map(tuple),
    num_placed=st.one_of(st.none(), st.sampled_from([11, 12, 48])),
    tolerance=st.sampled_from([DEFAULT_TOLERANCE, 0.1]),
    rest=st.sampled_from(["final", "initial"]),
    splits=st.sampled_from([("test",), ("train",), ("test", "train"), ("train", "test")]),
    num_examples=st.one_of(st.none(), st.integers(1, 5)),
    precision=st.one_of(st.none(), st.sampled_from([0.1, 0.1 + 1e-9, 1e-7])),
    metric=st.sampled_from(["loss", "accuracy"]),
    barrier=st.sampled_from([None, "rise", "chord"]),
    bn=st.sampled_from(["running", "recalibrate", "batch", "final"]),
    dtype=st.sampled_from(["float32", "float64", "bfloat16"]),
    batch_size=st.sampled_from([None, 1, 256]),
)


def decisive(question: Question) -> tuple[Any, ...]:
    """What is left of a question when what decides nothing is taken away, spelled out field by field."""
    return (
        (question.start, question.end, question.by, question.blocks, question.rest, question.splits),
        (question.num_examples, question.bn, question.dtype),
        question.alphas if question.num_placed is None else (question.num_placed, "placed", question.tolerance),
        None if question.precision is None else (question.precision, question.metric, question.barrier),
        (question.batch_size or NORMALISED_BATCH) if question.bn == "batch" else None,
    )


@given(st.lists(QUESTIONS, min_size=2, max_size=6))
@example([Question(bn="batch"), Question(bn="batch", batch_size=NORMALISED_BATCH)])
@example([Question(num_placed=12), Question(num_placed=12, alphas=(0.0,))])
def test_questions_share_a_file_exactly_where_they_ask_the_same(questions: list[Question]):
    asked = {decisive(question) for question in questions}
    assert len({question.name.lower() for question in questions}) == len(asked)
    for question in questions:
        assert {one.name for one in questions if decisive(one) == decisive(question)} == {question.name}


@given(QUESTIONS, st.sampled_from([one.name for one in fields(Question)]))
def test_one_field_changes_the_name_where_it_changes_the_answer(question: Question, name: str):
    changed = replace(question, **{name: CHANGES[name]})
    assume(changed != question)
    assert (changed.name == question.name) == (decisive(changed) == decisive(question))


def test_every_field_is_accounted_for():
    assert list(CHANGES) == [one.name for one in fields(Question)]


@pytest.mark.parametrize("name", CHANGES)
def test_a_field_is_in_the_name_only_where_it_decides(name: str):
    changed = {name: CHANGES[name]}
    if name not in CONDITIONS:
        assert Question(**changed).name != Question().name
        return
    assert Question(**changed).name == Question().name == "full"
    beside = CONDITIONS[name]
    assert Question(**beside, **changed).name != Question(**beside).name


@given(QUESTIONS)
@example(Question(start="x-" * 90))
@example(Question(start="x." * 90 + "y"))
@example(Question(start="x-" * 90, by="layer", num_examples=77))
def test_names_are_safe_as_file_names(question: Question):
    name = question.name
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,119}", name)
    assert len(f"..{name}.json.tmpxxxxxxxx".encode()) < 255


def test_plain_questions_have_plain_names():
    names = [Question(by=by).name for by in ("full", "block", "kind", "layer", "tensor")]
    assert names == ["full", "by-block", "by-kind", "by-layer", "by-tensor"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"by": "block", "bn": "recalibrate", "rest": "initial", "num_examples": 100},
         "by-block-recalibrate-rest-initial-100-examples"),
        ({"num_placed": 24, "precision": 0.05}, "full-adaptive-24-precision-0.05"),
        ({"start": "epoch-1", "dtype": "bfloat16"}, "full-epoch-1-to-final-bfloat16"),
        ({"alphas": (0.5,)}, "full"),
    ],
)  # fmt: skip
def test_names_say_what_is_unusual_and_end_in_a_hash(asked: dict[str, Any], words: str):
    assert re.fullmatch(rf"{re.escape(words)}-[0-9a-f]{{6}}", Question(**asked).name)


def test_names_are_a_promise():
    """A change here makes every curve that is kept be measured again."""
    assert Question(by="block", bn="batch", num_examples=100).name == "by-block-batch-100-examples-2c998a"
    assert Question(num_placed=24, precision=0.05).name == "full-adaptive-24-precision-0.05-820bc4"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, {}),
        ({"num_examples": 5, "alphas": (0.5,), "bn": "batch", "metric": "accuracy", "barrier": "rise"}, {}),
        ({"num_placed": 24}, {"alphas": "adaptive:24", "tolerance": DEFAULT_TOLERANCE}),
        ({"precision": 0.1}, {"precision": 0.1, "metric": "loss"}),
        (
            {"num_placed": 12, "tolerance": 0.5, "precision": 0.1, "metric": "accuracy", "barrier": "max"},
            {"alphas": "adaptive:12", "tolerance": 0.5, "precision": 0.1, "metric": "accuracy", "barrier": "max"},
        ),
    ],
)
def test_asked_says_how_precise_it_is_to_be(asked: dict[str, Any], said: dict[str, Any]):
    assert Question(**asked).asked == said


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"splits": ("valid",)}, UnknownNameError, r"unknown split 'valid'.*test, train"),
        ({"splits": ("test", "tset")}, UnknownNameError, r"'tset'; did you mean test"),
        ({"metric": "error"}, UnknownNameError, r"unknown metric 'error'.*accuracy, loss"),
        ({"barrier": "height"}, UnknownNameError, r"unknown barrier 'height'.*chord, max, mean, rise"),
        ({"batch_size": 0}, ConfigError, "batch_size must be 1 or more, not 0"),
        ({"num_examples": -3}, ConfigError, "examples must be 1 or more, not -3"),
        ({"precision": 0.0}, ConfigError, r"--precision must be a number above 0, not 0\.0"),
        ({"precision": float("nan")}, ConfigError, "--precision must be a number above 0, not nan"),
        ({"precision": float("inf")}, ConfigError, "--precision must be a number above 0, not inf"),
        ({"tolerance": -1.0}, ConfigError, r"--tolerance must be a number above 0, not -1\.0"),
    ],
)
def test_what_cannot_be_meant_is_refused(asked: dict[str, Any], error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        Question(**asked)


def test_batches_have_a_size_of_their_own_only_where_they_normalise_themselves():
    assert Question(batch_size=9).own_batch_size is None
    assert Question(bn="batch").own_batch_size == NORMALISED_BATCH
    assert Question(bn="batch", batch_size=9).own_batch_size == 9


def test_positions_are_given_or_placed():
    assert positions("0:1:0.5") == ((0.0, 0.5, 1.0), None)
    assert positions("-1,0", extrapolate=True) == ((-1.0, 0.0), None)
    assert positions("adaptive:20") == ((), 20)
    with pytest.raises(ConfigError, match=r"START:STOP:STEP .* or adaptive\[:N\], not 'adaptiv'"):
        positions("adaptiv")


@pytest.mark.parametrize("text", ["adaptive", " adaptive:20 "])
def test_positions_are_not_placed_beyond_the_ends(text: str):
    words = (
        rf"--alphas {text.strip()} places positions in \[0, 1\] only; leave --extrapolate away, or write the positions"
    )
    with pytest.raises(ConfigError, match=words):
        positions(text, extrapolate=True)
