"""Options of steps as they are read: each a known one, and of its type."""

from collections.abc import Mapping, Sequence
from typing import Any

from lininterp_cli.config.options import Option
from lininterp_cli.errors import UnknownNameError
from lininterp_cli.study.plan import Step


def read_options(step: Step, allowed: Mapping[str, Any], others: Sequence[str] = ()) -> dict[str, Any]:
    """A step's options, each as it must be.

    Args:
        step: The step.
        allowed: Option to its type.
        others: Options that are taken as they stand.

    Returns:
        What was given.

    Raises:
        UnknownNameError: For an option that there is not.
    """
    for name in step.options:
        if name not in allowed and name not in others:
            raise UnknownNameError(f"option of {step.kind}", name, [*allowed, *others])
    return {
        name: Option(name=name, type=allowed[name], default="").checked(value, step.kind) if name in allowed else value
        for name, value in step.options.items()
    }


def names_in(text: str) -> tuple[str, ...]:
    """The names in a text, which has commas between them."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
