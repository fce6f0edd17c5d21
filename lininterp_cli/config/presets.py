"""Presets (named recipes), and the merging of a preset, a file and single settings into one configuration."""

import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from lininterp_cli.config.own import is_own, stamped
from lininterp_cli.config.run import Part, RunConfig, from_dict
from lininterp_cli.config.values import shown
from lininterp_cli.errors import ConfigError, NotFoundError, UnknownNameError

DEFAULT_PRESET = "digits"

PRESETS: dict[str, dict[str, Any]] = {
    # Small enough for a laptop, and it shows the paper's findings: a plateau up to the last steps of the path, and a
    # barrier in an early block. The strong weight decay makes up for the few steps.
    "digits": {
        "data": {"name": "digits"},
        "model": {"name": "resnet8"},
        "optimizer": {"name": "momentum", "weight_decay": 1e-2},
        "schedule": {"name": "cosine"},
        "training": {"epochs": 30},
    },
    # Vlaar & Frankle 2022, base setting: 100 epochs, momentum 0.9, weight decay 5e-4, drops at epochs 33 and 66.
    # We found no published learning rate; it is calibrated, together with the customary batch size, on the published
    # accuracies after one to eleven epochs (docs/reproduction.md).  The drops' factor is customary.
    "resnet18-cifar10": {
        "data": {"name": "cifar10"},
        "model": {"name": "resnet18"},
        "optimizer": {"name": "momentum", "weight_decay": 5e-4},
        "schedule": {"name": "step"},
        "training": {"epochs": 100},
    },
    # The two toy panels of the same paper: two hidden layers, Adam; width and learning rate are not published.
    "mlp-mnist": {
        "data": {"name": "mnist"},
        "model": {"name": "mlp"},
        "optimizer": {"name": "adam"},
        "training": {"epochs": 20},
    },
    "mlp-spiral": {
        "data": {"name": "spiral"},
        "model": {"name": "mlp"},
        "optimizer": {"name": "adam", "lr": 0.01},
        "training": {"epochs": 200},
    },
}


def preset(name: str) -> dict[str, Any]:
    """The settings of a named recipe.

    Args:
        name: A key of PRESETS.

    Returns:
        Nested plain data for `from_dict`.

    Raises:
        UnknownNameError: If there is no such recipe.
        ConfigError: If the name is not a text.
    """
    if not isinstance(name, str):
        raise ConfigError(f"preset must be a text, not {shown(name)}")
    if name not in PRESETS:
        raise UnknownNameError("preset", name, PRESETS)
    return deepcopy(PRESETS[name])


def read_toml(path: Path, name: str | None = None) -> dict[str, Any]:
    """The settings in a TOML file, laid over a preset, if any is named.

    Args:
        path: The file.
        name: The preset's name; None for the one that the file's key `preset` names.

    Returns:
        Nested plain data, the preset merged in.
    """
    return settled(toml_table(path) | ({} if name is None else {"preset": name}))


def toml_table(path: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Args:
        path: The file.

    Returns:
        Nested plain data.

    Raises:
        NotFoundError: If the file cannot be read.
        ConfigError: If it is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFoundError(f"cannot read the configuration {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error


def settled(given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings laid over the preset that their key `preset` names, if any.

    Args:
        given: Nested plain data, as in a file.

    Returns:
        Nested plain data without that key.
    """
    own = {key: value for key, value in given.items() if key != "preset"}
    return merged(preset(given["preset"]) if "preset" in given else {}, own)


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with others laid over them.

    A section that names another model, data set, optimizer or schedule starts from that one's own defaults:
    the learning rate of SGD is no guide to Adam's.

    Args:
        base: Nested plain data.
        changes: Nested plain data; its values win.

    Returns:
        New nested plain data.

    Example:
        >>> merged({"optimizer": {"name": "sgd", "lr": 0.1}}, {"optimizer": {"lr": 0.2}})
        {'optimizer': {'name': 'sgd', 'lr': 0.2}}
        >>> merged({"optimizer": {"name": "sgd", "lr": 0.1}}, {"optimizer": {"name": "adam"}})
        {'optimizer': {'name': 'adam'}}
    """
    out = dict(base)
    for key, value in changes.items():
        below = out.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            renamed = "name" in value and value["name"] != below.get("name")
            out[key] = dict(value) if renamed else {**below, **value}
        else:
            out[key] = value
    return out


def assignments(texts: list[str]) -> dict[str, Any]:
    """Settings from `section.key=value` texts; a value that is not valid TOML is taken as text.

    Args:
        texts: The arguments of `--set`.

    Returns:
        Nested plain data.

    Raises:
        ConfigError: If a text has no equals sign or no key.

    Example:
        >>> assignments(["optimizer.lr=0.05", "model.norm=none", "seed=3"])
        {'optimizer': {'lr': 0.05}, 'model': {'norm': 'none'}, 'seed': 3}
    """
    out: dict[str, Any] = {}
    for text in texts:
        path, equals, value = text.partition("=")
        section, dot, key = path.strip().partition(".")
        if not equals or not section or (dot and not key):
            raise ConfigError(f"--set takes section.key=value, for example optimizer.lr=0.05, not {text!r}")
        if dot:
            table = out.setdefault(section, {})
            if not isinstance(table, dict):
                raise ConfigError(f"--set {section}=... and --set {text} cannot both be meant: {section} is a table")
            table[key] = _value(value.strip())
        else:
            out[section] = _value(value.strip())
    return out


def configure(base: Mapping[str, Any], *changes: Mapping[str, Any]) -> RunConfig:
    """One configuration from a recipe and changes laid over it in turn.

    A section without a name keeps the name of `RunConfig`'s own default.

    Args:
        base: A recipe's settings.
        *changes: Settings; later ones win.

    Returns:
        The configuration; names of functions in a user's own files are stamped with the hashes of these, and paths in
        names have one spelling.
    """
    settings = merged({}, base)
    for change in changes:
        settings = merged(settings, change)
    config = from_dict(merged(RunConfig().to_dict(), settings))
    parts = {item.name: getattr(config, item.name) for item in fields(config)}
    named: dict[str, Any] = {
        key: replace(part, name=_named(part.name)) for key, part in parts.items() if isinstance(part, Part)
    }
    return replace(config, **named)


def _named(name: str) -> str:
    kind, colon, path = name.partition(":")
    return f"{kind}:{Path(path)}" if colon and path and not is_own(name) else stamped(name)


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text
