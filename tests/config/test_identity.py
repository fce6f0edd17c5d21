"""Run ids and digests: pinned for ever, blind to what is default and to order, safe as names of folders."""

import json
import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lininterp_cli.config.identity import canonical, digest, run_id
from lininterp_cli.config.presets import PRESETS, configure
from lininterp_cli.config.run import Part, RunConfig, from_dict

SAFE = re.compile(r"[a-z0-9][a-z0-9.-]*-s[0-9]+-[0-9a-f]{6}")

# These may never change: a run that is on a disk is found by its id.
GOLDEN: list[tuple[dict[str, Any], str, str]] = [
    ({}, "resnet8-digits-momentum-s0-843d14", "843d142010966da3fee5ac86aa85c336a8c3ac07fd6455ec1f3869f4673c3bd5"),
    (
        {"seed": 1},
        "resnet8-digits-momentum-s1-e459e0",
        "e459e0fd470731f7f19bb38d76d030d39a79e074b9b04ae722fa97d829ba11ea",
    ),
    (
        {"model": {"name": "resnet18", "width": 16}},
        "resnet18-w16-digits-momentum-s0-295038",
        "29503887594e846e9684430d8811d4c96a61d209453b61c5cc91fd0bc4e387d2",
    ),
    (
        {"data": {"name": "cifar10", "train_size": 5000, "label_noise": 0.5}},
        "resnet8-cifar10-n5000-noise0.5-momentum-s0-5f219b",
        "5f219b97af6932c18f735d4e42cfbb338fbde2c25de6537340ec2c223b36c49f",
    ),
    (
        {"data": {"name": "mnist"}, "model": {"name": "mlp"}, "optimizer": {"name": "adam", "lr": 0.001}},
        "mlp-mnist-adam-lr0.001-s0-4e797d",
        "4e797d62f40b8ddf623a72eac98949843e4d33e7beade94a69f67c4de6d4656d",
    ),
    (
        {"optimizer": {"weight_decay": 0.0005}},
        "resnet8-digits-momentum-wd0.0005-s0-63b943",
        "63b94393968dafa25bbcaf0ed84477d80b43553eb5ea56f883104d1ea8d79af7",
    ),
    (
        {"schedule": {"name": "cosine", "warmup_epochs": 1}},
        "resnet8-digits-momentum-s0-f35486",
        "f354863a4d94764901d2e635aae24e3366c1a5279f1f6ad003684162738a985a",
    ),
    (
        {"training": {"epochs": 0}},
        "resnet8-digits-momentum-s0-6f95b9",
        "6f95b90995f5a941e02177c8767df8103b5be907e1b41e8d2f58e85b9bb21667",
    ),
    (
        {"training": {"batch_size": 32, "dtype": "bfloat16"}},
        "resnet8-digits-momentum-s0-47c8b6",
        "47c8b6b08676fd5d4594b99e1ab221ca16cc49fb09b4a4e4675429a03c08d48c",
    ),
    (
        {"model": {"bias": False, "norm": "none"}},
        "resnet8-no-bias-norm-none-digits-momentum-s0-330d1b",
        "330d1b12d3dd3d32274194da014ff2e0020d1149c1c62e8af6e11853e1a50569",
    ),
    (
        {"model": {"pretrained": True}},
        "resnet8-pretrained-digits-momentum-s0-13c39b",
        "13c39bbc3c8d9edd457a12dbd3994bd168e3d0d6043c92ccf902c7ac470a0eef",
    ),
    (
        {"init": "orthogonal"},
        "resnet8-digits-momentum-orthogonal-s0-9eeb26",
        "9eeb2602b98b1d848b43eb30494adcbf85257dca65658a6639c4b4fa1dd45cb1",
    ),
    (
        {"data": {"name": "import:/some/where/data.npz"}},
        "resnet8-import-momentum-s0-8f6aae",
        "8f6aaec2a9ce74eea894e259a5826276f6f2e1bfc4b01a102cb1eb3026c64122",
    ),
    (
        {"init": "run:final@0123abcd", "seed": 9},
        "resnet8-digits-momentum-run-final-0123abcd-s9-81df7c",
        "81df7cd03c038ffcfc31b270db600a80d66f21fb2a28daa216f3aa552a5d594c",
    ),
    (
        {"reset": {"run": "resnet8-digits-momentum-s0-64f5b2", "blocks": ["layer1.0", "fc"]}},
        "resnet8-digits-momentum-reset-layer1.0-fc-s0-3d60ef",
        "3d60ef0fb5a565ae2411f3d34f884cb700094f0f8ffc4ce1c40bdf52d5566f58",
    ),
    (
        {"reset": {"run": "resnet8-digits-momentum-s0-64f5b2", "blocks": ["layer1.0"], "to": "initial"}, "seed": 2},
        "resnet8-digits-momentum-reset-layer1.0-initial-s2-627bd2",
        "627bd26ac6cf23ea5c555b0137848608408abba5170fee9b096e63f3eb5e8743",
    ),
    (
        {"data": {"copies": 10, "zeroed": 0.1, "label_noise": 1.0}, "training": {"stop_accuracy": 0.9999}},
        "resnet8-digits-noise1-copies10-zeroed0.1-momentum-s0-8cf3d9",
        "8cf3d90fcdbe83f1702ace1e181087316ab4e668c1c19ae4408919d1e280b094",
    ),
    (
        {
            "block_lr": {"layer1": 0.01, "fc": 0.0},
            "block_weight_decay": {"fc": 0.0},
            "block_init_scale": {"layer2": 2.0},
        },
        "resnet8-digits-momentum-fc-lr0-layer1-lr0.01-fc-wd0-layer2-scale-s0-587b6b",
        "587b6ba9112571ceae23d607c587a51bc84306201f72c801d086a7f45930b359",
    ),
    (
        {"optimizer": {"name": "multirate", "fast": "fc", "k": 5}},
        "resnet8-digits-multirate-fast-fc-k5-s0-9ae968",
        "9ae9686854e2bb608aa0b2b70defa4f1a0d8e258cc48891585d8d3e72ddd5eae",
    ),
    (
        {"init": "imagenet:resnet18-f37072fd.pth[layer1,layer2]#f37072fd1234"},
        "resnet8-digits-momentum-imagenet-resnet18-f37072fd.pth-layer1-la-s0-20508b",
        "20508b9c8891f909a16735ae1d547092ae75082e71ee63cc6cf05c6dc1acb152",
    ),
]


