"""Statistics estimated anew, beside torch's own `update_bn` for each point, and no batch seen twice for nothing."""

import copy
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import oracle
import pytest
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn

from lininterp_cli.data.dataset import Dataset, Split
from lininterp_cli.landscape.curves.curve import Series
from lininterp_cli.landscape.engine.batchnorm import treatment
from lininterp_cli.landscape.engine.estimates import RECALIBRATION_BATCH, RECALIBRATION_EXAMPLES, Estimates
from lininterp_cli.landscape.engine.line import Line
from lininterp_cli.landscape.engine.plan import Point
from lininterp_cli.landscape.engine.sweep import Sweep
from lininterp_cli.models.blocks import groups, statistics_of, whole
from lininterp_cli.models.registry import build
from lininterp_cli.models.state import State, state_of
from lininterp_cli.training.evaluation import sample

Ends = tuple[State, State]
Trained = Callable[..., Ends]

NORMS = ("bn1", "layer1.0.bn1", "layer1.0.bn2", "layer2.0.bn1", "layer2.0.bn2", "layer3.0.bn1", "layer3.0.bn2")


def make() -> nn.Module:
    return build("resnet8", (1, 8, 8), 10, width=4)


class Shared(nn.Module):
    """One norm that is called before and after the layer that moves, and one behind both."""

    def __init__(self) -> None:
        super().__init__()
        self.flat, self.first, self.twice = nn.Flatten(), nn.Linear(64, 6), nn.BatchNorm1d(6)
        self.middle, self.norm, self.last = nn.Linear(6, 6), nn.BatchNorm1d(6), nn.Linear(6, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        out = self.twice(self.first(self.flat(inputs))).tanh()
        return self.last(self.norm(self.twice(self.middle(out)).tanh()))


class Bench:
    """A line that can be swept, and what its parts are called."""

    def __init__(
        self, make_one: Callable[[], nn.Module], ends: Ends, dataset: Dataset, *, by: Any = "block", **other: Any
    ) -> None:
        self.model, self.ends, self.dataset = make_one(), ends, dataset
        self.groups = [whole(self.model), *groups(self.model, by).values()]
        self.keys = ["full", *(f"{by}:{group.name}" for group in self.groups[1:])]
        self.train = sample(dataset.train, RECALIBRATION_EXAMPLES)
        self.other = {"dtype": "float32", "rest": "final"} | other
        self.calls: Counter[str] = Counter()
        for name, part in self.model.named_modules():
            if isinstance(part, nn.modules.batchnorm._BatchNorm):
                part.register_forward_hook(lambda _, given, __, name=name: self._called(name, len(given[0])))

    def _called(self, name: str, num: int) -> None:
        # Batches that tell how the network is taken apart are smaller than any of these.
        if num > 20:
            self.calls[name] += 1

    def sweep(self) -> Sweep:
        start, end = self.ends
        line = Line(
            treatment=treatment("recalibrate", self.model, end), start=start, end=end, moving=tuple(self.groups),
            dataset=self.dataset, examples={"test": sample(self.dataset.test)}, **self.other,
        )  # fmt: skip
        return Sweep(line, torch.device("cpu"), batch_size=8)

    def estimated(self, points: list[Point], train: Split | None = None) -> Estimates:
        sweep = self.sweep()
        estimates = sweep.begin_estimates(points)
        self.calls.clear()
        for _ in sweep.estimate(estimates, train or self.train):
            pass
        return estimates

    def index(self, name: str) -> int:
        return [group.name for group in self.groups].index(name)

    def updated(self, point: Point | None) -> State:
        """What torch estimates for the whole state of a point, or for the resting one."""
        start, end = self.ends
        rest = end if self.other["rest"] == "final" else start
        is_wide = self.other["dtype"] == "float64"
        model = copy.deepcopy(self.model).double() if is_wide else copy.deepcopy(self.model)
        model.load_state_dict(
            rest if point is None else oracle.mixed(start, end, point[1], self.groups[point[0]].entries, rest)
        )
        inputs = self.dataset.normalise(self.train.inputs)
        update_bn((inputs.double() if is_wide else inputs).split(RECALIBRATION_BATCH), model)
        return state_of(model)


@pytest.fixture(scope="module")
def dataset(pictures: Callable[..., Dataset]) -> Dataset:
    # Three batches, the last of which is ragged.
    return pictures(num_train=600)


@pytest.fixture(scope="module")
def ends(dataset: Dataset, trained: Trained) -> Ends:
    return trained(make, dataset, num_steps=2, lr=0.3)


def close(one: Tensor, other: Tensor, dtype: str = "float32") -> None:
    tolerance = 1e-12 if dtype == "float64" else 2e-5
    torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rest", ["final", "initial"])
def test_every_points_statistics_are_torchs_own(rest: str, dtype: str, dataset: Dataset, ends: Ends):
    bench = Bench(make, ends, dataset, rest=rest, dtype=dtype)
    points = [(index, alpha) for index in range(len(bench.groups)) for alpha in (0.0, 0.3, 1.0)]
    estimates = bench.estimated(points)
    assert estimates.names == frozenset(statistics_of(make()))
    expected_rest = bench.updated(None)
    for name, tensor in estimates.rest.items():
        close(tensor, expected_rest[name], dtype)
    for index, alpha in estimates.points:
        group, expected = bench.groups[index], bench.updated((index, alpha))
        moved = {entry.rpartition(".")[0] for entry in group.entries}
        first = next(place for place, norm in enumerate(NORMS) if norm in moved)
        own = estimates.of((index, alpha))
        rest_point = alpha == (1.0 if rest == "final" else 0.0)
        for norm in NORMS[first:]:
            for kind in ("running_mean", "running_var", "num_batches_tracked"):
                close(own[f"{norm}.{kind}"], expected[f"{norm}.{kind}"], dtype)
        # What comes before is the resting network's, whatever moves.
        for norm in NORMS[:first]:
            close(estimates.rest[f"{norm}.running_mean"], expected[f"{norm}.running_mean"], dtype)
        assert rest_point == all(
            torch.allclose(expected[name], expected_rest[name]) for name in estimates.names
        ), (group.name, alpha)  # fmt: skip
    assert int(estimates.rest["bn1.num_batches_tracked"]) == estimates.num_batches == 3


def test_what_has_no_norm_behind_it_has_no_statistics_of_its_own(dataset: Dataset, ends: Ends):
    bench = Bench(make, ends, dataset, by="layer")
    points = [(index, 0.5) for index in range(len(bench.groups))]
    have = {bench.groups[index].name for index, _ in bench.estimated(points).points}
    # The last norm's own weights come after it has normalised, but its statistics move with its block.
    assert {group.name for group in bench.groups} - have == {"fc"}


def test_only_what_is_behind_the_moved_block_sees_a_batch_for_each_point(dataset: Dataset, ends: Ends):
    bench = Bench(make, ends, dataset)
    alphas = (0.1, 0.4, 0.7, 0.9)
    for name, first in (("layer3", 5), ("layer2", 3), ("conv1", 0)):
        bench.estimated([(bench.index(name), alpha) for alpha in alphas])
        num_batches = len(dataset.train) // RECALIBRATION_BATCH + 1
        assert {norm: bench.calls[norm] for norm in NORMS[:first]} == dict.fromkeys(NORMS[:first], num_batches)
        behind = num_batches * (len(alphas) + 1)
        assert {norm: bench.calls[norm] for norm in NORMS[first:]} == dict.fromkeys(NORMS[first:], behind)


def test_measuring_estimated_points_shares_what_comes_before(
    dataset: Dataset, ends: Ends, walked: Callable[..., list[Series]]
):
    bench = Bench(make, ends, dataset)
    asked: dict[str, Any] = {"by": "block", "blocks": ("layer3",), "bn": "recalibrate", "batch_size": 64}
    bench.calls.clear()
    walked(bench.model, ends, dataset, alphas=(0.25, 0.5), num_examples=None, **asked)
    # Of the whole network's two points and of the block's, those that are estimated, and the resting pass.
    assert bench.calls["bn1"] == 3 * (2 + 1)
    assert bench.calls["layer3.0.bn2"] == 3 * (2 + 2 + 1)


@pytest.mark.parametrize("by", ["kind", "layer", "tensor"])
def test_a_norm_that_is_called_again_later_is_estimated_for_each_point(
    by: str, pictures: Callable[..., Dataset], far: Trained
):
    dataset = pictures(num_train=300)
    ends = far(Shared, dataset)
    bench = Bench(Shared, ends, dataset, by=by)
    points = [(index, 0.4) for index in range(len(bench.groups))]
    estimates = bench.estimated(points)
    assert len(estimates.points) >= 3
    for index, alpha in estimates.points:
        expected, own = bench.updated((index, alpha)), estimates.of((index, alpha))
        wanted = estimates.names if bench.groups[index].name not in {"norm", "norm.weight", "norm.bias"} else ()
        for name in (name for name in wanted if "num_batches" not in name):
            close(own[name], expected[name])


@pytest.mark.parametrize("num_seen", [0, 1, 2, 3])
def test_estimating_goes_on_from_its_file_with_the_same_bits(
    num_seen: int, dataset: Dataset, ends: Ends, tmp_path: Path
):
    bench, path = Bench(make, ends, dataset), tmp_path / "statistics.safetensors"
    points = [(bench.index("layer2"), 0.3), (bench.index("layer3"), 0.3), (0, 0.6)]
    whole_time = bench.estimated(points)
    sweep = bench.sweep()
    begun = sweep.begin_estimates(points)
    for _, _ in zip(range(num_seen), sweep.estimate(begun, bench.train), strict=False):
        pass
    assert begun.num_batches == num_seen
    begun.write(path, bench.keys)
    sweep = bench.sweep()
    again = sweep.begin_estimates(points)
    again.read(path, bench.keys)
    assert again.num_batches == num_seen
    bench.calls.clear()
    for _ in sweep.estimate(again, bench.train):
        pass
    assert again.num_batches == 3
    assert bench.calls["bn1"] == (3 - num_seen) * 2  # the whole network's point, and the resting pass
    for point in points:
        for name, tensor in again.of(point).items():
            assert torch.equal(tensor, whole_time.of(point)[name]), name
    assert all(torch.equal(tensor, whole_time.rest[name]) for name, tensor in again.rest.items())


def test_a_file_of_something_else_is_not_used(dataset: Dataset, ends: Ends, tmp_path: Path, trained: Trained):
    bench, path = Bench(make, ends, dataset), tmp_path / "statistics.safetensors"
    points = [(bench.index("layer3"), 0.3), (bench.index("layer3"), 0.5)]
    bench.estimated(points).write(path, bench.keys)
    sweep = bench.sweep()
    for others in (points[:1], points[::-1], [*points, (0, 0.3)], [(bench.index("layer3"), 0.2), points[1]], []):
        estimates = sweep.begin_estimates(others)
        before = {name: tensor.clone() for name, tensor in estimates.rest.items()}
        estimates.read(path, bench.keys)
        assert estimates.num_batches == 0
        assert all(torch.equal(tensor, before[name]) for name, tensor in estimates.rest.items())
    same = sweep.begin_estimates(points)
    same.read(path, [f"layer:{place}" for place in range(len(bench.keys))])
    assert same.num_batches == 0
    same.read(tmp_path / "is not there", bench.keys)
    assert same.num_batches == 0
    newer = tmp_path / "newer.safetensors"
    newer.write_bytes(path.read_bytes().replace(b'"schema":"1"', b'"schema":"9"'))
    same.read(newer, bench.keys)
    assert same.num_batches == 0
    same.read(path, bench.keys)
    assert same.num_batches == 3


def test_statistics_of_another_network_are_not_used(dataset: Dataset, ends: Ends, tmp_path: Path, trained: Trained):
    path = tmp_path / "statistics.safetensors"
    Bench(make, ends, dataset).estimated([(0, 0.5)]).write(path, ["full"])
    other = Bench(Shared, trained(Shared, dataset), dataset)
    estimates = other.sweep().begin_estimates([(0, 0.5)])
    estimates.read(path, ["full"])
    assert estimates.num_batches == 0


def test_no_end_is_changed_and_two_estimates_start_afresh(dataset: Dataset, ends: Ends):
    before = [{name: tensor.clone() for name, tensor in state.items()} for state in ends]
    bench = Bench(make, ends, dataset)
    sweep, found = bench.sweep(), []
    for points in ([(0, 0.5)], [(0, 0.5), (1, 0.5)], [(0, 0.5)]):
        estimates = sweep.begin_estimates(points)
        for _ in sweep.estimate(estimates, bench.train):
            pass
        sweep.adopt(estimates)
        found.append({name: tensor.clone() for name, tensor in estimates.of((0, 0.5)).items()})
    for state, kept in zip(ends, before, strict=True):
        assert all(torch.equal(state[name], kept[name]) for name in kept)
    for other in found[1:]:
        assert all(torch.equal(tensor, found[0][name]) for name, tensor in other.items())


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "float16"])
@pytest.mark.parametrize("by", ["block", "kind", "layer", "tensor"])
def test_lines_of_every_dtype_can_be_measured(
    by: str, dtype: str, dataset: Dataset, ends: Ends, walked: Callable[..., list[Series]]
):
    asked: dict[str, Any] = {"by": by, "bn": "recalibrate", "alphas": (0.0, 0.6), "num_examples": 8}
    blocks = tuple(list(groups(make(), by))[-2:])
    found = walked(make(), ends, dataset, dtype=dtype, blocks=blocks, **asked)
    exact = walked(make(), ends, dataset, blocks=blocks, **asked)
    for one, other in zip(found, exact, strict=True):
        tolerance = 0.1 if dtype in {"bfloat16", "float16"} else 1e-5
        assert one.splits["test"].loss == pytest.approx(other.splits["test"].loss, abs=tolerance)


def test_a_copy_on_another_device_has_the_same_points_and_numbers(dataset: Dataset, ends: Ends):
    estimates = Bench(make, ends, dataset).estimated([(0, 0.5)])
    there = estimates.to(torch.device("cpu"))
    assert there.points == estimates.points == [(0, 0.5)]
    assert there.num_batches == estimates.num_batches
    assert all(torch.equal(tensor, estimates.of((0, 0.5))[name]) for name, tensor in there.of((0, 0.5)).items())
