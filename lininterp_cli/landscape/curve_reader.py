"""Reading curve files, and the order in which a reader wants them; never torch.

What it returns can be relied on: a file of another shape than a curve's ends in one clear error.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from lininterp_cli.errors import NotFoundError, StoreError, UnknownNameError
from lininterp_cli.landscape.barrier import Interval
from lininterp_cli.landscape.curve import SCHEMA, BatchNorm, Curve, Granularity, Rest, Series, Values
from lininterp_cli.runs.files import read_json

_T = TypeVar("_T")

USUAL_NAMES = ("by-block", "by-layer", "by-tensor", "full")
"""Names of the curves that answer the usual question: initial to final, running statistics, the whole test split."""


def most_telling_first(paths: Sequence[Path]) -> list[Path]:
    """Curve files in the order a reader wants them.

    Args:
        paths: Curve files of one run, oldest first.

    Returns:
        Those of the usual question first, finest view of blocks before the whole; then the others, newest first.
    """
    usual = [path for name in USUAL_NAMES for path in paths if path.stem == name]
    return usual + [path for path in reversed(paths) if path.stem not in USUAL_NAMES]


def meant_curve(run_id: str, curves: Sequence[Curve], name: str | None, splits: Collection[str]) -> Curve:
    """The curve that is meant: the named one, or the most telling one that has the splits.

    Args:
        run_id: The run that the curves are of, for the message.
        curves: The curves, the most telling first.
        name: A curve's name, or None.
        splits: What it should have been measured on; where none was, the most telling one is meant.

    Returns:
        The curve.

    Raises:
        UnknownNameError: If none has the name.
        NotFoundError: If there is no curve at all.
    """
    if name is not None:
        named = {one.name: one for one in curves}
        if name not in named:
            raise UnknownNameError("curve", name, named)
        return named[name]
    if not curves:
        raise NotFoundError(f"{run_id} has no curves; make one with: lininterp interpolate {run_id} --layer-wise")
    return next((one for one in curves if set(splits) <= set(one.splits)), curves[0])


def read_curve(path: Path) -> Curve:
    """Read a curve file.

    Args:
        path: The file.

    Returns:
        The curve.

    Raises:
        StoreError: If the file is damaged, foreign or newer than this program.
    """
    content = read_json(path, SCHEMA)
    try:
        # In schema 1 all series had the same alphas.
        shared = {"alphas": content["alphas"]} if content["schema"] == 1 else {}
        series = tuple(_read_series(_typed(one, dict) | shared) for one in _typed(content["series"], list))
        _check(series)
        choices = {"path": ("linear",), "by": get_args(Granularity), "rest": get_args(Rest), "bn": get_args(BatchNorm)}
        head: dict[str, Any] = {key: _one_of(content, key, allowed) for key, allowed in choices.items()}
        head |= {key: _typed(content[key], str) for key in ("run", "dtype")}
        head |= {key: _typed(content[key], dict) for key in ("start", "end")}
        head |= {key: _typed(content.get(key, 0), int) for key in ("order_seed", "bn_examples", "batch_size")}
        return Curve(
            **head,
            environment=_typed(content.get("environment", {}), dict),
            complete=_typed(content.get("complete", True), bool),
            asked=_typed(content.get("asked", {}), dict),
            interval_method=_typed(content.get("interval_method", ""), str),
            name=_typed(content.get("name", path.stem), str),
            series=series,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise StoreError(f"{path} is damaged: {type(error).__name__} {error}") from error


def _check(series: tuple[Series, ...]) -> None:
    if any(list(one.alphas) != sorted(one.alphas) for one in series):
        raise ValueError("the alphas do not ascend")
    if not series or not series[0].splits or not all(one.alphas for one in series):
        raise ValueError("there is no alpha, series or split in it")
    if any(one.splits.keys() != series[0].splits.keys() for one in series):
        raise ValueError("the series have different splits")


def _typed(value: Any, kind: type[_T]) -> _T:
    if type(value) is not kind:
        raise TypeError(f"{value!r} is not a {kind.__name__}")
    return value


def _one_of(content: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> Any:
    if content[key] not in allowed:
        raise ValueError(f"{key} is {content[key]!r}")
    return content[key]


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is not a finite number")
    return float(value)


def _read_series(content: Mapping[str, Any]) -> Series:
    alphas = tuple(_number(alpha) for alpha in _typed(content["alphas"], list))
    splits = {
        split: Values(
            num_examples=_typed(values["num_examples"], int),
            split_size=_typed(values.get("split_size", 0), int),
            **{key: _read_numbers(values[key], len(alphas)) for key in ("loss", "loss_stderr", "accuracy")},
        )
        for split, values in content["splits"].items()
    }
    moved = content["distance"]
    return Series(
        block=None if content["block"] is None else _typed(content["block"], str),
        tensors=tuple(_typed(name, str) for name in _typed(content["tensors"], list)),
        distance=math.nan if moved is None else _number(moved),
        alphas=alphas,
        splits=splits,
        intervals=_read_intervals(_typed(content.get("barriers", {}), dict)),
        accuracy_intervals=_read_intervals(_typed(content.get("accuracy_barriers", {}), dict)),
    )


def _read_intervals(barriers: Mapping[str, Any]) -> dict[str, dict[str, Interval]]:
    known = {
        split: {
            name: Interval(_number(barrier["low"]), _number(barrier["high"]))
            for name, barrier in named.items()
            if barrier is not None and "low" in barrier
        }
        for split, named in barriers.items()
    }
    return {split: named for split, named in known.items() if named}


def _read_numbers(numbers: list[float | None], count: int) -> tuple[float, ...]:
    if len(_typed(numbers, list)) != count:
        raise ValueError(f"{len(numbers)} values for {count} alphas")
    return tuple(math.nan if number is None else _number(number) for number in numbers)
