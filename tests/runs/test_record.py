"""`run.json`: what is written comes back, what is damaged is a StoreError, whatever it holds."""

import json
import math
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from lininterp_cli.errors import StoreError
from lininterp_cli.runs.record import SCHEMA, Record, read_record

STATUSES = ["running", "finished", "interrupted", "failed", "diverged"]
KINDS = ["train", "reset-block", "import"]
METRICS = ["train_loss", "train_accuracy", "test_loss", "test_accuracy"]

FULL: dict[str, Any] = {
    "schema": 1,
    "id": "mlp-digits-adam-s3-0123ab",
    "config": {"model": {"name": "mlp"}, "seed": 3},
    "digest": "0123ab" + "0" * 58,
    "name": "first",
    "kind": "reset-block",
    "parent": "mlp-digits-adam-s2-abcdef",
    "folder": "/home/me/nets",
    "data": {"test": "01ab", "train": "23cd"},
    "sources": {"initial": {"file": "a.pt", "sha256": "01"}},
    "status": "diverged",
    "error": "the loss was nan at epoch 2",
    "tags": ["a", "é"],
    "save_at": [1, 5],
    "environment": {"torch": "2.11", "device": "cpu"},
    "times": {"created": "2026-01-02T03:04:05Z", "finished": None, "seconds": {"training": 1.5}},
    "num_parameters": 12,
    "num_classes": 10,
    "epoch": 2,
    "result": {"initial": {"train_loss": 2.3, "test_loss": None}, "final": {"train_loss": 0.5}},
    "distance": {"fc": 1.25, "conv1": None},
    "distance_total": 1.25,
    "initial_norm": {"fc": 2.5, "conv1": None},
    "initial_norm_total": 2.5,
}

FINITE = st.floats(allow_nan=False, allow_infinity=False)
METRIC = st.floats() | st.none()
SHORT = st.text(max_size=5)
CONFIG = st.dictionaries(SHORT, SHORT | st.integers() | st.dictionaries(SHORT, FINITE | st.booleans(), max_size=2))
RECORDS = st.builds(
    Record,
    id=st.from_regex(r"[a-z0-9][a-z0-9.-]{0,8}", fullmatch=True),
    config=CONFIG,
    digest=SHORT,
    name=st.none() | SHORT,
    kind=st.sampled_from(KINDS),
    parent=st.none() | SHORT,
    folder=st.none() | SHORT,
    data=st.dictionaries(SHORT, SHORT, max_size=2),
    sources=st.dictionaries(SHORT, st.dictionaries(SHORT, SHORT, max_size=2), max_size=2),
    status=st.sampled_from(STATUSES),
    error=st.none() | SHORT,
    tags=st.lists(SHORT, max_size=2),
    save_at=st.lists(st.integers(0, 100), max_size=3),
    environment=st.dictionaries(SHORT, SHORT, max_size=2),
    times=st.dictionaries(SHORT, SHORT | FINITE | st.none(), max_size=2),
    num_parameters=st.integers(0, 10**12),
    num_classes=st.integers(0, 1000),
    epoch=st.integers(0, 1000),
    result=st.dictionaries(
        st.sampled_from(["initial", "final"]), st.dictionaries(st.sampled_from(METRICS), METRIC, max_size=4)
    ),
    distance=st.dictionaries(SHORT, METRIC, max_size=3),
    distance_total=METRIC,
    initial_norm=st.dictionaries(SHORT, METRIC, max_size=3),
    initial_norm_total=METRIC,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("record") / "run.json"


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nan(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


@settings(deadline=None, max_examples=60)
@given(record=RECORDS)
def test_a_record_comes_back(path: Path, record: Record) -> None:
    record.write(path)
    json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)
    assert asdict(read_record(path)) == without_nan(asdict(record))


def test_writing_changes_nothing_in_the_record(path: Path) -> None:
    record = Record(id="a", config={}, result={"final": {"test_loss": math.inf}}, distance_total=math.nan)
    record.distance["fc"] = -math.inf
    record.write(path)
    assert record.result["final"]["test_loss"] == math.inf
    assert record.distance["fc"] == -math.inf
    assert math.isnan(record.distance_total or 0)


def test_metrics_that_are_not_finite_are_null(path: Path) -> None:
    record = Record(id="a", config={}, result={"final": {"test_loss": math.nan, "train_loss": math.inf}})
    record.write(path)
    assert json.loads(path.read_text())["result"] == {"final": {"test_loss": None, "train_loss": None}}


def test_the_file_is_pinned(path: Path) -> None:
    Record(**{key: value for key, value in FULL.items() if key != "schema"}).write(path)
    assert path.read_text(encoding="utf-8") == json.dumps(FULL, indent=1, ensure_ascii=False) + "\n"
    assert SCHEMA == 1


def test_what_is_missing_stands_at_its_default(path: Path) -> None:
    path.write_text('{"schema": 1, "id": "a", "config": {}}')
    assert read_record(path) == Record(id="a", config={})
    assert asdict(Record(id="a", config={})) == {
        "id": "a",
        "config": {},
        "digest": "",
        "name": None,
        "kind": "train",
        "parent": None,
        "folder": None,
        "data": {},
        "sources": {},
        "status": "running",
        "error": None,
        "tags": [],
        "save_at": [],
        "environment": {},
        "times": {},
        "num_parameters": 0,
        "num_classes": 0,
        "epoch": 0,
        "result": {},
        "distance": {},
        "distance_total": None,
        "initial_norm": {},
        "initial_norm_total": None,
    }


def test_two_records_share_no_default() -> None:
    one, other = Record(id="a", config={}), Record(id="b", config={})
    one.tags.append("x")
    one.result["final"] = {}
    assert (other.tags, other.result) == ([], {})


def test_unknown_keys_are_left_alone(path: Path) -> None:
    path.write_text(json.dumps({**FULL, "later": [1], "write": 3, "__class__": "x"}))
    assert read_record(path) == Record(**{key: value for key, value in FULL.items() if key != "schema"})


@pytest.mark.parametrize("key", ["id", "config"])
def test_a_record_that_names_no_run(path: Path, key: str) -> None:
    path.write_text(json.dumps({other: value for other, value in FULL.items() if other != key}))
    with pytest.raises(StoreError, match="names no run"):
        read_record(path)


WRONG: dict[str, list[object]] = {
    "id": [None, 3, [], "", "../a", "a/b", "..", "."],
    "config": [None, [], "x", 3],
    "digest": [None, 3, []],
    "name": [3, [], {}, False],
    "kind": [None, 3, "trained", []],
    "parent": [3, [], {}],
    "data": [None, [], "x", {"train": 1}, {"train": None}],
    "status": [None, 3, "", "done", []],
    "error": [3, []],
    "tags": [None, "abc", {}, [3], [None]],
    "save_at": [None, "123", [1.5], ["1"], [True], [[]]],
    "environment": [None, [], "x"],
    "times": [None, [], "x", 3],
    "num_parameters": [None, "3", 1.5, True, []],
    "num_classes": [None, "3", 1.5, True],
    "epoch": [None, "3", 1.5, True, [1]],
    "result": [None, [], {"final": 3}, {"final": None}, {"final": {"test_loss": "0.5"}}, {"final": {"test_loss": []}}],
    "distance": [None, [], {"fc": "1"}, {"fc": []}, {"fc": True}],
    "distance_total": ["1", [], True],
    "initial_norm": [None, {"fc": "1"}],
    "initial_norm_total": ["1"],
}


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, values in WRONG.items() for value in values], ids=lambda v: repr(v)[:30]
)
def test_a_field_of_another_type_is_a_store_error(path: Path, key: str, value: object) -> None:
    path.write_text(json.dumps({**FULL, key: value}))
    with pytest.raises(StoreError, match=rf"is damaged: .*{key}") as caught:
        read_record(path)
    assert str(path) in str(caught.value)


