"""Files of measures: what is written is read, and what is something else is refused."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lininterp_cli.errors import StoreError
from lininterp_cli.landscape.curves.measures import (
    BlockCriticality,
    Criticality,
    GaussLength,
    Measure,
    measure_path,
    measures_of,
    read_measure,
    write_measure,
)
from lininterp_cli.runs.record import Record
from lininterp_cli.runs.run import Run

BLOCK = BlockCriticality(
    mu=12.5, alpha=0.5, sigma=0.25, error=0.0125, distance=1.5, num_parameters=9, is_at_edge=False
)  # fmt: skip
UNKNOWN = replace(BLOCK, mu=None, alpha=None, sigma=None, error=None, is_at_edge=True)
ABOUT: dict[str, Any] = {
    "run": "some-run", "start": {"run": "some-run", "checkpoint": "initial"}, "end": {"zero": True},
    "environment": {"torch": "2"}, "alphas": (0.0, 0.5, 1.0), "num_examples": 40,
}  # fmt: skip
CRITICALITY = Criticality(
    name="criticality-by-block", by="block", blocks={"conv1": BLOCK, "fc": UNKNOWN}, epsilon=0.02, final_error=0.01,
    num_draws=3, **ABOUT,
)  # fmt: skip
GAUSS = GaussLength(name="gauss-length", split="test", mean=1.25, stderr=0.5, num_missing=0, **ABOUT)
ALONE = replace(GAUSS, mean=math.nan, stderr=math.nan, num_examples=0, num_missing=40)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that is only a folder."""
    return Run(tmp_path / "some-run", Record(id="some-run", config={}))


@pytest.mark.parametrize("measure", [CRITICALITY, GAUSS, ALONE], ids=lambda one: one.name)
def test_what_is_written_is_read(measure: Measure, tmp_path: Path):
    path = tmp_path / "measure.json"
    write_measure(path, measure)
    # A NaN is not itself.
    assert repr(read_measure(path)) == repr(measure)
    content = json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(name))
    assert content["schema"] == 1


def test_the_total_is_the_sum_where_every_block_has_one():
    assert CRITICALITY.total is None
    assert replace(CRITICALITY, blocks={"conv1": BLOCK, "fc": BLOCK}).total == 25.0
    assert CRITICALITY.to_dict()["total"] is None


def test_the_readable_measures_of_a_run_are_found(run: Run):
    assert measures_of(run) == []
    for measure in (GAUSS, CRITICALITY):
        write_measure(measure_path(run, measure.name), measure)
    measure_path(run, "broken").write_text("{")
    measure_path(run, "curve").write_text('{"schema": 1, "series": []}')
    assert measures_of(run) == [CRITICALITY, GAUSS]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("measure", "barrier"), ("blocks", []), ("blocks", [{"block": "fc"}]), ("blocks", [1]), ("epsilon", None),
        ("epsilon", "1"), ("num_draws", 1.5), ("alphas", [0, None]), ("alphas", None), ("start", "initial"),
        ("name", 3), ("measure", "gauss-length"), ("measure", []), ("epsilon", 10**400),
        ("blocks", [{"block": "fc", "mu": 1.0, "alpha": None, "sigma": None, "error": None, "distance": 1.0,
                     "num_parameters": 3, "is_at_edge": False}]),
    ],
)  # fmt: skip
def test_a_file_that_is_something_else_is_damaged(key: str, value: Any, tmp_path: Path):
    path = tmp_path / "measure.json"
    path.write_text(json.dumps(CRITICALITY.to_dict() | {key: value}))
    with pytest.raises(StoreError, match="is damaged"):
        read_measure(path)


def test_a_file_of_a_newer_program_is_said(tmp_path: Path):
    path = tmp_path / "measure.json"
    path.write_text(json.dumps(GAUSS.to_dict() | {"schema": 2}))
    with pytest.raises(StoreError, match="newer"):
        read_measure(path)
