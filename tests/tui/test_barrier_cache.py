"""Barriers that were kept are those of the curves, and a file that is not as it was written changes nothing."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lininterp_cli.tui import model
from lininterp_cli.tui.barrier_cache import SCHEMA, cache_path, load, save
from lininterp_cli.tui.model import Catalog
from lininterp_cli.view.summary import Worst

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
WORSTS = st.builds(
    Worst, height=FLOATS, alpha=FLOATS, block=st.text(), definition=st.text(), curve=st.text(), complete=st.booleans(),
    low=st.none() | FLOATS, high=st.none() | FLOATS, full=st.none() | FLOATS, monotone=st.none() | st.booleans(),
)  # fmt: skip


def final(catalog):
    *_, snapshot = catalog.scan()
    return {entry.key: entry.summary.worst for entry in snapshot.entries}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(), st.tuples(st.tuples(*[st.integers(0, 2**63)] * 3), st.none() | WORSTS), max_size=4))
def test_it_comes_back_as_it_was(tmp_path, known):
    save(tmp_path / "kept.json", known)
    assert load(tmp_path / "kept.json") == known


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "\x00", '{"schema": 1}', '{"schema": 99, "names": [], "runs": {}}', "[" * 100_000,
     '{"schema": 1, "names": [], "runs": {}}'],
)  # fmt: skip
def test_another_file_is_none(tmp_path, text):
    (tmp_path / "kept.json").write_text(text)
    assert load(tmp_path / "kept.json") == {}


@pytest.mark.parametrize(
    "changed", [{"height": None}, {"alpha": "x"}, {"block": 3}, {"low": [1]}, {"complete": "yes"}, {"height": True}]
)
def test_a_row_of_another_shape_is_none(tmp_path, changed):
    path = tmp_path / "kept.json"
    save(path, {"a": ((1, 2, 3), Worst(height=1.0, alpha=0.5, block="fc", definition="rise", curve="full"))})
    content = json.loads(path.read_text())
    assert content["schema"] == SCHEMA
    for name, value in changed.items():
        content["runs"]["a"][1][content["names"].index(name)] = value
    path.write_text(json.dumps(content))
    assert load(path) == {}


def test_every_folder_has_its_own_place(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert cache_path(Path("runs")) == cache_path(tmp_path / "runs") != cache_path(tmp_path / "other")
    assert cache_path(Path("runs")).parent == tmp_path / "lininterp"


def test_what_cannot_be_written_is_let_go(tmp_path):
    (tmp_path / "file").write_text("")
    save(tmp_path / "file" / "kept.json", {})
    assert (tmp_path / "file").read_text() == ""


def test_the_next_start_reads_only_what_has_changed(store, write_run, tmp_path, monkeypatch):
    monkeypatch.setattr(model, "NUM_AT_ONCE", 1)
    kept = tmp_path / ".kept.json"
    first = Catalog(store, cache=kept)
    barriers = final(first)
    assert (barriers["mlp-s0"].block, barriers["hostile"]) == ("conv1", None)
    assert kept.exists()
    monkeypatch.setattr(model, "worst_barrier", None)
    second = Catalog(store, cache=kept)
    assert final(second) == barriers
    assert second.num_glanced == 0
    monkeypatch.undo()
    # A new curve is read, whatever was kept.
    write_run("hostile")
    os.utime(store / "hostile" / "curves", (1, 1))
    third = Catalog(store, cache=kept)
    assert final(third)["hostile"].block == "conv1"
    assert third.num_glanced == 1


def test_a_small_store_keeps_nothing(store, tmp_path):
    final(Catalog(store, cache=tmp_path / ".kept.json"))
    assert not (tmp_path / ".kept.json").exists()
