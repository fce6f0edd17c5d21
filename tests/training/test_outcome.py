"""What a record says of weights, against torch and arithmetic."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from lininterp_cli.data.dataset import Split
from lininterp_cli.models.state import state_of
from lininterp_cli.runs.record import Record
from lininterp_cli.training.outcome import metrics, tell_move


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)).eval()


def split(num: int) -> Split:
    generator = torch.Generator().manual_seed(num)
    return Split(torch.randn(num, 3, generator=generator), torch.arange(num) % 2)


@torch.no_grad()
def test_metrics_of_every_split(network: nn.Module):
    splits = {"train": split(7), "test": split(5)}
    found = metrics(network, state_of(network), splits, lambda inputs: inputs * 2)
    assert list(found) == ["train_loss", "train_accuracy", "test_loss", "test_accuracy"]
    for name, some in splits.items():
        logits = network(some.inputs * 2)
        assert found[f"{name}_loss"] == pytest.approx(float(functional.cross_entropy(logits, some.labels)), rel=1e-6)
        assert found[f"{name}_accuracy"] == float((logits.argmax(1) == some.labels).double().mean())


def test_a_loss_that_is_not_finite_is_none(network: nn.Module):
    state = state_of(network)
    state["2.bias"][0] = math.nan
    assert metrics(network, state, {"test": split(4)}, lambda inputs: inputs)["test_loss"] is None


def test_weights_are_brought_to_the_device_once(network: nn.Module, monkeypatch: pytest.MonkeyPatch):
    moved: list[Any] = []
    plain: Callable[..., torch.Tensor] = torch.Tensor.to

    def seen(tensor: torch.Tensor, *arguments: Any, **options: Any) -> torch.Tensor:
        if any(isinstance(argument, torch.device) for argument in arguments):
            moved.append(arguments)
        return plain(tensor, *arguments, **options)

    state = state_of(network)
    monkeypatch.setattr(torch.Tensor, "to", seen)
    metrics(network, state, {"train": split(2), "test": split(2)}, lambda inputs: inputs)
    assert len(moved) == len(state)


def test_how_far_every_block_moved(network: nn.Module):
    start = state_of(network)
    end = {name: tensor + 2 for name, tensor in start.items()}
    record = Record(id="a", config={})
    tell_move(record, network, start, end)
    assert record.distance == {"0": pytest.approx(2 * math.sqrt(16)), "2": pytest.approx(2 * math.sqrt(10))}
    assert record.distance_total == pytest.approx(2 * math.sqrt(26))
    norms = {name: tensor.double().norm().item() for name, tensor in start.items()}
    assert record.initial_norm == {
        "0": pytest.approx(math.hypot(norms["0.weight"], norms["0.bias"])),
        "2": pytest.approx(math.hypot(norms["2.weight"], norms["2.bias"])),
    }
    assert record.initial_norm_total == pytest.approx(math.hypot(*norms.values()))
