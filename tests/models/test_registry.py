"""One contract over every network: what training and landscape take for granted of each of them."""

import functools
import inspect
import re
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from torch import nn
from torch.nn import functional

from lininterp_cli.errors import ConfigError, UnknownNameError
from lininterp_cli.models.norm import Norm
from lininterp_cli.models.registry import MODELS, build

SHAPES = [(1, 8, 8), (3, 32, 32), (20,)]
SMALL = {"width": 16, "heads": 2}
NUM_CLASSES = 7


def options_of(name: str) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(MODELS[name]).parameters
    return {key: value for key, value in parameters.items() if value.kind is value.KEYWORD_ONLY}


def variants_of(name: str) -> list[dict[str, Any]]:
    """The default, and one variant for each value of each option that has a few named values."""
    options = options_of(name)
    small = {key: value for key, value in SMALL.items() if key in options}
    variants = [small]
    for key, option in options.items():
        values = (True, False) if option.annotation is bool else get_args(option.annotation)
        variants += [small | {key: value} for value in values if value != option.default]
    if {"norm", "skip"} <= options.keys():
        variants.append(small | {"norm": "none", "skip": False})
    return variants


CASES = [(name, options) for name in MODELS for options in variants_of(name)]


def case_id(value: Any) -> str:
    return value if isinstance(value, str) else ",".join(f"{k}={v}" for k, v in value.items() if k not in SMALL)


def seeded(name: str, shape: tuple[int, ...], **options: Any) -> nn.Module:
    torch.manual_seed(5)
    return build(name, shape, NUM_CLASSES, **options)


@functools.cache
def accepted_shapes(name: str) -> list[tuple[int, ...]]:
    def takes(shape: tuple[int, ...]) -> bool:
        try:
            build(name, shape, NUM_CLASSES, **variants_of(name)[0])
        except ConfigError:
            return False
        return True

    return [shape for shape in SHAPES if takes(shape)]


def test_registry_holds_the_promised_names():
    assert {
        "mlp", "lenet5", "vgg11", "vgg13", "vgg16", "resnet18", "resnet34", "resnet50",
        "resnet8", "resnet20", "resnet56", "vit-tiny",
    } <= MODELS.keys()  # fmt: skip


def test_unknown_name_offers_the_nearest():
    with pytest.raises(UnknownNameError, match="resnet18"):
        build("resnet81", (3, 32, 32), 10)


@pytest.mark.parametrize("name", MODELS)
def test_takes_small_images(name: str):
    assert {(1, 8, 8), (3, 32, 32)} <= set(accepted_shapes(name))


@pytest.mark.parametrize("name", [name for name in MODELS if name != "mlp"])
def test_vectors_are_refused_with_what_is_allowed(name: str):
    with pytest.raises(ConfigError, match=rf"^{name} takes images \(C, H, W\).*\(64,\).*choose"):
        build(name, (64,), 10)


@pytest.mark.parametrize("name", MODELS)
def test_counts_below_one_are_refused(name: str):
    counts = [key for key, option in options_of(name).items() if option.annotation is int]
    for key in counts:
        with pytest.raises(ConfigError, match=f"{key} of {name} is 0; it must be 1 or more"):
            build(name, (3, 32, 32), 10, **{key: 0})


@pytest.mark.parametrize("name", MODELS)
def test_signature_is_what_the_config_reads(name: str):
    shape, num_classes, *rest = inspect.signature(MODELS[name]).parameters.values()
    assert (shape.name, num_classes.name) == ("shape", "num_classes")
    for option in rest:
        assert option.kind is option.KEYWORD_ONLY
        allowed = get_args(option.annotation)
        assert option.default in allowed if allowed else type(option.default) is option.annotation
    if "norm" in options_of(name):
        assert options_of(name)["norm"].annotation is Norm


@pytest.mark.parametrize("name", MODELS)
def test_docstring_has_a_summary_its_options_and_a_source(name: str):
    doc = inspect.getdoc(MODELS[name])
    assert doc is not None
    summary, blank, *_ = doc.splitlines()
    assert summary.endswith(".")
    assert not blank
    for option in options_of(name):
        assert re.search(rf"^    {option}: \S", doc, re.MULTILINE), option
    assert re.search(r"References:\n.*\b(19|20)\d\d\b.*(arXiv \d{4}\.\d{4,5}|https://)", doc, re.DOTALL)


