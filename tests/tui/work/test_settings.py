"""A run's configuration as the words that train it again."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.config.identity import digest
from lininterp_cli.config.presets import PRESETS, assignments, configure, preset
from lininterp_cli.errors import LininterpError
from lininterp_cli.tui.work.settings import free_seed, nearest_preset, spelled


@pytest.mark.parametrize(
    "settings",
    [
        [],
        ["optimizer.name=adam", "optimizer.lr=0.01"],
        ["data.name=spiral", "data.label_noise=0.25", "training.epochs=7"],
        ["schedule.warmup_epochs=2", "model.norm=none", "init=zero"],
        ["model.name=mlp", 'model.width=32', 'optimizer.odd="3"', "optimizer.flag=true"],
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", PRESETS)
def test_the_words_make_the_same_weights(name, settings):
    from lininterp_cli.training import recipe

    config = configure(preset(name), assignments(settings))
    try:
        config = recipe.resolve(config)
    except LininterpError:
        # Options that the parts lack: compared as they stand.
        known = config.to_dict()
    else:
        known = recipe.explicit(config)
    found, texts = nearest_preset(known)
    again = configure(preset(found), assignments([f"{key}={text}" for key, text in texts.items()])).to_dict()
    assert {section: {**again[section], **part} if isinstance(part, dict) else part
            for section, part in known.items() if section != "seed"} == {
        section: part for section, part in again.items() if section != "seed"
    }  # fmt: skip


def test_it_is_the_same_run_to_the_digest():
    from lininterp_cli.training import recipe

    config = recipe.resolve(configure(preset("digits"), assignments(["optimizer.name=adam", "model.width=8"])))
    name, texts = nearest_preset(recipe.explicit(config))
    again = configure(preset(name), assignments([f"{key}={text}" for key, text in texts.items()]))
    assert digest(recipe.resolve(again)) == digest(config)


def test_known_defaults_are_not_written():
    config = configure(preset("digits")).to_dict()
    config["optimizer"] |= {"momentum": 0.9, "lr": 0.5}
    assert set(nearest_preset(config)[1]) == {"optimizer.momentum", "optimizer.lr"}
    defaults = {("optimizer", "momentum"): {"momentum": 0.9, "lr": 0.1}}
    assert nearest_preset(config, defaults) == ("digits", {"optimizer.lr": "0.5"})


def test_initial_weights_are_named_without_their_hash():
    config = configure(preset("digits")).to_dict() | {"init": "run#1:final#0123456789ab#456789abcdef"}
    assert nearest_preset(config)[1] == {"init": "run#1:final"}


@given(st.one_of(st.text(max_size=10), st.booleans(), st.integers(-(2**62), 2**62),
                 st.floats(allow_nan=False, allow_infinity=False)))  # fmt: skip
def test_a_value_is_read_as_what_it_is(value):
    if isinstance(value, str) and not value.isprintable():
        return
    assert assignments([f"a.b={spelled(value)}"]) == {"a": {"b": value}}


def test_the_next_free_seed():
    def settings(seed, epochs=3.0):
        return {"training.epochs": epochs, "seed": seed}

    others = [settings(0), settings(1.0), settings(3), settings(2, epochs=4), {}]
    assert free_seed(settings(0), others) == 2
    assert free_seed(settings(3.0), others) == 4
    assert free_seed({}, []) == free_seed({"seed": "odd"}, [{"seed": math.nan}]) == 1
