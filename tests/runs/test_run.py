"""One run: where its files are, what its metrics say, and its lock against other processes."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lininterp_cli.errors import StoreError
from lininterp_cli.runs.record import Record, Status
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store

Holder = Callable[[Run], AbstractContextManager[subprocess.Popen[str]]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run whose record is on the disk."""
    made = Run(tmp_path / "runs" / "a", Record(id="a", config={}))
    made.record.write(made.record_path)
    return made


class TestPaths:
    def test_the_layout_is_pinned(self, tmp_path: Path) -> None:
        run = Run(tmp_path / "a", Record(id="a", config={}))
        paths = [run.folder, run.record_path, run.metrics_path, run.resume_folder, run.curves_folder]
        paths += [run.checkpoint_path("final"), run.checkpoint_path("epoch-0005")]
        assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
            "a",
            "a/run.json",
            "a/metrics.jsonl",
            "a/resume",
            "a/curves",
            "a/checkpoints/final.safetensors",
            "a/checkpoints/epoch-0005.safetensors",
        ]
        assert os.listdir(tmp_path) == []

    def test_checkpoints_are_sorted_from_first_to_last(self, run: Run) -> None:
        assert run.checkpoints() == []
        for name in ("final", "epoch-0010", "initial", "epoch-0002"):
            run.checkpoint_path(name).parent.mkdir(exist_ok=True)
            run.checkpoint_path(name).touch()
        (run.folder / "checkpoints" / ".final.safetensors.abcdefgh").touch()
        (run.folder / "checkpoints" / "notes.txt").touch()
        assert run.checkpoints() == ["initial", "epoch-0002", "epoch-0010", "final"]

    def test_curves_are_sorted_by_age(self, run: Run) -> None:
        assert run.curve_paths() == []
        run.curves_folder.mkdir()
        for age, name in enumerate(["b.json", "c.json", "a.json"]):
            (run.curves_folder / name).touch()
            os.utime(run.curves_folder / name, (1000 - age, 1000 - age))
        (run.curves_folder / ".d.json.abcdefgh").touch()
        assert [path.name for path in run.curve_paths()] == ["a.json", "c.json", "b.json"]


