"""Doing a cell: every run and curve it asks for, from the right weights, once."""

import json
import shutil
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file

from lininterp_cli.errors import ConfigError, LininterpError, NotFoundError
from lininterp_cli.landscape.curves.measures import Criticality, GaussLength, measure_path, read_measure
from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.runs.locks import hold
from lininterp_cli.runs.store import Store
from lininterp_cli.study.perform import perform


def done(study, ground, text, **keys):
    (cell,) = study(text, **keys).cells()
    return list(perform(cell, ground, ("study:tiny",)))


def weights(ground, run, name):
    return load_file(ground.store.folder / run / "checkpoints" / f"{name}.safetensors")


def test_steps_within_steps(study, ground):
    text = """
[[steps]]
interpolate = { by = "block", alphas = 3, examples = 64 }
[[steps]]
reset-block = { block = ["fc1", "fc3"], to = "initial" }
[[steps.steps]]
interpolate = { alphas = 2, examples = 64 }
[[steps.steps]]
train = { training = { epochs = 0 } }
"""
    made = done(study, ground, text)
    steps = ["", *(f"reset-block block={block} to=initial" for block in ("fc1", "fc3"))]
    expected = [steps[0], *(one for step in steps[1:] for one in (step, f"{step} / train training.epochs=0"))]
    assert [one.step for one in made] == expected
    assert {one.status for one in made} == {"finished"}
    first, reset, again, *_ = made
    assert [len(one.curves) for one in made] == [1, 1, 0, 1, 0]
    runs = {run.id: run for run in ground.store.runs()}
    assert set(runs) == {one.run for one in made}
    assert {run.record.tags[0] for run in runs.values()} == {"study:tiny"}
    for one in made:
        assert {path.stem for path in runs[one.run].curve_paths()} == set(one.curves)
    start, end = weights(ground, first.run, "initial"), weights(ground, first.run, "final")
    put_back = weights(ground, reset.run, "initial")
    for name, tensor in put_back.items():
        assert np.array_equal(tensor, (start if name.startswith("fc1.") else end)[name])
    after = weights(ground, again.run, "initial")
    assert all(np.array_equal(after[name], tensor) for name, tensor in weights(ground, reset.run, "final").items())
    assert (runs[again.run].record.parent, runs[again.run].record.config.get("reset")) == (reset.run, None)
    # The same again computes nothing.
    before = {path: path.stat().st_mtime_ns for path in ground.store.folder.rglob("*.*") if path.name != "lock"}
    assert done(study, ground, text) == made
    assert {path: path.stat().st_mtime_ns for path in before} == before


MEASURES = """
[[steps]]
criticality = { by = "block", examples = 60, draws = 1, alphas = 3 }
[[steps]]
gauss-length = { alphas = 5, examples = 20 }
[[steps]]
reset-block = { block = "fc1" }
[[steps.steps]]
gauss-length = { alphas = 5, examples = 20 }
"""


def test_measures_are_of_the_run_that_they_are_asked_of_and_taken_once(study, ground):
    said = []
    (cell,) = study(MEASURES).cells()
    first, reset = perform(cell, ground, (), said.append)
    for one, kinds in ((first, [Criticality, GaussLength]), (reset, [GaussLength])):
        found = [read_measure(measure_path(ground.store.find(one.run), name)) for name in one.measures]
        assert [type(measure) for measure in found] == kinds
        assert {measure.run for measure in found} == {one.run}
    assert [line for line in said if line.startswith("measuring")][1:] == [
        f"measuring gauss-length alphas=5 examples=20 of {one.run}" for one in (first, reset)
    ]
    before = {path: path.stat().st_mtime_ns for path in ground.store.folder.rglob("measures/*.json")}
    assert (len(before), done(study, ground, MEASURES)) == (3, [first, reset])
    assert {path: path.stat().st_mtime_ns for path in before} == before


LINE = """
[[steps]]
interpolate = { alphas = 5, examples = 64 }
[[steps]]
train = { init = "barrier", height = HEIGHT, training = { epochs = 1 } }
"""


def test_training_from_the_barrier_starts_at_the_top_of_the_rise(study, ground):
    first, second = done(study, ground, LINE.replace("HEIGHT", "0.0"))
    (path,) = ground.store.find(first.run).curve_paths()
    (series,) = json.loads(path.read_text())["series"]
    losses = series["splits"]["test"]["loss"]
    top = max(range(5), key=lambda j: losses[j] - min(losses[: j + 1]))
    alpha = series["alphas"][top]
    start, end = weights(ground, first.run, "initial"), weights(ground, first.run, "final")
    for name, tensor in weights(ground, second.run, "initial").items():
        assert np.allclose(tensor, (1 - alpha) * start[name] + alpha * end[name], atol=1e-7)