@pytest.mark.parametrize(("name", "options"), CASES, ids=case_id)
def test_forward_and_gradient(name: str, options: dict[str, Any]):
    for shape in accepted_shapes(name):
        model = seeded(name, shape, **options)
        inputs, labels = torch.randn(8, *shape), torch.arange(8) % NUM_CLASSES
        logits = model(inputs)
        assert logits.shape == (8, NUM_CLASSES)
        loss = functional.cross_entropy(logits, labels)
        # Far above ln 7 would mean a network that no usual learning rate can train.
        assert loss.item() < 30
        loss.backward()
        for key, parameter in model.named_parameters():
            assert parameter.grad is not None, key
            assert parameter.grad.isfinite().all(), key
            # A bias may have none at the start: a shift of the keys changes no attention.
            assert key.endswith("bias") or parameter.grad.abs().max() > 0, key


@pytest.mark.parametrize(("name", "options"), CASES, ids=case_id)
def test_same_seed_same_weights_and_state_round_trip(name: str, options: dict[str, Any]):
    shape = accepted_shapes(name)[0]
    first, second = seeded(name, shape, **options), seeded(name, shape, **options)
    other = build(name, shape, NUM_CLASSES, **options)
    state = first.state_dict()
    assert state.keys() == second.state_dict().keys()
    assert all(torch.equal(tensor, second.state_dict()[key]) for key, tensor in state.items())
    assert any(not torch.equal(tensor, other.state_dict()[key]) for key, tensor in state.items())
    other.load_state_dict(state)
    inputs = torch.randn(3, *shape)
    with torch.no_grad():
        assert torch.equal(first.eval()(inputs), other.eval()(inputs))


NORM_CASES = [(name, options) for name, options in CASES if "norm" in options_of(name)]


@pytest.mark.parametrize(("name", "options"), NORM_CASES, ids=case_id)
def test_biases_stand_where_no_normalisation_follows(name: str, options: dict[str, Any]):
    norm = options.get("norm", options_of(name)["norm"].default)
    model = seeded(name, (3, 32, 32), **options)
    normed = nn.Linear if name == "mlp" else nn.Conv2d
    layers = [module for module in model.modules() if isinstance(module, normed)]
    if name == "mlp":
        assert layers.pop().bias is not None
    assert layers
    assert all((layer.bias is not None) == (norm == "none") for layer in layers)


OWN = """
from torch import nn

def make(shape, num_classes, *, width: int = 4):
    return nn.Sequential(nn.Flatten(), nn.Linear(shape[0] * shape[1] * shape[2], width), nn.Linear(width, num_classes))

def none(shape, num_classes):
    return None

def other(num_classes):
    return nn.Linear(1, num_classes)
"""


def test_a_network_of_one_s_own(tmp_path: Path):
    (tmp_path / "nets.py").write_text(OWN)
    model = build(f"{tmp_path}/nets.py:make", (1, 2, 2), 3, width=5)
    assert [tuple(one.shape) for one in model.parameters()] == [(5, 4), (5,), (3, 5), (3,)]
    with pytest.raises(ConfigError, match=r"nets.py:none must give a torch.nn.Module, not NoneType"):
        build(f"{tmp_path}/nets.py:none", (1, 2, 2), 3)
    with pytest.raises(ConfigError, match=r"nets.py:other must be a function of the shape of an example and"):
        build(f"{tmp_path}/nets.py:other", (1, 2, 2), 3)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("nn.Flatten()", "gives a network without parameters"),
        ("nn.Sequential(nn.Flatten(), nn.LazyLinear(3))", r"1\.weight has no shape yet; .* torch.zeros\(2, \*shape\)"),
        ("nn.Linear(-1, 3)", r"failed: RuntimeError: .* \(nets.py:4\)"),
    ],
)
def test_what_is_no_network_is_a_line(tmp_path: Path, body: str, words: str):
    (tmp_path / "nets.py").write_text(f"from torch import nn\n\ndef make(shape, num_classes):\n    return {body}\n")
    with pytest.raises(ConfigError, match=f"^nets.py:make .*{words}"):
        build(f"{tmp_path}/nets.py:make", (1, 2, 2), 3)


def test_lazy_layers_that_were_run_once_are_fine(tmp_path: Path):
    (tmp_path / "nets.py").write_text("""
import torch
from torch import nn

def make(shape, num_classes):
    model = nn.Sequential(nn.Flatten(), nn.LazyLinear(num_classes))
    model(torch.zeros(2, *shape))
    return model
""")
    model = build(f"{tmp_path}/nets.py:make", (1, 2, 2), 3)
    assert model.state_dict()["1.weight"].shape == (3, 4)
