"""Whole lines on one device: the numbers of every state on its own, whatever is shared, joined, mixed or halved."""

import copy
import functools
import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import oracle
import pytest
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn

from lininterp_cli.data.dataset import Dataset
from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.crew import Progress
from lininterp_cli.landscape.curves.barrier import BARRIERS
from lininterp_cli.landscape.curves.curve import Series
from lininterp_cli.landscape.engine import paths
from lininterp_cli.landscape.engine.batchnorm import treatment
from lininterp_cli.models.blocks import groups, whole
from lininterp_cli.models.registry import build
from lininterp_cli.models.state import State
from lininterp_cli.training.batches import cut
from lininterp_cli.training.evaluation import evaluate, frozen, sample

Pictures = Callable[..., Dataset]
Trained = Callable[..., tuple[State, State]]
Walked = Callable[..., list[Series]]

ALPHAS = (0.0, 0.3, 1.0)
BATCH = 4
BN = ("running", "final", "recalibrate", "batch")


class Undecided(nn.Module):
    """A small network with BatchNorm that cannot be taken apart."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.bn, self.fc = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        out = self.bn(self.conv(inputs)).relu().mean((2, 3))
        return self.fc(out if out.sum() > 0 else -out)


class Norm(nn.Module):
    """One BatchNorm that is called before and after the same layer."""

    def __init__(self) -> None:
        super().__init__()
        self.bn, self.conv, self.fc = nn.BatchNorm2d(1), nn.Conv2d(1, 1, 3), nn.Linear(36, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.fc(self.bn(self.conv(self.bn(inputs))).flatten(1))


class Reparametrised(nn.Module):
    """A linear layer whose weight is a direction and a length."""

    def __init__(self) -> None:
        super().__init__()
        self.flat, self.first = nn.Flatten(), nn.utils.parametrizations.weight_norm(nn.Linear(64, 8))
        self.last = nn.Linear(8, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.last(self.first(self.flat(inputs)).relu())


class Centred(nn.Module):
    """Takes the batch's mean off with a norm that keeps no statistics."""

    def __init__(self) -> None:
        super().__init__()
        self.flat, self.first, self.second, self.last = (
            nn.Flatten(),
            nn.Linear(64, 8),
            nn.Linear(8, 8),
            nn.Linear(8, 10),
        )
        self.norm = nn.BatchNorm1d(8, track_running_stats=False)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.last(self.norm(self.second(self.first(self.flat(inputs)).relu())).relu())


