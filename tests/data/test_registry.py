"""A contract that every data set keeps; those of files are given small ones of their own format."""

import inspect
from pathlib import Path

import pytest
import torch

from lininterp_cli.config.options import options_of
from lininterp_cli.data.dataset import Dataset
from lininterp_cli.data.registry import DATASETS, is_of_files, load
from lininterp_cli.errors import ConfigError, DataError, UnknownNameError

COMPUTED = ["digits", "spiral"]


def test_the_names_are_those_of_the_manual() -> None:
    assert set(DATASETS) == {"digits", "spiral", "mnist", "fashion-mnist", "cifar10", "cifar100", "imagefolder"}


@pytest.mark.parametrize("name", DATASETS)
def test_an_entry_says_what_it_is_where_it_is_from_and_what_can_be_set(name: str) -> None:
    function = DATASETS[name]
    documentation = inspect.getdoc(function) or ""
    assert documentation.splitlines()[0].endswith(".")
    assert "References:" in documentation
    assert next(iter(inspect.signature(function).parameters)) == "folder"
    for option in options_of(function).values():
        assert option.type in (bool, int, float, str)
        assert isinstance(option.default, option.type)
        assert f"{option.name}:" in documentation


@pytest.mark.parametrize("name", [name for name in DATASETS if name not in COMPUTED])
@pytest.mark.usefixtures("offline")
def test_what_is_not_there_is_said_with_its_folder_and_nothing_is_left_behind(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load(name, tmp_path / "some" / "folder")
    assert str(tmp_path / "some" / "folder") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", COMPUTED)
def test_a_data_set_without_files_keeps_the_contract(name: str, tmp_path: Path) -> None:
    dataset = load(name, tmp_path / "absent")
    check(dataset)
    assert dataset.name == name
    assert not list(tmp_path.iterdir())
    again = load(name, tmp_path)
    assert torch.equal(dataset.train.inputs, again.train.inputs)
    assert torch.equal(dataset.train.labels, again.train.labels)
    assert torch.equal(dataset.test.inputs, again.test.inputs)


def check(dataset: Dataset) -> None:
    for split in (dataset.train, dataset.test):
        assert split.inputs.is_contiguous()
        assert split.inputs.shape[1:] == dataset.shape
        assert split.labels.unique().tolist() == list(range(dataset.num_classes))
        assert bool(dataset.normalise(split.inputs).isfinite().all())
    assert dataset.mean.shape == dataset.std.shape == dataset.shape[:1]


def test_an_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean cifar10"):
        load("cifar1", Path())


def test_an_unknown_option_or_a_wrong_value_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="augmant"):
        load("digits", Path(), augmant=True)
    with pytest.raises(ConfigError, match="augment must be true or false"):
        load("digits", Path(), augment=3)


@pytest.mark.parametrize("name", ["cifar10:/somewhere", "imagefolder:"])
def test_only_imagefolder_takes_a_path(name: str) -> None:
    with pytest.raises(ConfigError, match="only imagefolder takes a path"):
        load(name, Path())


def test_the_path_of_imagefolder_stands_for_the_data_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=str(tmp_path / "birds")):
        load(f"imagefolder:{tmp_path / 'birds'}", Path("elsewhere"))


def test_the_home_directory_is_expanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(DataError, match=str(tmp_path / "birds")):
        load("imagefolder:~/birds", Path())


@pytest.mark.parametrize("name", DATASETS)
def test_only_a_user_s_own_files_may_change_under_their_name(name: str) -> None:
    assert is_of_files(name) == (name == "imagefolder")
    assert is_of_files("imagefolder:pictures/birds")
    assert is_of_files("data.py:load#0123456789ab")
