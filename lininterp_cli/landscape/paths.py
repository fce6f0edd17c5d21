"""Paths through weight space: functions from alpha to a state; nothing here evaluates a network."""

from collections.abc import Collection, Iterable
from typing import Protocol

from lininterp_cli.models.state import State, check_same, lerp


class Path(Protocol):
    """From a position, 0 at the start and 1 at the end, to a state or to some of its entries."""

    def __call__(self, alpha: float, names: Collection[str] | None = None) -> State:
        """The named entries at a position; all of them unless some are named, and then only those are computed."""


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

    def line(alpha: float, names: Collection[str] | None = None) -> State:
        wanted = start if names is None else names
        return lerp({name: start[name] for name in wanted}, {name: end[name] for name in wanted}, alpha)

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

    def restricted(alpha: float, names: Collection[str] | None = None) -> State:
        wanted = rest if names is None else names
        moved = path(alpha, [name for name in wanted if name in moving])
        return {name: moved[name] if name in moving else rest[name] for name in wanted}

    return restricted
