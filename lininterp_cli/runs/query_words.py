"""The words and signs that a filter is made of; what they mean together is not known here."""

from dataclasses import dataclass

from lininterp_cli.errors import ConfigError

GRAMMAR = "word  field:value  field:~part  field>1e-3  -word  a | b  ( )"
"""What can be written, in one line."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a sign of a filter."""

    at: int
    """Its first character, from 1."""
    kind: str
    """`(`, `)`, `|`, `-` or `word`."""
    letters: tuple[tuple[str, bool], ...] = ()
    """A word's characters, each with whether it stood in quotes; quotes around nothing are an empty one."""

    @property
    def text(self) -> str:
        """The word."""
        return "".join(letter for letter, _ in self.letters)

    @property
    def open_text(self) -> str:
        """The word with a blank for what was in quotes: signs there are letters."""
        return "".join(" " if is_quoted else letter for letter, is_quoted in self.letters)


def tokens_of(text: str) -> list[Token]:
    """Take a filter apart.

    Args:
        text: What was written.

    Returns:
        Its words and signs in order.
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
            # A backslash takes what follows literally, a quote above all.
            place += text[place] == "\\" and place + 1 < len(text)
            letters.append((text[place], True))
            place += 1
        if place == len(text):
            raise ConfigError(refusal(start, 'this " is not closed'))
        place += 1
    return tuple(letters), place


def refusal(at: int, problem: str) -> str:
    """What is said of a filter that means nothing.

    Args:
        at: The character, from 1.
        problem: What is wrong there.

    Returns:
        One line.
    """
    return f"filter, character {at}: {problem}; write: {GRAMMAR}"
