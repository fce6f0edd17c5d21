"""A run is of the data it was made with: what is said, and refused, where these have changed under their name."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lininterp_cli.data.dataset import Dataset, Split, assemble
from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.interpolate import Ground, interpolate
from lininterp_cli.landscape.question import Question
from lininterp_cli.landscape.watcher import Unwatched
from lininterp_cli.runs.run import Run
from lininterp_cli.training import recipe
from lininterp_cli.training.request import Request
from lininterp_cli.training.reset_block import reset_block
from lininterp_cli.training.same_data import hashes_of, is_of
from lininterp_cli.training.take_in import take_in
from lininterp_cli.training.train import train

Want = Callable[..., Request]

LOAD = """
import numpy as np


def load(folder):
    inputs = np.load(folder / "inputs.npy")
    return [(inputs[rows], np.arange(len(inputs))[rows] % 3) for rows in (slice(40), slice(40, None))]
"""


def write(folder: Path, seed: int) -> Path:
    folder.mkdir(exist_ok=True)
    np.save(folder / "inputs.npy", np.random.default_rng(seed).normal(size=(60, 5)).astype(np.float32))
    return folder


@pytest.fixture
def want_own(want: Want, tmp_path: Path) -> Want:
    """Makes a request for a run on data of one's own, whose file is in the data folder."""
    (tmp_path / "data.py").write_text(LOAD)
    write(tmp_path / "data", 0)
    settings = {"data": {"name": f"{tmp_path}/data.py:load"}}
    return lambda runs="runs", **fields: replace(want(settings, runs), **fields)


@pytest.fixture(params=["finished", "interrupted"])
def made(want_own: Want, silent: Any, stopping: Any, request: pytest.FixtureRequest) -> Run:
    """A run on data of one's own."""
    if request.param == "finished":
        return train(want_own(), silent)
    with pytest.raises(KeyboardInterrupt):
        train(want_own(), stopping(2, 1))
    (run,) = want_own().store.runs()
    return run


def pictures() -> Dataset:
    generator = torch.Generator().manual_seed(0)

    def split(num: int) -> Split:
        inputs = torch.randint(256, (num, 1, 4, 4), dtype=torch.uint8, generator=generator)
        return Split(inputs, torch.randint(10, (num,), generator=generator))

    return assemble("pictures", split(6), split(5), num_classes=10)


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_hashes_tell_every_example_and_label() -> None:
    dataset = pictures()
    hashes = hashes_of(dataset, "cifar10")
    assert sorted(hashes) == ["test", "train"]
    assert hashes_of(pictures(), "cifar10") == hashes
    for split in hashes:
        some = getattr(dataset, split)
        inputs, labels = some.inputs.clone(), some.labels.clone()
        inputs[-1, 0, 0, 0] += 1
        labels[0] = (labels[0] + 1) % 10
        for other in (Split(inputs, some.labels), Split(some.inputs, labels)):
            changed = hashes_of(replace(dataset, **{split: other}), "cifar10")
            assert {name for name in hashes if changed[name] != hashes[name]} == {split}


def test_statistics_are_hashed_where_they_may_be_a_user_s_own() -> None:
    dataset, name = pictures(), "data.py:load"
    hashes = hashes_of(dataset, name)
    assert sorted(hashes) == ["normalisation", "test", "train"]
    for field in ("mean", "std"):
        changed = hashes_of(replace(dataset, **{field: getattr(dataset, field) + 1}), name)
        assert {name for name in hashes if changed[name] != hashes[name]} == {"normalisation"}


def test_what_does_not_say_of_which_data_it_is_is_of_any() -> None:
    assert is_of({"train": "1", "test": "0"}, {"train": "1", "test": "0"})
    assert not is_of({"train": "1", "test": "0"}, {"train": "1", "test": "2"})
    assert is_of({}, {"train": "1", "test": "0"})
    # Files of older versions do not state how the inputs of one's own data were normalised.
    newer = {"train": "1", "test": "0", "normalisation": "2"}
    assert is_of({"train": "1", "test": "0"}, newer)
    assert is_of(newer, newer)
    assert not is_of(newer, newer | {"normalisation": "3"})


