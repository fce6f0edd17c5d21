"""Optimizers: each is torch's, with the hyper-parameters it was given."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn, optim

from lininterp_cli.errors import ConfigError
from lininterp_cli.training.optimizers import OPTIMIZERS

TORCH: dict[str, tuple[dict[str, Any], Callable[[list[nn.Parameter]], optim.Optimizer]]] = {
    "sgd": ({"lr": 0.3, "weight_decay": 0.01}, lambda p: optim.SGD(p, lr=0.3, weight_decay=0.01)),
    "momentum": (
        {"lr": 0.03, "momentum": 0.8, "weight_decay": 0.01},
        lambda p: optim.SGD(p, lr=0.03, momentum=0.8, weight_decay=0.01),
    ),
    "nesterov": (
        {"lr": 0.03, "momentum": 0.8, "weight_decay": 0.01},
        lambda p: optim.SGD(p, lr=0.03, momentum=0.8, weight_decay=0.01, nesterov=True),
    ),
    "adam": (
        {"lr": 0.02, "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.1},
        lambda p: optim.Adam(p, lr=0.02, betas=(0.8, 0.95), weight_decay=0.1),
    ),
    "adamw": (
        {"lr": 0.02, "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.1},
        lambda p: optim.AdamW(p, lr=0.02, betas=(0.8, 0.95), weight_decay=0.1),
    ),
    "rmsprop": (
        {"lr": 0.02, "smoothing": 0.9, "momentum": 0.5, "weight_decay": 0.1},
        lambda p: optim.RMSprop(p, lr=0.02, alpha=0.9, momentum=0.5, weight_decay=0.1),
    ),
}
# multirate is no optimizer of torch's; it has a file of tests of its own.
BAD_RATES = [{"lr": 0.0}, {"lr": -1.0}, {"lr": float("nan")}, {"lr": float("inf")},
             {"weight_decay": -1.0}, {"weight_decay": float("nan")}]  # fmt: skip


def test_every_optimizer_has_its_test() -> None:
    assert OPTIMIZERS.keys() == {*TORCH, "multirate"}


def groups(*parameters: nn.Parameter) -> list[dict[str, Any]]:
    return [{"params": list(parameters)}]


def walked(make: Callable[[list[nn.Parameter]], optim.Optimizer]) -> torch.Tensor:
    """Where five steps in a crooked bowl lead."""
    point = nn.Parameter(torch.tensor([0.5, -0.7, 0.9]))
    optimizer = make([point])
    for _ in range(5):
        optimizer.zero_grad()
        (point.exp() - point * torch.tensor([1.0, 0.1, 3.0])).sum().backward()  # a parabola would hide L2 from Adam
        optimizer.step()
    return point.detach()


@pytest.mark.parametrize("name", TORCH)
def test_it_steps_as_torch_s_does(name: str) -> None:
    options, make = TORCH[name]
    keywords = {
        key for key, value in inspect.signature(OPTIMIZERS[name]).parameters.items() if value.kind is value.KEYWORD_ONLY
    }
    assert options.keys() == keywords  # every hyper-parameter is put to the test
    assert torch.equal(walked(lambda p: OPTIMIZERS[name](groups(*p), False, **options)), walked(make))


@pytest.mark.parametrize("name", TORCH)
def test_every_hyper_parameter_changes_the_walk(name: str) -> None:
    options = TORCH[name][0]
    usual = walked(lambda p: OPTIMIZERS[name](groups(*p), False, **options))
    for key in options:
        other = options | {key: options[key] / 2}
        assert not torch.equal(walked(lambda p, other=other: OPTIMIZERS[name](groups(*p), False, **other)), usual), key


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("bad", BAD_RATES)
def test_bad_rates_are_refused(name: str, bad: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(bad))):
        OPTIMIZERS[name](groups(nn.Parameter(torch.zeros(1))), False, **bad)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        (name, {key: value})
        for name, key in [
            ("momentum", "momentum"),
            ("nesterov", "momentum"),
            ("adam", "beta1"),
            ("adam", "beta2"),
            ("adamw", "beta1"),
            ("adamw", "beta2"),
            ("rmsprop", "smoothing"),
            ("rmsprop", "momentum"),
        ]
        for value in (-0.1, 1.0, float("nan"))
    ],
)
def test_shares_outside_0_to_1_are_refused(name: str, bad: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(bad))):
        OPTIMIZERS[name](groups(nn.Parameter(torch.zeros(1))), False, **bad)


def test_nesterov_without_momentum_names_sgd() -> None:
    with pytest.raises(ConfigError, match="--opt sgd"):
        OPTIMIZERS["nesterov"](groups(nn.Parameter(torch.zeros(1))), False, momentum=0.0)


@pytest.mark.parametrize("name", TORCH)
def test_a_block_has_the_rate_and_the_decay_of_its_own(name: str) -> None:
    options, make = TORCH[name]
    own = {"lr": 0.007, "weight_decay": 0.3}
    start = torch.tensor([0.5, -0.7, 0.9])
    one, other = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    optimizer = OPTIMIZERS[name](groups(one) + [group | own for group in groups(other)], False, **options)
    for _ in range(5):
        optimizer.zero_grad()
        sum((point.exp() - point * torch.tensor([1.0, 0.1, 3.0])).sum() for point in (one, other)).backward()
        optimizer.step()
    assert torch.equal(one, walked(make))
    assert torch.equal(other, walked(lambda p: OPTIMIZERS[name](groups(*p), False, **options | own)))
