"""Networks in steps: every beginning against the plain network, bit for bit."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional

from lininterp_cli.landscape.program import Program
from lininterp_cli.models.blocks import groups
from lininterp_cli.models.registry import MODELS, build
from lininterp_cli.models.state import State, state_of

SMALL = {"width": 8, "depth": 2, "heads": 2}
TORCHVISION = (
    "resnet18", "resnet34", "resnet50", "vgg16_bn", "densenet121", "mobilenet_v3_small", "efficientnet_b0",
    "convnext_tiny", "swin_t",
)  # fmt: skip


def registered(name: str) -> nn.Module:
    small = {key: value for key, value in SMALL.items() if key in inspect.signature(MODELS[name]).parameters}
    return build(name, (3, 16, 16), 10, **small)


def tiny_transformer() -> nn.Module:
    return torchvision.models.VisionTransformer(
        image_size=32, patch_size=16, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=32, num_classes=10
    )


NETWORKS: dict[str, tuple[Callable[[], nn.Module], int]] = {
    **{f"own-{name}": (functools.partial(registered, name), 16) for name in MODELS},
    **{
        name: (functools.partial(getattr(torchvision.models, name), weights=None, num_classes=10), 32)
        for name in TORCHVISION
    },
    "vision-transformer": (tiny_transformer, 32),
}


class InPlace(nn.Module):
    """Rectifies and adds in place right where other layers begin, with several values alive."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.third, self.last = (nn.Linear(6, 6) for _ in range(4))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, inputs: Tensor) -> Tensor:
        inputs.add_(1)
        identity = self.first(inputs)
        kept = identity * 2
        out = self.second(self.relu(identity))
        out += identity
        kept.mul_(out)
        out = self.third(functional.relu_(out))
        out -= kept
        return self.last(self.relu(out))


class Tied(nn.Module):
    """One weight under two names, one module called twice, one that nobody calls."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.twice, self.last, self.unused = (nn.Linear(6, 6) for _ in range(4))
        self.last.weight = self.first.weight

    def forward(self, inputs: Tensor) -> Tensor:
        return self.last(self.twice(self.twice(self.first(inputs)).relu()).tanh())


class Direct(nn.Module):
    """Parameters and buffers that the forward pass takes itself, one of them of a module that is called as well."""

    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.randn(1, 6))
        self.scales = nn.ParameterList([nn.Parameter(torch.randn(6)) for _ in range(2)])
        self.register_buffer("mean", torch.randn(6))
        self.register_buffer("mask", torch.randn(6), persistent=False)
        self.first, self.last = nn.Linear(6, 6), nn.Linear(6, 6)

    def forward(self, inputs: Tensor) -> Tensor:
        out = torch.cat([self.token, self.first(inputs - self.mean) * self.mask])[1:] + self.token.square()
        out = functional.linear(out * self.scales[0], self.first.weight)
        return self.last(out) * self.scales[1]


class Listed(nn.Module):
    """A list of tensors is alive where a layer begins, and one of them is then overwritten."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(6, 6), nn.Linear(3, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        parts = self.first(inputs).chunk(2, 1)
        out = self.last(inputs[:, :3])
        return parts[0].add_(out) * parts[1]


class Aliased(nn.Module):
    """Two names for the same numbers are alive where a layer begins, and one of them is then overwritten."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.shortcut, self.last = nn.Linear(6, 6), nn.Identity(), nn.Linear(6, 6)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, inputs: Tensor) -> Tensor:
        out = self.first(inputs)
        shortcut = self.shortcut(out)
        gate = self.last(inputs)
        return self.relu(out) * gate + shortcut


class BufferArithmetic(nn.Module):
    """Works on a buffer alone, before the inputs come in."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.randn(6))
        self.first = nn.Linear(6, 6)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.first(inputs - self.mean[None])


class PlainConstant(nn.Module):
    """Holds a tensor that is no entry of the state."""

    def __init__(self) -> None:
        super().__init__()
        self.plain = torch.arange(6.0)
        self.first = nn.Linear(6, 6)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.first(inputs * self.plain)