def test_a_run_and_its_curves_state_the_same_data(want_own: Want, silent: Any, tmp_path: Path) -> None:
    run = train(want_own(), silent)
    ground = Ground(store=want_own().store, data_folder=tmp_path / "data", device=torch.device("cpu"))
    curve, _ = interpolate(run, Question(alphas=(0.0, 1.0)), ground, Unwatched())
    assert run.record.data == dict(curve.data)
    assert sorted(run.record.data) == ["normalisation", "test", "train"]


@pytest.mark.parametrize("place", ["data", "elsewhere"])
def test_a_run_of_other_data_is_refused_and_made_anew_only_if_asked(
    want_own: Want, made: Run, silent: Any, tmp_path: Path, place: str
) -> None:
    before = files(made.folder.parent)
    other = write(tmp_path / place, 1)
    with pytest.raises(ConfigError, match=r"trained on other data than data\.py:load gives now; .*--force"):
        train(want_own(data_folder=other), silent)
    assert files(made.folder.parent) == before
    anew = train(want_own(data_folder=other, force=True), silent)
    fresh = train(want_own(data_folder=other, runs="fresh"), silent)
    assert (anew.record.data, anew.record.result) == (fresh.record.data, fresh.record.result)
    assert train(want_own(data_folder=other), silent).record == anew.record
    write(tmp_path / "data", 0)
    with pytest.raises(ConfigError, match="trained on other data"):
        train(want_own(), silent)


def test_other_pictures_in_the_folder_are_other_data(want: Want, silent: Any, tmp_path: Path) -> None:
    from PIL import Image

    for split in ("train", "test"):
        for shade, name in enumerate(("crow", "wren")):
            (tmp_path / "birds" / split / name).mkdir(parents=True)
            Image.new("RGB", (8, 8), (50 * shade,) * 3).save(tmp_path / "birds" / split / name / "0.png")
    request = want({"data": {"name": f"imagefolder:{tmp_path / 'birds'}", "size": 8}})
    run = train(request, silent)
    assert train(request, silent).record == run.record
    Image.new("RGB", (8, 8), (1, 0, 0)).save(tmp_path / "birds" / "test" / "crow" / "0.png")
    with pytest.raises(ConfigError, match=r"other data than imagefolder:.*birds gives now"):
        train(request, silent)


def test_where_the_data_are_gone_a_finished_run_is_found_and_it_is_said(
    want_own: Want, silent: Any, tmp_path: Path
) -> None:
    run = train(want_own(), silent)
    (tmp_path / "data" / "inputs.npy").unlink()
    said: list[str] = []
    silent.told = said.append
    assert train(want_own(), silent).record == run.record
    assert len(said) == 1
    assert said[0].startswith(f"{run.id} is kept, but whether it is of the data as they are now is not known: ")


def test_a_record_that_states_no_data_is_of_any(want_own: Want, made: Run, silent: Any, tmp_path: Path) -> None:
    made.record.data = {}
    made.record.write(made.record_path)
    write(tmp_path / "data", 1)
    said: list[str] = []
    silent.told = said.append
    assert train(want_own(), silent).id == made.id
    assert said == []


def test_data_that_their_name_fixes_are_not_loaded_for_a_finished_run(
    want: Want, silent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = train(want(), silent)
    assert sorted(run.record.data) == ["test", "train"]
    monkeypatch.setattr(recipe, "load_dataset", lambda *_: pytest.fail("loaded"))
    assert train(want(), silent).record == run.record


def test_blocks_are_not_put_back_on_other_data(want_own: Want, silent: Any, tmp_path: Path) -> None:
    parent = train(want_own(), silent)

    def put_back() -> Run:
        return reset_block(
            parent, ["fc2"], to="random", all_but=False, retrain=True, request=want_own(), listener=silent
        )

    child = put_back()
    assert child.record.data == parent.record.data
    write(tmp_path / "data", 1)
    with pytest.raises(ConfigError, match=rf"data\.py:load is not what it was when {parent.id} was trained"):
        put_back()
    assert len(want_own().store.runs()) == 2


def test_weights_are_taken_in_again_only_with_the_same_data(want_own: Want, tmp_path: Path) -> None:
    run, _ = take_in(want_own(), ("random:1", "random:2"))
    assert sorted(run.record.data) == ["normalisation", "test", "train"]
    assert take_in(want_own(), ("random:1", "random:2"))[1] is False
    write(tmp_path / "data", 1)
    with pytest.raises(
        ConfigError, match=f"is not what it was when {run.id} was made; .*: lininterp rm {run.id} --runs "
    ):
        take_in(want_own(), ("random:1", "random:2"))
