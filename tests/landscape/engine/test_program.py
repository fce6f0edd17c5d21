"""Networks in steps: every beginning against the plain network, bit for bit."""

import copy
import types
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from lininterp_cli.landscape.engine.program import Program
from lininterp_cli.models.blocks import groups
from lininterp_cli.models.state import State, state_of


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


class Detached(nn.Module):
    """Rectifies a value through its `data`, while another that was computed from it before is alive."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = (nn.Linear(6, 6) for _ in range(3))

    def forward(self, inputs: Tensor) -> Tensor:
        out = self.first(inputs)
        other = self.second(out)
        out.data.clamp_(0)
        return self.last(out + other)


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
    InPlace, Tied, Direct, Listed, Aliased, Detached, BufferArithmetic, PlainConstant, ParameterArithmetic,
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


def taken_apart(network: nn.Module, inputs: Tensor) -> Program:
    state = state_of(network)
    return Program(network, inputs.clone(), state, moved(state))


def check(network: nn.Module, inputs: Tensor, cuts: list[int] | None = None) -> Program:
    """Every beginning gives the network's own bits, over and over, whatever else began there."""
    before, modes = state_of(network), {name: part.training for name, part in network.named_modules()}
    program = taken_apart(network, inputs)
    rest = moved(before)
    other = moved(rest, seed=2)
    expected = plain(network, rest, inputs)
    assert same(program.finish(program.begin(inputs.clone()), 0, rest), expected)
    total = program.num_steps
    values, place = program.begin(inputs.clone()), 0
    for cut in cuts if cuts is not None else sorted({0, total // 3, total - 1}):
        values, place = program.advance(values, place, cut, rest), cut
        kept = {node: value.clone() if isinstance(value, Tensor) else value for node, value in values.items()}
        for state in (rest, other, rest):
            logits = program.finish(program.fork(values, place), place, state)
            if state is rest:
                assert same(logits, expected), (cut, total)
        for node, value in kept.items():
            assert not isinstance(value, Tensor) or torch.equal(values[node], value), (cut, node)
    after = network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert {name: part.training for name, part in network.named_modules()} == modes
    return program


def check_spans(network: nn.Module, program: Program, inputs: Tensor, every: int = 1) -> None:
    """A layer's entries are of no account before its span and behind it."""
    rest = moved(state_of(network))
    for group in list(groups(network, "layer").values())[::every]:
        begin, end = program.span(group.entries)
        state = moved(rest, group.entries, seed=3)
        values = program.advance(program.begin(inputs.clone()), 0, begin, rest)
        values = program.advance(values, begin, end, state)
        assert same(program.finish(values, end, rest), plain(network, state, inputs)), group.name


def check_joins(network: nn.Module, inputs: Tensor) -> set[str]:
    """States that are joined behind a layer in which they differ come to what each of them comes to alone."""
    network, inputs = copy.deepcopy(network).double(), inputs.double()
    program, rest, joined = taken_apart(network, inputs), moved(state_of(network)), set[str]()
    for group in groups(network, "layer").values():
        begin, end = program.span(group.entries)
        if not program.joins(begin, end):
            continue
        states, parts = [moved(rest, group.entries, seed=seed) for seed in (3, 4, 5)], []
        for state in states:
            values = program.advance(program.begin(inputs.clone()), 0, begin, rest)
            parts.append(program.advance(values, begin, end, state))
        logits = program.finish(program.join(parts), end, rest).chunk(len(states))
        for found, state in zip(logits, states, strict=True):
            torch.testing.assert_close(found, plain(network, state, inputs), rtol=1e-10, atol=1e-10)
        joined.add(group.name)
    return joined


@pytest.fixture(autouse=True)
def _no_grad() -> Any:
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        yield


def test_networks_are_taken_apart_and_begin_anywhere(architecture: Any):
    _, make, size = architecture
    network, inputs = make().eval(), torch.randn(2, 3, size, size)
    program = check(network, inputs)
    assert program.reason is None
    assert program.num_steps > 3
    check_spans(network, program, inputs, max(1, len(groups(network, "layer")) // 2))


@pytest.mark.parametrize("kind", ODD)
def test_odd_networks_begin_anywhere(kind: type[nn.Module]):
    network, inputs = kind().eval(), torch.randn(4, 6)
    num_steps = taken_apart(network, inputs).num_steps
    program = check(network, inputs, list(range(num_steps + 1)))
    check_spans(network, program, inputs)


class Windowed(nn.Module):
    """Cuts every example into windows, counts examples, and puts the windows together again."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = nn.Linear(6, 6), nn.Linear(3, 3), nn.Linear(6, 6)
        self.offset = nn.Parameter(torch.randn(1, 3))

    def forward(self, inputs: Tensor) -> Tensor:
        num, mask = inputs.shape[0], self.offset * 2
        windows = self.first(inputs).view(num * 2, 3)
        windows = self.second(windows).tanh() + mask
        return self.last(windows.view(num, 6))


class Columns(nn.Module):
    """Cuts the batch so that a row is no example, and puts it together again."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = nn.Linear(6, 6), nn.Linear(3, 3), nn.Linear(6, 6)

    def forward(self, inputs: Tensor) -> Tensor:
        windows = torch.cat(self.first(inputs).chunk(2, dim=1))
        return self.last(torch.cat(self.second(windows).tanh().chunk(2), dim=1))


class Transposed(nn.Module):
    """Examples lie along the second dimension for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = nn.Linear(6, 6), nn.LayerNorm(1), nn.Linear(6, 6)
        self.scale = nn.Parameter(torch.randn(6, 1))

    def forward(self, inputs: Tensor) -> Tensor:
        columns = self.first(inputs).T * self.scale
        return self.last(columns.tanh().T)


class Centred(nn.Module):
    """Takes the mean over the batch off, after its second layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 6)

    def forward(self, inputs: Tensor) -> Tensor:
        out = self.second(self.first(inputs).tanh())
        return self.last((out - out.mean(dim=0)).tanh())


@pytest.mark.parametrize("kind", [*ODD, Windowed, Columns, Transposed, Centred, TypeChecking])
def test_states_are_joined_only_where_that_changes_nothing(kind: type[nn.Module]):
    check_joins(kind().eval(), torch.randn(8, 6))


def test_states_are_joined_where_rows_are_examples():
    inputs = torch.randn(8, 6)
    assert check_joins(InPlace().eval(), inputs) >= {"first", "second", "third"}
    assert check_joins(Aliased().eval(), inputs) >= {"first"}
    assert check_joins(Direct().eval(), inputs) >= {"mean", "first", "scales"}
    assert check_joins(Windowed().eval(), inputs) >= {"first", "second"}
    assert check_joins(ParameterArithmetic().eval(), inputs) >= {"first"}


@pytest.mark.parametrize(("kind", "alone"), [(Centred, "first"), (Centred, "second"), (Columns, "second")])
def test_states_are_not_joined_where_rows_are_no_examples_or_meet(kind: type[nn.Module], alone: str):
    assert alone not in check_joins(kind().eval(), torch.randn(8, 6))


def test_one_example_alone_is_never_joined():
    network = Windowed().eval()
    program = taken_apart(network, torch.randn(1, 6))
    assert not program.joins(*program.span(["first.weight", "first.bias"]))


def test_norms_that_normalise_by_the_batch_are_never_joined():
    network = nn.Sequential(nn.Linear(6, 6), nn.BatchNorm1d(6), nn.Linear(6, 6), nn.Linear(6, 6)).eval()
    program = taken_apart(network, torch.randn(8, 6))
    assert program.joins(0, 1)
    network[1].train()
    program = taken_apart(network, torch.randn(8, 6))
    assert not any(program.joins(place, place + 1) for place in range(4))
    network[1].eval()
    network[1] = nn.BatchNorm1d(6, track_running_stats=False).eval()
    program = taken_apart(network, torch.randn(8, 6))
    assert not program.joins(0, 1)
    assert program.joins(2, 3)


def test_a_trace_that_computes_something_else_is_not_used():
    network, inputs = TypeChecking().eval(), torch.randn(4, 6)
    program = check(network, inputs)
    # torch.export sees what the network does with a tensor.
    assert program.reason is None
    assert program.num_steps > 1


def test_a_lack_of_memory_is_no_reason_to_leave_a_network_whole(monkeypatch: pytest.MonkeyPatch):
    def scarce(_: nn.Module) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("lininterp_cli.landscape.engine.program.symbolic", scarce)
    with pytest.raises(torch.OutOfMemoryError):
        taken_apart(InPlace().eval(), torch.randn(4, 6))


def test_data_dependent_networks_are_one_step_with_a_reason():
    network = Undecided().eval()
    program = taken_apart(network, torch.randn(4, 6))
    assert program.reason is not None
    assert "\n" not in program.reason
    assert program.num_steps == 1
    assert program.span(["last.weight"]) == (0, 1)


@pytest.mark.parametrize("name", ["own-resnet8", "mobilenet_v3_small", "vision-transformer"])
def test_modules_are_used_in_the_order_they_are_called(name: str, architectures: Any):
    make, size = architectures(name)
    network = make().eval()
    called: list[str] = []
    for part_name, part in network.named_modules():
        if part_name and [*part.parameters(recurse=False)] and not [*part.children()]:
            part.register_forward_pre_hook(lambda *_, key=part_name: called.append(key))
    inputs = torch.randn(2, 3, size, size)
    program = taken_apart(network, inputs)
    called.clear()
    network(inputs)
    spans = [program.span([f"{key}.weight"]) for key in called]
    places = [begin for begin, _ in spans]
    assert len(places) > 3
    assert places == sorted(set(places))
    assert [end for _, end in spans] == [begin + 1 for begin in places]
    assert program.span([f"{called[2]}.weight", f"{called[1]}.weight"]) == (places[1], places[2] + 1)
    assert program.span([]) == program.span(["nothing.of.it"]) == (program.num_steps, program.num_steps)


def test_what_is_not_used_is_used_nowhere():
    program = taken_apart(Tied(), torch.randn(4, 6))
    assert program.span(["unused.weight", "unused.bias"]) == (program.num_steps, program.num_steps)
    assert program.span(["first.bias"]) == (0, 1)
    assert program.span(["last.weight", "first.weight"]) == (0, program.num_steps)
    assert program.reused == {"twice.weight", "twice.bias"}


def test_a_weight_that_a_step_fetches_is_used_where_it_was_used_last():
    program = taken_apart(ParameterArithmetic(), torch.randn(4, 6))
    # The layer, two times the weight, its norm, the quotient, and what is computed with it.
    assert program.num_steps == 6
    begin, end = program.span(["weight"])
    assert (begin, end) == (1, 5)
    assert not program.joins(begin, end)


def test_only_what_is_still_used_is_kept():
    network = nn.Sequential(*(nn.Linear(6, 6) for _ in range(5))).eval()
    inputs, state = torch.randn(2, 6), state_of(network)
    program = taken_apart(network, inputs)
    values, place = program.begin(inputs), 0
    for end in (2, 3, 5):
        values, place = program.advance(values, place, end, state), end
        assert len(values) == 1
    network = InPlace().eval()
    program = taken_apart(network, inputs)
    for cut in range(program.num_steps + 1):
        values = program.advance(program.begin(inputs.clone()), 0, cut, state_of(network))
        for node in values:
            fewer = {key: value for key, value in values.items() if key is not node}
            with pytest.raises((RuntimeError, KeyError)):  # each of them is missed
                program.finish(fewer, cut, state_of(network))


def test_batch_statistics_leave_the_networks_buffers_alone(architectures: Any):
    network = architectures("own-resnet8")[0]().eval()
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.train()
            part.track_running_stats = False
    check(network, torch.randn(3, 3, 16, 16))


LINEAR: tuple[Callable[[], nn.Module], ...] = (
    lambda: nn.Linear(6, 4),
    lambda: nn.Linear(6, 4, bias=False),
    lambda: nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2),
    lambda: nn.Conv2d(4, 4, 3, padding=2, dilation=2, groups=4, bias=False, padding_mode="circular"),
    lambda: nn.ConvTranspose2d(4, 6, 3, stride=2, output_padding=1, groups=2),
    lambda: nn.Conv1d(4, 6, 2),
    lambda: nn.Conv3d(2, 3, 2, bias=False),
    lambda: nn.ConvTranspose1d(4, 2, 3, stride=2),
)
SHAPES = ((6,), (6,), (4, 7, 7), (4, 7, 7), (4, 5, 5), (4, 9), (2, 4, 4, 4), (4, 5))


@settings(max_examples=60)
@given(st.integers(0, len(LINEAR) - 1), st.integers(0, 2**31), st.floats(-0.5, 1.5), st.sampled_from([1e-3, 1.0, 50.0]))
def test_mixing_results_is_mixing_weights(which: int, seed: int, alpha: float, scale: float):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        layer, inputs = LINEAR[which](), torch.randn(5, *SHAPES[which])
        network = nn.Sequential(nn.Identity(), layer, nn.Flatten())
        start, end = ({name: torch.randn_like(t) * scale for name, t in state_of(network).items()} for _ in range(2))
    program = taken_apart(network, inputs)
    assert program.is_linear(start)
    begin, stop = program.span(start)
    values = program.advance(program.begin(inputs.clone()), 0, begin, start)
    first, last = (program.advance(dict(values), begin, stop, state) for state in (start, end))
    mixed = program.finish(program.mix(first, last, alpha), stop, start)
    wide = {name: (1 - alpha) * start[name].double() + alpha * end[name].double() for name in start}
    expected = plain(network.double(), wide, inputs.double())
    # Relative to the larger end: where the ends cancel, either way of computing only knows zero that well.
    largest = max(float(plain(network.float(), state, inputs).abs().max()) for state in (start, end))
    assert float((mixed.double() - expected).abs().max()) <= 1e-5 * largest


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_mixed_results_are_the_ends_at_the_ends(alpha: float):
    network, inputs = nn.Sequential(nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 4)), torch.randn(4, 6)
    program, start = taken_apart(network, inputs), state_of(network)
    end = moved(start)
    first, last = (program.advance(program.begin(inputs), 0, 1, state) for state in (start, end))
    logits = program.finish(program.mix(first, last, alpha), 1, start)
    of_layer = {"0.weight", "0.bias"}
    expected = start if alpha == 0 else start | {name: end[name] for name in of_layer}
    assert torch.equal(logits, plain(network, expected, inputs))


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_an_infinite_result_at_the_other_end_does_not_reach_this_one(alpha: float):
    network, inputs = nn.Sequential(nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 4)), torch.randn(4, 6)
    program, finite = taken_apart(network, inputs), state_of(network)
    huge = finite | {"0.weight": torch.full((6, 6), torch.finfo(torch.float32).max)}
    states = (finite, huge) if alpha == 0 else (huge, finite)
    first, last = (program.advance(program.begin(inputs * 9), 0, 1, state) for state in states)
    logits = program.finish(program.mix(first, last, alpha), 1, finite)
    assert same(logits, plain(network, finite, inputs * 9))


