"""What decides whether a kept curve still answers; whole walks are with `interpolate`."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.landscape.kept import kept_curve, line_identity
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


def test_the_batch_size_is_part_of_a_line_only_where_batches_normalise_themselves():
    assert "batch_size" not in line_identity(CURVE, Question(batch_size=3))
    own = line_identity(replace(CURVE, bn="batch"), Question(bn="batch", batch_size=3, num_examples=7))
    assert (own["batch_size"], own["num_examples"], own["data"]) == (3, 7, {"test": "0", "train": "1"})
