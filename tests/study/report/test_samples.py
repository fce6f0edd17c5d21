"""What is read of a study, and what is said of what cannot be read."""

import json
import math

import pytest

from lininterp_cli.study.outcomes import Made, outcome_path
from lininterp_cli.study.plan import Step
from lininterp_cli.study.report.figures import MEASURES
from lininterp_cli.study.report.samples import gather

RESET = Step(
    kind="reset-block",
    options={"block": "fc"},
    steps=(Step(kind="interpolate"), Step(kind="train", options={"init": "final"})),
)


def states(found):
    return [sample.state for sample in found.samples]


def test_of_a_study_that_is_not_begun_every_run_is_waiting(place):
    here = place(steps=(RESET,))
    found = gather(here.study, here.runs, "test")
    assert found.cells == {"done": 0, "running": 0, "failed": 0, "damaged": 0, "waiting": 6}
    assert states(found) == ["waiting"] * 18
    assert found.warnings == ()


def test_every_run_is_counted_by_what_became_of_it(place):
    here = place(decays=[0.0], seeds=5, steps=(RESET,))
    here.finish(0)
    here.run("run-1", status="diverged")
    here.done(1, Made(step="", run="run-1", status="diverged"))
    here.done(2, error="no memory")
    here.run("run-3")
    here.done(
        3,
        Made(step="", run="run-3", status="finished"),
        Made(step="reset-block block=fc", run="", status="no barrier of 0.1 nats or more on its path"),
    )
    found = gather(here.study, here.runs, "test")
    assert found.cells == {"done": 3, "running": 0, "failed": 1, "damaged": 0, "waiting": 1}
    assert states(found) == [
        *("finished", "not made", "not made"),
        *("diverged", "not made", "not made"),
        *("failed", "failed", "failed"),
        *("finished", "not made", "not made"),
        *("waiting", "waiting", "waiting"),
    ]
    assert found.warnings == ("failed: optimizer.weight_decay=0, seed=2: no memory",)


def test_the_generalisation_gap_is_train_less_test(place):
    here = place()
    here.finish(0, test=0.75, train=1.0)
    figures = gather(here.study, here.runs, "test").samples[0].figures
    assert figures == {
        "test_accuracy": 0.75,
        "train_accuracy": 1.0,
        "generalisation_gap": 0.25,
        "test_loss": 0.1,
        "distance": 3.0,
        "relative_distance": 0.25,
    }


def test_a_run_without_metrics_has_no_figures(place):
    here = place()
    here.finish(0, test=None, distance=None)
    figures = gather(here.study, here.runs, "test").samples[0].figures
    assert [figures[name] for name in ("test_accuracy", "generalisation_gap", "distance")] == [None] * 3


def test_a_deleted_run_is_waiting_and_said(place):
    here = place()
    here.done(0, Made(step="", run="gone", status="finished", curves=("full",)))
    found = gather(here.study, here.runs, "test")
    assert states(found)[0] == "waiting"
    assert "run gone is gone" in found.warnings[0]


@pytest.mark.parametrize("name", ["../../secret", "/etc/hostname", ".."])
def test_names_in_an_outcome_lead_nowhere_else(place, name):
    here = place()
    (here.runs.parent / "secret").mkdir()
    (here.runs.parent / "secret" / "run.json").write_text(json.dumps({"schema": 1, "id": "x", "config": {}}))
    here.done(0, Made(step="", run=name, status="finished"))
    here.run("run-1")
    here.done(1, Made(step="", run="run-1", status="finished", curves=(name,)))
    found = gather(here.study, here.runs, "test")
    assert states(found)[:2] == ["waiting", "finished"]
    assert len(found.warnings) == 2


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"schema": 1, "made": 3}', '{"schema": 99}'])
def test_a_damaged_outcome_is_counted(place, content):
    here = place()
    path = outcome_path(here.runs, here.study, here.study.cells()[0])
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert gather(here.study, here.runs, "test").cells["damaged"] == 1


