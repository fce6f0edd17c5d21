"""Files that are whole or not there: what a failing writer, a full disk and kill -9 leave behind."""

import errno
import json
import math
import os
import random
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from waiting import wait_for

import lininterp_cli
from lininterp_cli.errors import StoreError
from lininterp_cli.runs.files import finite, read_json, remove_leftovers, replace, write_json

ROOT = Path(lininterp_cli.__file__).parents[1]
LONE_SURROGATE = "\udcff"


def fill_the_disk(path: Path) -> None:
    path.write_bytes(b"half of it")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def break_down(path: Path) -> None:
    path.write_bytes(b"half of it")
    raise ZeroDivisionError


def lose_the_file(path: Path) -> None:
    path.unlink()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "run.json"
    path.write_text("old")
    return path


def test_a_file_is_replaced_and_nothing_else_is_left(old: Path) -> None:
    replace(old, lambda path: path.write_text("new"))
    assert old.read_text() == "new"
    assert os.listdir(old.parent) == ["run.json"]


def test_folders_are_made(tmp_path: Path) -> None:
    replace(tmp_path / "a" / "b" / "c", lambda path: path.write_text("new"))
    assert (tmp_path / "a" / "b" / "c").read_text() == "new"


def test_others_may_read_the_file(tmp_path: Path) -> None:
    replace(tmp_path / "a", lambda path: path.write_text("new"))
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o644


def test_the_writer_gets_a_file_in_the_same_folder_that_no_listing_shows(old: Path) -> None:
    seen: list[Path] = []
    replace(old, seen.append)
    (temporary,) = seen
    assert temporary.parent == old.parent
    assert temporary.name.startswith(".")
    assert not temporary.match("*.json")


@pytest.mark.parametrize(
    ("write", "expected"),
    [(fill_the_disk, StoreError), (break_down, ZeroDivisionError), (lose_the_file, StoreError)],
)
def test_a_writer_that_fails_leaves_the_old_file(
    old: Path, write: Callable[[Path], object], expected: type[Exception]
) -> None:
    with pytest.raises(expected):
        replace(old, write)
    assert old.read_text() == "old"
    assert os.listdir(old.parent) == ["run.json"]


DIES = """
import os, signal, sys, time
from pathlib import Path
from lininterp_cli.runs.files import replace
def write(path):
    path.write_bytes(b"half of it")
    print("writing", flush=True)
    time.sleep(60) if sys.argv[2] == "lives" else os.kill(os.getpid(), signal.SIGKILL)
replace(Path(sys.argv[1]), write)
"""


