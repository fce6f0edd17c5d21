"""Curves as data and as files: the loss at every alpha, block by block; imports no torch.

Other programs rely on the file's format.  A value that is not finite is `null` there and NaN here; barriers are
written for readers without this program, and computed again from the losses here.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from lininterp_cli.errors import ConfigError, UnknownNameError
from lininterp_cli.landscape.curves.barrier import BARRIERS, Barrier, Interval, is_monotone
from lininterp_cli.landscape.curves.placement import uncertainty
from lininterp_cli.runs.files import finite, write_json

SCHEMA = 2
"""In 2, every series has its own alphas; in 1, the whole curve had one list of them."""

SPLITS = ("test", "train")

Granularity = Literal["full", "block", "kind", "layer", "tensor"]
Rest = Literal["final", "initial"]
BatchNorm = Literal["running", "recalibrate", "batch", "final"]
Metric = Literal["loss", "accuracy"]


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
    """Examples in the whole split; 0 if the file does not state it."""

    @property
    def num_missing(self) -> int:
        """Number of losses that are not finite."""
        return sum(not math.isfinite(value) for value in self.loss)

    def costs(self, metric: Metric) -> tuple[float, ...]:
        """The values that barriers are computed from: the loss, or the error.

        Args:
            metric: `loss`, or `accuracy` for the error, which is 1 - accuracy.

        Returns:
            Nats, or fractions in [0, 1], at each alpha.
        """
        return self.loss if metric == "loss" else tuple(1 - value for value in self.accuracy)


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """The measurements along one path, on which the whole network or one block moves."""

    block: str | None
    """The block (kind, layer, tensor) that moves; None for the whole network."""
    tensors: tuple[str, ...]
    """The state's entries that move."""
    distance: float
    """Euclidean distance between the ends over the moving parameters (buffers not counted)."""
    alphas: tuple[float, ...]
    """Positions, ascending."""
    splits: Mapping[str, Values]
    """Split to measurements."""
    intervals: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)
    """Split and barrier definition to the interval of the loss barrier's height, if it was computed."""
    accuracy_intervals: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)
    """The same for the barriers of the error, in fractions."""

    @property
    def label(self) -> str:
        """The block's name, or `all`."""
        return "all" if self.block is None else self.block

    def interval(self, split: str, definition: str, metric: Metric = "loss") -> Interval | None:
        """The confidence interval of one barrier's height.

        Args:
            split: `test` or `train`.
            definition: A key of BARRIERS.
            metric: `loss`, or `accuracy` for the barrier of the error.

        Returns:
            The interval, or None where it was not computed.
        """
        known = self.intervals if metric == "loss" else self.accuracy_intervals
        return known.get(split, {}).get(definition)


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """The measurements between two endpoints: one series for each path."""

    name: str
    """The file's name without its ending."""
    run: str
    """Id of the run it belongs to."""
    start: Mapping[str, Any]
    """The endpoint at alpha 0."""
    end: Mapping[str, Any]
    """The endpoint at alpha 1."""
    by: Granularity
    """What moves in each series; `full` if there is only the whole network."""
    rest: Rest
    """Which end the blocks that do not move stay at."""
    bn: BatchNorm
    """The treatment of BatchNorm statistics along the path."""
    dtype: str
    """The dtype that forward passes compute in."""
    batch_size: int
    """Maximum number of examples per forward pass; affects values only for `bn = batch`."""
    series: tuple[Series, ...]
    """The whole network first, if it was measured, then the blocks in the network's order."""
    path: Literal["linear"] = "linear"
    """The kind of path."""
    order_seed: int = 0
    """Seed of the order the examples were taken in; a part of the split is a prefix of it."""
    bn_examples: int = 0
    """Training examples that statistics were re-estimated on, for `bn = recalibrate`."""
    environment: Mapping[str, Any] = field(default_factory=dict)
    """Versions and device."""
    data: Mapping[str, str] = field(default_factory=dict)
    """Split to a hash of its examples and labels when measured, and `model` to a hash of the user's file that defines
    the network, if any; empty if the curve's file does not state them."""
    interval_method: str = ""
    """How the intervals were computed, and for which population they hold; empty if there are none."""
    complete: bool = True
    """Whether everything requested has been measured; a curve that still grows is a preview."""
    asked: Mapping[str, Any] = field(default_factory=dict)
    """The requested precision; empty if every example was to be measured at given alphas."""

    def barrier(self, series: Series, split: str, definition: str, metric: Metric = "loss") -> Barrier | None:
        """One barrier of one series.

        Args:
            series: One of the curve's.
            split: `test` or `train`.
            definition: A key of BARRIERS.
            metric: `loss`, or `accuracy` for the barrier of the error (1 - accuracy).

        Returns:
            The barrier, its height in nats or as a fraction, or None where it is not defined.
        """
        return BARRIERS[definition](series.alphas, series.splits[split].costs(metric))

    def is_monotone(self, series: Series, split: str, metric: Metric = "loss") -> bool | None:
        """Whether the loss of one series never rises, or its accuracy never falls.

        Args:
            series: One of the curve's.
            split: `test` or `train`.
            metric: `loss` or `accuracy`.

        Returns:
            True, False, or None if it is undecided because of missing values.
        """
        return is_monotone(series.alphas, series.splits[split].costs(metric))

    @property
    def splits(self) -> list[str]:
        """The splits that were measured."""
        return list(self.series[0].splits) if self.series else []

    @property
    def default_definition(self) -> str:
        """The barrier definition that is shown by default.

        `chord` on a path that starts at a final checkpoint, as between trained networks; else `rise`, as on a path from
        initial to final weights, whose ends differ by nats.
        """
        return "rise" if self.start.get("checkpoint") != "final" else "chord"

    def worst(self, split: str, definition: str, metric: Metric = "loss") -> tuple[Series, Barrier] | None:
        """The series with the highest barrier.

        Args:
            split: `test` or `train`.
            definition: A key of BARRIERS.
            metric: `loss`, or `accuracy` for the barriers of the error.

        Returns:
            The series and its barrier, or None where no barrier is defined.
        """
        pairs = [(series, self.barrier(series, split, definition, metric)) for series in self.series]
        known = [(series, barrier) for series, barrier in pairs if barrier is not None]
        return max(known, key=lambda pair: pair[1].height, default=None)

    def to_dict(self) -> dict[str, Any]:
        """The content of the curve's file, barriers and monotonicity included."""
        head = {
            key: getattr(self, key)
            for key in (
                *("name", "run", "path", "by", "rest", "bn", "dtype", "batch_size", "order_seed", "bn_examples"),
                *("interval_method", "complete"),
            )
        }
        return {
            "schema": SCHEMA,
            **head,
            "start": dict(self.start),
            "end": dict(self.end),
            "asked": dict(self.asked),
            "environment": dict(self.environment),
            "data": dict(self.data),
            "series": [self._series_dict(series) for series in self.series],
        }

    def write(self, path: Path) -> None:
        """Write the curve, whole or not at all.

        Args:
            path: The file.
        """
        write_json(path, self.to_dict())

    def _series_dict(self, series: Series) -> dict[str, Any]:
        return {
            "block": series.block,
            "tensors": list(series.tensors),
            "distance": finite(series.distance),
            "alphas": list(series.alphas),
            "splits": {split: _values_dict(values) for split, values in series.splits.items()},
            "barriers": self._barriers_dict(series, "loss"),
            "accuracy_barriers": self._barriers_dict(series, "accuracy"),
            "monotone": {split: self.is_monotone(series, split) for split in series.splits},
            **self._uncertainty_dict(series),
        }

    def _uncertainty_dict(self, series: Series) -> dict[str, Any]:
        """The estimated error of the straight lines between placed positions, in nats; see `uncertainty`."""
        if "alphas" not in self.asked:
            return {}
        known = {split: uncertainty(series.alphas, values.loss) for split, values in series.splits.items()}
        return {"uncertainty": {split: finite(error) for split, error in known.items()}}

    def _barriers_dict(self, series: Series, metric: Metric) -> dict[str, Any]:
        return {
            split: {
                name: _barrier_dict(self.barrier(series, split, name, metric), series.interval(split, name, metric))
                for name in BARRIERS
            }
            for split in series.splits
        }


