"""The optimizers, by name; a function's keyword-only arguments are its hyper-parameters.

Each takes parameter groups and `fused` (true on CUDA), so that the training loop does not depend on the choice.
"""

from collections.abc import Callable
from typing import Any

from torch import optim

from lininterp_cli.errors import ConfigError, UnknownNameError
from lininterp_cli.training.multirate import Multirate

Parameters = list[dict[str, Any]]
"""torch's parameter groups, one for each block: `params`, `block` (its name), and its own `lr` or `weight_decay`."""


def sgd(parameters: Parameters, fused: bool, *, lr: float = 0.1, weight_decay: float = 0.0) -> optim.Optimizer:
    """Stochastic gradient descent (Robbins & Monro 1951).

    Args:
        parameters: The groups of parameters to train.
        fused: Whether one kernel updates all of them.
        lr: Learning rate.
        weight_decay: L2 penalty on the weights.

    Returns:
        The optimizer.
    """
    _check(lr, weight_decay)
    return optim.SGD(parameters, lr=lr, weight_decay=weight_decay, fused=fused)


def momentum(
    parameters: Parameters, fused: bool, *, lr: float = 0.1, momentum: float = 0.9, weight_decay: float = 0.0
) -> optim.Optimizer:
    """SGD with heavy-ball momentum (Polyak 1964).

    Args:
        parameters: The groups of parameters to train.
        fused: Whether one kernel updates all of them.
        lr: Learning rate.
        momentum: Share of the last step that is kept, in [0, 1).
        weight_decay: L2 penalty on the weights.

    Returns:
        The optimizer.
    """
    _check(lr, weight_decay, momentum=momentum)
    return optim.SGD(parameters, lr=lr, momentum=momentum, weight_decay=weight_decay, fused=fused)


def nesterov(
    parameters: Parameters, fused: bool, *, lr: float = 0.1, momentum: float = 0.9, weight_decay: float = 0.0
) -> optim.Optimizer:
    """SGD with Nesterov's momentum (Nesterov 1983; Sutskever et al. 2013).

    Args:
        parameters: The groups of parameters to train.
        fused: Whether one kernel updates all of them.
        lr: Learning rate.
        momentum: Share of the last step that is kept, in (0, 1).
        weight_decay: L2 penalty on the weights.

    Returns:
        The optimizer.

    Raises:
        ConfigError: If the momentum is 0, which leaves plain SGD.
    """
    _check(lr, weight_decay, momentum=momentum)
    if momentum == 0:
        raise ConfigError("nesterov needs a momentum above 0; without one use --opt sgd")
    return optim.SGD(parameters, lr=lr, momentum=momentum, weight_decay=weight_decay, nesterov=True, fused=fused)


def adam(
    parameters: Parameters,
    fused: bool,
    *,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    weight_decay: float = 0.0,
) -> optim.Optimizer:
    """Adam (Kingma & Ba 2015, arXiv 1412.6980).

    Args:
        parameters: The groups of parameters to train.
        fused: Whether one kernel updates all of them.
        lr: Learning rate.
        beta1: Decay of the running mean of the gradient, in [0, 1).
        beta2: Decay of the running mean of its square, in [0, 1).
        weight_decay: L2 penalty, added to the gradient.

    Returns:
        The optimizer.
    """
    _check(lr, weight_decay, beta1=beta1, beta2=beta2)
    return optim.Adam(parameters, lr=lr, betas=(beta1, beta2), weight_decay=weight_decay, fused=fused)


def adamw(
    parameters: Parameters,
    fused: bool,
    *,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    weight_decay: float = 0.01,
) -> optim.Optimizer:
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019, arXiv 1711.05101).

    Args:
        parameters: The groups of parameters to train.
        fused: Whether one kernel updates all of them.
        lr: Learning rate.
        beta1: Decay of the running mean of the gradient, in [0, 1).
        beta2: Decay of the running mean of its square, in [0, 1).
        weight_decay: Fraction of the weights subtracted at each step, times the learning rate.

    Returns:
        The optimizer.
    """
    _check(lr, weight_decay, beta1=beta1, beta2=beta2)
    return optim.AdamW(parameters, lr=lr, betas=(beta1, beta2), weight_decay=weight_decay, fused=fused)


def rmsprop(
    parameters: Parameters,
    fused: bool,
    *,
    lr: float = 1e-3,
    smoothing: float = 0.99,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
) -> optim.Optimizer:
    """RMSprop (Tieleman & Hinton 2012, Coursera lecture 6.5).

    Args:
        parameters: The groups of parameters to train.
        fused: Without effect: torch has no fused RMSprop.
        lr: Learning rate.
        smoothing: Decay of the running mean of the squared gradient, in [0, 1).
        momentum: Share of the last step that is kept, in [0, 1).
        weight_decay: L2 penalty on the weights.

    Returns:
        The optimizer.
    """
    _check(lr, weight_decay, smoothing=smoothing, momentum=momentum)
    return optim.RMSprop(parameters, lr=lr, alpha=smoothing, momentum=momentum, weight_decay=weight_decay)


def multirate(
    parameters: Parameters,
    fused: bool,
    *,
    lr: float = 0.1,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
    fast: str = "",
    k: int = 5,
) -> optim.Optimizer:
    """SGD with momentum on two time scales (Vlaar & Leimkuhler 2022, arXiv 2106.10771).

    Args:
        parameters: The groups of parameters to train.
        fused: Without effect: each parameter is updated by itself.
        lr: Learning rate of the slow part; a fast step's is a k-th of it.
        momentum: Share of the last step that is kept, in [0, 1).
        weight_decay: L2 penalty on the weights.
        fast: The blocks of the fast part, separated by commas; if empty, the network's last block.
        k: Number of fast steps per slow step, 1 or more.

    Returns:
        The optimizer.

    Raises:
        ConfigError: If k is below 1, or no block is left to be slow.
        UnknownNameError: If the network has no such block.
    """
    _check(lr, weight_decay, momentum=momentum)
    if k < 1:
        raise ConfigError(f"k must be 1 or more, not {k}")
    # Parameters without blocks (of `recipe.resolve`) belong to no network; there is nothing to check a name against.
    blocks = [group["block"] for group in parameters if "block" in group]
    named = [name.strip() for name in fast.split(",") if name.strip()] or blocks[-1:]
    for name in named if blocks else []:
        if name not in blocks:
            raise UnknownNameError("block", name, blocks)
    if blocks and set(blocks) == set(named):
        raise ConfigError(f"multirate needs a slow block beside the fast {', '.join(named)}; without one use momentum")
    groups = [group | {"is_fast": group.get("block") in named} for group in parameters]
    return Multirate(groups, lr=lr, momentum=momentum, weight_decay=weight_decay, k=k)


OPTIMIZERS: dict[str, Callable[..., optim.Optimizer]] = {
    function.__name__: function for function in (sgd, momentum, nesterov, adam, adamw, rmsprop, multirate)
}
"""Name to function."""


def _check(lr: float, weight_decay: float, **shares: float) -> None:
    if not 0 < lr < float("inf"):
        raise ConfigError(f"lr must be a number above 0, not {lr:g}")
    if not 0 <= weight_decay < float("inf"):
        raise ConfigError(f"weight_decay must be 0 or more, not {weight_decay:g}")
    for name, share in shares.items():
        if not 0 <= share < 1:
            raise ConfigError(f"{name} must be in [0, 1), not {share:g}")