def started(path: Path, what: str) -> subprocess.Popen[str]:
    writer = subprocess.Popen([sys.executable, "-c", DIES, path, what], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "writing\n"
    return writer


def aged(folder: Path) -> list[str]:
    """Every hidden file in a folder, made an hour old."""
    hidden = [path for path in folder.rglob(".*") if path.is_file()]
    for path in hidden:
        os.utime(path, (time.time() - 3600,) * 2)
    return sorted(path.name.rpartition(".")[0] for path in hidden)


def test_what_dead_writers_left_is_removed_and_what_living_ones_write_is_not(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    others = [tmp_path / ".gitignore", tmp_path / "a" / ".hidden.json", tmp_path / "run.json"]
    for path in others:
        path.write_text("theirs")
    started(tmp_path / "a" / "x.json", "dies").communicate()
    writer = started(tmp_path / "y.json", "lives")
    try:
        assert aged(tmp_path) == ["", ".hidden", ".x.json", ".y.json"]
        remove_leftovers(tmp_path)
        assert aged(tmp_path) == ["", ".hidden", ".y.json"]
    finally:
        writer.kill()
        writer.communicate()
    remove_leftovers(tmp_path)
    assert aged(tmp_path) == ["", ".hidden"]
    assert all(path.read_text() == "theirs" for path in others)


def test_a_file_that_was_made_just_now_may_still_be_locked(tmp_path: Path) -> None:
    (tmp_path / ".x.json.abcdefgh").write_text("")
    remove_leftovers(tmp_path)
    assert aged(tmp_path) == [".x.json"]
    remove_leftovers(tmp_path)
    assert aged(tmp_path) == []
    remove_leftovers(tmp_path / "nowhere")


def test_a_full_disk_is_named(old: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot write .*run\.json: No space left on device; .*--runs"):
        replace(old, fill_the_disk)


@pytest.mark.parametrize("function", ["fsync", "open"])
def test_a_disk_that_fails_late_leaves_the_old_file(old: Path, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    def fail(*args: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(f"lininterp_cli.runs.files.os.{function}", fail)
        with pytest.raises(StoreError, match="cannot write"):
            write_json(old, {"schema": 1})
    assert old.read_text() == "old"
    assert os.listdir(old.parent) == ["run.json"]


def test_content_is_on_the_disk_before_it_takes_the_name(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[bool, str]] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        synced.append((is_folder, old.read_text()))
        real(descriptor)

    monkeypatch.setattr("lininterp_cli.runs.files.os.fsync", note)
    replace(old, lambda path: path.write_text("new"))
    assert synced == [(False, "old"), (True, "new")]


@pytest.mark.parametrize("below", ["file/run.json", "file/a/run.json", "n" * 300, "folder"])
def test_a_path_that_cannot_be_written_is_a_store_error(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("regular")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match=r"^cannot write .*; choose another folder with --runs$"):
        write_json(tmp_path / below, {"schema": 1})
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "regular"


WRITE_FOR_EVER = """
import sys
from itertools import count
from pathlib import Path
from lininterp_cli.runs.files import write_json
for number in count():
    write_json(Path(sys.argv[1]), {"schema": 1, "number": number, "rows": [number] * 20000})
"""


def assert_whole(path: Path) -> int:
    content = read_json(path, 1)
    assert content["rows"] == [content["number"]] * 20000
    return int(content["number"])


def test_kill_never_leaves_a_torn_file(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    delays = random.Random(0)
    for _ in range(5):
        worker = subprocess.Popen(
            [sys.executable, "-c", WRITE_FOR_EVER, str(path)], env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        try:
            wait_for(path.exists)
            for _ in range(5):
                assert_whole(path)
                time.sleep(delays.uniform(0.0, 0.03))
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        assert worker.returncode == -signal.SIGKILL
        assert_whole(path)


def test_what_a_kill_leaves_does_not_stop_the_next_writer(tmp_path: Path) -> None:
    (tmp_path / ".run.json.abcdefgh").write_text("half of")
    write_json(tmp_path / "run.json", {"schema": 1})
    assert read_json(tmp_path / "run.json", 1) == {"schema": 1}


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60)
@given(content=st.dictionaries(st.text(), PLAIN, max_size=4))
def test_plain_data_comes_back(tmp_path_factory: pytest.TempPathFactory, content: dict[str, object]) -> None:
    path = tmp_path_factory.getbasetemp() / "plain.json"
    write_json(path, content | {"schema": 1})
    assert read_json(path, 1) == content | {"schema": 1}
    assert path.read_text(encoding="utf-8").endswith("}\n")


def test_the_text_is_readable_with_cat(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"schema": 1, "name": "é", "list": [1, None]})
    expected = '{\n "schema": 1,\n "name": "é",\n "list": [\n  1,\n  null\n ]\n}\n'
    assert (tmp_path / "a.json").read_bytes() == expected.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_json_has_no_word_for_is_a_bug_and_touches_nothing(old: Path, value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(old, {"schema": 1, "loss": value})
    assert old.read_text() == "old"
    assert os.listdir(old.parent) == ["run.json"]


def test_a_name_the_terminal_could_not_decode_is_kept(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"schema": 1, "name": LONE_SURROGATE})
    assert read_json(tmp_path / "a.json", 1)["name"] == LONE_SURROGATE


DAMAGED = {
    "empty": b"",
    "spaces": b"  \n",
    "torn": b'{"schema": 1, "id": "a',
    "binary": bytes(range(256)),
    "latin-1": '{"schema": 1, "é": 1}'.encode("latin-1"),
    "list": b"[1]",
    "text": b'"schema"',
    "number": b"1",
    "null": b"null",
    "two objects": b'{"schema": 1}{"schema": 1}',
    "no schema": b"{}",
    "text schema": b'{"schema": "1"}',
    "float schema": b'{"schema": 1.0}',
    "null schema": b'{"schema": null}',
    "bool schema": b'{"schema": true}',
    "newer": b'{"schema": 2}',
    "far newer": b'{"schema": 99999999999999999999999}',
    "long number": b'{"schema": ' + b"1" * 5000 + b"}",
    "deep list": b'{"schema": 1, "a": ' + b"[" * 100_000,
    "deep closed list": b'{"schema": 1, "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep object": b'{"a":' * 100_000,
    "nan": b'{"schema": 1, "loss": NaN}',
    "infinity": b'{"schema": 1, "loss": -Infinity}',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_a_store_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        read_json(path, 1)
    assert str(path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_newer_schema_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('{"schema": 7}')
    with pytest.raises(StoreError, match=r"newer lininterp \(schema 7, this one reads 3\)"):
        read_json(tmp_path / "a", 3)
    assert read_json(tmp_path / "a", 7) == {"schema": 7}
    assert read_json(tmp_path / "a", 8) == {"schema": 7}


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "a", 1)


def test_a_folder_or_a_path_below_a_file_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("{}")
    for path in (tmp_path, tmp_path / "file" / "run.json", tmp_path / ("n" * 300)):
        with pytest.raises(StoreError, match=r"^cannot read"):
            read_json(path, 1)


@settings(deadline=None)
@given(content=st.binary(max_size=40) | PLAIN.map(lambda plain: json.dumps(plain).encode()))
def test_any_bytes_are_an_object_with_a_schema_or_a_store_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.json"
    path.write_bytes(content)
    try:
        result = read_json(path, 1)
    except StoreError:
        return
    assert isinstance(result["schema"], int)


@settings(deadline=None)
@given(value=st.floats() | st.none())
def test_finite(value: float | None) -> None:
    assert finite(value) == (value if value is not None and math.isfinite(value) else None)
