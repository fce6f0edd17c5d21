"""A run's configuration as settings on a command line that trains it again; it reads no file and starts nothing."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from lininterp_cli.config.identity import without_hashes
from lininterp_cli.config.presets import DEFAULT_PRESET, PRESETS, assignments, configure, preset
from lininterp_cli.errors import LininterpError

Config = Mapping[str, Any]
"""A configuration as in a record, with all defaults."""

Flat = Mapping[str, Any]
"""A flat configuration as in `Summary.settings`: `optimizer.lr` to its value."""

Defaults = Mapping[tuple[str, str], Mapping[str, Any]]
"""Section and name (`optimizer`, `adam`) to the default hyper-parameters."""

_APART = {"seed", "reset"}
"""Keys that are no settings of a form: it has a field for the seed, and a reset is another command."""


def nearest_preset(config: Config, defaults: Defaults | None = None) -> tuple[str, dict[str, str]]:
    """The recipe that needs the fewest settings to become a run's configuration, and those settings.

    Args:
        config: The configuration in the run's record.
        defaults: Known defaults of hyper-parameters; settings at their defaults are omitted.

    Returns:
        The recipe's name, and `section.key` to the value as `--set` takes it, without `seed` and `reset`.
    """
    found = {name: _differing(name, config, defaults or {}) for name in PRESETS}
    name = min(found, key=lambda name: len(found[name]))
    return name, found[name]


def recipe_values(name: str, named: Mapping[str, str], defaults: Defaults) -> dict[str, str]:
    """The values that a recipe gives to settings without a value of their own.

    Args:
        name: The recipe's name; empty for that of the data set in `named`, or else the default recipe.
        named: Section to the name that is chosen in place of the recipe's.
        defaults: Known defaults of hyper-parameters.

    Returns:
        `section.key` to its value as text; empty if there is no such recipe, or a name does not fit it.
    """
    own = [key for key, value in PRESETS.items() if value["data"]["name"] == named.get("data")]
    try:
        base = preset(name or next(iter(own), DEFAULT_PRESET))
        config = configure(base, {section: {"name": part} for section, part in named.items()}).to_dict()
    except LininterpError:
        return {}
    values: dict[str, Any] = {}
    for section, value in config.items():
        is_part = isinstance(value, Mapping)
        values |= {f"{section}.{key}": one for key, one in _own(value, defaults, section).items()} if is_part else {}
        values |= {} if is_part else {section: value}
    return {key: ("no", "yes")[value] if isinstance(value, bool) else str(value) for key, value in values.items()}


def spelled(value: Any) -> str:
    """A value as text for `--set`, such that it is parsed to the same value.

    Args:
        value: A number, a boolean or a text.

    Returns:
        TOML; a text without quotes if it cannot be parsed as anything else.

    Example:
        >>> spelled(True), spelled(0.01), spelled("none"), spelled("3"), spelled("a b")
        ('true', '0.01', 'none', '"3"', 'a b')
    """
    if not isinstance(value, str):
        return json.dumps(value)
    try:
        is_plain = assignments([f"a.b={value}"]) == {"a": {"b": value}}
    except LininterpError:
        is_plain = False
    return value if is_plain else json.dumps(value)


def free_seed(own: Flat, others: Iterable[Flat]) -> int:
    """The next seed that no run of the same configuration has.

    Args:
        own: A run's settings.
        others: The settings of all runs.

    Returns:
        A seed above the run's own.
    """
    same = {key: value for key, value in own.items() if key != "seed"}
    taken = {_seed(other) for other in others if {key: other[key] for key in other if key != "seed"} == same}
    seed = _seed(own) + 1
    while seed in taken:
        seed += 1
    return seed


def _differing(name: str, config: Config, defaults: Defaults) -> dict[str, str]:
    """Settings that turn a recipe into a configuration; names are set first, as each name has options of its own."""
    texts: dict[str, str] = {}
    for only_names in (True, False):
        try:
            base = configure(preset(name), assignments([f"{key}={text}" for key, text in texts.items()])).to_dict()
        except LininterpError:
            base = preset(name)
        for section, wanted in config.items():
            if section in _APART:
                continue
            if not isinstance(wanted, Mapping):
                plain = without_hashes(wanted) if section == "init" and isinstance(wanted, str) else wanted
                if not only_names and plain != base.get(section):
                    texts[section] = spelled(plain)
                continue
            own = _own(base.get(section), defaults, section)
            for key, value in wanted.items():
                if (key == "name") == only_names and (key not in own or own[key] != value):
                    texts[f"{section}.{key}"] = spelled(value)
    return texts


def _own(section: Any, defaults: Defaults, name: str) -> dict[str, Any]:
    known = dict(section) if isinstance(section, Mapping) else {}
    return {**defaults.get((name, str(known.get("name"))), {}), **known}


def _seed(settings: Flat) -> int:
    seed = settings.get("seed")
    if isinstance(seed, bool) or not isinstance(seed, int | float):
        return 0
    return int(seed) if math.isfinite(seed) else 0
