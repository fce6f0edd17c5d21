"""Tags, names and deletion reach the disk, and what is refused is said."""

import fcntl
import json
import os
from contextlib import contextmanager

import pytest

from lininterp_cli.tui.listing.upkeep import delete, rename, tag


@contextmanager
def at_work(folder):
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def record(folder):
    return json.loads((folder / "run.json").read_text())


def test_only_the_difference_to_the_offered_tags_is_changed(tmp_path, write_run):
    folders = [write_run("a", tags=["old", "study:a"]), write_run("b", tags=["old", "good"])]

    def tags():
        return [record(folder)["tags"] for folder in folders]

    assert tag(tmp_path, ["a", "b"], ["old"], " old") == "the tags are as they were"
    assert tags() == [["old", "study:a"], ["old", "good"]]
    said = tag(tmp_path, ["a", "b"], ["old"], " wide, good ,, wide")
    assert said == "2 runs tagged wide, good, no longer tagged old"
    assert tags() == [["study:a", "wide", "good"], ["good", "wide"]]
    assert tag(tmp_path, ["a"], tags()[0], " ") == "1 run no longer tagged study:a, wide, good"
    assert tags() == [[], ["good", "wide"]]


def test_rename(tmp_path, write_run):
    folder = write_run("a")
    assert rename(tmp_path, "a", "  the best  ") == "1 run renamed"
    assert record(folder)["name"] == "the best"
    rename(tmp_path, "a", "")
    assert record(folder)["name"] is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("final", "refused: 'final' cannot name a run: a name has no / : @ and is not "),
        ("a:b", "refused: 'a:b' cannot name a run"),
        ("best", "refused: the name 'best' is b's; choose another"),
    ],
)
def test_a_name_follows_the_rules_of_the_command_line(tmp_path, write_run, name, words):
    folder = write_run("a", name="mine")
    write_run("b", name="best")
    assert rename(tmp_path, "a", name).startswith(words)
    assert record(folder)["name"] == "mine"
    assert rename(tmp_path, "b", "best") == "1 run renamed"


def test_what_is_not_there_is_refused(tmp_path):
    for words in (rename(tmp_path, "gone", "x"), delete(tmp_path, ["gone"]), tag(tmp_path, ["gone"], [], "x")):
        assert words.startswith("refused: ")
        assert "gone" in words


def test_a_run_at_work_is_left_alone_and_the_others_are_deleted(tmp_path, write_run):
    busy, idle = write_run("busy", status="running"), write_run("idle")
    before = record(busy)
    with at_work(busy):
        words = delete(tmp_path, ["busy", "idle"])
        assert words.startswith("1 run deleted; refused: ")
        assert "at work on busy" in words
        assert "refused" in tag(tmp_path, ["busy"], [], "x")
    assert record(busy) == before
    assert not idle.exists()
    assert delete(tmp_path, ["busy"]) == "1 run deleted"


def test_several_refusals_are_counted(tmp_path):
    assert delete(tmp_path, ["x", "y", "z"]).endswith("(and 2 more)")


def test_a_damaged_run_is_deleted_and_of_a_link_only_the_link(tmp_path, write_run):
    (write_run("weird") / "run.json").write_text("{")
    write_run("far").rename(tmp_path.parent / "elsewhere")
    (tmp_path / "far").symlink_to(tmp_path.parent / "elsewhere")
    assert delete(tmp_path, ["weird"]) == "1 run deleted"
    assert delete(tmp_path, ["far"]) == "1 run deleted (1 of them by a link: what it leads to stays)"
    assert list(tmp_path.iterdir()) == []
    assert (tmp_path.parent / "elsewhere" / "run.json").exists()
