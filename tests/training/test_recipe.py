"""From a configuration to what it names, and back."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lininterp_cli.config.identity import digest, run_id
from lininterp_cli.config.options import options_of
from lininterp_cli.config.presets import PRESETS, configure, preset
from lininterp_cli.config.run import RunConfig, from_dict
from lininterp_cli.data.draws import corrupt, select
from lininterp_cli.data.registry import load
from lininterp_cli.errors import ConfigError, UnknownNameError
from lininterp_cli.models.registry import MODELS
from lininterp_cli.training import recipe
from lininterp_cli.training.initial import INITS
from lininterp_cli.training.optimizers import OPTIMIZERS
from lininterp_cli.training.schedules import SCHEDULES


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_resolves_and_comes_back_from_its_record(name: str) -> None:
    resolved = recipe.resolve(configure(preset(name)))
    written = json.loads(json.dumps(recipe.explicit(resolved), allow_nan=False))
    again = recipe.resolve(from_dict(written))
    assert again == resolved
    assert (digest(again), run_id(again)) == (digest(resolved), run_id(resolved))
    for section, (_, registry) in recipe.REGISTRIES.items():
        assert options_of(registry[written[section]["name"]]).keys() <= written[section].keys()


@given(
    optimizer=st.sampled_from(sorted(OPTIMIZERS)),
    lr=st.floats(1e-6, 10),
    schedule=st.sampled_from(sorted(SCHEDULES)),
    epochs=st.integers(0, 50),
    warmup=st.floats(0, 20),
    train_size=st.one_of(st.floats(0.01, 1), st.integers(2, 1000)),
    noise=st.floats(0, 1),
    augment=st.booleans(),
    init=st.sampled_from(sorted(INITS)),
    seed=st.integers(0, 10**12),
)
def test_the_record_s_config_has_the_digest_of_the_run(
    optimizer: str,
    lr: float,
    schedule: str,
    epochs: int,
    warmup: float,
    train_size: float,
    noise: float,
    augment: bool,
    init: str,
    seed: int,
) -> None:
    given_settings: dict[str, Any] = {
        "data": {"name": "digits", "train_size": train_size, "label_noise": noise, "augment": augment},
        "optimizer": {"name": optimizer, "lr": lr},
        "schedule": {"name": schedule, "warmup_epochs": min(warmup, epochs)},
        "training": {"epochs": epochs},
        "init": init,
        "seed": seed,
    }
    resolved = recipe.resolve(configure(given_settings))
    again = recipe.resolve(from_dict(json.loads(json.dumps(recipe.explicit(resolved)))))
    assert again == resolved
    assert digest(again) == digest(resolved)
    assert recipe.resolve(resolved) == resolved


def test_saying_a_default_changes_no_digest() -> None:
    plain = recipe.resolve(configure({"optimizer": {"name": "sgd"}}))
    said = recipe.resolve(configure({"optimizer": {"name": "sgd", "lr": 0.1, "weight_decay": 0}}))
    assert digest(plain) == digest(said)
    assert digest(recipe.resolve(configure({"optimizer": {"name": "sgd", "lr": 0.2}}))) != digest(plain)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": {"name": "resnet81"}}, "did you mean resnet8"),
        ({"data": {"name": "digit"}}, "did you mean digits"),
        ({"optimizer": {"name": "adamm"}}, "did you mean adam"),
        ({"schedule": {"name": "cosin"}}, "did you mean cosine"),
        ({"model": {"name": "mlp", "widht": 3}}, "did you mean width"),
        ({"optimizer": {"name": "sgd", "momentum": 0.9}}, "unknown option of optimizer sgd 'momentum'"),
        ({"model": {"name": "mlp", "width": "wide"}}, "width must be a whole number"),
        ({"optimizer": {"name": "sgd", "lr": -1}}, "lr must be a number above 0"),
        ({"optimizer": {"name": "nesterov", "momentum": 0}}, "--opt sgd"),
        ({"schedule": {"name": "step", "every": 2}}, "every"),
        ({"schedule": {"name": "onecycle", "start": -1}}, "start"),
        ({"schedule": {"name": "constant", "warmup_epochs": 4}, "training": {"epochs": 3}}, "does not fit into 3"),
    ],
)
def test_what_cannot_be_meant_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        recipe.resolve(configure(settings))


def test_no_training_needs_no_warm_up() -> None:
    settings = {"schedule": {"name": "cosine", "warmup_epochs": 4}, "training": {"epochs": 0}}
    assert recipe.resolve(configure(settings)).training.epochs == 0


def test_the_data_are_the_chosen_part_with_its_noisy_labels(tmp_path: Path) -> None:
    full = load("digits", tmp_path)
    config = configure({"data": {"name": "digits", "train_size": 200, "label_noise": 0.3}, "seed": 4})
    dataset = recipe.load_dataset(config, tmp_path)
    assert len(dataset.train) == 200
    assert torch.equal(dataset.mean, full.mean)
    assert torch.equal(dataset.std, full.std)
    assert torch.equal(dataset.test.labels, full.test.labels)
    true = select(full.train, 200, 4)
    assert torch.equal(dataset.train.inputs, true.inputs)
    changed = int((dataset.train.labels != true.labels).sum())
    assert 200 * 0.3 * 0.9 * 0.6 < changed < 200 * 0.3 * 0.9 * 1.4
    # An image has the same label in any part of the split it is used in.
    noisy = corrupt(full.train.labels, 0.3, 10, 4)
    whole = recipe.load_dataset(configure({"data": {"name": "digits", "label_noise": 0.3}, "seed": 4}), tmp_path)
    assert torch.equal(whole.train.labels, noisy)
    label_of = {image.numpy().tobytes(): int(label) for image, label in zip(full.train.inputs, noisy, strict=True)}
    assert [label_of[image.numpy().tobytes()] for image in dataset.train.inputs] == dataset.train.labels.tolist()


def test_a_fraction_is_a_fraction(tmp_path: Path) -> None:
    config = configure({"data": {"name": "spiral", "num_train": 80, "train_size": 0.25}})
    assert len(recipe.load_dataset(config, tmp_path).train) == 20


def test_more_examples_than_there_are_is_refused(tmp_path: Path) -> None:
    config = configure({"data": {"name": "spiral", "num_train": 80, "train_size": 81}})
    with pytest.raises(ConfigError, match="80"):
        recipe.load_dataset(config, tmp_path)


def test_the_network_fits_the_data(tmp_path: Path) -> None:
    config = configure({"data": {"name": "spiral", "num_classes": 3}, "model": {"name": "mlp", "width": 7}})
    dataset = recipe.load_dataset(config, tmp_path)
    model = recipe.network(config, dataset)()
    assert model(dataset.normalise(dataset.test.inputs[:5])).shape == (5, 3)
    assert model.get_parameter("fc1.weight").shape == (7, 2)


@pytest.mark.parametrize(
    ("init", "scheme"), [("orthogonal", "orthogonal"), ("default", "default"), ("weights.pt#0123", "default")]
)
def test_fresh_weights_are_drawn_by_the_run_s_scheme(init: str, scheme: str) -> None:
    assert recipe.scheme(RunConfig(init=init)) == scheme


def test_the_trainee_has_the_recipe_s_optimizer() -> None:
    config = recipe.resolve(
        configure({"optimizer": {"name": "adamw", "lr": 0.5, "beta2": 0.9}, "training": {"dtype": "float16"}})
    )
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    trainee = recipe.trainee(config, model, torch.device("cpu"))
    group = trainee.optimizer.param_groups[0]
    assert isinstance(trainee.optimizer, torch.optim.AdamW)
    assert (group["lr"], group["betas"], group["weight_decay"]) == (0.5, (0.9, 0.9), 0.01)
    assert [id(parameter) for parameter in group["params"]] == [id(parameter) for parameter in model.parameters()]
    assert trainee.scaler.is_enabled()
    assert trainee.epoch == 0


def test_every_block_is_a_group_with_what_is_its_own() -> None:
    config = recipe.resolve(
        configure({
            "model": {"name": "mlp"},
            "optimizer": {"name": "adamw", "lr": 0.5, "weight_decay": 0.2},
            "block_lr": {"fc1": 0.01, "fc3": 0},
            "block_weight_decay": {"fc1": 0, "fc2": 7},
        })
    )
    model = MODELS["mlp"]((3,), 2, norm="batch")
    groups = recipe.optimizer(config, model, torch.device("cpu")).param_groups
    assert [(group["block"], group["lr"], group["weight_decay"]) for group in groups] == [
        ("fc1", 0.01, 0), ("fc2", 0.5, 7), ("fc3", 0, 0.2)
    ]  # fmt: skip
    assert [id(p) for group in groups for p in group["params"]] == [id(p) for p in model.parameters()]
    assert [len(group["params"]) for group in groups] == [3, 3, 2]


@pytest.mark.parametrize("name", MODELS)
def test_parameters_keep_their_order_so_that_old_positions_are_read(name: str) -> None:
    model = MODELS[name]((1, 8, 8), 10)
    groups = recipe.optimizer(recipe.resolve(RunConfig()), model, torch.device("cpu")).param_groups
    assert [id(p) for group in groups for p in group["params"]] == [id(p) for p in model.parameters()]


@pytest.mark.parametrize("section", ["block_lr", "block_weight_decay"])
def test_a_block_that_is_not_there_is_refused_with_those_that_are(section: str) -> None:
    config = recipe.resolve(configure({"model": {"name": "mlp"}, section: {"layer1": 0.5}}))
    with pytest.raises(UnknownNameError, match=r"unknown block 'layer1' \(all: fc1, fc2, fc3\)"):
        recipe.optimizer(config, MODELS["mlp"]((3,), 2), torch.device("cpu"))


OWN_STEPS = """
from numpy import float32, float64
from torch import optim, tensor