@pytest.mark.parametrize(("changes", "expected_id", "expected_digest"), GOLDEN, ids=[row[1] for row in GOLDEN])
def test_ids_are_pinned(changes: dict[str, Any], expected_id: str, expected_digest: str) -> None:
    config = configure({}, changes)
    assert (run_id(config), digest(config)) == (expected_id, expected_digest)


def test_preset_ids_are_pinned() -> None:
    assert {name: run_id(configure(settings)) for name, settings in PRESETS.items()} == {
        "digits": "resnet8-digits-momentum-wd0.01-s0-2232a8",
        "resnet18-cifar10": "resnet18-cifar10-momentum-wd0.0005-s0-488d67",
        "mlp-mnist": "mlp-mnist-adam-s0-35398f",
        "mlp-spiral": "mlp-spiral-adam-lr0.01-s0-024180",
    }


def test_the_canonical_form_is_pinned() -> None:
    assert canonical(RunConfig()) == (
        '{"data":{"name":"digits"},"model":{"name":"resnet8"},"optimizer":{"name":"momentum"},'
        '"schedule":{"name":"constant"}}'
    )
    changes = {"model": {"width": 16, "a": "é"}, "data": {"label_noise": 0.5}, "training": {"epochs": 3}, "seed": 2}
    assert canonical(configure({}, changes)) == (
        '{"data":{"label_noise":0.5,"name":"digits"},"model":{"a":"\\u00e9","name":"resnet8","width":16},'
        '"optimizer":{"name":"momentum"},"schedule":{"name":"constant"},"seed":2,"training":{"epochs":3}}'
    )


