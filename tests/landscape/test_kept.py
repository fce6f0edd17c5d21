"""What decides whether a kept curve still answers; whole walks are with `interpolate`."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lininterp_cli.data.dataset import Dataset, Split
from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.landscape.kept import hashes_of, is_of, kept_curve, line_identity
from lininterp_cli.landscape.question import Question
from lininterp_cli.training.endpoints import Endpoint

CURVE = Curve(
    name="full", run="a", start={"zero": True}, end={"random": 3}, by="full", rest="final", bn="running",
    dtype="float32", batch_size=8, data={"test": "0", "train": "1"},
    series=(Series(
        block=None, tensors=("w",), distance=1.0, alphas=(0.0,),
        splits={"test": Values(num_examples=1, loss=(1.0,), loss_stderr=(0.0,), accuracy=(0.5,))},
    ),),
)  # fmt: skip


def end(**description: Any) -> Endpoint:
    return Endpoint("", description, lambda build, scheme: {})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    CURVE.write(tmp_path / "full.json")
    return tmp_path / "full.json"


def test_a_whole_curve_between_the_same_ends_is_kept(path: Path):
    assert kept_curve(path, end(zero=True), end(random=3)) == CURVE


@pytest.mark.parametrize("ends", [(end(zero=True), end(random=4)), (end(random=3), end(zero=True))])
def test_a_curve_between_other_ends_is_not(path: Path, ends: tuple[Endpoint, Endpoint]):
    assert kept_curve(path, *ends) is None


def test_nor_is_what_grows_what_is_damaged_and_what_is_not_there(path: Path, tmp_path: Path):
    ends = end(zero=True), end(random=3)
    assert kept_curve(tmp_path / "other.json", *ends) is None
    replace(CURVE, complete=False).write(path)
    assert kept_curve(path, *ends) is None
    path.write_text("{")
    assert kept_curve(path, *ends) is None


def test_hashes_tell_every_example_and_label(pictures: Any):
    dataset: Dataset = pictures()
    hashes = hashes_of(dataset)
    assert sorted(hashes) == ["test", "train"]
    assert hashes_of(pictures()) == hashes
    for split in hashes:
        some = getattr(dataset, split)
        inputs, labels = some.inputs.clone(), some.labels.clone()
        inputs[-1, 0, 0, 0] += 1
        labels[0] = (labels[0] + 1) % 10
        for other in (Split(inputs, some.labels), Split(some.inputs, labels)):
            changed = hashes_of(replace(dataset, **{split: other}))
            assert {name for name in hashes if changed[name] != hashes[name]} == {split}


def test_a_curve_is_of_its_own_data_and_of_any_where_it_does_not_say():
    assert is_of(CURVE, {"train": "1", "test": "0"})
    assert not is_of(CURVE, {"train": "1", "test": "2"})
    assert is_of(replace(CURVE, data={}), {"train": "1", "test": "0"})
    # Files of older versions do not state how the inputs of one's own data were normalised.
    newer = {"train": "1", "test": "0", "normalisation": "2"}
    assert is_of(CURVE, newer)
    assert is_of(replace(CURVE, data=newer), newer)
    assert not is_of(replace(CURVE, data=newer), newer | {"normalisation": "3"})


def test_statistics_are_hashed_where_they_may_be_a_user_s_own(pictures: Any):
    dataset: Dataset = pictures()
    hashes = hashes_of(dataset, has_own_statistics=True)
    assert sorted(hashes) == ["normalisation", "test", "train"]
    for field in ("mean", "std"):
        changed = hashes_of(replace(dataset, **{field: getattr(dataset, field) + 1}), has_own_statistics=True)
        assert {name for name in hashes if changed[name] != hashes[name]} == {"normalisation"}


def test_the_batch_size_is_part_of_a_line_only_where_batches_normalise_themselves():
    assert "batch_size" not in line_identity(CURVE, Question(batch_size=3))
    own = line_identity(replace(CURVE, bn="batch"), Question(bn="batch", batch_size=3, num_examples=7))
    assert (own["batch_size"], own["num_examples"], own["data"]) == (3, 7, {"test": "0", "train": "1"})
