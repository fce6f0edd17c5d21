"""Paths through weight space: functions from alpha to a state; nothing here evaluates a network."""

from collections.abc import Callable, Iterable

from lininterp_cli.models.state import State, check_same, lerp

Path = Callable[[float], State]
"""From a position, 0 at the start and 1 at the end, to a state."""


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
    return lambda alpha: lerp(start, end, alpha)


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

    def restricted(alpha: float) -> State:
        moved = path(alpha)
        return {name: moved[name] if name in moving else resting for name, resting in rest.items()}

    return restricted
