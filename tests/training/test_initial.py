"""Initial states: the distributions they promise, and that drawing them leaves no trace."""

import math
from collections.abc import Callable

import pytest
import torch
from scipy import stats
from torch import nn

from lininterp_cli.config.seeds import derive
from lininterp_cli.errors import ConfigError
from lininterp_cli.training.initial import INITS, blank, draw

FAN_IN, FAN_OUT = 300, 200


def build() -> nn.Module:
    return nn.Sequential(nn.Linear(FAN_IN, FAN_OUT), nn.BatchNorm1d(FAN_OUT), nn.Linear(FAN_OUT, 4))


VARIANCE = {
    "default": 1 / (3 * FAN_IN),
    "xavier_uniform": 2 / (FAN_IN + FAN_OUT),
    "xavier_normal": 2 / (FAN_IN + FAN_OUT),
    "kaiming_uniform": 2 / FAN_IN,
    "kaiming_normal": 2 / FAN_IN,
    "orthogonal": 1 / FAN_IN,
    "trunc_normal": 0.02**2 * stats.truncnorm(-2, 2).var(),
}


@pytest.mark.parametrize("scheme", INITS)
def test_weights_have_the_scheme_s_distribution(scheme: str) -> None:
    state = draw(build, scheme, 3)[1]
    weight = state["0.weight"]
    std = math.sqrt(VARIANCE[scheme])
    assert abs(float(weight.mean())) < 5 * std / math.sqrt(weight.numel())
    assert float(weight.std()) == pytest.approx(std, rel=0.02)
    if "uniform" in scheme or scheme == "default":
        distribution = stats.uniform(-std * math.sqrt(3), 2 * std * math.sqrt(3))
    elif scheme == "trunc_normal":
        distribution = stats.truncnorm(-2, 2, scale=0.02)
    else:
        distribution = stats.norm(scale=std)
    assert stats.kstest(weight.flatten().numpy(), distribution.cdf).pvalue > 1e-3


def test_orthogonal_rows_are_orthonormal() -> None:
    weight = draw(build, "orthogonal", 0)[1]["0.weight"]
    torch.testing.assert_close(weight @ weight.T, torch.eye(FAN_OUT), atol=1e-5, rtol=0)


@pytest.mark.parametrize("scheme", INITS)
def test_all_that_is_no_matrix_is_the_constructor_s(scheme: str) -> None:
    state, default = draw(build, scheme, 7)[1], draw(build, "default", 7)[1]
    for name, tensor in state.items():
        assert torch.equal(tensor, default[name]) == (tensor.dim() < 2 or scheme == "default"), name


def test_default_is_the_constructor_under_the_derived_seed() -> None:
    torch.manual_seed(derive(11, "weights"))
    expected = build().state_dict()
    model, state = draw(build, "default", 11)
    for name, tensor in expected.items():
        assert torch.equal(state[name], tensor)
        assert torch.equal(model.state_dict()[name], tensor)


def test_seed_and_stream_say_which() -> None:
    first, again, other, reset = (
        draw(build, "default", seed, stream)[1]["0.weight"]
        for seed, stream in ((1, "weights"), (1, "weights"), (2, "weights"), (1, "reset"))
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first, reset)


@pytest.mark.parametrize("scheme", ["default", "kaiming_normal"])
def test_a_block_s_matrices_are_multiplied_and_nothing_else_changes(scheme: str) -> None:
    def scaled() -> nn.Module:
        model = build()
        model.block_init_scale = {"2": 3.0}  # type: ignore[assignment]
        return model

    before, (model, after) = draw(build, scheme, 5)[1], draw(scaled, scheme, 5)
    for name, tensor in before.items():
        expected = tensor * 3 if name == "2.weight" else tensor
        assert torch.equal(after[name], expected), name
        assert torch.equal(model.state_dict()[name], expected), name


def test_a_block_that_is_not_there_cannot_be_scaled() -> None:
    def scaled() -> nn.Module:
        model = build()
        model.block_init_scale = {"fc": 3.0}  # type: ignore[assignment]
        return model

    with pytest.raises(ConfigError, match=r"unknown block 'fc' \(all: 0, 2\)"):
        draw(scaled, "default", 5)


def test_a_block_without_matrices_cannot_be_scaled() -> None:
    def scaled() -> nn.Module:
        model = nn.Sequential(nn.LayerNorm(3), nn.Linear(3, 2))
        model.block_init_scale = {"1": 2.0, "0": 3.0}  # type: ignore[assignment]
        return model

    with pytest.raises(ConfigError, match="weights of two or more dimensions; 0 has none"):
        draw(scaled, "default", 5)


def test_the_state_is_a_copy() -> None:
    model, state = draw(build, "default", 0)
    before = state["0.weight"].clone()
    with torch.no_grad():
        next(model.parameters()).zero_()
    assert torch.equal(state["0.weight"], before)
    assert not any(tensor.requires_grad for tensor in state.values())
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_a_blank_network_of_a_run_has_the_constants_that_were_drawn_with_its_weights() -> None:
    def with_constant() -> nn.Module:
        network = build()
        network.constant = torch.randn(3)
        return network

    drawn, _ = draw(with_constant, "orthogonal", 5)
    assert torch.equal(blank(with_constant, 5).constant, drawn.constant)
    assert not torch.equal(blank(with_constant, 6).constant, drawn.constant)


@pytest.mark.parametrize("make", [lambda: draw(build, "kaiming_normal", 4), lambda: blank(build)])
def test_the_caller_s_random_state_is_left_alone(make: Callable[[], object]) -> None:
    state = torch.get_rng_state()
    make()
    assert torch.equal(torch.get_rng_state(), state)


def test_the_random_state_is_put_back_when_the_network_cannot_be_built() -> None:
    def fail() -> nn.Module:
        torch.rand(3)
        raise ConfigError("no")

    state = torch.get_rng_state()
    with pytest.raises(ConfigError):
        draw(fail, "default", 0)
    assert torch.equal(torch.get_rng_state(), state)


def test_an_unknown_scheme_offers_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean kaiming_normal"):
        draw(build, "kaiming_norml", 0)
