"""Checks of the fields of a form, made before a job is started that would fail at once."""

import math

from lininterp_cli.errors import ConfigError


def check_number(text: str) -> None:
    """Make sure that a text is a finite number.

    Args:
        text: The field's text.

    Raises:
        ConfigError: If it is not.
    """
    try:
        is_number = math.isfinite(float(text))
    except ValueError:
        is_number = False
    if not is_number:
        raise ConfigError(f"takes a number, for example 0.1, not {text!r}")


def check_count(text: str) -> None:
    """Make sure that a text is a whole number, 0 or more.

    Args:
        text: The field's text.

    Raises:
        ConfigError: If it is not.
    """
    if not text.isdecimal():
        raise ConfigError(f"takes a whole number, for example 10, not {text!r}")
