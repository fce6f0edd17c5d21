"""Runs in groups: by a field, or by all settings but the seed; means and spreads over each group."""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic

from lininterp_cli.runs.query import quoted
from lininterp_cli.view.runs.fields import ALIASES, FIELDS, differing, shown, value
from lininterp_cli.view.runs.listing import Of, T
from lininterp_cli.view.runs.origins import alike
from lininterp_cli.view.runs.summary import Summary

CONFIGURATION = "configuration"
"""The grouping by the whole configuration except the seed."""

# The settings that follow the names in a group's label.
_FIRST = ("optimizer.lr", "optimizer.weight_decay")


@dataclass(frozen=True, kw_only=True, slots=True)
class Group(Generic[T]):
    """Runs that have something in common."""

    label: str
    """Their common value or settings, in words."""
    query: str
    """The filter that selects them among the runs that were grouped."""
    members: tuple[T, ...]
    """The runs."""
    num_seeds: int
    """How many different seeds they have."""
    accuracy: tuple[float, float] | None
    """Mean and standard deviation (n - 1; NaN for one run) of the test accuracy."""
    barrier: tuple[float, float] | None
    """The same for the highest barrier, in nats."""
    newest: float | None
    """Time at which the newest was made, in seconds since 1970."""


def groupings(runs: Sequence[Summary]) -> list[tuple[str, str]]:
    """The possible groupings of runs, each with a short description."""
    keys = _varying(runs)
    fixed = [(CONFIGURATION, "everything but the seed: mean and spread are those over seeds"), ("tag", "your marks")]
    if any(FIELDS["study"].get(run) for run in runs):
        fixed.append(("study", "what they were run for"))
    return [*fixed, *((key, "configuration") for key in keys), ("seed", "configuration"), ("state", "how they stand")]


def group(
    things: Sequence[T],
    by: str,
    now: float,
    of: Of[T],
    among: Sequence[T] = (),
    *,
    sort: str = "newest",
    reverse: bool = False,
) -> list[Group[T]]:
    """Put runs into groups.

    Args:
        things: Runs, or items that stand for them, in order.
        by: `configuration` or a field; by `tag` or `study`, a run is in a group for each of its tags or studies.
        now: The current time in seconds since 1970.
        of: Returns an item's summary.
        among: All runs of the store, in which those are looked up that others start from; runs that start from
            different seeds of one configuration are of one configuration.
        sort: As for `order`: by accuracy or barrier the groups are in the order of their means, by name in that of
            their labels, else in that of their first runs.
        reverse: Whether the order is reversed, as that of the items is.

    Returns:
        The groups; those without a mean stand last.
    """
    if by == CONFIGURATION:
        by_query = _by_configuration([of(thing) for thing in things], [of(thing) for thing in among or things])
    else:
        by_query = lambda run: _by_field(run, by, now)  # noqa: E731 (one of two ways to the same)
    found: dict[str, tuple[str, list[T]]] = {}
    for thing in things:
        for label, query in by_query(of(thing)):
            found.setdefault(query, (label, []))[1].append(thing)
    groups = [_group(label, query, members, of) for query, (label, members) in found.items()]
    if sort == "name":
        return sorted(groups, key=lambda one: one.label.lower(), reverse=reverse)
    known = [(spread[0], one) for one in groups if (spread := _spread_shown(one, sort)) is not None]
    known.sort(key=lambda pair: pair[0], reverse=not reverse)
    return [one for _, one in known] + [one for one in groups if _spread_shown(one, sort) is None]


def _spread_shown(found: Group[Any], sort: str) -> tuple[float, float] | None:
    """The mean and deviation that a list of groups is ordered by; None if it is ordered by nothing of that kind."""
    return {"accuracy": found.accuracy, "barrier": found.barrier}.get(ALIASES.get(sort, sort))


def _by_field(run: Summary, by: str, now: float) -> list[tuple[str, str]]:
    known = value(run, by, now)
    if known is None:
        return [(f"no {by}", f"-{by}:*")]
    values = known if isinstance(known, tuple) else (known,)
    words = [shown(by, one) if isinstance(one, str) else f"{one!r}" for one in values]
    return [(shown(by, one), f"{by}:{quoted(word)}") for one, word in zip(values, words, strict=True)]


