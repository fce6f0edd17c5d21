"""The one table of what keys do: bindings, feet, help and documentation are all made from it."""

from lininterp_cli.tui.keys import GENERAL, Action, Table

_MOVING = (
    Action(id="down", keys="j,down", does="step(1)", shown="j k", label="move", help="down and up"),
    Action(id="up", keys="k,up", does="step(-1)"),
    Action(id="page_down", keys="pagedown,ctrl+d", does="leaf(1)", shown="PgDn PgUp", help="a page down and up"),
    Action(id="page_up", keys="pageup,ctrl+u", does="leaf(-1)"),
    Action(id="first", keys="g,home", does="jump(-1)", shown="g G", help="first and last"),
    Action(id="last", keys="G,end", does="jump(1)"),
)

_CURVE_CHOICES = (
    Action(
        id="metric", keys="m", does="turn('next_metric')", shown="m", label="metric",
        help="loss or accuracy, in the plot and in the barriers",
    ),
    Action(
        id="split", keys="t", does="turn('next_split')", shown="t", label="split",
        help="measured on test or on training data",
    ),
    Action(
        id="definition", keys="d", does="turn('next_definition')", shown="d", label="barrier",
        help="definition of the barrier: rise, chord, mean, max",
    ),
    Action(id="log", keys="y", does="turn('next_scale')", shown="y", label="log", help="logarithmic axis"),
)  # fmt: skip

_CURVE_PLACES = (
    Action(
        id="next_curve", keys="right_square_bracket,n", does="turn('next_curve', 1)", shown="[ ]", label="curve",
        help="previous and next curve of the run, its training last (also p and n)",
    ),
    Action(id="previous_curve", keys="left_square_bracket,p", does="turn('next_curve', -1)"),
    Action(
        id="next_block", keys="b", does="turn('next_block', 1)", shown="b B", label="block",
        help="highlight the next or previous block's curve",
    ),
    Action(id="previous_block", keys="B", does="turn('next_block', -1)"),
)  # fmt: skip

ACTIONS: Table = {
    "runs": (
        *_MOVING,
        Action(
            id="open", keys="enter,l,right", does="go('curve')", shown="Enter", label="open",
            help="the run's curve on the whole screen",
        ),
        Action(
            id="search", keys="slash", shown="/", label="filter", asks=True,
            help="only runs in which every word is found: id, name, model, data, optimizer, state",
        ),
        Action(id="sort", keys="s", shown="s", label="sort", help="newest, accuracy, barrier, name, state"),
        *_CURVE_PLACES,
        *_CURVE_CHOICES,
    ),
    "curve": (
        Action(
            id="down", keys="j,down", does="turn('next_block', 1)", shown="j k", label="block",
            help="highlight the next or previous block's curve (also b and B)",
        ),
        Action(id="up", keys="k,up", does="turn('next_block', -1)"),
        *_CURVE_PLACES,
        *_CURVE_CHOICES,
    ),
    GENERAL: (
        Action(id="back", keys="escape,backspace", shown="Esc", help="back to where you came from; end a filter"),
        Action(id="help", keys="question_mark", shown="?", label="help", help="this page"),
        Action(id="leave", keys="q", shown="q", label="quit", help="back, or out of the program"),
    ),
}  # fmt: skip
"""Every action, in the order in which the foot and the help name them."""
