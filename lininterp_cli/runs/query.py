"""The language of run filters: parsing and evaluating them; it reads a run only through a `Lookup`.

    model:resnet18 opt.lr>=0.1 -tag:old barrier>0.5 | name:~wd

Words are joined by AND, `|` is OR and binds least, `-` before a word negates it, parentheses group.  A word is a text
that is searched for in the fields SAID, or a field, an operator and a value.  A comparison holds only if the run has
the field; `-field:value` also holds if it has not.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lininterp_cli.errors import ConfigError
from lininterp_cli.runs.query_words import Token, refusal, tokens_of

Lookup = Callable[[str], float | str | tuple[str, ...] | None]
"""Maps a field's name to its value in one run: a number, a word, several words, or None."""

SAID = ("id", "name", "model", "data", "optimizer", "state", "tag")
"""The fields in which a word without a field is searched for."""

_MAX_DEPTH = 50
_TERM = re.compile(r"([^\W\d][\w.-]*?)(:~|!=|<=|>=|:|=|<|>)")
_SIGN = re.compile(r"[<>=:]|!=")
_AMOUNT = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)([a-zA-Z%]?)", re.ASCII)
_UNITS = {
    "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0,
}  # fmt: skip
_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda found, wanted: found < wanted,
    "<=": lambda found, wanted: found <= wanted,
    ">": lambda found, wanted: found > wanted,
    ">=": lambda found, wanted: found >= wanted,
}

_Test = Callable[[Lookup], bool]


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed filter."""

    text: str
    """Its source text."""
    names: tuple[str, ...]
    """The fields that it compares, each once."""
    _test: _Test = field(repr=False, compare=False)

    def fits(self, lookup: Lookup) -> bool:
        """Whether a run matches the filter.

        Args:
            lookup: Returns the run's value of a field.

        Returns:
            Whether it matches; every run matches an empty filter.
        """
        return self._test(lookup)


def parse(text: str) -> Query:
    """Parse a filter.

    Args:
        text: Its source text.

    Returns:
        The filter.

    Raises:
        ConfigError: If it is invalid; the message gives the character's position, from 1, and the grammar.

    Example:
        >>> run = {"model": "resnet18", "lr": 0.1, "tag": ("old", "wide")}
        >>> [parse(text).fits(run.get) for text in ("model:ResNet* lr>=0.1", "-tag:old", "lr>1 | wide")]
        [True, False, True]
    """
    parser = _Parser(tokens_of(text))
    test = parser.alternatives(0) if parser.tokens else _everything
    if parser.place < len(parser.tokens):
        raise ConfigError(refusal(parser.tokens[parser.place].at, "this ) closes nothing"))
    return Query(text, tuple(dict.fromkeys(parser.names)), test)


def quoted(word: str) -> str:
    """A value, quoted if necessary, that a filter takes literally.

    Args:
        word: The value.

    Returns:
        The value, in quotes if it needs them.

    Example:
        >>> quoted("resnet18"), quoted("my run")
        ('resnet18', '"my run"')
    """
    if re.fullmatch(r"\w[\w.+/-]*", word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def amount(text: str) -> float | None:
    """Parse a number of a filter.

    Args:
        text: A number, optionally with a unit right after it (`s m h d w` of time, `k M G`, `%`), or a date.

    Returns:
        The number; durations are in seconds, dates in seconds since 1970 (UTC); None if the text is neither.

    Example:
        >>> amount("2d"), amount("95%"), amount("1e-3"), amount("1970-01-02"), amount("many")
        (172800.0, 0.95, 0.001, 86400.0, None)
    """
    if match := _AMOUNT.fullmatch(text):
        if match[2] == "%":
            return float(match[1]) / 100
        unit = _UNITS.get(match[2])
        return None if unit is None else float(match[1]) * unit
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
        except (ValueError, OverflowError):
            return None
    return None


class _Parser:
    """A recursive-descent parser; each method consumes the tokens of one expression and returns its test."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0
        self.names: list[str] = []

    @property
    def _kind(self) -> str:
        return self.tokens[self.place].kind if self.place < len(self.tokens) else ""

    def alternatives(self, depth: int) -> _Test:
        tests = [self._all(depth)]
        while self._kind == "|":
            self.place += 1
            tests.append(self._all(depth))
        return tests[0] if len(tests) == 1 else lambda lookup: any(test(lookup) for test in tests)

    def _all(self, depth: int) -> _Test:
        tests: list[_Test] = []
        while self._kind not in ("", "|", ")"):
            tests.append(self._one(depth))
        if not tests:
            at = self.tokens[min(self.place, len(self.tokens) - 1)].at
            raise ConfigError(refusal(at, "there must be a word on both sides of | and inside ( )"))
        return tests[0] if len(tests) == 1 else lambda lookup: all(test(lookup) for test in tests)

    def _one(self, depth: int) -> _Test:
        negated = False
        while self._kind == "-":
            negated = not negated
            self.place += 1
        if self._kind in ("", "|", ")"):
            raise ConfigError(refusal(self.tokens[self.place - 1].at, "there must be a word after -"))
        token = self.tokens[self.place]
        self.place += 1
        test = self._group(token, depth + 1) if token.kind == "(" else self._term(token)
        return (lambda lookup: not test(lookup)) if negated else test

    def _group(self, token: Token, depth: int) -> _Test:
        if depth > _MAX_DEPTH:
            raise ConfigError(refusal(token.at, f"no more than {_MAX_DEPTH} ( may be open"))
        test = self.alternatives(depth)
        if self._kind != ")":
            raise ConfigError(refusal(token.at, "this ( is not closed"))
        self.place += 1
        return test

    def _term(self, token: Token) -> _Test:
        match = _TERM.match(token.open_text)
        if _SIGN.match(token.open_text):
            raise ConfigError(refusal(token.at, "a comparison is one word: write accuracy>0.5 without spaces"))
        if match is None:
            return _said(token.text.lower())
        name, sign = match[1], match[2]
        letters = token.letters[match.end() :]
        text = "".join(letter for letter, _ in letters)
        if not letters:
            raise ConfigError(refusal(token.at, f"{name}{sign} needs a value"))
        if token.open_text[match.end()] in "<>=":
            problem = f"{name}{sign} needs a value, not {text!r}: one sign is enough, or write the value in quotes"
            raise ConfigError(refusal(token.at, problem))
        self.names.append(name)
        if sign in _ORDERS:
            return _ordered(token, name, sign, text)
        if sign == ":~":
            return lambda lookup: any(text.lower() in word for word in _words(lookup(name)))
        equal = _equal(name, letters)
        return equal if sign != "!=" else lambda lookup: lookup(name) is not None and not equal(lookup)


