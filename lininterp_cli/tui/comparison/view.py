"""Draws a comparison: the plot or the table of the present view, and the list of the runs."""

from rich.table import Table
from rich.text import Text

from lininterp_cli.tui.comparison.comparison import Comparison
from lininterp_cli.tui.comparison.words import table_rows, trace_rows
from lininterp_cli.view.comparison.contenders import contender_lines, note_lines, scatter_lines, settings_lines
from lininterp_cli.view.comparison.scatter import scatter_rows
from lininterp_cli.view.comparison.table import comparison_table
from lininterp_cli.view.curves.difference import difference_plot
from lininterp_cli.view.curves.multiples import multiples
from lininterp_cli.view.curves.overlay import trace_plot
from lininterp_cli.view.curves.quantity import metric_of


def plot(shown: Comparison, width: int, height: int) -> Text:
    """The plot of the present view.

    Args:
        shown: The comparison.
        width: Columns.
        height: Lines.

    Returns:
        At most `height` lines.
    """
    look, page, split = shown.page.look, shown.page, shown.split
    if shown.view == "scatter":
        return shown.scatter_plot(width, height).text(shown.dot_under_cursor)
    reference, traces = shown.reference, [one.trace for one in shown.contenders if one.trace and one.is_drawn]
    if not traces and any(one.is_hidden for one in shown.contenders):
        return Text("all curves are hidden; Space shows one again", style="dim")
    if shown.view == "grid":
        behind = reference.trace if reference is not None and reference.is_drawn else None
        return multiples(
            traces, split=split, quantity=page.metric, definition=shown.definition, reference=behind,
            log=page.log, width=width, height=height, look=look,
        )  # fmt: skip
    if shown.view == "difference" and reference is not None and reference.trace is not None:
        note = "a difference has no logarithmic axis" if page.log else ""
        return difference_plot(
            traces,
            reference.trace,
            split=split,
            quantity=page.metric,
            note=note,
            legend=False,
            width=width,
            height=height,
            look=look,
        )
    place = reference.place if reference is not None else None
    return trace_plot(
        traces, "", split=split, quantity=page.metric, definition=shown.definition, reference=place,
        log=page.log, legend=False, width=width, height=height, look=look,
    )  # fmt: skip


def lines(shown: Comparison, width: int, height: int) -> list[Text]:
    """The list of the runs; below it why some are not drawn, and the settings that differ, if there is room.

    Args:
        shown: The comparison.
        width: Columns.
        height: Lines.

    Returns:
        At most `height` lines.
    """
    look = shown.page.look
    if shown.view == "scatter":
        hidden = [entry.key in shown.hidden for entry in shown.runs]
        summaries = [entry.summary for entry in shown.runs]
        return scatter_lines(
            summaries, shown.scatter, hidden=hidden, cursor=shown.cursor, width=width, height=height, look=look
        )
    contenders = shown.contenders
    notes = note_lines(contenders, shown.cursor, width, max(0, height - 3), ascii=look.ascii)
    room = min(len(contenders) + 1, max(3, height - len(notes)), height)
    lines = contender_lines(contenders, shown.barriers, cursor=shown.cursor, width=width, height=room, look=look)
    lines += notes[: height - len(lines)]
    settings = settings_lines(contenders, width, height - len(lines) - 1, ascii=look.ascii)
    return [*lines, Text(), *settings][:height] if settings else lines


def list_height(shown: Comparison, height: int) -> int:
    """The number of lines of the list below the plot.

    Args:
        shown: The comparison.
        height: Lines for both.

    Returns:
        Lines; 0 if the view has no list.
    """
    if shown.view == "table":
        return 0
    notes = min(2, sum(bool(one.why) for one in shown.contenders)) if shown.view != "scatter" else 0
    return min(len(shown.listed) + 1 + notes, max(4, height // 3))


def table(shown: Comparison, width: int) -> Table:
    """A table of the drawn runs side by side, as many as there is room for."""
    drawn = shown.drawn(width)
    runs = [shown.run_of(one) for one in drawn]
    pairs = [(run, one.trace.curve) for run, one in zip(runs, drawn, strict=True) if run and one.trace]
    return comparison_table(
        [run for run, _ in pairs], [curve for _, curve in pairs], split=shown.split, definition=shown.definition,
        metric=metric_of(shown.page.metric), width=width, look=shown.page.look,
    )  # fmt: skip


def rows(shown: Comparison) -> list[list[str]]:
    """The numbers of the present view as a table, the header first."""
    if shown.view == "scatter":
        found = scatter_rows(shown.visible, shown.scatter)
        return [["" if cell is None else str(cell) for cell in row] for row in found]
    drawn = [one for one in shown.contenders if one.is_drawn]
    if shown.view == "table":
        runs = [shown.run_of(one) for one in drawn]
        curves = [one.trace.curve for one in drawn if one.trace]
        return table_rows([run for run in runs if run is not None], curves, shown.split, shown.definition)
    base = shown.reference if shown.view == "difference" else None
    return trace_rows(drawn, shown.split, shown.page.metric, base)
