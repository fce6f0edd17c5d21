"""Bindings, footers and help, made from the table of actions."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from textual.binding import Binding, BindingType
from textual.keys import REPLACED_KEYS, key_to_character

from lininterp_cli.view.text import wrap


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """An action that is bound to keys."""

    id: str
    """Its id, under which a keymap can bind it to other keys."""
    keys: str
    """Textual's names of its keys, separated by commas."""
    shown: str = ""
    """Display form of the keys, in ASCII; empty if that of the action before covers both, as `j k` does."""
    label: str = ""
    """A word or two for the footer; empty if the footer omits it."""
    help: str = ""
    """A sentence for the help."""
    does: str = ""
    """The action string of Textual: `step(1)` calls the screen's method `action_step`; empty for the id."""
    asks: bool = False
    """Whether it opens a prompt, which must get the keys typed right after it, even over a slow connection."""
    everywhere: bool = False
    """Whether its keys work in menus and prompts, too; then they may be none that type a character there."""

    @property
    def call(self) -> str:
        """The action string that Textual runs."""
        return self.does or self.id


Table = Mapping[str, tuple[Action, ...]]
"""Name of a screen to its actions; GENERAL holds those of every screen."""

GENERAL = ""
"""The table's key for the actions of every screen."""


def actions_of(screen: str, table: Table) -> tuple[Action, ...]:
    """A screen's own actions, followed by the general ones whose ids it does not have."""
    own = table.get(screen, ())
    taken = {action.id for action in own}
    return own + tuple(action for action in table[GENERAL] if action.id not in taken)


def rekeyed(table: Table, keymap: Mapping[str, str]) -> Table:
    """The table with the keys of a keymap; other actions lose these keys, unless they have no others.

    Args:
        table: Every screen's actions.
        keymap: Id of an action to Textual's names of its keys, separated by commas.

    Returns:
        A table for footers and help; the bindings get the new keys through `textual_keymap`.
    """
    if not keymap:
        return table
    return {screen: tuple(_rekeyed(table[screen], keymap, _given(screen, table, keymap))) for screen in table}


def textual_keymap(table: Table) -> dict[str, str]:
    """The keymap for `App.set_keymap` that gives the bindings the keys of a table.

    Args:
        table: Every screen's actions, as `rekeyed` returns them.

    Returns:
        Id of a binding to its keys.
    """
    return {_binding_id(screen, one.id): one.keys for screen in table for one in actions_of(screen, table)}


def _given(screen: str, table: Table, keymap: Mapping[str, str]) -> set[str]:
    """The keys that a keymap gives to the actions of a screen; for GENERAL, to those of all screens."""
    screens = table if screen == GENERAL else [screen]
    ids = {action.id for one in screens for action in actions_of(one, table)}
    return {key for name, keys in keymap.items() if name in ids for key in keys.split(",")}


def _keys(action: Action, keymap: Mapping[str, str], given: Collection[str]) -> str:
    left = ",".join(key for key in action.keys.split(",") if key not in given)
    return keymap.get(action.id) or left or action.keys


def _rekeyed(actions: Sequence[Action], keymap: Mapping[str, str], given: Collection[str]) -> Iterator[Action]:
    for place, action in enumerate(actions):
        # The `shown` of an action covers the actions after it that have none: `j k` is down and up.
        silent = takewhile(lambda other: not other.shown, actions[place + 1 :])
        spoken = [action, *silent] if action.shown else [action]
        keys = [_keys(other, keymap, given) for other in spoken]
        if action.shown and keys != [other.keys for other in spoken]:
            yield replace(action, keys=keys[0], shown=" ".join(spelled(one.split(",")[0]) for one in keys))
        else:
            yield replace(action, keys=keys[0])


def spelled(key: str) -> str:
    """The display form of a key, in ASCII.

    Args:
        key: Textual's name of the key.

    Returns:
        The character that the key types, or a short name; `^` denotes Ctrl.

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
    """The character that a key types, from Textual's name of the key; None if it types none."""
    return key_to_character(REPLACED_KEYS.get(key, key))


_SHORT = {"escape": "Esc", "pagedown": "PgDn", "pageup": "PgUp", "delete": "Del", "backspace": "Bksp"}


def bindings(screen: str, table: Table) -> list[BindingType]:
    """A screen's actions as bindings of Textual; their ids let a keymap change the keys.

    Args:
        screen: Its name; GENERAL for the application itself.
        table: Every screen's actions.

    Returns:
        One binding for each action.
    """
    return [
        Binding(
            action.keys, action.call, action.label or action.id, show=False, priority=action.everywhere,
            id=_binding_id(screen, action.id),
        )
        for action in actions_of(screen, table)
        if action.everywhere == (screen == GENERAL)
    ]  # fmt: skip


def _binding_id(screen: str, action: str) -> str:
    # The same action may have different keys on different screens.
    return f"{screen}.{action}"


def foot(screen: str, table: Table, width: int, idle: Collection[str] = ()) -> str:
    """The footer of a screen: keys and labels in one line.

    Args:
        screen: Its name.
        table: Every screen's actions.
        width: Columns; the keys for help and quitting are always included, others as far as they fit.
        idle: Ids of actions that are left out.

    Returns:
        One line of ASCII.
    """
    actions = [action for action in actions_of(screen, table) if action.label and action.id not in idle]
    named = [f"{action.shown} {action.label}" for action in actions]
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
        Pairs of a line and whether it is a heading.
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
        Markdown: a heading and a table for each screen; a keymap uses the ids in it.
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
                cells = (cell.replace("|", r"\|") for cell in (keys, action.help, ids))
                rows.append(f"| {' | '.join(cells)} |")
        head = f"### {name.capitalize() or 'Everywhere'}\n\n| keys | what they do | actions |\n|---|---|---|\n"
        parts.append(head + "\n".join(rows) + "\n")
    return "\n".join(parts)
