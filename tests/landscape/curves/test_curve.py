"""Curves as data and as files: the file's contract, round trips, and damage that is a StoreError."""

import json
import math
from copy import deepcopy
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lininterp_cli.errors import StoreError
from lininterp_cli.landscape.curves.barrier import BARRIERS, Barrier, Interval, is_monotone
from lininterp_cli.landscape.curves.curve import SCHEMA, BatchNorm, Curve, Granularity, Metric, Rest, Series, Values
from lininterp_cli.landscape.curves.reader import read_curve

SMALL = Curve(
    name="final-by-block",
    run="mlp-digits-adam-s0-35398f",
    start={"run": "mlp-digits-adam-s0-35398f", "checkpoint": "initial"},
    end={"run": "mlp-digits-adam-s0-35398f", "checkpoint": "final"},
    by="block",
    rest="final",
    bn="running",
    dtype="float32",
    batch_size=512,
    order_seed=7,
    bn_examples=64,
    environment={"device": "cpu"},
    data={"test": "0a1b", "train": "2c3d"},
    interval_method="a band",
    complete=False,
    asked={"precision": 0.05, "metric": "loss"},
    series=(
        Series(
            block=None,
            tensors=("fc.weight", "fc.bias"),
            distance=2.5,
            alphas=(0.0, 0.5, 1.0),
            intervals={"test": {"rise": Interval(0.25, 0.75)}},
            accuracy_intervals={"test": {"chord": Interval(0.25, 0.5)}},
            splits={
                "test": Values(
                    num_examples=360,
                    split_size=720,
                    loss=(2.0, 2.5, 1.0),
                    loss_stderr=(0.25, 0.125, 0.0),
                    accuracy=(0.25, 0.125, 0.75),
                )
            },
        ),
        Series(
            block="fc",
            tensors=("fc.weight",),
            distance=0.0,
            alphas=(0.0, 0.75, 1.0),
            splits={
                "test": Values(
                    num_examples=360,
                    split_size=720,
                    loss=(math.nan, 0.5, 0.0),
                    loss_stderr=(math.inf, 0.0, 0.0),
                    accuracy=(0.0, 0.5, 1.0),
                )
            },
        ),
    ),
)

GOLDEN: dict[str, Any] = {
    "schema": 2,
    "name": "final-by-block",
    "run": "mlp-digits-adam-s0-35398f",
    "path": "linear",
    "by": "block",
    "rest": "final",
    "bn": "running",
    "dtype": "float32",
    "batch_size": 512,
    "order_seed": 7,
    "bn_examples": 64,
    "interval_method": "a band",
    "complete": False,
    "start": {"run": "mlp-digits-adam-s0-35398f", "checkpoint": "initial"},
    "end": {"run": "mlp-digits-adam-s0-35398f", "checkpoint": "final"},
    "asked": {"precision": 0.05, "metric": "loss"},
    "environment": {"device": "cpu"},
    "data": {"test": "0a1b", "train": "2c3d"},
    "series": [
        {
            "block": None,
            "tensors": ["fc.weight", "fc.bias"],
            "distance": 2.5,
            "alphas": [0.0, 0.5, 1.0],
            "splits": {
                "test": {
                    "num_examples": 360,
                    "split_size": 720,
                    "loss": [2.0, 2.5, 1.0],
                    "loss_stderr": [0.25, 0.125, 0.0],
                    "accuracy": [0.25, 0.125, 0.75],
                    "num_missing": 0,
                }
            },
            "barriers": {
                "test": {
                    "rise": {"height": 0.5, "alpha": 0.5, "low": 0.25, "high": 0.75},
                    "chord": {"height": 1.0, "alpha": 0.5},
                    "mean": {"height": 1.0, "alpha": 0.5},
                    "max": {"height": 0.5, "alpha": 0.5},
                }
            },
            "accuracy_barriers": {
                "test": {
                    "rise": {"height": 0.125, "alpha": 0.5},
                    "chord": {"height": 0.375, "alpha": 0.5, "low": 0.25, "high": 0.5},
                    "mean": {"height": 0.375, "alpha": 0.5},
                    "max": {"height": 0.125, "alpha": 0.5},
                }
            },
            "monotone": {"test": False},
        },
        {
            "block": "fc",
            "tensors": ["fc.weight"],
            "distance": 0.0,
            "alphas": [0.0, 0.75, 1.0],
            "splits": {
                "test": {
                    "num_examples": 360,
                    "split_size": 720,
                    "loss": [None, 0.5, 0.0],
                    "loss_stderr": [None, 0.0, 0.0],
                    "accuracy": [0.0, 0.5, 1.0],
                    "num_missing": 1,
                }
            },
            "barriers": {"test": {"rise": {"height": 0.0, "alpha": 0.75}, "chord": None, "mean": None, "max": None}},
            "accuracy_barriers": {
                "test": {
                    "rise": {"height": 0.0, "alpha": 0.0},
                    "chord": {"height": 0.25, "alpha": 0.75},
                    "mean": {"height": 0.5, "alpha": 0.0},
                    "max": {"height": 0.0, "alpha": 0.0},
                }
            },
            "monotone": {"test": None},
        },
    ],
}

