"""The tree of errors: its docstring is true, its exit codes are a promise, its messages are one line."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lininterp_cli import errors
from lininterp_cli.errors import ExitCode, LininterpError, UnknownNameError


def all_classes() -> dict[str, type[LininterpError]]:
    return {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, LininterpError)
    }


def test_the_docstring_shows_every_error_and_its_parent() -> None:
    shown: dict[str, str] = {}
    parents = ["Exception"]
    for mark, name in re.findall(r"^ *([*\-·]) (\w+)", errors.__doc__ or "", flags=re.MULTILINE):
        depth = "*-·".index(mark)
        shown[name] = parents[depth]
        parents[depth + 1 :] = [name]
    assert shown == {name: cls.__base__.__name__ for name, cls in all_classes().items() if cls.__base__}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("LininterpError", 1),
        ("ConfigError", 2),
        ("UnknownNameError", 2),
        ("NotFoundError", 3),
        ("StoreError", 2),
        ("BusyError", 2),
        ("DataError", 3),
        ("StateError", 2),
    ],
)
def test_exit_codes_are_pinned(name: str, code: int) -> None:
    assert all_classes()[name].exit_code == code


def test_every_error_has_a_pinned_exit_code() -> None:
    assert len(all_classes()) == 8
    assert {code.name: int(code) for code in ExitCode} == {
        "OK": 0,
        "FAILED": 1,
        "USAGE": 2,
        "NOT_FOUND": 3,
        "INTERRUPTED": 130,
    }


def test_an_unknown_name_offers_the_nearest_first() -> None:
    assert str(UnknownNameError("model", "resnet-18", ["mlp", "resnet18", "vgg"])) == (
        "unknown model 'resnet-18'; did you mean resnet18? (all: mlp, resnet18, vgg)"
    )


def test_an_unknown_name_far_from_all_lists_them() -> None:
    assert str(UnknownNameError("model", "zzz", iter(["b", "a"]))) == "unknown model 'zzz' (all: a, b)"


def test_an_unknown_name_where_nothing_is_known() -> None:
    assert str(UnknownNameError("curve", "x", [])) == "unknown curve 'x' (there is none)"


@settings(deadline=None)
@given(name=st.text(), allowed=st.lists(st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True), max_size=5))
def test_the_message_is_one_line_and_names_everything(name: str, allowed: list[str]) -> None:
    message = str(UnknownNameError("model", name, allowed))
    assert len(message.splitlines()) == 1
    assert repr(name) in message
    assert all(word in message for word in allowed)
