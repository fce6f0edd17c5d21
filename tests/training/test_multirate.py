"""Multirate SGD beside the formula written out, and beside torch's SGD where both are the same."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from lininterp_cli.config.presets import configure
from lininterp_cli.errors import ConfigError, UnknownNameError
from lininterp_cli.models.registry import build
from lininterp_cli.runs.run import Run
from lininterp_cli.training import recipe
from lininterp_cli.training.checkpoints import load_checkpoint
from lininterp_cli.training.multirate import Multirate
from lininterp_cli.training.optimizers import OPTIMIZERS
from lininterp_cli.training.request import Request
from lininterp_cli.training.train import train

LR, MU, DECAY = 0.06, 0.8, 0.01
Gradients = Callable[[Tensor, Tensor, int], tuple[Tensor, Tensor]]


def by_the_formula(slow: Tensor, fast: Tensor, gradients: Gradients, k: int, num_cycles: int) -> tuple[Tensor, Tensor]:
    """The algorithm of Vlaar & Leimkuhler 2022 as two nested loops, in float64."""
    p_slow, p_fast = torch.zeros_like(slow), torch.zeros_like(fast)
    for cycle in range(num_cycles):
        g_slow = gradients(slow, fast, cycle * k)[0] + DECAY * slow
        p_slow = MU * p_slow + g_slow
        for inner in range(k):
            g_fast = gradients(slow, fast, cycle * k + inner)[1] + DECAY * fast
            p_fast = MU * p_fast + g_fast
            slow, fast = slow - LR / k * p_slow, fast - LR / k * p_fast
    return slow, fast


def optimizer_of(slow: list[nn.Parameter], fast: list[nn.Parameter], k: int) -> torch.optim.Optimizer:
    groups = [{"block": "stem", "params": slow}, {"block": "head", "params": fast}]
    return OPTIMIZERS["multirate"](groups, False, lr=LR, momentum=MU, weight_decay=DECAY, k=k)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_a_coupled_quadratic_goes_as_the_formula_says(k: int) -> None:
    generator = torch.Generator().manual_seed(0)
    root = torch.randn(5, 5, generator=generator, dtype=torch.float64)
    bowl = root @ root.T / 5 + torch.eye(5)
    shifts = torch.randn(60, 5, generator=generator, dtype=torch.float64)  # each step's batch pulls elsewhere

    def gradients(slow: Tensor, fast: Tensor, step: int) -> tuple[Tensor, Tensor]:
        pull = bowl @ torch.cat([slow, fast]) + shifts[step]
        return pull[:3], pull[3:]

    start = torch.randn(5, generator=generator, dtype=torch.float64)
    slow, fast = nn.Parameter(start[:3].clone()), nn.Parameter(start[3:].clone())
    optimizer = optimizer_of([slow], [fast], k)
    for step in range(12 * k):
        optimizer.zero_grad()
        theta = torch.cat([slow, fast])
        (theta @ bowl @ theta / 2 + shifts[step] @ theta).backward()
        optimizer.step()
    expected = by_the_formula(start[:3], start[3:], gradients, k, 12)
    torch.testing.assert_close((slow.data, fast.data), expected, rtol=1e-12, atol=1e-12)


def test_a_small_network_goes_as_the_formula_says() -> None:
    torch.manual_seed(0)
    model = build("mlp", (2,), 3, width=4).double()
    inputs, labels = torch.randn(30, 8, 2, dtype=torch.float64), torch.randint(3, (30, 8))
    names = [name for name, _ in model.named_parameters()]
    sizes = [parameter.numel() for parameter in model.parameters()]
    num_slow = sum(sizes[:4])  # fc1 and fc2; fc3 is fast

    def gradients(slow: Tensor, fast: Tensor, step: int) -> tuple[Tensor, Tensor]:
        theta = torch.cat([slow, fast]).requires_grad_()
        parts = zip(names, theta.split(sizes), model.parameters(), strict=True)
        state = {name: part.view(like.shape) for name, part, like in parts}
        loss = functional.cross_entropy(torch.func.functional_call(model, state, (inputs[step],)), labels[step])
        (gradient,) = torch.autograd.grad(loss, theta)
        return gradient[:num_slow], gradient[num_slow:]

    start = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
    expected = torch.cat(by_the_formula(start[:num_slow], start[num_slow:], gradients, 3, 10))
    settings = {"name": "multirate", "lr": LR, "momentum": MU, "weight_decay": DECAY, "k": 3}
    config = recipe.resolve(configure({"model": {"name": "mlp"}, "optimizer": settings}))
    optimizer = recipe.optimizer(config, model, torch.device("cpu"))
    for step in range(30):
        optimizer.zero_grad()
        functional.cross_entropy(model(inputs[step]), labels[step]).backward()
        optimizer.step()
    found = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
    torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-12)
    assert not torch.allclose(found, start)


def test_one_fast_step_to_a_slow_one_is_sgd_with_momentum() -> None:
    torch.manual_seed(0)
    model = build("mlp", (2,), 2, width=5)
    twin = copy.deepcopy(model)
    parameters = list(model.parameters())
    ours = optimizer_of(parameters[:4], parameters[4:], 1)
    theirs = torch.optim.SGD(twin.parameters(), lr=LR, momentum=MU, weight_decay=DECAY)
    for _ in range(20):
        inputs, labels = torch.randn(16, 2), torch.randint(2, (16,))
        for network, optimizer in ((model, ours), (twin, theirs)):
            optimizer.zero_grad()
            functional.cross_entropy(network(inputs), labels).backward()
            optimizer.step()
    for one, other in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)


def test_a_closure_is_called_once_and_its_loss_given_back() -> None:
    point = nn.Parameter(torch.ones(1))
    calls = []

    def closure() -> Tensor:
        calls.append(1)
        loss = (point**2).sum()
        loss.backward()
        return loss

    optimizer = Multirate([{"params": [point], "is_fast": True}], lr=0.5, momentum=0.0, weight_decay=0.0, k=2)
    assert optimizer.step(closure) == 1.0
    assert (len(calls), point.item()) == (1, 0.5)


def fast_blocks(fast: str) -> list[str]:
    groups = [{"block": name, "params": [nn.Parameter(torch.zeros(1))]} for name in ("a", "b", "c")]
    optimizer = OPTIMIZERS["multirate"](groups, False, fast=fast)
    return [group["block"] for group in optimizer.param_groups if group["is_fast"]]


def test_the_fast_part_is_the_last_block_or_what_is_named() -> None:
    assert fast_blocks("") == ["c"]
    assert fast_blocks("a") == ["a"]
    assert fast_blocks("c, b") == ["b", "c"]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"fast": "fc4"}, UnknownNameError, r"unknown block 'fc4'; did you mean .* \(all: fc1, fc2, fc3\)"),
        ({"fast": "fc1,fc2,fc3"}, ConfigError, "needs a slow block"),
        ({"k": 0}, ConfigError, "k must be 1 or more, not 0"),
        ({"momentum": 1.0}, ConfigError, "momentum"),
        ({"lr": 0.0}, ConfigError, "lr"),
    ],
)
def test_what_cannot_be_meant_leaves_no_trace(
    want: Callable[..., Request], silent: Any, settings: dict[str, Any], error: type[Exception], message: str
) -> None:
    request = want({"optimizer": {"name": "multirate", **settings}})
    with pytest.raises(error, match=message):
        train(request, silent)
    assert not request.store.folder.exists()


def test_a_network_of_one_block_has_no_slow_part() -> None:
    groups = [{"block": "all", "params": [nn.Parameter(torch.zeros(1))]}]
    with pytest.raises(ConfigError, match="needs a slow block beside the fast all"):
        OPTIMIZERS["multirate"](groups, False)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_going_on_is_as_if_never_stopped_in_every_precision(
    want: Callable[..., Request], silent: Any, stopping: Any, dtype: str
) -> None:
    settings = {"optimizer": {"name": "multirate", "k": 4, "fast": "fc2"}, "training": {"dtype": dtype}}
    whole = train(want(settings, runs="whole"), silent)
    with pytest.raises(KeyboardInterrupt):
        train(want(settings), stopping(2, 2))  # 3 steps an epoch: in the middle of a cycle
    parts = train(want(settings), silent)
    assert same(whole, parts)
    assert not same(whole, train(want({**settings, "optimizer": {"name": "momentum"}}), silent))


def same(first: Run, second: Run) -> bool:
    one, other = load_checkpoint(first, "final"), load_checkpoint(second, "final")
    return all(torch.equal(one[name], other[name]) for name in one)
