"""Reads the options of steps: checks their names and their types."""

from collections.abc import Mapping, Sequence
from typing import Any

from lininterp_cli.config.options import Option
from lininterp_cli.errors import UnknownNameError
from lininterp_cli.study.plan import Step


def read_options(step: Step, allowed: Mapping[str, Any], others: Sequence[str] = ()) -> dict[str, Any]:
    """A step's options, checked and converted to their types.

    Args:
        step: The step.
        allowed: Name of an option to its type.
        others: Names of options that are returned unchecked.

    Returns:
        Name to value of the options that the step has.

    Raises:
        UnknownNameError: If the step has an unknown option.
    """
    for name in step.options:
        if name not in allowed and name not in others:
            raise UnknownNameError(f"option of {step.kind}", name, [*allowed, *others])
    return {
        name: Option(name=name, type=allowed[name], default="").checked(value, step.kind) if name in allowed else value
        for name, value in step.options.items()
    }


def names_in(text: str) -> tuple[str, ...]:
    """The names in a comma-separated text."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
