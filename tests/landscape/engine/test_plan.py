"""Many points of one batch: each is what the plain network says, and nothing is run that is not needed."""

import copy
import functools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from lininterp_cli.landscape.engine import paths
from lininterp_cli.landscape.engine.plan import Mixing, Plan, Point, Walker
from lininterp_cli.landscape.engine.program import Program
from lininterp_cli.models.blocks import groups, whole
from lininterp_cli.models.registry import build
from lininterp_cli.models.state import state_of

ALPHAS = (0.0, 0.3, 0.8, 1.0)


class Chain(nn.Module):
    """Four pairs of a layer and a norm, so that no block is one linear step."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs = nn.ModuleList(nn.Sequential(nn.Linear(6, 6), nn.LayerNorm(6)) for _ in range(4))
        self.block_prefixes = {f"pair{place}": (f"pairs.{place}",) for place in range(4)}

    def forward(self, inputs: Tensor) -> Tensor:
        for pair in self.pairs:
            inputs = pair(inputs).tanh()
        return inputs


class Layers(nn.Module):
    """Four linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.third, self.last = (nn.Linear(6, 6) for _ in range(4))

    def forward(self, inputs: Tensor) -> Tensor:
        return self.last(self.third(self.second(self.first(inputs).tanh()).tanh()).tanh())


class Residual(nn.Module):
    """Branches that add in place, with values alive over blocks that begin and end at different places."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.one, self.two, self.three, self.head = (nn.Linear(6, 6) for _ in range(5))
        self.norm, self.relu = nn.LayerNorm(6), nn.ReLU(inplace=True)
        self.block_prefixes = {"outer": ("stem", "three"), "inner": ("one", "norm"), "two": ("two",), "head": ("head",)}

    def forward(self, inputs: Tensor) -> Tensor:
        shortcut = self.relu(self.stem(inputs))
        out = self.two(self.relu(self.norm(self.one(shortcut))))
        out += shortcut
        gate = self.three(self.relu(out))
        out *= gate.sigmoid_()
        return self.head(out)


class Counting(nn.Module):
    """Counts its examples early and uses the number late; cuts them into windows; a mask is alive throughout."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.third, self.last = (
            nn.Linear(6, 6),
            nn.Linear(3, 3),
            nn.Linear(3, 3),
            nn.Linear(6, 6),
        )
        self.offset = nn.Parameter(torch.randn(1, 3))
        self.register_buffer("mask", torch.randn(1, 3))

    def forward(self, inputs: Tensor) -> Tensor:
        num, windows, mask = inputs.shape[0], inputs.shape[0] * 2, self.mask * 2 + self.offset
        out = self.second(self.first(inputs).tanh().view(windows, 3)).tanh() + mask
        out = (self.third(out) * mask).tanh()
        return self.last(out.view(num, 6)) + torch.zeros(num, 6)


class Normalised(nn.Module):
    """A weight of its own, which it normalises early and uses late."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(6, 6))
        self.first, self.second, self.last = (nn.Linear(6, 6) for _ in range(3))

    def forward(self, inputs: Tensor) -> Tensor:
        weight = self.weight / self.weight.norm()
        out = self.second(self.first(inputs).tanh() @ weight).tanh()
        return self.last(out @ weight)


class Batched(nn.Module):
    """A BatchNorm between layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm, self.second, self.last = (
            nn.Linear(6, 6),
            nn.BatchNorm1d(6),
            nn.Linear(6, 6),
            nn.Linear(6, 6),
        )

    def forward(self, inputs: Tensor) -> Tensor:
        return self.last(self.second(self.norm(self.first(inputs)).tanh()).tanh())


class Token(nn.Module):
    """Gives each example one and the same token, a view of a parameter, and a bias that is expanded like its values."""

    def __init__(self) -> None:
        super().__init__()
        self.token, self.bias = nn.Parameter(torch.randn(1, 1, 6)), nn.Parameter(torch.randn(6))
        self.first, self.last = nn.Linear(6, 6), nn.Linear(6, 6)

    def forward(self, inputs: Tensor) -> Tensor:
        token, bias = self.token.expand(inputs.shape[0], -1, -1), self.bias.expand_as(inputs)
        out = self.first(torch.cat([token, inputs.unsqueeze(1)], dim=1)).tanh()
        return self.last(out.mean(1) + bias)


