"""Gauss length: closed forms, slow finite differences for every network, and what a user may ask."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import oracle
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from lininterp_cli.data.dataset import Dataset
from lininterp_cli.errors import ConfigError, NotFoundError, UnknownNameError
from lininterp_cli.landscape.curves.measures import measures_of
from lininterp_cli.landscape.gauss_length import GaussLengthQuestion, gauss_length, measure
from lininterp_cli.landscape.interpolate import Ground
from lininterp_cli.models.state import State
from lininterp_cli.runs.run import Run
from lininterp_cli.training.evaluation import sample

CPU = torch.device("cpu")


class Circle(nn.Module):
    """The logits go round a circle by an angle; the input is its radius."""

    def __init__(self) -> None:
        super().__init__()
        self.angle = nn.Parameter(torch.zeros(()))

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs * torch.stack([self.angle.cos(), self.angle.sin()])


class Kink(nn.Module):
    """The logits go straight on and turn once, by a right angle, where the weight is 0."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs * torch.stack([self.weight.relu(), (-self.weight).relu()])


class Stopping(nn.Module):
    """The logits stand still between 0 and 1 and go on in another direction behind."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs * torch.stack([self.weight.clamp(max=0.0), (self.weight - 1).relu()])


class Lookup(torch.autograd.Function):
    """A function with no forward-mode derivative."""

    @staticmethod
    def forward(context: Any, weight: Tensor) -> Tensor:
        return weight * 2

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        return gradient * 2


class Opaque(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs * torch.stack([Lookup.apply(self.weight), self.weight])


def lengths(
    model: nn.Module, ends: tuple[State, State], dataset: Dataset, alphas: Sequence[float], **how: Any
) -> list[float]:
    return measure(model, ends, dataset, sample(dataset.test), alphas, device=CPU, **how).tolist()


def scalar(name: str, start: float, end: float) -> tuple[State, State]:
    return {name: torch.tensor(start)}, {name: torch.tensor(end)}


@pytest.fixture
def radii(vectors: Callable[..., Dataset]) -> Dataset:
    """Three examples of one number."""
    return vectors(torch.tensor([[0.5], [1.0], [30.0]]), torch.tensor([0, 1, 1]))


def evenly(num: int) -> list[float]:
    return [step / (num - 1) for step in range(num)]


@pytest.mark.parametrize("angle", [0.001, 1.0, 2 * math.pi, 20.0])
def test_round_a_circle_it_is_the_angle(angle: float, radii: Dataset):
    assert lengths(Circle(), scalar("angle", 0.3, 0.3 + angle), radii, evenly(41)) == pytest.approx(
        [angle] * 3, rel=1e-3, abs=1e-5
    )


@pytest.mark.parametrize("num", [2, 7, 50])
def test_one_kink_turns_once_wherever_the_alphas_are(num: int, radii: Dataset):
    found = lengths(Kink(), scalar("weight", -0.37, 1.0), radii, evenly(num))
    assert found == pytest.approx([math.pi / 2] * 3, abs=1e-6)


def test_where_the_logits_stand_still_there_is_no_direction(radii: Dataset):
    found = lengths(Stopping(), scalar("weight", -1.0, 2.0), radii, evenly(13))
    assert found == pytest.approx([math.pi / 2] * 3, abs=1e-6)
    assert lengths(Stopping(), scalar("weight", 0.5, 0.5), radii, evenly(3)) == [0.0] * 3


def test_a_linear_network_goes_straight_on(pictures: Callable[..., Dataset]):
    dataset = pictures()

    def make() -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))

    ends = tuple({key: torch.randn_like(tensor) for key, tensor in make().state_dict().items()} for _ in range(2))
    assert lengths(make(), ends, dataset, evenly(20)) == pytest.approx([0.0] * 18, abs=1e-4)


def test_the_sum_grows_towards_the_integral(radii: Dataset):
    class Parabola(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(()))

        def forward(self, inputs: Tensor) -> Tensor:
            return inputs * torch.stack([self.weight, self.weight**2, self.weight**3])

    def at(num: int) -> float:
        return lengths(Parabola(), scalar("weight", 0.0, 1.0), radii, evenly(num))[0]

    # n is along (1, 2 w, 3 w^2): the integral of ||v x dv/dw|| / ||v||^2, by Simpson's rule.
    grid = torch.linspace(0, 1, 2001, dtype=torch.float64)
    v = torch.stack([torch.ones_like(grid), 2 * grid, 3 * grid**2], dim=1)
    dv = torch.stack([torch.zeros_like(grid), torch.full_like(grid, 2), 6 * grid], dim=1)
    speed = torch.linalg.cross(v, dv).norm(dim=1) / v.norm(dim=1) ** 2
    integral = float(torch.trapezoid(speed, grid))
    sums = [at(num) for num in (2, 3, 5, 17, 65)]
    assert sums == sorted(sums)
    assert sums[-1] <= integral * (1 + 1e-4)
    assert sums[-1] == pytest.approx(integral, rel=1e-3)
    assert sums[0] < 0.98 * integral


def by_differences(
    make: Callable[[], nn.Module], ends: tuple[State, State], dataset: Dataset, alphas: Sequence[float]
) -> list[float]:
    """The same in float64 by central differences and inverse cosines."""
    model = make().double().eval()
    inputs = dataset.normalise(sample(dataset.test).inputs).double()

    @torch.no_grad()
    def logits(alpha: float) -> Tensor:
        model.load_state_dict(oracle.mixed(*ends, alpha, None, ends[1]))
        return model(inputs.clone())

    step = 1e-7
    tangents = [(logits(alpha + step) - logits(alpha - step)) / (2 * step) for alpha in alphas]
    cosines = [functional.cosine_similarity(one, other) for one, other in itertools.pairwise(tangents)]
    return sum(cosine.clamp(-1, 1).arccos() for cosine in cosines).tolist()


LARGE = ("vgg16_bn", "vit_b_16", "convnext_tiny")


def test_every_network_turns_as_its_finite_differences_do(
    costly_architecture: Any, pictures: Callable[..., Dataset], far: Callable[..., tuple[State, State]]
):
    name, make_new, side = costly_architecture
    if name in LARGE:
        pytest.skip("nothing in it that smaller networks lack, and its derivatives take half a minute")
    dataset = pictures(num_train=8, num_test=3, shape=(3, side, side))
    ends = far(make_new, dataset)
    alphas = [0.11, 0.45, 0.83]
    found = lengths(make_new(), ends, dataset, alphas)
    assert found == pytest.approx(by_differences(make_new, ends, dataset, alphas), rel=0.01)
    assert min(found) > 0.01


class Bent(nn.BatchNorm1d):
    """BatchNorm and an activation in one, as in timm."""

    def forward(self, inputs: Tensor) -> Tensor:
        return super().forward(inputs).tanh()


class Functional(nn.BatchNorm1d):
    def forward(self, inputs: Tensor) -> Tensor:
        return functional.batch_norm(
            inputs, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
        ).tanh()


@pytest.mark.parametrize("norm", [Bent, Functional])
def test_a_batch_norm_with_a_forward_of_its_own_turns_as_its_finite_differences_do(
    norm: type[nn.Module], vectors: Callable[..., Dataset], far: Callable[..., tuple[State, State]]
):
    dataset = vectors(torch.randn(4, 5, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 1, 2, 0]))

    def make() -> nn.Module:
        return nn.Sequential(nn.Linear(5, 6), norm(6), nn.Linear(6, 3))

    ends = far(make, dataset)
    assert lengths(make(), ends, dataset, [0.1, 0.5, 0.9]) == pytest.approx(
        by_differences(make, ends, dataset, [0.1, 0.5, 0.9]), rel=0.01
    )


def test_batches_decide_nothing(pictures: Callable[..., Dataset], far: Callable[..., tuple[State, State]]):
    dataset = pictures(num_test=7)

    def make() -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(144, 5)
        )

    ends = far(make, dataset)
    one, *others = (lengths(make(), ends, dataset, evenly(5), batch_size=size) for size in (7, 3, 1))
    for other in others:
        assert other == pytest.approx(one, rel=1e-4)


class Halving(nn.Module):
    """Halves its second layer's weights in each pass."""

    def __init__(self) -> None:
        super().__init__()
        self.flat, self.first, self.last = nn.Flatten(), nn.Linear(64, 6), nn.Linear(6, 4)

    def forward(self, inputs: Tensor) -> Tensor:
        with torch.no_grad():
            self.last.weight.mul_(0.5)
        return self.last(self.first(self.flat(inputs)).tanh())


