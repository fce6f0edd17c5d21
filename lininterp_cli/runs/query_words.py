"""The tokens of a filter: words and signs; `query` interprets them."""

from dataclasses import dataclass

from lininterp_cli.errors import ConfigError

GRAMMAR = "word  field:value  field:~part  field>1e-3  -word  a | b  ( )"
"""The grammar in one line, for messages."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a sign of a filter."""

    at: int
    """Position of its first character, from 1."""
    kind: str
    """`(`, `)`, `|`, `-` or `word`."""
    letters: tuple[tuple[str, bool], ...] = ()
    """A word's characters, each with whether it was quoted; quotes around nothing give one empty character."""

    @property
    def text(self) -> str:
        """The word."""
        return "".join(letter for letter, _ in self.letters)

    @property
    def open_text(self) -> str:
        """The word with a blank for each quoted character, so that quoted signs do not count as operators."""
        return "".join(" " if is_quoted else letter for letter, is_quoted in self.letters)


def tokens_of(text: str) -> list[Token]:
    """Split a filter into tokens.

    Args:
        text: Its source text.

    Returns:
        Its tokens in order.
    """
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        letter, start = text[place], place + 1
        if letter.isspace():
            place += 1
        elif letter in "()|-":
            tokens.append(Token(start, letter))
            place += 1
        else:
            letters, place = _word(text, place)
            tokens.append(Token(start, "word", letters))
    return tokens


def _word(text: str, place: int) -> tuple[tuple[tuple[str, bool], ...], int]:
    letters: list[tuple[str, bool]] = []
    while place < len(text) and not text[place].isspace() and text[place] not in "()|":
        if text[place] != '"':
            letters.append((text[place], False))
            place += 1
            continue
        start = place + 1
        place += 1
        letters += [("", True)] if text[place : place + 1] == '"' else []
        while place < len(text) and text[place] != '"':
            # A backslash makes the next character literal, above all a quote.
            place += text[place] == "\\" and place + 1 < len(text)
            letters.append((text[place], True))
            place += 1
        if place == len(text):
            raise ConfigError(refusal(start, 'this " is not closed'))
        place += 1
    return tuple(letters), place


def refusal(at: int, problem: str) -> str:
    """The message about an invalid filter.

    Args:
        at: Position of the problem's character, from 1.
        problem: Description of the problem.

    Returns:
        One line.
    """
    return f"filter, character {at}: {problem}; write: {GRAMMAR}"
