"""From a study to its outcomes: what is worked on when, with an engine that does as it is told."""

import threading

import pytest

from lininterp_cli.errors import ConfigError
from lininterp_cli.runs.locks import hold
from lininterp_cli.runs.store import Store
from lininterp_cli.study import running
from lininterp_cli.study.estimate import size_of
from lininterp_cli.study.feasible import sizes_in
from lininterp_cli.study.outcomes import Outcome, lock_path, outcome_path, standing, write_outcome
from lininterp_cli.study.running import Order, check_all, finish, local_engine, set_aside
from lininterp_cli.study.work import fail


class Stand:
    """An engine that keeps outcomes without any work."""

    def __init__(self, runs, study, failing=()):
        self.rounds = []
        self._runs, self._study, self._failing = runs, study, failing

    def __call__(self, cells):
        self.rounds.append([cell.config.seed for cell in cells])
        for cell in cells:
            with hold(lock_path(self._runs, self._study, cell)):
                error = "again" if cell.config.seed in self._failing else ""
                outcome = Outcome(label=cell.label, host="", seconds=0, error=error)
                write_outcome(outcome_path(self._runs, self._study, cell), outcome)


def states(standings):
    return {one.cell.config.seed: one.state for one in standings}


def test_what_failed_is_tried_once_more_at_the_end(study, tmp_path):
    one = study(top="seeds = 4")
    engine = Stand(tmp_path, one, failing={2})
    after = finish(one, one.cells(), tmp_path, engine)
    assert engine.rounds == [[0, 1, 2, 3], [2]]
    assert states(after) == {0: "done", 1: "done", 2: "failed", 3: "done"}
    engine = Stand(tmp_path, one)
    assert set(states(finish(one, one.cells(), tmp_path, engine)).values()) == {"done"}
    assert engine.rounds == [[2]]
    finish(one, one.cells(), tmp_path, engine)
    assert engine.rounds == [[2]]


def test_what_another_process_works_on_comes_last(study, tmp_path):
    one = study(top="seeds = 3")
    first = one.cells()[0]
    began, may_end = threading.Event(), threading.Event()

    def other():
        with hold(lock_path(tmp_path, one, first)):
            began.set()
            may_end.wait()
            write_outcome(outcome_path(tmp_path, one, first), Outcome(label="", host="other", seconds=0))

    thread = threading.Thread(target=other)
    thread.start()
    began.wait()

    class Releasing(Stand):
        def __call__(self, cells):
            super().__call__(cells)
            may_end.set()
            thread.join()

    engine = Releasing(tmp_path, one)
    after = finish(one, one.cells(), tmp_path, engine)
    assert engine.rounds == [[1, 2]]
    assert states(after) == {0: "done", 1: "done", 2: "done"}
    assert after[0].outcome.host == "other"


def test_cells_that_are_one_are_done_once(study, tmp_path):
    one = study("[variants.a]\n[variants.b]\ndata = { train_size = 100 }\n[variants.c]\nmodel = { width = 4 }")
    seen = []
    engine = Stand(tmp_path, one)
    after = finish(one, one.cells(), tmp_path, lambda cells: (seen.extend(cells), engine(cells)))
    assert [cell.group for cell in seen] == ["b", "c"]
    assert [standing.state for standing in after] == ["done"] * 3


def test_what_lacks_something_is_set_aside_unless_it_is_done_or_another_process_works_on_it(study, tmp_path):
    one = study("[variants.a]\n[variants.b]\nmodel = { width = 4 }", top="seeds = 3")
    cells = one.cells()
    done, held = (next(cell for cell in cells if (cell.group, cell.config.seed) == ("b", seed)) for seed in (0, 1))
    write_outcome(outcome_path(tmp_path, one, done), Outcome(label="", host="other", seconds=0))
    told = []
    order = Order(study=one, words=(), runs=tmp_path, device="cpu", told=told.append)
    with hold(lock_path(tmp_path, one, held)):
        set_aside(order, [standing(tmp_path, one, cell) for cell in cells], {"b": "no data"})
        assert [(one.cell.config.seed, one.state, one.outcome.error) for one in told] == [(2, "failed", "no data")]
        engine = Stand(tmp_path, one)
        after = finish(one, cells, tmp_path, engine, {"b"})
    assert engine.rounds == [[0, 1, 2]]
    assert [one.state for one in after if one.cell.group == "a"] == ["done"] * 3
    assert {one.cell.config.seed: one.state for one in after if one.cell.group == "b"} == {
        0: "done", 1: "running", 2: "failed",
    }  # fmt: skip


@pytest.fixture
def check(study, tmp_path):
    """Checks the cells of a study."""

    def checked(*texts, top=""):
        text, *folder = texts or [""]
        one = study(text, top=top)
        check_all(one, one.cells(), sizes_in(*folder) if folder else size_of, Store(tmp_path))

    return checked


