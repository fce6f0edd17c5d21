"""What is going on in a store, as plain data and as lines."""

import fcntl
import os
from dataclasses import replace
from pathlib import Path

import pytest

from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.runs.jobs import Job
from lininterp_cli.tui.model import Catalog
from lininterp_cli.tui.reader import Reader
from lininterp_cli.tui.work import live_lines
from lininterp_cli.tui.work.hearing import Heard
from lininterp_cli.tui.work.live import STALLED_SECONDS, Live, going
from lininterp_cli.view.look import Look

NOW = 2_000_000_000.0


@pytest.fixture
def at_work():
    """Holds a run's lock as a training does."""
    held = []

    def hold(folder):
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        held.append(descriptor)

    yield hold
    for descriptor in held:
        os.close(descriptor)


def wrote(path, seconds_ago):
    os.utime(path, (NOW - seconds_ago, NOW - seconds_ago))


def grow(folder, seconds_ago):
    path = folder / "curves" / "curve-0.json"
    replace(read_curve(path), complete=False).write(path)
    wrote(path, seconds_ago)
    wrote(folder / "curves", seconds_ago)


def look(folder, heard=()):
    *_, found = Catalog(folder).scan()
    return going(found.entries, heard, Reader(), NOW)


def job(name, words, state="running", run=None, line="", written=NOW):
    return Heard(
        job=Job(folder=Path(name), words=words, created=written, state=state), run=run, line=line, written=written
    )


def test_trainings_walks_and_jobs_that_begin(tmp_path, write_run, at_work):
    at_work(write_run("training-run", status="running", curves=0, epochs=4))
    wrote(tmp_path / "training-run" / "metrics.jsonl", 30)
    grow(write_run("walked"), 20)
    write_run("left", status="running", curves=0)
    write_run("finished")
    found = look(tmp_path, (job("j1", ("train", "--seed", "3")), job("j0", ("train",), state="done")))
    assert [(one.kind, one.title) for one in found] == [
        ("training", "training-run"), ("walk", "walked curve-0"), ("starting", "train --seed 3"),
    ]  # fmt: skip
    assert found[0].pace.epoch == 4
    assert [round(NOW - one.written) for one in found[:2]] == [30, 20]


def test_a_job_is_found_at_its_run(tmp_path, write_run, at_work):
    at_work(write_run("one", status="running", curves=0, name="its name"))
    grow(write_run("two"), 5)
    heard = (
        job("a", ("train", "--resume", "its name"), run="its name", line="epoch 3"),
        job("b", ("interpolate", "two"), run="two", line="chunk 1/9"),
    )
    assert [(one.kind, one.heard.line) for one in look(tmp_path, heard)] == [
        ("training", "epoch 3"), ("walk", "chunk 1/9"),
    ]  # fmt: skip


def test_a_walk_that_nobody_goes_on_with_is_not_shown(tmp_path, write_run):
    folder = write_run("two")
    grow(folder, STALLED_SECONDS + 5)
    assert look(tmp_path) == ()
    grow(folder, 60)
    assert len(look(tmp_path)) == 1
    words = ("interpolate", "two")
    assert look(tmp_path, (job("a", words, "stopped", "two", written=NOW - 59),)) == ()
    # The job that was over before somebody else went on with the curve says nothing of it.
    assert len(look(tmp_path, (job("a", words, "stopped", "two", written=NOW - 200),))) == 1


def test_ten_minutes_without_a_write_are_a_stall(tmp_path, write_run, at_work):
    at_work(write_run("slow", status="running", curves=0))
    wrote(tmp_path / "slow" / "metrics.jsonl", STALLED_SECONDS + 60)
    live = Live()
    live.show(look(tmp_path))
    assert "1 stalled" in live_lines.heading(live, 80, NOW, ascii=False).plain
    row = live_lines.list_lines(live, 80, 9, NOW, look=Look(depth="none"))[1].plain
    assert row.startswith("▌! a slow")
    assert "!11m" in row
    assert "nothing was written for 11m" in live_lines.note(live, 80, NOW, ascii=False)[0].plain


def test_the_cursor_stays_on_its_row(tmp_path, write_run, at_work):
    at_work(write_run("b", status="running", curves=0))
    live = Live()
    live.show(look(tmp_path))
    assert live.here.title == "b"
    at_work(write_run("a", status="running", curves=0, times={"created": "2026-01-01T00:00:00+00:00"}))
    live.show(look(tmp_path))
    assert [one.title for one in live.going] == ["a", "b"]
    assert live.here.title == "b"
    assert [course.is_chosen for course in live.courses] == [False, True]
    live.show(())
    assert (live.here, live.walk, live.courses) == (None, None, [])