DEFAULTS = [
    (section, key, value)
    for section, table in RunConfig().to_dict().items()
    if isinstance(table, dict)
    for key, value in table.items()
]


@pytest.mark.parametrize(("section", "key", "value"), DEFAULTS)
@pytest.mark.parametrize("changes", [row[0] for row in GOLDEN[:4]], ids=[row[1] for row in GOLDEN[:4]])
def test_an_explicit_default_changes_nothing(section: str, key: str, value: object, changes: dict[str, Any]) -> None:
    if key in changes.get(section, {}):
        value = changes[section][key]
    explicit = {**changes, section: {**changes.get(section, {}), key: value}}
    assert run_id(configure({}, explicit)) == run_id(configure({}, changes))
    assert digest(configure({}, explicit)) == digest(configure({}, changes))


def test_explicit_default_seed_and_init_change_nothing() -> None:
    assert run_id(from_dict({"seed": 0, "init": "default"})) == run_id(RunConfig())


OPTIONS = st.dictionaries(
    st.from_regex(r"[a-z_]{1,6}", fullmatch=True).filter(lambda key: key not in ("name", "options")),
    st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    max_size=4,
)


@settings(deadline=None, max_examples=60)
@given(options=OPTIONS, data=st.data())
@example(options={"width": 16, "depth": 3}, data=None)
def test_the_order_of_options_does_not_matter(options: dict[str, Any], data: st.DataObject | None) -> None:
    order = list(reversed(options)) if data is None else data.draw(st.permutations(list(options)))
    one = RunConfig(model=Part(name="mlp", options=options))
    other = RunConfig(model=Part(name="mlp", options={key: options[key] for key in order}))
    assert digest(one) == digest(other)
    assert run_id(one) == run_id(other)


def test_the_order_of_sections_and_keys_does_not_matter() -> None:
    changes = {"seed": 1, "training": {"epochs": 3, "batch_size": 4}, "data": {"label_noise": 0.5, "train_size": 9}}
    backwards = {k: dict(reversed(v.items())) if isinstance(v, dict) else v for k, v in reversed(changes.items())}
    assert run_id(configure({}, changes)) == run_id(configure({}, backwards))


@settings(deadline=None, max_examples=60)
@given(one=OPTIONS, other=OPTIONS)
def test_other_settings_have_another_digest(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = (RunConfig(model=Part(name="mlp", options=options)) for options in (one, other))
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (digest(first) == digest(second)) is same


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"init": "orthogonal"},
        {"training": {"epochs": 11}},
        {"training": {"batch_size": 64}},
        {"training": {"dtype": "bfloat16"}},
        {"data": {"train_size": 0.5}},
        {"data": {"label_noise": 0.5}},
        {"schedule": {"warmup_epochs": 1.0}},
        {"schedule": {"name": "cosine"}},
        {"model": {"name": "mlp"}},
        {"model": {"width": 3}},
        {"model": {"eval_every": 5}},  # an option of the same name as a setting that does not count
        {"optimizer": {"name": "adam"}},
        {"data": {"name": "mnist"}},
        {"data": {"copies": 2}},
        {"data": {"zeroed": 0.1}},
        {"training": {"stop_accuracy": 0.9}},
        {"block_lr": {"fc": 0.1}},
        {"block_weight_decay": {"fc": 0.1}},
        {"block_init_scale": {"fc": 0.1}},
        {"reset": {"run": "a-s0-000000", "blocks": ["fc"]}},
    ],
    ids=str,
)
def test_every_setting_of_the_weights_counts(change: dict[str, Any]) -> None:
    assert digest(configure({}, change)) != digest(RunConfig())
    assert run_id(configure({}, change)) != run_id(RunConfig())


