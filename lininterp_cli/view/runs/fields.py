"""The fields of a run as one table, for columns, filters, orders and scatter plots.

Fields are computed from summaries; no file is read.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lininterp_cli.runs.record import STUDY_TAG
from lininterp_cli.view.runs.summary import Setting, Summary, Worst
from lininterp_cli.view.text import duration, fraction, number

Value = float | str | tuple[str, ...] | None
"""A number, a word, several words, or None where it is unknown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of runs."""

    get: Callable[[Summary], Value]
    """Returns its value in a summary."""
    help: str
    """A short description."""
    unit: str = ""
    """`nats`, `fraction`, `seconds` or empty."""
    show: Callable[[float], str] = number
    """Formats a value that is a number."""


def _of_worst(get: Callable[[Worst], Value]) -> Callable[[Summary], Value]:
    return lambda run: None if run.worst is None else get(run.worst)


def _of_settings(name: str) -> Callable[[Summary], Value]:
    return lambda run: _value_of(run.settings.get(name))


def _gap(run: Summary) -> float | None:
    known = run.train_accuracy is not None and run.accuracy is not None
    return run.train_accuracy - run.accuracy if known else None  # type: ignore[operator]


def _studies(run: Summary) -> tuple[str, ...] | None:
    return tuple(tag.removeprefix(STUDY_TAG) for tag in run.tags if tag.startswith(STUDY_TAG)) or None


def _count(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) else number(value)


def _short(value: float) -> str:
    return f"{value:g}"


def _day(seconds: float) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))
    except (ValueError, OverflowError, OSError):
        return number(seconds)


FIELDS: dict[str, Field] = {
    "state": Field(get=lambda run: run.state, help="running, finished, interrupted, failed, diverged or damaged"),
    "id": Field(get=lambda run: run.id, help="the run's id"),
    "name": Field(get=lambda run: run.name or None, help="what you call it"),
    "model": Field(get=lambda run: run.model or None, help="the network"),
    "data": Field(get=lambda run: run.data or None, help="the data set"),
    "optimizer": Field(get=lambda run: run.optimizer or None, help="the optimizer"),
    "seed": Field(get=_of_settings("seed"), help="the run's seed", show=_short),
    "tag": Field(get=lambda run: run.tags or None, help="your own marks"),
    "study": Field(get=_studies, help="the studies it is part of"),
    "kind": Field(get=lambda run: run.kind or None, help="train, reset-block or import"),
    "parent": Field(get=lambda run: run.parent or None, help="the run it was made from"),
    "accuracy": Field(get=lambda run: run.accuracy, help="final, on test data", unit="fraction", show=fraction),
    "train_accuracy": Field(
        get=lambda run: run.train_accuracy, help="final, on training data", unit="fraction", show=fraction
    ),
    "gap": Field(get=_gap, help="training less test accuracy", unit="fraction", show=fraction),
    "test_loss": Field(get=lambda run: run.test_loss, help="final, on test data", unit="nats"),
    "train_loss": Field(get=lambda run: run.train_loss, help="final, on training data", unit="nats"),
    "barrier": Field(
        get=_of_worst(lambda worst: worst.height), help="the worst one from initial to final, test loss", unit="nats"
    ),
    "barrier_alpha": Field(get=_of_worst(lambda worst: worst.alpha), help="where its top is"),
    "barrier_low": Field(get=_of_worst(lambda worst: worst.low), help="lower end of its interval", unit="nats"),
    "barrier_high": Field(get=_of_worst(lambda worst: worst.high), help="upper end of its interval", unit="nats"),
    "block": Field(get=_of_worst(lambda worst: worst.block), help="where the worst barrier is; all for the whole"),
    "barrier_full": Field(
        get=_of_worst(lambda worst: worst.full), help="the barrier of the whole network", unit="nats"
    ),
    "monotone": Field(
        get=_of_worst(lambda worst: _value_of(worst.monotone)), help="whether the whole network's loss never rises"
    ),
    "distance": Field(get=lambda run: run.distance, help="from initial to final weights"),
    "parameters": Field(get=lambda run: run.parameters, help="trainable numbers in the network", show=_count),
    "epoch": Field(get=lambda run: float(run.epoch), help="epochs that are done", show=_short),
    "created": Field(get=lambda run: run.created, help="when it was made, UTC", unit="seconds", show=_day),
    "age": Field(get=lambda run: run.age(time.time()), help="since it was made", unit="seconds", show=duration),
}  # fmt: skip
"""Name to field; the keys of configurations are further fields."""

ALIASES = {
    "opt": "optimizer", "acc": "accuracy", "test_accuracy": "accuracy", "tags": "tag", "status": "state",
    "height": "barrier", "params": "parameters", "num_parameters": "parameters", "dataset": "data",
}  # fmt: skip
"""Other name to field."""

_SHORT_SETTINGS = {
    "wd": "weight_decay", "bs": "batch_size", "noise": "label_noise", "opt": "optimizer", "sched": "schedule"
}  # fmt: skip


def value(run: Summary, name: str, now: float | None = None) -> Value:
    """The value of one field of a run.

    Args:
        run: The run.
        name: A key of FIELDS or ALIASES, or a key of the configuration (`optimizer.lr`), which may be shortened if it
            stays unambiguous (`opt.lr`, `lr`, `wd`).
        now: The current time in seconds since 1970, for the age; the clock's unless given.

    Returns:
        The value; None where it is unknown or there is no such field.
    """
    field = FIELDS.get(name) or FIELDS.get(ALIASES.get(name, name))
    if field is not None:
        return run.age(now) if name == "age" and now is not None else field.get(run)
    key = setting_key(name, tuple(run.settings))
    return None if key is None else _value_of(run.settings[key])


def shown(name: str, known: Value) -> str:
    """A value as lists and tables show it.

    Args:
        name: The field.
        known: Its value.

    Returns:
        Words that are not yet made printable; empty for None.
    """
    if known is None:
        return ""
    if isinstance(known, tuple):
        return ", ".join(known)
    if isinstance(known, str):
        return known
    field = FIELDS.get(ALIASES.get(name, name))
    return _short(known) if field is None else field.show(known)


def about(name: str) -> str:
    """A short description of a field, with its unit; `configuration` for a key of the configuration."""
    field = FIELDS.get(ALIASES.get(name, name))
    if field is None:
        return "configuration"
    return f"{field.help} ({field.unit})" if field.unit else field.help


def names(runs: Sequence[Summary]) -> list[str]:
    """Every field of some runs: those of FIELDS, then the keys of their configurations, except `*.name`."""
    keys: dict[str, None] = {}
    for run in runs:
        keys |= dict.fromkeys(run.settings)
    return [*FIELDS, *sorted(key for key in keys if key not in FIELDS and not key.endswith(".name"))]


def field_meant(name: str, known: Sequence[str]) -> str | None:
    """Resolve the name of a field as filters do.

    Args:
        name: A field, another name for it, or an unambiguous short form of a configuration key.
        known: The existing fields, see `names`.

    Returns:
        One of `known`; None where none matches.

    Example:
        >>> [field_meant(name, ("accuracy", "optimizer.lr")) for name in ("acc", "lr", "opt.lr", "l.r")]
        ['accuracy', 'optimizer.lr', 'optimizer.lr', None]
    """
    field = ALIASES.get(name, name)
    return field if field in known else setting_key(name, tuple(key for key in known if key not in FIELDS))


def numeric(runs: Sequence[Summary]) -> list[str]:
    """The fields in which runs can be compared as numbers.

    Args:
        runs: The runs.

    Returns:
        Their names, each with at least two different finite numbers; without `age`, which `created` determines.
    """

    def differs(name: str) -> bool:
        found = (value(run, name) for run in runs)
        first = next((one for one in found if isinstance(one, float | int) and math.isfinite(one)), None)
        return any(isinstance(one, float | int) and math.isfinite(one) and one != first for one in found)

    return [name for name in names(runs) if name != "age" and differs(name)]


def differing(runs: Sequence[Summary]) -> list[str]:
    """Configuration keys whose values differ between runs; a missing key counts as None."""
    keys: dict[str, None] = {}
    for run in runs:
        keys |= dict.fromkeys(run.settings)
    return [key for key in sorted(keys) if len({run.settings.get(key) for run in runs}) > 1]


@lru_cache(maxsize=4096)
def setting_key(name: str, keys: tuple[str, ...]) -> str | None:
    """Resolve a short form of a configuration key.

    Args:
        name: The whole key or its last parts; each part may be a prefix or a key of _SHORT_SETTINGS.
        keys: The configuration's keys.

    Returns:
        The key; None where none matches, or several match equally well.

    Example:
        >>> keys = ("optimizer.lr", "optimizer.weight_decay", "schedule.warmup_epochs", "training.epochs")
        >>> [setting_key(name, keys) for name in ("opt.lr", "wd", "epochs", "warmup", "w")]
        ['optimizer.lr', 'optimizer.weight_decay', 'training.epochs', 'schedule.warmup_epochs', None]
    """
    if name in keys:
        return name
    parts = [_SHORT_SETTINGS.get(part, part) for part in name.split(".")]
    spelled = [key.split(".") for key in keys]
    # A whole last part first: then `epochs` does not match a part that only begins with it.
    for fits in (str.__eq__, str.startswith):
        found = [
            ".".join(key)
            for key in spelled
            if len(key) >= len(parts)
            and all(one.startswith(part) for one, part in zip(key[-len(parts) : -1], parts[:-1], strict=True))
            and fits(key[-1], parts[-1])
        ]
        if found:
            return found[0] if len(found) == 1 and parts[-1] else None
    return None


def _value_of(setting: Setting) -> Value:
    if isinstance(setting, bool):
        return "true" if setting else "false"
    if isinstance(setting, int):
        # JSON has integers that no float can hold.
        return float(setting) if abs(setting) < 2**63 else str(setting)
    # One text, so that a filter can match exactly these; `:~` finds any one of them.
    return ", ".join(setting) if isinstance(setting, tuple) else setting
