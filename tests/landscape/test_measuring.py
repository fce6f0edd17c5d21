"""When a kept measure is good enough, and when it is measured again."""

import json
import shutil
import threading
from dataclasses import replace
from typing import Any

import pytest
from torch import Tensor

from lininterp_cli.data.dataset import Dataset, Split
from lininterp_cli.errors import DataError, StateError, StoreError
from lininterp_cli.landscape.curves.measures import GaussLength, measure_path
from lininterp_cli.landscape.interpolate import Ground
from lininterp_cli.landscape.measuring import Scene, obtain
from lininterp_cli.runs.run import Run
from lininterp_cli.training import recipe
from lininterp_cli.training.checkpoints import load_checkpoint, save_state
from lininterp_cli.training.initial import draw
from lininterp_cli.training.train import config_of


def found(scene: Scene) -> GaussLength:
    return GaussLength(
        name="some", split="test", alphas=(0.0, 1.0), mean=1.0, stderr=0.1, num_examples=3, num_missing=0, **scene.about
    )


def get(run: Run, ground: Ground, ends: tuple[str, str] = ("initial", "final"), told: list[str] | None = None) -> bool:
    return obtain(run, "some", ends, ground, GaussLength, found, ([] if told is None else told).append)[1]


def test_it_is_measured_once_for_the_same_weights(run: Run, ground: Ground):
    assert get(run, ground)
    assert not get(run, ground)
    assert obtain(run, "some", ("initial", "final"), ground, GaussLength, found, print, force=True)[1]


def test_what_another_process_measures_is_waited_for_and_not_measured_twice(run: Run, ground: Ground):
    waits, outcomes = threading.Event(), []

    def ask() -> None:
        def refuse(scene: Scene) -> GaussLength:
            raise AssertionError("it was measured twice")

        ends = ("initial", "final")
        outcomes.append(obtain(run, "some", ends, ground, GaussLength, refuse, lambda words: waits.set())[1])

    def slowly(scene: Scene) -> GaussLength:
        second.start()
        assert waits.wait(60)
        return found(scene)

    second = threading.Thread(target=ask)
    assert obtain(run, "some", ("initial", "final"), ground, GaussLength, slowly, print)[1]
    second.join()
    assert outcomes == [False]


def test_a_run_that_is_removed_by_hand_does_not_come_back_as_a_folder_without_a_record(run: Run, ground: Ground):
    def removing(scene: Scene) -> GaussLength:
        shutil.rmtree(run.folder)
        return found(scene)

    with pytest.raises(StoreError, match="nothing more is written"):
        obtain(run, "some", ("initial", "final"), ground, GaussLength, removing, print)
    assert not run.folder.exists()


def test_it_is_measured_again_for_other_ends_and_from_a_damaged_file(run: Run, ground: Ground):
    assert get(run, ground)
    assert get(run, ground, ("final", "initial"))
    measure_path(run, "some").write_text("{")
    assert get(run, ground)


def test_it_is_measured_again_for_other_data(run: Run, ground: Ground, monkeypatch: pytest.MonkeyPatch):
    load = recipe.load_dataset

    def changed(*arguments: Any) -> Dataset:
        dataset = load(*arguments)
        return replace(dataset, test=Split(dataset.test.inputs, (dataset.test.labels + 1) % 10))

    def missing(*_: Any) -> Dataset:
        raise DataError("it is not here")

    assert get(run, ground)
    monkeypatch.setattr(recipe, "load_dataset", changed)
    assert get(run, ground)
    assert not get(run, ground)
    monkeypatch.setattr(recipe, "load_dataset", missing)
    told: list[str] = []
    assert not get(run, ground, told=told)
    assert [words.startswith("some is kept") and words.endswith("not known: it is not here") for words in told] == [
        True
    ]
    with pytest.raises(DataError, match="it is not here"):
        get(run, ground, ("final", "initial"))


def test_a_file_that_does_not_say_of_which_data_it_is_counts(run: Run, ground: Ground):
    assert get(run, ground)
    path = measure_path(run, "some")
    content = json.loads(path.read_text())
    assert sorted(content.pop("data")) == ["test", "train"]
    path.write_text(json.dumps(content))
    assert not get(run, ground)


def test_the_scene_is_the_runs(run: Run, ground: Ground):
    scenes: list[Scene] = []

    def look(scene: Scene) -> GaussLength:
        scenes.append(scene)
        return found(scene)

    obtain(run, "some", ("initial", "final"), ground, GaussLength, look, print)
    (scene,) = scenes
    for state, name in zip(scene.ends, ("initial", "final"), strict=True):
        stored = load_checkpoint(run, name)
        assert state.keys() == stored.keys()
        assert all(state[key].equal(tensor) for key, tensor in stored.items())
    assert len(scene.examples("train", 7)) == 7
    assert len(scene.examples("train", 10**6)) == len(scene.dataset.train) == 300
    assert (scene.about["run"], scene.about["environment"]["device"]) == (run.id, "cpu")


def test_weights_that_are_not_numbers_are_refused(run: Run, ground: Ground):
    state = load_checkpoint(run, "final")
    state["fc.bias"][0] = float("nan")
    save_state(run.checkpoint_path("final"), state)
    before = set(run.folder.rglob("*"))
    with pytest.raises(StateError, match="not finite"):
        get(run, ground)
    assert set(run.folder.rglob("*")) == before


def test_the_network_is_drawn_with_the_seed_of_the_run(run: Run, ground: Ground, monkeypatch: pytest.MonkeyPatch):
    def constant(seed: int) -> Tensor:
        monkeypatch.setattr(run.record, "config", run.record.config | {"seed": seed})
        scenes: list[Scene] = []
        obtain(run, "some", ("initial", "final"), ground, GaussLength,
               lambda scene: scenes.append(scene) or found(scene), print, force=True)  # fmt: skip
        return next(scenes[0].model.parameters())

    config = config_of(run)
    network = draw(recipe.network(config, recipe.load_dataset(config, ground.data_folder)), "default", 7)[0]
    assert constant(7).equal(next(network.parameters()))
    assert not constant(8).equal(next(network.parameters()))
