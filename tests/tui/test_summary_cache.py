"""What was kept of runs is what their files say, and a file that is not as it was written changes nothing."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lininterp_cli.tui import model, summary_cache
from lininterp_cli.tui.model import Catalog
from lininterp_cli.tui.summary_cache import cache_path, load, save
from lininterp_cli.view.runs.summary import Summary, Worst

FLOATS = st.floats(allow_nan=False)
TEXTS = st.text(st.characters())
STAMPS = st.tuples(*[st.integers(0, 2**63)] * 3)
SETTINGS = st.none() | TEXTS | st.booleans() | st.integers() | FLOATS | st.lists(TEXTS, max_size=2).map(tuple)
WORSTS = st.builds(
    Worst, height=FLOATS, alpha=FLOATS, block=TEXTS, definition=TEXTS, curve=TEXTS, complete=st.booleans(),
    low=st.none() | FLOATS, high=st.none() | FLOATS, full=st.none() | FLOATS, monotone=st.none() | st.booleans(),
)  # fmt: skip
SUMMARIES = st.builds(
    Summary, id=TEXTS, name=TEXTS, state=TEXTS, tags=st.lists(TEXTS, max_size=2).map(tuple), created=st.none() | FLOATS,
    accuracy=st.none() | FLOATS, parameters=st.none() | st.integers(), worst=st.none() | WORSTS, error=TEXTS,
    settings=st.dictionaries(TEXTS, SETTINGS, max_size=3),
)  # fmt: skip
RUNS = st.lists(st.tuples(TEXTS, st.tuples(STAMPS, STAMPS), SUMMARIES), max_size=4)
ONE = ("a", ((1, 2, 3), (4, 5, 6)), Summary(id="a", name="", state="finished", settings={"seed": 1}))


def final(catalog):
    *_, snapshot = catalog.scan()
    return {entry.key: entry for entry in snapshot.entries}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RUNS)
def test_it_comes_back_as_it_was(tmp_path, known):
    save(tmp_path / "kept.jsonl", known)
    assert list(load(tmp_path / "kept.jsonl")) == known


def test_a_file_with_another_byte_is_none(tmp_path):
    path = tmp_path / "kept.jsonl"
    save(path, [ONE, ONE])
    content = path.read_bytes()
    assert len(list(load(path))) == 2
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert list(load(path)) == []
        path.write_bytes(content[:place])
        assert list(load(path)) == []
    path.write_bytes(content + b"\n")
    assert list(load(path)) == []


@pytest.mark.parametrize("text", ["", "[]", "\n", "\x00", "[" * 100_000])
def test_another_file_is_none(tmp_path, text):
    (tmp_path / "kept.jsonl").write_text(text)
    assert list(load(tmp_path / "kept.jsonl")) == []
    assert list(load(tmp_path)) == list(load(tmp_path / "nothing")) == []


def test_what_another_version_kept_is_none(tmp_path, monkeypatch):
    save(tmp_path / "kept.jsonl", [ONE])
    monkeypatch.setattr(summary_cache, "_FORMAT", [0, *summary_cache._FORMAT[1:]])
    assert list(load(tmp_path / "kept.jsonl")) == []


def test_every_folder_has_its_own_place(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert cache_path(Path("runs")) == cache_path(tmp_path / "runs") != cache_path(tmp_path / "other")
    assert cache_path(Path("runs")).parent == tmp_path / "lininterp"


def test_what_cannot_be_written_is_let_go(tmp_path):
    (tmp_path / "file").write_text("")
    save(tmp_path / "file" / "kept.jsonl", [ONE])
    assert (tmp_path / "file").read_text() == ""


def test_the_next_start_reads_only_what_has_changed(store, write_run, tmp_path, monkeypatch):
    monkeypatch.setattr(model, "NUM_AT_ONCE", 1)
    kept = tmp_path / ".kept.jsonl"
    first = Catalog(store, cache=kept)
    entries = final(first)
    assert (entries["mlp-s0"].summary.worst.block, entries["hostile"].summary.worst) == ("conv1", None)
    assert kept.exists()
    monkeypatch.setattr(model, "worst_barrier", None)
    second = Catalog(store, cache=kept)
    assert final(second) == entries
    # One run is damaged and one is not over: both are looked at at every start.
    assert (second.num_parsed, second.num_glanced) == (2, 0)
    monkeypatch.undo()
    # A new curve is read, whatever was kept, and so is a new record.
    write_run("hostile")
    os.utime(store / "hostile" / "curves", (1, 1))
    write_run("mlp-s0", name="renamed", curves=0)
    third = Catalog(store, cache=kept)
    again = final(third)
    assert again["hostile"].summary.worst.block == "conv1"
    assert again["mlp-s0"].summary.name == "renamed"
    assert again["mlp-s0"].summary.worst == entries["mlp-s0"].summary.worst


def test_what_is_gone_does_not_come_back(store, tmp_path, monkeypatch):
    monkeypatch.setattr(model, "NUM_AT_ONCE", 1)
    kept = tmp_path / ".kept.jsonl"
    final(Catalog(store, cache=kept))
    (store / "mlp-s0" / "run.json").unlink()
    (store / "hostile").rename(store / "moved")
    found = final(Catalog(store, cache=kept))
    assert {"mlp-s0", "hostile"}.isdisjoint(found)
    assert found["moved"].summary.id == "hostile"


def test_a_curve_that_is_new_leaves_the_record_unread(store, write_run, tmp_path, monkeypatch):
    monkeypatch.setattr(model, "NUM_AT_ONCE", 1)
    kept = tmp_path / ".kept.jsonl"
    final(Catalog(store, cache=kept))
    (store / "mlp-s0" / "curves" / "another.json").write_text("{}")
    catalog = Catalog(store, cache=kept)
    assert final(catalog)["mlp-s0"].summary.worst.block == "conv1"
    assert (catalog.num_parsed, catalog.num_glanced) == (2, 1)


def test_a_small_store_keeps_nothing(store, tmp_path):
    final(Catalog(store, cache=tmp_path / ".kept.jsonl"))
    assert not (tmp_path / ".kept.jsonl").exists()