class TestMetrics:
    ROWS = b'{"epoch": 0, "loss": 2.0}\n{"epoch": 1, "loss": null}\n'
    READ = ({"epoch": 0, "loss": 2.0}, {"epoch": 1, "loss": None})

    def test_no_file_is_no_rows(self, run: Run) -> None:
        assert run.metrics() == []

    @pytest.mark.parametrize(
        "tail",
        [
            b"",
            b'{"epo',
            b"{",
            b'{"error": "\xc3',
            b"\xff\xff",
            b"\x00\x00\x00",
            b"[" * 100_000,
            b"3",
            b"null",
            b"[1]",
            b'"text"',
            b"1" * 5000,
        ],
        ids=lambda tail: repr(tail[:8]),
    )
    def test_a_torn_line_ends_the_list(self, run: Run, tail: bytes) -> None:
        run.metrics_path.write_bytes(self.ROWS + tail)
        assert run.metrics() == list(self.READ)

    def test_nothing_after_a_torn_line_counts(self, run: Run) -> None:
        run.metrics_path.write_bytes(self.ROWS + b'{"ep\n{"epoch": 3}\n')
        assert run.metrics() == list(self.READ)

    @settings(deadline=None, max_examples=50)
    @given(text=st.text(max_size=8))
    @example(text="a\u2028b\x85c\x0cd\re")
    def test_any_text_in_a_row_comes_back(self, tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
        run = Run(tmp_path_factory.getbasetemp(), Record(id="a", config={}))
        row = json.dumps({"error": text}, ensure_ascii=False)
        run.metrics_path.write_text(row + "\n" + row + "\n", encoding="utf-8")
        assert run.metrics() == [{"error": text}] * 2

    @settings(deadline=None)
    @given(content=st.binary(max_size=60))
    def test_any_bytes_give_rows(self, tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
        run = Run(tmp_path_factory.getbasetemp(), Record(id="a", config={}))
        run.metrics_path.write_bytes(content)
        assert all(isinstance(row, dict) for row in run.metrics())


class TestLock:
    def test_another_process_is_kept_out_until_this_one_lets_go(self, run: Run, holder: Holder) -> None:
        with holder(run) as worker:
            assert run.is_locked()
            assert run.status() == "running"
            with pytest.raises(StoreError, match="another process is at work on a"), run.lock():
                pytest.fail("two processes hold one run")
            with pytest.raises(StoreError, match="a process is at work on a; stop it first"):
                Store(run.folder.parent).delete(run.id)
            assert run.record_path.exists()
            assert worker.stdin is not None
            assert worker.stdout is not None
            worker.stdin.write("\n")
            worker.stdin.flush()
            assert worker.stdout.readline() == "released\n"
            assert not run.is_locked()
            with run.lock():
                assert run.is_locked()

    def test_kill_releases_the_run_and_its_status_is_interrupted(self, run: Run, holder: Holder) -> None:
        with holder(run) as worker:
            assert run.status() == "running"
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            assert not run.is_locked()
            assert run.status() == "interrupted"
            assert run.record.status == "running"
            with run.lock():
                assert run.status() == "running"
        Store(run.folder.parent).delete(run.id)
        assert not run.folder.exists()

    @pytest.mark.parametrize("status", ["finished", "interrupted", "failed", "diverged"])
    def test_other_statuses_stand_as_they_are(self, run: Run, status: Status) -> None:
        run.record.status = status
        assert run.status() == status
        with run.lock():
            assert run.status() == status

    def test_a_run_that_was_never_locked_is_not_locked(self, run: Run) -> None:
        assert not run.is_locked()
        assert run.status() == "interrupted"
        assert os.listdir(run.folder) == ["run.json"]

    def test_an_error_inside_lets_go(self, run: Run) -> None:
        with pytest.raises(ZeroDivisionError), run.lock():
            raise ZeroDivisionError
        assert not run.is_locked()

    def test_the_same_process_is_kept_out_too(self, run: Run) -> None:
        with run.lock():
            with pytest.raises(StoreError), run.lock():
                pytest.fail("the run is held twice")
            assert run.is_locked()

    def test_a_glance_at_the_lock_does_not_keep_a_worker_out(self, run: Run) -> None:
        (run.folder / "lock").touch()
        descriptor = os.open(run.folder / "lock", os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_SH)

        def glance() -> None:
            time.sleep(0.12)
            os.close(descriptor)

        thread = threading.Thread(target=glance)
        thread.start()
        with run.lock():
            assert run.is_locked()
        thread.join()

    def test_looking_leaves_no_open_files(self, run: Run) -> None:
        with run.lock():
            before = len(os.listdir("/proc/self/fd"))
            for _ in range(5):
                assert run.is_locked()
            with pytest.raises(StoreError), run.lock():
                pytest.fail("the run is held twice")
            assert len(os.listdir("/proc/self/fd")) == before

    def test_the_folder_is_made(self, tmp_path: Path) -> None:
        run = Run(tmp_path / "runs" / "a", Record(id="a", config={}))
        with run.lock():
            assert run.folder.is_dir()

    def test_a_file_instead_of_the_folder_is_a_store_error(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("a file")
        run = Run(tmp_path / "a", Record(id="a", config={}))
        with pytest.raises(StoreError, match=r"cannot write .*a: .*--runs"), run.lock():
            pytest.fail("a file was locked as a folder")
        assert not run.is_locked()

    def test_a_store_below_a_file_is_a_store_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        run = Run(tmp_path / "file" / "runs" / "a", Record(id="a", config={}))
        with pytest.raises(StoreError, match="--runs"), run.lock():
            pytest.fail("a folder was made below a file")


class TestMeasuring:
    def test_a_run_that_is_gone_is_not_measured(self, run: Run) -> None:
        shutil.rmtree(run.folder)
        with pytest.raises(StoreError, match=f"{run.id} is no longer in"), run.measuring("full", pytest.fail):
            pytest.fail("a lock was held in a folder that is gone")
        assert not run.folder.exists()
