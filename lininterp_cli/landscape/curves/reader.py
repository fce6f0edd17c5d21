"""Reads curve files, and sorts curves by relevance; imports no torch.

Curves that are returned are valid: every other file raises one clear error.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from lininterp_cli.errors import ConfigError, NotFoundError, StoreError, UnknownNameError
from lininterp_cli.landscape.curves.barrier import Interval
from lininterp_cli.landscape.curves.curve import SCHEMA, BatchNorm, Curve, Granularity, Rest, Series, Values
from lininterp_cli.runs.advice import command
from lininterp_cli.runs.files import number, read_json, typed
from lininterp_cli.runs.run import Run

USUAL_NAME = "by-block"
"""Name of the curve of the default question by block, on every example; see `is_usual`."""

_MOVES: tuple[Granularity, ...] = ("block", "layer", "kind", "tensor", "full")
_RANKED = ("name", "run", "start", "end", "by", "rest", "bn", "dtype", "complete")


def most_telling_first(curves: Iterable[Curve]) -> list[Curve]:
    """The curves of one run, the most relevant first, regardless of the age of their files.

    Args:
        curves: The curves.

    Returns:
        The curves, in the order of `rank_by`.
    """
    return sorted(curves, key=rank)


def rank(curve: Curve) -> tuple[Any, ...]:
    """The sort key of a curve; see `rank_by`."""
    known = curve.series[0].splits.get("test")
    return rank_by(
        {key: getattr(curve, key) for key in _RANKED},
        None if known is None else known.num_examples,
        sum(len(one.alphas) for one in curve.series),
    )


def rank_by(head: Mapping[str, Any], num_examples: int | None, num_points: int) -> tuple[Any, ...]:
    """The sort key of a curve; the smallest is the most relevant.

    Args:
        head: The content of the curve's file before its series.
        num_examples: Test examples it was measured on; None if it was not measured on test data.
        num_points: Points at which its paths were measured, of all its series.

    Returns:
        A key to sort by.  Curves from the run's own initial to its final weights come first, then in turn those
        measured on test data, with running statistics, the rest at its final state, and in float32; blocks before
        layers, kinds, tensors and the whole network; complete curves before previews; more examples before fewer,
        then more points; ties are sorted by name.
    """
    by = head.get("by")
    return (
        [_own_checkpoint(head, end) for end in ("start", "end")] != ["initial", "final"],
        num_examples is None,
        *(head.get(key) != usual for key, usual in (("bn", "running"), ("rest", "final"), ("dtype", "float32"))),
        _MOVES.index(by) if by in _MOVES else len(_MOVES),
        head.get("complete") is False,
        -(num_examples or 0),
        -num_points,
        str(head.get("name")),
    )


def is_usual(head: Mapping[str, Any]) -> bool:
    """Whether a curve with this head, measured on every test example, ranks first unless another has more points.

    Args:
        head: The content of its file before its series.

    Returns:
        True for a complete curve by block from the run's own initial to its final weights, with the usual settings.
    """
    return not any(rank_by(head, 1, 1)[:-3])


def _own_checkpoint(head: Mapping[str, Any], end: str) -> object:
    known = head.get(end)
    if not isinstance(known, Mapping) or known.get("run", head.get("run")) != head.get("run"):
        return None
    return known.get("checkpoint")


def meant_curve(run: Run, curves: Sequence[Curve], name: str | None, splits: Collection[str]) -> Curve:
    """The requested curve: the named one, or the most relevant one that has the splits.

    Args:
        run: The curves' run, for the message.
        curves: The curves, the most relevant first.
        name: A curve's name, a unique prefix of one, or None.
        splits: The splits it must have.

    Returns:
        The curve.

    Raises:
        NotFoundError: If there is no curve at all, or none that has the splits.
    """
    if name is None and not curves:
        way = command(run.folder.parent, "interpolate", run.id, "--layer-wise")
        raise NotFoundError(f"{run.id} has no curves; make one with: {way}")
    if name is None:
        meant = next((one for one in curves if set(splits) <= set(one.splits)), curves[0])
    else:
        named = {one.name: one for one in curves}
        meant = named[full_name(name, named)]
    check_measured(run, meant.splits, splits)
    return meant


def check_measured(run: Run, known: Collection[str], splits: Collection[str]) -> None:
    """Check that splits were measured.

    Args:
        run: The run, for the message.
        known: The splits that were.
        splits: The splits that are wanted.

    Raises:
        NotFoundError: If one was not; the message states how to measure it.
    """
    missing = [split for split in splits if split not in known]
    if missing:
        raise NotFoundError(unmeasured(run.folder.parent, run.id, known, missing[0]))


def unmeasured(store: Path, reference: str, known: Collection[str], split: str) -> str:
    """The words for a split that was not measured.

    Args:
        store: The folder of the runs.
        reference: The run, as a command takes it.
        known: The splits that were measured.
        split: The split.

    Returns:
        One line, with the command that measures it.

    Example:
        >>> unmeasured(Path("runs"), "my-run", ["test"], "train")
        'not measured on train; the same curve on both: lininterp interpolate my-run ... --split test,train'
    """
    both = ",".join((*known, split))
    way = command(store, "interpolate", reference, "...", "--split", both)
    return f"not measured on {split}; the same curve on both: {way}"


def full_name(name: str, names: Collection[str]) -> str:
    """The curve name that a user means.

    Args:
        name: A curve's name, or a unique prefix of one.
        names: The names of the curves there are.

    Returns:
        The name of a curve.

    Raises:
        UnknownNameError: If no curve has the name or begins with it.
        ConfigError: If several begin with it.
    """
    if name in names:
        return name
    longer = [one for one in names if one.startswith(name)]
    if not longer:
        raise UnknownNameError("curve", name, names)
    if len(longer) > 1:
        raise ConfigError(f"{name!r} begins {len(longer)} curves: {', '.join(sorted(longer))}; give more of the name")
    return longer[0]


def read_curve(path: Path) -> Curve:
    """Read a curve file.

    Args:
        path: The file.

    Returns:
        The curve.

    Raises:
        StoreError: If the file is damaged, not a curve, or newer than this program.
    """
    content = read_json(path, SCHEMA)
    try:
        # In schema 1 all series had the same alphas.
        shared = {"alphas": content["alphas"]} if content["schema"] == 1 else {}
        series = tuple(_read_series(typed(one, dict) | shared) for one in typed(content["series"], list))
        _check(series)
        choices = {"path": ("linear",), "by": get_args(Granularity), "rest": get_args(Rest), "bn": get_args(BatchNorm)}
        head: dict[str, Any] = {key: _one_of(content, key, allowed) for key, allowed in choices.items()}
        head |= {key: typed(content[key], str) for key in ("run", "dtype")}
        head |= {key: typed(content[key], dict) for key in ("start", "end")}
        head |= {key: typed(content.get(key, 0), int) for key in ("order_seed", "bn_examples", "batch_size")}
        return Curve(
            **head,
            environment=typed(content.get("environment", {}), dict),
            data=typed(content.get("data", {}), dict),
            complete=typed(content.get("complete", True), bool),
            asked=typed(content.get("asked", {}), dict),
            interval_method=typed(content.get("interval_method", ""), str),
            name=typed(content.get("name", path.stem), str),
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


def _one_of(content: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> Any:
    if content[key] not in allowed:
        raise ValueError(f"{key} is {content[key]!r}")
    return content[key]


def _read_series(content: Mapping[str, Any]) -> Series:
    alphas = tuple(number(alpha) for alpha in typed(content["alphas"], list))
    splits = {
        split: Values(
            num_examples=typed(values["num_examples"], int),
            split_size=typed(values.get("split_size", 0), int),
            **{key: _read_numbers(values[key], len(alphas)) for key in ("loss", "loss_stderr", "accuracy")},
        )
        for split, values in content["splits"].items()
    }
    moved = content["distance"]
    return Series(
        block=None if content["block"] is None else typed(content["block"], str),
        tensors=tuple(typed(name, str) for name in typed(content["tensors"], list)),
        distance=math.nan if moved is None else number(moved),
        alphas=alphas,
        splits=splits,
        intervals=_read_intervals(typed(content.get("barriers", {}), dict)),
        accuracy_intervals=_read_intervals(typed(content.get("accuracy_barriers", {}), dict)),
    )


def _read_intervals(barriers: Mapping[str, Any]) -> dict[str, dict[str, Interval]]:
    known = {
        split: {
            name: Interval(number(barrier["low"]), number(barrier["high"]))
            for name, barrier in named.items()
            if barrier is not None and "low" in barrier
        }
        for split, named in barriers.items()
    }
    return {split: named for split, named in known.items() if named}


def _read_numbers(numbers: list[float | None], count: int) -> tuple[float, ...]:
    if len(typed(numbers, list)) != count:
        raise ValueError(f"{len(numbers)} values for {count} alphas")
    return tuple(math.nan if value is None else number(value) for value in numbers)
