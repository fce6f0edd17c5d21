"""Layers that are linear in their weights, and what makes them something else."""

import pytest
import torch
from torch import nn

from lininterp_cli.landscape.engine.linear import is_linear


@pytest.mark.parametrize("layer", [nn.Linear(2, 3), nn.Conv2d(2, 3, 1), nn.ConvTranspose1d(2, 3, 1)], ids=str)
def test_layers_of_torch_are_linear(layer: nn.Module):
    assert is_linear(layer)


class Own(nn.Linear):
    """A subclass, whose `forward` may be anything."""


@pytest.mark.parametrize(
    "layer", [nn.LayerNorm(2), nn.PReLU(), nn.Identity(), nn.Bilinear(2, 2, 2), Own(2, 3)], ids=str
)
def test_other_modules_are_not(layer: nn.Module):
    assert not is_linear(layer)


def test_a_layer_with_a_hook_or_a_forward_of_its_own_is_not():
    layer = nn.Linear(2, 3)
    for hook in (
        layer.register_forward_hook(lambda *_: None),
        layer.register_forward_pre_hook(lambda *_: None),
        nn.modules.module.register_module_forward_hook(lambda *_: None),
        nn.modules.module.register_module_forward_pre_hook(lambda *_: None),
    ):
        assert not is_linear(layer)
        hook.remove()
    assert is_linear(layer)
    layer.forward = lambda inputs: torch.relu(inputs)  # type: ignore[method-assign]
    assert not is_linear(layer)
