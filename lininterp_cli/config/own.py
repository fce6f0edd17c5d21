"""Functions of a user's own file, named `FILE.py:FUNCTION`: networks and data that do not come with the tool.

A configuration holds such a name with a hash of the file and of the modules beside it that its import statements name,
`nets.py:make#1f2e3d4c5b6a`, so that a run of other code is another run; a module that is imported by a call, as of
`importlib.import_module`, is not part of the hash.  The function that is called is always the one in the present file.
"""

import functools
import hashlib
import inspect
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from modulefinder import ModuleFinder
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, get_type_hints

from lininterp_cli.config.guarded import guarded
from lininterp_cli.config.values import is_value, shown
from lininterp_cli.errors import ConfigError, LininterpError, NotFoundError, UnknownNameError

_NAME = re.compile(r"(?P<file>[^\n]+\.py):(?P<function>\w+)(?:#(?P<hash>[0-9a-f]+))?")

_NUM_DIGITS = 12


def is_own(name: str) -> bool:
    """Whether a name is that of a function in a user's file.

    Args:
        name: Any name, for example of a model or a data set.

    Returns:
        Whether it has the form, with or without a hash; nothing is opened.
    """
    return _NAME.fullmatch(name) is not None


def stamped(name: str) -> str:
    """The name with the present hash of its file appended; a name that already has a hash is unchanged.

    Args:
        name: Any name.

    Returns:
        The name with a hash, its path without needless parts such as `./`; a name not of this form is unchanged.

    Raises:
        NotFoundError: If there is no such file.
    """  # noqa: DOC502 - raised below
    found = _NAME.fullmatch(name)
    if found is None or found["hash"]:
        return name
    return f"{Path(found['file'])}:{found['function']}#{code_of(name)}"


def code_of(name: str) -> str | None:
    """The first digits of a SHA-256 of a name's code as it is now: its file, and the modules beside it that it imports.

    Args:
        name: Any name, with or without a hash.

    Returns:
        The digits; None for a name that is not of this form.

    Raises:
        NotFoundError: If there is no such file.
    """  # noqa: DOC502 - raised below
    found = _NAME.fullmatch(name)
    return None if found is None else _hashes(Path(found["file"]))[-1]


def has_changed(name: str) -> bool:
    """Whether a name's code has changed since the name was stamped.

    Args:
        name: Any name.

    Returns:
        Whether its hash is not that of the present code; False for a name without a hash.
    """
    found = _NAME.fullmatch(name)
    return found is not None and found["hash"] is not None and found["hash"] not in _hashes(Path(found["file"]))


def short_name(name: str) -> str:
    """A name for display, without the file's folder and hash.

    Args:
        name: Any name.

    Returns:
        The file's own name and the function; a name that is not of this form is unchanged.

    Example:
        >>> short_name("/home/me/nets.py:make#1f2e3d4c5b6a"), short_name("resnet18")
        ('nets.py:make', 'resnet18')
    """
    found = _NAME.fullmatch(name)
    return name if found is None else f"{Path(found['file']).name}:{found['function']}"


def function_of(name: str) -> Callable[..., Any]:
    """The function that a name denotes; its file is executed once per process, like an imported module.

    Args:
        name: A name for which `is_own` holds.

    Returns:
        The function; each of its keyword-only arguments, which are its options, has an annotation and a default that is
        a value or None.

    Raises:
        ConfigError: If the file cannot be imported, or an option has no annotation or no default that can be stored.
        UnknownNameError: If the file has no such function.
    """  # noqa: DOC502 - some are raised below
    found = _NAME.fullmatch(name)
    assert found is not None
    module = _module(Path(found["file"]).expanduser().resolve())
    function: Any = getattr(module, found["function"], None)
    if not callable(function):
        there = [key for key, value in vars(module).items() if inspect.isfunction(value) and key[0] != "_"]
        raise UnknownNameError(f"function of {found['file']}", found["function"], there)
    _check_options(short_name(name), function)
    made: Callable[..., Any] = function
    return made


def call(name: str, form: str, kind: type[LininterpError], *given: Any, **options: Any) -> Any:
    """Call the function that a name denotes.

    Args:
        name: A name for which `is_own` holds.
        form: Its positional arguments in words, for the message.
        kind: The class of errors.
        given: Its positional arguments.
        options: Its options.

    Returns:
        The value that it returns.

    Raises:
        LininterpError: Of the given class, if the function takes other arguments or raises an exception.
    """  # noqa: DOC502 - raised below
    function = function_of(name)
    try:
        inspect.signature(function).bind(*given, **options)
    except TypeError as error:
        raise kind(f"{short_name(name)} must be a function of {form}: {error}") from error
    with guarded(f"{short_name(name)} failed", kind):
        return function(*given, **options)


