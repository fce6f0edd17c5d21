"""Multirate SGD: a fast part of the network takes small steps while the slow rest drifts along its momentum."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn, optim


class Multirate(optim.Optimizer):
    """SGD with momentum on two time scales, with linear drift (Vlaar & Leimkuhler 2022, arXiv 2106.10771).

    With slow step h, fast step h / k, momentum mu and gradients g, every k-th step begins with
    p_slow = mu p_slow + g_slow; every step is

        p_fast = mu p_fast + g_fast,  theta_fast -= (h / k) p_fast,  theta_slow -= (h / k) p_slow.

    Each step has a batch of its own, as in the authors' code: the slow part uses the gradient of every k-th batch,
    and with k = 1 this is SGD with momentum.  A weight decay w adds w theta to each gradient that is used.

    Args:
        groups: Parameter groups; those with `is_fast` are the fast part.
        lr: The slow step h.
        momentum: Momentum mu.
        weight_decay: L2 penalty on the weights.
        k: Number of fast steps per slow step.
    """

    def __init__(self, groups: list[dict[str, Any]], *, lr: float, momentum: float, weight_decay: float, k: int):
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "is_fast": False}
        super().__init__(groups, defaults)
        self._k = k

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take one fast step.

        Args:
            closure: Computes the loss and the gradients; None if the gradients are there already.

        Returns:
            The closure's loss; None without a closure.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                self._move(parameter, group)
        return loss

    def _move(self, parameter: nn.Parameter, group: dict[str, Any]) -> None:
        # The step number is kept in each parameter's state, which is what a checkpoint saves.
        state = self.state[parameter]
        if not state:
            state |= {"step": 0, "momentum_buffer": torch.zeros_like(parameter)}
        step, p = state["step"], state["momentum_buffer"]
        if parameter.grad is not None and (group["is_fast"] or step % self._k == 0):
            p.mul_(group["momentum"]).add_(parameter.grad).add_(parameter, alpha=group["weight_decay"])
        parameter.add_(p, alpha=-group["lr"] / self._k)
        state["step"] = step + 1
