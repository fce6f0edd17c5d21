"""The one table of what keys do: the bindings, the line at the foot and the help are all made from it."""

from dataclasses import dataclass

from textual.binding import Binding, BindingType

from lininterp_cli.view.text import wrap


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """Something that a key does."""

    id: str
    """Name of the action, by which a keymap can give it other keys."""
    keys: str
    """Textual's names of its keys, with commas between them."""
    shown: str
    """How the keys are written, in ASCII."""
    label: str
    """A word or two for the foot."""
    help: str
    """A sentence for the help."""
    group: str
    """The heading it stands under in the help."""
    does: str = ""
    """The call, as Textual writes it: `step(1)` is the screen's method `action_step`; the id unless given."""
    foot: tuple[str, ...] = ()
    """The modes (`list`, `both`, `detail`) whose foot names it."""


ACTIONS = (
    Action(
        id="down", keys="j,down", does="step(1)", shown="j k", label="move", group="Moving",
        help="down and up in the list; in a run alone, from block to block", foot=("list", "both"),
    ),
    Action(id="up", keys="k,up", does="step(-1)", shown="", label="", group="Moving", help=""),
    Action(
        id="page_down", keys="pagedown,ctrl+d", does="leaf(1)", shown="PgDn PgUp", label="", group="Moving",
        help="a page",
    ),
    Action(id="page_up", keys="pageup,ctrl+u", does="leaf(-1)", shown="", label="", group="Moving", help=""),
    Action(
        id="first", keys="g,home", does="jump(-1)", shown="g G", label="", group="Moving",
        help="first and last run",
    ),
    Action(id="last", keys="G,end", does="jump(1)", shown="", label="", group="Moving", help=""),
    Action(
        id="open", keys="enter,l,right", shown="Enter", label="open", group="Moving",
        help="show the run on the whole screen", foot=("list", "both"),
    ),
    Action(
        id="back", keys="escape,h,left,backspace", shown="Esc", label="back", group="Moving",
        help="back to the list; clear the filter",
    ),
    Action(
        id="search", keys="slash", shown="/", label="filter", group="The list",
        help="only runs in which every word is found: id, name, model, data, optimizer, state", foot=("list", "both"),
    ),
    Action(
        id="sort", keys="s", shown="s", label="sort", group="The list",
        help="newest, accuracy, barrier, name, state", foot=("list", "both"),
    ),
    Action(
        id="next_curve", keys="right_square_bracket,n", does="turn('next_curve', 1)",
        shown="[ ]", label="curve", group="The curve",
        help="previous and next curve of the run, its training last (also p and n)", foot=("both", "detail"),
    ),
    Action(
        id="previous_curve", keys="left_square_bracket,p", does="turn('next_curve', -1)",
        shown="", label="", group="The curve", help="",
    ),
    Action(
        id="next_block", keys="b", does="turn('next_block', 1)",
        shown="b B", label="block", group="The curve",
        help="highlight the next or previous block's curve", foot=("both", "detail"),
    ),
    Action(
        id="previous_block", keys="B", does="turn('next_block', -1)",
        shown="", label="", group="The curve", help="",
    ),
    Action(
        id="metric", keys="m", does="turn('next_metric')", shown="m", label="metric", group="The curve",
        help="loss or accuracy, in the plot and in the barriers", foot=("both", "detail"),
    ),
    Action(
        id="split", keys="t", does="turn('next_split')", shown="t", label="split", group="The curve",
        help="measured on test or on training data", foot=("both", "detail"),
    ),
    Action(
        id="definition", keys="d", does="turn('next_definition')",
        shown="d", label="barrier", group="The curve",
        help="definition of the barrier: rise, chord, mean, max", foot=("both", "detail"),
    ),
    Action(
        id="log", keys="y", does="turn('next_scale')", shown="y", label="log", group="The curve",
        help="logarithmic axis", foot=("both", "detail"),
    ),
    Action(
        id="help", keys="question_mark", shown="?", label="help", group="The program",
        help="this page", foot=("list", "both", "detail"),
    ),
    Action(
        id="leave", keys="q", shown="q", label="quit", group="The program",
        help="back to the list, or leave", foot=("list", "both", "detail"),
    ),
)  # fmt: skip
"""Every action, in the order in which the foot and the help name them."""


def bindings() -> list[BindingType]:
    """Every action as Textual wants it; the ids let a keymap change the keys."""
    return [
        Binding(action.keys, action.does or action.id, action.label or action.id, show=False, id=action.id)
        for action in ACTIONS
    ]


def foot(mode: str, width: int) -> str:
    """The line at the foot of the screen.

    Args:
        mode: `list`, `both` or `detail`.
        width: Columns; the help and the way out are always named, others as far as they fit.

    Returns:
        One line of ASCII.

    Example:
        >>> foot("list", 60)
        ' j k move  Enter open  / filter  s sort  ? help  q quit'
    """
    named = [action for action in ACTIONS if mode in action.foot]
    *words, helping, leaving = (f"{action.shown} {action.label}" for action in named)
    leaving = leaving.replace("quit", "back") if mode == "detail" else leaving
    while words and len("  ".join([*words, helping, leaving])) + 1 > width:
        words.pop()
    return (" " + "  ".join([*words, helping, leaving]))[:width]


def help_lines(width: int) -> list[tuple[str, bool]]:
    """The help, line by line.

    Args:
        width: Columns, 30 or more.

    Returns:
        Lines, each with whether it is a heading.
    """
    lines: list[tuple[str, bool]] = []
    for group in dict.fromkeys(action.group for action in ACTIONS):
        lines += ([("", False)] if lines else []) + [(group, True)]
        for action in ACTIONS:
            if action.group == group and action.help:
                first, *more = wrap(action.help.split(), width - 14, " ")
                lines.append((f"  {action.shown:<11} {first}", False))
                lines += [(" " * 14 + line, False) for line in more]
    return lines
