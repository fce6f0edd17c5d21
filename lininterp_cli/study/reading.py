"""Reads a study from its TOML file; refuses an invalid one before any run is made."""

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lininterp_cli.config.presets import toml_table
from lininterp_cli.config.values import shown
from lininterp_cli.errors import ConfigError, NotFoundError, UnknownNameError, did_you_mean
from lininterp_cli.study.plan import KINDS, MAX_CELLS, Published, Step, Study, label_words, row_label, run_names
from lininterp_cli.study.report.figures import FIGURES, epoch_of

SHIPPED = Path(__file__).parent / "shipped"
"""The studies that come with the package, one file each."""

_NAME = re.compile(r"\w[\w.+-]*")
"""Valid names of a study, which its folder and the tag of its runs have too."""

_KEYS = ("about", "source", "note", "base", "variants", "grid", "seeds", "steps", "targets", "smoke")


def find_study(reference: str) -> Study:
    """Find a study by its file or its name.

    Args:
        reference: A file's path, or the name of a study that comes with the package.

    Returns:
        The study.
    """
    return read_study(file_of(reference))


def file_of(reference: str) -> Path:
    """The file of a study.

    Args:
        reference: A file's path, or the name of a study that comes with the package.

    Returns:
        The file's path.

    Raises:
        NotFoundError: If no study that comes with the package has the name.
    """
    path = Path(reference)
    if path.suffix == ".toml":
        return path
    if reference not in shipped():
        hint = did_you_mean(reference, shipped())
        raise NotFoundError(f"there is no study {reference!r}{hint} (all: {', '.join(shipped())}, or a FILE.toml)")
    return SHIPPED / f"{reference}.toml"


def shipped() -> list[str]:
    """The names of the studies that come with the package."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def read_study(path: Path) -> Study:
    """Read a study's file.

    Args:
        path: A TOML file.

    Returns:
        The study; whether its cells can be computed is not checked yet.

    Raises:
        ConfigError: If a value in it is invalid.
        UnknownNameError: If it has an unknown key.
    """
    if not _NAME.fullmatch(path.stem):
        raise ConfigError(f"a study is called as its file, in letters, digits and . + - _; not {shown(path.stem)}")
    content = toml_table(path)
    for key in content:
        if key not in _KEYS:
            raise UnknownNameError("key of a study", key, _KEYS)
    for key in ("about", "source", "note"):
        if not isinstance(content.get(key, ""), str):
            raise ConfigError(f"{key} must be a text, not {shown(content[key])}")
    tables = {key: _table(key, content.get(key, {})) for key in ("base", "variants", "grid", "targets", "smoke")}
    study = Study(
        name=path.stem,
        about=content.get("about", ""),
        source=content.get("source", ""),
        note=content.get("note", ""),
        base=_settings("base", tables["base"]),
        variants={name: _settings(f"variants.{name}", own) for name, own in tables["variants"].items()},
        grid=_grid(tables["grid"]),
        seeds=_seeds(content.get("seeds", 1)),
        steps=_steps(content.get("steps", [])),
        targets={row: _published(row, value) for row, value in tables["targets"].items()},
        smoke=_smoke(tables["smoke"], tables["variants"]),
    )
    _check_targets(study)
    study.shrunk().cells()
    return study


def _check_targets(study: Study) -> None:
    groups = list(dict.fromkeys(cell.group for cell in study.cells()))
    rows = [row_label(group, name) for group in groups for name in run_names(study.steps)]
    for row in study.targets:
        if row not in rows:
            raise UnknownNameError("row of the study", row, rows)


def _table(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{name} must be a table, not {shown(value)}")
    return value


def _settings(name: str, value: object) -> Mapping[str, Any]:
    table = _table(name, value)
    if "seed" in table:
        raise ConfigError(f"{name}.seed cannot be meant: the key seeds of the study says which")
    if "reset" in table:
        raise ConfigError(f"{name}.reset cannot be meant: a step puts blocks back, [[steps]] with reset-block")
    return table


def _smoke(table: Mapping[str, Any], variants: Mapping[str, Any]) -> Mapping[str, Any]:
    seeds = table.get("seeds", 1)
    if type(seeds) is not int or seeds < 1:
        raise ConfigError(f"smoke.seeds must be how many of the seeds are used, 1 or more, not {shown(seeds)}")
    for kind in KINDS:
        _table(f"smoke.{kind}", table.get(kind, {}))
    for name, own in _table("smoke.variants", table.get("variants", {})).items():
        if name not in variants:
            raise UnknownNameError("variant", name, [*variants])
        _settings(f"smoke.variants.{name}", own)
    return _settings("smoke", table)


def _grid(table: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The axes; both `optimizer.lr = [...]`, in TOML a nested table, and `"optimizer.lr" = [...]` are accepted."""
    axes: dict[str, list[Any]] = {}
    for name, values in _settings("grid", table).items():
        below = {f"{name}.{key}": own for key, own in values.items()} if isinstance(values, Mapping) else {name: values}
        for axis, own in below.items():
            if axis in axes:
                raise ConfigError(f"grid.{axis} is there twice, with quotes and without")
            axes[axis] = _axis(axis, own)
    return axes


