"""Initial states: how a network's weights are drawn before any training."""

import contextlib
from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor, nn

from lininterp_cli.config.options import look_up
from lininterp_cli.config.seeds import derive
from lininterp_cli.data.seeding import seeded
from lininterp_cli.errors import ConfigError
from lininterp_cli.models.blocks import chosen, groups
from lininterp_cli.models.state import State, state_of


def default(weight: Tensor) -> None:
    """What the network's own constructor draws.

    Args:
        weight: Left as it is.
    """
    del weight


def xavier_uniform(weight: Tensor) -> None:
    """Uniform, variance 2 / (fan_in + fan_out) (Glorot & Bengio 2010).

    Args:
        weight: A weight of two or more dimensions, drawn in place.
    """
    nn.init.xavier_uniform_(weight)


def xavier_normal(weight: Tensor) -> None:
    """Normal, variance 2 / (fan_in + fan_out) (Glorot & Bengio 2010).

    Args:
        weight: A weight of two or more dimensions, drawn in place.
    """
    nn.init.xavier_normal_(weight)


def kaiming_uniform(weight: Tensor) -> None:
    """Uniform, variance 2 / fan_in (He et al. 2015, arXiv 1502.01852).

    Args:
        weight: A weight of two or more dimensions, drawn in place.
    """
    nn.init.kaiming_uniform_(weight, nonlinearity="relu")


def kaiming_normal(weight: Tensor) -> None:
    """Normal, variance 2 / fan_in (He et al. 2015, arXiv 1502.01852).

    Args:
        weight: A weight of two or more dimensions, drawn in place.
    """
    nn.init.kaiming_normal_(weight, nonlinearity="relu")


def orthogonal(weight: Tensor) -> None:
    """Orthogonal rows or columns (Saxe et al. 2014, arXiv 1312.6120).

    Args:
        weight: A weight of two or more dimensions, drawn in place.
    """
    nn.init.orthogonal_(weight)


def trunc_normal(weight: Tensor) -> None:
    """Normal with standard deviation 0.02, cut at two of them (Dosovitskiy et al. 2021, arXiv 2010.11929).

    Args:
        weight: A weight of two or more dimensions, drawn in place.
    """
    nn.init.trunc_normal_(weight, std=0.02, a=-0.04, b=0.04)


INITS: dict[str, Callable[[Tensor], None]] = {
    function.__name__: function
    for function in (
        default,
        xavier_uniform,
        xavier_normal,
        kaiming_uniform,
        kaiming_normal,
        orthogonal,
        trunc_normal,
    )
}
"""Scheme to the function that draws each parameter of two or more dimensions; others keep the constructor's values."""


def draw(build: Callable[[], nn.Module], scheme: str, seed: int, stream: str = "weights") -> tuple[nn.Module, State]:
    """A network with freshly drawn weights; the caller's random state is not changed.

    Args:
        build: Factory of the network; if that has an attribute `block_init_scale` (block to factor), each block's
            drawn parameters of two or more dimensions are multiplied by its factor.
        scheme: A key of INITS.
        seed: The seed from which the random stream is derived.
        stream: Name of the stream; a block reset uses another one, to draw other numbers than the first draw.

    Returns:
        The network and a copy of its state.

    Raises:
        ConfigError: If a block that is to be scaled does not exist, or has no parameter of two or more dimensions.
    """  # noqa: DOC502 - raised below
    fill = look_up("init", scheme, INITS)
    with _drawing(seed, stream):
        model = build()
        for parameter in model.parameters():
            if parameter.dim() >= 2:
                fill(parameter)
        _scale(model)
    return model, state_of(model)


def blank(build: Callable[[], nn.Module], seed: int = 0) -> nn.Module:
    """A network whose weights do not matter; the caller's random state is not changed.

    Args:
        build: Factory of the network.
        seed: The seed from which the random stream is derived.  With a run's seed, random constants that the network
            keeps outside its state are those it was trained with.

    Returns:
        The network.
    """
    with _drawing(seed, "weights"):
        return build()


@contextlib.contextmanager
def _drawing(seed: int, stream: str) -> Iterator[None]:
    # Networks are made on the CPU.  Without gradients, tensors that a network computes from its parameters when it is
    # made (pruning, weight normalisation) have no history, which `copy.deepcopy` refuses.
    with seeded(torch.device("cpu"), derive(seed, stream)), torch.no_grad():
        yield


def _scale(model: nn.Module) -> None:
    factors: Mapping[str, float] = getattr(model, "block_init_scale", {})
    if factors:
        for name, group in chosen(groups(model, "block"), factors, "block").items():
            matrices = [parameter for parameter in map(model.get_parameter, group.parameters) if parameter.dim() >= 2]
            if not matrices:
                raise ConfigError(f"block_init_scale is for weights of two or more dimensions; {name} has none")
            for parameter in matrices:
                parameter.mul_(factors[name])
