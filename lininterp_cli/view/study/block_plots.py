"""Curves of every block of a study's networks as terminal plots, one below the other."""

import textwrap
from collections.abc import Iterator

from rich.text import Text

from lininterp_cli.study.report.findings import Report
from lininterp_cli.view.curves.quantity import reach
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.axes import ALPHA_TICKS, Axes
from lininterp_cli.view.plots.plot import plot
from lininterp_cli.view.study.block_panels import block_panels
from lininterp_cli.view.study.cells import short_names
from lininterp_cli.view.study.plot import mean_lines
from lininterp_cli.view.text import printable

MAX_PLOTS = 6
"""Largest number of plots, one for each row; of more, the first ones."""

NAME_WIDTH = 17
"""Columns of a block's name in a legend."""


def block_plots(report: Report, *, width: int, height: int, look: Look = Look()) -> Iterator[Text]:
    """Draw the mean curves of the blocks of each row, and of its whole network.

    Args:
        report: The report.
        width: Columns at most.
        height: Rows of a plot at most.
        look: What can be shown.

    Yields:
        At most MAX_PLOTS plots of at most `height` lines of at most `width` columns, under common titles, and a line
        that counts the others.
    """
    every = [(shared.title, name, means) for shared in block_panels(report) for name, means in shared.panels if means]
    rows = short_names(list(dict.fromkeys(row for _, row, _ in every)), width - 1, ascii=look.ascii)
    before = ""
    for title, row, means in every[:MAX_PLOTS]:
        if title != before:
            yield from map(Text, textwrap.wrap(printable(title, ascii=look.ascii), width))
        before = title
        names = short_names([one.label for one in means], NAME_WIDTH, ascii=look.ascii)
        lines = mean_lines(means, [names[one.label] for one in means])
        axes = Axes(title=rows[row], x_ticks=ALPHA_TICKS, x_label="alpha", always=reach("loss"))
        yield plot(lines, width=width, height=height, axes=axes, look=look)
    if len(every) > MAX_PLOTS:
        yield Text(f"the first {MAX_PLOTS} of {len(every)}; --html FILE draws all", style="dim")
