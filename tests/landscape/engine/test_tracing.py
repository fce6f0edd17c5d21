"""Graphs of a forward pass: each way against the plain network, with other weights and on batches of any size."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
import torchvision
from torch import Tensor, fx, nn
from torch.nn import functional

from lininterp_cli.landscape.engine.tracing import exported, reads, single, symbolic
from lininterp_cli.models.registry import build
from lininterp_cli.models.state import State, state_of, widened


class Branching(nn.Module):
    """Decides by the size of the batch, loops over the features and asserts."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(6, 6), nn.Linear(6, 6)

    def forward(self, inputs: Tensor) -> Tensor:
        assert inputs.ndim == 2
        out = self.first(inputs) if inputs.shape[0] > 0 else inputs
        for place in range(inputs.size(1)):
            out = out + self.last(out)[:, place, None]
        return out


class Counting(nn.Module):
    """Asks Python for the length of the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Conv2d(3, 4, 3), nn.Linear(4 * 36, 5)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.last(self.first(inputs).relu().reshape(len(inputs), -1))


class Patching(nn.Module):
    """Cuts images into patches by sizes it computes, as einops does."""

    def __init__(self) -> None:
        super().__init__()
        self.token, self.first = nn.Parameter(torch.randn(1, 1, 12)), nn.Linear(12, 12)

    def forward(self, inputs: Tensor) -> Tensor:
        batch, channels, height, width = inputs.shape
        if height % 2 or width % 2:
            raise ValueError("odd")
        out = inputs.reshape(batch, channels, height // 2, 2, width // 2, 2).permute(0, 2, 4, 1, 3, 5)
        out = torch.cat([self.token.expand(batch, -1, -1), out.flatten(3).flatten(1, 2)], dim=1)
        return functional.gelu(self.first(out)).mean(1)


class TypeChecking(nn.Module):
    """Asks whether it was given a tensor, and takes any number of them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 6)

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.first(inputs[0] * 2 if isinstance(inputs[0], Tensor) else inputs[0])


class Tied(nn.Module):
    """One weight under two names, one module called twice, one that nobody calls."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.twice, self.last, self.unused = (nn.Linear(6, 6) for _ in range(4))
        self.last.weight = self.first.weight

    def forward(self, inputs: Tensor) -> Tensor:
        return self.last(self.twice(self.twice(self.first(inputs)).relu()).tanh())


class Direct(nn.Module):
    """Parameters, buffers and constants that the forward pass takes itself, some of them in no state."""

    def __init__(self) -> None:
        super().__init__()
        self.scales = nn.ParameterList([nn.Parameter(torch.randn(6)) for _ in range(2)])
        self.register_buffer("mean", torch.randn(6))
        self.register_buffer("mask", torch.randn(6), persistent=False)
        self.plain = torch.arange(6.0)
        self.first = nn.Linear(6, 6)

    def forward(self, inputs: Tensor) -> Tensor:
        weight = self.first.weight / self.first.weight.norm()
        out = functional.linear(self.first(inputs - self.mean[None]) * self.mask, weight) * self.scales[0]
        return out * self.plain + self.scales[1] * torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], dtype=inputs.dtype)


class InPlace(nn.Module):
    """Writes into its inputs and into a branch, and forgets what that returns."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(6, 6), nn.Linear(6, 6)

    def forward(self, inputs: Tensor) -> Tensor:
        inputs.add_(1)
        out = self.first(inputs)
        functional.relu_(out)
        out += self.last(out)
        return out.mul_(inputs)


