"""The explorer as its user sees it: screens, keys, and what never happens."""

import subprocess
import sys
from dataclasses import replace

import pytest

from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.tui.app import main


def test_list_at_80x24(explore, place, check_golden):
    check_golden("list-80x24.txt", explore((80, 24), folder=place))


def test_curve_at_80x24(explore, place, check_golden):
    check_golden("curve-80x24.txt", explore((80, 24), "slash", *"mlp", "enter", "enter", ..., "b", "b", folder=place))


def test_list_and_curve_at_120x40(explore, store):
    screen = explore((120, 40), "slash", *"mlp", "enter")
    assert "mlp-s0" in screen
    assert "rise 0.132 at 0.2, conv1" in screen
    assert "━ all  a conv1  b fc" in screen
    assert all(len(line) <= 120 for line in screen.split("\n"))
    assert screen.count("\n") == 40


def test_ascii_and_hostile_names(explore, store):
    for keys in ((), ("enter",), ("G", "enter"), ("question_mark",), ("s", "s", "enter", ..., "b")):
        screen = explore((100, 30), *keys, ascii=True, depth="none")
        assert screen.isascii()
        assert "\x1b" not in screen
    assert r"\x1b[2J" in explore((90, 30))


@pytest.mark.parametrize(("size", "num_runs"), [((120, 40), 6), ((80, 24), 3), ((30, 8), 2), ((1, 1), 1)])
def test_every_key_at_every_size(explore, store, size, num_runs):
    one_run = ["right_square_bracket", "b", "m", "t", "d", "y", "enter", "j", "B", "q", "j", ...]
    keys = one_run * num_runs
    explore(size, *keys, "G", "g", "pagedown", "pageup", "s", "question_mark")


def test_a_preview_is_marked_in_the_list_over_its_plot_and_in_the_help(explore, write_run):
    path = write_run("mlp-s9") / "curves" / "curve-0.json"
    replace(read_curve(path), complete=False).write(path)
    listed, shown, explained = explore((80, 24), None, "enter", None, "question_mark", "pagedown")
    assert "~0.132 ▲" in listed
    assert "preview: worst rise barrier 0.132 in conv1" in shown
    assert "preview: 360 examples; loss (nats) on test" in shown
    assert "~ before a barrier" in explained


def test_keys_change_what_is_shown(explore, store):
    keys = ("slash", *"mlp", "enter", None, "m", None, "m", "t", None, "d", None, "y", None, "n", "n")
    curve, accuracy, train, chord, log, training = explore((120, 40), *keys)
    assert "loss (nats) on test" in curve
    assert "accuracy on test" in accuracy
    assert "loss (nats) on train" in train
    assert "worst chord barrier" in chord
    assert "log axis" in log
    assert "by epoch" in training


def test_the_cursor_moves_and_stays_on_its_run(explore, store, write_run):
    def cursor(screen):
        return next(line for line in screen.split("\n") if "▌" in line)

    first, second, last, sorted_, found = explore(
        (80, 24), None, "j", None, "G", None, "s", None, "g", "k", "pagedown", "k", "home"
    )
    assert cursor(first) != cursor(second)
    assert "broken" in cursor(last)
    assert "broken" in cursor(sorted_)
    assert cursor(found)


def test_filter(explore, store):
    typed, kept, cleared = explore((80, 24), "slash", *"resnet8-s1", None, "enter", None, "escape")
    for screen in (typed, kept):
        assert "resnet8-s1" in screen
        assert "mlp-s0" not in screen
    assert "filter resnet8-s1" in kept
    assert "mlp-s0" in cleared
    nothing = explore((80, 24), "slash", *"zzz", "enter", "enter")
    assert "filter zzz" in nothing


def test_help_is_made_of_the_table(explore, store):
    screen, after = explore((80, 150), "question_mark", None, "q")
    assert "definition of the barrier: rise, chord, mean, max" in screen
    assert "● running" in screen
    assert "lininterp" in after.split("\n")[0]


def test_a_new_run_appears_and_the_cursor_stays(explore, store, write_run):
    def add(app):
        write_run("brand-new", times={"created": "2026-01-03T00:00:00+00:00"})
        app.scan()

    before, after = explore((80, 24), "j", None, add)
    assert "brand-new" not in before
    assert "brand-new" in after
    here = [next(line for line in screen.split("\n") if "▌" in line).split()[1] for screen in (before, after)]
    assert here[0] == here[1]


def test_a_damaged_record_says_what_is_wrong(explore, store):
    screen = explore((80, 24), "G", "enter")
    assert "This run cannot be read" in screen
    assert "damaged" in screen


def test_no_runs(explore, tmp_path):
    screen = explore((80, 24), "j", "enter", "b", folder=tmp_path / "nowhere")
    assert "There are no runs" in screen
    assert "lininterp train" in screen


def test_no_color_runs(explore, store, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    before, after = explore((80, 24), None, "slash", *"mlp", "enter", "enter", ..., "b", depth="none")
    assert "mlp-s0" in before
    assert "worst rise barrier" in after


def test_looking_again_at_unchanged_files_draws_nothing(explore, store, monkeypatch):
    drawn, found = [], []

    def watch(app):
        from textual.widget import Widget

        original, listing = Widget.refresh, app.screen.found
        monkeypatch.setattr(Widget, "refresh", lambda self, *a, **k: drawn.append(self) or original(self, *a, **k))
        monkeypatch.setattr(app.screen, "found", lambda: found.append(True) or listing())
        app.scan()

    def stop(app):
        assert found
        assert drawn == []

    explore((120, 40), watch, stop)


def test_no_terminal_prints_the_list(store, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    main(store)
    rows = capsys.readouterr().out.split("\n")
    assert rows[0].split() == ["run", "model", "data", "opt", "acc", "barrier", "≤5.00", "block", "age"]
    assert any("mlp-s0" in row for row in rows)
    main(store / "nothing")
    assert "lininterp train" in capsys.readouterr().out


def test_the_first_frame_needs_no_torch_numpy_or_plotext(store):
    program = """
import asyncio, sys
from pathlib import Path
from lininterp_cli.tui.app import Explorer

async def go():
    app = Explorer(Path(sys.argv[1]))
    seen = []
    original = Explorer._start
    Explorer._start = lambda self: (seen.append("plotext" in sys.modules), original(self))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(1)
        await app.workers.wait_for_complete()
    print(seen, sorted({"torch", "torchvision", "numpy", "scipy", "sklearn"} & set(sys.modules)))
asyncio.run(go())
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(store)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout.strip() == "[False] []", done.stderr[-800:]


def test_a_long_remark_takes_the_lines_it_needs_and_gives_them_back(explore, store):
    remark = "tui.toml: sort: o is the key of group on the screen runs; give group another, and then all of it is well"
    said, after = explore((80, 24), None, "j", folder=store, remark=remark)
    assert " ".join(line.strip() for line in said.rstrip("\n").split("\n")[-2:]) == remark
    assert " q quit" in after.rstrip("\n").split("\n")[-1]
    assert "worst rise barrier" in after.split("\n")[-3] or "no curve" in after.split("\n")[-3]
