"""One cell in this process: its outcome, whatever becomes of it."""

from dataclasses import replace

import pytest

from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.runs.locks import is_held
from lininterp_cli.study import work as module
from lininterp_cli.study.outcomes import Made, Outcome, lock_path, outcome_path, read_outcome, settled, write_outcome
from lininterp_cli.study.work import fail, work

FIRST = Made(step="", run="", status="finished")


@pytest.fixture
def cell(study):
    one = study()
    return one, one.cells()[0]


@pytest.fixture
def stand_in(monkeypatch):
    """Puts steps of a test's own in the place of what a cell asks."""
    return lambda function: monkeypatch.setattr(module, "perform", function)


def test_a_cell_is_done_once(cell, ground, stand_in):
    outcome = work(*cell, ground, lambda _: None)
    assert (outcome.label, outcome.error, [made.status for made in outcome.made]) == ("base, seed=0", "", ["finished"])
    assert settled(ground.store.folder, *cell).outcome == outcome
    stand_in(lambda *_: pytest.fail("it was done already"))
    assert work(*cell, ground, lambda _: None) == outcome
    assert not is_held(lock_path(ground.store.folder, *cell))


@pytest.mark.parametrize("problem", [RuntimeError("out of\nmemory"), MemoryError(), ZeroDivisionError("x")])
def test_what_breaks_is_kept_with_what_was_made_before(cell, ground, stand_in, problem):
    def perform(*_):
        yield FIRST
        raise problem

    stand_in(perform)
    said = []
    outcome = work(*cell, ground, said.append)
    assert outcome.error == f"{type(problem).__name__}: {problem}".partition("\n")[0]
    assert outcome.made == (FIRST,)
    assert "Traceback" in said[0]
    assert settled(ground.store.folder, *cell).state == "failed"


def test_what_failed_is_done_again(cell, ground):
    runs = ground.store.folder
    fail(runs, *cell, "killed by SIGKILL")
    assert read_outcome(outcome_path(runs, *cell)).error == "killed by SIGKILL"
    assert work(*cell, ground, lambda _: None).error == ""
    assert settled(runs, *cell).state == "done"


def test_a_curve_that_is_not_complete_is_measured_to_its_end(cell, ground):
    runs = ground.store.folder
    (made,) = work(*cell, ground, lambda _: None).made
    path = ground.store.find(made.run).curves_folder / f"{made.curves[0]}.json"
    whole = read_curve(path)
    begun = tuple(
        replace(one, splits={split: replace(values, num_examples=1) for split, values in one.splits.items()})
        for one in whole.series
    )
    replace(whole, complete=False, series=begun).write(path)
    assert settled(runs, *cell).state == "waiting"
    assert work(*cell, ground, lambda _: None).made == (made,)
    assert read_curve(path) == whole
    assert settled(runs, *cell).state == "done"


def test_an_interruption_leaves_no_outcome(cell, ground, stand_in):
    def perform(*_):
        yield FIRST
        raise KeyboardInterrupt

    stand_in(perform)
    runs = ground.store.folder
    write_outcome(outcome_path(runs, *cell), Outcome(label="", host="", seconds=0, error="an older one"))
    with pytest.raises(KeyboardInterrupt):
        work(*cell, ground, lambda _: None)
    assert settled(runs, *cell).state == "waiting"
    assert not is_held(lock_path(runs, *cell))


def test_a_diverged_training_is_an_answer(study, ground):
    one = study("[variants.hot]\noptimizer = { name = 'sgd', lr = 1e30 }\n[[steps]]\ninterpolate = {}")
    (cell,) = one.cells()
    outcome = work(one, cell, ground, lambda _: None)
    assert (outcome.error, [made.status for made in outcome.made]) == ("", ["diverged"])
    assert settled(ground.store.folder, one, cell).state == "done"
