"""How far a walk is, and a line of a log that is read as it was written."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.view.curves.walk import WalkPace, read_pace, walk_share, wanted_examples

COUNTS = st.integers(0, 10**9)


def curve(name="by-block", num_examples=90, split_size=360):
    values = Values(
        num_examples=num_examples, split_size=split_size, loss=(2.0, 0.1), loss_stderr=(0.1, 0.1), accuracy=(0.1, 0.9)
    )
    return Curve(
        name=name, run="r", by="full", rest="final", bn="running", dtype="float32", batch_size=8,
        start={"run": "r", "checkpoint": "initial"}, end={"run": "r", "checkpoint": "final"}, complete=False,
        series=(Series(block=None, tensors=(), distance=1.0, alphas=(0.0, 1.0), splits={"test": values}),),
    )  # fmt: skip


def test_how_much_of_a_walk_is_measured():
    assert walk_share(curve()) == 0.25
    assert walk_share(curve(split_size=0)) is None
    assert walk_share(replace(curve(), series=())) is None


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("by-block", 360), ("full-120-examples", 120), ("by-block-120-examples-9aa3bb", 120), ("by-9000-examples", 360),
     ("run-7-examples-to-final-120-examples", 120), ("by-block-1examples", 360)],
)  # fmt: skip
def test_a_part_of_the_split_may_be_wanted(name, wanted):
    assert wanted_examples(curve(name), "test") == wanted
    assert walk_share(curve(name)) == 90 / wanted
    assert wanted_examples(curve(name), "train") == 0


@given(COUNTS, st.none() | COUNTS, COUNTS, st.none() | COUNTS, st.sampled_from(["", "; conv1 rise 0.13 [0.10, 0.16]"]))
def test_a_pace_is_read_as_it_was_written(chunk, num_chunks, speed, left, more):
    pace = WalkPace(chunk=chunk, num_chunks=num_chunks, speed=speed, seconds_left=left)
    assert read_pace(pace.words + more) == pace


@given(st.text())
def test_another_line_has_no_pace(line):
    assert read_pace(line) is None
    assert read_pace(f"chunk {line}; x") is None or line[0].isdigit()
