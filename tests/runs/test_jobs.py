"""Jobs as real processes: what they outlive, how they end, and what arrives of their words."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from waiting import wait_for

import lininterp_cli
from lininterp_cli.errors import ConfigError, ExitCode, StoreError
from lininterp_cli.runs import jobs as jobs_module
from lininterp_cli.runs.job_log import run_of, tail
from lininterp_cli.runs.jobs import Job, jobs, read_job, remove, start, stop
from lininterp_cli.runs.store import Store

HOSTILE = ["a b", "it's", '"', "$(touch pwned)", "`id`", "--", "-x", "line\nend", "\\", "", "*", "é\u202e", "$HOME;ls&"]


def until(path):
    """A program that waits for a file."""
    return f"import pathlib, time\nwhile not pathlib.Path({str(path)!r}).exists(): time.sleep(0.02)"


def ended(job):
    return wait_for(lambda: (now := read_job(job.folder)).state != "running" and now)


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A program in the place of lininterp: each job begins as that does and then runs the given Python text."""
    package = tmp_path / "fake" / "lininterp_cli"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f"__path__.append({str(Path(lininterp_cli.__file__).parent)!r})")
    monkeypatch.setenv("PYTHONPATH", str(package.parent))

    def write(text, before=""):
        begin = ["from lininterp_cli.runs.job_start import heed_stop", before, "try: heed_stop()"]
        begin += ["except KeyboardInterrupt: raise SystemExit(130)"]
        (package / "__main__.py").write_text("\n".join([*begin, text]))
        return tmp_path / "runs"

    monkeypatch.chdir(tmp_path)
    return write


def test_words_arrive_as_they_are(fake, tmp_path):
    runs = fake("import sys, json, os; json.dump([sys.argv[1:], os.getcwd(), sys.stdin.read()], open('got', 'w'))")
    job = start(runs, HOSTILE)
    assert ended(job).state == "done"
    assert json.loads((tmp_path / "got").read_text()) == [HOSTILE, str(tmp_path), ""]
    assert list(read_job(job.folder).words) == HOSTILE
    assert not (tmp_path / "pwned").exists()


def test_a_null_character_and_a_folder_that_cannot_be_written_are_told(fake, tmp_path):
    runs = fake("")
    with pytest.raises(ConfigError, match="null"):
        start(runs, ["a\0b"])
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot start"):
        start(tmp_path / "file", ["train"])


@pytest.mark.parametrize(("code", "state"), [(0, "done"), (1, "failed"), (3, "failed"), (130, "stopped")])
def test_the_exit_code_is_kept(fake, code, state):
    runs = fake(f"import sys; print('out'); print('err', file=sys.stderr); sys.exit({code})")
    job = ended(start(runs, ["x"]))
    assert (job.state, job.code) == (state, code)
    assert sorted(tail(job, 9)) == ["err", "out"]


def test_it_outlives_the_kill_of_who_started_it_and_keeps_its_exit_code(fake, tmp_path):
    go = tmp_path / "go"
    runs = fake(f"print('alive', flush=True)\n{until(go)}\nprint('end'); raise SystemExit(7)")
    # The starter is a session of its own, as behind an SSH line, and is killed with everything in it.
    program = f"""
import sys, time
sys.path.insert(0, {os.getcwd()!r})
from pathlib import Path
from lininterp_cli.runs.jobs import start
start(Path({str(runs)!r}), ["x"])
time.sleep(60)
"""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    fake_path = os.environ["PYTHONPATH"]
    program = program.replace("start(Path", f"import os; os.environ['PYTHONPATH'] = {fake_path!r}\nstart(Path")
    starter = subprocess.Popen([sys.executable, "-c", program], start_new_session=True, env=environment)
    job = wait_for(lambda: next(iter(jobs(runs)), None))
    wait_for(lambda: tail(job, 1) == ["alive"])
    os.killpg(starter.pid, signal.SIGKILL)
    starter.wait()
    assert read_job(job.folder).state == "running"
    go.touch()
    done = ended(job)
    assert (done.state, done.code, tail(done, 1)) == ("failed", 7, ["end"])