def annotations_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of a function's options; others, whose names may be there for a type checker only, are not read.

    Args:
        function: A function, or a class.

    Returns:
        Keyword-only argument to its annotation, evaluated if it is a text.
    """
    parameters = inspect.signature(function).parameters.values()
    given = {one.name: one.annotation for one in parameters if one.kind is one.KEYWORD_ONLY}
    own = {key: annotation for key, annotation in given.items() if annotation is not inspect.Parameter.empty}
    return get_type_hints(SimpleNamespace(__annotations__=own), vars(sys.modules[function.__module__]))


def _check_options(name: str, function: Callable[..., Any]) -> None:
    try:
        hints = annotations_of(function)
    except (NameError, AttributeError, SyntaxError, TypeError) as error:
        raise ConfigError(f"{name}: the annotation of an option cannot be read: {error}") from error
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        if parameter.name not in hints or parameter.default is inspect.Parameter.empty:
            raise ConfigError(f"{name}: its option {parameter.name} needs an annotation and a default")
        if parameter.default is not None and not is_value(parameter.default):
            raise ConfigError(
                f"{name}: the default of its option {parameter.name} must be a finite number, a text, True, False or "
                f"None, not {shown(parameter.default)}"
            )


@functools.cache
def _module(path: Path) -> ModuleType:
    code = _read(path)
    # A file in a package imports from it by relative names too.
    root = _root(path)
    own_name = f"lininterp_own_{hashlib.sha256(str(path).encode()).hexdigest()[:_NUM_DIGITS]}"
    module = module_from_spec(ModuleSpec(".".join((*path.parent.relative_to(root).parts, own_name)), None))
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    # Its own imports find modules beside it, and its package, after all installed ones.
    sys.path += [folder for folder in dict.fromkeys((str(root), str(path.parent))) if folder not in sys.path]
    beside = _modules_beside(path)
    try:
        _check_beside(path, beside)
        with guarded(f"{path} cannot be imported"):
            # Runs the source just read, not cached bytecode, which detects a change by the file's second and size only.
            exec(compile(code, str(path), "exec", dont_inherit=True), vars(module))
        _check_beside(path, beside)
    except BaseException:
        del sys.modules[module.__name__]
        raise
    return module


def _check_beside(path: Path, modules: Mapping[str, Path]) -> None:
    """Check that the modules beside a file that it imports are those, not others of the same names."""
    for name, beside in modules.items():
        loaded = getattr(sys.modules.get(name), "__file__", None)
        if loaded is not None and Path(loaded).resolve() != beside.resolve():
            raise ConfigError(f"{path} imports {name}, but of {loaded}, not of {beside}: give that file another name")


def _hashes(path: Path) -> tuple[str, str]:
    """The hash of a file alone, which names of older runs have, and with the modules beside it; often the same."""
    digest = hashlib.sha256(_read(path))
    alone = digest.hexdigest()
    for name, beside in sorted(_modules_beside(path.expanduser().resolve()).items()):
        digest.update(f"\0{name}\0".encode() + _read(beside))
    return alone[:_NUM_DIGITS], digest.hexdigest()[:_NUM_DIGITS]


def _modules_beside(path: Path) -> dict[str, Path]:
    """Name to file of each module in a file's folder or package that it imports, itself or through another of these."""
    # It reads import statements and runs nothing.  The folder may be that of the tool itself, which is no user's code.
    root, excluded = _root(path), [__name__.partition(".")[0]]
    finder = ModuleFinder(path=[*dict.fromkeys((str(root), str(path.parent)))], excludes=excluded)
    try:
        with warnings.catch_warnings(action="ignore"):
            if root == path.parent:
                finder.run_script(str(path))
            else:
                finder.import_hook(".".join(path.relative_to(root).with_suffix("").parts))
    except (SyntaxError, ValueError, ImportError):  # `function_of` reports a file that cannot be compiled
        return {}
    found = {name: vars(module)["__file__"] for name, module in finder.modules.items()}
    return {name: Path(file) for name, file in found.items() if file is not None and Path(file) != path}


def _root(path: Path) -> Path:
    """The folder from which a file is imported: its own, or that of the outermost package that it is in."""
    return next(folder for folder in path.parents if not (folder / "__init__.py").is_file())


def _read(path: Path) -> bytes:
    path = path.expanduser().absolute()
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFoundError(f"cannot read {path}: {error.strerror}") from error
