"""How the one table of what keys do becomes bindings, the line at the foot, and the help."""

from collections.abc import Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from lininterp_cli.view.text import wrap


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """Something that a key does."""

    id: str
    """Its name, by which a keymap can give it other keys."""
    keys: str
    """Textual's names of its keys, with commas between them."""
    shown: str = ""
    """How the keys are written, in ASCII; empty where another action's words speak for it."""
    label: str = ""
    """A word or two for the foot; empty where the foot does not name it."""
    help: str = ""
    """A sentence for the help."""
    does: str = ""
    """The call, as Textual writes it: `step(1)` is the screen's method `action_step`; the id unless given."""
    asks: bool = False
    """Whether it opens a prompt: what is typed right after it must reach the prompt, on however slow a line."""

    @property
    def call(self) -> str:
        """What Textual runs."""
        return self.does or self.id


Table = Mapping[str, tuple[Action, ...]]
"""Screen's name to its actions; `""` holds those of every screen."""

GENERAL = ""
"""The name under which actions of every screen stand."""


def actions_of(screen: str, table: Table) -> tuple[Action, ...]:
    """A screen's own actions, then those of every screen that it does not have itself."""
    own = table.get(screen, ())
    taken = {action.id for action in own}
    return own + tuple(action for action in table[GENERAL] if action.id not in taken)


def bindings(screen: str, table: Table) -> list[BindingType]:
    """A screen's actions as Textual wants them; the ids let a keymap change the keys.

    Args:
        screen: Its name.
        table: Every screen's actions.

    Returns:
        One binding for each action.
    """
    return [
        Binding(action.keys, action.call, action.label or action.id, show=False, id=action.id)
        for action in actions_of(screen, table)
    ]


def foot(screen: str, table: Table, width: int) -> str:
    """The line at the foot of a screen.

    Args:
        screen: Its name.
        table: Every screen's actions.
        width: Columns; the help and the way out are always named, others as far as they fit.

    Returns:
        One line of ASCII.
    """
    named = [f"{action.shown} {action.label}" for action in actions_of(screen, table) if action.label]
    *words, helping, leaving = named
    while words and len("  ".join([*words, helping, leaving])) + 1 > width:
        words.pop()
    return (" " + "  ".join([*words, helping, leaving]))[:width]


def help_lines(screen: str, table: Table, width: int) -> list[tuple[str, bool]]:
    """The help of one screen and of the whole program, line by line.

    Args:
        screen: Its name.
        table: Every screen's actions.
        width: Columns, 30 or more.

    Returns:
        Lines, each with whether it is a heading.
    """
    lines: list[tuple[str, bool]] = []
    for name in dict.fromkeys((screen, GENERAL, *table)):
        lines += ([("", False)] if lines else []) + [(name.capitalize() or "Everywhere", True)]
        for action in table[name]:
            if action.help:
                first, *more = wrap(action.help.split(), width - 14, " ")
                lines.append((f"  {action.shown:<11} {first}", False))
                lines += [(" " * 14 + line, False) for line in more]
    return lines
