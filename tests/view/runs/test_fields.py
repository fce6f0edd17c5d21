"""What can be asked of a run is what its record says."""

import math

import pytest

from lininterp_cli.view.runs.fields import (
    FIELDS,
    about,
    differing,
    field_meant,
    names,
    numeric,
    setting_key,
    shown,
    value,
)
from lininterp_cli.view.runs.summary import Worst, damaged, summarise

WORST = Worst(
    height=0.75, alpha=0.4, block="conv1", definition="rise", curve="by-block", low=0.5, high=1.0, full=0.25,
    monotone=False,
)  # fmt: skip


def test_every_field(make_run):
    run = summarise(make_run(name="mine", tags=["a", "study:wd"], parent="run-0", kind="reset-block"), WORST)
    expected = {
        "state": "finished", "id": "run-1", "name": "mine", "model": "resnet8", "data": "digits",
        "optimizer": "momentum", "seed": 0.0, "tag": ("a", "study:wd"), "study": ("wd",),
        "kind": "reset-block", "parent": "run-0",
        "accuracy": 0.9512, "train_accuracy": 1.0, "gap": pytest.approx(0.0488), "test_loss": 0.15, "train_loss": 0.01,
        "barrier": 0.75, "barrier_alpha": 0.4, "barrier_full": 0.25, "barrier_low": 0.5, "barrier_high": 1.0,
        "block": "conv1", "monotone": "false", "distance": 4.47, "parameters": 78042, "epoch": 10.0,
        "created": 1_767_323_045.0,
    }  # fmt: skip
    assert {name: value(run, name) for name in expected} == expected
    assert set(expected) | {"age"} == set(FIELDS)
    assert value(run, "age", 1_767_323_045.0 + 60) == 60
    assert value(run, "opt.lr") == value(run, "lr") == value(run, "optimizer.lr") == 0.1
    assert value(run, "opt") == "momentum"
    assert value(run, "epochs") == 10.0
    assert value(run, "nothing") is None
    assert all(about(name) for name in names([run]))


def test_nothing_is_known_of_a_damaged_run():
    run = damaged("x", "why")
    assert {name for name in FIELDS if value(run, name) is not None} == {"state", "id", "epoch"}
    assert all(shown(name, value(run, name)) == "" for name in FIELDS if name not in {"state", "id", "epoch"})


def test_numeric_are_the_fields_with_two_different_finite_numbers(make_run):
    config = {"model": {"name": "mlp", "width": 4}, "seed": 1}
    first = summarise(make_run(config=config), WORST)
    second = summarise(make_run("run-2", config=config | {"seed": 2}, result={}))
    assert numeric([first]) == []
    assert numeric([first, second]) == ["seed"]
    third = summarise(make_run("run-3", config=config, result={"final": {"test_accuracy": 0.5}}))
    assert numeric([first, second, third]) == ["seed", "accuracy"]


def test_hostile_settings_end_nothing(make_run):
    config = {"model": "mlp", "seed": 10**400, "deep": {"a": {"b": [1, {"c": 2}]}}, "x": None, "y": True}
    read = make_run(config=config, num_parameters=10**400, result={"final": {"test_loss": 1e999}})
    # Our own writer refuses it, and others' files hold it.
    read.record.config[""] = 1e999
    run = summarise(read, WORST)
    assert (run.parameters, run.test_loss) == (None, None)
    assert all(isinstance(shown(name, value(run, name)), str) for name in [*FIELDS, *names([run])])
    assert value(run, "y") == "true"
    assert isinstance(numeric([run, damaged("x", "")]), list)


def test_differing(make_run):
    runs = [
        summarise(make_run(config={"model": {"name": "mlp"}, "seed": 0})),
        summarise(make_run("run-2", config={"model": {"name": "mlp"}, "seed": 1, "optimizer": {"lr": 0.1}})),
    ]
    assert differing(runs) == ["optimizer.lr", "seed"]
    assert differing(runs[:1]) == []


def test_short_names_of_settings():
    keys = ("model.width", "data.seed", "seed", "optimizer.momentum", "optimizer.lr", "training.batch_size")
    assert [setting_key(name, keys) for name in ("seed", "data.seed", "bs", "opt.m", "width", "model.w", "", ".")] == [
        "seed", "data.seed", "training.batch_size", "optimizer.momentum", "model.width", "model.width", None, None,
    ]  # fmt: skip


def test_shown():
    assert shown("accuracy", 0.5) == "0.5000"
    assert shown("tag", ("a", "b")) == "a, b"
    assert shown("created", 0.0) == "1970-01-01 00:00"
    assert shown("created", 1e30)
    assert shown("optimizer.lr", 1e-3) == "0.001"
    assert shown("parameters", 11173962) == "11,173,962"
    assert shown("barrier", math.inf) == "inf"


@pytest.mark.parametrize("name", ["acc", "accuracy", "opt", "wd", "opt.lr", "epochs", "nonsense"])
def test_a_name_means_the_same_field_as_in_a_filter(make_run, name):
    run = summarise(make_run())
    field = field_meant(name, names([run]))
    assert value(run, name) == (None if field is None else value(run, field))