def test_without_a_barrier_nothing_is_started_and_that_is_said(study, ground):
    first, second = done(study, ground, LINE.replace("HEIGHT", "50.0"))
    assert (first.status, second.run) == ("finished", "")
    assert second.status == "no barrier of 50 nats or more on its path"
    assert second.step == "train init=barrier height=50 training.epochs=1"
    assert len(ground.store.runs()) == 1


def test_a_barrier_that_another_curve_shows_is_not_meant(study, ground):
    # What is there besides the study's own curves must not decide what the study does.
    first, _ = done(study, ground, LINE.replace("HEIGHT", "50.0"))
    (path,) = ground.store.find(first.run).curve_paths()
    curve = read_curve(path)
    (series,) = curve.series
    values = replace(series.splits["test"], loss=(2.0, 99.0, 2.0, 1.0, 0.5))
    steep = replace(series, splits={"test": values})
    replace(curve, name="steep", series=(steep,)).write(path.with_name("steep.json"))
    _, second = done(study, ground, LINE.replace("HEIGHT", "50.0"))
    assert second.run == ""


def test_a_run_that_a_path_ends_in_is_missed_before_anything_is_trained(study, ground):
    with pytest.raises(NotFoundError, match="there are no runs in"):
        done(study, ground, '[[steps]]\ninterpolate = { to = "nobody:final" }\n[[steps]]\ntrain = {}\n')
    assert ground.store.runs() == []


def test_a_measurement_that_fails_leaves_its_run_and_what_was_measured_before(study, ground):
    # The final network errs more often than never, which only the measurement itself finds.
    text = """
[[steps]]
interpolate = { alphas = 2, examples = 64 }
[[steps]]
criticality = { epsilon = 0.0, examples = 60, draws = 1, alphas = 3 }
[[steps]]
reset-block = { block = "fc1" }
"""
    (cell,) = study(text).cells()
    doing = perform(cell, ground)
    one = next(doing)
    with pytest.raises(ConfigError, match="training error is"):
        next(doing)
    (run,) = ground.store.runs()
    assert (one.step, one.run, one.status, one.measures) == ("", run.id, "finished", ())
    assert {path.stem for path in run.curve_paths()} == set(one.curves)
    assert len(one.curves) == 1


def test_a_training_that_diverges_has_no_steps(study, ground):
    text = """
[base]
data = { name = "digits", train_size = 100 }
model = { name = "mlp", width = 8 }
optimizer = { name = "sgd", lr = 1e30 }
training = { epochs = 2 }
[[steps]]
interpolate = { alphas = 3 }
[[steps]]
reset-block = { block = "fc1" }
"""
    (one,) = done(study, ground, text)
    assert (one.step, one.status, one.curves) == ("", "diverged", ())


def test_epochs_that_a_walk_begins_in_are_kept(study, ground):
    text = """
[[steps]]
reset-block = { block = "fc1" }
[[steps.steps]]
interpolate = { from = "epoch-1", alphas = 2, examples = 64 }
"""
    first, reset = done(study, ground, text)
    assert ground.store.find(first.run).checkpoints() == ["initial", "final"]
    assert ground.store.find(reset.run).checkpoints() == ["initial", "epoch-0001", "final"]
    assert len(reset.curves) == 1


def test_a_cell_with_a_step_that_cannot_be_done_trains_nothing(study, ground):
    with pytest.raises(LininterpError, match="unknown block"):
        done(study, ground, "[[steps]]\nreset-block = { block = 'layer9' }")
    assert ground.store.runs() == []


def test_it_is_told_how_it_goes(study, ground):
    said = []
    (cell,) = study().cells()
    (made,) = perform(cell, ground, (), said.append)
    assert said[0] == f"training {made.run} on cpu"
    assert [line.partition(":")[0] for line in said[1:3]] == ["epoch 0", "epoch 1"]
    assert said[3] == f"walking {made.curves[0]} of {made.run}"


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_run_that_another_process_makes_is_waited_for_and_used(study, ground, tmp_path, which):
    text = "[[steps]]\nreset-block = { block = 'fc1' }\n[[steps]]\ntrain = { training = { epochs = 0 } }\n"
    elsewhere = replace(ground, store=Store(tmp_path / "elsewhere"))
    expected = done(study, elsewhere, text)
    run = expected[which].run
    (cell,) = study(text).cells()
    said = []
    with ExitStack() as other:
        other.enter_context(hold(ground.store.folder / run / "lock"))

        def say(line):
            said.append(line)
            if "waiting" in line:
                shutil.copytree(elsewhere.store.folder / run, ground.store.folder / run, dirs_exist_ok=True)
                other.close()

        assert list(perform(cell, ground, (), say)) == expected
    assert said.count(f"another process is at work on {run}; waiting for it") == 1
    assert {line.split()[1] for line in said if line.startswith("training")} == {one.run for one in expected} - {run}