NETWORKS = (Chain, Layers, Residual, Counting, Normalised, Batched, Token)


class Case:
    """A network between two ends, its paths and a batch."""

    def __init__(self, kind: Callable[[], nn.Module], by: Any = "block", *, wide: bool = True, num: int = 8) -> None:
        with torch.random.fork_rng():
            torch.manual_seed(5)
            self.network = kind().eval()
            self.network = self.network.double() if wide else self.network
            self.end = state_of(self.network)
            self.start = {
                name: one + 0.5 * torch.rand_like(one) if one.is_floating_point() else one
                for name, one in self.end.items()
            }
            self.inputs = torch.randn(num, 6, dtype=torch.float64 if wide else torch.float32)
        self.groups = [whole(self.network), *groups(self.network, by).values()]
        path = paths.linear(self.start, self.end)
        self.walkers = [Walker(group.name, group.entries, path) for group in self.groups]
        self.calls: Counter[str] = Counter()
        self.rows: Counter[str] = Counter()

    def plan(self, *, is_exact: bool = True) -> Plan:
        program = Program(self.network, self.inputs.clone(), self.end, self.start)
        assert program.reason is None
        return Plan(program, self.walkers, self.end, is_exact=is_exact)

    def count(self, plan: Plan) -> None:
        """Count from now on how often each layer is called, and on how many rows."""
        # Whether points may be joined is tried once, and that is not counted.
        self.found(plan, self.everything(), 2)

        def called(name: str, _: nn.Module, given: tuple[Tensor, ...], __: Tensor) -> None:
            self.calls[name] += 1
            self.rows[name] += len(given[0])

        for name, part in self.network.named_modules():
            if name and not [*part.children()]:
                part.register_forward_hook(functools.partial(called, name))

    def found(self, plan: Plan, points: dict[int, Sequence[float]], capacity: int) -> dict[Point, Tensor]:
        self.calls.clear()
        self.rows.clear()
        with torch.no_grad():
            outcomes = list(plan.outcomes(self.inputs.clone(), points, capacity))
        assert sorted(point for point, _ in outcomes) == sorted((i, a) for i, some in points.items() for a in some)
        return dict(outcomes)

    def plainly(self, points: Iterable[Point]) -> dict[Point, Tensor]:
        """Each point's state as a whole, through the network as it is."""
        expected = {}
        for index, alpha in points:
            walker, plain = self.walkers[index], copy.deepcopy(self.network)
            plain.load_state_dict(self.end | walker.path(alpha, walker.entries))
            with torch.no_grad():
                expected[index, alpha] = plain(self.inputs.clone())
        return expected

    def everything(self, alphas: Sequence[float] = ALPHAS) -> dict[int, Sequence[float]]:
        return dict.fromkeys(range(len(self.walkers)), alphas)


@pytest.mark.parametrize("by", ["block", "kind", "layer", "tensor"])
@pytest.mark.parametrize("kind", NETWORKS)
def test_every_point_is_what_the_network_says_whatever_is_joined(kind: type[nn.Module], by: str):
    case = Case(kind, by)
    plan, points = case.plan(), case.everything()
    expected = case.plainly((index, alpha) for index in points for alpha in ALPHAS)
    assert len({tuple(one.flatten().tolist()) for one in expected.values()}) > len(case.walkers)  # they do differ
    for capacity in (1, 2, 3, 7, 1000):
        for point, logits in case.found(plan, points, capacity).items():
            torch.testing.assert_close(logits, expected[point], rtol=1e-10, atol=1e-10, msg=str((point, capacity)))


@pytest.mark.parametrize("kind", NETWORKS)
def test_points_alone_have_the_networks_own_bits(kind: type[nn.Module]):
    case = Case(kind, wide=False)
    plan, points = case.plan(is_exact=False), case.everything()
    expected = case.plainly((index, alpha) for index in points for alpha in ALPHAS)
    for point, logits in case.found(plan, points, 1).items():
        assert torch.equal(logits, expected[point]), point


