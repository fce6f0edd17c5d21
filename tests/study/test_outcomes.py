"""Outcomes as files, and how cells stand."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.errors import StoreError
from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.runs.locks import hold
from lininterp_cli.runs.record import Record
from lininterp_cli.study.outcomes import (
    Made,
    Outcome,
    folder_of,
    lock_path,
    log_path,
    outcome_path,
    read_outcome,
    settled,
    stale,
    standing,
    write_outcome,
)

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_names = st.lists(_texts, max_size=3).map(tuple)
_made = st.builds(Made, step=_texts, run=_texts, status=_texts, curves=_names, measures=_names)
OUTCOME = Outcome(label="a, seed=0", host="here", seconds=1.5, made=(Made(step="", run="r", status="finished"),))


@given(
    st.builds(
        Outcome,
        label=_texts,
        host=_texts,
        seconds=st.floats(0, 1e9),
        made=st.lists(_made, max_size=3).map(tuple),
        error=_texts,
    )
)
def test_what_is_written_is_read(tmp_path_factory, outcome):
    path = tmp_path_factory.mktemp("outcome") / "deep" / "one.json"
    write_outcome(path, outcome)
    assert read_outcome(path) == outcome


@pytest.mark.parametrize(
    "change",
    [
        {"label": 1}, {"seconds": "long"}, {"made": 1}, {"made": [{}]}, {"made": ["x"]}, {"error": None},
        {"made": [{"step": "", "run": "", "status": "", "curves": 1}]}, {"schema": 99}, {"schema": None},
        {"made": [{"step": "", "run": "../..", "status": "", "curves": [1]}]},
    ],
    ids=str,
)  # fmt: skip
def test_a_damaged_file_is_said_and_its_cell_is_damaged(tmp_path, study, change):
    one = study()
    (cell,) = one.cells()
    path = outcome_path(tmp_path, one, cell)
    write_outcome(path, OUTCOME)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(StoreError):
        read_outcome(path)
    assert settled(tmp_path, one, cell).state == "damaged"


def test_outcomes_from_before_there_were_measures_are_read(tmp_path):
    path = tmp_path / "one.json"
    write_outcome(path, OUTCOME)
    old = json.loads(path.read_text())
    del old["made"][0]["measures"]
    path.write_text(json.dumps(old))
    assert read_outcome(path) == OUTCOME


def write_curve(path, complete):
    values = Values(num_examples=1, loss=(1.0,), loss_stderr=(0.0,), accuracy=(0.5,))
    series = Series(block=None, tensors=("w",), distance=1.0, alphas=(0.0,), splits={"test": values})
    Curve(
        name="full", run="r", start={}, end={}, by="full", rest="final", bn="running", dtype="float32", batch_size=1,
        series=(series,), complete=complete,
    ).write(path)  # fmt: skip


def test_how_a_cell_stands(tmp_path, study):
    one = study()
    (cell,) = one.cells()
    path = outcome_path(tmp_path, one, cell)
    assert (path.parent, path.name) == (tmp_path / ".studies" / "tiny", f"{cell.digest}.json")
    assert (log_path(tmp_path, one, cell).name, lock_path(tmp_path, one, cell).name) == (
        f"{cell.digest}.log",
        f"{cell.digest}.lock",
    )
    assert standing(tmp_path, one, cell).state == "waiting"
    first = Made(step="", run="r", status="finished", curves=("full",), measures=("gauss-length",))
    made = (first, Made(step="x", run="", status="no barrier"))
    write_outcome(path, Outcome(label="", host="", seconds=0, made=made))
    assert standing(tmp_path, one, cell).state == "waiting"  # its run is not there
    (tmp_path / "r" / "curves").mkdir(parents=True)
    (tmp_path / "r" / "curves" / "full.json").write_text("{")
    Record(id="r", config={}, status="finished").write(tmp_path / "r" / "run.json")
    assert standing(tmp_path, one, cell).state == "waiting"  # its curve cannot be read
    for complete in (False, True):
        write_curve(tmp_path / "r" / "curves" / "full.json", complete)
        assert standing(tmp_path, one, cell).state == "waiting"  # its curve is not complete; its measure is not there
    (tmp_path / "r" / "measures").mkdir()
    (tmp_path / "r" / "measures" / "gauss-length.json").touch()
    for status, state in (("running", "waiting"), ("failed", "waiting"), ("diverged", "done"), ("finished", "done")):
        Record(id="r", config={}, status=status).write(tmp_path / "r" / "run.json")
        assert standing(tmp_path, one, cell).state == state
    with hold(lock_path(tmp_path, one, cell)):
        now = standing(tmp_path, one, cell)
        assert (now.state, now.outcome) == ("running", None)
        assert settled(tmp_path, one, cell).state == "done"
    write_outcome(path, Outcome(label="", host="", seconds=0, made=made, error="why"))
    assert standing(tmp_path, one, cell).state == "failed"


def test_outcomes_of_cells_that_are_gone_are_stale_and_stay(tmp_path, study):
    old = study(top="seeds = 2")
    for cell in old.cells():
        write_outcome(outcome_path(tmp_path, old, cell), Outcome(label=cell.label, host="", seconds=0))
    (folder_of(tmp_path, old) / "0123456789ab.json").write_text("{")
    assert stale(tmp_path, old, old.cells()) == ["0123456789ab.json"]
    new = study("[[steps]]\ninterpolate = { alphas = 4 }", top="seeds = 2")
    assert sorted(stale(tmp_path, new, new.cells())) == ["0123456789ab.json", "base, seed=0", "base, seed=1"]
    assert len(list(folder_of(tmp_path, old).glob("*.json"))) == 3
    assert stale(tmp_path / "nowhere", new, new.cells()) == []
