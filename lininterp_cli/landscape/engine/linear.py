"""Layers whose points can be interpolated by their outputs instead of their weights."""

from torch import nn
from torch.nn.modules.module import _global_forward_hooks, _global_forward_pre_hooks

_LINEAR = (
    nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d,
)  # fmt: skip


def is_linear(layer: nn.Module) -> bool:
    """Whether a layer's output is linear in its `weight` and `bias` together.

    Args:
        layer: Any module.

    Returns:
        True for convolutions and linear layers of torch.nn, not for their subclasses; False where a hook, or a
        `forward` that this instance was given, may compute anything from the weights.
    """
    hooks = (layer._forward_hooks, layer._forward_pre_hooks, _global_forward_hooks, _global_forward_pre_hooks)
    return type(layer) in _LINEAR and "forward" not in vars(layer) and not any(hooks)