@pytest.mark.parametrize("base", [{}, {"training": {"epochs": 3, "dtype": "bfloat16"}}], ids=str)
def test_how_often_a_run_is_measured_does_not_count(base: dict[str, Any]) -> None:
    assert digest(configure(base, {"training": {"eval_every": 5}})) == digest(configure(base))
    assert run_id(configure(base, {"training": {"eval_every": 5}})) == run_id(configure(base))


def test_the_same_number_means_another_run_in_each_section_and_block() -> None:
    sections = ("block_lr", "block_weight_decay", "block_init_scale")
    changes = [{section: {block: 0.1}} for section in sections for block in ("fc", "conv1")]
    assert len({digest(configure({}, change)) for change in changes}) == 6


@pytest.mark.parametrize("key", ["run", "blocks", "to"])
def test_every_setting_of_a_reset_counts(key: str) -> None:
    base = {"run": "a", "blocks": ["fc"], "to": "random"}
    other = base | {"run": "b", "blocks": ["conv1"], "to": "initial"}
    ids = {digest(configure({}, {"reset": reset})) for reset in (base, base | {key: other[key]})}
    assert len(ids) == 2


HOSTILE = [
    "..",
    "../../etc/passwd",
    "/",
    "",
    " ",
    "-rf",
    "a\x00b",
    "a\nb",
    "CON:",
    "日本語",
    "~",
    "$(reboot)",
    "*?[]",
    ".hidden",
    "x" * 5000,
    "import:/some/where/w.pt",
    "\udcff",
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_names_give_safe_ids(text: str) -> None:
    part = {"name": text, "label": text}
    for changes in (
        {"model": part},
        {"model": part, "data": part, "optimizer": part, "schedule": part, "init": text},
        {"reset": {"run": text, "blocks": [text, text]}},
    ):
        assert_safe(configure({}, changes))


@settings(deadline=None, max_examples=60)
@given(
    model=st.text(max_size=80),
    data=st.text(max_size=80),
    optimizer=st.text(max_size=80),
    options=OPTIONS,
    init=st.text(max_size=20),
    seed=st.integers(min_value=0, max_value=2**63 - 1),
)
@example(model="", data="", optimizer="", options={}, init="default", seed=0)
@example(model="é", data="é", optimizer="é", options={}, init="é", seed=2**63 - 1)
def test_every_id_is_safe(model: str, data: str, optimizer: str, options: dict[str, Any], init: str, seed: int) -> None:
    changes = {"model": {"name": model, **options}, "data": {"name": data}, "optimizer": {"name": optimizer}}
    assert_safe(configure({}, changes, {"init": init, "seed": seed}))


def assert_safe(config: RunConfig) -> None:
    label = run_id(config)
    assert SAFE.fullmatch(label), label
    assert len(label) < 100
    assert label.endswith(digest(config)[:6])
    assert f"-s{config.seed}-" in label


def test_two_hostile_names_that_read_alike_stay_apart() -> None:
    ids = {run_id(configure({}, {"model": {"name": name}})) for name in ("a/b", "a b", "A-b", "a-b")}
    assert len(ids) == 4


def test_a_long_label_is_cut_but_the_hash_is_not() -> None:
    ids = [run_id(configure({}, {"model": {"name": "m" * 100, "width": width}})) for width in (1, 2)]
    assert ids[0] != ids[1]
    assert ids[0].startswith("m" * 64 + "-s0-")


def test_a_large_number_does_not_read_as_a_small_one() -> None:
    large, small = (run_id(configure({}, {"optimizer": {"lr": lr}})) for lr in (1e9, 1e-9))
    assert "-lr1e09-" in large
    assert "-lr1e-09-" in small
    assert large.rpartition("-")[2] == digest(configure({}, {"optimizer": {"lr": 1e9}}))[:6]
