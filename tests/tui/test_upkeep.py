"""What is changed on the disk from the list, and what is refused."""

import fcntl
import json
import os

import pytest

from lininterp_cli.runs.store import Store
from lininterp_cli.tui.upkeep import delete, rename, tag


@pytest.fixture
def worker(store):
    """A process that is at work on `left`."""
    descriptor = os.open(store / "left" / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield
    os.close(descriptor)


def test_tags_and_names_change_nothing_else(store):
    path = store / "mlp-s0" / "run.json"
    before = json.loads(path.read_text()) | {"of_a_later_version": {"x": [1, 2.5, None]}}
    path.write_text(json.dumps(before))
    assert tag(store, ["mlp-s0", "resnet8-s1"], " new, paper run,,new ") == "2 runs tagged new, paper run, new"
    assert rename(store, "mlp-s0", " Wide \u00e9 ") == "1 run renamed"
    assert json.loads(path.read_text()) == before | {"tags": ["new", "paper run"], "name": "Wide \u00e9"}
    assert Store(store).existing("resnet8-s1").record.tags == ["new", "paper run"]
    assert tag(store, ["mlp-s0"], "") == "1 run no longer tagged"
    assert rename(store, "mlp-s0", "") == "1 run renamed"
    assert json.loads(path.read_text()) == before | {"tags": [], "name": None}


def test_a_run_at_work_is_refused(store, worker):
    before = (store / "left" / "run.json").read_bytes()
    assert tag(store, ["left", "mlp-s0"], "x").startswith("1 run tagged x; refused: another process is at work on left")
    assert rename(store, "left", "x").startswith("refused: ")
    assert delete(store, ["left", "broken", "nowhere", "mlp-s0"]).startswith("1 run deleted; refused: a process is at")
    assert (store / "left" / "run.json").read_bytes() == before
    assert not (store / "mlp-s0").exists()
    assert (store / "broken").exists()


def test_what_cannot_be_read_is_refused(store):
    assert "broken" in rename(store, "broken", "x")
    assert delete(store, ["broken"]).startswith("refused: ")
    assert tag(store, ["nowhere"], "x") == f"refused: cannot change nowhere: it is not in {store}"
