"""Paths through weight space: functions from alpha to a state; nothing here evaluates a network."""

from collections.abc import Collection
from typing import Protocol

import torch

from lininterp_cli.models.state import State, check_same, lerp


class Path(Protocol):
    """A function from alpha, 0 at the start and 1 at the end, to a state or to some of its entries."""

    def __call__(self, alpha: float, names: Collection[str] | None = None, into: State | None = None) -> State:
        """The state at a position.

        Args:
            alpha: The position.
            names: The entries to compute; None for all.
            into: Tensors that new values may be written into, so that a path needs memory for one state and not for
                one per position; missing tensors are added to it.  None to allocate new ones.

        Returns:
            The entries; valid until `into` is written into again.
        """


def linear(start: State, end: State) -> Path:
    """The straight line between two states.

    theta(alpha) = (1 - alpha) theta_start + alpha theta_end (Goodfellow, Vinyals & Saxe 2015, arXiv 1412.6544).

    Args:
        start: The state at alpha 0.
        end: The state at alpha 1.

    Returns:
        The path; at 0 and 1 it returns the tensors of the ends themselves.
    """
    check_same(start, end)
    together = {name for name in start if _is_plain(start[name], end[name])}

    def line(alpha: float, names: Collection[str] | None = None, into: State | None = None) -> State:
        wanted = start if names is None else names
        if alpha in {0, 1}:
            return {name: (end if alpha else start)[name] for name in wanted}
        many = [name for name in wanted if name in together]
        state = _lerp_together([start[name] for name in many], [end[name] for name in many], alpha, many, into)
        few = [name for name in wanted if name not in together]
        state |= lerp({name: start[name] for name in few}, {name: end[name] for name in few}, alpha)
        return {name: state[name] for name in wanted}

    return line


def _is_plain(start: torch.Tensor, end: torch.Tensor) -> bool:
    """Whether `torch.lerp` is right as it is: half precision, infinities and counts need `state.lerp`."""
    if start is end or start.dtype not in (torch.float32, torch.float64):
        return False
    return bool(start.isfinite().all()) and bool(end.isfinite().all())


def _lerp_together(
    starts: list[torch.Tensor], ends: list[torch.Tensor], alpha: float, names: list[str], into: State | None
) -> State:
    """Interpolate all tensors in one kernel, where the device has one; the numbers are those of `torch.lerp`."""
    if not names:
        return {}
    if into is None:
        return dict(zip(names, torch._foreach_lerp(starts, ends, alpha), strict=True))
    into |= {name: torch.empty_like(start) for name, start in zip(names, starts, strict=True) if name not in into}
    there = [into[name] for name in names]
    torch._foreach_copy_(there, starts)
    torch._foreach_lerp_(there, ends, alpha)
    return dict(zip(names, there, strict=True))


def shaken(path: Path, noises: State, sigma: float) -> Path:
    """A path with the same noise added at every alpha.

    Args:
        path: The path.
        noises: The noise of each entry; entries that are not in it get none.
        sigma: The factor of the noise.

    Returns:
        The shifted path.
    """

    def beside(alpha: float, names: Collection[str] | None = None, into: State | None = None) -> State:
        moved = path(alpha, names, into)
        return {
            name: torch.add(tensor, noises[name], alpha=sigma) if name in noises else tensor
            for name, tensor in moved.items()
        }

    return beside
