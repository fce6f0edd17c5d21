"""Each kind of step is run as torch.fx itself runs it, and values live as long as a step uses them."""

from typing import Any

import pytest
import torch
from torch import Tensor, fx, nn

from lininterp_cli.landscape.engine.runner import Runner


class Every(nn.Module):
    """A step of every kind, with values in nested and in named arguments."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4), nn.BatchNorm1d(4)])
        self.scale = nn.Parameter(torch.rand(4))
        self.register_buffer("shift", torch.rand(4))

    def forward(self, inputs: Tensor) -> Tensor:
        hidden = self.layers[1](self.layers[0](inputs)).relu()
        both = torch.cat([hidden, inputs], dim=1).view(inputs.shape[0], 2, -1)
        mixed = torch.where(both[:, 0] > 0, both[:, 1], other=self.shift)
        return torch.addcmul(mixed, hidden, self.scale, value=0.5).clamp(max=2.0)


@pytest.fixture
def network() -> fx.GraphModule:
    torch.manual_seed(0)
    tracer = fx.Tracer()
    tracer.proxy_buffer_attributes = True
    module = Every().eval()
    return fx.GraphModule(module, tracer.trace(module))


def parts(network: fx.GraphModule) -> tuple[fx.Node, list[fx.Node], dict[fx.Node, int]]:
    inputs, *steps, _ = network.graph.nodes
    number = {node: index for index, node in enumerate([inputs, *steps])}
    uses = {node: [number.get(user, len(number)) for user in node.users] for node in number}
    return inputs, steps, {node: max(some, default=-1) for node, some in uses.items()}


def test_all_kinds_of_steps(network: fx.GraphModule):
    inputs, steps, last_use = parts(network)
    assert {step.op for step in steps} == {"call_module", "call_function", "call_method", "get_attr"}
    given = torch.randn(3, 4)
    seen: list[Any] = []

    class Noting(fx.Interpreter):
        def run_node(self, n: fx.Node) -> Any:
            seen.append(super().run_node(n))
            return seen[-1]

    expected = Noting(network).run(given)
    after: list[Any] = []
    values = Runner(network)(
        {inputs: given}, range(len(steps)), last_use, lambda place, values: after.append(values[steps[place]])
    )
    assert len(after) == len(steps)
    for one, other in zip(after, seen[1:-1], strict=True):
        assert torch.equal(one, other) if isinstance(one, Tensor) else one == other
    assert [*values.values()] == [after[-1]]
    assert torch.equal(after[-1], expected)


def test_a_part_of_the_steps_leaves_what_later_ones_use(network: fx.GraphModule):
    inputs, steps, last_use = parts(network)
    runner, given = Runner(network), torch.randn(3, 4)
    whole = runner({inputs: given}, range(len(steps)), last_use)
    for cut in range(len(steps) + 1):
        values = runner({inputs: given}, range(cut), last_use)
        assert all(last_use[node] > cut for node in values if node is not (steps[cut - 1] if cut else inputs))
        rest = runner(values, range(cut, len(steps)), last_use)
        assert torch.equal(rest[steps[-1]], whole[steps[-1]])


def test_weights_are_lent_for_one_run(network: fx.GraphModule):
    inputs, steps, last_use = parts(network)
    runner, given = Runner(network), torch.randn(3, 4)
    plain = Every().eval()
    lent = {f"network.{name}": tensor for name, tensor in plain.state_dict().items()}
    before = network(given)
    values = torch.func.functional_call(runner, lent, ({inputs: given}, range(len(steps)), last_use))
    assert torch.equal(values[steps[-1]], plain(given))
    assert not torch.equal(before, plain(given))
    assert torch.equal(network(given), before)
