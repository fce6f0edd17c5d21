"""A study's mean curves with their spread over seeds, and the test accuracy against the barrier."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from lininterp_cli.landscape.curves.ranks import RankCorrelation
from lininterp_cli.study.report.figures import Path
from lininterp_cli.study.report.findings import Report
from lininterp_cli.study.report.paths import aligned
from lininterp_cli.study.report.words import NAMES
from lininterp_cli.view import palette
from lininterp_cli.view.comparison.scatter import Dot, Scatter
from lininterp_cli.view.comparison.scatter_plot import ScatterPlot
from lininterp_cli.view.curves.bands import spread_band
from lininterp_cli.view.curves.quantity import reach
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.axes import ALPHA_TICKS, Axes, Line
from lininterp_cli.view.plots.band import Band
from lininterp_cli.view.plots.plot import plot
from lininterp_cli.view.study.cells import places, short_names
from lininterp_cli.view.study.panels import Panel, main_panel
from lininterp_cli.view.text import wrap

MAX_LINES = 8
"""Largest number of rows whose curves stay distinguishable in one plot."""

NAME_WIDTH = 33
"""Columns of a name in a legend."""

MAX_BANDS = 3
"""Largest number of rows whose spread is shaded; more areas hide one another."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mean:
    """The mean of the curves of one row."""

    label: str
    """The row's name among those beside it."""
    place: int
    """Its index among them, which decides letter and colour."""
    num: int
    """Number of curves."""
    alphas: Sequence[float]
    """Positions within the range of all curves."""
    losses: Sequence[float]
    """Their mean losses there, in nats; NaN where one of them is not finite."""
    band: Band
    """The area from the lowest to the highest curve."""
    paths: Sequence[Path]
    """The curves themselves."""


def means(panel: Panel) -> list[Mean]:
    """The mean of each row's curves, with their spread.

    Args:
        panel: The rows.

    Returns:
        One for each row whose curves share a range of positions; between their own, curves are interpolated linearly.
    """
    every = zip(panel.names, panel.places, panel.rows, strict=True)
    found = [mean_of(name, place, row.paths) for name, place, row in every]
    return [one for one in found if one is not None]


def mean_of(label: str, place: int, paths: Sequence[Path]) -> Mean | None:
    """The mean of several curves.

    Args:
        label: The name of their row.
        place: The index of their row.
        paths: The curves.

    Returns:
        Their mean and spread; None where they have fewer than two positions in common.
    """
    spread = spread_band(aligned(paths))
    if spread is None:
        return None
    band, losses = spread
    return Mean(label=label, place=place, num=len(paths), alphas=band.xs, losses=losses, band=band, paths=paths)


def mean_lines(shown: Sequence[Mean], labels: Sequence[str]) -> list[Line]:
    """Means as lines of a plot.

    Args:
        shown: The means.
        labels: The name of each in the legend.

    Returns:
        A line for each, with the letter and colour of its place.
    """
    return [
        Line(
            label=label, xs=one.alphas, ys=one.losses, color=palette.color(one.place), letter=palette.letter(one.place)
        )
        for label, one in zip(labels, shown, strict=True)
    ]  # fmt: skip


def mean_plot(report: Report, *, width: int, height: int, look: Look = Look()) -> Text | None:
    """Draw the mean curve of each group, or of each line of the only group, over one axis.

    Args:
        report: The report.
        width: Columns at most.
        height: Rows at most.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns; None where there is no curve.
    """
    panel = main_panel(report)
    title = f"{panel.title}, loss on {report.split} (nats)"
    return plotted(
        means(panel), title, ticks=ALPHA_TICKS, x_label="alpha", width=width, height=height, look=look,
    )  # fmt: skip


def plotted(
    every: Sequence[Mean],
    title: str,
    *,
    ticks: Sequence[tuple[float, str]],
    x_label: str = "",
    width: int,
    height: int,
    look: Look = Look(),
) -> Text | None:
    """Draw means over one axis.

    Args:
        every: The means.
        title: Title of the plot.
        ticks: Positions with their labels.
        x_label: Name of the positions.
        width: Columns at most.
        height: Rows at most.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns, the first MAX_LINES means in them; None where there is none.
    """
    if not every:
        return None
    shown = every[:MAX_LINES]
    names = short_names([one.label for one in shown], NAME_WIDTH, ascii=look.ascii)
    lines = mean_lines(shown, [f"{names[one.label]} ({one.num})" for one in shown])
    shaded = [one.band for one in shown if one.num > 1] if len(shown) <= MAX_BANDS else []
    notes = ["band from lowest to highest"] if shaded else []
    notes += [f"{len(every) - len(shown)} more rows not drawn"] if len(every) > len(shown) else []
    axes = Axes(
        title=f"{title}, mean of (curves)",
        x_ticks=ticks,
        x_label=x_label,
        always=reach("loss"),
        note="; ".join(notes),
        bands=shaded,
    )
    return plot(lines, width=width, height=height, axes=axes, look=look)


def shape_scatter(report: Report, *, width: int, height: int, look: Look = Look()) -> Text | None:
    """Plot the test accuracy of every run against its barrier.

    Args:
        report: The report.
        width: Columns at most.
        height: Rows at most.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns; None where no run has both.
    """
    shape, outcome = f"barrier_{report.barrier}", "test_accuracy"
    pairs = [(point.label, point.figures.get(shape), point.figures.get(outcome)) for point in report.points]
    known = [(label, x, y) for label, x, y in pairs if x is not None and y is not None]
    found = next((one for one in report.associations if (one.shape, one.outcome) == (shape, outcome)), None)
    if not known or found is None:
        return None
    place = places(report)
    dots = tuple(Dot(index=at, x=x, y=y, group=place[label]) for at, (label, x, y) in enumerate(known))
    ranks = RankCorrelation(
        num_pairs=found.num_runs, rho=found.rho, tau=found.tau, low=found.rho_low, high=found.rho_high
    )
    scatter = Scatter(
        x=f"{NAMES[shape]}, nats", y=NAMES[outcome], by="group", groups=tuple(place), dots=dots,
        num_runs=len(report.points), ranks=ranks,
    )  # fmt: skip
    names = short_names(list(dict.fromkeys(label for label, _, _ in known)), NAME_WIDTH, ascii=look.ascii)
    entries = [f"{palette.letter(place[label])} {name}" for label, name in names.items()]
    key = [Text(f" {row}") for row in wrap(entries, width - 1, "  ", ascii=look.ascii)]
    drawn = ScatterPlot(scatter, legend=False, width=width, height=height - len(key), look=look)
    return Text("\n").join([drawn.text(), *key])
