"""Weights from elsewhere as a run, against the run they came from."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from lininterp_cli.errors import ConfigError, NotFoundError, StateError
from lininterp_cli.landscape.interpolate import Ground, interpolate
from lininterp_cli.landscape.question import Question
from lininterp_cli.landscape.watcher import Unwatched
from lininterp_cli.runs.run import Run
from lininterp_cli.training.checkpoints import load_checkpoint
from lininterp_cli.training.request import Request
from lininterp_cli.training.reset_block import reset_block
from lininterp_cli.training.take_in import take_in
from lininterp_cli.training.train import config_of, train

Want = Callable[..., Request]


@pytest.fixture
def trained(want: Want, silent: Any) -> Run:
    return train(want(), silent)


def ends(run: Run) -> tuple[str, str]:
    return str(run.checkpoint_path("initial")), str(run.checkpoint_path("final"))


def test_it_is_the_run_that_it_came_from(trained: Run, want: Want):
    told: list[str] = []
    run, is_new = take_in(want(name="mine", tags=("old",)), ends(trained), told.append)
    assert is_new
    record = run.record
    assert (record.kind, record.name, record.tags, record.status) == ("import", "mine", ["old"], "finished")
    assert run.id.startswith("mlp-w6-spiral-")
    assert run.id.rpartition("-")[0].endswith("-import")
    assert record.result == trained.record.result
    assert record.distance == trained.record.distance
    assert (record.distance_total, record.initial_norm) == (trained.record.distance_total, trained.record.initial_norm)
    assert record.num_parameters == trained.record.num_parameters
    for name in ("initial", "final"):
        there, here = load_checkpoint(trained, name), load_checkpoint(run, name)
        assert all(there[key].equal(here[key]) for key in there)
        assert record.sources[name]["file"] == f"{name}.safetensors"
    assert [words.split()[2] for words in told[1:]] == ["initial", "final"]
    assert list(record.config) == ["data", "model"]
    assert config_of(run).model == config_of(trained).model


def test_its_line_is_the_same_line(trained: Run, want: Want, tmp_path: Path):
    run, _ = take_in(want(), ends(trained))
    ground = Ground(store=want().store, data_folder=tmp_path, device=torch.device("cpu"))
    question = Question(by="layer", alphas=(0.0, 0.5, 1.0))
    here, there = (interpolate(one, question, ground, Unwatched())[0] for one in (run, trained))
    for mine, theirs in zip(here.series, there.series, strict=True):
        assert (mine.label, mine.splits, mine.distance) == (theirs.label, theirs.splits, theirs.distance)


def test_the_same_weights_again_are_the_same_run(trained: Run, want: Want):
    first, _ = take_in(want(), ends(trained))
    before = first.record_path.read_bytes()
    again, is_new = take_in(want(), ends(trained))
    assert (again.id, is_new) == (first.id, False)
    assert first.record_path.read_bytes() == before
    named, is_new = take_in(want(name="later"), ends(trained))
    assert (named.id, is_new, named.record.name) == (first.id, False, "later")
    other, is_new = take_in(want(), (ends(trained)[0], "random:3"))
    assert is_new
    assert other.id != first.id
    assert other.record.sources["final"] == {"random": 3}
    with pytest.raises(ConfigError, match="choose another"):
        take_in(want(name="later"), ("random:1", "random:2"))


def test_nothing_is_left_of_what_does_not_fit(trained: Run, want: Want, tmp_path: Path):
    request = want()
    before = sorted(request.store.folder.iterdir())
    wider = replace(request, config=replace(request.config, model=replace(request.config.model, options={"width": 7})))
    with pytest.raises(StateError):
        take_in(wider, ends(trained))
    with pytest.raises(NotFoundError, match="there is no file"):
        take_in(request, ("gone.pt", "random:1"))
    state = load_checkpoint(trained, "final")
    state["fc1.bias"][0] = float("nan")
    torch.save({"state_dict": state}, tmp_path / "nan.pt")
    with pytest.raises(StateError, match="not finite"):
        take_in(request, (ends(trained)[0], str(tmp_path / "nan.pt")))
    assert sorted(request.store.folder.iterdir()) == before


def test_nobody_trains_by_a_recipe_that_is_not_known(trained: Run, want: Want, silent: Any):
    run, _ = take_in(want(), ends(trained))
    with pytest.raises(ConfigError, match="recipe is not known"):
        reset_block(run, ["fc1"], to="random", all_but=False, retrain=True, request=want(), listener=silent)
    goes_on = train(want({"init": run.id}), silent)
    assert load_checkpoint(goes_on, "initial").keys() == load_checkpoint(run, "final").keys()


def test_wrappers_prefixes_are_taken_off(trained: Run, want: Want, tmp_path: Path):
    state = {f"module.{name}": tensor for name, tensor in load_checkpoint(trained, "final").items()}
    torch.save({"model": state}, tmp_path / "wrapped.pth")
    run, _ = take_in(want(), (ends(trained)[0], str(tmp_path / "wrapped.pth")))
    assert run.record.result["final"] == trained.record.result["final"]
