"""Forms of fields that become command lines; no widget, no process.

A field stands for one flag of one command.  An empty field adds nothing, so that the command's own default holds.
"""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lininterp_cli.errors import ConfigError

Kind = Literal["value", "switch", "many", "positional"]
"""A flag with a value; a flag without; a flag that is repeated for each word; a positional argument."""


@dataclass(slots=True)
class Field:
    """One line of a form."""

    name: str
    """Its name."""
    flag: str = ""
    """The option it stands for; empty for a positional argument."""
    help: str = ""
    """One line about it."""
    value: str = ""
    """The value; empty for the command's own default."""
    default: str = ""
    """The value of an empty field, in words."""
    choices: tuple[str, ...] = ()
    """Values to choose from."""
    is_open: bool = True
    """Whether other values than the choices are allowed."""
    kind: Kind = "value"
    """Its form on the command line."""
    no_flag: str = ""
    """For a switch: the option for `no`."""
    prefix: str = ""
    """Prefix of the value in the same word: `optimizer.lr=` of a `--set`."""
    listed: str = ""
    """Argument of `lininterp list` for its choices; empty for none."""
    key: str = ""
    """The setting that it changes, as `optimizer.lr`; empty for none."""
    check: Callable[[str], object] | None = None
    """Raises ConfigError for a value that the command would reject."""

    def words(self) -> list[str]:
        """The words that the field adds to the command line.

        Returns:
            Words without quoting; none if the field is empty, or is positional, which the form itself adds.
        """
        if not self.value or self.kind == "positional":
            return []
        if self.kind == "switch":
            flag = self.no_flag if self.value == "no" else self.flag
            return [flag] if flag else []
        texts = split(self.value) if self.kind == "many" else [self.value]
        return [word for text in texts for word in _said(self.flag, self.prefix + text)]

    def turned(self, step: int) -> str:
        """The next choice after the present value, or the one before; an empty value is a choice if it is allowed.

        Args:
            step: 1 or -1.

        Returns:
            The value; the present one if there are no choices.
        """
        values = list(dict.fromkeys([*([""] if self.default or self.is_open else []), *self.choices]))
        if not self.choices:
            return self.value
        here = values.index(self.value) if self.value in values else -1 if step > 0 else 0
        return values[(here + step) % len(values)]


@dataclass(slots=True)
class Form:
    """A form for one command."""

    title: str
    """Its title."""
    command: str
    """The command of `lininterp`."""
    fields: list[Field] = field(default_factory=list)
    """Its fields."""
    one_of: tuple[str, ...] = ()
    """Names of fields of which exactly one must be filled in."""
    obstacle: str = ""
    """Why it cannot be started at all; empty if it can."""

    def words(self, runs: Path) -> list[str]:
        """The command line after `lininterp`.

        Args:
            runs: The folder of runs.

        Returns:
            Words without quoting.
        """
        said = [one.value for one in self.fields if one.kind == "positional" and one.value]
        early = [word for word in said if not word.startswith("-")]
        late = [word for word in said if word.startswith("-")]
        flags = [word for one in self.fields for word in one.words()]
        return [self.command, *early, *flags, *_said("--runs", str(runs)), *(["--", *late] if late else [])]

    def problem(self) -> str:
        """Why the command cannot be started, in one line; empty if it can."""
        if self.obstacle:
            return self.obstacle
        given = [one.name for one in self.fields if one.name in self.one_of and one.value]
        if self.one_of and len(given) != 1:
            return f"give either {' or '.join(self.one_of)}" + (", not both" if given else "")
        for one in self.fields:
            if one.kind == "many" and _split(one.value) is None:
                return f"{one.name}: a quote is not closed"
            if "\0" in one.value:
                return f"{one.name}: a null character cannot be written"
            if one.check is not None and one.value:
                try:
                    one.check(one.value)
                except ConfigError as error:
                    return f"{one.name}: {error}"
        return ""

    def named(self, name: str) -> Field:
        """The field with a name."""
        return next(one for one in self.fields if one.name == name)


def command_line(words: Sequence[str]) -> str:
    """A command as it can be pasted into a shell.

    Args:
        words: The words after `lininterp`.

    Returns:
        One line, quoted where the shell needs it.

    Example:
        >>> command_line(["train", "--name", "a b; rm x"])
        "lininterp train --name 'a b; rm x'"
    """
    return shlex.join(["lininterp", *words])


def folded_command(words: Sequence[str], width: int) -> list[str]:
    r"""A command folded over several lines, which a shell reads as one command.

    Args:
        words: The words after `lininterp`.
        width: Columns; a word that is longer stays whole.

    Returns:
        Lines, all but the last ending in a backslash.

    Example:
        >>> folded_command(["train", "--epochs", "3", "--seed", "1"], 28)
        ['lininterp train --epochs 3 \\', '  --seed 1']
    """
    pieces: list[str] = []
    for index, word in enumerate(words):
        # An option and its value stay together.
        is_value = index > 0 and words[index - 1].startswith("--") and "=" not in words[index - 1] and len(pieces) > 1
        if is_value and not word.startswith("-"):
            pieces[-1] += f" {shlex.quote(word)}"
        else:
            pieces.append(shlex.quote(word))
    rows = ["lininterp"]
    for piece in pieces:
        if len(rows[-1]) + len(piece) + 3 > width and rows[-1].strip():
            rows[-1] += " \\"
            rows.append(" ")
        rows[-1] += f" {piece}"
    return rows


def split(text: str) -> list[str]:
    """The values in one field: separated by spaces, with quotes around values that have spaces.

    Args:
        text: The field's text.

    Returns:
        The values; the whole text as one if a quote is not closed.

    Example:
        >>> split("conv1 'a b'"), split("it's")
        (['conv1', 'a b'], ["it's"])
    """
    found = _split(text)
    return [text] if found is None else found


def _split(text: str) -> list[str] | None:
    try:
        return shlex.split(text)
    except ValueError:
        return None


def _said(flag: str, value: str) -> list[str]:
    # A value that looks like an option must be part of the option's own word.
    return [f"{flag}={value}"] if value.startswith("-") else [flag, value]
