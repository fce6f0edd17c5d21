"""Filters and sorts runs for lists; plain data, the same for the explorer and for pipes."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from lininterp_cli.errors import UnknownNameError
from lininterp_cli.runs.query import Query
from lininterp_cli.view.runs.fields import ALIASES, FIELDS, names, setting_key, shown, value
from lininterp_cli.view.runs.summary import Summary

T = TypeVar("T")
Of = Callable[[T], Summary]
"""Returns the summary of the run that an item of a list stands for."""

USUAL_SORTS = ("newest", "accuracy", "barrier", "name", "state")
"""The most common orders."""

_STATES = ("running", "failed", "diverged", "damaged", "interrupted", "finished")


def select(things: Sequence[T], query: Query, now: float, of: Of[T]) -> list[T]:
    """The runs that match a filter.

    Args:
        things: Runs, or items that stand for them.
        query: The filter.
        now: The current time in seconds since 1970.
        of: Returns an item's summary.

    Returns:
        The matching ones, in their order; if none matches, `require` rejects fields that no run has.
    """
    fitting = [thing for thing in things if query.fits(partial(value, of(thing), now=now))]
    if not fitting and things:
        for name in query.names:
            require([of(thing) for thing in things], name)
    return fitting


def require(runs: Sequence[Summary], name: str) -> None:
    """Check that a field exists.

    Args:
        runs: The runs.
        name: The field.

    Raises:
        UnknownNameError: If it is not in FIELDS, and no run's configuration has it.
    """
    # Keys count, not values: a setting may be null in every run.
    if ALIASES.get(name, name) not in FIELDS and all(setting_key(name, tuple(run.settings)) is None for run in runs):
        raise UnknownNameError("field", name, names(runs))


def order(things: Sequence[T], sort: str, now: float, of: Of[T], *, reverse: bool = False) -> list[T]:
    """Sort runs.

    Args:
        things: Runs, or items that stand for them.
        sort: One of USUAL_SORTS, or a field: numbers from high to low, words from A to Z.
        now: The current time in seconds since 1970.
        of: Returns an item's summary.
        reverse: Reverse the order.

    Returns:
        All of them; those without a value of the field come last, even if the order is reversed.
    """
    known: list[tuple[Any, T]] = []
    unknown: list[T] = []
    for thing in things:
        run = of(thing)
        key = _sort_key(run, sort, now)
        if key is None:
            unknown.append(thing)
        else:
            known.append(((*key, -(run.created or 0.0), run.id), thing))
    known.sort(key=lambda pair: pair[0], reverse=reverse)
    return [thing for _, thing in known] + sorted(unknown, key=lambda thing: of(thing).id)


def _sort_key(run: Summary, sort: str, now: float) -> tuple[Any, ...] | None:
    if sort == "newest":
        return None if run.created is None else (-run.created,)
    if sort == "name":
        return (run.title.lower(),)
    if sort == "state":
        return (_STATES.index(run.state) if run.state in _STATES else len(_STATES),)
    found = value(run, sort, now)
    if found is None:
        return None
    if isinstance(found, float | int):
        return None if math.isnan(found) else (0, -found, "")
    return (1, 0.0, ", ".join(found).lower() if isinstance(found, tuple) else found.lower())


PLAIN = (
    "state", "id", "name", "model", "data", "optimizer", "seed", "accuracy", "barrier", "barrier_low", "barrier_high",
    "block", "tag", "created",
)  # fmt: skip
"""The fields of a list for programs and screen readers."""


def table(runs: Sequence[Summary], columns: Sequence[str] = PLAIN) -> list[list[str]]:
    """Runs as rows of words, the heads first.

    Args:
        runs: The runs.
        columns: Fields.

    Returns:
        Words that are not yet made printable.
    """
    return [list(columns), *([shown(name, value(run, name)) for name in columns] for run in runs)]
