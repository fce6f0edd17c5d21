"""The values that settings can have."""

import math

Value = bool | int | float | str
"""The type of an option's value: TOML, JSON and a command line can all write it."""

MAX_INTEGER = 2**63
"""Every integer of a configuration lies below it, as in TOML."""

_MAX_SHOWN = 80


def is_value(given: object) -> bool:
    """Whether an object can be the value of an option.

    Args:
        given: Any object.

    Returns:
        Whether it is a truth value, a finite number (an integer below MAX_INTEGER) or a text.
    """
    if isinstance(given, float):
        return math.isfinite(given)
    return abs(given) < MAX_INTEGER if isinstance(given, int) else isinstance(given, str)


def shown(value: object) -> str:
    """A value as short text on one line, for messages.

    Args:
        value: Any value.

    Returns:
        Its `repr`, truncated if long; other words for an integer of thousands of digits, which Python refuses to print.
    """
    try:
        text = repr(value)
    except ValueError:
        return "a number of too many digits"
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "..."
