"""Curves as data and as files: the loss at every alpha, block by block; never torch.

The file is a promise to other programs.  A value that is not finite is `null` there and NaN here; barriers are
written for readers without this program and derived again when a file is read.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from lininterp_cli.errors import StoreError
from lininterp_cli.landscape.barrier import BARRIERS, Barrier, is_monotone
from lininterp_cli.runs.files import finite, read_json, write_json

SCHEMA = 1

_T = TypeVar("_T")

USUAL_NAMES = ("by-block", "by-layer", "by-tensor", "full")
"""Names of the curves that answer the usual question: initial to final, running statistics, the whole test split."""

Granularity = Literal["full", "block", "layer", "tensor"]
Rest = Literal["final", "initial"]
BatchNorm = Literal["running", "recalibrate", "batch", "final"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Values:
    """One split's measurements along one path."""

    num_examples: int
    """Examples each value is a mean over."""
    loss: tuple[float, ...]
    """Mean cross-entropy in nats at each alpha; NaN where it was not finite."""
    loss_stderr: tuple[float, ...]
    """Standard error of that mean over examples, in nats."""
    accuracy: tuple[float, ...]
    """Fraction of examples whose largest logit is their label's."""
    split_size: int = 0
    """Examples the whole split holds; 0 where a file does not say."""

    @property
    def num_missing(self) -> int:
        """How many losses were not finite."""
        return sum(not math.isfinite(value) for value in self.loss)


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """The measurements along one path: everything moves, or one block does."""

    block: str | None
    """The block (layer, tensor) that moves; None where everything does."""
    tensors: tuple[str, ...]
    """The state's entries that move."""
    distance: float
    """Euclidean distance between the ends over the moving parameters (buffers not counted)."""
    splits: Mapping[str, Values]
    """Split to measurements."""

    @property
    def label(self) -> str:
        """The block's name, or `all`."""
        return "all" if self.block is None else self.block


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """One walk: what lies between two endpoints, in full and by block."""

    name: str
    """The file's name without its ending."""
    run: str
    """Id of the run it belongs to."""
    start: Mapping[str, Any]
    """The endpoint at alpha 0."""
    end: Mapping[str, Any]
    """The endpoint at alpha 1."""
    by: Granularity
    """What one series moves; `full` where there is only the whole network."""
    rest: Rest
    """Which end the blocks that do not move stay at."""
    bn: BatchNorm
    """What is done with BatchNorm statistics along the way."""
    dtype: str
    """What the forward passes compute in."""
    batch_size: int
    """Examples per forward pass; decides values only where `bn` uses batches."""
    alphas: tuple[float, ...]
    """Positions, ascending."""
    series: tuple[Series, ...]
    """The whole network first where it was walked, then the blocks in the network's order."""
    path: Literal["linear"] = "linear"
    """The kind of path."""
    order_seed: int = 0
    """Seed of the order the examples were taken in; a part of the split is a prefix of it."""
    bn_examples: int = 0
    """Training examples that statistics were re-estimated on, for `bn = recalibrate`."""
    environment: Mapping[str, Any] = field(default_factory=dict)
    """Versions and device."""

    def barrier(self, series: Series, split: str, definition: str) -> Barrier | None:
        """One barrier of one series.

        Args:
            series: One of the curve's.
            split: `test` or `train`.
            definition: A key of BARRIERS.

        Returns:
            The barrier, or None where it is not defined.
        """
        return BARRIERS[definition](self.alphas, series.splits[split].loss)

    def is_monotone(self, series: Series, split: str) -> bool | None:
        """Whether the loss of one series never rises.

        Args:
            series: One of the curve's.
            split: `test` or `train`.

        Returns:
            True, False, or None where missing values leave it open.
        """
        return is_monotone(self.alphas, series.splits[split].loss)

    @property
    def splits(self) -> list[str]:
        """The splits that were measured."""
        return list(self.series[0].splits) if self.series else []

    @property
    def default_definition(self) -> str:
        """The barrier that is shown unless another is asked for.

        `rise` on the way of one run's training, where the ends differ by nats; `chord` between trained networks.
        """
        return "rise" if self.start.get("checkpoint") != "final" else "chord"

    def worst(self, split: str, definition: str) -> tuple[Series, Barrier] | None:
        """The series with the highest barrier.

        Args:
            split: `test` or `train`.
            definition: A key of BARRIERS.

        Returns:
            The series and its barrier, or None where no barrier is defined.
        """
        pairs = [(series, self.barrier(series, split, definition)) for series in self.series]
        known = [(series, barrier) for series, barrier in pairs if barrier is not None]
        return max(known, key=lambda pair: pair[1].height, default=None)

    def to_dict(self) -> dict[str, Any]:
        """The curve as its file holds it, barriers and monotonicity included."""
        head = {
            key: getattr(self, key)
            for key in ("name", "run", "path", "by", "rest", "bn", "dtype", "batch_size", "order_seed", "bn_examples")
        }
        return {
            "schema": SCHEMA,
            **head,
            "start": dict(self.start),
            "end": dict(self.end),
            "environment": dict(self.environment),
            "alphas": list(self.alphas),
            "series": [self._series_dict(series) for series in self.series],
        }

    def write(self, path: Path) -> None:
        """Write the curve, whole or not at all.

        Args:
            path: The file.
        """
        write_json(path, self.to_dict())

    def _series_dict(self, series: Series) -> dict[str, Any]:
        barriers = {
            split: {name: _barrier_dict(self.barrier(series, split, name)) for name in BARRIERS}
            for split in series.splits
        }
        return {
            "block": series.block,
            "tensors": list(series.tensors),
            "distance": finite(series.distance),
            "splits": {split: _values_dict(values) for split, values in series.splits.items()},
            "barriers": barriers,
            "monotone": {split: self.is_monotone(series, split) for split in series.splits},
        }