def _ordered(token: Token, name: str, sign: str, text: str) -> _Test:
    wanted, order = amount(text), _ORDERS[sign]
    if wanted is None:
        raise ConfigError(
            refusal(token.at, f"{text!r} after {name}{sign} is no number (0.1, 1e-3, 95%, 10k, 2d, 2026-01-31)")
        )

    def test(lookup: Lookup) -> bool:
        found = lookup(name)
        return isinstance(found, float | int) and order(found, wanted)

    return test


def _equal(name: str, letters: Sequence[tuple[str, bool]]) -> _Test:
    number = amount("".join(letter for letter, _ in letters))
    pieces = [""]
    for letter, is_quoted in letters:
        if letter == "*" and not is_quoted:
            pieces.append("")
        else:
            pieces[-1] += letter.lower()

    def test(lookup: Lookup) -> bool:
        found = lookup(name)
        if isinstance(found, float | int) and number is not None:
            return found == number
        return any(_has_shape(word, pieces) for word in _words(found))

    return test


def _has_shape(word: str, pieces: Sequence[str]) -> bool:
    """Whether a word is the pieces in order with any text between them, in time proportional to its length."""
    if len(pieces) == 1:
        return word == pieces[0]
    first, *inner, last = pieces
    if len(word) < len(first) + len(last) or not word.startswith(first) or not word.endswith(last):
        return False
    place, end = len(first), len(word) - len(last)
    for piece in inner:
        at = word.find(piece, place, end)
        if at < 0:
            return False
        place = at + len(piece)
    return True


def _words(found: float | str | tuple[str, ...] | None) -> tuple[str, ...]:
    if found is None:
        return ()
    if isinstance(found, tuple):
        return tuple(word.lower() for word in found)
    return (found.lower() if isinstance(found, str) else f"{found:g}",)


def _said(wanted: str) -> _Test:
    def test(lookup: Lookup) -> bool:
        for name in SAID:
            found = lookup(name)
            if isinstance(found, str):
                # A shortcut: nearly all values are texts, and thousands of runs are tested at every key press.
                if wanted in found.lower():
                    return True
            elif any(wanted in word for word in _words(found)):
                return True
        return False

    return test


def _everything(_: Lookup) -> bool:
    return True
