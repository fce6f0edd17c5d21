"""Learning-rate schedules: pure functions from progress to a factor on the optimizer's learning rate.

Progress runs from 0 (first step) to 1 (after the last); a schedule has no state, so a run can resume at any step.
"""

import math
from collections.abc import Callable

from lininterp_cli.errors import ConfigError

_ROUNDING = 1e-9
"""A tolerance far below one step of any run; without it 0.3 / 0.1 is below 3 and a drop comes a step late."""


def constant(progress: float) -> float:
    """The same learning rate throughout.

    Args:
        progress: Share of the training that is done, in [0, 1].

    Returns:
        1.

    Example:
        >>> constant(0.7)
        1.0
    """
    del progress
    return 1.0


def step(progress: float, *, every: float = 0.33, factor: float = 0.1) -> float:
    """Drops by a factor at regular intervals, as in Vlaar & Frankle 2022 (arXiv 2106.16004): 0.1 each 33 of 100 epochs.

    Args:
        progress: Share of the training that is done, in [0, 1].
        every: Share of the training between drops, in (0, 1].
        factor: Multiplier of the rate at each drop, in (0, 1].

    Returns:
        factor to the power of the drops so far.

    Raises:
        ConfigError: If an option is out of its range.

    Example:
        >>> [round(step(p), 3) for p in (0.0, 0.32, 0.33, 0.66)]
        [1.0, 1.0, 0.1, 0.01]
    """
    if not 0 < every <= 1 or not 0 < factor <= 1:
        raise ConfigError(f"step takes every and factor in (0, 1], not every={every:g}, factor={factor:g}")
    return float(factor ** math.floor(progress / every + _ROUNDING))


def drops(progress: float, *, first: float = 0.5, second: float = 0.75, factor: float = 0.1) -> float:
    """Drops by a factor twice, by default where He et al. 2016 (arXiv 1512.03385) drop on CIFAR-10.

    Args:
        progress: Share of the training that is done, in [0, 1].
        first: Progress at the first drop, in (0, 1].
        second: Progress at the second drop, in [first, 1].
        factor: Multiplier of the rate at each drop, in (0, 1].

    Returns:
        factor to the power of the drops so far.

    Raises:
        ConfigError: If an option is out of its range.

    Example:
        >>> [round(drops(p), 3) for p in (0.49, 0.5, 0.75)]
        [1.0, 0.1, 0.01]
    """
    if not 0 < first <= second <= 1 or not 0 < factor <= 1:
        raise ConfigError(
            f"drops takes first and second with 0 < first <= second <= 1 and factor in (0, 1], "
            f"not first={first:g}, second={second:g}, factor={factor:g}"
        )
    return float(factor ** sum(place <= progress + _ROUNDING for place in (first, second)))


def cosine(progress: float, *, floor: float = 0.0) -> float:
    """Half a cosine from the full rate to a floor (Loshchilov & Hutter 2017, arXiv 1608.03983), without restarts.

    floor + (1 - floor) (1 + cos(pi progress)) / 2.

    Args:
        progress: Share of the training that is done, in [0, 1].
        floor: Factor at the end, in [0, 1].

    Returns:
        The factor.

    Raises:
        ConfigError: If the floor is out of its range.

    Example:
        >>> cosine(0.0), cosine(1.0)
        (1.0, 0.0)
    """
    if not 0 <= floor <= 1:
        raise ConfigError(f"cosine takes a floor in [0, 1], not {floor:g}")
    return floor + (1 - floor) * (1 + math.cos(math.pi * progress)) / 2


def onecycle(progress: float, *, peak: float = 0.3, start: float = 0.04, end: float = 4e-6) -> float:
    """Up to the full rate and down again, each by half a cosine (Smith & Topin 2018, arXiv 1708.07120).

    The momentum is not changed; the defaults are those of torch's `OneCycleLR`.

    Args:
        progress: Share of the training that is done, in [0, 1].
        peak: Progress at which the full rate is reached, in (0, 1).
        start: Factor at the beginning, in [0, 1].
        end: Factor at the end, in [0, 1].

    Returns:
        The factor.

    Raises:
        ConfigError: If an option is out of its range.

    Example:
        >>> [round(onecycle(p), 2) for p in (0.0, 0.3, 1.0)]
        [0.04, 1.0, 0.0]
    """
    if not 0 < peak < 1:
        raise ConfigError(f"onecycle takes a peak in (0, 1), not {peak:g}")
    if not 0 <= start <= 1 or not 0 <= end <= 1:
        raise ConfigError(f"onecycle takes start and end in [0, 1], not start={start:g}, end={end:g}")
    if progress < peak:
        return start + (1 - start) * (1 - math.cos(math.pi * progress / peak)) / 2
    return end + (1 - end) * (1 + math.cos(math.pi * (progress - peak) / (1 - peak))) / 2


SCHEDULES: dict[str, Callable[..., float]] = {
    function.__name__: function for function in (constant, step, drops, cosine, onecycle)
}
"""Name to function."""


def factor_at(position: int, num_steps: int, num_warmup_steps: int, schedule: Callable[[float], float]) -> float:
    """The factor on the learning rate for one step of a run.

    A linear rise over the warm-up steps, then the schedule over the rest (Goyal et al. 2017, arXiv 1706.02677).

    Args:
        position: Number of steps done, in [0, num_steps).
        num_steps: Number of steps of the whole run.
        num_warmup_steps: Number of steps of the rise.
        schedule: Maps progress to a factor.

    Returns:
        The factor.

    Example:
        >>> [factor_at(i, 6, 2, constant) for i in range(4)]
        [0.5, 1.0, 1.0, 1.0]
    """
    if position < num_warmup_steps:
        return schedule(0.0) * (position + 1) / num_warmup_steps
    return schedule((position - num_warmup_steps) / max(1, num_steps - num_warmup_steps))