@settings(max_examples=40)
@given(
    st.sampled_from([Chain, Residual, Counting]),
    st.dictionaries(st.integers(0, 4), st.lists(st.sampled_from([0.0, 0.2, 0.5, 1.0, 1.5]), max_size=5, unique=True)),
    st.integers(1, 8),
)
def test_any_points_in_any_order_and_number(kind: type[nn.Module], points: dict[int, list[float]], capacity: int):
    case = drawn_case(kind)
    points = {index: alphas for index, alphas in points.items() if index < len(case.walkers)}
    found = case.found(planned(kind), points, capacity)
    for point, logits in case.plainly(found).items():
        torch.testing.assert_close(found[point], logits, rtol=1e-10, atol=1e-10)


@functools.cache
def drawn_case(kind: type[nn.Module]) -> Case:
    return Case(kind)


@functools.cache
def planned(kind: type[nn.Module]) -> Plan:
    return drawn_case(kind).plan()


def test_tails_of_several_blocks_are_run_together():
    case = Case(Chain)
    plan = case.plan()
    case.count(plan)
    num, points = len(case.inputs), {index: (0.1, 0.5, 0.9) for index in range(1, 5)}
    case.found(plan, points, 1000)
    # Each block's own three points, those of all blocks before it at once, and the resting pass that leads on.
    assert [case.calls[f"pairs.{place}.0"] for place in range(4)] == [3 + 1, 3 + 1 + 1, 3 + 1 + 1, 3 + 1]
    assert [case.rows[f"pairs.{place}.0"] for place in range(4)] == [4 * num, 7 * num, 10 * num, 12 * num]
    case.found(plan, points, 1)
    assert [case.calls[f"pairs.{place}.0"] for place in range(4)] == [4, 7, 10, 12]
    # Nine points of three blocks go into batches of four points: two full ones, and one alone.
    case.found(plan, points, 4)
    assert case.calls["pairs.3.0"] == 3 + 3
    assert case.rows["pairs.3.0"] == 12 * num


@pytest.mark.parametrize("capacity", [1, 4])
def test_a_linear_layer_is_run_twice_however_many_points_there_are(capacity: int):
    case = Case(Layers)
    plan = case.plan()
    case.count(plan)
    alphas = tuple(place / 11 for place in range(11))
    case.found(plan, {2: alphas}, capacity)
    assert [group.name for group in case.groups][2] == "second"
    assert (case.calls["first"], case.calls["second"]) == (1, 2)
    assert case.calls["third"] == case.calls["last"] == (11 if capacity == 1 else 3)
    assert case.rows["third"] == 11 * len(case.inputs)
    # The resting pass leads on to where the fourth begins; nobody waits for its end.
    case.found(plan, {2: alphas, 4: alphas}, capacity)
    assert case.calls["second"] == 2 + 1
    assert case.calls["last"] == (11 if capacity == 1 else 3) + 2


def test_where_results_are_rounded_every_point_mixes_weights():
    case = Case(Layers)
    plan = case.plan(is_exact=False)
    case.count(plan)
    case.found(plan, {2: (0.2, 0.4, 0.6)}, 1)
    assert case.calls["second"] == 3


def test_results_that_are_too_far_apart_to_be_mixed_are_told_of_and_weights_are_mixed_on_demand():
    case = Case(Layers, wide=False)
    case.start["second.weight"] = torch.full_like(case.start["second.weight"], 3e38)
    plan, points = case.plan(), case.everything()
    del points[0]  # all at once overflows on its own
    mixing = Mixing()
    with torch.no_grad():
        list(plan.outcomes(case.inputs.clone(), points, 1, mixing=mixing))
    assert {case.walkers[index].name: bool(one) for index, one in mixing.overflows.items()} == {
        "first": False, "second": True, "third": False, "last": False
    }  # fmt: skip
    with torch.no_grad():
        again = list(plan.outcomes(case.inputs.clone(), {2: points[2]}, 1, mixing=Mixing(by_weights=frozenset({2}))))
    for point, expected in case.plainly(point for point, _ in again).items():
        torch.testing.assert_close(dict(again)[point], expected, rtol=0, atol=0, equal_nan=True)


