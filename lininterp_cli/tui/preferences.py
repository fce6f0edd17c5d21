"""The user's preferences for the explorer, from a TOML file; an error there is reported and stops nothing."""

import os
import tomllib
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from lininterp_cli.tui.keys import Table, actions_of, character_of, rekeyed, spelled

DEFAULT_THEME = "ansi-dark"
"""The terminal's own colours and background."""

POLL_SECONDS = 2.0
"""Seconds between two scans of the folder."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Preferences:
    """The settings of the file; None leaves one to the program."""

    theme: str = DEFAULT_THEME
    """Name of a theme of Textual."""
    ascii: bool = False
    """Use ASCII only, even if the terminal reports that it can show more."""
    mouse: bool | None = None
    """Whether the mouse is used; None for only without an SSH connection."""
    threshold: float | None = None
    """Height in nats from which a barrier counts as high; None for the default of each screen."""
    poll_seconds: float = POLL_SECONDS
    """Seconds between two scans of the folder, 0.2 to 3600."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Id of an action to Textual's names of its keys, separated by commas."""


def preferences_path(environ: Mapping[str, str] | None = None) -> Path:
    """The path of the file.

    Args:
        environ: The environment; the process's own unless given. `XDG_CONFIG_HOME` is read.

    Returns:
        `$XDG_CONFIG_HOME/lininterp/tui.toml`, under `~/.config` unless that is an absolute path.
    """
    environ = os.environ if environ is None else environ
    home = environ.get("XDG_CONFIG_HOME", "")
    # The XDG Base Directory Specification requires that relative paths are ignored.
    folder = Path(home) if home.startswith("/") else Path(os.path.expanduser("~")) / ".config"
    return folder / "lininterp" / "tui.toml"


def read_preferences(path: Path, table: Table, themes: Collection[str]) -> tuple[Preferences, str]:
    """Read the file.

    Args:
        path: The file; if there is none, all preferences have their defaults.
        table: Every screen's actions.
        themes: Names of the available themes.

    Returns:
        The preferences, and one line about the first setting that is invalid; empty if none is.
    """
    try:
        content = tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        return Preferences(), ""
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return Preferences(), f"{path.name} is not used: {reason}"
    known, problems = {}, []
    for name, value in content.items():
        if name == "keys":
            continue
        check = _CHECKS.get(name)
        if check is None:
            problems.append(f"nothing is called {name} (all: {', '.join(_CHECKS)}, keys)")
        elif name == "theme" and value not in themes:
            problems.append(f"there is no theme {value!r} (all: {', '.join(sorted(themes))})")
        elif not check[0](value):
            problems.append(f"{name} must be {check[1]}, not {value!r}")
        else:
            known[name] = value
    found = replace(Preferences(), **known)
    keys, wrong = _keys(content.get("keys", {}), table)
    problems += wrong
    count = f", 1 of {len(problems)} remarks" if len(problems) > 1 else ""
    return replace(found, keys=keys), f"{path.name}{count}: {problems[0]}" if problems else ""


def _keys(wanted: Any, table: Table) -> tuple[dict[str, str], list[str]]:
    """The valid part of a keymap, and a message for each other entry."""
    if not isinstance(wanted, Mapping):
        return {}, ['[keys] must be a table of action = "keys"']
    known = {action.id: action for actions in table.values() for action in actions}
    keymap, problems = {}, []
    for name, value in wanted.items():
        keys = [_named(key.strip()) for key in _split(value)]
        if name not in known:
            problems.append(f"there is no action {name!r} to give keys to")
        elif not keys or not all(map(_is_key, keys)):
            problems.append(f"{name} = {value!r} names no keys")
        elif known[name].everywhere and (typed := [key for key in keys if _types(key)]):
            problems.append(
                f"{name} works in prompts, where {spelled(typed[0])} is typed; give it a key such as ctrl+e"
            )
        else:
            keymap[name] = ",".join(dict.fromkeys(keys))
    while clash := _clash(rekeyed(table, keymap), keymap):
        name, key, other, screen = clash
        del keymap[name]
        where = f"on the screen {screen}" if screen else "everywhere"
        problems.append(f"{name}: {spelled(key)} is the key of {other} {where}; give {other} another")
    return keymap, problems


def _clash(table: Table, keymap: Mapping[str, str]) -> tuple[str, str, str, str] | None:
    for screen in table:
        owners: dict[str, str] = {}
        for action in actions_of(screen, table):
            for key in action.keys.split(","):
                other = owners.setdefault(key, action.id)
                if other != action.id:
                    changed, kept = (action.id, other) if action.id in keymap else (other, action.id)
                    if changed in keymap:
                        return changed, key, kept, screen
    return None


def _split(value: object) -> list[str]:
    return value.split(",") if isinstance(value, str) and value.strip() else []


def _named(key: str) -> str:
    """Textual's name of a key that is given by this name or by the character it types."""
    if len(key) != 1 or key.isalnum():
        return key
    name = unicodedata.name(key, "").lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


def _is_key(name: str) -> bool:
    *modifiers, key = name.split("+")
    if not set(modifiers) <= {"ctrl", "shift", "alt", "super"}:
        return False
    return len(key) == 1 or key in set(Keys) or character_of(key) is not None


def _types(name: str) -> bool:
    return (character_of(name) or "\n").isprintable()


def _is_number(low: float, high: float) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "theme": (lambda value: isinstance(value, str), "the name of a theme"),
    "ascii": (_is_switch, "true or false"),
    "mouse": (_is_switch, "true or false"),
    "threshold": (_is_number(0, 1e6), "a number of nats, 0 or more"),
    "poll_seconds": (_is_number(0.2, 3600), "a number of seconds from 0.2 to 3600"),
}
