"""Recipes, files and single settings laid over each other."""

import math
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lininterp_cli.config.identity import run_id
from lininterp_cli.config.presets import DEFAULT_PRESET, PRESETS, assignments, configure, merged, preset, read_toml
from lininterp_cli.config.run import RunConfig, from_dict
from lininterp_cli.errors import ConfigError, NotFoundError, UnknownNameError

BEFORE = deepcopy(PRESETS)


@pytest.fixture(scope="module")
def toml_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("toml") / "run.toml"


@pytest.fixture(scope="module")
def read(toml_path: Path) -> Callable[[str | bytes], dict[str, Any]]:
    def write_and_read(text: str | bytes) -> dict[str, Any]:
        toml_path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_toml(toml_path)

    return write_and_read


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_configures_as_it_says(name: str) -> None:
    config = configure(preset(name))
    full = config.to_dict()
    assert all(full[section][key] == value for section, table in PRESETS[name].items() for key, value in table.items())
    assert from_dict(full) == config
    assert PRESETS == BEFORE


def test_the_default_preset_exists() -> None:
    assert DEFAULT_PRESET in PRESETS


def test_an_unknown_preset_offers_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown preset 'digit'; did you mean digits"):
        preset("digit")


def test_a_preset_that_is_changed_by_its_reader_stays_as_it_was() -> None:
    preset("digits")["model"]["name"] = "changed"
    try:
        assert PRESETS == BEFORE
    finally:
        PRESETS["digits"]["model"]["name"] = "resnet8"


@pytest.mark.parametrize(
    ("base", "changes", "expected"),
    [
        ({}, {}, {}),
        ({"seed": 1}, {"seed": 2}, {"seed": 2}),
        ({"seed": 1}, {"init": "x"}, {"seed": 1, "init": "x"}),
        ({"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}),
        ({"a": {"x": 1}}, {"a": 3}, {"a": 3}),
        ({"a": 3}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        ({"a": {"name": "n", "x": 1}}, {"a": {"name": "n", "y": 2}}, {"a": {"name": "n", "x": 1, "y": 2}}),
        ({"a": {"name": "n", "x": 1}}, {"a": {"name": "m", "y": 2}}, {"a": {"name": "m", "y": 2}}),
        ({"a": {"x": 1}}, {"a": {"name": "m"}}, {"a": {"name": "m"}}),
        ({"a": {"name": "n", "x": 1}}, {"a": {}}, {"a": {"name": "n", "x": 1}}),
    ],
)
def test_merging(base: dict[str, Any], changes: dict[str, Any], expected: dict[str, Any]) -> None:
    before = deepcopy((base, changes))
    assert merged(base, changes) == expected
    assert (base, changes) == before


PLAIN = st.dictionaries(
    st.sampled_from("abc"),
    st.integers(0, 3) | st.dictionaries(st.sampled_from(["name", "x", "y"]), st.integers(0, 3), max_size=3),
    max_size=3,
)


@settings(deadline=None)
@given(base=PLAIN, changes=PLAIN)
def test_merging_keeps_what_is_said_last(base: dict[str, Any], changes: dict[str, Any]) -> None:
    result = merged(base, changes)
    assert merged(result, changes) == result
    assert merged(base, {}) == base
    assert merged({}, changes) == changes
    assert result.keys() == base.keys() | changes.keys()
    for key, value in changes.items():
        if isinstance(value, dict):
            assert value.items() <= result[key].items()
        else:
            assert result[key] == value


def test_later_changes_win_and_a_new_name_starts_afresh() -> None:
    config = configure(
        preset("digits"), {"optimizer": {"lr": 0.5}}, {"optimizer": {"name": "adam"}}, {"optimizer": {"lr": 0.25}}
    )
    assert (config.optimizer.name, dict(config.optimizer.options)) == ("adam", {"lr": 0.25})
    assert config.training.epochs == BEFORE["digits"]["training"]["epochs"]


@pytest.mark.parametrize("path", ["pics/birds/", "./pics/birds", "pics//birds", "pics/./birds"])
def test_a_folder_in_two_spellings_is_one_data_set(path: str) -> None:
    assert configure({}, {"data": {"name": f"imagefolder:{path}"}}).data.name == "imagefolder:pics/birds"


@pytest.mark.parametrize(
    "name", ["imagefolder:/pics", "imagefolder:../pics", "imagefolder:~/pics", "imagefolder:", "x"]
)
def test_a_name_that_has_one_spelling_only_is_kept(name: str) -> None:
    assert configure({}, {"data": {"name": name}}).data.name == name


def test_a_section_without_a_name_keeps_the_default_one() -> None:
    config = configure({}, {"model": {"width": 4}, "data": {"label_noise": 0.5}})
    assert (config.model.name, config.data.name) == ("resnet8", "digits")
    assert configure({}) == RunConfig()


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], {}),
        (["seed=3"], {"seed": 3}),
        ([" seed = 3 "], {"seed": 3}),
        (["optimizer.lr=1e-3", "optimizer.nesterov=true"], {"optimizer": {"lr": 1e-3, "nesterov": True}}),
        (["model.norm=none"], {"model": {"norm": "none"}}),
        (["model.note='3'"], {"model": {"note": "3"}}),
        (["model.note="], {"model": {"note": ""}}),
        (["model.note=a=b"], {"model": {"note": "a=b"}}),
        (["reset.blocks=['a', 'b']"], {"reset": {"blocks": ["a", "b"]}}),
        (["seed=1", "seed=2"], {"seed": 2}),
        (["init=run:initial@sha"], {"init": "run:initial@sha"}),
    ],
)
def test_assignments(texts: list[str], expected: dict[str, Any]) -> None:
    assert assignments(texts) == expected