class Assigning(nn.Module):
    """Writes into a part of a branch."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(6, 6), nn.Linear(6, 6)

    def forward(self, inputs: Tensor) -> Tensor:
        out = self.first(inputs)
        out[:, 1:3] = self.last(inputs)[:, 1:3].relu_()
        out[:, 4] = 2
        return out * inputs


class Widening(nn.Module):
    """Turns autocast off for a part, and goes by the dtypes it meets."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.middle, self.last = (nn.Linear(6, 6) for _ in range(3))

    def forward(self, inputs: Tensor) -> Tensor:
        out = self.first(inputs)
        with torch.autocast("cpu", enabled=False):
            out = self.middle(out.to(inputs.dtype)).softmax(1)
        out = self.last(out)
        return out + torch.ones(out.shape, dtype=out.dtype)


class Remembering(nn.Module):
    """Keeps what it computed last."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 6)
        self.last, self.calls = torch.zeros(6), 0

    def forward(self, inputs: Tensor) -> Tensor:
        self.calls += 1
        self.last = self.first(inputs)
        return self.last * 2


class Undecided(nn.Module):
    """What it computes depends on the numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(6, 6), nn.Linear(6, 6)

    def forward(self, inputs: Tensor) -> Tensor:
        out = self.first(inputs)
        return self.last(out) if out.sum() > 0 else out


class Lonely(nn.Module):
    """Does something else with a single example."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 6)
        nn.init.zeros_(self.first.weight)
        nn.init.zeros_(self.first.bias)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.first(inputs) if inputs.shape[0] == 1 else self.first(inputs) * 2


class Attending(nn.Module):
    """Attention with its weights, and layers that have a fast path of their own in evaluation."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(12, 2, 24, batch_first=True), 2, enable_nested_tensor=False
        )
        self.attention = nn.MultiheadAttention(12, 3, batch_first=True)

    def forward(self, inputs: Tensor) -> Tensor:
        assert inputs.shape[1] == 3
        out = self.layers(inputs.flatten(2).unflatten(2, (-1, 12)).flatten(1, 2))
        return self.attention(out, out, out)[0].mean(1)


def residual() -> nn.Module:
    return build("resnet8", (3, 8, 8), 10, width=4)


def small_vision_transformer() -> nn.Module:
    return torchvision.models.VisionTransformer(
        image_size=32, patch_size=16, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=32, num_classes=10
    )


def from_torchvision(name: str) -> Callable[[], nn.Module]:
    return lambda: getattr(torchvision.models, name)(weights=None, num_classes=10)


UNTRACEABLE: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "branching": (Branching, (6,)),
    "counting": (Counting, (3, 8, 8)),
    "patching": (Patching, (3, 8, 8)),
    "assigning": (Assigning, (6,)),
    "attending": (Attending, (3, 4, 6)),
}
TRACEABLE: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "tied": (Tied, (6,)),
    "direct": (Direct, (6,)),
    "in-place": (InPlace, (6,)),
    "residual": (residual, (3, 8, 8)),
    "resnet18": (from_torchvision("resnet18"), (3, 32, 32)),
    "mobilenet": (from_torchvision("mobilenet_v3_small"), (3, 32, 32)),
    "vision-transformer": (small_vision_transformer, (3, 32, 32)),
    "encoder-layer": (lambda: nn.TransformerEncoderLayer(12, 2, 24, batch_first=True), (5, 12)),
}
NETWORKS = UNTRACEABLE | TRACEABLE | {"type-checking": (TypeChecking, (6,)), "widening": (Widening, (6,))}
SMALL = tuple(name for name in NETWORKS if name not in ("resnet18", "mobilenet"))
FAST_PATHS = ("attending", "vision-transformer", "encoder-layer")


def moved(state: State, seed: int = 1) -> State:
    """Other weights, each name of a tied tensor its own."""
    generator = torch.Generator().manual_seed(seed)

    def other(tensor: Tensor) -> Tensor:
        return tensor * torch.empty(tensor.shape).uniform_(0.7, 1.4, generator=generator).to(tensor.dtype) + 0.01

    return {name: other(tensor) if tensor.is_floating_point() else tensor for name, tensor in state.items()}


def plain(network: nn.Module, state: State, inputs: Tensor) -> Tensor:
    result: Tensor = torch.func.functional_call(network, state, (inputs.clone(),), tie_weights=False)
    return result