def is_number(value: object) -> bool:
    return value is None or type(value) in (int, float)


def assert_typed(record: Record) -> None:
    assert all(type(getattr(record, key)) is str for key in ("id", "digest"))
    assert all(isinstance(getattr(record, key), str | None) for key in ("name", "parent", "error"))
    assert record.status in STATUSES
    assert record.kind in KINDS
    assert all(type(getattr(record, key)) is dict for key in ("config", "environment", "times"))
    assert all(type(getattr(record, key)) is int for key in ("num_parameters", "num_classes", "epoch"))
    assert all(type(digest) is str for digest in record.data.values())
    assert type(record.tags) is list
    assert all(type(tag) is str for tag in record.tags)
    assert type(record.save_at) is list
    assert all(type(epoch) is int for epoch in record.save_at)
    assert all(is_number(number) for metrics in record.result.values() for number in metrics.values())
    assert all(is_number(number) for number in record.distance.values())
    assert is_number(record.distance_total)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | SHORT | st.sampled_from(STATUSES + KINDS),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(SHORT, inner, max_size=2),
    max_leaves=5,
)


@settings(deadline=None, max_examples=150)
@given(changes=st.dictionaries(st.sampled_from([item.name for item in fields(Record)]), JSON, min_size=1, max_size=3))
@example(changes={"result": {"final": {"test_loss": 10**400}}})
@example(changes={"times": {"created": [1]}})
def test_any_values_are_a_sound_record_or_a_store_error(path: Path, changes: dict[str, Any]) -> None:
    path.write_text(json.dumps({**FULL, **changes}))
    try:
        record = read_record(path)
    except StoreError:
        return
    assert_typed(record)
    again = path.with_name("again.json")
    record.write(again)
    assert asdict(read_record(again)) == without_nan(asdict(record))


@settings(deadline=None)
@given(data=st.data())
def test_a_torn_record_is_a_store_error(path: Path, data: st.DataObject) -> None:
    whole = json.dumps(FULL).encode()
    length = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:length])
    with pytest.raises(StoreError):
        read_record(path)


@settings(deadline=None)
@given(position=st.integers(0, len(json.dumps(FULL)) - 1), byte=st.integers(0, 255))
def test_a_flipped_byte_is_a_sound_record_or_a_store_error(path: Path, position: int, byte: int) -> None:
    whole = bytearray(json.dumps(FULL).encode())
    assume(whole[position] != byte)
    whole[position] = byte
    path.write_bytes(whole)
    try:
        record = read_record(path)
    except StoreError:
        return
    assert_typed(record)


def test_a_record_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_record(tmp_path / "run.json")