@pytest.mark.parametrize("text", ["", "seed", "=3", ".lr=3", "optimizer.=3", " =3", "."])
def test_an_assignment_needs_a_key_and_a_value(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--set takes section\.key=value") as caught:
        assignments([text])
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("texts", [["optimizer=adam", "optimizer.lr=1"], ["optimizer=3", "optimizer.lr=1"]])
def test_a_key_of_a_section_that_is_no_table_is_a_config_error(texts: list[str]) -> None:
    with pytest.raises(ConfigError):
        configure({}, assignments(texts))


@settings(deadline=None)
@given(
    texts=st.lists(
        st.builds(
            "{}={}".format,
            st.sampled_from(["seed", "optimizer", "optimizer.lr", "reset.blocks", "training.epochs", "x", "data.a.b"])
            | st.text(max_size=5),
            st.sampled_from(["nan", "inf", "-1", "1e999", "[1", "{a=1}", "2020-01-01", "12:00:00", "'", '"""'])
            | st.text(max_size=6),
        ),
        max_size=3,
    )
)
@example(texts=["model.x=" + "1" * 5000])
@example(texts=["model.x=0x" + "f" * 5000])
@example(texts=["model.x=" + "[" * 5000])
@example(texts=["training.epochs=0x" + "f" * 5000])
def test_any_assignment_is_a_configuration_or_a_config_error(texts: list[str]) -> None:
    try:
        config = configure({}, assignments(texts))
    except ConfigError:
        return
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", run_id(config))


def test_reading_a_file(read: Callable[[str | bytes], dict[str, Any]]) -> None:
    assert read("seed = 3\n[optimizer]\nlr = 0.5\n") == {"seed": 3, "optimizer": {"lr": 0.5}}
    assert read("") == {}


def test_a_file_that_stands_on_a_preset(read: Callable[[str | bytes], dict[str, Any]]) -> None:
    given_settings = read('preset = "mlp-spiral"\n[optimizer]\nlr = 0.5\n[training]\nbatch_size = 7\n')
    assert given_settings == merged(PRESETS["mlp-spiral"], {"optimizer": {"lr": 0.5}, "training": {"batch_size": 7}})
    assert PRESETS == BEFORE


@pytest.mark.parametrize("value", ['"digit"', '""', "3", "true", "[1]", "{a = 1}", "2020-01-01", "0.5"])
def test_a_file_with_a_bad_preset(read: Callable[[str | bytes], dict[str, Any]], value: str) -> None:
    with pytest.raises(ConfigError, match="preset"):
        read(f"preset = {value}\n")


@pytest.mark.parametrize(
    "content",
    [
        b"seed = ",
        b"seed = 1\nseed = 2\n",
        b"\xff\xfe",
        b"[a]\n[a]\n",
        b"\x00",
        b"x = " + b"[" * 5000,
        b"seed = " + b"1" * 5000,
        b"{",
    ],
    ids=lambda content: repr(content[:12]),
)
def test_a_file_that_is_not_toml(
    read: Callable[[str | bytes], dict[str, Any]], toml_path: Path, content: bytes
) -> None:
    with pytest.raises(ConfigError, match=rf"^{re.escape(str(toml_path))} is not valid TOML: .+"):
        read(content)


@pytest.mark.parametrize("section", ["seed", "model.width", "training.epochs", "data.train_size"])
def test_a_number_too_long_to_print_is_a_config_error(
    read: Callable[[str | bytes], dict[str, Any]], section: str
) -> None:
    given_settings = read(f"{section} = 0x{'f' * 5000}\n")
    with pytest.raises(ConfigError):
        configure({}, given_settings)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"nothing\.toml: No such file"):
        read_toml(tmp_path / "nothing.toml")
    with pytest.raises(NotFoundError, match="cannot read the configuration"):
        read_toml(tmp_path)


