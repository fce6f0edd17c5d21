"""From flags to a configuration."""

import pytest

from lininterp_cli.cli.recipe import SECTIONS, changes, configuration, parse_blocks
from lininterp_cli.config.run import RunConfig
from lininterp_cli.errors import ConfigError, UnknownNameError


def test_without_a_word_it_is_the_digits_recipe():
    assert configuration(None, None, {}, []) == configuration("digits", None, {}, [])


@pytest.mark.parametrize(("data", "model"), [("cifar10", "resnet18"), ("spiral", "mlp"), ("mnist", "mlp")])
def test_a_data_set_brings_its_own_recipe(data, model):
    assert configuration(None, None, {"data": {"name": data}}, []).model.name == model
    assert configuration(None, None, {}, [f"data.name={data}"]).model.name == model


def test_a_preset_that_is_named_wins_over_the_data_sets_own():
    config = configuration("digits", None, {"data": {"name": "cifar10"}}, [])
    assert (config.data.name, config.model.name, config.training.epochs) == ("cifar10", "resnet8", 30)


def test_another_optimizer_starts_from_its_own_defaults():
    assert configuration("digits", None, {"optimizer": {"name": "sgd"}}, []).optimizer.options == {}


def test_a_file_names_its_preset(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text('preset = "mlp-mnist"\nseed = 4\n')
    config = configuration(None, path, {}, [])
    assert (config.data.name, config.model.name, config.seed) == ("mnist", "mlp", 4)
    assert configuration("digits", path, {}, []) == configuration("digits", None, {"seed": 4}, [])


def test_every_flag_changes_a_setting_that_exists():
    known = RunConfig().to_dict()
    for flag, (section, _) in SECTIONS.items():
        assert section in known, flag
    flags = {"lr": 0.5, "opt": "adam", "epochs": 3, "augment": False, "width": None, "quiet": True, "seed": 0}
    assert changes(flags | {"init": None, "block_lr": ["fc=1"], "block_init_scale": []}) == {
        "data": {"augment": False},
        "optimizer": {"name": "adam", "lr": 0.5},
        "training": {"epochs": 3},
        "seed": 0,
        "block_lr": {"fc": 1.0},
    }


def test_an_unknown_preset_is_said():
    with pytest.raises(UnknownNameError, match="did you mean digits"):
        configuration("digts", None, {}, [])


def test_blocks_are_given_numbers():
    assert parse_blocks("block-lr", ["layer1=0.01", "a=b=2", " fc =1e-3", "fc=0"]) == {
        "layer1": 0.01,
        "a=b": 2,
        "fc": 0,
    }


@pytest.mark.parametrize("text", ["layer1", "=0.1", "layer1=", "layer1=x", ""])
def test_what_is_no_block_and_number_is_refused(text):
    with pytest.raises(ConfigError, match="--block-weight-decay takes BLOCK=NUMBER, for example layer1="):
        parse_blocks("block-weight-decay", [text])


def test_set_and_files_reach_a_block(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text("[block_lr]\nlayer1 = 0.01\nfc = 0.5\n[block_init_scale]\nfc = 2\n")
    config = configuration(None, path, {"block_lr": {"fc": 0.25}}, ["block_lr.conv1=0.1"])
    assert config.block_lr == {"layer1": 0.01, "fc": 0.25, "conv1": 0.1}
    assert config.block_init_scale == {"fc": 2.0}