def plain(parameters, fused, *, lr: float = 0.1, weight_decay: float = 0.0):
    return optim.SGD(parameters, lr=lr, weight_decay=weight_decay)

def flat(parameters, fused, *, lr: float = 0.1):
    return optim.SGD([tensor for group in parameters for tensor in group["params"]], lr=lr)

def short(parameters):
    return optim.SGD(parameters, lr=0.1)

def none(parameters, fused):
    return None

def failing(parameters, fused):
    raise ValueError("odd")

def drop(progress, *, at: float = 0.5):
    return 1 if progress < at else float32(0.25) if progress < 1 else float64(0.125)

def late(progress):
    return 1 / (0.5 - progress) if progress >= 0.5 else 1

def constant():
    return 1

def text(progress):
    return "1"

def one(progress):
    return tensor(1.0)

def nan(progress):
    return float("nan")
"""


def own_steps(folder: Path, **names: str) -> RunConfig:
    (folder / "own_steps.py").write_text(OWN_STEPS)
    named = {section: {"name": f"{folder}/own_steps.py:{name}"} for section, name in names.items()}
    return configure({"model": {"name": "mlp"}, **named})


def test_an_optimizer_of_one_s_own_gets_the_blocks_and_its_options(tmp_path: Path) -> None:
    config = own_steps(tmp_path, optimizer="plain")
    given = replace(config, optimizer=replace(config.optimizer, options={"lr": 0.5}), block_lr={"fc2": 0.25})
    model = MODELS["mlp"]((3,), 2)
    groups = recipe.optimizer(recipe.resolve(given), model, torch.device("cpu")).param_groups
    assert [(group["block"], group["lr"]) for group in groups] == [("fc1", 0.5), ("fc2", 0.25), ("fc3", 0.5)]
    assert [id(p) for group in groups for p in group["params"]] == [id(p) for p in model.parameters()]


def test_an_optimizer_of_one_s_own_may_not_drop_what_is_a_block_s_own(tmp_path: Path) -> None:
    config, model = recipe.resolve(own_steps(tmp_path, optimizer="flat")), MODELS["mlp"]((3,), 2)
    assert len(recipe.optimizer(config, model, torch.device("cpu")).param_groups) == 1
    same = replace(config, block_lr={"fc2": 0.1})
    assert len(recipe.optimizer(same, model, torch.device("cpu")).param_groups) == 1
    for own, words in (
        ({"block_lr": {"fc2": 0.25}}, "fc2 with lr 0.1, not its own 0.25; .* or leave block_lr out"),
        ({"block_weight_decay": {"fc1": 0.5}}, "fc1 with weight_decay 0, not its own 0.5; .* block_weight_decay out"),
    ):
        with pytest.raises(ConfigError, match=rf"^own_steps\.py:flat trains {words}"):
            recipe.optimizer(replace(config, **own), model, torch.device("cpu"))


def test_a_schedule_of_one_s_own_gives_numbers_of_any_kind(tmp_path: Path) -> None:
    config = recipe.resolve(own_steps(tmp_path, schedule="drop"))
    factors = [recipe.schedule(config)(progress) for progress in (0.0, 0.5, 1.0)]
    assert factors == [1.0, 0.25, 0.125]
    assert {type(factor) for factor in factors} == {float}
    config = replace(config, schedule=replace(config.schedule, options={"at": 0.75}))
    assert recipe.schedule(config)(0.5) == 1.0


@pytest.mark.parametrize(
    ("section", "name", "words"),
    [
        ("optimizer", "short", "short must be a function of the parameter groups and fused: too many positional arg"),
        ("optimizer", "none", r"none must give a torch\.optim\.Optimizer, not NoneType"),
        ("optimizer", "failing", r"failing failed: ValueError: odd \(own_steps\.py:18\)"),
        ("schedule", "constant", r"constant, the schedule, fails at progress 0: TypeError: .*0 positional arguments"),
        ("schedule", "text", "text, the schedule, must give a finite number, the factor on .* rate, not '1' at prog"),
        ("schedule", "one", r"one, the schedule, must give a finite number, .* not tensor\(1\.\) at progress 0"),
        ("schedule", "nan", "nan, the schedule, must give a finite number, .* not nan at progress 0"),
    ],
)
def test_mistakes_in_one_s_own_steps_are_a_line(tmp_path: Path, section: str, name: str, words: str) -> None:
    with pytest.raises(ConfigError, match=rf"^own_steps\.py:{words}"):
        recipe.resolve(own_steps(tmp_path, **{section: name}))


def test_a_schedule_that_fails_late_is_a_line_too(tmp_path: Path) -> None:
    schedule = recipe.schedule(recipe.resolve(own_steps(tmp_path, schedule="late")))
    with pytest.raises(ConfigError, match=r"late, the schedule, fails at progress 0\.5: ZeroDivisionError: .*py:24\)"):
        schedule(0.5)


def test_block_settings_come_back_from_the_record() -> None:
    settings = {"block_lr": {"fc": 0.3}, "block_weight_decay": {"fc": 0, "conv1": 1}, "block_init_scale": {"fc": 2}}
    own = recipe.resolve(configure(settings))
    again = recipe.resolve(from_dict(json.loads(json.dumps(recipe.explicit(own)))))
    assert again == own
    assert digest(again) == digest(own) != digest(recipe.resolve(RunConfig()))


def test_copies_have_labels_and_gaps_of_their_own(tmp_path: Path) -> None:
    data = {"name": "digits", "train_size": 100, "label_noise": 1.0, "zeroed": 0.25}
    once, thrice = (
        recipe.load_dataset(configure({"data": {**data, "copies": copies}, "seed": 4}), tmp_path) for copies in (1, 3)
    )
    full = load("digits", tmp_path)
    true = select(full.train, 100, 4)
    assert (len(once.train), len(thrice.train), len(thrice.test)) == (100, 300, len(full.test))
    assert torch.equal(thrice.test.inputs, full.test.inputs)
    assert torch.equal(thrice.mean, full.mean)
    for copy in thrice.train.inputs.split(100):
        assert (copy == true.inputs)[copy != 0].all()  # what is not zero is as it was
        assert ((copy == 0).flatten(1).sum(1) >= 16).all()
    first, second, third = thrice.train.inputs.split(100)
    assert not torch.equal(first, second)
    assert not torch.equal(second, third)
    labels = thrice.train.labels.split(100)
    assert len({tuple(own.tolist()) for own in labels}) == 3
    assert (labels[0] == labels[1]).float().mean() < 0.3
    plain = configure({"data": {"name": "digits", "train_size": 100, "copies": 2}, "seed": 4})
    twice = recipe.load_dataset(plain, tmp_path).train
    assert torch.equal(twice.inputs, true.inputs.repeat(2, 1, 1, 1))
    assert torch.equal(twice.labels, true.labels.repeat(2))


def test_the_schedule_has_the_recipe_s_options() -> None:
    config = recipe.resolve(configure({"schedule": {"name": "cosine", "floor": 0.25}}))
    assert recipe.schedule(config)(1.0) == 0.25


NARROW = """
import torch
from torch.nn import functional

from lininterp_cli.config.run import RunConfig
from lininterp_cli.models.registry import MODELS
from lininterp_cli.training import recipe

torch.manual_seed(0)
model = MODELS["resnet18"]((3, 32, 32), 10, width=4)
trainee = recipe.trainee(recipe.resolve(RunConfig()), model, torch.device("cpu"))
for _ in range(12):
    inputs = torch.randn(64, 3, 32, 32).contiguous(memory_format=trainee.layout)
    functional.cross_entropy(trainee.model(inputs), torch.randint(0, 10, (64,))).backward()
"""


def test_a_narrow_network_is_trained_where_torch_writes_beyond_its_memory_with_channels_last() -> None:
    done = subprocess.run([sys.executable, "-c", NARROW], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("width", "layout"), [(4, torch.contiguous_format), (8, torch.channels_last)])
def test_images_lie_with_channels_last_where_torch_allows_it(width: int, layout: torch.memory_format) -> None:
    model = MODELS["resnet18"]((3, 32, 32), 10, width=width)
    trainee = recipe.trainee(recipe.resolve(RunConfig()), model, torch.device("cpu"))
    assert trainee.layout is layout
    assert all(p.is_contiguous(memory_format=layout) for p in trainee.model.parameters() if p.dim() == 4)
