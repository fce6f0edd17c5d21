"""The words for barriers: their definitions, heights and intervals with units, and why one is missing."""

import math

from lininterp_cli.landscape.curves.barrier import BARRIERS, Interval
from lininterp_cli.landscape.curves.curve import Metric, Series
from lininterp_cli.view.text import number


def describe(definition: str) -> str:
    """A barrier definition in a few words: the first line of its docstring."""
    words = (BARRIERS[definition].__doc__ or "").strip().split("\n")[0].rstrip(".")
    return words[:1].lower() + words[1:]


def height_words(height: float, metric: Metric) -> str:
    """The height of a barrier: `0.123` in nats, `12.3 pp` (percentage points) of the error."""
    return number(height) if metric == "loss" else f"{number(100 * height, 2)} pp"


def interval_words(interval: Interval, metric: Metric) -> str:
    """The interval of a barrier's height: `[0.120..0.145]`, in the unit of `height_words`."""
    low, high = (height_words(bound, metric).removesuffix(" pp") for bound in (interval.low, interval.high))
    return f"[{low}..{high}]"


def missing_words(series: Series, split: str) -> str:
    """The reason why a barrier of the loss is missing: `n/a (3 not finite)`, or `n/a` alone."""
    lost = series.splits[split].num_missing
    return f"n/a ({lost} not finite)" if lost else "n/a"


def num_missing(series: Series, split: str, metric: Metric) -> int:
    """The number of values of one series that are not finite."""
    return sum(not math.isfinite(value) for value in series.splits[split].costs(metric))
