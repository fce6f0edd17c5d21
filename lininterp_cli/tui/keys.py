"""How the one table of what keys do becomes bindings, the line at the foot, and the help."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from textual.binding import Binding, BindingType
from textual.keys import REPLACED_KEYS, key_to_character

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


def rekeyed(table: Table, keymap: Mapping[str, str]) -> Table:
    """The table with other keys; an action gives a key up to one that is given it, unless it has no other.

    Args:
        table: Every screen's actions.
        keymap: An action's id to its keys as Textual names them, with commas between them.

    Returns:
        A table whose feet and help show the new keys; the bindings get them by `textual_keymap`.
    """
    if not keymap:
        return table
    return {screen: tuple(_rekeyed(table[screen], keymap, _given(screen, table, keymap))) for screen in table}


def textual_keymap(table: Table) -> dict[str, str]:
    """What `App.set_keymap` wants to hear, so that the bindings have a table's keys.

    Args:
        table: Every screen's actions, as `rekeyed` gives them.

    Returns:
        A binding's id to its keys.
    """
    return {_binding_id(screen, one.id): one.keys for screen in table for one in actions_of(screen, table)}


def _given(screen: str, table: Table, keymap: Mapping[str, str]) -> set[str]:
    """The keys that a keymap gives to actions of a screen; an action of every screen meets those of all."""
    screens = table if screen == GENERAL else [screen]
    ids = {action.id for one in screens for action in actions_of(one, table)}
    return {key for name, keys in keymap.items() if name in ids for key in keys.split(",")}


def _keys(action: Action, keymap: Mapping[str, str], given: Collection[str]) -> str:
    left = ",".join(key for key in action.keys.split(",") if key not in given)
    return keymap.get(action.id) or left or action.keys


def _rekeyed(actions: Sequence[Action], keymap: Mapping[str, str], given: Collection[str]) -> Iterator[Action]:
    for place, action in enumerate(actions):
        # What is shown of an action stands for those after it that show nothing: `j k` for down and up.
        silent = takewhile(lambda other: not other.shown, actions[place + 1 :])
        spoken = [action, *silent] if action.shown else [action]
        keys = [_keys(other, keymap, given) for other in spoken]
        if action.shown and keys != [other.keys for other in spoken]:
            yield replace(action, keys=keys[0], shown=" ".join(spelled(one.split(",")[0]) for one in keys))
        else:
            yield replace(action, keys=keys[0])


def spelled(key: str) -> str:
    """A key as people write it, in ASCII.

    Args:
        key: Textual's name of it.

    Returns:
        The character it writes, or a short name.

    Example:
        >>> spelled("slash"), spelled("ctrl+p"), spelled("escape"), spelled("f5")
        ('/', '^p', 'Esc', 'F5')
    """
    modifier, _, name = key.rpartition("+")
    character = character_of(name)
    plain = character if character and character.isascii() and character.isprintable() else ""
    word = plain.strip() or _SHORT.get(name) or name.replace("_", " ").capitalize()
    return {"": word, "ctrl": f"^{word}"}.get(modifier, f"{modifier}+{word}")


def character_of(key: str) -> str | None:
    """The character that a key writes, by Textual's name of it; None where it writes none."""
    return key_to_character(REPLACED_KEYS.get(key, key))


_SHORT = {"escape": "Esc", "pagedown": "PgDn", "pageup": "PgUp", "delete": "Del", "backspace": "Bksp"}


def bindings(screen: str, table: Table) -> list[BindingType]:
    """A screen's actions as Textual wants them; the ids let a keymap change the keys.

    Args:
        screen: Its name.
        table: Every screen's actions.

    Returns:
        One binding for each action.
    """
    return [
        Binding(action.keys, action.call, action.label or action.id, show=False, id=_binding_id(screen, action.id))
        for action in actions_of(screen, table)
    ]


def _binding_id(screen: str, action: str) -> str:
    # One action may keep different keys on different screens.
    return f"{screen}.{action}"


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


def key_table(table: Table) -> str:
    """The keys of all screens for the documentation.

    Args:
        table: Every screen's actions.

    Returns:
        Markdown: a heading and a table for each screen; the ids are what a keymap may name.
    """
    parts = []
    for name, actions in table.items():
        rows = []
        for place, action in enumerate(actions):
            if action.shown:
                silent = takewhile(lambda other: not other.shown, actions[place + 1 :])
                spoken = (action, *silent)
                keys = " ".join(f"`{spelled(key)}`" for other in spoken for key in other.keys.split(","))
                ids = " ".join(f"`{other.id}`" for other in spoken)
                rows.append(f"| {keys.replace('|', chr(92) + '|')} | {action.help} | {ids} |")
        head = f"### {name.capitalize() or 'Everywhere'}\n\n| keys | what they do | actions |\n|---|---|---|\n"
        parts.append(head + "\n".join(rows) + "\n")
    return "\n".join(parts)
