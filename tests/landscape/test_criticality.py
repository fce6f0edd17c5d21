"""Module criticality: one slow plain loop, a closed form, and what a user may ask."""

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import oracle
import pytest
import torch
from scipy.stats import norm
from torch import Tensor, nn

from lininterp_cli.config.seeds import derive
from lininterp_cli.data.dataset import Dataset
from lininterp_cli.errors import ConfigError, UnknownNameError
from lininterp_cli.landscape import criticality as module
from lininterp_cli.landscape.criticality import RATIOS, CriticalityQuestion, criticality, measure, noise
from lininterp_cli.landscape.curves.measures import Criticality, measures_of
from lininterp_cli.landscape.interpolate import Ground
from lininterp_cli.models.registry import build
from lininterp_cli.models.state import State
from lininterp_cli.runs.run import Run
from lininterp_cli.training.evaluation import sample

CPU = torch.device("cpu")
FEW = (0.125, 0.5, 2.0)


class Tied(nn.Module):
    """Two layers that share a weight."""

    def __init__(self) -> None:
        super().__init__()
        self.flat, self.first, self.second = nn.Flatten(), nn.Linear(64, 64), nn.Linear(64, 64)
        self.last = nn.Linear(64, 10)
        self.second.weight = self.first.weight

    def forward(self, inputs: Tensor) -> Tensor:
        return self.last(self.second(self.first(self.flat(inputs)).relu()).relu())


