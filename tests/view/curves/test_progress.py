"""The pace of trainings and the plots of what goes on."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.view.curves.progress import (
    Course,
    Pace,
    count_words,
    courses_plot,
    lr_words,
    pace,
    walk_plot,
)
from lininterp_cli.view.look import Look

ALPHAS = (0.0, 0.5, 1.0)


def curve(num_examples=128, stderr=0.3, loss=(2.0, 1.0, 0.1), split_size=360):
    values = Values(
        num_examples=num_examples, loss=loss, loss_stderr=(stderr,) * 3, accuracy=(0.1, 0.5, 0.9),
        split_size=split_size,
    )  # fmt: skip
    return Curve(
        name="by-block", run="r", by="block", rest="final", bn="running", dtype="float32", batch_size=512,
        start={"checkpoint": "initial"}, end={"checkpoint": "final"}, complete=False,
        series=tuple(
            Series(block=block, tensors=(), distance=1.0, alphas=ALPHAS, splits={"test": values})
            for block in (None, "conv1")
        ),
    )  # fmt: skip


def test_the_pace_is_the_median_of_the_last_epochs():
    seconds = [0.0, 10.0, 12.0, 14.0, 17.0, 19.0, 121.0]
    rows = [{"epoch": epoch, "seconds": at, "lr": 0.1, "test_loss": 1.5} for epoch, at in enumerate(seconds)]
    # The last five steps take 2, 2, 3, 2 and 102 seconds.
    assert pace(rows).epoch_seconds == 2.0
    assert pace(rows).seconds_left(10) == 8.0
    assert pace(rows).seconds_left(3) == 0.0
    assert (pace(rows).epoch, pace(rows).lr, pace(rows).loss, pace(rows).speed) == (6, 0.1, 1.5, None)


def test_a_pace_that_nothing_tells_is_unknown():
    assert pace([]) == Pace()
    assert pace([{"epoch": 3, "seconds": 9.0}]).seconds_left(5) is None
    assert pace([{"epoch": 3, "seconds": 9.0}, {"epoch": 4, "seconds": 1.0}]).epoch_seconds is None
    assert math.isnan(pace([{"epoch": 1, "test_loss": None}]).loss)
    seldom = pace([{"epoch": 1, "test_loss": 1.5, "test_accuracy": 0.5}, {"epoch": 2, "lr": 0.1}])
    assert (seldom.epoch, seldom.loss, seldom.accuracy, seldom.lr) == (2, 1.5, 0.5, 0.1)


@given(st.lists(st.dictionaries(
    st.sampled_from(["epoch", "seconds", "test_loss", "train_loss", "lr", "examples_per_second", "test_accuracy"]),
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.lists(st.none())),
), max_size=8), st.booleans())  # fmt: skip
def test_whatever_is_written_down_is_drawn(rows, log):
    at = pace(rows)
    count_words(at.speed)
    lr_words(at.lr)
    text = courses_plot([Course(label="a", place=0, rows=rows)], width=40, height=10, log=log)
    assert all(line.cell_len <= 40 for line in text.split("\n"))
    assert len(text.split("\n")) <= 10


def test_each_training_has_its_letter_and_the_chosen_one_is_bold():
    rows = [{"epoch": epoch, "train_loss": 1.0 / epoch, "test_loss": 2.0 / epoch} for epoch in range(1, 20)]
    others = [{"epoch": epoch, "train_loss": 3.0, "test_loss": 3.5} for epoch in range(1, 20)]
    courses = [Course(label="one", place=0, rows=rows, is_chosen=True), Course(label="two", place=1, rows=others)]
    text = courses_plot(courses, width=60, height=16)
    body = "\n".join(str(text).split("\n")[1:-1])
    assert "a" in body
    assert "b" in body
    assert any("bold #E69F00" in str(span.style) for span in text.spans)
    assert courses_plot(courses, width=60, height=16, look=Look(ascii=True)).plain.isascii()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (24, 6), (80, 20)])
def test_a_walk_fits_and_says_on_what_it_rests(width, height):
    text = walk_plot(curve(), width=width, height=height)
    lines = text.split("\n")
    assert len(lines) <= height
    assert all(line.cell_len <= width for line in lines)
    if width == 80:
        assert "preview: first 128 of 360 examples" in text.plain


def test_the_band_shrinks_with_the_standard_error():
    def inked(stderr):
        text = walk_plot(replace(curve(stderr=stderr)), width=80, height=24, look=Look(ascii=True, depth="none"))
        return {(row, column) for row, line in enumerate(text.plain.split("\n")) for column, one in enumerate(line)
                if one in "*a"}  # fmt: skip

    # Where nothing is uncertain, the band lies on its line.
    assert len(inked(1e-9)) < len(inked(0.2))


def test_a_diverged_walk_and_accuracy_are_drawn():
    assert "not finite" in walk_plot(curve(loss=(2.0, math.nan, 0.1)), width=80, height=20).plain
    assert "accuracy on test" in walk_plot(curve(), metric="accuracy", width=80, height=20).plain
    assert "95%" not in walk_plot(curve(), metric="accuracy", width=80, height=20).plain


def test_words():
    assert [lr_words(lr) for lr in (None, 0.1, 0.0, 5e-5)] == ["", "0.100", "0", "5.0e-05"]
    assert count_words(math.inf) == ""
