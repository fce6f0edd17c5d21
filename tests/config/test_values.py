"""Which objects settings can hold, and how any object is shown in a message."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.config.values import is_value, shown


@pytest.mark.parametrize("value", [True, 0, -3, 2**63 - 1, -(2**63) + 1, 0.5, -1e308, "", "text\n"])
def test_values_of_settings(value: Any):
    assert is_value(value)


@pytest.mark.parametrize(
    "value",
    [2**63, -(2**63), pytest.param(10**5000, id="digits"), math.nan, math.inf, -math.inf, None, [1], (), {}, b"x"],
)
def test_no_values_of_settings(value: Any):
    assert not is_value(value)


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text())))
def test_anything_is_one_short_line(value: Any):
    words = shown(value)
    assert len(words.splitlines()) == 1
    assert words == repr(value) if len(repr(value)) <= 80 else words == repr(value)[:80] + "..."


def test_a_number_of_too_many_digits_is_shown_in_words():
    assert shown(10**5000) == "a number of too many digits"
    assert shown([10**5000]) == "a number of too many digits"
