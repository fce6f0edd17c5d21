"""From a TOML file to a study; what cannot be meant is refused before anything is spent."""

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lininterp_cli.config.options import shown
from lininterp_cli.config.presets import toml_table
from lininterp_cli.errors import ConfigError, NotFoundError, UnknownNameError
from lininterp_cli.study.plan import Step, Study

KINDS = ("interpolate", "reset-block", "train")
"""What a step can do."""

SHIPPED = Path(__file__).parent / "shipped"
"""The studies that come with the package, one file each."""

_KEYS = ("about", "source", "note", "base", "variants", "grid", "seeds", "steps", "targets", "smoke")


def find_study(reference: str) -> Study:
    """The study that is meant.

    Args:
        reference: A file's path, or the name of a study that comes with the package.

    Returns:
        The study.

    Raises:
        NotFoundError: If there is none.
    """
    path = Path(reference)
    if path.suffix != ".toml":
        if reference not in shipped():
            raise NotFoundError(f"there is no study {reference!r}; there are {', '.join(shipped())}, or a FILE.toml")
        path = SHIPPED / f"{reference}.toml"
    return read_study(path)


def shipped() -> list[str]:
    """The names of the studies that come with the package."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def read_study(path: Path) -> Study:
    """Read a study's file.

    Args:
        path: A TOML file.

    Returns:
        The study; whether its cells can be computed is not known yet.

    Raises:
        ConfigError: If a part of it cannot be meant.
        UnknownNameError: If it has a key that no study has.
    """
    content = toml_table(path)
    for key in content:
        if key not in _KEYS:
            raise UnknownNameError("key of a study", key, _KEYS)
    for key in ("base", "variants", "grid", "targets", "smoke"):
        _table(key, content.get(key, {}))
    for key in ("about", "source", "note"):
        if not isinstance(content.get(key, ""), str):
            raise ConfigError(f"{key} must be a text, not {shown(content[key])}")
    study = Study(
        name=path.stem,
        about=content.get("about", ""),
        source=content.get("source", ""),
        note=content.get("note", ""),
        base=content.get("base", {}),
        variants={name: _table(f"variants.{name}", own) for name, own in content.get("variants", {}).items()},
        grid={name: _axis(name, values) for name, values in content.get("grid", {}).items()},
        seeds=_seeds(content.get("seeds", 1)),
        steps=tuple(_steps(content.get("steps", []))),
        targets={row: _share(row, value) for row, value in content.get("targets", {}).items()},
        smoke=content.get("smoke", {}),
    )
    _check_targets(study)
    study.shrunk().cells()
    return study


def _check_targets(study: Study) -> None:
    groups = list(dict.fromkeys(cell.group for cell in study.cells()))
    for row in study.targets:
        if row not in groups and row.partition(" / ")[0] not in groups:
            raise UnknownNameError("row of the study", row, groups)


def _table(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{name} must be a table, not {shown(value)}")
    return value


def _axis(name: str, values: object) -> list[Any]:
    if not isinstance(values, list) or not values:
        raise ConfigError(f"grid.{name} must be a list of one value or more, not {shown(values)}")
    for index, value in enumerate(values):
        if value in values[:index]:
            raise ConfigError(f"grid.{name} has {shown(value)} twice")
    return values


def _seeds(given: object) -> tuple[int, ...]:
    seeds = list(range(given)) if type(given) is int else given
    if not isinstance(seeds, list) or not seeds or any(type(seed) is not int or seed < 0 for seed in seeds):
        raise ConfigError(f"seeds must be a number of seeds or a list of them, not {shown(given)}")
    if len(set(seeds)) < len(seeds):
        raise ConfigError(f"seeds has a seed twice: {shown(given)}")
    return tuple(seeds)


def _share(row: str, value: object) -> float:
    if not isinstance(value, float) or not 0 <= value <= 1:
        raise ConfigError(f"targets.{row} must be a test accuracy in [0, 1], not {shown(value)}")
    return value


def _steps(given: object) -> Iterator[Step]:
    if not isinstance(given, list):
        raise ConfigError(f"steps must be a list of tables, [[steps]], not {shown(given)}")
    for one in given:
        table = dict(_table("a step", one))
        below = tuple(_steps(table.pop("steps", [])))
        if len(table) != 1 or next(iter(table)) not in KINDS:
            raise ConfigError(f"a step is one of {', '.join(KINDS)} with a table of options, not {shown(one)}")
        ((kind, options),) = table.items()
        if below and kind == "interpolate":
            raise ConfigError("an interpolate step makes no run, so no steps can follow within it")
        for chosen in _each(_table(kind, options)):
            yield Step(kind=kind, options=chosen, steps=below)


def _each(options: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One table for each combination, where options are lists: a list means one step for each of its values."""
    lists = {key: value if isinstance(value, list) else [value] for key, value in options.items()}
    for values in itertools.product(*lists.values()):
        yield dict(zip(lists, values, strict=True))
