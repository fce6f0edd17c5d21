"""Checks of a user's network: that it gives logits, that its state alone determines them, and that it can be trained.

A user's optimizer is tried with it.  The networks of the registry need no such check: the tests hold each to the same
contract.

Values outside the state (a constant that is no buffer, a layer in a plain list) are neither stored nor interpolated: a
second network with the same state is another function, and so every metric and curve would be of another network.
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn

from lininterp_cli.config.guarded import guarded
from lininterp_cli.config.own import has_changed, short_name
from lininterp_cli.config.run import RunConfig
from lininterp_cli.data.dataset import Dataset
from lininterp_cli.data.seeding import seeded
from lininterp_cli.errors import ConfigError
from lininterp_cli.models.state import State, copied
from lininterp_cli.training import recipe
from lininterp_cli.training.device import exact
from lininterp_cli.training.evaluation import forward, laid_out
from lininterp_cli.training.initial import blank
from lininterp_cli.training.loop import fit

_NUM_TRIED = 4
"""Examples that a network is tried on."""

_TOLERANCE = 1e-4
"""Allowed difference, as a fraction of the largest logit; equal weights give equal bits but for the kernel's choice."""


def check_network(
    name: str, build: Callable[[], nn.Module], state: State, dataset: Dataset, device: torch.device
) -> None:
    """Check that two networks made with different random numbers give the same logits with the same state.

    Args:
        name: The model's name, for the message.
        build: Factory of the network.
        state: Weights that fit it.
        dataset: The data, on any device.
        device: The device to compute on.

    Raises:
        ConfigError: If they do not, or fail, or give no tensor of logits, or have a parameter in common.
    """
    one, other = (blank(build, seed).to(device) for seed in (0, 1))
    # No seed would draw it, and training would go on with it in the next run of the process.
    if not {id(parameter) for parameter in one.parameters()}.isdisjoint(map(id, other.parameters())):
        raise ConfigError(f"{short_name(name)} gives networks that share weights; make every layer anew in each call")
    check_agreement(name, one, other, state, dataset, device)


def check_training(
    config: RunConfig, build: Callable[[], nn.Module], state: State, dataset: Dataset, device: torch.device
) -> None:
    """Check a network as `check_network` does and, if the run has epochs, train it on a few examples.

    Args:
        config: The run's resolved configuration.
        build: Factory of the network.
        state: Weights that fit it.
        dataset: The data, on any device.
        device: The device to compute on.

    Raises:
        ConfigError: If it fails.
    """  # noqa: DOC502 - raised below
    name = config.model.name
    check_network(name, build, state, dataset, device)
    if config.training.epochs == 0:
        return
    model = blank(build, config.seed)
    model.load_state_dict(state)
    trainee = recipe.trainee(config, model, device)
    _logits(name, trainee.model.train(), state, dataset, device)
    few = dataset.train.part(slice(_NUM_TRIED))
    tried, once = replace(dataset, train=few, test=few).to(device), replace(config.training, epochs=1)
    names = f"{short_name(name)} fails when {short_name(config.optimizer.name)} trains it"
    with guarded(f"{names} on inputs {tuple(few.inputs.shape)}"):
        next(fit(trainee, tried, once, lambda _: 1.0, 0, config.seed, lambda *_: None))


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
        ConfigError: If they do not, or fail, or give no tensor of logits.
    """
    first, second = (_logits(name, model.eval(), state, dataset, device) for model in (one, other))
    largest = float(first.abs().nan_to_num(posinf=0).max())
    if not torch.allclose(first, second, rtol=0, atol=_TOLERANCE * largest, equal_nan=True):
        raise ConfigError(
            f"{short_name(name)} computes with values outside its state_dict: two networks with the same state give "
            "different logits; keep constants by register_buffer, and layers and weights as attributes, or in "
            "nn.ModuleList or nn.ParameterList, not in plain lists"
        )


def check_changed(
    name: str, build: Callable[[], nn.Module], state: State, dataset: Dataset, device: torch.device
) -> None:
    """Check that the network of a run still gives logits, if its code has changed since the run was made.

    Args:
        name: The model's name, as the run has it.
        build: Factory of the network.
        state: Weights that fit it.
        dataset: The data, on any device.
        device: The device to compute on.

    Raises:
        ConfigError: If it fails, or gives no tensor of logits.
    """  # noqa: DOC502 - raised below
    if has_changed(name):
        _logits(name, blank(build).to(device).eval(), state, dataset, device)


@torch.no_grad()
def _logits(name: str, model: nn.Module, state: State, dataset: Dataset, device: torch.device) -> Tensor:
    """The logits of a few training examples, with the given weights; their shape is checked."""
    inputs = dataset.normaliser(device)(dataset.train.inputs[:_NUM_TRIED].to(device))
    here = copied(laid_out({key: tensor.to(device) for key, tensor in state.items()}))
    short, mode = short_name(name), " in training mode" if model.training else ""
    guard = guarded(f"{short} fails on inputs {tuple(inputs.shape)}{mode}")
    with guard, seeded(device, 0), exact():  # seeded for networks that draw numbers in evaluation mode too
        given: object = forward(model, here, inputs)
    if not isinstance(given, Tensor):
        raise ConfigError(f"{short} must give a tensor of logits{mode}, not {type(given).__name__}")
    # More logits than classes are fine: a network may know classes of which the data have no example.
    wanted = (len(inputs), dataset.num_classes)
    if given.ndim != 2 or len(given) != wanted[0] or given.shape[1] < wanted[1]:
        raise ConfigError(f"{short} gives logits {tuple(given.shape)}{mode}; it must give {wanted}, one for each class")
    return given