class Squared(nn.Linear):
    """Is called a linear layer and is none."""

    def forward(self, inputs: Tensor) -> Tensor:
        return functional.linear(inputs, self.weight.square(), self.bias)


def reparametrised(kind: str) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch would rather have the newer two
        wraps: dict[str, Callable[[nn.Module], nn.Module]] = {
            "weight_norm": nn.utils.parametrizations.weight_norm,
            "spectral_norm": nn.utils.parametrizations.spectral_norm,
            "weight_norm with hooks": nn.utils.weight_norm,
            "spectral_norm with hooks": nn.utils.spectral_norm,
            "a subclass": lambda _: Squared(6, 6),
            "a hook on outputs": hooked,
            "a hook on inputs": pre_hooked,
            "a forward of its own": patched,
        }
        return nn.Sequential(wraps[kind](nn.Linear(6, 6)), nn.Tanh(), nn.Linear(6, 6)).eval()


def hooked(layer: nn.Module) -> nn.Module:
    layer.register_forward_hook(lambda _, __, output: output.relu())
    return layer


def pre_hooked(layer: nn.Module) -> nn.Module:
    layer.register_forward_pre_hook(lambda part, given: (given[0] * part.weight.norm(),))
    return layer


def patched(layer: nn.Module) -> nn.Module:
    layer.forward = types.MethodType(Squared.forward, layer)
    return layer


