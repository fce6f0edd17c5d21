"""What a user writes for positions, against exact fractions."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.errors import ConfigError
from lininterp_cli.landscape.curves.alphas import USUAL_ALPHAS, parse


def test_default_is_fifty_positions_with_both_ends():
    alphas = parse(USUAL_ALPHAS)
    assert (len(alphas), alphas[0], alphas[-1]) == (50, 0.0, 1.0)


@given(st.integers(2, 500))
def test_a_number_is_that_many_even_positions(count: int):
    alphas = parse(str(count))
    assert len(alphas) == count
    assert alphas[0] == 0.0
    assert alphas[-1] == 1.0
    for index, alpha in enumerate(alphas):
        assert alpha == float(Fraction(index, count - 1))


@given(st.integers(1, 400))
def test_a_range_has_both_ends_and_no_position_too_few_or_many(num_steps: int):
    alphas = parse(f"0:1:{1 / num_steps!r}")
    assert len(alphas) == num_steps + 1
    assert (alphas[0], alphas[-1]) == (0.0, 1.0)
    assert all(abs(alpha - Fraction(index, num_steps)) < 1e-12 for index, alpha in enumerate(alphas))


@given(st.integers(0, 99), st.integers(1, 100), st.integers(1, 100))
def test_a_range_within_the_line(first: int, num_steps: int, step: int):
    last = first + num_steps * step
    if last > 100:
        with pytest.raises(ConfigError, match=r"lie in \[0, 1\]"):
            parse(f"{first / 100}:{last / 100}:{step / 100}")
        return
    alphas = parse(f"{first / 100}:{last / 100}:{step / 100}")
    assert alphas == tuple((first + index * step) / 100 for index in range(num_steps + 1))


def test_a_falling_range_is_put_in_order():
    assert parse("1:0:-0.25") == (0.0, 0.25, 0.5, 0.75, 1.0)


@given(st.lists(st.floats(0, 1, allow_subnormal=False), min_size=1, max_size=20))
def test_a_list_is_sorted_and_named_once(alphas: list[float]):
    assert parse(",".join(map(repr, alphas)) + ",") == tuple(sorted(set(alphas)))


@pytest.mark.parametrize(
    ("text", "positions"),
    [("0.0", (0.0,)), ("1.0", (1.0,)), ("0.5", (0.5,)), ("0,", (0.0,)), ("2", (0.0, 1.0)), ("0:0:1", (0.0,))],
)
def test_few_positions(text: str, positions: tuple[float, ...]):
    assert parse(text) == positions


@pytest.mark.parametrize(
    "text",
    ["", "x", "0:1", "0:1:2:3", "0:x:1", "0:1:0", "0:1:0.3", "0:1:-0.1", "0:1:1e-9", "0", "1", "-5", "0.5,x", "nan,",
     "inf,", "1.5", "-0.1,0.5", "0:2:1", "0:1:nan", "nan:1:0.1"],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_one_line(text: str):
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert "\n" not in str(caught.value)
    assert "alphas" in str(caught.value)


@pytest.mark.parametrize("text", ["1000001", "999999999", "9" * 400, "0:1:1e-9", "0:1:0.000001"])
def test_more_positions_than_anyone_means_are_refused_before_they_are_made(text: str):
    with pytest.raises(ConfigError, match=f"--alphas {text}: a path takes at most 1,000,000 positions"):
        parse(text)
    assert len(parse("1000000")) == 1_000_000


def test_beyond_the_ends_only_where_it_is_asked_for():
    with pytest.raises(ConfigError, match=r"not at -0.5; .* --extrapolate"):
        parse("-0.5:1.5:0.5")
    assert parse("-0.5:1.5:0.5", extrapolate=True) == (-0.5, 0.0, 0.5, 1.0, 1.5)
    assert parse("2.5,-1", extrapolate=True) == (-1.0, 2.5)


@given(st.integers(-300, 0), st.integers(1, 100), st.integers(100, 300))
def test_a_range_beyond_the_ends_goes_through_them_exactly(first: int, step: int, last: int):
    steps = f"{first * step / 100}:{last * step / 100}:{step / 100}"
    alphas = parse(steps, extrapolate=True)
    assert alphas == tuple(index * step / 100 for index in range(first, last + 1))
    assert str(alphas[-first]) == "0.0"


@pytest.mark.parametrize("text", ["nan,", "inf,0", "0:inf:1", "-inf,1"])
def test_extrapolation_is_to_finite_positions(text: str):
    with pytest.raises(ConfigError, match="alphas"):
        parse(text, extrapolate=True)


def test_no_position_at_all_is_refused():
    for text in (",", " , ,"):
        with pytest.raises(ConfigError, match="alphas"):
            parse(text)
