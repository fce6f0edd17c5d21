"""What is taken out of a curve file at a glance is what reading all of it finds, or nothing."""

import json
import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lininterp_cli.errors import StoreError
from lininterp_cli.landscape.curves.barrier import BARRIERS, Interval
from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.landscape.curves.glance import glance, glance_head, is_complete
from lininterp_cli.landscape.curves.reader import read_curve

LOSSES = st.one_of(st.floats(0, 20), st.sampled_from([math.nan, math.inf, 1e300, 0.0]))
NAMES = st.one_of(
    st.none(), st.text(max_size=8), st.sampled_from(['"', "\\", "layer1.0", '\n   "barriers": {', "ü\x1b"])
)


@st.composite
def curves(draw):
    count = draw(st.integers(1, 5))
    alphas = tuple(index / count for index in range(count))
    splits = draw(st.sampled_from([("test",), ("test", "train"), ("train", "test")]))

    def values():
        loss = tuple(draw(st.lists(LOSSES, min_size=count, max_size=count)))
        return Values(num_examples=9, loss=loss, loss_stderr=(0.1,) * count, accuracy=(0.5,) * count)

    def intervals():
        return (
            {split: dict.fromkeys(BARRIERS, Interval(0.125, 1e-7)) for split in splits} if draw(st.booleans()) else {}
        )

    def series():
        return Series(
            block=draw(NAMES), tensors=("a.weight",), distance=draw(LOSSES), alphas=alphas,
            splits={split: values() for split in splits}, intervals=intervals(),
        )  # fmt: skip

    return Curve(
        name=draw(st.text(max_size=5)), run="r", by="block", rest="final", bn="running", dtype="float32", batch_size=1,
        start={"checkpoint": "initial"}, end={"run": "r", "checkpoint": "final", "note": '\n "series": ['},
        series=tuple(series() for _ in range(draw(st.integers(1, 4)))), complete=draw(st.booleans()),
    )  # fmt: skip


def expected(curve, split, definition):
    """What the whole curve says: block, height, alpha, interval; and whether its whole network is monotone."""
    tops = []
    for series in curve.series:
        barrier, interval = curve.barrier(series, split, definition), series.interval(split, definition)
        if barrier is not None:
            ends = (None, None) if interval is None else (interval.low, interval.high)
            tops.append((series.block, barrier.height, barrier.alpha, *ends))
    monotone = [curve.is_monotone(series, split) for series in curve.series if series.block is None]
    return tops, monotone[-1] if monotone else None


def told(seen):
    return [(top.block, top.height, top.alpha, top.low, top.high) for top in seen.tops], seen.monotone


def written(curve, folder):
    path = Path(folder) / "curve.json"
    curve.write(path)
    return path


@pytest.fixture
def path(tmp_path):
    values = Values(num_examples=9, loss=(1.0, 3.0, 0.5), loss_stderr=(0.1,) * 3, accuracy=(0.1, 0.1, 0.9))
    series = [
        Series(block=block, tensors=(), distance=1.0, alphas=(0.0, 0.5, 1.0), splits={"test": values, "train": values})
        for block in (None, "conv1", "fc")
    ]
    curve = Curve(
        name="by-block", run="r", by="block", rest="final", bn="running", dtype="float32", batch_size=1,
        start={"checkpoint": "initial"}, end={"checkpoint": "final"}, series=tuple(series),
    )  # fmt: skip
    return written(curve, tmp_path)


@settings(max_examples=60)
@given(curves(), st.sampled_from(["test", "train"]), st.sampled_from(list(BARRIERS)))
def test_a_written_curve_is_told_as_it_is_read(curve, split, definition):
    with tempfile.TemporaryDirectory() as folder:
        path = written(curve, folder)
        seen, curve, head = glance(path, split, definition), read_curve(path), glance_head(path, split)
        assert is_complete(path) == curve.complete
    if split not in curve.splits:
        assert seen is None
        assert head is None
        return
    assert head == (seen.head, 9, sum(len(series.alphas) for series in curve.series))
    assert seen is not None
    assert told(seen) == expected(curve, split, definition)
    assert (seen.head["name"], seen.head["complete"], seen.head["end"]) == (curve.name, curve.complete, curve.end)