class ParameterArithmetic(nn.Module):
    """Works on a parameter alone."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(6, 6))
        self.first = nn.Linear(6, 6)

    def forward(self, inputs: Tensor) -> Tensor:
        return functional.linear(self.first(inputs), self.weight / self.weight.norm())


class TypeChecking(nn.Module):
    """Asks whether it was given a tensor, which a stand-in is not."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 6)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.first(inputs * 2 if isinstance(inputs, Tensor) else inputs)


class Anything(nn.Module):
    """Takes any number of inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 6)

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.first(inputs[0])


class Optional(nn.Module):
    """Takes a second input if there is one."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 6)

    def forward(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        return self.first(inputs if mask is None else inputs * mask)


class Undecided(nn.Module):
    """What it computes depends on the numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(6, 6), nn.Linear(6, 6)

    def forward(self, inputs: Tensor) -> Tensor:
        out = self.first(inputs)
        return self.last(out) if out.sum() > 0 else out


ODD = (
    InPlace, Tied, Direct, Listed, Aliased, BufferArithmetic, PlainConstant, ParameterArithmetic,
    Anything, Optional, Undecided,
)  # fmt: skip


def moved(state: State, names: Any = None, seed: int = 1) -> State:
    """Other weights for the named entries, and tied ones stay tied."""
    generator = torch.Generator().manual_seed(seed)

    def other(tensor: Tensor) -> Tensor:
        noise = torch.empty(tensor.shape).uniform_(0.7, 1.4, generator=generator)
        return tensor * noise + 0.01

    wanted = state if names is None else names
    drawn = {name: other(state[name]) for name in wanted if state[name].is_floating_point()}
    return state | drawn


def plain(network: nn.Module, state: State, inputs: Tensor) -> Tensor:
    result: Tensor = torch.func.functional_call(network, state, (inputs.clone(),), tie_weights=False)
    return result


def same(one: Tensor, other: Tensor) -> bool:
    return bool(torch.isfinite(one).all()) and torch.equal(one, other)


def check(network: nn.Module, inputs: Tensor, cuts: list[int] | None = None) -> Program:
    """Every beginning gives the network's own bits, over and over, whatever else began there."""
    before, modes = state_of(network), {name: part.training for name, part in network.named_modules()}
    program = Program(network)
    rest = moved(before)
    states = [rest, moved(rest, seed=2)]
    expected = plain(network, rest, inputs)
    assert same(program.finish(program.begin(inputs.clone()), 0, rest), expected)
    total = program.num_steps
    values, place = program.begin(inputs.clone()), 0
    for cut in cuts if cuts is not None else sorted({0, 1, total // 5, total // 3, total // 2, total - 1, total}):
        values, place = program.advance(values, place, cut, rest), cut
        kept = {node: value.clone() if isinstance(value, Tensor) else value for node, value in values.items()}
        for state in (states[1], rest, rest, states[1], rest):
            logits = program.finish(values, place, state)
            if state is rest:
                assert same(logits, expected), (cut, total)
        for node, value in kept.items():
            assert not isinstance(value, Tensor) or torch.equal(values[node], value), (cut, node)
    after = network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert {name: part.training for name, part in network.named_modules()} == modes
    return program


def check_first_uses(network: nn.Module, program: Program, inputs: Tensor, every: int = 1) -> None:
    """Nothing before the first use depends on a layer's entries: what moves only it may begin there."""
    rest = moved(state_of(network))
    for group in list(groups(network, "layer").values())[::every]:
        begin = program.first_use(group.entries)
        state = moved(rest, group.entries, seed=3)
        values = program.advance(program.begin(inputs.clone()), 0, begin, rest)
        assert same(program.finish(values, begin, state), plain(network, state, inputs)), group.name


@pytest.fixture(autouse=True)
def _no_grad() -> Any:
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        yield


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name == "vgg16_bn" else []) for name in NETWORKS]
)
def test_networks_are_traced_and_begin_anywhere(name: str):
    make, size = NETWORKS[name]
    network, inputs = make().eval(), torch.randn(2, 3, size, size)
    program = check(network, inputs)
    assert program.reason is None
    assert program.num_steps > 3
    check_first_uses(network, program, inputs, every=max(1, len(groups(network, "layer")) // 6))


@pytest.mark.parametrize("kind", ODD)
def test_odd_networks_begin_anywhere(kind: type[nn.Module]):
    network, inputs = kind().eval(), torch.randn(4, 6)
    probe = Program(network)
    program = check(network, inputs, list(range(probe.num_steps + 1)))
    check_first_uses(network, program, inputs)


@torch.no_grad()
def test_a_trace_that_computes_something_else_is_not_used():
    network, inputs = TypeChecking().eval(), torch.randn(4, 6)
    state, program = state_of(network), Program(network)
    program.settle(inputs, state)
    assert program.reason == "its trace computes something else"
    assert program.num_steps == 1
    assert torch.equal(program.finish(program.begin(inputs), 0, state), network(inputs))


@torch.no_grad()
def test_a_trace_that_is_right_is_kept():
    network, inputs = InPlace().eval(), torch.randn(4, 6)
    program = Program(network)
    num_steps = program.num_steps
    program.settle(inputs, state_of(network))
    assert (program.reason, program.num_steps) == (None, num_steps)


@pytest.mark.parametrize("name", ["own-resnet8", "mobilenet_v3_small", "vision-transformer"])
def test_modules_are_first_used_in_the_order_they_are_called(name: str):
    make, size = NETWORKS[name]
    network = make().eval()
    called: list[str] = []
    for part_name, part in network.named_modules():
        if part_name and [*part.parameters(recurse=False)] and not [*part.children()]:
            part.register_forward_pre_hook(lambda *_, key=part_name: called.append(key))
    program = Program(network)
    called.clear()
    network(torch.randn(2, 3, size, size))
    places = [program.first_use([f"{key}.weight"]) for key in called]
    assert len(places) > 3
    assert places == sorted(set(places))
    assert program.first_use([f"{called[2]}.weight", f"{called[1]}.weight"]) == places[1]
    assert program.first_use([]) == program.first_use(["nothing.of.it"]) == program.num_steps


def test_what_is_not_used_is_first_used_nowhere():
    program = Program(Tied())
    assert program.first_use(["unused.weight", "unused.bias"]) == program.num_steps
    assert program.first_use(["last.weight", "first.weight"]) == program.first_use(["first.bias"]) == 0


def test_only_what_is_still_used_is_kept():
    network = nn.Sequential(*(nn.Linear(6, 6) for _ in range(5))).eval()
    program, state = Program(network), state_of(network)
    values, place = program.begin(torch.randn(2, 6)), 0
    for end in (2, 3, 5):
        values, place = program.advance(values, place, end, state), end
        assert len(values) == 1
    network = InPlace().eval()
    program, inputs = Program(network), torch.randn(2, 6)
    for cut in range(program.num_steps + 1):
        values = program.advance(program.begin(inputs.clone()), 0, cut, state_of(network))
        for node in values:
            fewer = {key: value for key, value in values.items() if key is not node}
            with pytest.raises((RuntimeError, KeyError)):  # each of them is missed
                program.finish(fewer, cut, state_of(network))


def test_data_dependent_networks_are_one_step_with_a_reason():
    network = Undecided().eval()
    program = Program(network)
    assert program.reason is not None
    assert "\n" not in program.reason
    assert program.num_steps == 1
    assert program.first_use(["last.weight"]) == 0


def test_batch_statistics_leave_the_networks_buffers_alone():
    network = NETWORKS["own-resnet8"][0]().eval()
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.train()
            part.track_running_stats = False
    check(network, torch.randn(3, 3, 16, 16))
