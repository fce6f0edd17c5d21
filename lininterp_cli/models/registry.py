"""MODELS: every network by name; the networks themselves are in the other modules of this package.

A model is a function `(shape, num_classes, *, hyper-parameters) -> nn.Module` under its name in the `FAMILY`
dict of any module of this package.  Its keyword-only arguments are its hyper-parameters; listings show the first
line of its docstring.  It draws its initial weights from torch's global generator, which the caller seeds.
"""

from collections.abc import Callable
from typing import Any, Concatenate

from torch import nn
from torch.nn.parameter import is_lazy

import lininterp_cli.models
from lininterp_cli.config.options import collect
from lininterp_cli.config.own import call, is_own, short_name
from lininterp_cli.errors import ConfigError, UnknownNameError

ModelFunction = Callable[Concatenate[tuple[int, ...], int, ...], nn.Module]
"""Builds a network from the shape of one example, the number of classes, and keyword-only hyper-parameters."""


MODELS: dict[str, ModelFunction] = collect(lininterp_cli.models)
"""Every network the tool can build."""


def build(name: str, shape: tuple[int, ...], num_classes: int, **options: Any) -> nn.Module:
    """Build one network with fresh weights, on the CPU.

    Args:
        name: A key of `MODELS`, or `FILE.py:FUNCTION` (see `lininterp_cli.config.own`).
        shape: One example: (C, H, W) for images, (F,) for vectors.
        num_classes: Number of logits, 1 or more.
        **options: Hyper-parameters; others keep the function's defaults.

    Returns:
        The network, in training mode; it maps (N, *shape) to logits (N, num_classes).

    Raises:
        UnknownNameError: If no model, or no function in the file, has this name.
        ConfigError: If the model cannot take this shape or these options.
    """  # noqa: DOC502  (ConfigError comes from the model functions)
    if is_own(name):
        return _own(name, shape, num_classes, options)
    if name not in MODELS:
        raise UnknownNameError("model", name, MODELS)
    return MODELS[name](shape, num_classes, **options)


def _own(name: str, shape: tuple[int, ...], num_classes: int, options: dict[str, Any]) -> nn.Module:
    form, short = "the shape of an example and the number of classes", short_name(name)
    model = call(name, form, ConfigError, shape, num_classes, **options)
    if not isinstance(model, nn.Module):
        raise ConfigError(f"{short} must give a torch.nn.Module, not {type(model).__name__}")
    parameters = dict(model.named_parameters())
    if not parameters:
        raise ConfigError(f"{short} gives a network without parameters: it has no weights to train or to interpolate")
    lazy = [key for key, parameter in parameters.items() if is_lazy(parameter)]
    if lazy:
        raise ConfigError(
            f"{short} gives a network whose {lazy[0]} has no shape yet; give the layer its size, or let {short} call "
            "the network once, on torch.zeros(2, *shape)"
        )
    return model
