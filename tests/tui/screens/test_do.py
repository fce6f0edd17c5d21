"""The screens on which things are started and watched: keys, goldens, and one real training from start to end."""

import asyncio
import fcntl
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from waiting import wait_for

from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.runs.jobs import Job, jobs, read_job, stop
from lininterp_cli.runs.store import Store
from lininterp_cli.tui.screens import do
from lininterp_cli.tui.screens.log import NUM_LINES as LOG_LINES

CREATED = 1_767_323_045.0
NOW = CREATED + 86_400


@pytest.fixture(autouse=True)
def _in_the_store(tmp_path, monkeypatch):
    """The runs are in `runs` here, so that every command reads the same in each test run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    async def listed(kind):
        return {}

    # `lininterp list` takes seconds; the test of the catalogue asks it.
    monkeypatch.setattr(do, "listed", listed)


@pytest.fixture
def runs(write_run):
    folder = Path("runs")
    write_run("mlp-s0", folder=folder)
    write_run("resnet8-s1", folder=folder, status="interrupted", curves=0, times={"created": "2026-01-01T00:00:00Z"})
    return folder


@pytest.fixture
def old_job(runs):
    """Writes a job that is over."""

    def write(name, words, code, log):
        place = runs / ".jobs" / name
        place.mkdir(parents=True, exist_ok=True)
        content = {"schema": 1, "words": words, "created": "2026-01-03T02:00:00+00:00", "host": "here"}
        (place / "job.json").write_text(json.dumps(content))
        (place / "exit").write_text(str(code))
        (place / "log").write_text(log)
        return place

    return write


@pytest.fixture
def started(monkeypatch):
    """What would have been started."""
    words = []

    def start(runs, what):
        words.append(what)
        return Job(folder=runs / ".jobs" / "none")

    monkeypatch.setattr(do, "start", start)
    return words


def test_a_command_that_needs_another_line_is_shown_in_full(explore):
    edits = [key for value in ("2", "300", "17") for key in ("j", "enter", "ctrl+u", *value, "enter", None)]
    for screen in explore((60, 20), "x", ..., "j", "j", "j", *edits, folder=Path("empty")):
        command = screen.split("(y copies)")[1].split("jobs:")[0]
        assert "more line" not in command
        assert "lininterp train" in command
        assert command.split("\n")[-2].strip().endswith("--runs empty")


def test_do_at_both_sizes(explore, runs, old_job, check_golden):
    old_job(
        "20260103-020000-00", ["train", "--preset", "digits", "--runs", "runs"], 0, "epoch 29\nepoch 30/30 test 99%\n"
    )
    old_job("20260103-020000-01", ["interpolate", "mlp-s0", "--runs", "runs"], 3, "lininterp: no data\n")
    check_golden("do-80x24.txt", explore((80, 24), "x", ..., "j", "j", folder=runs))
    check_golden("do-120x40.txt", explore((120, 40), "x", ..., "G", folder=runs))


def test_a_command_is_put_together_and_started_after_a_question(explore, runs, started):
    keys = (
        "x",
        ...,
        "j",
        "j",
        "space",
        "j",
        "enter",
        *"adaptive:9",
        "enter",
        None,
        "S",
        None,
        "n",
        "enter",
        "S",
        "y",
        "enter",
    )
    edited, asked, after = explore((80, 24), *keys, folder=runs)
    command = ["interpolate", "mlp-s0", "--by", "kind", "--alphas", "adaptive:9", "--runs", "runs"]
    assert "lininterp interpolate mlp-s0 --by kind --alphas adaptive:9 --runs runs" in edited
    assert "start the command above as a job? [y/n]" in asked
    assert started == [command]
    assert "started" in after


def test_the_cursor_goes_to_the_job_that_was_started(explore, runs, old_job, monkeypatch):
    words = ["train", "--preset", "digits", "--runs", "runs"]

    def start(folder, what):
        return read_job(old_job("20260103-030000-00", words, 0, "the new one\n"))

    monkeypatch.setattr(do, "start", start)
    old_job("20260103-020000-00", ["train"], 0, "the old one\n")
    for move in ("j", "J"):
        screen = explore((80, 24), "x", ..., move, "S", "y", "enter", ..., folder=runs)
        assert "the new one" in next(line for line in screen.split("\n")[1:] if line.startswith("▌"))


def test_what_stands_in_the_way_is_said(explore, runs, started):
    screen = explore((80, 24), "x", ..., "h", "S", folder=runs)
    assert "give either blocks or all but" in screen
    assert started == []


def test_an_interrupted_run_is_resumed_and_a_menu_chooses_something_else(explore, runs, started):
    explore((80, 24), "slash", *"resnet8-s1", "enter", ..., "x", ..., "S", "y", "enter", folder=runs)
    assert started == [["train", "--resume", "resnet8-s1", "--runs", "runs"]]
    screen = explore((80, 24), "x", ..., "enter", ..., *"train from", "enter", ..., folder=runs)
    assert "lininterp train --preset digits --runs runs" in screen


def test_copying_sends_the_command(explore, runs):
    copied = []

    def watch(app):
        app.copy_to_clipboard = copied.append

    screen = explore((80, 24), "x", ..., watch, "y", folder=runs)
    assert copied == ["lininterp interpolate mlp-s0 --by block --runs runs"]
    assert "clipboard" in screen


def test_a_job_is_read_and_removed(explore, runs, old_job):
    place = old_job("20260103-020000-00", ["train"], 1, "".join(f"line {n}\n" for n in range(99)) + "\x1b[31mevil\n")
    tables = []
    keys = (
        *("x", ..., lambda app: tables.append(app.screen.rows()), "J", "enter", ..., None, "g", None, "G", "k", None),
        *("escape", "s", None, "x", "n", "enter", "x", "y", "enter"),
    )
    end, top, scrolled, stopped, after = explore((80, 24), *keys, folder=runs)
    (heads, row), = tables  # fmt: skip
    assert dict(zip(heads, row, strict=True)) | {"last_line": ""} == {
        "job": place.name, "state": "failed", "exit_code": "1", "run": "", "command": "lininterp train",
        "last_line": "",
    }  # fmt: skip
    assert "evil" in end
    assert "following" in end
    assert "exit code 1" in end
    assert "line 0" in top
    assert "paused, 1 line below" in scrolled
    assert "this job is over" in stopped
    assert not place.exists()
    assert "none yet" in after


def test_a_log_is_read_whole_and_stays_where_it_was_scrolled_to(explore, runs, old_job):
    # The reason is at the end of a long line, where a cropped one would not show it.
    place = old_job("20260103-020000-00", ["train", *["--name", "n" * 90]], 1, f"lininterp: {'no ' * 45}space left\n")

    def fill(app):
        (place / "log").write_text("".join(f"line {n}\n" for n in range(LOG_LINES + 100)))
        app.scan()

    def grow(app):
        with (place / "log").open("a") as file:
            file.write("more\n" * 50)
        app.scan()

    long, before, after, end = explore(
        (80, 24), "x", ..., "J", "enter", ..., None, fill, ..., "pageup", None, grow, ..., None, "G", folder=runs
    )
    heading, first, second = long.split("\n")[:3]
    assert heading.endswith("failed, exit code 1  following")
    assert (first[1:] + second[1:]).strip() == f"lininterp: {'no ' * 45}space left"
    assert f"line {LOG_LINES + 60}" in before
    assert after == before
    assert end.count(" more") == 22


def test_names_come_from_the_command_line_itself(explore, runs, monkeypatch):
    async def listed(kind):
        return {"models": {"brand-new": {}}}.get(kind, {})

    monkeypatch.setattr(do, "listed", listed)
    screen = explore((80, 24), "x", ..., *"hhh", "j", "j", ..., "space", folder=runs)
    assert "lininterp train --preset digits --model brand-new --runs runs" in screen


def test_a_row_without_choices_says_so(explore, runs):
    assert "nothing to choose from here; Enter goes on" in explore((80, 24), "x", ..., "j", "space", folder=runs)


def test_names_that_arrive_change_no_field_that_is_open(explore, runs, write_run, monkeypatch):
    config = {"data": {"name": "digits"}, "model": {"name": "resnet8", "width": 16}, "training": {"epochs": 10}}
    write_run("diverged-s2", folder=runs, status="diverged", curves=0, config=config)
    apps, asked, seen = [], [], []

    async def listed(kind):
        asked.append(kind)
        while apps[0].screen._prompt is None:
            await asyncio.sleep(0)
        seen.append(len(asked))
        return {"models": {"resnet8": {"width": 16}}}.get(kind, {})

    monkeypatch.setattr(do, "listed", listed)
    # The fields are preset, seed, model.width, training.epochs and others.
    keys = ("slash", *"diverged", "enter", apps.append, "x", *"jjjj", "enter", "ctrl+u", *"77", "enter")
    screen = explore((100, 30), *keys, folder=runs)
    assert "--set training.epochs=77" in " ".join(screen.split())
    assert "model.width=77" not in screen
    # One process at a time: each takes hundreds of megabytes.
    assert seen == [1, 2, 3, 4]


def test_live_at_both_sizes(explore, runs, write_run, check_golden):
    folder = write_run("live-s2", folder=runs, status="running", curves=0, epochs=0, name="live one")
    with (folder / "metrics.jsonl").open("a") as file:
        for epoch in range(7):
            row = {"epoch": epoch, "train_loss": 2 / (1 + epoch), "test_loss": 2.2 / (1 + epoch)}
            row |= {"test_accuracy": 0.5, "lr": 0.05, "examples_per_second": 4000.0, "seconds": 20.0 * epoch}
            file.write(json.dumps(row) + "\n")
    os.utime(folder / "metrics.jsonl", (NOW - 30, NOW - 30))
    path = runs / "mlp-s0" / "curves" / "curve-0.json"
    replace(read_curve(path), complete=False).write(path)
    for changed in (path, path.parent):
        os.utime(changed, (NOW - 60, NOW - 60))
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        check_golden("live-80x24.txt", explore((80, 24), "w", ..., folder=runs))
        check_golden("live-120x40.txt", explore((120, 40), "w", ..., "j", folder=runs))
        first, again = explore((80, 24), "w", ..., "m", "y", None, "j", "enter", ..., folder=runs)
        assert "accuracy by epoch, log axis" in first
        assert "mlp-s0" in again.split("\n")[0]
        for size in ((1, 1), (30, 8), (200, 60)):
            explore(
                size, "w", ..., "j", "k", "m", "y", "l", "s", "n", "enter", "x", ..., *"jlhk", folder=runs, ascii=True
            )
    finally:
        os.close(descriptor)


def test_nothing_runs(explore, runs):
    live, *said = explore((80, 24), "w", ..., None, "s", None, "enter", None, "l", None, "m", folder=runs)
    assert "Nothing is running" in live
    assert live.split("\n")[-2].split("  ")[0] == " x do"
    assert {screen.split("\n")[-2] for screen in said} == {" nothing is running"}


def test_without_jobs_their_keys_say_so(explore, runs):
    form, *said = explore((80, 24), "x", ..., None, "s", None, "x", None, "J", folder=runs)
    assert "s stop" not in form
    assert {screen.split("\n")[-2] for screen in said} == {" no job was started here yet"}


def test_looking_again_at_unchanged_files_draws_nothing(explore, runs, old_job, monkeypatch):
    old_job("20260103-020000-00", ["train"], 0, "done\n")
    drawn = []

    def watch(app):
        from textual.widget import Widget

        original = Widget.refresh
        here = app.screen

        def refresh(self, *given, **more):
            drawn.extend([self] if self is not here and self.screen is here else [])
            return original(self, *given, **more)

        monkeypatch.setattr(Widget, "refresh", refresh)
        app.scan()

    def stop_watching(app):
        assert drawn == []
        monkeypatch.undo()
        monkeypatch.chdir(runs.absolute().parent)

    explore((80, 24), "x", ..., watch, stop_watching, "escape", folder=Path("runs").absolute())
    explore((80, 24), "w", ..., watch, stop_watching, folder=Path("runs").absolute())


def test_a_training_started_here_is_seen_live_and_ends_in_the_list(explore, tmp_path, write_run):
    runs = tmp_path / "runs"
    write_run("old", folder=runs)

    def edit(value):
        return ("enter", *value, "enter")

    def until(answer):
        def wait(app):
            wait_for(answer, lambda: [job.log_path.read_text() for job in jobs(runs)])
            app.screen.found()

        return wait

    def is_under_way():
        return any(run.record.epoch > 2 for run in Store(runs).runs() if run.id != "old")

    try:
        filled = ("x", ..., *"hhh", "j", "j", *edit("mlp"), "j", "j", *edit("4000"), *"jjjjjjj", *edit("100"))
        begin = (
            None,
            "S",
            "y",
            "enter",
            ...,
            until(is_under_way),
            "escape",
            ...,
            lambda app: app.scan(),
            ...,
            "w",
            ...,
            None,
        )
        form, live, after = explore((100, 30), *filled, *begin, "s", "y", "enter", ..., folder=runs)
        for words in ("--model mlp", "--epochs 4000", "--train-size 100"):
            assert words in form
        assert "1 training" in live
        assert "/4000" in live
        assert "log: epoch" in live
        assert "SIGINT sent" in after
        until(lambda: read_job(jobs(runs)[0].folder).state == "stopped")(_Silent)
        assert [run.status() for run in Store(runs).runs() if run.id != "old"] == ["interrupted"]
        assert "stopped" in explore((100, 30), "x", ..., folder=runs)
    finally:
        for job in jobs(runs):
            if job.state == "running":
                stop(job)


class _Silent:
    """Stands for an explorer that has been left."""

    class screen:  # noqa: N801 (what is asked of it)
        @staticmethod
        def found():
            """Nothing to look at."""