class Stepwise(nn.Module):
    """Runs a graph step by step, and tells what each step gave."""

    def __init__(self, graph_module: fx.GraphModule) -> None:
        super().__init__()
        self.graph_module = graph_module

    def forward(self, inputs: Tensor) -> tuple[Tensor, list[Any]]:
        given: list[Any] = []

        class Noting(fx.Interpreter):
            def run_node(self, n: fx.Node) -> Any:
                result = super().run_node(n)
                given.append(result.clone() if isinstance(result, Tensor) else result)
                return result

        return Noting(self.graph_module).run(inputs), given[1:-1]


def stepwise(graph_module: fx.GraphModule, state: State, inputs: Tensor) -> tuple[Tensor, list[Any]]:
    held = graph_module.state_dict()
    weights = {f"graph_module.network.{name}": state[name] for name in state if f"network.{name}" in held}
    result: tuple[Tensor, list[Any]] = torch.func.functional_call(
        Stepwise(graph_module), weights, (inputs.clone(),), tie_weights=False
    )
    return result


def tensors_of(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from tensors_of(one)


def images_of(inputs: Tensor) -> list[Tensor]:
    return [inputs, inputs.to(memory_format=torch.channels_last)] if inputs.ndim == 4 else [inputs]


def check(network: nn.Module, graph_module: fx.GraphModule, shape: tuple[int, ...]) -> None:
    """The graph is the network: with other weights, on batches of any size, and as a copy."""
    before, state = state_of(network), moved(state_of(network))
    for size in (1, 2, 7, 16):
        for inputs in images_of(torch.randn(size, *shape)):
            expected = plain(network, state, inputs)
            assert torch.isfinite(expected).all()
            torch.testing.assert_close(stepwise(graph_module, state, inputs)[0], expected, rtol=1e-5, atol=1e-5)
    again = stepwise(copy.deepcopy(graph_module), state, inputs)[0]
    torch.testing.assert_close(again, expected, rtol=1e-5, atol=1e-5)
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def check_reads(network: nn.Module, graph_module: fx.GraphModule, inputs: Tensor) -> None:
    """Steps before the first that reads an entry do not depend on it, and one that reads it does."""
    state = moved(state_of(network))
    steps = reads(graph_module, state)
    given = stepwise(graph_module, state, inputs)[1]
    assert len(steps) == len(given)
    used = [name for name in state if state[name].is_floating_point() and any(name in step for step in steps)]
    for name in used[:: max(1, len(used) // 8)]:
        first = next(place for place, step in enumerate(steps) if name in step)
        other = state | {name: state[name] * 3 + 1}
        others = stepwise(graph_module, other, inputs)[1]
        same = zip(tensors_of(given[:first]), tensors_of(others[:first]), strict=True)
        assert all(torch.equal(one, another) for one, another in same), name
        changed = zip(tensors_of(given[first]), tensors_of(others[first]), strict=True)
        assert any(not torch.equal(one, another) for one, another in changed), name
    rest = state | {name: state[name] * 3 + 1 for name in state if name not in used and "num" not in name}
    assert torch.equal(plain(network, rest, inputs), plain(network, state, inputs))


@pytest.fixture(autouse=True)
def _no_grad() -> Any:
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        yield


@pytest.mark.parametrize("name", NETWORKS)
def test_exported_graphs_are_the_network(name: str):
    make, shape = NETWORKS[name]
    network = make().eval()
    graph_module = exported(network, torch.randn(4, *shape))
    check(network, graph_module, shape)
    check_reads(network, graph_module, torch.randn(3, *shape))


@pytest.mark.parametrize("name", [name for name in TRACEABLE if name in SMALL])
def test_traced_graphs_are_the_network(name: str):
    make, shape = TRACEABLE[name]
    network = make().eval()
    graph_module = symbolic(network)
    check(network, graph_module, shape)
    check_reads(network, graph_module, torch.randn(3, *shape))


@pytest.mark.parametrize("name", ["attending", "residual", "tied"])
def test_a_single_step_is_the_network(name: str):
    make, shape = NETWORKS[name]
    network = make().eval()
    graph_module = single(network)
    check(network, graph_module, shape)
    assert reads(graph_module, network.state_dict()) == [frozenset(network.state_dict())]


@pytest.mark.parametrize("name", UNTRACEABLE)
def test_what_is_decided_by_shapes_is_not_traced(name: str):
    with pytest.raises((TypeError, RuntimeError, fx.proxy.TraceError)):
        symbolic(UNTRACEABLE[name][0]().eval())


@pytest.mark.parametrize("graph_of", [symbolic, lambda network: exported(network, torch.randn(4, 6))])
@pytest.mark.parametrize("kind", [Tied, Direct, InPlace])
def test_weights_are_fetched_by_each_step_right_before_it(kind: type[nn.Module], graph_of: Any):
    nodes = list(graph_of(kind().eval()).graph.nodes)
    assert [node.op for node in nodes].count("placeholder") == 1
    for place, node in enumerate(nodes):
        if node.op == "get_attr":
            (user,) = node.users
            between = nodes[place : nodes.index(user)]
            assert all(other.op == "get_attr" and other in user.all_input_nodes for other in between)


def test_entries_of_a_module_that_is_called_twice_are_read_twice():
    for graph_module in (symbolic(Tied().eval()), exported(Tied().eval(), torch.randn(4, 6))):
        steps = reads(graph_module, Tied().state_dict())
        times = {name: sum(name in step for step in steps) for name in Tied().state_dict()}
        once = {f"{part}.{kind}": 1 for part in ("first", "last") for kind in ("weight", "bias")}
        twice, never = {"twice.weight": 2, "twice.bias": 2}, {"unused.weight": 0, "unused.bias": 0}
        assert times == once | twice | never


@pytest.mark.parametrize("kind", [Branching, Widening])
def test_nothing_is_checked_or_computed_for_nobody(kind: type[nn.Module]):
    graph = exported(kind().eval(), torch.randn(4, 6)).graph
    assert not [node for node in graph.nodes if "assert" in str(node.target) or "guard" in str(node.target)]
    assert all(node.users for node in graph.nodes if node.op != "output")


def halved(network: nn.Module, graph_module: fx.GraphModule, shape: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    state, inputs = moved(state_of(network)), torch.randn(7, *shape)
    with torch.autocast("cpu", torch.bfloat16):
        return stepwise(graph_module, state, inputs)[0], plain(network, state, inputs)


@pytest.mark.parametrize("name", [name for name in SMALL if name not in FAST_PATHS])
def test_autocast_reaches_the_operations(name: str):
    make, shape = NETWORKS[name]
    network = make().eval()
    with torch.autocast("cpu", torch.bfloat16):
        graph_module = exported(network, torch.randn(4, *shape))
    found, expected = halved(network, graph_module, shape)
    assert found.dtype == expected.dtype
    assert torch.equal(found, expected)


@pytest.mark.parametrize("name", [*FAST_PATHS, "residual", "patching", "tied"])
def test_graphs_may_be_exported_before_autocast(name: str):
    make, shape = NETWORKS[name]
    network = make().eval()
    found, expected = halved(network, exported(network, torch.randn(4, *shape)), shape)
    torch.testing.assert_close(found.float(), expected.float(), rtol=2e-2, atol=4e-2)


@pytest.mark.parametrize("name", FAST_PATHS)
def test_fast_paths_that_round_otherwise_are_refused(name: str):
    make, shape = NETWORKS[name]
    with torch.autocast("cpu", torch.bfloat16), pytest.raises(ValueError, match="something else"):
        exported(make().eval(), torch.randn(4, *shape))


@pytest.mark.parametrize("name", SMALL)
def test_float64_stays_float64(name: str):
    make, shape = NETWORKS[name]
    network = make().eval()
    if name == "widening":
        network.double()
    graph_module = exported(network, torch.randn(4, *shape, dtype=torch.float64))
    state, inputs = widened(moved(state_of(network))), torch.randn(7, *shape, dtype=torch.float64)
    expected = plain(network, state, inputs)
    assert expected.dtype == torch.float64
    torch.testing.assert_close(stepwise(graph_module, state, inputs)[0], expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("inputs", [torch.randn(1, 6), torch.randn(6, 6)])
def test_no_size_of_the_sample_is_taken_for_a_constant(inputs: Tensor):
    network = Branching().eval()
    check(network, exported(network, inputs), (6,))


@pytest.mark.parametrize("shape", [(6, 2), (4, 3, 3)])
def test_running_statistics_are_updated_in_the_lent_tensors(shape: tuple[int, ...]):
    parts = (
        [nn.Identity(), nn.BatchNorm1d(6)] if len(shape) == 2 else [nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4, momentum=0.3)]
    )
    network = nn.Sequential(*parts).train()
    graph_module = exported(network, torch.randn(4, *shape))
    ours, theirs = (moved(state_of(network)) for _ in range(2))
    before = state_of(network)
    for size in (5, 3):
        inputs = torch.randn(size, *shape)
        torch.testing.assert_close(stepwise(graph_module, ours, inputs)[0], plain(network, theirs, inputs))
    assert ours["1.num_batches_tracked"] == 2
    for name in ours:
        torch.testing.assert_close(ours[name], theirs[name])
        assert torch.equal(network.state_dict()[name], before[name])


def test_cumulative_statistics_are_refused():
    network = nn.Sequential(nn.Linear(6, 6), nn.BatchNorm1d(6, momentum=None)).train()
    before = state_of(network)
    with pytest.raises(Exception, match="data-dependent"):
        exported(network, torch.randn(4, 6))
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_batch_statistics_are_those_of_the_batch():
    network = residual().eval()
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.train()
            part.track_running_stats = False
    graph_module = exported(network, torch.randn(4, 3, 8, 8))
    check(network, graph_module, (3, 8, 8))
    assert not any("running" in name for step in reads(graph_module, network.state_dict()) for name in step)


def test_batch_statistics_of_vectors_need_two_examples():
    network = nn.Sequential(nn.Linear(6, 6), nn.BatchNorm1d(6, track_running_stats=False), nn.Linear(6, 6)).eval()
    graph_module, inputs = exported(network, torch.randn(1, 6)), torch.randn(3, 6)
    state = moved(state_of(network))
    torch.testing.assert_close(stepwise(graph_module, state, inputs)[0], plain(network, state, inputs))


def test_what_depends_on_the_numbers_is_refused_in_silence(capfd: pytest.CaptureFixture[str]):
    with pytest.raises(Exception, match=r"[Dd]ata-dependent"):
        exported(Undecided().eval(), torch.randn(4, 6))
    assert capfd.readouterr() == ("", "")


def test_another_computation_for_a_single_example_is_refused():
    with pytest.raises(ValueError, match="single example"):
        exported(Lonely().eval(), torch.randn(4, 6))


@pytest.mark.parametrize("pack", [lambda out: (out,), lambda out: (out, out), lambda out: {"logits": out}])
def test_anything_but_one_tensor_is_refused(pack: Callable[[Tensor], Any]):
    class Packing(nn.Module):
        def forward(self, inputs: Tensor) -> Any:
            return pack(inputs * 2)

    with pytest.raises(TypeError, match="the network gives"):
        exported(Packing().eval(), torch.randn(4, 6))


def test_what_the_network_remembers_stays_real(recwarn: pytest.WarningsRecorder):
    network = Remembering().eval()
    check(network, exported(network, torch.randn(4, 6)), (6,))
    assert type(network.last) is Tensor
    assert not recwarn.list
