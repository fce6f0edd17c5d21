"""A filter taken apart: every character is in exactly one word, and quotes make letters of signs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.errors import ConfigError
from lininterp_cli.runs.query_words import tokens_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  a  b ", [("word", 3, "a"), ("word", 6, "b")]),
        ("-a|(b)", [("-", 1, ""), ("word", 2, "a"), ("|", 3, ""), ("(", 4, ""), ("word", 5, "b"), (")", 6, "")]),
        ('name:"a | b"', [("word", 1, "name:a | b")]),
        (r'"a\"b\\"', [("word", 1, 'a"b\\')]),
        ('x:""', [("word", 1, "x:")]),
        ("a-b", [("word", 1, "a-b")]),
    ],
)
def test_words_and_signs(text, expected):
    assert [(token.kind, token.at, token.text) for token in tokens_of(text)] == expected


def test_quotes_around_nothing_are_a_value_that_is_empty():
    assert tokens_of('x:""')[0].letters[2:] == (("", True),)
    assert tokens_of("x:")[0].letters[2:] == ()


@given(st.text())
def test_any_text_is_taken_apart_or_refused_at_a_quote(text):
    try:
        tokens = tokens_of(text)
    except ConfigError:
        assert '"' in text
    else:
        assert [token.at for token in tokens] == sorted({token.at for token in tokens})
        letters = "".join(token.text if token.kind == "word" else token.kind for token in tokens)
        if '"' not in text:
            assert letters == "".join(text.split())