def test_every_cell_is_checked_and_named(check):
    text = "[grid]\noptimizer.momentum = [0.9, 1.5]\n"
    with pytest.raises(ConfigError, match=r"tiny: optimizer.momentum=1.5: .*momentum must be"):
        check(text, top="seeds = 2")
    with pytest.raises(ConfigError, match=r"tiny: optimizer.lrr=1: unknown option .* did you mean lr"):
        check("[grid]\noptimizer.lrr = [1]\n")
    with pytest.raises(ConfigError, match=r"tiny: base: unknown option of interpolate 'alpha'"):
        check("[[steps]]\ninterpolate = { alpha = 3 }\n")
    check(top="seeds = 3")


def test_blocks_are_checked_where_the_size_of_the_data_is_known(check, tmp_path):
    text = "[variants.deep]\n[variants.shallow]\nmodel = { depth = 1 }\n[[steps]]\nreset-block = { block = 'fc3' }\n"
    for folder in ((), (tmp_path,)):
        with pytest.raises(ConfigError, match="tiny: shallow: unknown block 'fc3'"):
            check(text, *folder)
    elsewhere = "[base]\ndata = { name = 'imagefolder:nowhere' }\nmodel = { name = 'mlp' }"
    check(f"{elsewhere}\n[[steps]]\nreset-block = {{ block = 'fc9' }}\n[[steps]]\ninterpolate = {{ examples = 9 }}")
    with pytest.raises(ConfigError, match=r"tiny: base: .*nowhere"):
        check(elsewhere, tmp_path)


def test_what_is_not_there_concerns_the_cells_that_need_it(study, tmp_path):
    one = study("[variants.there]\n[variants.gone]\ndata = { name = 'imagefolder:nowhere' }\n", top="seeds = 2")
    lacking = check_all(one, one.cells(), sizes_in(tmp_path), Store(tmp_path))
    assert list(lacking) == ["gone"]
    assert "nowhere" in lacking["gone"]


def test_data_of_one_s_own_that_fail_concern_the_cells_that_need_them(study, tmp_path):
    (tmp_path / "bad.py").write_text("def load(folder):\n    raise KeyError('oh')\n")
    one = study(f"[variants.good]\n[variants.bad]\ndata = {{ name = '{tmp_path}/bad.py:load' }}\n")
    lacking = check_all(one, one.cells(), sizes_in(tmp_path), Store(tmp_path))
    assert lacking == {"bad": "bad.py:load failed: KeyError: 'oh' (bad.py:2)"}


@pytest.fixture
def order(study, tmp_path):
    told = []
    one = study(top="seeds = 2")
    return Order(study=one, words=("study", "run"), runs=tmp_path, device="cpu", told=told.append), told


def test_a_process_that_could_not_say_why_it_failed(order, monkeypatch):
    wanted, told = order

    def run_processes(cells, slots, words, log, ended):
        assert [list(words(cell)) for cell in cells] == [["study", "run", "--only", cell.digest] for cell in cells]
        log(cells[0]).parent.mkdir(parents=True)
        log(cells[0]).write_text("the last line\n")
        ended(cells[0], -9)
        fail(wanted.runs, wanted.study, cells[1], "said by itself")
        ended(cells[1], 1)

    monkeypatch.setattr(running, "run_processes", run_processes)
    local_engine(wanted, None, None)(wanted.study.cells())
    assert [one.outcome.error for one in told] == [
        "killed by SIGKILL, as when memory runs out: the last line",
        "said by itself",
    ]


def test_a_process_that_ended_while_another_took_its_cell_is_not_said_to_have_failed(order, monkeypatch):
    wanted, told = order
    first = wanted.study.cells()[0]

    def run_processes(cells, slots, words, log, ended):
        with hold(lock_path(wanted.runs, wanted.study, first)):
            ended(first, -15)

    monkeypatch.setattr(running, "run_processes", run_processes)
    local_engine(wanted, None, None)([first])
    assert told == []
    assert not outcome_path(wanted.runs, wanted.study, first).exists()


def test_gpus_are_shared_where_there_are_some(order, monkeypatch):
    wanted, _ = order
    with pytest.raises(ConfigError, match="needs an NVIDIA GPU, and the device is cpu"):
        local_engine(wanted, None, 0.5)
    monkeypatch.setattr(running.torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(running.torch.cuda, "device_count", lambda: 2)
    slots = []
    monkeypatch.setattr(running, "run_processes", lambda cells, given, *_: slots.append(given))
    many = wanted.study.cells() * 10

    def given(device, visible, num_jobs=None, share=None):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible) if visible else monkeypatch.delenv(
            "CUDA_VISIBLE_DEVICES", raising=False
        )
        asked = Order(study=wanted.study, words=(), runs=wanted.runs, device=device, told=wanted.told)
        local_engine(asked, num_jobs, share)(many)
        return [slot.get("CUDA_VISIBLE_DEVICES") for slot in slots.pop()]

    assert given("auto", "") == ["0", "1"]
    assert given("cuda", "3, GPU-a") == ["3", "GPU-a"]
    assert given("auto", "7,8,9", share=0.5) == ["7", "8", "7", "8"]
    assert given("cuda:1", "7,8", share=0.25) == [None] * 4
    assert given("auto", "", num_jobs=3) == ["0", "1", "0"]