@pytest.fixture
def few_sigmas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only some sigmas are tried."""
    monkeypatch.setattr(module, "RATIOS", FEW)


def residual() -> nn.Module:
    return build("resnet8", (1, 8, 8), 10, width=4)


def measured(
    make: Callable[[], nn.Module], ends: tuple[State, State], dataset: Dataset, *, batch_size: int = 7, **asked: Any
) -> Criticality:
    question = CriticalityQuestion(**asked)
    examples = sample(dataset.train, question.num_examples)
    return measure(make(), ends, dataset, examples, question, device=CPU, batch_size=batch_size)


def slowly(
    make: Callable[[], nn.Module], ends: tuple[State, State], dataset: Dataset, moving: list[str], epsilon: float,
    alphas: tuple[float, ...], num_draws: int,
) -> float:  # fmt: skip
    """mu of one block: every point of the grid, a network loaded anew for each draw, in float64."""
    start, end = ends
    model = make()
    first_names = {id(tensor): name for name, tensor in model.named_parameters()}
    owners = {
        name: first_names[id(tensor)]
        for name, tensor in model.state_dict(keep_vars=True).items()
        if isinstance(tensor, nn.Parameter) and name in moving
    }
    parameters = sorted(set(owners.values()))
    moved, num = oracle.distance(start, end, parameters), sum(end[name].numel() for name in parameters)
    inputs, labels = dataset.normalise(dataset.train.inputs), dataset.train.labels

    def num_wrong(alpha: float, sigma: float, draw: int) -> int:
        state = oracle.mixed(start, end, alpha, moving, end)
        for name, owner in owners.items():
            generator = torch.Generator().manual_seed(derive(0, "criticality", draw, owner))
            state[name] = state[name] + sigma * torch.randn(end[owner].shape, generator=generator).double()
        model.double().load_state_dict(state)
        with torch.no_grad():
            return int((model.eval()(inputs.double()).argmax(1) != labels).sum())

    best = math.inf
    for alpha, ratio in itertools.product(alphas, FEW):
        sigma = ratio * moved / math.sqrt(num)
        wrong = sum(num_wrong(alpha, sigma if alpha else 0.0, draw) for draw in range(num_draws))
        if wrong <= epsilon * num_draws * len(labels) + 1e-9:
            best = min(best, (alpha * moved / sigma) ** 2)
    return best


@pytest.mark.usefixtures("few_sigmas")
@pytest.mark.parametrize(("make", "slack"), [(residual, 0.05), (residual, 0.3), (Tied, 0.1)])
def test_every_block_is_what_the_slow_loop_finds(
    make: Callable[[], nn.Module], slack: float, pictures: Callable[..., Dataset], trained: Any
):
    dataset = pictures(num_train=20)
    ends = trained(make, dataset, num_steps=40, lr=0.1)
    alphas = (0.0, 0.4, 1.0)
    own = measured(make, ends, dataset).final_error
    found = measured(make, ends, dataset, alphas=alphas, num_draws=2, epsilon=own + slack)
    known = {
        name: slowly(
            make, ends, dataset, [key for key in ends[0] if key.startswith(f"{name}.")], own + slack, alphas, 2
        )
        for name in found.blocks
        if make is residual and name != "conv1"
    }
    if make is Tied:
        tied = ["first.weight", "first.bias", "second.weight"]
        known = {"first": slowly(make, ends, dataset, tied, own + slack, alphas, 2)}
    for name, expected in known.items():
        mu = found.blocks[name].mu
        assert (math.inf if mu is None else mu) == pytest.approx(expected, rel=1e-6), name
    assert max(known.values()) > 0


@pytest.mark.parametrize("epsilon", [0.1, 0.3])
def test_a_linear_network_has_the_closed_form(epsilon: float, vectors: Callable[..., Dataset]):
    num = 600
    end = torch.stack([-torch.ones(num), torch.ones(num)])
    ends = {"weight": torch.zeros(2, num)}, {"weight": end}
    dataset = vectors(torch.eye(num), torch.ones(num, dtype=torch.int64))
    found = measured(
        lambda: nn.Linear(num, 2, bias=False), ends, dataset, epsilon=epsilon, num_examples=None, num_draws=6,
        alphas=tuple(step / 20 for step in range(21)), by="layer", batch_size=1000,
    ).blocks["weight"]  # fmt: skip
    # The margin 2 alpha has noise of deviation sigma sqrt 2, so P(error) = Phi(-alpha sqrt 2 / sigma); D^2 = 2 N.
    expected = num * norm.isf(epsilon) ** 2
    assert found.mu == pytest.approx(expected, rel=0.12)
    assert found.error == pytest.approx(epsilon, abs=0.02)
    assert found.error <= epsilon
    assert (found.distance, found.num_parameters) == (pytest.approx(math.sqrt(2 * num)), 2 * num)
    assert not found.is_at_edge


def test_a_block_that_can_go_back_is_not_critical(vectors: Callable[..., Dataset]):
    dataset = vectors(torch.eye(4), torch.ones(4, dtype=torch.int64))
    end = torch.stack([-torch.ones(4), torch.ones(4)])
    ends = {"weight": end / 2}, {"weight": end}
    found = measured(lambda: nn.Linear(4, 2, bias=False), ends, dataset, by="layer").blocks["weight"]
    assert (found.mu, found.alpha, found.sigma, found.error) == (0.0, 0.0, 0.0, 0.0)
    assert not found.is_at_edge


@pytest.mark.usefixtures("few_sigmas")
def test_a_block_that_did_not_move_is_not_critical(pictures: Callable[..., Dataset], trained: Any):
    dataset = pictures()
    start, end = trained(residual, dataset, num_steps=20)
    start = start | {name: tensor for name, tensor in end.items() if name.startswith("layer2.")}
    found = measured(residual, (start, end), dataset)
    assert found.blocks["layer2"].mu == found.blocks["layer2"].distance == 0.0
    assert found.blocks["layer2"].error == found.final_error
    assert found.total == pytest.approx(sum(block.mu for block in found.blocks.values()))


def test_the_edge_of_the_grid_is_said(vectors: Callable[..., Dataset]):
    dataset = vectors(torch.eye(8), torch.ones(8, dtype=torch.int64))
    end = torch.stack([-torch.ones(8), torch.ones(8)])
    ends = {"weight": -end}, {"weight": end}

    def block(**asked: Any) -> Any:
        return measured(lambda: nn.Linear(8, 2, bias=False), ends, dataset, by="layer", **asked)

    # However much noise there is, half of the examples are right.
    free = block(epsilon=0.95).blocks["weight"]
    assert free.is_at_edge
    assert free.sigma == pytest.approx(RATIOS[-1] * free.distance / math.sqrt(16))
    # Before the middle of the way everything is wrong.
    none = block(alphas=(0.0, 0.25))
    assert none.blocks["weight"].mu is None
    assert none.blocks["weight"].is_at_edge
    assert none.total is None


@pytest.mark.usefixtures("few_sigmas")
def test_batches_decide_nothing(pictures: Callable[..., Dataset], trained: Any):
    dataset = pictures()
    ends = trained(residual, dataset, num_steps=30, lr=0.1)
    one, other = (measured(residual, ends, dataset, alphas=(0.5, 1.0), batch_size=size) for size in (24, 5))
    assert other == one
    assert one.total != 0


@pytest.mark.usefixtures("few_sigmas")
def test_a_block_alone_is_what_it_is_among_others(pictures: Callable[..., Dataset], trained: Any):
    dataset = pictures()
    ends = trained(residual, dataset, num_steps=30, lr=0.1)
    everything = measured(residual, ends, dataset, by="layer", num_draws=1)
    alone = measured(residual, ends, dataset, by="layer", num_draws=1, blocks=("layer2.0.conv1", "fc"))
    assert alone.blocks == {name: everything.blocks[name] for name in ("layer2.0.conv1", "fc")}


def test_noise_is_normal_differs_between_draws_and_is_shared_by_tied_weights():
    first, other = noise(Tied(), 0, CPU), noise(Tied(), 1, CPU)
    assert first["second.weight"] is first["first.weight"]
    assert not first["first.weight"].equal(other["first.weight"])
    values = first["first.weight"]
    assert float(values.mean()) == pytest.approx(0, abs=0.06)
    assert float(values.std()) == pytest.approx(1, abs=0.05)
    assert set(noise(residual(), 0, CPU)) == {name for name, _ in residual().named_parameters()}


def test_less_error_than_the_final_network_has_cannot_be_asked(vectors: Callable[..., Dataset]):
    dataset = vectors(torch.eye(4), torch.tensor([0, 1, 1, 1]))
    end = torch.stack([-torch.ones(4), torch.ones(4)])
    with pytest.raises(ConfigError, match=r"own training error is 0\.25"):
        measured(lambda: nn.Linear(4, 2, bias=False), ({"weight": -end}, {"weight": end}), dataset, epsilon=0.1)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"num_examples": 0}, "examples must be 1 or more"),
        ({"num_draws": 0}, "draws must be 1 or more"),
        ({"epsilon": 1.0}, "--epsilon is a fraction"),
        ({"epsilon": math.nan}, "--epsilon is a fraction"),
    ],
)
def test_a_question_without_an_answer_is_refused(asked: dict[str, Any], words: str):
    with pytest.raises(ConfigError, match=words):
        CriticalityQuestion(**asked)


def test_different_questions_have_different_names():
    plain = CriticalityQuestion()
    others = [
        plain,
        replace(plain, by="layer"),
        replace(plain, blocks=("fc",)),
        replace(plain, epsilon=0.1),
        replace(plain, alphas=(0.0, 1.0)),
        replace(plain, num_examples=None),
        replace(plain, num_draws=4),
    ]
    assert plain.name == "criticality-by-block"
    assert len({one.name for one in others}) == len(others)


@pytest.mark.usefixtures("few_sigmas")
def test_a_run_keeps_it_and_finds_it_again(run: Run, ground: Ground):
    question = CriticalityQuestion(num_examples=64, num_draws=1)
    steps: list[tuple[int, int]] = []
    found, is_new = criticality(run, question, ground, lambda done, total: steps.append((done, total)), print)
    assert is_new
    assert steps
    assert steps[-1][0] == steps[-1][1]
    assert steps == sorted(steps)
    assert list(found.blocks) == ["conv1", "layer1", "layer2", "layer3", "fc"]
    assert (found.run, found.num_examples, found.start["checkpoint"]) == (run.id, 64, "initial")
    assert criticality(run, question, ground, lambda *_: pytest.fail("measured again"), print) == (found, False)
    assert measures_of(run) == [found]
    again, is_new = criticality(run, question, ground, lambda *_: None, print, force=True)
    assert (again, is_new) == (found, True)


def test_a_block_that_there_is_not_is_refused_before_anything_is_written(run: Run, ground: Ground):
    before = set(run.folder.rglob("*"))
    with pytest.raises(UnknownNameError, match="did you mean layer"):
        criticality(run, CriticalityQuestion(blocks=("layer9",)), ground, lambda *_: None, print)
    assert set(run.folder.rglob("*")) == before