def most_telling_first(paths: Sequence[Path]) -> list[Path]:
    """Curve files in the order a reader wants them.

    Args:
        paths: Curve files of one run, oldest first.

    Returns:
        Those of the usual question first, finest view of blocks before the whole; then the others, newest first.
    """
    usual = [path for name in USUAL_NAMES for path in paths if path.stem == name]
    return usual + [path for path in reversed(paths) if path.stem not in USUAL_NAMES]


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
        alphas = tuple(_number(alpha) for alpha in _typed(content["alphas"], list))
        series = tuple(_read_series(one, len(alphas)) for one in _typed(content["series"], list))
        _check(alphas, series)
        choices = {"path": ("linear",), "by": get_args(Granularity), "rest": get_args(Rest), "bn": get_args(BatchNorm)}
        head: dict[str, Any] = {key: _one_of(content, key, allowed) for key, allowed in choices.items()}
        head |= {key: _typed(content[key], str) for key in ("run", "dtype")}
        head |= {key: _typed(content[key], dict) for key in ("start", "end")}
        head |= {key: _typed(content.get(key, 0), int) for key in ("order_seed", "bn_examples", "batch_size")}
        return Curve(
            **head,
            environment=_typed(content.get("environment", {}), dict),
            name=_typed(content.get("name", path.stem), str),
            alphas=alphas,
            series=series,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise StoreError(f"{path} is damaged: {type(error).__name__} {error}") from error


def _check(alphas: tuple[float, ...], series: tuple[Series, ...]) -> None:
    if list(alphas) != sorted(alphas):
        raise ValueError("the alphas do not ascend")
    if not alphas or not series or not series[0].splits:
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


def _read_series(content: Mapping[str, Any], num_alphas: int) -> Series:
    splits = {
        split: Values(
            num_examples=_typed(values["num_examples"], int),
            split_size=_typed(values.get("split_size", 0), int),
            **{key: _read_numbers(values[key], num_alphas) for key in ("loss", "loss_stderr", "accuracy")},
        )
        for split, values in content["splits"].items()
    }
    moved = content["distance"]
    return Series(
        block=None if content["block"] is None else _typed(content["block"], str),
        tensors=tuple(_typed(name, str) for name in _typed(content["tensors"], list)),
        distance=math.nan if moved is None else _number(moved),
        splits=splits,
    )


def _read_numbers(numbers: list[float | None], count: int) -> tuple[float, ...]:
    if len(_typed(numbers, list)) != count:
        raise ValueError(f"{len(numbers)} values for {count} alphas")
    return tuple(math.nan if number is None else _number(number) for number in numbers)


def _values_dict(values: Values) -> dict[str, Any]:
    numbers = {key: [finite(number) for number in getattr(values, key)] for key in ("loss", "loss_stderr", "accuracy")}
    counts = {"num_examples": values.num_examples, "split_size": values.split_size}
    return {**counts, **numbers, "num_missing": values.num_missing}


def _barrier_dict(barrier: Barrier | None) -> dict[str, float] | None:
    return None if barrier is None else {"height": barrier.height, "alpha": barrier.alpha}
