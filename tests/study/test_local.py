"""Cells as processes: how many at a time, with what, and how they end."""

import os
import signal
import subprocess
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waiting import wait_for

from lininterp_cli.errors import ConfigError, StoreError
from lininterp_cli.study.local import cores, cpu_slots, gpu_slots, how_it_ended, run_processes, shares
from lininterp_cli.study.plan import Study

CELLS = Study(name="x", seeds=tuple(range(6))).cells()


@pytest.fixture(autouse=True)
def _no_threads_are_said(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A program in the place of lininterp: each process runs the given Python text."""
    package = tmp_path / "fake" / "lininterp_cli"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(package.parent))

    def run(text, num_slots=2, cells=CELLS):
        (package / "__main__.py").write_text(text)
        ended = []
        run_processes(
            cells,
            [{"SLOT": str(index)} for index in range(num_slots)],
            lambda cell: [str(cell.config.seed), "a b"],
            lambda cell: tmp_path / "logs" / f"{cell.config.seed}.log",
            lambda cell, code: ended.append((cell.config.seed, code)),
        )
        return dict(ended)

    monkeypatch.chdir(tmp_path)
    return run


def test_each_cell_is_a_process_with_its_words_and_its_log(fake, tmp_path):
    ended = fake("import os, sys; print(sys.argv[1:], os.environ['SLOT'] in '01'); raise SystemExit(int(sys.argv[1]))")
    assert ended == {seed: seed for seed in range(6)}
    for seed in range(6):
        first, second = (tmp_path / "logs" / f"{seed}.log").read_text().splitlines()
        assert first.endswith(f"-m lininterp_cli {seed} 'a b'")
        assert second == f"['{seed}', 'a b'] True"


@pytest.mark.parametrize("num_slots", [1, 3])
def test_as_many_at_a_time_as_there_are_slots(fake, tmp_path, num_slots):
    fake(
        "import os, sys, time; from pathlib import Path\n"
        "mine = Path('at-work') / os.environ['SLOT']; mine.parent.mkdir(exist_ok=True)\n"
        "mine.open('x').close()\n"  # fails where the slot is taken
        "with open('counts', 'a') as file: file.write(f'{len(os.listdir(mine.parent))}\\n')\n"
        "time.sleep(0.1); mine.unlink()",
        num_slots,
    )
    counts = [int(line) for line in (tmp_path / "counts").read_text().split()]
    assert len(counts) == 6
    assert max(counts) <= num_slots


def test_one_that_is_killed_costs_itself_alone(fake, tmp_path):
    ended = fake("import os, signal, sys; sys.argv[1] == '2' and os.kill(os.getpid(), signal.SIGKILL)")
    assert ended == {seed: -signal.SIGKILL if seed == 2 else 0 for seed in range(6)}


def test_an_interruption_reaches_every_process_and_starts_no_other(fake, tmp_path):
    def interrupt():
        wait_for(lambda: len(list((tmp_path / "logs").glob("ready*"))) == 2)
        os.kill(os.getpid(), signal.SIGINT)

    (tmp_path / "logs").mkdir()
    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        fake(
            "import signal, sys, time; from pathlib import Path\n"
            "def stop(*_): Path(f'logs/stopped{sys.argv[1]}').touch(); raise SystemExit(130)\n"
            "signal.signal(signal.SIGTERM, stop); Path(f'logs/ready{sys.argv[1]}').touch()\n"
            "time.sleep(60)"
        )
    thread.join()
    assert {path.name for path in (tmp_path / "logs").glob("[rs]*")} == {"ready0", "ready1", "stopped0", "stopped1"}


def test_a_log_that_cannot_be_written(fake, tmp_path):
    (tmp_path / "logs").touch()
    with pytest.raises(StoreError, match="cannot start a process"):
        fake("")


def test_how_a_process_ended(tmp_path):
    log = tmp_path / "log"
    assert how_it_ended(3, log) == "ended with exit code 3"
    log.write_bytes(b"x" * 10_000 + b"\none\nlast \xff\n\n")
    assert how_it_ended(1, log) == "ended with exit code 1: last \ufffd"
    assert how_it_ended(-9, log).startswith("killed by SIGKILL, as when memory runs out: last")
    assert how_it_ended(-11, log).startswith("killed by SIGSEGV: last")
    assert how_it_ended(-60, tmp_path / "nowhere") == "killed by signal 60"


@given(st.integers(1, 64) | st.none(), st.integers(1, 1000))
def test_processes_share_the_cores(num_jobs, num_cells):
    slots = cpu_slots(num_jobs, num_cells)
    assert 1 <= len(slots) <= min(num_jobs or 8, num_cells)
    assert num_jobs is None or len(slots) == min(num_jobs, num_cells)
    threads = {int(slot["OMP_NUM_THREADS"]) for slot in slots}
    assert threads == {max(1, cores() // len(slots))}


def test_threads_that_the_user_says_stay(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert cpu_slots(2, 9) == [{"OMP_NUM_THREADS": "5"}] * 2


def test_cores_are_those_that_this_process_may_use():
    assert cores() == int(subprocess.run(["nproc"], capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize(
    ("num_jobs", "num_cells", "share", "expected"),
    [
        (None, 99, 1.0, ["a", "b"]),
        (None, 99, 0.5, ["a", "b", "a", "b"]),
        (None, 3, 0.25, ["a", "b", "a"]),
        (None, 99, None, ["a", "b"]),
        (3, 99, None, ["a", "b", "a"]),
        (3, 99, 1.0, ["a", "b"]),
        (1, 99, 0.1, ["a"]),
    ],
)
def test_gpus_are_given_in_turn(num_jobs, num_cells, share, expected):
    slots = gpu_slots(num_jobs, num_cells, ["a", "b"], share)
    assert [slot["CUDA_VISIBLE_DEVICES"] for slot in slots] == expected


@given(st.integers(1, 1000))
def test_shares_of_a_gpu(count):
    assert shares(1 / count) == count


@pytest.mark.parametrize("share", [0.0, -1.0, 1.5, float("nan")])
def test_what_is_no_share(share):
    with pytest.raises(ConfigError, match="a share of one GPU"):
        shares(share)