FIRST: dict[str, Any] = json.loads((Path(__file__).parent / "golden" / "curve-schema-1.json").read_text())
"""A file as it was written when all series had the same alphas."""

OLDEST = {  # what the contract names; keys that came later stand at their defaults
    **{key: FIRST[key] for key in ("schema", "run", "start", "end", "path", "by", "rest", "bn", "dtype", "alphas")},
    "series": [
        {
            "block": one["block"],
            "tensors": one["tensors"],
            "distance": one["distance"],
            "splits": {
                "test": {key: one["splits"]["test"][key] for key in ("num_examples", "loss", "loss_stderr", "accuracy")}
            },
        }
        for one in FIRST["series"]
    ],
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("curve") / "final-by-block.json"


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def strict(text: str) -> Any:
    return json.loads(text, parse_constant=refuse)


def test_the_file_is_pinned(path: Path) -> None:
    SMALL.write(path)
    assert strict(path.read_text()) == GOLDEN
    assert path.read_text() == json.dumps(GOLDEN, indent=1) + "\n"
    assert SCHEMA == 2


@pytest.mark.parametrize("key", ["barriers", "accuracy_barriers"])
def test_every_barrier_is_in_the_file(key: str) -> None:
    assert list(GOLDEN["series"][0][key]["test"]) == list(BARRIERS)


def test_the_golden_file_is_read(path: Path) -> None:
    path.write_text(json.dumps(GOLDEN))
    curve = read_curve(path)
    assert curve.to_dict() == GOLDEN
    assert curve == as_read(SMALL)
    assert isinstance(curve.series[0].alphas, tuple)
    assert isinstance(curve.series[0].tensors, tuple)
    assert math.isnan(curve.series[1].splits["test"].loss[0])
    assert math.isnan(curve.series[1].splits["test"].loss_stderr[0])


def with_shared_alphas() -> Curve:
    """SMALL as far as a file of schema 1 can tell it."""
    series = (replace(one, alphas=(0.0, 0.5, 1.0), accuracy_intervals={}) for one in SMALL.series)
    return replace(SMALL, series=tuple(series), complete=True, asked={}, data={})


def test_a_file_of_schema_1_is_read(path: Path) -> None:
    path.write_text(json.dumps(FIRST))
    assert FIRST["schema"] == 1
    assert read_curve(path) == as_read(with_shared_alphas())


def test_barriers_of_the_loss_are_those_of_schema_1(path: Path) -> None:
    path.write_text(json.dumps(FIRST))
    for old, new in zip(FIRST["series"], read_curve(path).to_dict()["series"], strict=True):
        assert {key: new[key] for key in old} == old


def test_a_file_of_the_first_days_is_read(path: Path) -> None:
    path.write_text(json.dumps(OLDEST))
    curve = read_curve(path)
    assert curve.name == path.stem
    assert (curve.batch_size, curve.order_seed, curve.bn_examples, curve.environment) == (0, 0, 0, {})
    expected = with_shared_alphas().to_dict() | {"name": path.stem, "batch_size": 0, "order_seed": 0, "bn_examples": 0}
    expected |= {"interval_method": ""}
    expected["series"][0]["barriers"]["test"]["rise"] = {"height": 0.5, "alpha": 0.5}
    expected["environment"] = {}
    for series in expected["series"]:
        series["splits"]["test"]["split_size"] = 0
    assert curve.to_dict() == expected


@pytest.mark.parametrize("key", ["complete", "asked"])
def test_a_curve_is_complete_unless_it_says_otherwise(path: Path, key: str) -> None:
    path.write_text(json.dumps({name: value for name, value in GOLDEN.items() if name != key}))
    assert getattr(read_curve(path), key) == {"complete": True, "asked": {}}[key]


def test_unknown_keys_are_left_alone(path: Path) -> None:
    later = deepcopy(GOLDEN) | {"later": [1]}
    later["series"][0] |= {"later": 1}
    later["series"][0]["splits"]["test"] |= {"later": 1}
    path.write_text(json.dumps(later))
    assert read_curve(path).to_dict() == GOLDEN


def test_barriers_of_a_file_are_derived_again(path: Path) -> None:
    other = deepcopy(GOLDEN)
    other["series"][0]["barriers"]["test"]["rise"] = {"height": 99.0, "alpha": 0.25}
    other["series"][0]["accuracy_barriers"]["test"]["rise"] = {"height": 99.0, "alpha": 0.25}
    path.write_text(json.dumps(other))
    curve = read_curve(path)
    assert curve.barrier(curve.series[0], "test", "rise") == Barrier(0.5, 0.5)
    assert curve.barrier(curve.series[0], "test", "rise", "accuracy") == Barrier(0.125, 0.5)


NUMBER = st.floats(-1e6, 1e6)
LOSS = NUMBER | st.sampled_from([math.nan, math.inf, -math.inf])
TEXT = st.text(max_size=5)
ENDPOINT = st.dictionaries(st.sampled_from(["run", "checkpoint"]), TEXT, max_size=2)


ALPHAS = st.sets(st.floats(-1, 2) | st.sampled_from([0.0, 1.0]), min_size=1, max_size=5).map(sorted).map(tuple)


@st.composite
def random_series(draw: st.DrawFn, names: list[str]) -> Series:
    alphas = draw(ALPHAS)
    numbers = st.tuples(*(LOSS for _ in alphas))
    values = st.builds(
        Values,
        num_examples=st.integers(1, 10**6),
        split_size=st.integers(0, 10**6),
        loss=numbers,
        loss_stderr=numbers,
        accuracy=numbers,
    )
    return Series(
        block=draw(st.none() | TEXT),
        tensors=tuple(draw(st.lists(TEXT, max_size=3))),
        distance=draw(LOSS),
        alphas=alphas,
        splits={name: draw(values) for name in names},
    )


@st.composite
def random_curves(draw: st.DrawFn) -> Curve:
    names = draw(st.lists(st.sampled_from(["test", "train"]), unique=True, min_size=1))
    return Curve(
        name=draw(TEXT),
        run=draw(TEXT),
        start=draw(ENDPOINT),
        end=draw(ENDPOINT),
        by=draw(st.sampled_from(get_args(Granularity))),
        rest=draw(st.sampled_from(get_args(Rest))),
        bn=draw(st.sampled_from(get_args(BatchNorm))),
        dtype=draw(st.sampled_from(["float32", "bfloat16"])),
        batch_size=draw(st.integers(1, 10**4)),
        series=tuple(draw(st.lists(random_series(names), min_size=1, max_size=3))),
        order_seed=draw(st.integers(0, 2**63 - 1)),
        bn_examples=draw(st.integers(0, 10**4)),
        environment=draw(st.dictionaries(TEXT, TEXT, max_size=2)),
        data=draw(st.dictionaries(TEXT, TEXT, max_size=2)),
        complete=draw(st.booleans()),
        asked=draw(st.dictionaries(TEXT, TEXT | NUMBER, max_size=2)),
    )


def nan_where_not_finite(numbers: tuple[float, ...]) -> tuple[float, ...]:
    # `math.nan` is one object, so tuples that hold it compare equal.
    return tuple(number if math.isfinite(number) else math.nan for number in numbers)


def as_read(curve: Curve) -> Curve:
    def series(one: Series) -> Series:
        splits = {
            name: Values(
                num_examples=values.num_examples,
                split_size=values.split_size,
                loss=nan_where_not_finite(values.loss),
                loss_stderr=nan_where_not_finite(values.loss_stderr),
                accuracy=nan_where_not_finite(values.accuracy),
            )
            for name, values in one.splits.items()
        }
        return replace(one, distance=nan_where_not_finite((one.distance,))[0], splits=splits)

    return replace(curve, series=tuple(map(series, curve.series)))


@settings(deadline=None, max_examples=60)
@given(curve=random_curves())
def test_a_curve_comes_back(path: Path, curve: Curve) -> None:
    curve.write(path)
    content = strict(path.read_text(encoding="utf-8"))
    again = read_curve(path)
    assert repr(again) == repr(as_read(curve))  # NaN is not equal to itself
    assert again.to_dict() == curve.to_dict() == content


@settings(deadline=None)
@given(curve=random_curves())
def test_num_missing_and_worst_agree_with_the_series(curve: Curve) -> None:
    for series in curve.series:
        for values in series.splits.values():
            assert values.num_missing == sum(str(loss) in ("nan", "inf", "-inf") for loss in values.loss)
    for split, definition, metric in product(curve.splits, BARRIERS, get_args(Metric)):
        found = curve.worst(split, definition, metric)
        barriers = [curve.barrier(series, split, definition, metric) for series in curve.series]
        heights = [barrier.height for barrier in barriers if barrier is not None]
        if found is None:
            assert heights == []
        else:
            assert found[1].height == max(heights)
            assert found[1] == curve.barrier(found[0], split, definition, metric)


@settings(deadline=None)
@given(curve=random_curves())
def test_barriers_of_the_error_are_those_of_a_loss_that_is_1_minus_accuracy(curve: Curve) -> None:
    for series in curve.series:
        for split, values in series.splits.items():
            errors = [1 - value for value in values.accuracy]
            assert curve.is_monotone(series, split, "accuracy") == is_monotone(series.alphas, errors)
            for definition, measure in BARRIERS.items():
                assert curve.barrier(series, split, definition, "accuracy") == measure(series.alphas, errors)


def test_a_flat_accuracy_has_no_barrier_by_rounding() -> None:
    alphas = tuple(index / 49 for index in range(50))
    flat = Values(num_examples=9, loss=(1.0,) * 50, loss_stderr=(0.0,) * 50, accuracy=(0.1,) * 50)
    series = replace(SMALL.series[0], alphas=alphas, splits={"test": flat})
    for definition in BARRIERS:
        assert SMALL.barrier(series, "test", definition, "accuracy") == Barrier(0.0, 0.0)
    assert SMALL.is_monotone(series, "test", "accuracy") is True


def test_an_interval_is_that_of_its_metric() -> None:
    series = SMALL.series[0]
    assert series.interval("test", "rise") == Interval(0.25, 0.75)
    assert series.interval("test", "chord", "accuracy") == Interval(0.25, 0.5)
    assert series.interval("test", "rise", "accuracy") is series.interval("train", "rise") is None


def test_the_worst_of_flat_curves_is_a_value_not_missing() -> None:
    flat = replace(SMALL.series[0].splits["test"], loss=(0.0, 0.0, 0.0))
    curve = replace(SMALL, series=(replace(SMALL.series[0], splits={"test": flat}, intervals={}),))
    for definition in BARRIERS:
        assert curve.worst("test", definition) == (curve.series[0], Barrier(0.0, 0.0))
        assert curve.to_dict()["series"][0]["barriers"]["test"][definition] == {"height": 0.0, "alpha": 0.0}
    assert curve.to_dict()["series"][0]["monotone"] == {"test": True}


def test_nothing_walked() -> None:
    empty = replace(SMALL, series=())
    assert empty.splits == []
    assert empty.worst("test", "rise") is None
    assert empty.to_dict()["series"] == []


def test_labels_splits_and_default_definition() -> None:
    assert [series.label for series in SMALL.series] == ["all", "fc"]
    assert SMALL.splits == ["test"]
    assert SMALL.default_definition == "rise"
    assert replace(SMALL, start={"run": "a", "checkpoint": "final"}).default_definition == "chord"
    assert replace(SMALL, start={"run": "a", "checkpoint": "epoch-0005"}).default_definition == "rise"
    assert replace(SMALL, start={}).default_definition == "rise"


def use(curve: Curve) -> None:
    """Everything a reader of a curve does; a curve that was read must bear it."""
    strict(json.dumps(curve.to_dict(), allow_nan=False))
    assert curve.default_definition in BARRIERS
    assert [type(value) for value in (curve.name, curve.run, curve.dtype)] == [str] * 3
    assert [type(value) for value in (curve.batch_size, curve.order_seed, curve.bn_examples)] == [int] * 3
    assert curve.path == "linear"
    assert curve.by in get_args(Granularity)
    assert curve.rest in get_args(Rest)
    assert curve.bn in get_args(BatchNorm)
    assert all(type(value) is dict for value in (curve.start, curve.end, curve.environment))
    assert type(curve.complete) is bool
    assert type(curve.asked) is dict
    for series in curve.series:
        assert all(math.isfinite(alpha) for alpha in series.alphas)
        assert list(series.alphas) == sorted(series.alphas)
        assert series.label
        assert series.block is None or type(series.block) is str
        assert all(type(name) is str for name in series.tensors)
        assert list(series.splits) == curve.splits
        assert all(type(values.num_examples) is type(values.split_size) is int for values in series.splits.values())
    for split in curve.splits:
        for definition, metric in product(BARRIERS, get_args(Metric)):
            curve.worst(split, definition, metric)


def with_series(key: str, *values: object) -> dict[str, Any]:
    """The golden file with one key of its second series changed, or taken out where no value is given."""
    content = deepcopy(GOLDEN)
    return damaged(content, content["series"][1], key, values)


def with_values(key: str, *values: object) -> dict[str, Any]:
    """The golden file with one key of its first series' split changed, or taken out."""
    content = deepcopy(GOLDEN)
    return damaged(content, content["series"][0]["splits"]["test"], key, values)


def damaged(content: dict[str, Any], place: dict[str, Any], key: str, values: tuple[object, ...]) -> dict[str, Any]:
    place.pop(key, None)
    for value in values:
        place[key] = value
    return content


BAD_SERIES: dict[str, list[object]] = {
    "block": [3, [], {}, True],
    "tensors": [None, "abc", 3, [3], [None], {"a": 1}],
    "alphas": [
        None,
        "012",
        [],
        [0.0, 1.0],
        [0.0, 0.25, 0.5, 1.0],
        ["0.0", "0.5", "1.0"],
        [0.0, None, 1.0],
        [0.0, math.nan, 1.0],
        [0.0, 0.5, 10**400],
        [1.0, 0.5, 0.0],
    ],
    "distance": ["1", [], 10**400, True],
    "splits": [
        None,
        [],
        "x",
        {"test": None},
        {"test": 3},
        {"test": {}},
        {"train": GOLDEN["series"][0]["splits"]["test"]},
    ],
}
BAD_VALUES: dict[str, list[object]] = {
    "num_examples": [None, "360", 1.5, math.nan, math.inf, [], True],
    "split_size": ["360", 1.5, math.inf, [], True],
    "loss": [
        None,
        "abc",
        [],
        [1.0, 2.0],
        [1.0, 2.0, "3"],
        [1.0, 2.0, []],
        [1.0, 2.0, 10**400],
        {"a": 1, "b": 2, "c": 3},
    ],
    "loss_stderr": [None, [1.0], [1.0, 2.0, True]],
    "accuracy": [None, 0.5, [1.0, 2.0, {}]],
}
NO_CHOICE: tuple[object, ...] = ("x", [])
NO_TEXT: tuple[object, ...] = (None, 3, True)
NO_COUNT: tuple[object, ...] = (None, "3", 1.5, True, [])

DAMAGED: dict[str, dict[str, Any]] = {
    **{f"no {key}": {k: v for k, v in FIRST.items() if k != key} for key in OLDEST if key != "schema"},
    **{f"{key} is {value!r}": {**FIRST, key: value} for key in OLDEST if key != "schema" for value in NO_TEXT},
    **{f"complete is {value!r}": {**GOLDEN, "complete": value} for value in (None, 0, "yes", [])},
    **{f"asked is {value!r}": {**GOLDEN, "asked": value} for value in (None, 0, "yes", [])},
    "no alphas of its own": {**GOLDEN, "alphas": [0.0, 0.5, 1.0], "series": FIRST["series"]},
    **{f"{key} is {value!r}": {**GOLDEN, key: value} for key in ("by", "rest", "bn", "path") for value in NO_CHOICE},
    **{
        f"{key} is a list": {**GOLDEN, key: []}
        for key in ("run", "start", "end", "dtype", "environment", "data", "name")
    },
    **{
        f"{key} is {value!r}": {**GOLDEN, key: value}
        for key in ("batch_size", "order_seed", "bn_examples")
        for value in NO_COUNT
    },
    "fewer alphas for all": {**FIRST, "alphas": [0.0, 1.0]},
    "alphas of all descend": {**FIRST, "alphas": [1.0, 0.5, 0.0]},
    "series is an object": {**GOLDEN, "series": {"a": 1}},
    "series of text": {**GOLDEN, "series": ["a"]},
    "series of null": {**GOLDEN, "series": [None]},
    **{f"series has no {key}": with_series(key) for key in BAD_SERIES},
    **{
        f"{key} of a series is {value!r}"[:60]: with_series(key, value)
        for key, values in BAD_SERIES.items()
        for value in values
    },
    **{f"split has no {key}": with_values(key) for key in BAD_VALUES if key != "split_size"},
    **{f"{key} is {value!r}"[:60]: with_values(key, value) for key, values in BAD_VALUES.items() for value in values},
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_a_store_error(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content))
    with pytest.raises(StoreError, match="is damaged") as caught:
        read_curve(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.sampled_from(["test", "final", "running", "full", "linear", 10**400, 0.0, 1.0]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.just("test"), inner, max_size=2),
    max_leaves=6,
)


@st.composite
def mutations(draw: st.DrawFn) -> dict[str, Any]:
    content = deepcopy(draw(st.sampled_from([GOLDEN, FIRST])))
    for _ in range(draw(st.integers(1, 2))):
        place: Any = content
        key: Any = draw(st.sampled_from(sorted(place)))
        while isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
            place = place[key]
            key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if draw(st.booleans()) and isinstance(place, dict) and len(place) > 1:
            del place[key]
        else:
            place[key] = draw(JSON)
    return content


@settings(deadline=None, max_examples=150)
@given(content=mutations())
@example(content={**GOLDEN, "start": "final"})
@example(content={**GOLDEN, "series": []})
def test_any_mutation_is_a_curve_that_can_be_used_or_a_store_error(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content))
    try:
        curve = read_curve(path)
    except StoreError:
        return
    use(curve)


@settings(deadline=None)
@given(data=st.data())
def test_a_torn_file_is_a_store_error(path: Path, data: st.DataObject) -> None:
    whole = json.dumps(GOLDEN).encode()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(StoreError):
        read_curve(path)


@settings(deadline=None)
@given(position=st.integers(0, len(json.dumps(GOLDEN)) - 1), byte=st.integers(0, 255))
def test_a_flipped_byte_is_a_curve_that_can_be_used_or_a_store_error(path: Path, position: int, byte: int) -> None:
    whole = bytearray(json.dumps(GOLDEN).encode())
    whole[position] = byte
    path.write_bytes(whole)
    try:
        curve = read_curve(path)
    except StoreError:
        return
    use(curve)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff\xfe\x00", b'{"schema": 3}', b"{}", b'{"schema": 1}', b"[" * 100_000], ids=repr
)
def test_what_is_no_curve_is_a_store_error(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError):
        read_curve(path)


def test_a_curve_that_cannot_be_written_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot write"):
        SMALL.write(tmp_path / "file" / "curve.json")