def splits(text: str) -> tuple[str, ...]:
    """Parse a list of splits.

    Args:
        text: `test`, `train`, or both: `both`, or the two separated by a comma.

    Returns:
        The names, each once.

    Raises:
        UnknownNameError: If there is no such split.
        ConfigError: If the text names none.

    Example:
        >>> splits("train"), splits("both"), splits("train, test")
        (('train',), ('test', 'train'), ('train', 'test'))
    """
    names = [part.strip() for part in text.split(",") if part.strip()]
    for name in names:
        if name not in (*SPLITS, "both"):
            raise UnknownNameError("split", name, (*SPLITS, "both"))
    if not names:
        raise ConfigError("the split is test, train, or both: test,train")
    return SPLITS if "both" in names else tuple(dict.fromkeys(names))


def _values_dict(values: Values) -> dict[str, Any]:
    numbers = {key: [finite(number) for number in getattr(values, key)] for key in ("loss", "loss_stderr", "accuracy")}
    counts = {"num_examples": values.num_examples, "split_size": values.split_size}
    return {**counts, **numbers, "num_missing": values.num_missing}


def _barrier_dict(barrier: Barrier | None, interval: Interval | None) -> dict[str, float] | None:
    if barrier is None:
        return None
    known = {} if interval is None else {"low": interval.low, "high": interval.high}
    return {"height": barrier.height, "alpha": barrier.alpha, **known}
