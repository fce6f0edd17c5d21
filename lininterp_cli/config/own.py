"""Functions of a user's own file, called `FILE.py:FUNCTION`: networks and data that do not come with the tool.

A configuration holds such a name with a hash of what its file held, `nets.py:make#1f2e3d4c5b6a`, so that a run of other
code is another run.  The function that is called is the one that the file holds now.
"""

import functools
import hashlib
import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from lininterp_cli.errors import ConfigError, NotFoundError, UnknownNameError

_NAME = re.compile(r"(?P<file>[^\n]+\.py):(?P<function>\w+)(?:#(?P<hash>[0-9a-f]+))?")

_NUM_DIGITS = 12


def is_own(name: str) -> bool:
    """Whether a name is that of a function in a user's file.

    Args:
        name: A name of whatever can be chosen by name.

    Returns:
        Whether it has the form, with or without a hash; nothing is opened.
    """
    return _NAME.fullmatch(name) is not None


def stamped(name: str) -> str:
    """A name that tells what its file holds now, unless it tells already what it held.

    Args:
        name: Any name.

    Returns:
        The name with the hash; one that is not of this form as it is.

    Raises:
        NotFoundError: If there is no such file.
    """  # noqa: DOC502 - raised below
    found = _NAME.fullmatch(name)
    return name if found is None or found["hash"] else f"{name}#{code_of(name)}"


def code_of(name: str) -> str | None:
    """What the file of a name holds now, as the first digits of its SHA-256.

    Args:
        name: Any name, with or without a hash.

    Returns:
        The digits; None for a name that is not of this form.

    Raises:
        NotFoundError: If there is no such file.
    """  # noqa: DOC502 - raised below
    found = _NAME.fullmatch(name)
    return None if found is None else hashlib.sha256(_read(Path(found["file"]))).hexdigest()[:_NUM_DIGITS]


def has_changed(name: str) -> bool:
    """Whether a file holds something else than when its name was stamped.

    Args:
        name: Any name.

    Returns:
        Whether; never for a name without a hash.
    """
    found = _NAME.fullmatch(name)
    return found is not None and found["hash"] is not None and found["hash"] != code_of(name)


def short_name(name: str) -> str:
    """A name as people read it.

    Args:
        name: Any name.

    Returns:
        The file's own name and the function; a name that is not of this form as it is.

    Example:
        >>> short_name("/home/me/nets.py:make#1f2e3d4c5b6a"), short_name("resnet18")
        ('nets.py:make', 'resnet18')
    """
    found = _NAME.fullmatch(name)
    return name if found is None else f"{Path(found['file']).name}:{found['function']}"


def function_of(name: str) -> Callable[..., Any]:
    """The function that a name means; its file is run once, as Python runs what is imported.

    Args:
        name: A name for which `is_own` holds.

    Returns:
        The function; each of its keyword-only arguments, which are its options, has an annotation and a default.

    Raises:
        ConfigError: If the file cannot be imported, or an option lacks its annotation or its default.
        UnknownNameError: If the file has no such function.
    """
    found = _NAME.fullmatch(name)
    assert found is not None
    module = _module(Path(found["file"]).expanduser().resolve())
    function: Any = getattr(module, found["function"], None)
    if not callable(function):
        there = [key for key, value in vars(module).items() if inspect.isfunction(value) and key[0] != "_"]
        raise UnknownNameError(f"function of {found['file']}", found["function"], there)
    hints = get_type_hints(function)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            if parameter.name not in hints or parameter.default is inspect.Parameter.empty:
                raise ConfigError(f"{short_name(name)}: its option {parameter.name} needs an annotation and a default")
    made: Callable[..., Any] = function
    return made


@functools.cache
def _module(path: Path) -> ModuleType:
    code = _read(path)
    module = ModuleType(f"lininterp_own_{hashlib.sha256(str(path).encode()).hexdigest()[:_NUM_DIGITS]}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    # Its own imports find what lies beside it, after everything that is installed.
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    try:
        # What was read is run, and no bytecode that is kept beside it: that knows a file by its second and its size.
        exec(compile(code, str(path), "exec", dont_inherit=True), vars(module))
    except Exception as error:  # a user's code can end in anything
        del sys.modules[module.__name__]
        raise ConfigError(f"{path} cannot be imported: {type(error).__name__}: {error}".partition("\n")[0]) from error
    return module


def _read(path: Path) -> bytes:
    try:
        return path.expanduser().read_bytes()
    except OSError as error:
        raise NotFoundError(f"cannot read {path}: {error.strerror}; is it given from the present folder?") from error