ALTERED = (
    "weight_norm", "spectral_norm", "weight_norm with hooks", "spectral_norm with hooks", "a subclass",
    "a hook on outputs", "a hook on inputs", "a forward of its own",
)  # fmt: skip


@pytest.mark.parametrize("kind", ALTERED)
def test_layers_that_make_their_weights_are_not_linear_in_what_they_make_them_of(kind: str):
    network, inputs = reparametrised(kind), torch.randn(4, 6)
    program = taken_apart(network, inputs)
    made, plain_one = groups(network, "block").values()
    assert not program.is_linear(made.entries)
    assert program.is_linear(plain_one.entries)


def test_what_is_used_twice_or_beside_something_else_is_not_linear():
    program = taken_apart(Tied(), torch.randn(4, 6))
    assert not program.is_linear(["twice.weight", "twice.bias"])
    assert not program.is_linear(["first.weight", "last.weight"])
    assert not program.is_linear(["unused.weight"])
    assert program.is_linear(["last.weight", "last.bias"])
    network = nn.Sequential(nn.Linear(6, 6), nn.LayerNorm(6), nn.PReLU(), nn.Linear(6, 6))
    program = taken_apart(network, torch.randn(4, 6))
    assert [program.is_linear([f"{place}.weight"]) for place in range(4)] == [True, False, False, True]
    assert not program.is_linear(["0.weight", "1.weight"])


def test_only_values_that_are_written_into_are_copied():
    inputs, network = torch.randn(4, 6), Aliased().eval()
    program, state = taken_apart(network, inputs), state_of(network)
    values = program.advance(program.begin(inputs.clone()), 0, 2, state)
    forked = program.fork(values, 2)
    tensors = [value.data_ptr() for value in values.values()]
    copies = [value.data_ptr() for value in forked.values()]
    assert not set(tensors) & set(copies)
    # Two names for the same numbers stay two names for the same numbers.
    assert [copies.index(place) for place in copies] == [tensors.index(place) for place in tensors]
    plainer = nn.Sequential(nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 6))
    program = taken_apart(plainer, inputs)
    values = program.advance(program.begin(inputs), 0, 1, state_of(plainer))
    assert all(values[node] is value for node, value in program.fork(values, 1).items())
