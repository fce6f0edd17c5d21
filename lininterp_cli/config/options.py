"""The hyper-parameters of registered functions: read off their signatures, never declared a second time.

A registry is a plain dict of functions.  The keyword-only arguments of a function are its hyper-parameters;
this module lists them, checks a user's values against their annotations, and drops those equal to the defaults.
"""

import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from lininterp_cli.config.own import annotations_of, function_of, is_own
from lininterp_cli.config.values import MAX_INTEGER, Value, shown
from lininterp_cli.errors import ConfigError, UnknownNameError

Registry = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One hyper-parameter of one registered function."""

    name: str
    """The keyword."""
    type: Any
    """Its annotation."""
    default: Value | None
    """Its default; None for an option of a user's function that is not set."""

    def checked(self, value: object, owner: str) -> Value:
        """Convert a value to the annotated type.

        Args:
            value: The given value; text from a command line is parsed as the annotation requires.
            owner: The kind and name of the option's function, for the message.

        Returns:
            A value of the annotated type; an integer given for a float becomes one.

        Raises:
            ConfigError: If the annotation does not allow the value.
        """
        for allowed in _alternatives(self.type):
            accepted, result = _read(value, allowed)
            if accepted:
                return result
        raise ConfigError(f"{owner}: {self.name} must be {_described(self.type)}, not {shown(value)}")


def collect(package: ModuleType) -> dict[str, Callable[..., Any]]:
    """A registry made of every dict named `FAMILY` in a package's modules: a new entry is one function in one file.

    Args:
        package: The package; its module `registry`, which calls this, is skipped.

    Returns:
        Name to function.
    """
    found: dict[str, Callable[..., Any]] = {}
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if not module.name.endswith(".registry"):
            family = getattr(importlib.import_module(module.name), "FAMILY", {})
            assert not found.keys() & family.keys(), f"{module.name} uses a name that another module has"
            found |= family
    return found


def options_of(function: Callable[..., Any]) -> dict[str, Option]:
    """The hyper-parameters of a registered function.

    Args:
        function: A function whose keyword-only arguments have annotations and defaults.

    Returns:
        Name to option, in the order of the signature.
    """
    hints = annotations_of(function)
    return {
        name: Option(name=name, type=hints[name], default=parameter.default)
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def look_up(kind: str, name: str, registry: Registry) -> Callable[..., Any]:
    """The function of a given name: a registered one, or one of a user's own file.

    Args:
        kind: The kind of the registry's entries, in the singular, for the message.
        name: The name, or `FILE.py:FUNCTION`; otherwise any text after a colon is an argument of the function, not part
            of its name.
        registry: The registry.

    Returns:
        The function.

    Raises:
        UnknownNameError: If there is none; the nearest names are offered.
        ConfigError: If the name is a file without a function, or of an unknown form.
    """
    if is_own(name):
        return function_of(name)
    if name.endswith(".py"):
        raise ConfigError(f"{name} is a file; say which function of it is the {kind}: {name}:FUNCTION")
    function = registry.get(name.partition(":")[0])
    if function is None and ":" in name:
        raise ConfigError(f"{UnknownNameError(kind, name, registry)}; one of your own is named FILE.py:FUNCTION")
    if function is None:
        raise UnknownNameError(kind, name, registry)
    return function


def non_default(kind: str, name: str, options: Mapping[str, object], registry: Registry) -> dict[str, Value]:
    """A user's options, checked, without those equal to their defaults.

    Args:
        kind: The kind of the registry's entries, in the singular, for messages.
        name: The function's name.
        options: The given options.
        registry: The registry of the function.

    Returns:
        The options that differ from their defaults, in the order of the signature.

    Raises:
        UnknownNameError: If the function has no such option.
        ConfigError: If the argument of a user's own function is not keyword-only.
    """
    function = look_up(kind, name, registry)
    known = options_of(function)
    for given in options:
        if given not in known and is_own(name) and given in inspect.signature(function).parameters:
            raise ConfigError(f"{given} of {name} is no option: options are keyword-only; put * before them")
        if given not in known:
            raise UnknownNameError(f"option of {kind} {name}", given, known)
    checked = {key: option.checked(options[key], f"{kind} {name}") for key, option in known.items() if key in options}
    return {key: value for key, value in checked.items() if value != known[key].default}


def with_defaults(kind: str, name: str, options: Mapping[str, Value], registry: Registry) -> dict[str, Value]:
    """Every option of a function, the missing ones at their defaults.

    Args:
        kind: The kind of the registry's entries, in the singular, for messages.
        name: The function's name.
        options: The options that differ from their defaults.
        registry: The registry of the function.

    Returns:
        Name to value, in the order of the signature, without options that are not set.
    """
    known = options_of(look_up(kind, name, registry))
    values = {key: options.get(key, option.default) for key, option in known.items()}
    return {key: value for key, value in values.items() if value is not None}


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    parts = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return tuple(part for part in parts if part is not NoneType)  # no text denotes None


def _read(value: object, allowed: Any) -> tuple[bool, Value]:
    if get_origin(allowed) is Literal:
        read = [(member, _read(value, type(member))) for member in get_args(allowed)]
        return next((result for member, result in read if result == (True, member)), (False, 0))
    if allowed is bool:
        words = {"true": True, "false": False, "yes": True, "no": False}
        return isinstance(value, bool) or str(value).lower() in words, words.get(str(value).lower(), False)
    if isinstance(value, bool) and allowed in (int, float):
        return False, 0
    try:
        if allowed is int:
            number = int(str(value))
            return abs(number) < MAX_INTEGER, number
        if allowed is float:
            real = float(str(value))
            return math.isfinite(real), real
    except ValueError:
        return False, 0
    return allowed is str and isinstance(value, str), str(value)


def _described(annotation: Any) -> str:
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    return " or ".join(
        f"one of {', '.join(map(str, get_args(part)))}" if get_origin(part) is Literal else words.get(part, str(part))
        for part in _alternatives(annotation)
    )