def toml_text(text: str) -> str:
    return '"' + "".join(c if c.isalnum() or c in " ._-" else f"\\U{ord(c):08x}" for c in text) + '"'


def toml_value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return toml_text(value) if isinstance(value, str) else repr(value)


def toml(table: dict[str, Any]) -> str:
    top = [f"{toml_text(key)} = {toml_value(value)}" for key, value in table.items() if not isinstance(value, dict)]
    for name, section in table.items():
        if isinstance(section, dict):
            top += [f"[{toml_text(name)}]", *(f"{toml_text(key)} = {toml_value(v)}" for key, v in section.items())]
    return "\n".join(top) + "\n"


FINITE = st.floats(allow_nan=False, allow_infinity=False)
OPTIONS = st.dictionaries(
    st.text(min_size=1, max_size=5).map("o_{}".format),
    st.booleans() | st.integers(-(2**60), 2**60) | FINITE | st.text(),
    max_size=3,
)


@st.composite
def full_settings(draw: st.DrawFn) -> dict[str, Any]:
    parts = {
        section: {"name": draw(st.text(min_size=1)), **draw(OPTIONS)}
        for section in ("data", "model", "optimizer", "schedule")
    }
    parts["data"]["train_size"] = draw(st.floats(0.001, 1) | st.integers(2, 10**6))
    parts["data"]["label_noise"] = draw(st.floats(0, 1))
    parts["schedule"]["warmup_epochs"] = draw(st.floats(0, 100))
    training = {"epochs": draw(st.integers(0, 1000)), "batch_size": draw(st.integers(1, 1000))}
    reset = {"run": draw(st.text(min_size=1)), "blocks": draw(st.lists(st.text(min_size=1), min_size=1, max_size=3))}
    blocks = {
        section: draw(st.dictionaries(st.text(min_size=1), st.floats(0, 1e6), min_size=1, max_size=2))
        for section in draw(st.sets(st.sampled_from(("block_lr", "block_weight_decay", "block_init_scale"))))
    }
    parts["data"] |= {"copies": draw(st.integers(1, 9)), "zeroed": draw(st.floats(0, 0.9))}
    training |= {"stop_accuracy": draw(st.floats(0.1, 1))}
    whole = {**parts, **blocks, "training": training, "init": draw(st.text()), "seed": draw(st.integers(0, 2**63 - 1))}
    return whole | ({"reset": reset} if draw(st.booleans()) else {})


@settings(deadline=None)
@given(whole=full_settings())
def test_a_configuration_goes_through_toml(
    read: Callable[[str | bytes], dict[str, Any]], whole: dict[str, Any]
) -> None:
    config = configure(whole)
    again = configure(read(toml(config.to_dict())))
    assert again == config
    assert again.to_dict() == config.to_dict()
    assert run_id(again) == run_id(config)
    assert math.isfinite(again.data.train_size)
