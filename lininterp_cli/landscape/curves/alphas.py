"""Parses the positions along a path that a user writes; imports no torch."""

import math

from lininterp_cli.errors import ConfigError

USUAL_ALPHAS = "50"
"""Fifty evenly spaced positions, both ends included, as in Vlaar & Frankle 2022."""

_MOST = 1_000_000
"""Maximum number of positions on a path: more are a typing error, and would fill the memory before any message."""

FORMS = "a number of points (50), START:STOP:STEP (0:1:0.02), or a list (0,0.5,1)"
"""The forms of `--alphas` that `parse` takes."""


def parse(text: str, extrapolate: bool = False) -> tuple[float, ...]:
    """Parse the text of `--alphas` into positions.

    Args:
        text: A number of evenly spaced positions with both ends, `START:STOP:STEP` with both ends, or a list.
        extrapolate: Allow positions outside [0, 1], which lie on the same straight line beyond its ends.

    Returns:
        Ascending positions without duplicates; the ends, if included, are exactly 0.0 and 1.0.

    Raises:
        ConfigError: If the text is malformed, or gives no position, too many, one that is not finite, or one outside
            [0, 1] without `extrapolate`.

    Example:
        >>> parse("3"), parse("0:1:0.1")[3], parse("1, 0")
        ((0.0, 0.5, 1.0), 0.3, (0.0, 1.0))
        >>> parse("-0.5:1.5:0.5", extrapolate=True)
        (-0.5, 0.0, 0.5, 1.0, 1.5)
    """
    try:
        positions = _positions(text)
    except ValueError:
        raise ConfigError(f"--alphas takes {FORMS}, not {text!r}") from None
    if not positions:
        raise ConfigError(f"--alphas takes {FORMS}, not {text!r}, which names no position")
    if not all(map(math.isfinite, positions)):
        raise ConfigError(f"--alphas takes {FORMS}, not {text!r}, which is not finite")
    outside = [alpha for alpha in positions if not 0 <= alpha <= 1]
    if outside and not extrapolate:
        raise ConfigError(f"alphas lie in [0, 1], not at {outside[0]:g}; to go beyond the ends add --extrapolate")
    # Adding 0.0 turns -0.0 into 0.0.
    return tuple(sorted({alpha + 0.0 for alpha in positions}))


def _positions(text: str) -> list[float]:
    if ":" in text:
        start, stop, step = (float(part) for part in text.split(":"))
        num_steps = (stop - start) / step if step else math.nan
        if num_steps >= _MOST:
            raise ConfigError(_too_many(text))
        if not num_steps >= 0 or abs(num_steps - round(num_steps)) > 1e-6:
            raise ConfigError(f"--alphas {text}: a whole number of steps must lead from the start to the stop")
        count = round(num_steps)
        return [round(start + (stop - start) * index / max(1, count), 12) for index in range(count + 1)]
    if "," in text or "." in text:
        return [float(part) for part in text.split(",") if part.strip()]
    count = int(text)
    if count < 2:
        raise ConfigError(
            f"--alphas {text}: two positions at least, the ends; for a single one write a list ({text}.0)"
        )
    if count > _MOST:
        raise ConfigError(_too_many(text))
    return [index / (count - 1) for index in range(count)]


def _too_many(text: str) -> str:
    return f"--alphas {text}: a path takes at most {_MOST:,} positions; `adaptive` places few where the curve bends"
