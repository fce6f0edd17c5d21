"""Paths against closed forms: a straight line through a linear model is a parabola in alpha."""

from collections.abc import Callable
from typing import Any

import numpy as np
import oracle
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.func import functional_call

from lininterp_cli.data.dataset import Dataset
from lininterp_cli.errors import StateError
from lininterp_cli.landscape.engine import paths
from lininterp_cli.models.state import State, lerp
from lininterp_cli.training.evaluation import forward

NAMES = ("a.weight", "a.bias", "b.weight", "b.running_mean", "b.num_batches_tracked")
ALPHAS = st.floats(0, 1, allow_subnormal=False)


def drawn(seed: int, dtype: torch.dtype = torch.float32) -> State:
    generator = torch.Generator().manual_seed(seed)
    state = {name: torch.randn(3, 2, generator=generator, dtype=torch.float64).to(dtype) for name in NAMES[:-1]}
    return {**state, NAMES[-1]: torch.tensor(seed)}


def equal(one: State, other: State) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


Line = Callable[[float], State]


def squared_losses(path: Line, model: nn.Module, inputs: Tensor, targets: Tensor, alphas: list[float]):
    outputs = [forward(model, path(alpha), inputs, "float64") for alpha in alphas]
    return np.array([float(((one - targets) ** 2).sum()) for one in outputs])


