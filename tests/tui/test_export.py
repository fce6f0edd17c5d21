"""What is on the screen becomes a file, whole, under a new name, or a remark."""

import csv
import io
import os
import time
from xml.etree import ElementTree

import pytest

from lininterp_cli.tui.export import ExportError, as_csv, export
from lininterp_cli.tui.screens.runs import RunsScreen

SECONDS = 1_767_323_045.0


@pytest.fixture
def here(tmp_path_factory, monkeypatch):
    """The folder the explorer was started in."""
    folder = tmp_path_factory.mktemp("here")
    monkeypatch.chdir(folder)
    return folder


def test_names_are_new_and_nothing_else_is_left(tmp_path):
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(SECONDS))
    written = [export(tmp_path, "curve", "text", str(index), SECONDS) for index in range(3)]
    assert [path.name for path in written] == [f"lininterp-curve-{stamp}{number}.txt" for number in ("", "-2", "-3")]
    assert [path.read_text() for path in written] == ["0", "1", "2"]
    assert sorted(tmp_path.iterdir()) == sorted(written)


def test_what_cannot_be_written_says_why_and_leaves_nothing(tmp_path, monkeypatch):
    with pytest.raises(ExportError, match="No such file or directory; start the explorer in another folder"):
        export(tmp_path / "none", "runs", "csv", "x", SECONDS)
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(ExportError, match="No space left on device"):
        export(tmp_path, "runs", "csv", "x", SECONDS)
    assert list(tmp_path.iterdir()) == []


def test_csv_is_what_other_programs_read():
    rows = [["run", "note"], ["a,b", 'says "no"'], ["\x1b[2J", "two\nlines"]]
    text = as_csv(rows)
    assert list(csv.reader(io.StringIO(text)))[:2] == rows[:2]
    assert "\x1b" not in text
    assert len(text.split("\r\n")) == 4


def test_text_and_picture_are_the_screen(explore, store, here):
    shown, said, _ = explore((100, 30), None, "e", ..., "enter", None, "e", ..., "down", "enter", folder=store)
    text = next(here.glob("*.txt")).read_text(encoding="utf-8")
    # The foot says where the file went only after it was written.
    assert text == shown
    assert "wrote " in said
    drawing = next(here.glob("*.svg")).read_text(encoding="utf-8")
    assert "font-face" not in drawing
    assert "url(http" not in drawing.replace(" ", "")
    assert "mlp-s0" in "".join(ElementTree.fromstring(drawing).itertext()).replace("\xa0", " ")


def test_csv_is_offered_where_there_is_a_table(explore, store, here, monkeypatch):
    monkeypatch.setattr(RunsScreen, "rows", lambda self: [["run"], ["mlp-s0"]])
    explore((80, 24), "e", ..., *"csv", "enter", folder=store)
    assert next(here.glob("*.csv")).read_bytes() == b"run\r\nmlp-s0\r\n"
    monkeypatch.setattr(RunsScreen, "rows", lambda self: [])
    assert "csv" not in explore((80, 24), "e", folder=store)


def test_a_folder_that_went_away_is_a_remark(explore, store, here):
    here.rmdir()
    assert "No such file" in explore((120, 24), "e", ..., "enter", folder=store)


def test_the_palette_does_what_it_names_and_changes_the_theme(explore, store):
    themes = []
    listed, chosen, _ = explore(
        (100, 30), "ctrl+p", None, *"sort", "enter", None, "ctrl+p", *"theme nord", "enter",
        lambda app: themes.append(app.theme), folder=store,
    )  # fmt: skip
    assert "newest, accuracy, barrier, name, state" in listed
    assert "sort newest" not in chosen.split("\n")[0]
    assert themes == ["nord"]


def test_the_palette_is_ascii_and_still(explore, store, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert explore((80, 24), "ctrl+p", folder=store, ascii=True, depth="none").isascii()
