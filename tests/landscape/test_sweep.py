"""Shared passes: the numbers of a state on its own, and no pass that is not needed."""

import functools
from collections.abc import Callable
from typing import Any

import pytest
import torchvision
from torch import Tensor, nn

from lininterp_cli.data.dataset import Dataset
from lininterp_cli.landscape import paths
from lininterp_cli.landscape.batchnorm import treatment
from lininterp_cli.landscape.interpolate import Question, walk
from lininterp_cli.models.blocks import groups, whole
from lininterp_cli.models.registry import build
from lininterp_cli.models.state import State
from lininterp_cli.training.batches import cut
from lininterp_cli.training.evaluation import evaluate, frozen, sample

Pictures = Callable[..., Dataset]
Trained = Callable[..., tuple[State, State]]

ALPHAS = (0.0, 0.3, 1.0)
BATCH = 4
CHECK = 2
"""Passes that compare the steps with the plain network on the first chunk."""


class Undecided(nn.Module):
    """A small network with BatchNorm that cannot be traced."""

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


class Counted(nn.Module):
    """Three layers, each of which tells when it is run."""

    def __init__(self) -> None:
        super().__init__()
        self.flat = nn.Flatten()
        self.first, self.second, self.third = nn.Linear(64, 8), nn.Linear(8, 8), nn.Linear(8, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.third(self.second(self.first(self.flat(inputs)).relu()).relu())


def one_by_one(
    make: Callable[[], nn.Module], ends: tuple[State, State], dataset: Dataset, by: Any, rest: str, bn: Any
) -> list[tuple[list[float], list[float], list[float]]]:
    """Every state whole, from the path's definition, through `evaluate`."""
    model, still = make(), ends[1] if rest == "final" else ends[0]
    network, statistics = treatment(bn, frozen(model), ends[1], dataset.train, dataset.normalise, "float32")
    line = paths.linear(*ends)
    found = []
    for group in (whole(model), *groups(model, by).values()):
        path = line if group.name == "all" else paths.only(group.entries, line, still)
        metrics = []
        for alpha in ALPHAS:
            # What does not move on any path, such as a count of batches, is of no account in these networks.
            state = path(alpha)
            state = state | statistics(state)
            metrics.append(evaluate(network, state, sample(dataset.test), dataset.normalise, batch_size=BATCH))
        found.append(([m.loss for m in metrics], [m.loss_stderr for m in metrics], [m.accuracy for m in metrics]))
    return found


def walked_with_reason(
    model: nn.Module, ends: tuple[State, State], dataset: Dataset, on_pass: Any = lambda *_: None, **asked: Any
) -> tuple[list[tuple[list[float], list[float], list[float]]], str | None]:
    question = Question(**{"alphas": ALPHAS, "batch_size": BATCH, **asked})
    examples = {name: sample(getattr(dataset, name)) for name in question.splits}
    found, reason = walk(model, ends, question, dataset, examples, on_pass)
    values = [series.splits[question.splits[0]] for series in found]
    return [(list(v.loss), list(v.loss_stderr), list(v.accuracy)) for v in values], reason


@pytest.mark.parametrize("rest", ["initial", "final"])
@pytest.mark.parametrize("bn", ["running", "final", "recalibrate", "batch"])
@pytest.mark.parametrize("by", ["block", "layer"])
def test_a_small_residual_network_is_as_state_by_state(
    by: str, bn: str, rest: str, pictures: Pictures, trained: Trained
):
    make, dataset = functools.partial(build, "resnet8", (1, 8, 8), 10, width=4), pictures(num_test=10)
    ends = trained(make, dataset)
    found, reason = walked_with_reason(make(), ends, dataset, by=by, bn=bn, rest=rest)
    assert reason is None
    assert found == one_by_one(make, ends, dataset, by, rest, bn)


@pytest.mark.parametrize("bn", ["running", "recalibrate"])
@pytest.mark.parametrize("name", ["densenet121", "mobilenet_v3_small"])
def test_torchvision_networks_are_as_state_by_state(name: str, bn: str, pictures: Pictures, trained: Trained):
    make = functools.partial(getattr(torchvision.models, name), weights=None, num_classes=10)
    dataset = pictures(num_train=4, num_test=4, shape=(3, 32, 32))
    ends = trained(make, dataset, num_steps=1)
    found, reason = walked_with_reason(make(), ends, dataset, by="block", bn=bn)
    assert reason is None
    assert found == one_by_one(make, ends, dataset, "block", "final", bn)


@pytest.mark.parametrize("bn", ["running", "final", "recalibrate", "batch"])
def test_what_cannot_be_traced_is_as_state_by_state_and_says_why(bn: str, pictures: Pictures, trained: Trained):
    dataset = pictures()
    ends = trained(Undecided, dataset)
    found, reason = walked_with_reason(Undecided(), ends, dataset, by="layer", bn=bn)
    assert reason
    assert found == one_by_one(Undecided, ends, dataset, "layer", "final", bn)


@pytest.mark.parametrize("bn", ["running", "final", "recalibrate", "batch"])
def test_statistics_of_a_norm_that_is_called_again_later(bn: str, pictures: Pictures, trained: Trained):
    dataset = pictures()
    ends = trained(Norm, dataset, lr=0.5)
    found, _ = walked_with_reason(Norm(), ends, dataset, by="layer", bn=bn)
    assert found == one_by_one(Norm, ends, dataset, "layer", "final", bn)


@pytest.mark.parametrize("rest", ["initial", "final"])
def test_a_layer_is_run_once_for_all_that_moves_behind_it(rest: str, pictures: Pictures, trained: Trained):
    dataset = pictures(num_test=11)
    ends = trained(Counted, dataset)
    model, calls = Counted(), dict.fromkeys(("flat", "first", "second", "third"), 0)

    def count(name: str) -> Callable[..., None]:
        def called(*_: object) -> None:
            calls[name] += 1

        return called

    for name in calls:
        getattr(model, name).register_forward_hook(count(name))
    asked = {"alphas": (0.0, 0.2, 0.5, 0.8, 1.0), "by": "block", "rest": rest}
    _, reason = walked_with_reason(model, ends, dataset, **asked)
    assert reason is None
    chunks, moving = len(cut(11, BATCH)), 4  # of five points one is the resting state
    # The whole network's points and its own; then those of every layer before it; and the resting pass.
    assert calls["first"] == CHECK + chunks * (2 * moving + 1)
    assert calls["second"] == CHECK + chunks * (3 * moving + 1)
    assert calls["third"] == CHECK + chunks * (4 * moving + 1)
    assert calls["flat"] <= calls["first"]


@pytest.mark.parametrize("at", [0.0, 1.0])
def test_points_at_rest_take_one_pass_together(at: float, pictures: Pictures, trained: Trained):
    dataset = pictures(num_test=11)
    ends = trained(Counted, dataset)
    model, calls = Counted(), []
    model.third.register_forward_hook(lambda *_: calls.append(1))
    walked_with_reason(model, ends, dataset, by="block", alphas=(at,), rest="final" if at else "initial")
    assert len(calls) == CHECK + len(cut(11, BATCH))


@pytest.mark.parametrize("make", [Counted, Undecided])
def test_passes_are_counted_up_to_their_number(make: Callable[[], nn.Module], pictures: Pictures, trained: Trained):
    dataset = pictures(num_train=9, num_test=11)
    ends, told = trained(make, dataset), []
    splits = ("test", "train")
    walked_with_reason(make(), ends, dataset, lambda *now: told.append(now), by="block", splits=splits)
    walkers = 1 + len(groups(make(), "block"))
    total = walkers * len(ALPHAS) * (len(cut(11, BATCH)) + len(cut(9, BATCH)))
    assert [(done, of) for _, done, of in told] == [(done, total) for done in range(1, total + 1)]
    assert {name for name, _, _ in told} == {"all", *groups(make(), "block")}


@pytest.mark.parametrize("bn", ["running", "recalibrate"])
def test_bfloat16_is_near_float32(bn: str, pictures: Pictures, trained: Trained):
    make, dataset = functools.partial(build, "resnet8", (1, 8, 8), 10, width=4), pictures()
    ends = trained(make, dataset)
    half, full = (
        walked_with_reason(make(), ends, dataset, by="block", bn=bn, precision=precision)[0]
        for precision in ("bfloat16", "float32")
    )
    assert half != full
    for one, other in zip(half, full, strict=True):
        assert one[0] == pytest.approx(other[0], abs=0.05)