def test_a_first_stop_is_ctrl_c_and_a_second_one_is_sigterm(fake):
    runs = fake("""
import signal, time
def say(number, _):
    print(signal.Signals(number).name, flush=True)
    if number == signal.SIGTERM: raise SystemExit(5)
signal.signal(signal.SIGINT, say); signal.signal(signal.SIGTERM, say)
print("ready", flush=True)
while True: time.sleep(0.05)
""")
    job = start(runs, ["x"])
    wait_for(lambda: tail(job, 1) == ["ready"])
    assert stop(job) == "SIGINT"
    wait_for(lambda: tail(job, 1) == ["SIGINT"])
    assert read_job(job.folder).state == "running"
    with pytest.raises(StoreError, match="running"):
        remove(job)
    assert stop(job) == "SIGTERM"
    assert (ended(job).state, ended(job).code) == ("stopped", 5)
    with pytest.raises(StoreError, match="not running"):
        stop(job)


def test_a_stop_while_the_job_is_being_started_is_not_lost(fake, tmp_path, monkeypatch):
    # Before the first place the keeper has no number, after the second it is Python that begins, deaf to Ctrl-C.
    for number, line in enumerate(("trap :", "(\n", "    LININTERP_JOB")):
        go = tmp_path / f"go{number}"
        with monkeypatch.context() as patch:
            held = f"until [ -e {shlex.quote(str(go))} ]; do sleep 0.02; done\n{line}"
            patch.setattr(jobs_module, "_KEEPER", jobs_module._KEEPER.replace(line, held))
            runs = fake("open('ran', 'w')")
            job = start(runs, ["x"])
        if line != "trap :":
            wait_for(lambda job=job: (job.folder / "pid").exists() and (job.folder / "pid").read_text())
        assert stop(job) == "SIGINT"
        go.touch()
        done = ended(job)
        assert (done.state, done.code, tail(done, 9)) == ("stopped", ExitCode.INTERRUPTED, [])
        assert not (tmp_path / "ran").exists()


def test_a_stop_before_python_is_ready_for_it_is_found_and_one_after_it_is_heard(fake, tmp_path):
    go = tmp_path / "go"
    ready = "print('ready', flush=True)\n"
    for before, text in ((ready + until(go), "raise SystemExit(9)"), ("", ready + "import time; time.sleep(60)")):
        job = start(fake(text, before=before), ["x"])
        wait_for(lambda job=job: "ready" in tail(job, 9))
        assert stop(job) == "SIGINT"
        go.touch()
        assert ended(job).state == "stopped"
        assert ended(job).code != 9


def test_a_stop_at_any_moment_of_the_start_ends_the_job(fake):
    runs = fake("import time; time.sleep(60)")
    for moment in (0.0, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16):
        job = start(runs, ["x"])
        time.sleep(moment)
        stop(job)
        assert ended(job).state == "stopped"


def test_who_started_it_may_be_deaf_to_ctrl_c(fake):
    # As under nohup, whose deafness every child inherits.
    runs = fake("import time; print('ready', flush=True); time.sleep(60)")
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        job = start(runs, ["x"])
    finally:
        signal.signal(signal.SIGINT, before)
    wait_for(lambda: tail(job, 1) == ["ready"])
    stop(job)
    assert ended(job).state == "stopped"


def test_a_job_that_was_killed_is_failed_or_lost_and_a_number_given_out_again_deceives_nobody(fake):
    runs = fake("import time; print('ready', flush=True); time.sleep(60)")
    one, other = start(runs, ["x"]), start(runs, ["y"])
    assert one.id != other.id
    for job in (one, other):
        wait_for(lambda job=job: tail(job, 1) == ["ready"])
    os.killpg(int((one.folder / "pid").read_text()), signal.SIGKILL)
    # The keeper dies with it, so that there is no exit code; this process's own number now stands in the file.
    assert ended(one).state == "lost"
    (one.folder / "pid").write_text(str(os.getpid()))
    with pytest.raises(StoreError, match="not running"):
        stop(one)
    assert read_job(other.folder).state == "running"
    stop(other)
    assert ended(other).state == "stopped"


def test_another_machines_job_is_left_alone(fake):
    runs = fake("import time; print('at work', flush=True); time.sleep(60)")
    job = start(runs, ["x"])
    wait_for(lambda: "at work" in job.log_path.read_text())
    content = json.loads((job.folder / "job.json").read_text())
    (job.folder / "job.json").write_text(json.dumps(content | {"host": "elsewhere"}))
    with pytest.raises(StoreError, match="runs on elsewhere"):
        stop(job)
    (job.folder / "job.json").write_text(json.dumps(content))
    stop(job)
    ended(job)