def linear_problem(seed: int = 0) -> tuple[nn.Module, State, State, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    model = nn.Linear(4, 3)
    start, end = (
        {name: torch.randn(t.shape, generator=generator, dtype=torch.float64) for name, t in model.state_dict().items()}
        for _ in range(2)
    )
    inputs = torch.randn(11, 4, generator=generator)
    return model, start, end, inputs, torch.randn(11, 3, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("moving", [("weight", "bias"), ("weight",), ("bias",), ()])
@pytest.mark.parametrize("rest", ["final", "initial"])
def test_squared_loss_of_a_linear_model_is_the_exact_parabola(moving: tuple[str, ...], rest: str):
    model, start, end, inputs, targets = linear_problem()
    resting = end if rest == "final" else start
    line = paths.linear(start, end)
    alphas = [0.0, 0.1, 0.25, 0.5, 0.9, 1.0]

    def residual(ends: dict[str, State]) -> np.ndarray:
        weight, bias = (np.asarray(ends[name][name]) for name in ("weight", "bias"))
        return np.asarray(inputs.double()) @ weight.T + bias - np.asarray(targets)

    first = residual({name: start if name in moving else resting for name in start})
    last = residual({name: end if name in moving else resting for name in start})
    step = last - first
    expected = [(first**2).sum() + 2 * a * (first * step).sum() + a**2 * (step**2).sum() for a in alphas]
    found = squared_losses(lambda alpha: resting | line(alpha, moving), model, inputs, targets, alphas)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-9)


@given(st.integers(0, 10_000), ALPHAS)
def test_three_points_of_a_parabola_say_where_every_other_is(seed: int, alpha: float):
    model, start, end, inputs, targets = linear_problem(seed)
    path = paths.linear(start, end)
    first, middle, last, there = squared_losses(path, model, inputs, targets, [0.0, 0.5, 1.0, alpha])
    guess = first * (1 - alpha) * (1 - 2 * alpha) + middle * 4 * alpha * (1 - alpha) + last * alpha * (2 * alpha - 1)
    assert there == pytest.approx(guess, rel=1e-6, abs=1e-6)


def test_forward_is_what_torch_computes_with_the_state():
    model, start, end, inputs, _ = linear_problem()
    state = paths.linear(start, end)(0.3)
    expected = functional_call(model.double(), oracle.mixed(start, end, 0.3, None, end), (inputs.double(),))
    torch.testing.assert_close(forward(model, state, inputs, "float64"), expected, rtol=1e-13, atol=1e-13)


def test_cross_entropy_of_a_linear_softmax_model_is_convex(
    vectors: Callable[..., Dataset], walked: Callable[..., list[Any]]
):
    generator = torch.Generator().manual_seed(3)
    dataset = vectors(torch.randn(40, 5, generator=generator), torch.arange(40) % 4)
    model = nn.Linear(5, 4)
    ends = tuple(
        {name: torch.randn(t.shape, generator=generator) for name, t in model.state_dict().items()} for _ in range(2)
    )
    alphas = tuple(np.linspace(0, 1, 41))
    full, weight, bias = walked(model, ends, dataset, alphas=alphas, by="tensor", dtype="float64")
    for series in (full, weight, bias):
        bends = np.diff(series.splits["test"].loss, n=2)
        assert bends.min() > 0  # strictly: no direction here leaves every softmax as it is


@given(st.integers(0, 1000), ALPHAS)
def test_line_is_the_weighted_mean_and_leaves_the_ends_alone(seed: int, alpha: float):
    start, end = drawn(seed), drawn(seed + 1)
    before = [{name: tensor.clone() for name, tensor in state.items()} for state in (start, end)]
    state = paths.linear(start, end)(alpha)
    expected = oracle.mixed(start, end, alpha, None, end)
    for name in NAMES[:-1]:
        assert state[name].dtype == torch.float32
        torch.testing.assert_close(state[name].double(), expected[name], rtol=1e-6, atol=1e-6)
    assert equal(start, before[0])
    assert equal(end, before[1])


def test_ends_of_the_line_are_the_ends_bit_for_bit():
    start, end = drawn(1), drawn(2)
    path = paths.linear(start, end)
    assert equal(path(0.0), start)
    assert equal(path(1.0), end)


def test_a_path_can_be_walked_twice():
    path = paths.linear(drawn(1), drawn(2))
    assert equal(path(0.5), path(0.5))


def test_ends_of_two_architectures_are_refused():
    start, end = drawn(1), drawn(2)
    del end["a.bias"]
    with pytest.raises(StateError, match=r"a\.bias"):
        paths.linear(start, end)


MIXED: dict[str, torch.dtype] = {
    "float": torch.float32, "double": torch.float64, "half": torch.float16, "brain": torch.bfloat16,
    "complex": torch.complex64, "count": torch.int64, "flag": torch.bool, "mask": torch.float32,
}  # fmt: skip


def odd_state(seed: int) -> State:
    """Entries of every kind, of which one holds infinities and one is the same at all seeds."""
    generator = torch.Generator().manual_seed(seed)
    state = {name: (torch.randn(3, 4, generator=generator) * 5).to(dtype) for name, dtype in MIXED.items()}
    state["mask"][0, :2] = float("-inf")
    state["mask"][1, seed % 3] = float("inf")
    state["image"] = torch.randn(4, 3, 5, 5, generator=generator).contiguous(memory_format=torch.channels_last)
    return state | {"same": torch.linspace(-1, 1, 7)}


def bits(tensor: Tensor) -> list[Any]:
    return [tensor.dtype, tensor.shape, [str(one) for one in tensor.flatten().tolist()]]


@given(st.integers(0, 300), st.lists(st.floats(-1, 2, allow_subnormal=False), min_size=1, max_size=4))
def test_a_path_gives_the_bits_of_the_mixed_state_with_and_without_room(seed: int, alphas: list[float]):
    start, end = odd_state(seed), odd_state(seed + 1)
    before = [{name: tensor.clone() for name, tensor in state.items()} for state in (start, end)]
    path, room = paths.linear(start, end), State()
    for alpha in (*alphas, 0.0, 0.5, 1.0):
        expected = lerp(start, end, alpha)
        for state in (path(alpha), path(alpha, None, room)):
            assert list(state) == list(start)
            assert {name: bits(tensor) for name, tensor in state.items()} == {
                name: bits(tensor) for name, tensor in expected.items()
            }
    for state, kept in zip((start, end), before, strict=True):
        assert all(bits(state[name]) == bits(kept[name]) for name in kept)


def test_a_walk_with_room_takes_memory_once():
    start, end = odd_state(1), odd_state(2)
    path, room = paths.linear(start, end), State()
    plain = {"float", "double", "image"}
    first = path(0.1, None, room)
    assert plain <= room.keys()
    for alpha in (0.2, 0.9, 0.0, 0.4, 1.0, 1.7):
        state = path(alpha, None, room)
        for name in plain:
            kept = {0.0: start, 1.0: end}.get(alpha, first)
            assert state[name].data_ptr() == kept[name].data_ptr(), (name, alpha)
    # Without room every state is a new one, and the room does not take more than it is given.
    assert path(0.2)["float"].data_ptr() != first["float"].data_ptr()
    assert not {tensor.data_ptr() for tensor in room.values()} & {
        tensor.data_ptr() for state in (start, end) for tensor in state.values()
    }
    assert room["image"].is_contiguous(memory_format=torch.channels_last)


def test_only_what_is_asked_for_is_computed():
    start, end = odd_state(1), odd_state(2)
    path, room = paths.linear(start, end), State()
    assert list(path(0.3, ["image", "count"], room)) == ["image", "count"]
    assert list(room) == ["image"]
    path(0.6, ["float"], room)
    assert torch.equal(room["image"], lerp(start, end, 0.3)["image"])


def test_what_does_not_move_is_shared_with_the_ends():
    start = odd_state(1)
    end = odd_state(2) | {"float": start["float"], "count": start["count"]}
    state = paths.linear(start, end)(0.5, None, {})
    assert state["float"] is end["float"]
    assert state["count"] is end["count"]