def test_each_pass_begins_with_the_given_weights(
    pictures: Callable[..., Dataset], far: Callable[..., tuple[State, State]]
):
    dataset = pictures(num_test=7)
    ends = far(Halving, dataset)
    before = [{name: tensor.clone() for name, tensor in state.items()} for state in ends]
    one, other = (lengths(Halving(), ends, dataset, evenly(5), batch_size=size) for size in (7, 2))
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    assert all(torch.equal(one[name], other[name]) for one, other in zip(ends, before, strict=True) for name in one)


def test_neither_the_network_nor_torch_is_changed(radii: Dataset):
    model = nn.Sequential(nn.Linear(1, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    forward = model[1].forward
    lengths(model, (before, before), radii, [0.0, 1.0])
    assert all(tensor.equal(before[name]) for name, tensor in model.state_dict().items())
    assert model[1].forward == forward
    assert torch.backends.mha.get_fastpath_enabled()


def test_logits_that_are_not_finite_have_no_length(radii: Dataset):
    class Diverging(Circle):
        def forward(self, inputs: Tensor) -> Tensor:
            return super().forward(torch.where(inputs > 20, inputs * torch.inf, inputs))

    found = lengths(Diverging(), scalar("angle", 0.0, 1.0), radii, evenly(11))
    assert sorted(map(math.isnan, found)) == [False, False, True]
    assert [length for length in found if length == length] == pytest.approx([1.0, 1.0], abs=1e-5)


def test_a_network_without_a_forward_derivative_is_said(radii: Dataset):
    with pytest.raises(ConfigError, match="no forward-mode derivative"):
        lengths(Opaque(), scalar("weight", 0.0, 1.0), radii, [0.0, 1.0])


def test_where_memory_runs_out_half_as_much_is_computed(radii: Dataset):
    class Hungry(Circle):
        def forward(self, inputs: Tensor) -> Tensor:
            if len(inputs) > 1:
                raise torch.OutOfMemoryError("out of memory")
            return super().forward(inputs)

    assert lengths(Hungry(), scalar("angle", 0.0, 1.0), radii, evenly(9)) == pytest.approx([1.0] * 3, abs=1e-5)

    class Starving(Circle):
        def forward(self, inputs: Tensor) -> Tensor:
            raise torch.OutOfMemoryError("out of memory")

    with pytest.raises(ConfigError, match="too little memory"):
        lengths(Starving(), scalar("angle", 0.0, 1.0), radii, [0.0, 1.0])


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"num_examples": 0}, ConfigError, "examples must be 1 or more"),
        ({"alphas": (0.5,)}, ConfigError, "two or more"),
        ({"split": "valid"}, UnknownNameError, "unknown split"),
    ],
)
def test_a_question_without_an_answer_is_refused(asked: dict[str, Any], error: type[ConfigError], words: str):
    with pytest.raises(error, match=words):
        GaussLengthQuestion(**asked)


