"""The list of runs without a screen: what is read, when it is read again, and in which order it stands."""

import fcntl
import os
from pathlib import Path

import pytest

from lininterp_cli.tui.model import Catalog
from lininterp_cli.tui.reader import Reader


def final(catalog):
    *_, snapshot = catalog.scan()
    assert snapshot.complete
    return {entry.key: entry for entry in snapshot.entries}


def test_every_kind_of_run_is_found(store):
    found = final(Catalog(store))
    assert set(found) == {"mlp-s0", "resnet8-s1", "hostile", "diverged-s2", "broken", "left"}
    assert {key: entry.summary.state for key, entry in found.items()} == {
        "mlp-s0": "finished", "resnet8-s1": "finished", "hostile": "finished", "diverged-s2": "diverged",
        "broken": "damaged", "left": "interrupted",
    }  # fmt: skip
    assert found["mlp-s0"].summary.worst.block == "conv1"
    assert found["broken"].run is None
    assert found["mlp-s0"].run.record.id == "mlp-s0"
    assert found["mlp-s0"].run.folder == store / "mlp-s0"
    assert "damaged" in found["broken"].summary.error


def test_what_may_not_be_read_is_listed_with_the_reason(store, monkeypatch):
    (store / "loop").symlink_to("loop")
    found = final(Catalog(store))
    assert found["loop"].summary.state == "damaged"
    assert "Too many levels of symbolic links" in found["loop"].summary.error

    def refuse(path, mode="r", **_):
        raise PermissionError(13, "Permission denied", str(path))

    real = os.stat
    # The superuser may read everything.
    monkeypatch.setattr(os, "stat", lambda path, **how: refuse(path) if "mlp-s0" in str(path) else real(path, **how))
    monkeypatch.setattr(Path, "open", refuse)
    found = final(Catalog(store))
    assert found["mlp-s0"].summary.state == "damaged"
    assert "Permission denied" in found["mlp-s0"].summary.error


def test_unchanged_records_are_not_parsed_again(store, write_run):
    catalog = Catalog(store)
    first = final(catalog)
    assert catalog.num_parsed == 6
    *_, again = catalog.scan()
    *_, more = catalog.scan()
    assert again.entries is more.entries
    assert {entry.key: entry for entry in again.entries} == first
    assert catalog.num_parsed == 6
    write_run("mlp-s0", name="renamed", curves=0, epochs=0)
    second = final(catalog)
    assert catalog.num_parsed == 7
    assert second["mlp-s0"].summary.title == "renamed"
    assert second["mlp-s0"].summary.worst == first["mlp-s0"].summary.worst
    assert second["mlp-s0"].stamp != first["mlp-s0"].stamp


def test_new_and_deleted_runs(store, write_run):
    catalog = Catalog(store)
    final(catalog)
    write_run("new")
    for file in sorted((store / "left").rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    found = final(catalog)
    assert "new" in found
    assert "left" not in found


def test_a_new_curve_changes_the_barrier(store, write_run):
    catalog = Catalog(store)
    assert final(catalog)["hostile"].summary.worst is None
    write_run("hostile", curves=1)
    assert final(catalog)["hostile"].summary.worst.block == "conv1"


def test_a_run_at_work_is_live_and_its_metrics_change_its_stamp(store):
    catalog = Catalog(store)
    descriptor = os.open(store / "left" / "lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        before = final(catalog)["left"]
        assert before.summary.state == "running"
        with (store / "left" / "metrics.jsonl").open("a") as file:
            file.write('{"epoch": 4, "test_loss": 0.4}\n{"epoch": 5, "test')
        after = final(catalog)["left"]
        assert after.stamp != before.stamp
        assert [row["epoch"] for row in Reader().detail(after).rows] == [1, 2, 3, 4]
    finally:
        os.close(descriptor)
    assert final(catalog)["left"].summary.state == "interrupted"


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", '{"schema": 1}', '{"schema": 99, "id": "x", "config": {}}', "\x00\xff", "[" * 100_000,
        '{"schema": 1, "id": "x", "config": {"model": "mlp", "training": []}, "result": {"final": 3}, "epoch": "x"}',
        '{"schema": 1, "id": 3, "config": {}}', '{"schema": 1, "id": "x", "config": {}, "times": {"created": [1]}}',
    ],
)  # fmt: skip
def test_no_record_ends_the_scan(tmp_path, text):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "run.json").write_text(text, encoding="latin-1")
    (entry,) = final(Catalog(tmp_path)).values()
    assert entry.key == "x"
    assert isinstance(entry.summary.title, str)


def test_a_long_scan_tells_what_it_has(store):
    ticks = iter(range(1000))
    snapshots = list(Catalog(store, clock=lambda: float(next(ticks))).scan())
    assert len(snapshots) > 2
    assert [len(snapshot.entries) for snapshot in snapshots[:3]] == [1, 2, 3]
    assert [snapshot.complete for snapshot in snapshots] == [False] * (len(snapshots) - 1) + [True]


def test_a_cancelled_scan_ends(store):
    assert list(Catalog(store).scan(lambda: True)) == []


def test_folders_that_are_not_there(tmp_path):
    (snapshot,) = Catalog(tmp_path / "nothing").scan()
    assert (snapshot.entries, snapshot.error, snapshot.complete) == ((), "", True)
    (tmp_path / "file").write_text("")
    (snapshot,) = Catalog(tmp_path / "file").scan()
    assert "cannot read" in snapshot.error