def test_curves_that_cannot_be_used_are_left_out_and_said(place):
    here = place()
    here.run("run-0")
    folder = here.runs / "run-0" / "curves"
    names = [here.curve("run-0", "good"), here.curve("run-0", "preview", complete=False), "absent", "broken"]
    (folder / "broken.json").write_text("{")
    here.done(0, Made(step="", run="run-0", status="finished", curves=tuple(names)))
    found = gather(here.study, here.runs, "test")
    assert len(found.samples[0].walks) == 1
    assert [word in " ".join(found.warnings) for word in ("preview", "absent", "broken", "good")] == [True] * 3 + [
        False
    ]
    other = gather(here.study, here.runs, "train")
    assert other.samples[0].walks == {}
    assert "not measured on train" in " ".join(other.warnings)


def test_outcomes_of_cells_that_are_no_more_are_said(place):
    here = place(decays=[0.0, 0.5])
    here.finish(5)
    fewer = place(decays=[0.0])
    assert "1 outcome is of a cell" in gather(fewer.study, here.runs, "test").warnings[0]


def test_measures_are_figures_where_they_say_something_of_the_whole_run(place):
    here = place(decays=[0.0])
    for index in range(2):
        here.run(f"run-{index}")
    names = (
        here.gauss_length("run-0", "own", 2.5),
        here.gauss_length("run-0", "elsewhere", 9.0, start={"random": 1}),
        here.criticality("run-0", "blocks", {"conv1": 1.0, "fc": 0.5}),
        here.criticality("run-0", "layers", {"conv1.weight": 7.0}, by="layer"),
    )
    here.done(0, Made(step="", run="run-0", status="finished", measures=names))
    unknown = (
        here.gauss_length("run-1", "nan", math.nan),
        here.criticality("run-1", "none", {"conv1": 1.0, "fc": None}),
        "../other",
        "absent",
    )
    (here.runs / "run-1" / "measures" / "broken.json").write_text("{")
    here.done(1, Made(step="", run="run-1", status="finished", measures=(*unknown, "broken")))
    found = gather(here.study, here.runs, "test")
    assert found.samples[0].criticalities == {
        ("block", "conv1"): 1.0, ("block", "fc"): 0.5, ("layer", "conv1.weight"): 7.0,
    }  # fmt: skip
    assert found.samples[1].criticalities == {("block", "conv1"): 1.0}
    figures = [{name: sample.figures[name] for name in MEASURES} for sample in found.samples[:2]]
    assert figures == [{"gauss_length": 2.5, "criticality": 1.5}, {"gauss_length": None, "criticality": None}]
    assert [warning.split()[1] for warning in found.warnings] == ["../other", "absent", "broken"]


def test_which_of_several_measures_is_reported_is_said_once(place):
    here = place(decays=[0.0])
    for index in range(2):
        here.run(f"run-{index}")
        names = tuple(here.gauss_length(f"run-{index}", name, mean) for name, mean in (("first", 2.0), ("again", 3.0)))
        here.done(index, Made(step="", run=f"run-{index}", status="finished", measures=names))
    found = gather(here.study, here.runs, "test")
    assert [sample.figures["gauss_length"] for sample in found.samples[:2]] == [2.0, 2.0]
    (warning,) = found.warnings
    assert warning.startswith("Gauss length was measured in 2 ways; reported is first:")


def test_treatments_that_disagree_on_monotonicity_are_said(place):
    here = place(decays=[0.0])
    for index in range(2):
        run_id = f"run-{index}"
        here.run(run_id)
        rising = {"all": (2.0, 2.5, 1.0, 0.5, 0.2), "fc": (2.0, 1.5, 1.0, 0.5, 0.2)}
        falling = {"all": (2.0, 1.5, 1.0, 0.5, 0.2), "fc": (2.0, 1.5, 1.0, 0.5, 0.2)}
        names = (
            here.curve(run_id, "usual", rising),
            here.curve(run_id, "again", falling, bn="recalibrate"),
            # Of another line: there is nothing to compare it with.
            here.curve(run_id, "other", falling, start={"random": 1}),
        )
        here.done(index, Made(step="", run=run_id, status="finished", curves=names))
    warnings = gather(here.study, here.runs, "test").warnings
    assert warnings == (
        "optimizer.weight_decay=0: monotone or not depends on the treatment of BatchNorm statistics: "
        "the whole path in 2 runs",
    )
