"""The table of all actions: bindings, footers, help and documentation of the keys are all made from it."""

from dataclasses import replace

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

_DO = Action(
    id="do", keys="x", does="go('do')", shown="x", label="do",
    help="start a training or a measurement, about this run or anew; the jobs that were started",
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
            id="layers", keys="L", does="go('layers')", shown="L", label="layers",
            help="every block of the run, as a heat map with its barrier",
        ),
        Action(
            id="search", keys="slash", shown="/", label="filter", asks=True,
            help="only some runs: words, model:resnet*, opt.lr>=0.1, -tag:old, a | b, name:~part, age<2d, 95%",
        ),
        Action(
            id="filters", keys="f", shown="f F", label="kept",
            help="filters that you kept; keep the present one under a name, or forget one where there is none",
        ),
        Action(id="keep_filter", keys="F", asks=True),
        Action(
            id="mark", keys="space", shown="Space", label="mark",
            help="mark the run and move on; a group is marked with all its runs",
        ),
        Action(id="unmark", keys="M", shown="M", help="unmark all runs"),
        Action(
            id="sort", keys="s", shown="s S r", label="sort",
            help="newest, accuracy, barrier, name, state; by any field; the other way round",
        ),
        Action(id="sort_by", keys="S"),
        Action(id="reverse", keys="r"),
        Action(
            id="group", keys="o", shown="o", label="group",
            help="by configuration with mean and spread over seeds, by tag or by a setting; Enter shows a group's runs",
        ),
        Action(id="tag", keys="T", shown="T", label="tag", asks=True, help="tags the marked runs share, or of this"),
        Action(id="rename", keys="R", shown="R", asks=True, help="give the run another name"),
        Action(
            id="delete", keys="D", shown="D", asks=True, help="delete the marked runs, or this one; it is asked twice",
        ),
        Action(id="beside", keys="v", shown="v", help="the run beside the list, or all columns of the list"),
        Action(
            id="compare", keys="c", does="go('compare')", shown="c", label="compare",
            help="the marked runs, or those of the list, against each other; any measure against any other",
        ),
        Action(
            id="live", keys="w", does="go('live')", shown="w", label="live",
            help="what is running: trainings, measurements and jobs, as they go on",
        ),
        _DO,
        *_CURVE_PLACES,
        *_CURVE_CHOICES,
    ),
    "curve": (
        Action(
            id="down", keys="j,down,b", does="turn('next_block', 1)", shown="j k", label="block",
            help="highlight the next or previous block's curve (also b and B)",
        ),
        Action(id="up", keys="k,up,B", does="turn('next_block', -1)"),
        Action(
            id="alpha_left", keys="h,left", does="cursor(-1)", shown="h l", label="values",
            help="a column, and the exact values at the next smaller or larger alpha or epoch that was measured",
        ),
        Action(id="alpha_right", keys="l,right", does="cursor(1)"),
        Action(
            id="alpha_far_left", keys="less_than_sign,shift+left", does="cursor(-5)", shown="< >",
            help="five of them at once (also Shift with the arrows)",
        ),
        Action(id="alpha_far_right", keys="greater_than_sign,shift+right", does="cursor(5)"),
        Action(
            id="metric", keys="m", does="turn('next_quantity')", shown="m", label="metric",
            help="loss, accuracy or error; barriers are those of the loss or of the error",
        ),
        Action(
            id="split", keys="t", does="turn('next_splits')", shown="t", label="split",
            help="measured on test data, on training data, or both at once",
        ),
        _CURVE_CHOICES[2],
        Action(
            id="band", keys="v", does="turn('next_band')", shown="v", label="band",
            help="around the highlighted curve: nothing, 1.96 standard errors, lowest to highest over seeds",
        ),
        Action(
            id="zoom_in", keys="plus,equals_sign", does="zoom(1)", shown="+ - 0", label="zoom",
            help="less or more of the axis around the cursor; 0: all of it, without a cursor",
        ),
        Action(id="zoom_out", keys="minus", does="zoom(-1)"),
        Action(id="zoom_whole", keys="0", does="zoom(0)"),
        Action(
            id="legs", keys="i", does="turn('next_legs')", shown="i", label="legs",
            help="from initial to final and on to random weights, over one axis",
        ),
        Action(
            id="choose", keys="space", does="turn('choose')", shown="Space", label="keep",
            help="keep the highlighted curve among those that are seen together (+ in the table), or drop it",
        ),
        _CURVE_CHOICES[3],
        *_CURVE_PLACES[:2],
        Action(
            id="layers", keys="L", does="go('layers')", shown="L", label="layers",
            help="every block of the run, as a heat map with its barrier",
        ),
        _DO,
    ),
    "layers": (
        *_MOVING,
        Action(
            id="alpha_left", keys="h,left", does="change('move_alpha', -1)", shown="h l", label="alpha",
            help="values at the next smaller or larger alpha that was measured",
        ),
        Action(id="alpha_right", keys="l,right", does="change('move_alpha', 1)"),
        Action(
            id="alpha_top", keys="0", does="change('move_alpha', 0)", shown="0",
            help="values at the top of each row's barrier again",
        ),
        Action(
            id="enter", keys="enter", shown="Enter", label="inside",
            help="the layers in the block, then the tensors in the layer; Esc leads back up",
        ),
        Action(
            id="sort", keys="s", does="change('next_sort')", shown="s", label="sort",
            help="in the network's order, by barrier, by distance moved, by criticality where measured, by name",
        ),
        Action(
            id="scale", keys="n", does="change('next_scale')", shown="n", label="scale",
            help="one scale of colours for all rows, or one for each row",
        ),
        Action(
            id="choose", keys="space", does="change('choose')", shown="Space", label="choose",
            help="choose the block, or choose it no longer",
        ),
        Action(
            id="overlay", keys="o", shown="o", label="plot",
            help="the curves of the chosen blocks, or of the one under the cursor, in one plot",
        ),
        Action(
            id="threshold_up", keys="plus,equals_sign", does="change('move_threshold', 1)", shown="+ -",
            label="threshold", help="a larger or smaller barrier from which a block is marked as sensitive",
        ),
        Action(id="threshold_down", keys="minus", does="change('move_threshold', -1)"),
        Action(
            id="next_curve", keys="right_square_bracket", does="change('next_curve', 1)", shown="[ ]", label="curve",
            help="next and previous curve of the run",
        ),
        Action(id="previous_curve", keys="left_square_bracket", does="change('next_curve', -1)"),
        *_CURVE_CHOICES,
        _DO,
    ),
    "compare": (
        *_MOVING,
        Action(
            id="view", keys="o", does="change('next_view', 1)", shown="o O", label="view",
            help="curves over each other, side by side, less the reference, a table, any measure against any other",
        ),
        Action(id="previous_view", keys="O", does="change('next_view', -1)"),
        Action(
            id="toggle", keys="space", does="change('toggle')", shown="Space", label="hide",
            help="hide the run, or show it again (also 1 to 9 for the first nine)",
        ),
        *(Action(id=f"toggle_{key}", keys=str(key), does=f"change('toggle', {key - 1})") for key in range(1, 10)),
        Action(
            id="refer", keys="r", does="change('refer')", shown="r", label="reference",
            help="make this run the one that the others are compared with",
        ),
        Action(
            id="next_block", keys="b", does="change('next_block', 1)", shown="b B", label="block",
            help="which block's curves are compared",
        ),
        Action(id="previous_block", keys="B", does="change('next_block', -1)"),
        Action(
            id="x_axis", keys="x", does="axis('x')", shown="x v a", label="axes",
            help="of the scatter: horizontal and vertical measure, and what its letters are",
        ),
        Action(id="y_axis", keys="v", does="axis('y')"),
        Action(id="letters", keys="a", does="axis('by')"),
        _CURVE_CHOICES[0],
        replace(_CURVE_CHOICES[1], does="change('next_split')"),
        *_CURVE_CHOICES[2:],
        Action(id="open", keys="enter", shown="Enter", label="open", help="the run's curve on the whole screen"),
    ),
    "live": (
        *_MOVING,
        Action(id="open", keys="enter", does="go('curve')", shown="Enter", label="open", help="the run's own screen"),
        Action(id="metric", keys="m", shown="m", label="metric", help="loss or accuracy"),
        Action(id="log", keys="y", shown="y", label="axis", help="logarithmic axis"),
        Action(id="tail", keys="l", shown="l", label="log", help="the log of the job"),
        Action(
            id="stop", keys="s", shown="s", label="stop", asks=True,
            help="stop the job as Ctrl-C does, a second time with SIGTERM; what it has done is kept",
        ),
        Action(id="do", keys="x", does="go('do')", shown="x", label="do", help="start something"),
    ),
    "do": (
        Action(
            id="down", keys="j,down,tab", does="step(1)", shown="j k", label="move",
            help="down and up, through the fields, the start and the jobs (also Tab)",
        ),
        Action(id="up", keys="k,up,shift+tab", does="step(-1)"),
        *_MOVING[2:],
        Action(
            id="edit", keys="enter", shown="Enter", label="edit", asks=True,
            help="fill in the field; on the start: start it; on a job: its log",
        ),
        Action(
            id="next_choice", keys="space,l,right", does="choose(1)", shown="Space", label="next",
            help="the field's next choice (also l and h)",
        ),
        Action(id="previous_choice", keys="h,left", does="choose(-1)"),
        Action(
            id="start", keys="S", shown="S", label="start", asks=True,
            help="start the command as a job, which goes on without this program, the terminal and the line",
        ),
        Action(
            id="copy", keys="y", shown="y", label="copy",
            help="copy the command (by OSC 52, which the terminal must allow)",
        ),
        Action(
            id="stop", keys="s", shown="s", label="stop", asks=True,
            help="stop the job as Ctrl-C does, a second time with SIGTERM; what it has done is kept",
        ),
        Action(
            id="remove", keys="x", shown="x", label="remove", asks=True,
            help="take a job that is over off the list, with its log",
        ),
        Action(id="jobs", keys="J", shown="J", label="jobs", help="to the jobs"),
    ),
    "log": (
        *_MOVING,
        Action(
            id="stop", keys="s", shown="s", label="stop", asks=True,
            help="stop the job as Ctrl-C does, a second time with SIGTERM; what it has done is kept",
        ),
    ),
    GENERAL: (
        Action(id="back", keys="escape,backspace", shown="Esc", help="back to where you came from; end a filter"),
        Action(
            id="export", keys="e", shown="e", label="export",
            help="what is on the screen, as text, SVG or CSV, into the folder the explorer was started in",
        ),
        Action(id="palette", keys="ctrl+p", shown="^p", label="commands", help="all of this to choose from; themes"),
        Action(
            id="suspend", keys="ctrl+z", does="app.suspend_process", shown="^z", everywhere=True,
            help="stop for a while, until the shell's fg goes on with it",
        ),
        Action(id="help", keys="question_mark", shown="?", label="help", help="this page"),
        Action(id="leave", keys="q", shown="q", label="quit", help="back, or out of the program"),
    ),
}  # fmt: skip
"""Name of a screen to its actions, in the order of its footer and help; GENERAL are those of every screen."""
