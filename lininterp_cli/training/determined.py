"""Checks that a network's state alone determines its logits.

Values outside the state (a constant that is no buffer, a layer in a plain list) are neither stored nor interpolated: a
second network with the same state is another function, and so every metric and curve would be of another network.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from lininterp_cli.config.own import short_name
from lininterp_cli.data.dataset import Dataset
from lininterp_cli.errors import ConfigError
from lininterp_cli.models.state import State, copied
from lininterp_cli.training.device import exact, seeded
from lininterp_cli.training.evaluation import forward, laid_out
from lininterp_cli.training.initial import blank

_NUM_TRIED = 4
"""Examples on which logits are compared."""

_TOLERANCE = 1e-4
"""Allowed difference, as a fraction of the largest logit; equal weights give equal bits but for the kernel's choice."""


def check_network(
    name: str, build: Callable[[], nn.Module], state: State, dataset: Dataset, device: torch.device
) -> None:
    """Check that two networks made with different random numbers compute the same with the same state.

    Args:
        name: The model's name, for the message.
        build: Factory of the network.
        state: Weights that fit it.
        dataset: The data, on any device.
        device: The device to compute on.

    Raises:
        ConfigError: If they do not.
    """  # noqa: DOC502 - raised below
    one, other = (blank(build, seed).to(device) for seed in (0, 1))
    check_agreement(name, one, other, state, dataset, device)


@torch.no_grad()
def check_agreement(
    name: str, one: nn.Module, other: nn.Module, state: State, dataset: Dataset, device: torch.device
) -> None:
    """Check that two instances of a network compute the same with the same state.

    Args:
        name: The model's name, for the message.
        one: An instance, on the device; put into evaluation mode, its state is not used.
        other: Another one.
        state: The weights, on any device.
        dataset: The data, on any device.
        device: The device to compute on.

    Raises:
        ConfigError: If they do not, or give no tensor of logits.
    """
    inputs = dataset.normaliser(device)(dataset.train.inputs[:_NUM_TRIED].to(device))
    here = laid_out({key: tensor.to(device) for key, tensor in state.items()})
    logits: list[Tensor] = []
    for model in (one, other):
        with seeded(device, 0), exact():  # seeded for networks that draw numbers in evaluation mode too
            given: object = forward(model.eval(), copied(here), inputs.clone())
        if not isinstance(given, Tensor):
            raise ConfigError(f"{short_name(name)} must give a tensor of logits, not {type(given).__name__}")
        logits.append(given)
    first, second = logits
    largest = float(first.abs().nan_to_num(posinf=0).max())
    if not torch.allclose(first, second, rtol=0, atol=_TOLERANCE * largest, equal_nan=True):
        raise ConfigError(
            f"{short_name(name)} computes with values outside its state_dict: two networks with the same state give "
            "different logits; keep constants by register_buffer, and layers and weights as attributes, or in "
            "nn.ModuleList or nn.ParameterList, not in plain lists"
        )