class Counted(nn.Module):
    """Three layers."""

    def __init__(self) -> None:
        super().__init__()
        self.flat = nn.Flatten()
        self.first, self.second, self.third = nn.Linear(64, 8), nn.Linear(8, 8), nn.Linear(8, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.third(self.second(self.first(self.flat(inputs)).relu()).relu())


def residual() -> nn.Module:
    return build("resnet8", (1, 8, 8), 10, width=4)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Points are not joined."""
    monkeypatch.setattr("lininterp_cli.landscape.engine.sweep._FULL_CPU", 1)


def losses(series: list[Series]) -> list[list[float]]:
    return [list(one.splits["test"].loss) for one in series]


def by_the_oracle(
    make: Callable[[], nn.Module], ends: tuple[State, State], dataset: Dataset, series: list[Series], **how: Any
) -> Iterator[tuple[str | None, list[float], list[float]]]:
    for one in series:
        moving = None if one.block is None else one.tensors
        points = oracle.line(make, *ends, dataset, one.alphas, moving=moving, **how)
        yield one.block, [loss for loss, _ in points], [accuracy for _, accuracy in points]


def check(
    make: Callable[[], nn.Module], ends: tuple[State, State], dataset: Dataset, series: list[Series], **how: Any
) -> None:
    for one, (block, expected, accuracy) in zip(series, by_the_oracle(make, ends, dataset, series, **how), strict=True):
        assert one.splits["test"].loss == pytest.approx(expected, rel=1e-5, abs=1e-5), block
        assert list(one.splits["test"].accuracy) == accuracy, block


def counting(model: nn.Module, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each part, of another size than the others, is run from now on, by its name; of copies, too."""
    calls: Counter[str] = Counter()
    names = {str(part): name for name, part in model.named_children()}

    def counted(part: nn.Module, inputs: Tensor, plain: Callable[..., Tensor]) -> Tensor:
        calls[names[str(part)]] += 1
        return plain(part, inputs)

    # A layer with a hook is no linear layer any more.
    for kind in {type(part) for part in model.children()}:
        monkeypatch.setattr(kind, "forward", functools.partialmethod(counted, plain=kind.forward))
    return calls


def contract(
    case: tuple[str, Callable[[], nn.Module], int], by: str, pictures: Pictures, far: Trained, walked: Walked
) -> None:
    """Some of a network's paths beside the oracle, and beside the same points one by one."""
    _, make_new, size = case
    template = make_new()

    def make() -> nn.Module:
        return copy.deepcopy(template)

    dataset = pictures(num_train=48, num_test=5, shape=(3, size, size))
    ends = far(make, dataset)
    names = list(groups(template, by))  # type: ignore[arg-type]
    some = tuple(dict.fromkeys((names[0], names[len(names) // 2], names[-1])))
    asked: dict[str, Any] = {"by": by, "blocks": some, "batch_size": BATCH, "alphas": (0.0, 0.4)}
    model, rows = make(), list[int]()
    head = [part for part in model.modules() if isinstance(part, nn.Linear)][-1]
    head.register_forward_hook(lambda _, given, __: rows.append(len(given[0])))
    found = walked(model, ends, dataset, **asked)
    assert [one.block for one in found] == [None, *some]
    assert np.ptp(losses(found)) > 1e-3  # the lines are not flat
    check(make, ends, dataset, found, batch_size=5)
    assert max(rows) >= 2 * BATCH  # points were joined
    rows.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lininterp_cli.landscape.engine.sweep._FULL_CPU", 1)
        found_alone = walked(model, ends, dataset, **asked)
    assert max(rows) == len(dataset.test)  # the sample on which the steps are tried
    for one, other in zip(losses(found_alone), losses(found), strict=True):
        assert one == pytest.approx(other, abs=1e-5)


def test_every_network_is_the_oracles_by_block(
    costly_architecture: Any, pictures: Pictures, far: Trained, walked: Walked
):
    contract(costly_architecture, "block", pictures, far, walked)


KINDS = (
    "own-lenet5",
    "own-mlp",
    "own-resnet8",
    "own-vgg11",
    "own-vit-tiny",
    "mobilenet_v3_small",
    "vision-transformer",
)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_network_is_the_oracles_by_layer(
    name: str, architectures: Any, pictures: Pictures, far: Trained, walked: Walked
):
    contract((name, *architectures(name)), "layer", pictures, far, walked)


@pytest.mark.slow
def test_every_network_is_the_oracles_by_layer(architecture: Any, pictures: Pictures, far: Trained, walked: Walked):
    if architecture[0] in KINDS:
        pytest.skip("is among those that are always looked at")
    contract(architecture, "layer", pictures, far, walked)


@pytest.mark.parametrize("bn", ["recalibrate", "batch", "final"])
@pytest.mark.parametrize(
    "name", ["own-vgg11", "mobilenet_v3_small", pytest.param("densenet121", marks=pytest.mark.slow)]
)
def test_every_treatment_of_larger_networks_is_the_oracles(
    name: str, bn: str, architectures: Any, pictures: Pictures, far: Trained, walked: Walked
):
    make_new, size = architectures(name)
    template = make_new()

    def make() -> nn.Module:
        return copy.deepcopy(template)

    dataset = pictures(num_train=24, num_test=16, shape=(3, size, size))
    ends = far(make, dataset)
    names = list(groups(template, "block"))
    some = tuple(dict.fromkeys((names[0], names[len(names) // 2], names[-1])))
    found = walked(make(), ends, dataset, by="block", blocks=some, bn=bn, batch_size=8, alphas=(0.4,))
    check(make, ends, dataset, found, bn=bn, batch_size=8)


@pytest.mark.parametrize(
    ("by", "bn", "rest"),
    [
        *(("layer", bn, "initial") for bn in BN),
        ("layer", "running", "final"),
        ("kind", "recalibrate", "final"),
        ("kind", "running", "initial"),
        ("tensor", "recalibrate", "final"),
    ],
)
def test_a_small_residual_network_is_the_oracles(
    by: str, bn: str, rest: str, pictures: Pictures, trained: Trained, walked: Walked
):
    dataset = pictures(num_test=10)
    ends = trained(residual, dataset, lr=0.1)
    found = walked(residual(), ends, dataset, by=by, bn=bn, rest=rest, batch_size=BATCH, alphas=ALPHAS)
    check(residual, ends, dataset, found, bn=bn, rest=rest, batch_size=BATCH)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("rest", ["initial", "final"])
@pytest.mark.parametrize("bn", BN)
def test_points_alone_have_the_bits_of_each_state_on_its_own(
    bn: Any, rest: str, pictures: Pictures, trained: Trained, walked: Walked
):
    dataset = pictures(num_test=10)
    ends = trained(residual, dataset, lr=0.1)
    found = walked(residual(), ends, dataset, by="block", bn=bn, rest=rest, batch_size=BATCH, alphas=ALPHAS)
    model, still = residual(), ends[1] if rest == "final" else ends[0]
    treated = treatment(bn, model, ends[1])
    for series, group in zip(found, [whole(model), *groups(model, "block").values()], strict=True):
        is_mixed = len(group.entries) <= 2  # one linear layer, whose results are mixed
        values = series.splits["test"]
        for alpha, loss, right in zip(ALPHAS, values.loss, values.accuracy, strict=True):
            state = still | paths.linear(*ends)(alpha, group.entries) | treated.fixed
            if treated.estimator is not None:
                probe = frozen(model)
                probe.load_state_dict(state)
                update_bn([dataset.normalise(sample(dataset.train).inputs)], probe)
                state = probe.state_dict()
            expected = evaluate(treated.network, state, sample(dataset.test), dataset.normalise, batch_size=BATCH)
            is_exact = not is_mixed and bn != "recalibrate"
            assert loss == (expected.loss if is_exact else pytest.approx(expected.loss, abs=1e-6)), series.block
            assert right == expected.accuracy


@pytest.mark.parametrize(
    ("make", "bn"),
    [
        *((make, bn) for make in (Undecided, Norm, Reparametrised) for bn in BN),
        (Centred, "running"),
        (Centred, "batch"),
    ],
)
def test_odd_networks_are_the_oracles(make: type[nn.Module], bn: str, pictures: Pictures, far: Trained, walked: Walked):
    dataset = pictures(num_test=8)
    ends = far(make, dataset)
    found = walked(make(), ends, dataset, by="layer", bn=bn, batch_size=BATCH, alphas=(0.0, 0.3, 0.8))
    check(make, ends, dataset, found, bn=bn, batch_size=BATCH)


class Constrained(nn.Module):
    """Bounds the norms and the signs of its weights in each pass, by writing into them."""

    def __init__(self) -> None:
        super().__init__()
        self.flat, self.first, self.last = nn.Flatten(), nn.Linear(64, 8), nn.Linear(8, 10)
        self.norm = nn.BatchNorm1d(8)

    def forward(self, inputs: Tensor) -> Tensor:
        self.first.weight.data = torch.renorm(self.first.weight.data, p=2, dim=0, maxnorm=0.5)
        with torch.no_grad():
            self.last.weight.clamp_(min=0)
        return self.last(self.norm(self.first(self.flat(inputs))).relu())


@pytest.mark.parametrize("rest", ["final", "initial"])
@pytest.mark.parametrize("batch_size", [5, 18])
def test_a_network_that_writes_into_its_weights_begins_each_pass_with_the_given_ones(
    batch_size: int, rest: str, pictures: Pictures, walked: Walked
):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        ends = tuple({name: one + one.sign() for name, one in Constrained().state_dict().items()} for _ in range(2))
    before, dataset = copy.deepcopy(ends), pictures()
    for bn in ("running", "recalibrate"):
        asked: dict[str, Any] = {"bn": bn, "rest": rest, "batch_size": batch_size}
        found = walked(Constrained(), ends, dataset, by="layer", alphas=(0.0, 0.3, 0.8, 1.0), **asked)
        check(Constrained, ends, dataset, found, bn=bn, rest=rest)
    assert all(torch.equal(one[name], other[name]) for one, other in zip(ends, before, strict=True) for name in one)


class TypeChecking(nn.Module):
    """Does with a tensor what it does not do with the stand-in of a trace."""

    def __init__(self) -> None:
        super().__init__()
        self.flat, self.first, self.last = nn.Flatten(), nn.Linear(64, 8), nn.Linear(8, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        out = self.first(self.flat(inputs))
        return self.last(out.relu() if isinstance(out, Tensor) else out)


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_trace_is_compared_where_the_resting_network_is_constant(
    is_whole: bool, pictures: Pictures, trained: Trained, walked: Walked
):
    dataset = pictures()
    start, end = trained(TypeChecking, dataset, lr=0.5)
    start |= {name: torch.zeros_like(one) for name, one in start.items() if is_whole or name.startswith("last")}
    found = walked(TypeChecking(), (start, end), dataset, by="layer", rest="initial", alphas=ALPHAS)
    check(TypeChecking, (start, end), dataset, found, rest="initial")


class Bounded(nn.Module):
    """Comes to finite numbers whatever its first layer overflows to."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 8), nn.Linear(8, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.last(self.first(inputs).tanh())


@pytest.mark.parametrize("rest", ["final", "initial"])
@pytest.mark.parametrize("is_swapped", [False, True])
def test_a_layer_that_overflows_at_one_end_is_a_gap_only_where_the_network_has_one(
    rest: str, is_swapped: bool, vectors: Callable[..., Dataset], walked: Walked
):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        dataset = vectors(torch.randn(40, 4), torch.randint(3, (40,)))
        start = Bounded().state_dict()
    end = start | {"first.weight": torch.full((8, 4), 3e38)}
    ends = (end, start) if is_swapped else (start, end)
    alphas, told = (-0.25, 0.0, 0.25, 0.5, 0.75, 1.0), [0, 0]
    asked: dict[str, Any] = {"by": "layer", "alphas": alphas, "rest": rest, "batch_size": 7}
    found = walked(Bounded(), ends, dataset, **asked)
    for series in found:
        moving = None if series.block is None else series.tensors
        expected = [
            loss for loss, _ in oracle.line(Bounded, *ends, dataset, alphas, moving=moving, rest=rest, batch_size=7)
        ]
        assert list(series.splits["test"].loss) == pytest.approx(expected, abs=1e-5, nan_ok=True), series.label
        told[0] += sum(map(math.isfinite, expected))
        told[1] += sum(map(math.isnan, expected))
    assert min(told) > 1


def test_what_cannot_be_taken_apart_says_why(pictures: Pictures, trained: Trained, walked: Walked):
    told: list[str] = []

    class Listener:
        def passed(self, progress: Progress) -> None: ...

        def grew(self, curve: Any) -> None: ...

        def told(self, words: str) -> None:
            told.append(words)

    dataset = pictures()
    for make in (Undecided, Norm):
        walked(make(), trained(make, dataset), dataset, watcher=Listener())
    (words,) = told
    assert "cannot be taken apart" in words
    assert "\n" not in words


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("rest", ["initial", "final"])
def test_a_layer_is_run_once_for_all_that_moves_behind_it(
    rest: str, pictures: Pictures, trained: Trained, walked: Walked, monkeypatch: pytest.MonkeyPatch
):
    dataset = pictures(num_test=11)
    ends = trained(Counted, dataset)
    model = Counted()
    calls = counting(model, monkeypatch)
    asked: dict[str, Any] = {"by": "block", "rest": rest, "batch_size": BATCH}
    # What is asked of nothing but the resting state takes one pass, beside those that make the steps.
    walked(model, ends, dataset, alphas=(1.0 if rest == "final" else 0.0,), **asked)
    chunks, moving = len(cut(11, BATCH)), 4  # of five points one is the resting state
    once = {name: num - chunks for name, num in calls.items()}
    calls.clear()
    walked(model, ends, dataset, alphas=(0.0, 0.2, 0.5, 0.8, 1.0), **asked)
    # The whole network's points, two ends of its own, those of every layer before it, and the resting pass.
    assert calls["first"] - once["first"] == chunks * (moving + 2 + 1)
    assert calls["second"] - once["second"] == chunks * (2 * moving + 2 + 1)
    assert calls["third"] - once["third"] == chunks * (3 * moving + 2 + 1)
    assert calls["flat"] - once["flat"] == chunks


@pytest.mark.parametrize("at", [0.0, 1.0])
def test_points_at_rest_take_one_pass_together(
    at: float, pictures: Pictures, trained: Trained, walked: Walked, monkeypatch: pytest.MonkeyPatch
):
    dataset = pictures(num_test=11)
    ends, model = trained(Counted, dataset), Counted()
    calls, counts = counting(model, monkeypatch), []
    for by in ("full", "block", "tensor"):
        calls.clear()
        walked(model, ends, dataset, by=by, batch_size=BATCH, alphas=(at,), rest="final" if at else "initial")
        counts.append(dict(calls))
    assert counts[0] == counts[1] == counts[2]


@pytest.mark.parametrize("make", [Counted, Undecided])
def test_passes_are_counted_up_to_their_number(
    make: Callable[[], nn.Module], pictures: Pictures, trained: Trained, walked: Walked
):
    told: list[Progress] = []

    class Listener:
        def passed(self, progress: Progress) -> None:
            told.append(progress)

        def grew(self, curve: Any) -> None: ...

        def told(self, words: str) -> None: ...

    dataset = pictures(num_train=9, num_test=11)
    ends = trained(make, dataset)
    walked(
        make(), ends, dataset, by="block", splits=("test", "train"), batch_size=BATCH, alphas=ALPHAS, watcher=Listener()
    )
    points = (1 + len(groups(make(), "block"))) * len(ALPHAS)
    rows = [one.rows for one in told]
    assert rows == sorted(set(rows))
    assert len(told) == points * (len(cut(11, BATCH)) + len(cut(9, BATCH)))
    assert told[-1].rows == told[-1].num_rows == points * (11 + 9)
    assert told[-1].chunk == told[-1].num_chunks == len(cut(11, BATCH)) + len(cut(9, BATCH))
    assert {one.moving for one in told} == {"all", *groups(make(), "block")}


def test_any_batch_size_and_number_of_joined_points_gives_the_same(
    pictures: Pictures, far: Trained, walked: Walked, monkeypatch: pytest.MonkeyPatch
):
    dataset = pictures(num_test=11)
    ends = far(residual, dataset)
    found = []
    for full, batch_size in ((1, 11), (8, 4), (1000, 5), (1000, 100), (7, 3)):
        monkeypatch.setattr("lininterp_cli.landscape.engine.sweep._FULL_CPU", full)
        found.append(losses(walked(residual(), ends, dataset, by="layer", batch_size=batch_size)))
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], atol=1e-5)


@pytest.mark.parametrize(("cached", "asked", "most"), [(2**40, None, 128), (0, None, 32), (0, 100, 100)])
def test_a_cpu_gets_as_many_examples_at_a_time_as_suit_it_or_as_are_asked_for(
    cached: int, asked: int | None, most: int, pictures: Pictures, trained: Trained, walked: Walked, monkeypatch: Any
):
    monkeypatch.setattr("lininterp_cli.landscape.engine.sweep._CACHED_BYTES", cached)
    dataset = pictures(num_test=150)
    ends, model = trained(Counted, dataset), Counted()
    seen = Scarce(model, 10**9, MemoryError())
    walked(model, ends, dataset, by="block", batch_size=asked)
    assert max(seen.rows) == most


class Scarce:
    """Lets the layers of a network fail on more than some rows, once there is something to fail on."""

    def __init__(self, model: nn.Module, num_rows: int, error: BaseException) -> None:
        self.num_failed = 0
        self.rows: list[int] = []
        self._most, self._error = num_rows, error
        for part in model.modules():
            if isinstance(part, nn.Linear):
                # A copy of the network has a copy of a method, but the same function.
                part.register_forward_pre_hook(lambda _, given: self._called(len(given[0])))

    def _called(self, num: int) -> None:
        if num > self._most:
            self.num_failed += 1
            raise self._error
        self.rows.append(num)


NO_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried"),
]


@pytest.mark.parametrize("error", NO_MEMORY, ids=["accelerator", "cpu"])
@pytest.mark.parametrize("batch_size", [100, 8])
def test_where_memory_runs_out_half_as_much_is_done_at_a_time(
    error: BaseException, batch_size: int, pictures: Pictures, trained: Trained, walked: Walked
):
    told: list[Progress] = []

    class Listener:
        def passed(self, progress: Progress) -> None:
            told.append(progress)

        def grew(self, curve: Any) -> None: ...

        def told(self, words: str) -> None: ...

    dataset = pictures(num_test=150)
    ends = trained(Counted, dataset, lr=0.5)
    asked = {"by": "block", "batch_size": batch_size, "alphas": (0.0, 0.1, 0.3, 0.6, 0.9, 1.0)}
    expected = walked(Counted(), ends, dataset, **asked)
    model = Counted()
    scarce = Scarce(model, 20, error)
    found = walked(model, ends, dataset, watcher=Listener(), **asked)
    for one, other in zip(losses(found), losses(expected), strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    # What was learnt from the first chunk holds for the others: 100, 50, 25, 12 rows, or 16, 8, 4, 2 points of 8.
    assert 1 <= scarce.num_failed <= 4
    assert max(scarce.rows) > 10
    rows = [one.rows for one in told]
    assert rows == sorted(rows)
    assert rows[-1] == told[-1].num_rows


@pytest.mark.parametrize("error", NO_MEMORY, ids=["accelerator", "cpu"])
def test_a_batch_that_may_not_be_halved_ends_in_what_to_do(
    error: BaseException, pictures: Pictures, trained: Trained, walked: Walked
):
    dataset = pictures(num_test=60)
    ends, model = trained(residual, dataset), residual()
    Scarce(model, 20, error)
    words = "cpu has too little memory for 32 examples at a time; use a smaller --batch-size, or another --device"
    with pytest.raises(ConfigError, match=words):
        walked(model, ends, dataset, bn="batch", batch_size=32)
    walked(model, ends, dataset, bn="batch", batch_size=20)


def test_one_example_that_does_not_fit_ends_in_what_to_do(pictures: Pictures, trained: Trained, walked: Walked):
    dataset = pictures(num_test=3)
    ends, model = trained(Counted, dataset), Counted()
    scarce = Scarce(model, 100, NO_MEMORY[0])
    made: list[int] = []

    class Listener:
        def passed(self, progress: Progress) -> None:
            scarce._most = 0  # from the first pass on nothing fits any more
            made.append(progress.rows)

        def grew(self, curve: Any) -> None: ...

        def told(self, words: str) -> None: ...

    with pytest.raises(ConfigError, match="too little memory for one example"):
        walked(model, ends, dataset, batch_size=1, watcher=Listener())
    assert made


@pytest.mark.parametrize("error", NO_MEMORY, ids=["accelerator", "cpu"])
def test_where_memory_runs_out_while_a_sweep_is_made_fewer_examples_are_tried(
    error: BaseException, pictures: Pictures, trained: Trained, walked: Walked
):
    dataset = pictures(num_test=30)
    ends, model = trained(residual, dataset), residual()
    expected = walked(residual(), ends, dataset, by="block")
    scarce = Scarce(model, 5, error)
    for one, other in zip(losses(walked(model, ends, dataset, by="block")), losses(expected), strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    assert max(scarce.rows) == 4


@pytest.mark.parametrize("error", NO_MEMORY, ids=["accelerator", "cpu"])
@pytest.mark.parametrize("bn", ["running", "recalibrate"])
def test_where_not_even_the_network_fits_the_error_says_what_to_do(
    error: BaseException, bn: str, pictures: Pictures, trained: Trained, walked: Walked
):
    dataset = pictures(num_test=30)
    ends, model = trained(residual, dataset), residual()
    Scarce(model, 0, error)
    with pytest.raises(
        ConfigError, match=r"^cpu has too little memory for the network at both ends and 30 examples; use"
    ):
        walked(model, ends, dataset, bn=bn)


def test_other_errors_are_not_taken_for_a_lack_of_memory(pictures: Pictures, trained: Trained, walked: Walked):
    dataset = pictures(num_test=60)
    ends, model = trained(Counted, dataset), Counted()
    scarce = Scarce(model, 20, RuntimeError("something else"))
    with pytest.raises(RuntimeError, match="something else"):
        walked(model, ends, dataset, batch_size=32)
    assert scarce.num_failed == 1


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_the_network_and_the_ends_are_left_as_they_are(
    dtype: str, pictures: Pictures, trained: Trained, walked: Walked
):
    dataset = pictures()
    ends, model = trained(residual, dataset), residual().train()
    before = [{name: tensor.clone() for name, tensor in state.items()} for state in (*ends, model.state_dict())]
    for bn in BN:
        walked(model, ends, dataset, by="block", bn=bn, dtype=dtype, batch_size=5)
    for state, kept in zip((*ends, model.state_dict()), before, strict=True):
        assert all(torch.equal(state[name], kept[name]) for name in kept)
    assert all(part.training for part in model.modules())


class Scaled(nn.Module):
    """Has a constant that is no part of its state, in a product of matrices, where torch takes no two dtypes."""

    def __init__(self) -> None:
        super().__init__()
        self.bn = nn.BatchNorm1d(64)
        self.fc = nn.Linear(64, 10)
        self.register_buffer("turn", torch.linspace(-1, 1, 64 * 64).reshape(64, 64).sin(), persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.fc(self.bn(inputs.flatten(1) @ self.turn))


@pytest.mark.parametrize("make", [residual, Scaled])
@pytest.mark.parametrize("bn", BN)
def test_float64_is_the_oracles_to_the_last_digits(
    bn: str, make: Callable[[], nn.Module], pictures: Pictures, far: Trained, walked: Walked
):
    dataset = pictures(num_test=8)
    ends = far(make, dataset)
    found = walked(make(), ends, dataset, by="layer", bn=bn, dtype="float64", batch_size=BATCH, alphas=(0.3, 0.8))
    how: dict[str, Any] = {"bn": bn, "batch_size": BATCH, "dtype": torch.float64}
    for one, (block, expected, _) in zip(found, by_the_oracle(make, ends, dataset, found, **how), strict=True):
        assert one.splits["test"].loss == pytest.approx(expected, abs=1e-10), block


def test_a_network_that_asks_for_float32_is_told_to_be_computed_in_it(
    pictures: Pictures, trained: Trained, walked: Walked
):
    class Float(nn.Linear):
        def forward(self, inputs: Tensor) -> Tensor:
            return super().forward(inputs.flatten(1).float())

    def make() -> nn.Module:
        return Float(64, 10)

    dataset = pictures()
    ends = trained(make, dataset)
    with pytest.raises(ConfigError, match=r"^--dtype float64 fails, use float32: .* dtype"):
        walked(make(), ends, dataset, dtype="float64")
    assert walked(make(), ends, dataset)


@pytest.fixture(scope="module")
def learnt(pictures: Pictures) -> tuple[Callable[[], nn.Module], tuple[State, State], Dataset]:
    """A network that really learnt something: to tell which of ten patterns is in noise."""
    make = functools.partial(build, "resnet8", (1, 8, 8), 10, width=8)
    dataset = pictures(num_train=256, num_test=128)
    generator = torch.Generator().manual_seed(1)
    patterns = torch.randint(256, (10, 1, 8, 8), generator=generator)
    for split in (dataset.train, dataset.test):
        split.inputs.copy_((split.inputs * 0.5 + patterns[split.labels] * 0.5).to(torch.uint8))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = make().train()
        start = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
        inputs = dataset.normalise(dataset.train.inputs)
        for _ in range(6):
            for rows in torch.randperm(256).split(64):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs[rows]), dataset.train.labels[rows]).backward()
                optimizer.step()
    return make, (start, {name: tensor.clone() for name, tensor in model.state_dict().items()}), dataset


@pytest.mark.parametrize(
    ("dtype", "bn"),
    [("bfloat16", "running"), ("bfloat16", "recalibrate"), ("bfloat16", "batch"), ("float16", "running")],
)
def test_half_precision_moves_a_barrier_by_little(dtype: str, bn: str, learnt: Any, walked: Walked):
    make, ends, dataset = learnt
    asked: dict[str, Any] = {"by": "block", "bn": bn, "num_examples": 96, "alphas": (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)}
    half, full = (walked(make(), ends, dataset, dtype=one, **asked) for one in (dtype, "float32"))
    assert losses(half) != losses(full)
    bound = {"bfloat16": 0.03, "float16": 0.01}[dtype]
    heights = []
    for one, other in zip(half, full, strict=True):
        for name, define in BARRIERS.items():
            found, expected = (define(list(some.alphas), list(some.splits["test"].loss)) for some in (one, other))
            assert (found is None) == (expected is None)
            if found is not None and expected is not None:
                assert found.height == pytest.approx(expected.height, abs=bound), (one.block, name)
                heights.append(expected.height)
    assert max(heights) > 10 * bound  # there are barriers to be moved
    assert full[0].splits["test"].loss[-1] < 0.5 * full[0].splits["test"].loss[0]


def test_tf32_is_float32_where_there_is_no_such_thing(learnt: Any, walked: Walked):
    make, ends, dataset = learnt
    one, other = (walked(make(), ends, dataset, by="block", dtype=dtype) for dtype in ("tf32", "float32"))
    assert losses(one) == losses(other)
