"""The configuration of a run from plain data: what is kept, what is refused, and never another error."""

import json
import math
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lininterp_cli.config.identity import canonical, digest, run_id
from lininterp_cli.config.presets import configure
from lininterp_cli.config.run import Data, Part, Reset, RunConfig, Schedule, Training, from_dict
from lininterp_cli.errors import ConfigError, UnknownNameError

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([10**400, -(10**400), date(2020, 1, 1), "digits", "random", "float32"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(
    "name options train_size label_noise copies zeroed warmup_epochs epochs batch_size dtype stop_accuracy eval_every "
    "run blocks to lr width fc".split()
)
SECTIONS = st.sampled_from(
    "data model optimizer schedule training init reset seed block_lr block_weight_decay block_init_scale".split()
)
NESTED = st.dictionaries(
    SECTIONS | st.text(max_size=5),
    VALUES | st.dictionaries(KEYS | st.text(max_size=4), VALUES, max_size=4),
    max_size=4,
)
NAMED = st.fixed_dictionaries(
    {"name": st.text(max_size=6)}, optional={"lr": SCALARS, "train_size": SCALARS, "warmup_epochs": SCALARS}
)
NEARLY_RIGHT = st.fixed_dictionaries(
    {},
    optional={
        "data": NAMED,
        "model": NAMED,
        "optimizer": NAMED,
        "schedule": NAMED,
        "training": st.fixed_dictionaries({}, optional={"epochs": SCALARS, "batch_size": SCALARS, "dtype": SCALARS}),
        "reset": st.fixed_dictionaries(
            {},
            optional={
                "run": SCALARS,
                "blocks": SCALARS | st.lists(SCALARS, max_size=2),
                "to": st.sampled_from(["random", "initial"]) | SCALARS,
            },
        ),
        "init": SCALARS,
        "seed": SCALARS,
        "block_lr": st.dictionaries(st.text(max_size=4), SCALARS, max_size=2),
    },
)


def test_the_defaults_are_pinned() -> None:
    assert from_dict({}) == RunConfig()
    assert RunConfig().to_dict() == {
        "data": {"name": "digits", "train_size": 1.0, "label_noise": 0.0},
        "model": {"name": "resnet8"},
        "optimizer": {"name": "momentum"},
        "schedule": {"name": "constant", "warmup_epochs": 0.0},
        "training": {"epochs": 10, "batch_size": 128, "dtype": "float32"},
        "init": "default",
        "seed": 0,
    }


def test_every_section_is_read() -> None:
    given_settings = {
        "data": {
            "name": "cifar10", "train_size": 5000, "label_noise": 0.5, "copies": 3, "zeroed": 0.1, "augment": True,
        },
        "model": {"name": "resnet18", "width": 16, "norm": "none"},
        "optimizer": {"name": "adam", "lr": 0.01},
        "schedule": {"name": "step", "warmup_epochs": 1, "factor": 0.1},
        "training": {"epochs": 3, "batch_size": 64, "dtype": "bfloat16", "stop_accuracy": 0.75},
        "init": "orthogonal",
        "reset": {"run": "a-s0-000000", "blocks": ["fc", "conv1"], "to": "initial"},
        "block_lr": {"fc": 0.0, "layer1": 0.5},
        "block_weight_decay": {"fc": 1.0},
        "block_init_scale": {"conv1": 2.0},
        "seed": 5,
    }  # fmt: skip
    config = from_dict(given_settings)
    assert config == RunConfig(
        data=Data(name="cifar10", train_size=5000.0, label_noise=0.5, copies=3, zeroed=0.1, options={"augment": True}),
        model=Part(name="resnet18", options={"width": 16, "norm": "none"}),
        optimizer=Part(name="adam", options={"lr": 0.01}),
        schedule=Schedule(name="step", warmup_epochs=1.0, options={"factor": 0.1}),
        training=Training(epochs=3, batch_size=64, dtype="bfloat16", stop_accuracy=0.75),
        init="orthogonal",
        reset=Reset(run="a-s0-000000", blocks=("fc", "conv1"), to="initial"),
        block_lr={"fc": 0.0, "layer1": 0.5},
        block_weight_decay={"fc": 1.0},
        block_init_scale={"conv1": 2.0},
        seed=5,
    )
    assert config.to_dict() == given_settings
    assert from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("settings_given", "near"),
    [
        ({"modle": {}}, "model"),
        ({"sed": 1}, "seed"),
        ({"training": {"epoch": 1}}, "epochs"),
        ({"training": {"batchsize": 1}}, "batch_size"),
        ({"training": {"dtype": "float23"}}, "float32"),
        ({"reset": {"run": "a", "blocks": ["b"], "too": "random"}}, "to"),
        ({"reset": {"run": "a", "blocks": ["b"], "to": "randon"}}, "random"),
    ],
)
def test_an_unknown_name_offers_the_nearest(settings_given: dict[str, Any], near: str) -> None:
    with pytest.raises(UnknownNameError, match=rf"did you mean .*{near}"):
        from_dict(settings_given)


BAD: dict[str, list[object]] = {
    "seed": [-1, 10**400, 1.0, True, "1", None, math.nan, math.inf, [], {}],
    "init": [1, None, True, [], {}],
    "training.epochs": [-1, 1.5, True, "1", None, math.nan, math.inf, -math.inf, [1]],
    "training.batch_size": [0, -1, 1.5, True, "1", None, math.nan, math.inf],
    "training.dtype": ["float64", "", 32, None, True, ["float32"]],
    "data.train_size": [0, -1, -0.5, 1.5, math.nan, math.inf, -math.inf, True, "1", None, 10**400],
    "data.label_noise": [-0.1, 1.1, math.nan, math.inf, True, "0", None, [0.1]],
    "data.copies": [0, -1, 1.5, True, "1", None, math.nan, math.inf, [1]],
    "data.zeroed": [-0.1, 1, 1.5, math.nan, math.inf, True, "0", None, [0.1]],
    "training.stop_accuracy": [0, -0.1, 1.1, math.nan, math.inf, True, "0.5", None],
    "training.eval_every": [0, -1, 1.5, True, "1", None, math.nan, math.inf],
    "block_lr.fc": [-0.1, math.nan, math.inf, -math.inf, True, "1", None, [1], {"lr": 1}, 10**400],
    "block_weight_decay.fc": [-1, None, "x"],
    "block_init_scale.fc": [-1, None, "x"],
    "schedule.warmup_epochs": [-1, math.nan, math.inf, True, "1", None, 10**400],
    "model.width": [None, [1], {"a": 1}, date(2020, 1, 1), math.nan, math.inf, -math.inf, 10**400],
    "optimizer.lr": [None, [0.1], math.nan, math.inf],
    "model.name": [None, 3, True, [], {}],
    "data.name": [None, 3],
    "model.options": ["x", {"width": 3}, None],
    "reset.run": [None, 3, True, []],
    "reset.blocks": [None, 3, "fc", [1], [None], [["fc"]], {"fc": 1}, True],
    "reset.to": ["", "final", None, 1],
}


@pytest.mark.parametrize(
    ("path", "value"), [(path, value) for path, values in BAD.items() for value in values], ids=lambda v: repr(v)[:22]
)
def test_bad_values_are_config_errors(path: str, value: object) -> None:
    section, _, key = path.partition(".")
    base: dict[str, Any] = {"reset": {"run": "a", "blocks": ["fc"]}} if section == "reset" else {}
    change: dict[str, Any] = {section: {key: value} if key else value}
    with pytest.raises(ConfigError) as caught:
        configure(base, change)
    assert len(str(caught.value).splitlines()) == 1


def test_an_accuracy_to_stop_at_is_looked_at_after_every_epoch() -> None:
    assert configure({"training": {"eval_every": 10}}).training.eval_every == 10
    with pytest.raises(ConfigError, match=r"^stop_accuracy is looked at after every epoch, so that eval_every must"):
        configure({"training": {"eval_every": 2, "stop_accuracy": 0.9}})


@pytest.mark.parametrize("section", ["data", "model", "optimizer", "schedule", "training", "reset", "block_lr"])
@pytest.mark.parametrize("value", [3, "resnet8", None, [], [["name", "x"]], True], ids=repr)
def test_a_section_must_be_a_table(section: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"^{section} must be a table"):
        from_dict({section: value})


@pytest.mark.parametrize("section", ["data", "model", "optimizer", "schedule"])
def test_a_part_needs_a_name(section: str) -> None:
    with pytest.raises(ConfigError, match=rf"{section}.name"):
        from_dict({section: {}})


@pytest.mark.parametrize("reset", [{}, {"run": "a"}, {"blocks": ["fc"]}, {"run": "a", "blocks": []}], ids=repr)
def test_a_reset_needs_a_run_and_blocks(reset: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="reset"):
        from_dict({"reset": reset})


def test_what_the_first_records_did_not_know_is_left_out_where_it_is_default() -> None:
    said = {
        "data": {"name": "digits", "copies": 1, "zeroed": 0},
        "training": {"stop_accuracy": 1, "eval_every": 1},
        "block_lr": {},
        "block_weight_decay": {},
        "block_init_scale": {},
    }
    assert from_dict(said).to_dict() == RunConfig().to_dict()


def test_whole_floats_count_as_whole_numbers() -> None:
    config = from_dict({"training": {"epochs": 3.0}})
    assert type(config.training.epochs) is int
    assert digest(config) == digest(from_dict({"training": {"epochs": 3}}))


def test_limits_are_allowed() -> None:
    config = from_dict({
        "data": {"name": "x", "train_size": 1e-9, "label_noise": 1},
        "training": {"epochs": 0, "batch_size": 1},
    })
    assert (config.training.epochs, config.data.label_noise) == (0, 1.0)
    assert from_dict({"data": {"name": "x", "train_size": 2}}).data.train_size == 2


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        RunConfig().seed = 3  # type: ignore[misc]


def assert_usable(config: RunConfig) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    json.loads(canonical(config), parse_constant=refuse)
    again = from_dict(json.loads(json.dumps(config.to_dict(), allow_nan=False)))
    assert again == config
    assert run_id(again) == run_id(config)


@settings(deadline=None, max_examples=200)
@given(given_settings=NESTED | NEARLY_RIGHT)
@example(given_settings={"training": {"epochs": math.nan}})
@example(given_settings={"training": {"epochs": math.inf}})
@example(given_settings={"data": {"name": "digits", "train_size": 10**400}})
@example(given_settings={"model": {"name": "mlp", "width": math.nan}})
@example(given_settings={"model": {"name": "mlp", "width": 10**400}})
@example(given_settings={"reset": {}})
@example(given_settings={"reset": {"run": "a", "blocks": 3}})
@example(given_settings={"seed": 10**400})
def test_anything_is_a_usable_configuration_or_a_config_error(given_settings: dict[str, Any]) -> None:
    for build in (from_dict, configure):
        problem = None
        try:
            config = build(given_settings)
        except ConfigError as error:
            problem = str(error)
        if problem is None:
            assert_usable(config)
        else:
            assert len(problem.splitlines()) == 1
