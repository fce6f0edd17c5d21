"""What is taken out of a curve file in passing is what reading it whole tells."""

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lininterp_cli.landscape.barrier import BARRIERS, Interval
from lininterp_cli.landscape.curve import Curve, Series, Values
from lininterp_cli.landscape.curve_reader import read_curve
from lininterp_cli.landscape.glance import glance

ALPHAS = (0.0, 0.3, 0.7, 1.0)
LOSSES = st.lists(st.one_of(st.floats(0, 1e8), st.just(math.nan)), min_size=4, max_size=4)


def make(losses, splits=("test", "train"), intervals=None, complete=True):
    def values(loss):
        return Values(num_examples=9, loss=tuple(loss), loss_stderr=(0.1,) * 4, accuracy=(0.5,) * 4)

    return Curve(
        name='odd "name"', run="r", by="block", rest="final", bn="running", dtype="float32", batch_size=8,
        start={"run": "r", "checkpoint": "initial"}, end={"run": "r", "checkpoint": "final"}, complete=complete,
        series=tuple(
            Series(
                block=block, tensors=("a", 'b"barriers": {'), distance=1.0, alphas=ALPHAS,
                splits={split: values(loss) for split in splits}, intervals=intervals or {},
            )
            for block, loss in losses.items()
        ),
    )  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.one_of(st.none(), st.text(min_size=1)), LOSSES, min_size=1, max_size=4),
       st.sampled_from(["test", "train"]), st.sampled_from(list(BARRIERS)), st.booleans())  # fmt: skip
def test_a_glance_sees_what_a_reading_sees(tmp_path, losses, split, definition, complete):
    path = tmp_path / "curve.json"
    make(losses, intervals={"test": {"rise": Interval(0.25, 1e-7)}}, complete=complete).write(path)
    curve = read_curve(path)
    seen = glance(path, split, definition)
    assert seen is not None
    barriers = [
        (one.block, curve.barrier(one, split, definition), one.interval(split, definition)) for one in curve.series
    ]
    expected = [
        (block, barrier.height, barrier.alpha, *((known.low, known.high) if known else (None, None)))
        for block, barrier, known in barriers
        if barrier is not None
    ]
    assert [(top.block, top.height, top.alpha, top.low, top.high) for top in seen.tops] == expected
    whole = next((one for one in curve.series if one.block is None), None)
    assert seen.monotone == (None if whole is None else curve.is_monotone(whole, split))
    assert (seen.head["name"], seen.head["complete"]) == (curve.name, complete)
    assert seen.head["start"] == curve.start


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"schema": 2', '"schema": 1'),
        lambda text: text.replace('"schema": 2', '"schema": 3'),
        lambda text: json.dumps(json.loads(text)),
        lambda text: text.replace('"height": 1', '"height": NaN'),
        lambda text: text.replace('"height": 1', '"height": "1'),
        lambda text: text.replace('"block": "fc"', '"block": "fc'),
        lambda text: text.replace('"bn": ', '"bn": \x00'),
        lambda text: text.replace('"barriers"', '"other"'),
    ],
)
def test_what_looks_otherwise_is_left_to_the_reader(tmp_path, change):
    path = tmp_path / "curve.json"
    make({None: [1.0, 2.0, 0.5, 0.1], "fc": [1.0, 2.0, 0.5, 0.1]}).write(path)
    assert glance(path, "test", "rise") is not None
    assert glance(path, "other", "rise") is None
    text = path.read_text()
    path.write_text(change(text))
    assert path.read_text() != text
    assert glance(path, "test", "rise") is None
