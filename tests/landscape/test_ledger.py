"""The ledger against a table of everything, and against a disk that is full, damaged or pulled out."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

import lininterp_cli
from lininterp_cli.errors import StoreError
from lininterp_cli.landscape.ledger import Ledger

ROOT = Path(lininterp_cli.__file__).parents[1]
NUM = 30
PLACES = (("full", 0.0), ("full", 0.1 + 0.2), ("block:fc", 0.0), ("block:a/b", -0.5))
GENERATOR = np.random.default_rng(0)
LOSSES = {split: GENERATOR.normal(size=(len(PLACES), NUM)).astype(np.float32) for split in ("test", "train")}
CORRECT = {split: GENERATOR.random((len(PLACES), NUM)) < 0.5 for split in ("test", "train")}
IDENTITY = {"bn": "running", "data": {"test": "ab"}}

ADDS = st.lists(
    st.tuples(
        st.sampled_from(["test", "train"]),
        st.sets(st.integers(0, NUM), min_size=2, max_size=2).map(sorted),
        st.sets(st.integers(0, len(PLACES) - 1), min_size=1).map(sorted),
    ),
    max_size=12,
)


def add(ledger: Ledger, split: str, first: int, stop: int, rows: list[int] | None = None) -> None:
    rows = list(range(len(PLACES))) if rows is None else rows
    some = [PLACES[row] for row in rows]
    ledger.add(split, first, some, LOSSES[split][rows, first:stop], CORRECT[split][rows, first:stop])


def add_in_eights(ledger: Ledger) -> None:
    for first in range(0, NUM, 8):
        add(ledger, "test", first, min(first + 8, NUM))


def check(ledger: Ledger, known: dict[tuple[str, int], int]) -> None:
    """The ledger knows that many examples at each place, and all of them as in the table."""
    for split in ("test", "train"):
        for row, place in enumerate(PLACES):
            num = known.get((split, row), 0)
            assert ledger.num_known(split, place) == num
            if num:
                found = ledger.losses(split, place[0], [place[1]], num)
                assert found.dtype == np.float64
                assert np.array_equal(found, LOSSES[split][row, :num, None].astype(np.float64))
                assert np.array_equal(ledger.correct(split, place[0], [place[1]], num), CORRECT[split][row, :num, None])


def extended(known: dict[tuple[str, int], int], adds: list[tuple[str, list[int], list[int]]]) -> None:
    for split, (first, stop), rows in adds:
        for row in rows:
            num = known.get((split, row), 0)
            known[split, row] = max(num, stop) if first <= num else num


@given(ADDS)
def test_what_is_known_is_what_was_added_without_a_gap(adds: list[tuple[str, list[int], list[int]]]):
    ledger, known = Ledger(None, IDENTITY), dict[tuple[str, int], int]()
    for split, (first, stop), rows in adds:
        add(ledger, split, first, stop, rows)
        extended(known, [(split, [first, stop], rows)])
        check(ledger, known)
    assert ledger.folder is None


@settings(max_examples=40)
@given(ADDS)
def test_a_ledger_that_is_opened_again_knows_all_that_was_kept(
    tmp_path_factory: pytest.TempPathFactory, adds: list[tuple[str, list[int], list[int]]]
):
    folder, known = tmp_path_factory.mktemp("outcomes"), dict[tuple[str, int], int]()
    for split, (first, stop), rows in adds:
        # Each piece by a process of its own.
        add(Ledger(folder, IDENTITY), split, first, stop, rows)
    extended(known, sorted(adds, key=lambda one: one[1][0]))
    check(Ledger(folder, IDENTITY), known)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_bit_of_a_loss_is_kept(tmp_path: Path, dtype: Any):
    losses = np.array([[0.1, 1 / 3, np.nan, np.inf, -0.0, 1e-40, 3e38]], dtype=dtype)
    correct = np.array([[True, False, True, True, False, False, True]])
    Ledger(tmp_path, IDENTITY).add("test", 0, [("full", 0.5)], losses, correct)
    again = Ledger(tmp_path, IDENTITY)
    assert again.losses("test", "full", [0.5], 7).tobytes() == losses.T.astype(np.float64).tobytes()
    assert np.array_equal(again.correct("test", "full", [0.5], 7), correct.T)


def test_columns_are_in_the_order_of_the_alphas(tmp_path: Path):
    ledger = Ledger(tmp_path, IDENTITY)
    add(ledger, "test", 0, 12)
    add(ledger, "test", 12, 20)
    found = ledger.losses("test", "full", [0.1 + 0.2, 0.0, 0.1 + 0.2], 17)
    assert np.array_equal(found, LOSSES["test"][[1, 0, 1], :17].T)
    with pytest.raises(KeyError):
        ledger.losses("test", "full", [0.3], 17)


@pytest.mark.parametrize(
    "other", [{"bn": "final"}, {"data": {"test": "cd"}}, {"data": {"test": "ab", "train": "ef"}}, {"batch_size": 512}]
)
def test_another_line_has_another_folder(tmp_path: Path, other: dict[str, Any]):
    ledger, another = Ledger(tmp_path, IDENTITY), Ledger(tmp_path, IDENTITY | other)
    assert ledger.folder != another.folder
    add(ledger, "test", 0, 9)
    check(Ledger(tmp_path, IDENTITY | other), {})
    turned = {"data": {"test": "ab"}, "bn": "running"}
    check(Ledger(tmp_path, turned), {("test", row): 9 for row in range(4)})
    another.forget()
    check(Ledger(tmp_path, IDENTITY), {("test", row): 9 for row in range(4)})


def test_what_is_forgotten_is_gone_from_the_disk(tmp_path: Path):
    ledger = Ledger(tmp_path, IDENTITY)
    add(ledger, "test", 0, 9)
    ledger.forget()
    check(ledger, {})
    check(Ledger(tmp_path, IDENTITY), {})
    add(ledger, "train", 0, 5)
    check(Ledger(tmp_path, IDENTITY), {("train", row): 5 for row in range(4)})


def test_files_are_never_changed_and_say_what_is_in_them(tmp_path: Path):
    ledger = Ledger(tmp_path, IDENTITY)
    assert ledger.folder is not None
    add(ledger, "test", 0, 9)
    (path,) = ledger.folder.glob("*.safetensors")
    content, age = path.read_bytes(), path.stat().st_mtime_ns
    add(ledger, "test", 9, 12)
    add(ledger, "test", 0, 9, [0, 1])
    add(ledger, "train", 0, 9)
    Ledger(tmp_path, IDENTITY)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (content, age)
    assert len(list(ledger.folder.glob("*.safetensors"))) == 4
    held = load_file(path)
    assert np.array_equal(held["losses"], LOSSES["test"][:, :9])
    assert '"bn": "running"' in (ledger.folder / "identity.json").read_text()


def cut_to(share: float) -> Callable[[bytes], bytes]:
    return lambda content: content[: int(len(content) * share)]


@pytest.mark.parametrize(
    "damage",
    [
        cut_to(0.0),
        cut_to(0.01),
        cut_to(0.5),
        cut_to(0.999),
        lambda content: bytes(len(content)),
        lambda _: b"{}" * 99,
        lambda content: content.replace(b'"schema":"1"', b'"schema":"9"'),
    ],
    ids=["empty", "a byte", "half", "all but a byte", "zeros", "another file", "another schema"],
)
@pytest.mark.parametrize("number", [0, 1])
def test_a_damaged_file_is_measured_again(tmp_path: Path, number: int, damage: Callable[[bytes], bytes]):
    ledger = Ledger(tmp_path, IDENTITY)
    assert ledger.folder is not None
    add(ledger, "test", 0, 8)
    add(ledger, "test", 8, 16)
    path = sorted(ledger.folder.glob("*.safetensors"))[number]
    path.write_bytes(damage(path.read_bytes()))
    again = Ledger(tmp_path, IDENTITY)
    check(again, {("test", row): 8 * number for row in range(4)})
    add(again, "test", 8 * number, 8 * number + 8)
    check(Ledger(tmp_path, IDENTITY), {("test", row): 16 for row in range(4)})


def test_a_damaged_byte_anywhere_in_the_head_is_no_traceback(tmp_path: Path):
    ledger = Ledger(tmp_path, IDENTITY)
    assert ledger.folder is not None
    add(ledger, "test", 0, 8)
    (path,) = ledger.folder.glob("*.safetensors")
    content = path.read_bytes()
    for place in range(8 + int.from_bytes(content[:8], "little")):
        path.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        Ledger(tmp_path, IDENTITY)
    save_file({"losses": np.zeros((1, 8), np.float32)}, path)
    check(Ledger(tmp_path, IDENTITY), {})


@pytest.mark.parametrize("moment", [1, 2, 3])
def test_a_full_disk_is_one_clear_error_and_nothing_half(tmp_path: Path, moment: int, monkeypatch: pytest.MonkeyPatch):
    ledger = Ledger(tmp_path, IDENTITY)
    assert ledger.folder is not None
    count, plain = 0, os.fsync

    def full(descriptor: int) -> None:
        nonlocal count
        count += 1
        if count >= moment:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        plain(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"cannot write .*outcomes-test.*No space left on device.*--runs"):
        add_in_eights(ledger)
    monkeypatch.undo()
    # A file is there when its folder could not be forced to the disk; what is there is whole.
    num = 8 * (moment // 2)
    check(Ledger(tmp_path, IDENTITY), {("test", row): num for row in range(4)})
    assert [path.name for path in ledger.folder.iterdir() if path.name.startswith(".")] == []


LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
from lininterp_cli.errors import StoreError
from lininterp_cli.landscape.ledger import Ledger

ledger = Ledger(Path(sys.argv[1]), {"bn": "running"})
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    ledger.add("test", 0, [("full", 0.5)], np.zeros((1, 5000), np.float32), np.zeros((1, 5000), bool))
except StoreError as error:
    print(error)
"""


def test_a_file_that_cannot_be_written_to_its_end_is_the_same_error(tmp_path: Path):
    """What the library that writes tensors makes of a full disk is no OSError."""
    told = subprocess.run([sys.executable, "-c", LIMITED, tmp_path], capture_output=True, text=True, cwd=ROOT)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("cannot write ")
    assert "--runs" in told.stdout
    check(Ledger(tmp_path, {"bn": "running"}), {})
    assert list(tmp_path.rglob("*outcomes*")) == []