def test_a_row_says_how_far_and_how_fast(tmp_path, write_run, at_work):
    folder = write_run("run", status="running", curves=0, epochs=0)
    at_work(folder)
    with (folder / "metrics.jsonl").open("a") as file:
        for epoch in range(6):
            file.write(
                f'{{"epoch": {epoch}, "test_loss": 0.5, "test_accuracy": 0.75, "lr": 0.05, "seconds": {epoch * 30},'
                ' "examples_per_second": 4321.0}\n'
            )
    wrote(folder / "metrics.jsonl", 5)
    live = Live()
    live.show(look(tmp_path))
    row = live_lines.list_lines(live, 120, 9, NOW, look=Look(ascii=True, depth="none"))[1].plain
    assert row.split() == [">*", "a", "run", "5/10", "####", "0.500", "0.7500", "0.050", "4.32k", "2m"]
    assert live_lines.table(live)[1] == ["training", "run", "5", "10", "0.5", "0.75", "0.05", "4321", "150"]


def test_a_walk_says_how_far_and_how_fast(tmp_path, write_run):
    grow(write_run("two"), 5)
    path = tmp_path / "two" / "curves" / "curve-0.json"
    curve = read_curve(path)
    splits = [
        {name: replace(values, num_examples=60, split_size=10_000) for name, values in series.splits.items()}
        for series in curve.series
    ]
    series = tuple(replace(one, splits=known) for one, known in zip(curve.series, splits, strict=True))
    path.unlink()
    path = path.with_name("by-block-2000-examples-a1b2c3.json")
    replace(curve, name=path.stem, series=series).write(path)
    wrote(path, 5)
    line = "chunk 2/3, 12,345 ex/s, 1 min 36 s left; conv1 rise 0.13 [0.10, 0.16] and so on to the end of the line"
    live = Live()
    live.show(look(tmp_path, (job("b", ("interpolate", "two"), run="two", line=line),)))
    row = live_lines.list_lines(live, 80, 9, NOW, look=Look(depth="none"))[1].plain
    assert row.split()[-6:] == ["60/2k", "▎", "~0.132", "conv1", "12.3k", "1m"]
    wide = live_lines.list_lines(live, 120, 9, NOW, look=Look(depth="none"))[1].plain
    assert "~rise 0.132 in conv1" in wide
    assert live_lines.table(live)[1][-2:] == ["12345", "96"]
    basis, *said = live_lines.note(live, 80, NOW, ascii=False)
    assert "points on 3 paths" in basis.plain
    assert " ".join(row.plain.strip() for row in said) == f"log: {line}"
    assert len(live_lines.note(live, 200, NOW, ascii=False)) == 1


def test_what_a_job_does_is_said_from_its_first_word_on(tmp_path, write_run):
    write_run("over", curves=0)
    write_run("left", status="interrupted", curves=0)
    walk, train = ("interpolate", "over"), ("train",)
    stopping = job("c", train, run="left", line="stopped")
    heard = (
        job("a", walk, run="over"),
        job("b", walk, run="over", line="chunk 1/3, 10 ex/s, 1 min 36 s left"),
        replace(stopping, job=replace(stopping.job, is_stopping=True)),
        job("d", train, run="over", line="epoch 10/10"),
        job("e", ("train", "--resume", "left"), run="left"),
    )
    live = Live()
    live.show(look(tmp_path, heard))
    assert [one.stage for one in live.going] == ["starting", "measuring", "stopping", "ending", "starting"]
    assert "1 measuring, 1 stopping, 1 ending, 2 starting" in live_lines.heading(live, 120, NOW, ascii=False).plain
    rows = [line.plain.split() for line in live_lines.list_lines(live, 80, 9, NOW, look=Look(depth="none"))[1:]]
    assert rows[1][-3:] == ["measuring", "10", "1m"]
    assert [row[-1] for row in rows[2:]] == ["stopping", "ending", "starting"]


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("width", [1, 10, 40, 80, 120, 200])
def test_lines_fit_and_steer_nothing(tmp_path, write_run, at_work, width, ascii):
    evil = "\x1b[2J[bold]\u202e\nevil" * 4
    at_work(write_run("evil", status="running", curves=0, name=evil))
    (tmp_path / "evil" / "metrics.jsonl").write_text('{"epoch": 1e999, "test_loss": null, "lr": "x", "seconds": []}\n')
    grow(write_run("walked", name=evil), 5)
    live = Live()
    live.show(look(tmp_path, (job("j", ("train", evil), line=evil), job("k", ("interpolate", "walked"), run="walked"))))
    assert len(live.going) == 3
    for place in range(3):
        live.place = place
        lines = live_lines.list_lines(live, width, 9, NOW, look=Look(ascii=ascii))
        lines += [live_lines.heading(live, width, NOW, ascii=ascii), *live_lines.note(live, width, NOW, ascii=ascii)]
        for line in lines:
            assert line.cell_len <= width
            assert line.plain.isprintable() or not line.plain
            assert not ascii or line.plain.isascii()
