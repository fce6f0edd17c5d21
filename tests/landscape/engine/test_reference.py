"""Plain passes at some states: what agrees with them, and which networks write into their weights."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from lininterp_cli.landscape.engine.reference import Reference
from lininterp_cli.models.state import State, copied, state_of

Compute = Callable[[Tensor, State], Tensor]


class Writing(nn.Module):
    """A layer, a norm and a counter; does something with its weight before it uses it."""

    def __init__(self, write: Callable[["Writing"], object] = lambda _: None) -> None:
        super().__init__()
        self.weight, self.norm = nn.Parameter(torch.arange(1.0, 10.0).view(3, 3)), nn.BatchNorm1d(3)
        self.register_buffer("count", torch.tensor(0))
        self.write = write

    def forward(self, inputs: Tensor) -> Tensor:
        with torch.no_grad():
            self.write(self)
        return self.norm(inputs @ self.weight)


INPUTS = torch.tensor([[1.0, 2.0, 3.0], [3.0, 1.0, -2.0]])


def reference(network: nn.Module, *others: State) -> Reference:
    with torch.no_grad():
        return Reference(network, INPUTS, (state_of(network), *others))


def replace_by(network: Writing, other: Tensor) -> None:
    network.weight.data = other


WRITES: dict[str, Callable[[Writing], object]] = {
    "in place": lambda network: network.weight.mul_(2),
    "in place, to no effect": lambda network: network.weight.clamp_(min=0),
    "through data": lambda network: network.weight.data.mul_(2),
    "another tensor": lambda network: replace_by(network, network.weight * 2),
    "another tensor of the same numbers": lambda network: replace_by(network, network.weight.clone()),
    "a buffer": lambda network: network.count.add_(1),
}


@pytest.mark.parametrize("kind", WRITES)
def test_a_network_that_writes_into_its_weights_needs_copies_of_them_and_no_trace(kind: str):
    network = Writing(WRITES[kind]).eval()
    before = copied(state_of(network))
    found = reference(network)
    assert found.private == {"weight", "count", "norm.weight", "norm.bias"}
    assert found.reason == "its forward pass writes into its weights"
    assert all(torch.equal(network.state_dict()[name], one) for name, one in before.items())


def test_a_write_at_one_of_the_states_counts():
    def bound(network: Writing) -> None:
        if network.weight.norm() > 20:
            network.weight.clamp_(max=9)

    network = Writing(bound).eval()
    state = state_of(network)
    assert not reference(network).private
    assert reference(network, state | {"weight": state["weight"] * 2}).private


@pytest.mark.parametrize("is_training", [True, False])
def test_statistics_may_be_updated_and_numbers_may_be_nan(is_training: bool):
    network = Writing().train(is_training)
    found = reference(network, state_of(network) | {"norm.bias": torch.tensor([torch.nan, torch.inf, 1.0])})
    assert found.private == set()


def plain(inputs: Tensor, state: State) -> Tensor:
    spread = torch.sqrt(state["norm.running_var"] + 1e-5)
    return (inputs @ state["weight"] - state["norm.running_mean"]) / spread * state["norm.weight"] + state["norm.bias"]


ZERO = {"weight": torch.zeros(3, 3)}


def test_a_computation_must_agree_at_every_state():
    network = Writing().eval()
    start = state_of(network)
    others: dict[str, Compute] = {
        "its trace computes something else": lambda inputs, state: plain(2 * inputs, state),
        "": plain,
    }
    for reason, compute in others.items():
        assert reference(network, start | ZERO).refusal(compute) == (reason or None)
        network.load_state_dict(start | ZERO)
        assert reference(network).refusal(compute) is None  # all logits are zero
        assert reference(network, start).refusal(compute) == (reason or None)
        network.load_state_dict(start)


def test_logits_that_are_no_numbers_show_nothing():
    network = Writing().eval()
    state = state_of(network)
    endless = state | {"weight": torch.full((3, 3), torch.nan)}
    network.load_state_dict(endless)
    assert reference(network).reason == "its logits are not finite at either end"
    assert reference(network, state).reason is None
    assert reference(network, state).refusal(plain) is None


def test_what_is_compared_may_overwrite_what_it_is_given():
    def overwrite(inputs: Tensor, state: State) -> Tensor:
        found = plain(inputs, state)
        inputs.zero_()
        state["weight"].zero_()
        return found

    given, network = INPUTS.clone(), Writing().eval()
    found = reference(network, state_of(network))
    assert found.refusal(overwrite) is found.refusal(overwrite) is None
    assert torch.equal(INPUTS, given)
