"""Hyper-parameters read off signatures: what is accepted, what is refused, what counts as default."""

import math
from collections.abc import Callable
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lininterp_cli.config.options import look_up, non_default, options_of, with_defaults
from lininterp_cli.errors import ConfigError, UnknownNameError


def tiny(
    num_classes: int,
    *,
    width: int = 8,
    lr: float = 0.1,
    norm: Literal["batch", "none"] = "batch",
    bias: bool = True,
    note: str = "",
    depth: int | Literal["auto"] = "auto",
    level: Literal[1, 2, "all"] = 1,
) -> int:
    return num_classes


def plain(num_classes: int) -> int:
    return num_classes


REGISTRY: dict[str, Callable[..., Any]] = {"tiny": tiny, "plain": plain}

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(10**400)
WORDS = st.sampled_from(["1", "-3", "0.5", "1e-3", "nan", "inf", "true", "no", "batch", "none", "auto", "1e999"])
ANYTHING = st.recursive(
    SCALARS | WORDS | st.dates(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
GOOD = st.fixed_dictionaries(
    {},
    optional={
        "width": st.integers(1, 64),
        "lr": st.floats(0, 1) | st.integers(0, 3),
        "norm": st.sampled_from(["batch", "none"]),
        "bias": st.booleans(),
        "note": st.text(max_size=4),
        "depth": st.integers(1, 9) | st.just("auto"),
        "level": st.sampled_from([1, 2, "all"]),
    },
)


def test_options_are_the_keyword_only_arguments_in_order() -> None:
    known = options_of(tiny)
    assert [(o.name, o.default) for o in known.values()] == [
        ("width", 8),
        ("lr", 0.1),
        ("norm", "batch"),
        ("bias", True),
        ("note", ""),
        ("depth", "auto"),
        ("level", 1),
    ]
    assert list(known) == [option.name for option in known.values()]
    assert options_of(plain) == {}


@pytest.mark.parametrize(
    ("name", "given_value", "expected"),
    [
        ("width", 5, 5),
        ("width", "5", 5),
        ("width", "-5", -5),
        ("lr", 1, 1.0),
        ("lr", "1e-3", 1e-3),
        ("lr", 0.25, 0.25),
        ("norm", "none", "none"),
        ("bias", False, False),
        ("bias", "true", True),
        ("bias", "False", False),
        ("bias", "YES", True),
        ("bias", "no", False),
        ("note", "3", "3"),
        ("note", "", ""),
        ("depth", "auto", "auto"),
        ("depth", 3, 3),
        ("depth", "3", 3),
        ("level", 2, 2),
        ("level", "2", 2),
        ("level", "all", "all"),
    ],
)
def test_accepted(name: str, given_value: object, expected: object) -> None:
    result = options_of(tiny)[name].checked(given_value, "model tiny")
    assert (type(result), result) == (type(expected), expected)


NOT_TEXTS: list[object] = [3, 0.5, True, None, [], date(2020, 1, 1)]
NOT_BOOLS: list[object] = [1, 0, 0.0, "maybe", "", None, [], ["true"]]
NOT_NUMBERS: list[object] = [
    True,
    False,
    "x",
    "",
    None,
    [],
    [1],
    {},
    date(2020, 1, 1),
    math.nan,
    math.inf,
    -math.inf,
    "nan",
    "inf",
]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("width", value) for value in [*NOT_NUMBERS, 1.5, "1.5"]),
        *(("lr", value) for value in [*NOT_NUMBERS, "1e999", "-inf", 10**400]),
        *(("norm", value) for value in [*NOT_TEXTS, "other", "Batch", "", ["batch"]]),
        *(("bias", value) for value in NOT_BOOLS),
        *(("note", value) for value in NOT_TEXTS),
        *(("depth", value) for value in [*NOT_NUMBERS, "deep", 1.5]),
        *(("level", value) for value in [*NOT_NUMBERS, "deep", 3, "3", 1.5]),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_refused(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"^model tiny: {name} must be .+, not ") as caught:
        options_of(tiny)[name].checked(value, "model tiny")
    assert len(str(caught.value).splitlines()) == 1


def test_a_refusal_says_what_is_allowed() -> None:
    with pytest.raises(ConfigError, match=r"^model tiny: norm must be one of batch, none, not 'x'$"):
        options_of(tiny)["norm"].checked("x", "model tiny")
    with pytest.raises(ConfigError, match=r"^model tiny: depth must be a whole number or one of auto, not 'x'$"):
        options_of(tiny)["depth"].checked("x", "model tiny")
    with pytest.raises(ConfigError, match="bias must be true or false, not 1"):
        options_of(tiny)["bias"].checked(1, "model tiny")


TYPES: dict[str, Callable[[object], bool]] = {
    "width": lambda value: type(value) is int,
    "lr": lambda value: type(value) is float and math.isfinite(value),
    "norm": lambda value: value in ("batch", "none"),
    "bias": lambda value: type(value) is bool,
    "note": lambda value: type(value) is str,
    "depth": lambda value: type(value) is int or value == "auto",
    "level": lambda value: (type(value) is int and value in (1, 2)) or value == "all",
}


@settings(deadline=None)
@given(name=st.sampled_from(sorted(TYPES)), value=ANYTHING)
def test_any_value_is_refused_or_becomes_the_annotated_type(name: str, value: object) -> None:
    try:
        result = options_of(tiny)[name].checked(value, "model tiny")
    except ConfigError:
        return
    assert TYPES[name](result), result


def test_names_are_looked_up_before_the_colon() -> None:
    assert look_up("model", "tiny", REGISTRY) is tiny
    assert look_up("model", "tiny:some/where:else", REGISTRY) is tiny
    with pytest.raises(UnknownNameError, match="unknown model 'tyny'; did you mean tiny"):
        look_up("model", "tyny", REGISTRY)
    with pytest.raises(UnknownNameError, match="unknown model ''"):
        look_up("model", "", REGISTRY)


def test_an_unknown_option_offers_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown option of model tiny 'widht'; did you mean width"):
        non_default("model", "tiny", {"widht": 3}, REGISTRY)
    with pytest.raises(UnknownNameError, match="there is none"):
        non_default("model", "plain", {"width": 3}, REGISTRY)
    with pytest.raises(UnknownNameError):
        non_default("model", "tiny", {"num_classes": 3}, REGISTRY)


def test_only_what_differs_from_the_defaults_stays() -> None:
    options = {"bias": "true", "lr": "0.1", "depth": "auto", "width": "16"}
    assert non_default("model", "tiny", options, REGISTRY) == {"width": 16}
    assert non_default("model", "tiny", {}, REGISTRY) == {}


@settings(deadline=None)
@given(options=GOOD)
def test_defaults_taken_off_and_put_back(options: dict[str, Any]) -> None:
    kept = non_default("model", "tiny", options, REGISTRY)
    full = with_defaults("model", "tiny", kept, REGISTRY)
    assert list(full) == list(options_of(tiny))
    assert all(
        full[key] == (options[key] if key in options else option.default) for key, option in options_of(tiny).items()
    )
    assert non_default("model", "tiny", full, REGISTRY) == kept
    assert all(full[key] != options_of(tiny)[key].default for key in kept)


@settings(deadline=None)
@given(options=GOOD, data=st.data())
def test_the_order_of_what_is_given_does_not_matter(options: dict[str, Any], data: st.DataObject) -> None:
    shuffled = dict(data.draw(st.permutations(list(options.items()))))
    kept = non_default("model", "tiny", options, REGISTRY)
    assert list(non_default("model", "tiny", shuffled, REGISTRY).items()) == list(kept.items())
    assert list(kept) == [name for name in options_of(tiny) if name in kept]