def _axis(name: str, values: object) -> list[Any]:
    if not isinstance(values, list) or not values:
        raise ConfigError(f"grid.{name} must be a list of one value or more, not {shown(values)}")
    for index, value in enumerate(values):
        if isinstance(value, Mapping | list):
            raise ConfigError(f"grid.{name} must hold single values, not {shown(value)}; tables belong into variants")
        if value in values[:index]:
            raise ConfigError(f"grid.{name} has {shown(value)} twice")
    return values


def _seeds(given: object) -> tuple[int, ...]:
    seeds: object = list(range(min(given, MAX_CELLS + 1))) if type(given) is int else given
    if not isinstance(seeds, list) or not seeds or any(type(seed) is not int or seed < 0 for seed in seeds):
        raise ConfigError(f"seeds must be a number of seeds or a list of them, not {shown(given)}")
    if len(set(seeds)) < len(seeds):
        raise ConfigError(f"seeds has a seed twice: {shown(given)}")
    return tuple(seeds)


def _published(row: str, value: object) -> dict[str, Published]:
    """The published values of a row, given as a table by names of figures, or as the test accuracy alone."""
    table = value if isinstance(value, Mapping) else {"test_accuracy": value}
    for name in table:
        if name not in FIGURES and epoch_of(name) is None:
            raise UnknownNameError(f"figure of targets.{row}", name, FIGURES)
    return {name: _figure(f"targets.{row}", name, own) for name, own in table.items()}


def _figure(where: str, name: str, value: object) -> Published:
    given: list[Any] = value if isinstance(value, list) else [value]
    numbers = [float(one) for one in given if type(one) in (int, float) and math.isfinite(one)]
    if len(numbers) != len(given) or len(given) not in (1, 2):
        raise ConfigError(f"{where}.{name} must be a number, or a mean and a deviation, not {shown(value)}")
    if "accuracy" in name and not 0 <= numbers[0] <= 1:
        raise ConfigError(f"{where}.{name} must be a fraction in [0, 1], not {shown(value)}")
    return Published(*numbers)


def _steps(given: object) -> tuple[Step, ...]:
    if not isinstance(given, list):
        raise ConfigError(f"steps must be a list of tables, [[steps]], not {shown(given)}")
    steps = tuple(step for one in given for step in _expanded(one))
    labels = [step.label for step in steps]
    for index, label in enumerate(labels):
        if label in labels[:index]:
            raise ConfigError(f"the step {label!r} is there twice")
    return steps


def _expanded(given: object) -> Iterator[Step]:
    table = dict(_table("a step", given))
    below, name = _steps(table.pop("steps", [])), table.pop("name", "")
    if not isinstance(name, str):
        raise ConfigError(f"a step's name must be a text, not {shown(name)}")
    if len(table) != 1 or next(iter(table)) not in KINDS:
        raise ConfigError(f"a step is one of {', '.join(KINDS)} with a table of options, not {shown(given)}")
    ((kind, options),) = table.items()
    if below and not Step(kind=kind).makes_run:
        raise ConfigError(f"a step of {kind} makes no run, so no steps can follow within it")
    lists = [key for key, value in _table(kind, options).items() if isinstance(value, list)]
    for chosen in _each(kind, options):
        words = label_words({key: chosen[key] for key in lists}) if name else []
        yield Step(kind=kind, options=chosen, steps=below, name=" ".join([name, *words]).strip())


def _each(kind: str, options: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Options of one step for each combination of values, where options are lists of values."""
    lists = {key: value if isinstance(value, list) else [value] for key, value in options.items()}
    for key, values in lists.items():
        if not values:
            raise ConfigError(f"{kind}: {key} is an empty list; a list means one step for each of its values")
    for combination in itertools.product(*lists.values()):
        yield dict(zip(lists, combination, strict=True))
