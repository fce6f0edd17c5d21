"""The command palette as choices of a menu: all actions of a screen, and the themes.

Textual has a palette of its own.  It draws half-block frames and an emoji, blinks and animates, so it is neither ASCII
nor still; the explorer's own menu is both.
"""

from collections.abc import Collection

from lininterp_cli.tui.keys import Action, Table, actions_of

THEME = "theme "
"""Prefix of the choices that set a theme."""


def commands(screen: str, table: Table, themes: Collection[str]) -> list[tuple[str, str]]:
    """The choices of the palette.

    Args:
        screen: The present screen's name.
        table: Every screen's actions.
        themes: Names of the themes.

    Returns:
        Choices, each with its keys and its help; an action without help has those of the action before it.
    """
    choices, words = [], ""
    for action in actions_of(screen, table):
        if action.help:
            words = f"{action.shown:<9} {action.help}"
        if action.id != "palette":
            choices.append((named(action.id), words))
    return choices + [(f"{THEME}{name}", "colours of the explorer") for name in sorted(themes)]


def named(identity: str) -> str:
    """An action's id as words, its name in the palette."""
    return identity.replace("_", " ")


def action_of(choice: str, screen: str, table: Table) -> Action | None:
    """The action of a choice that is not a theme.

    Args:
        choice: One of `commands`.
        screen: The present screen's name.
        table: Every screen's actions.

    Returns:
        The action; None if there is no such action.
    """
    return next((action for action in actions_of(screen, table) if named(action.id) == choice), None)