def test_what_overflows_once_stays_known_over_batches():
    case = Case(Layers, wide=False)
    case.start["first.weight"] = torch.full_like(case.start["first.weight"], 3e38)
    plan, mixing = case.plan(), Mixing()
    with torch.no_grad():
        for inputs in (case.inputs * 9, case.inputs * 0):
            list(plan.outcomes(inputs, {1: ALPHAS}, 1, mixing=mixing))
    assert {index: bool(one) for index, one in mixing.overflows.items()} == {1: True}


def test_points_at_rest_take_one_pass_together():
    case = Case(Chain)
    plan = case.plan()
    case.count(plan)
    found = case.found(plan, case.everything((1.0,)), 1)
    assert set(case.calls.values()) == {1}
    first, *others = found.values()
    assert all(torch.equal(first, other) for other in others)


@pytest.mark.parametrize("capacity", [1, 10])
def test_points_with_a_value_of_their_own_that_is_no_row_go_on_alone(capacity: int):
    case = Case(Normalised)
    plan = case.plan()
    case.count(plan)
    assert [group.name for group in case.groups][1] == "weight"
    case.found(plan, {1: (0.1, 0.2, 0.3)}, capacity)
    assert case.calls["second"] == case.calls["last"] == 3
    # The first layer's points share the quotient, and are joined.
    case.found(plan, {2: (0.1, 0.2, 0.3)}, capacity)
    assert case.calls["second"] == (3 if capacity == 1 else 1)


def test_batches_that_normalise_themselves_are_never_joined():
    case = Case(Batched)
    assert [group.name for group in case.groups] == ["all", "first", "second", "last"]
    plan = case.plan()
    case.count(plan)
    case.found(plan, {1: (0.1, 0.2, 0.3)}, 10)
    assert case.calls["last"] == 1
    case.network.norm.train()
    case.network.norm.track_running_stats = False
    plan = case.plan()
    for index in (1, 2):
        found = case.found(plan, {index: (0.1, 0.2, 0.3)}, 10)
        assert case.calls["last"] == 3
        for point, logits in case.plainly(found).items():
            torch.testing.assert_close(logits, found[point], rtol=1e-10, atol=1e-10)


def test_what_is_used_nowhere_is_at_rest_wherever_it_is():
    network = nn.ModuleDict({"used": nn.Linear(6, 6), "unused": nn.Linear(6, 6)})

    class Half(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = network

        def forward(self, inputs: Tensor) -> Tensor:
            return self.parts["used"](inputs)

    case = Case(Half, "layer")
    plan = case.plan()
    index = [group.name for group in case.groups].index("parts.unused")
    found = case.found(plan, {index: (0.0, 0.5, 1.0)}, 5)
    for point, logits in case.plainly(found).items():
        assert torch.equal(found[point], logits)


def test_a_residual_networks_blocks_share_what_comes_before_and_behind_them():
    network = build("resnet8", (3, 16, 16), 10, width=8).eval()
    inputs, end = torch.randn(4, 3, 16, 16), state_of(network)
    start = {name: one * 1.2 if one.is_floating_point() else one for name, one in end.items()}
    path, alphas = paths.linear(start, end), (0.25, 0.5, 0.75)
    walkers = [Walker(group.name, group.entries, path) for group in groups(network, "block").values()]
    calls: Counter[str] = Counter()
    with torch.no_grad():
        plan = Plan(Program(network, inputs, end, start), walkers, end, is_exact=True)
        for _ in range(2):
            calls.clear()
            list(plan.outcomes(inputs.clone(), dict.fromkeys(range(len(walkers)), alphas), 1000))
            for name, part in network.named_modules():
                if isinstance(part, nn.Conv2d | nn.Linear) and not part._forward_hooks:
                    part.register_forward_hook(lambda *_, name=name: calls.update([name]))
    assert len(calls) == len([name for name in end if end[name].ndim in {2, 4}]) > 6
    for name, num in calls.items():
        place = next(index for index, walker in enumerate(walkers) if f"{name}.weight" in walker.entries)
        own = 2 if len(walkers[place].entries) <= 2 else 3
        # Its own points, those before it together, and the resting pass, which nobody needs behind the last one.
        assert num == own + (place > 0) + (place < len(walkers) - 1), name