def _by_configuration(runs: Sequence[Summary], among: Sequence[Summary]) -> Callable[[Summary], list[tuple[str, str]]]:
    same = alike(runs, among)

    def setting(run: Summary, key: str) -> Any:
        found = run.settings.get(key)
        return same.get((key, found), found)

    keys = [key for key in _varying(runs) if len({setting(run, key) for run in runs if run.settings}) > 1]
    counts = {key: Counter(setting(run, key) for run in runs).most_common(1)[0] for key in keys}
    usual = {key: value for key, (value, count) in counts.items() if 2 * count > len(runs)}
    telling = {key for key in keys if not _goes_with_name(key, runs)}

    def place(run: Summary) -> list[tuple[str, str]]:
        present = [key for key in keys if run.settings.get(key) is not None]
        # Values that most runs share stand last, so that those which differ stay visible when there is little room.
        present.sort(key=lambda key: (setting(run, key) == usual.get(key), _worth(key)))
        pairs = [
            _by_values(key, same.get((key, run.settings[key]), ())) or _by_field(run, key, 0.0)[0] for key in present
        ]
        label = "  ".join(
            text if key.endswith(".name") else f"{key.rpartition('.')[2]}={text}"
            for key, (text, _) in zip(present, pairs, strict=True)
            if key in telling
        )
        missing = [f"-{key}:*" for key in keys if run.settings.get(key) is None]
        alike = "all alike" if run.settings else "no configuration"
        return [(label or alike, " ".join([*(query for _, query in pairs), *missing]))]

    return place


def _by_values(key: str, values: Sequence[str]) -> tuple[str, str] | None:
    """Label and filter of a setting with any of several values; None for fewer than two."""
    if len(values) < 2:
        return None
    return f"{values[0]} and {len(values) - 1} more", f"({' | '.join(f'{key}:{quoted(one)}' for one in values)})"


def _worth(key: str) -> int:
    """Sort key of a key in a label: names, then the settings that are varied most, then the rest."""
    return -1 if key.endswith(".name") else _FIRST.index(key) if key in _FIRST else len(_FIRST)


def _goes_with_name(key: str, runs: Sequence[Summary]) -> bool:
    """Whether a setting has one value, and its section's name decides if it is there, as for Adam's betas."""
    name = f"{key.rpartition('.')[0]}.name"
    found = {(run.settings.get(name), run.settings.get(key)) for run in runs if run.settings}
    is_one = len({value for _, value in found} - {None}) == 1
    return key != name and is_one and len({part for part, _ in found}) == len(found)


def _varying(runs: Sequence[Summary]) -> list[str]:
    # A run that cannot be read has no settings, so every key would differ.
    return [key for key in differing([run for run in runs if run.settings]) if key != "seed"]


def _group(label: str, query: str, members: Sequence[T], of: Of[T]) -> Group[T]:
    runs = [of(thing) for thing in members]
    return Group(
        label=label,
        query=query,
        members=tuple(members),
        num_seeds=len({run.settings.get("seed") for run in runs}),
        accuracy=_spread([run.accuracy for run in runs]),
        barrier=_spread([None if run.worst is None else run.worst.height for run in runs]),
        newest=max((run.created for run in runs if run.created is not None), default=None),
    )


def _spread(values: Sequence[float | None]) -> tuple[float, float] | None:
    known = [one for one in values if one is not None and math.isfinite(one)]
    if not known:
        return None
    return statistics.fmean(known), statistics.stdev(known) if len(known) > 1 else math.nan


def spread_words(spread: tuple[float, float] | None, show: Callable[[float], str], *, ascii: bool = False) -> str:
    """A mean and its standard deviation in words; empty for None, the mean alone for one run.

    Args:
        spread: Mean and standard deviation.
        show: Formats a number.
        ascii: Write the sign as `+-`.

    Returns:
        Such as `0.9512 ±0.0012`.
    """
    if spread is None:
        return ""
    sign = "+-" if ascii else "±"
    return show(spread[0]) + (f" {sign}{show(spread[1])}" if math.isfinite(spread[1]) else "")


GROUP_HEADS = ("group", "runs", "seeds", "accuracy", "accuracy_sd", "barrier", "barrier_sd", "query")
"""Heads of the values of `group_numbers`, for programs."""


def group_numbers(found: Group[Any]) -> list[str | int | float | None]:
    """One group's values under GROUP_HEADS; None where there is none."""
    spreads = [
        None if spread is None or not math.isfinite(spread[part]) else spread[part]
        for spread in (found.accuracy, found.barrier)
        for part in (0, 1)
    ]
    return [found.label, len(found.members), found.num_seeds, *spreads, found.query]