@settings(max_examples=150)
@given(curves(), st.data())
def test_a_damaged_file_never_ends_in_an_exception(curve, data):
    with tempfile.TemporaryDirectory() as folder:
        path = written(curve, folder)
        content = path.read_bytes()
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 400)))
        path.write_bytes(content[:start] + data.draw(st.binary(max_size=6)) + content[end:])
        seen, head = glance(path, "test", "rise"), glance_head(path, "test")
    assert head is None or isinstance(head[0], dict)
    for top in seen.tops if seen else ():
        assert top.block is None or isinstance(top.block, str)
        assert all(value is None or math.isfinite(value) for value in (top.height, top.alpha, top.low, top.high))


@pytest.mark.parametrize(
    "barriers",
    [
        {}, [], 3, "high", None, {"test": {}}, {"test": []}, {"test": None}, {"train": {"rise": None}},
        {"test": {"rise": 3}}, {"test": {"rise": {"height": "x", "alpha": 0.5}}},
        {"test": {"rise": {"height": math.nan, "alpha": 0.5}}}, {"test": {"rise": {"height": [1.0], "alpha": 0.5}}},
        {"test": {"rise": {"height": True, "alpha": 0.5}}}, {"test": {"rise": {"alpha": 0.5}}}, {"test": {"rise": {}}},
        {"test": {"rise": {"height": 1.0, "alpha": 0.5, "low": "x", "high": 1.0}}},
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 1, 2])
def test_barriers_of_another_shape_are_left_to_the_reader(path, barriers, place):
    content = json.loads(path.read_text())
    content["series"][place]["barriers"] = barriers
    path.write_text(json.dumps(content, indent=1) + "\n")
    assert glance(path, "test", "rise") is None


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_series_without_barriers_is_not_given_those_of_the_next(path, place):
    content = json.loads(path.read_text())
    del content["series"][place]["barriers"]
    path.write_text(json.dumps(content, indent=1) + "\n")
    assert glance(path, "test", "rise") is None
    assert len(read_curve(path).series) == 3


def test_more_than_a_float_can_hold_is_no_height(path):
    text = path.read_text()
    path.write_text(text.replace('"height": 2.0', '"height": 2e999'))
    assert path.read_text() != text
    assert glance(path, "test", "rise") is None


@pytest.mark.parametrize("layout", [{}, {"indent": 2}, {"indent": 1, "sort_keys": True}, {"separators": (",", ":")}])
def test_another_layout_is_left_to_the_reader(path, layout):
    path.write_text(json.dumps(json.loads(path.read_text()), **layout) + "\n")
    assert glance(path, "test", "rise") is None
    for complete in (True, False):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"complete": complete}, **layout) + "\n")
        assert is_complete(path) == complete


def test_whether_a_curve_is_complete_is_read_off_a_long_head_too(path):
    content = {"environment": {"note": "x" * 100_000}} | json.loads(path.read_text())
    for complete in (True, False):
        path.write_text(json.dumps(content | {"complete": complete}, indent=1) + "\n")
        assert is_complete(path) == complete


@pytest.mark.parametrize("schema", [1, 3, "2", None])
def test_another_schema_is_left_to_the_reader(path, schema):
    content = json.loads(path.read_text()) | {"schema": schema}
    path.write_text(json.dumps(content, indent=1) + "\n")
    assert glance(path, "test", "rise") is None
    assert glance_head(path, "test") is None


def test_a_torn_file_is_left_to_the_reader(path):
    content = path.read_bytes()
    for end in range(0, len(content) - 1, 97):
        path.write_bytes(content[:end])
        assert glance(path, "test", "rise") is None
        assert glance_head(path, "test") is None
        with pytest.raises(StoreError):
            read_curve(path)