def test_listing_newest_first_and_damaged_ones(fake, tmp_path):
    runs = fake("")
    assert jobs(runs) == []
    first, second = ended(start(runs, ["one"])), ended(start(runs, ["two"]))
    for name, text in (
        ("torn", '{"schema": 1, "wor'),
        ("foreign", "[]"),
        ("newer", '{"schema": 99, "words": [], "created": "2026-01-02"}'),
        ("words", '{"schema": 1, "words": [1], "created": "2026-01-02"}'),
        ("moment", '{"schema": 1, "words": [], "created": 7}'),
    ):
        (runs / ".jobs" / name).mkdir()
        (runs / ".jobs" / name / "job.json").write_text(text)
    (runs / ".jobs" / "empty").mkdir()
    (runs / ".jobs" / "stray").touch()
    found = {job.id: job for job in jobs(runs)}
    assert {job.id for job in found.values() if job.state == "damaged"} == {
        "torn", "foreign", "newer", "words", "moment", "empty",
    }  # fmt: skip
    assert all(job.error for job in found.values() if job.state == "damaged")
    sound = [job.words for job in jobs(runs) if job.state == "done"]
    assert sound == [("two",), ("one",)]
    assert Store(runs).runs() == []
    for job in (first, second, *found.values()):
        if job.folder.exists():
            remove(job)
    assert jobs(runs) == []


def test_the_tail_of_a_log(tmp_path):
    job = Job(folder=tmp_path)
    assert tail(job, 3) == []
    job.log_path.write_bytes(b"one\n10%\r20%\r\x1b[2K\x1b[1;31m30%\x1b[0m\n\x1b]0;title\x07two\xff\n\n\n")
    assert tail(job, 9) == ["one", "30%", "two\ufffd"]
    assert tail(job, 1) == ["two\ufffd"]
    assert tail(job, 0) == []
    job.log_path.write_bytes(b"x" * 200_000 + b"\nlast\n")
    assert tail(job, 5) == ["last"]
    job.log_path.write_bytes(b"".join(b"%d%%\r" % n for n in range(50_000)))
    assert tail(job, 5) == ["49999%"]


@pytest.mark.parametrize(
    ("words", "log", "run"),
    [
        (["train"], "", None),
        (["show", "x"], "", None),
        (["train"], "training resnet8-s0-ab12cd on cpu\nepoch 1\n", "resnet8-s0-ab12cd"),
        (["train", "--resume", "x"], "", "x"),
        (["train", "--resume", "x"], "going on after epoch 3 with x-s0 on cpu\n", "x-s0"),
        (["reset-block", "parent", "--block", "fc"], "", None),
        (["interpolate", "run", "--by", "block"], "chunk 1\n", "run"),
        (["interpolate", "--by", "block"], "", None),
        (["interpolate", "--by", "block", "--", "-run"], "", "-run"),
        (["interpolate"], "", None),
    ],
)
def test_which_run_a_job_works_on(tmp_path, words, log, run):
    (tmp_path / "log").write_text(log)
    assert run_of(Job(folder=tmp_path, words=tuple(words))) == run


def test_a_stopped_training_can_be_gone_on_with_while_another_one_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    runs = tmp_path / "runs"
    tiny = ["--model", "mlp", "--train-size", "100", "--device", "cpu", "--runs", str(runs)]
    long = start(runs, ["train", *tiny, "--epochs", "3000", "--name", "the long one"])
    short = start(runs, ["train", *tiny, "--epochs", "2", "--seed", "1"])
    assert ended(short).state == "done", tail(short, 20)
    wait_for(lambda: any(line.startswith("epoch ") for line in tail(long, 20)))
    stop(long)
    done = ended(long)
    assert (done.state, done.code) == ("stopped", ExitCode.INTERRUPTED), tail(long, 20)
    by_name = {run.record.name: run for run in Store(runs).runs()}
    assert by_name["the long one"].status() == "interrupted"
    assert by_name["the long one"].record.epoch > 0
    assert run_of(done) == by_name["the long one"].id
    again = start(runs, ["train", "--resume", "the long one", "--device", "cpu", "--runs", str(runs)])
    wait_for(lambda: any("going on after epoch" in line for line in tail(again, 2000)))
    stop(again)
    assert ended(again).state == "stopped"