def test_different_questions_have_different_names():
    plain = GaussLengthQuestion()
    others = [
        plain,
        replace(plain, start="random:1"),
        replace(plain, end="random:1"),
        replace(plain, alphas=(0.0, 1.0)),
        replace(plain, num_examples=None),
        replace(plain, split="train"),
    ]
    assert plain.name == "gauss-length"
    assert len({one.name for one in others}) == len(others)


def test_a_run_keeps_it_and_finds_it_again(run: Run, ground: Ground):
    question = GaussLengthQuestion(alphas=tuple(evenly(5)), num_examples=40)
    steps: list[tuple[int, int]] = []
    found, is_new = gauss_length(run, question, ground, lambda done, total: steps.append((done, total)), print)
    assert is_new
    assert steps == [(count, 5) for count in range(1, 6)]
    assert (found.run, found.num_examples, found.num_missing, found.end["checkpoint"]) == (run.id, 40, 0, "final")
    assert 0 < found.stderr < found.mean
    assert gauss_length(run, question, ground, lambda *_: pytest.fail("measured again"), print) == (found, False)
    assert measures_of(run) == [found]
    again, is_new = gauss_length(run, question, ground, lambda *_: None, print, force=True)
    assert (again, is_new) == (found, True)
    with pytest.raises(NotFoundError):
        gauss_length(run, replace(question, end="nobody:final"), ground, lambda *_: None, print)
