"""Paths through weight space: functions from alpha to a state; nothing here evaluates a network."""

from collections.abc import Collection, Iterable
from typing import Protocol

import torch

from lininterp_cli.models.state import State, check_same, lerp


class Path(Protocol):
    """From a position, 0 at the start and 1 at the end, to a state or to some of its entries."""

    def __call__(self, alpha: float, names: Collection[str] | None = None, into: State | None = None) -> State:
        """The state at a position.

        Args:
            alpha: The position.
            names: The entries that are wanted; None for all, else only these are computed.
            into: Tensors that new values may be written into, so that a walk needs room for one state and not for
                one at each position; those that it lacks are put there.  None for new ones.

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
        The path; at 0 and 1 it gives the ends themselves.
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


def only(entries: Iterable[str], path: Path, rest: State) -> Path:
    """A path on which some entries move and all others rest.

    Layer-wise interpolation: theta_k(alpha) moves for one block k, every other block stays at its final state
    (Chatterji, Neyshabur & Sedghi 2020, arXiv 1912.00528; Vlaar & Frankle 2022, arXiv 2106.16004).

    Args:
        entries: The names of what moves.
        path: Any path.
        rest: Where everything else stays.

    Returns:
        The restricted path.
    """
    moving = frozenset(entries)

    def restricted(alpha: float, names: Collection[str] | None = None, into: State | None = None) -> State:
        wanted = rest if names is None else names
        moved = path(alpha, [name for name in wanted if name in moving], into)
        return {name: moved[name] if name in moving else rest[name] for name in wanted}

    return restricted


def _is_plain(start: torch.Tensor, end: torch.Tensor) -> bool:
    """Whether a tensor can be mixed as it is: half precision wants more width, infinities and counts more care."""
    if start is end or start.dtype not in (torch.float32, torch.float64):
        return False
    return bool(start.isfinite().all()) and bool(end.isfinite().all())


def _lerp_together(
    starts: list[torch.Tensor], ends: list[torch.Tensor], alpha: float, names: list[str], into: State | None
) -> State:
    """One kernel for all tensors, where the device has one; the numbers are `torch.lerp`'s."""
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
    """A path with the same noise added everywhere.

    Args:
        path: The path.
        noises: What is added to which entries.
        sigma: What it is multiplied by.

    Returns:
        The path beside it.
    """

    def beside(alpha: float, names: Collection[str] | None = None, into: State | None = None) -> State:
        moved = path(alpha, names, into)
        return {
            name: torch.add(tensor, noises[name], alpha=sigma) if name in noises else tensor
            for name, tensor in moved.items()
        }

    return beside
