"""Lines of a study's rows joined at their common ends: from initial to final weights, to random ones, and back.

The figure of Vlaar & Frankle (ICML 2022, arXiv 2106.16004), as means over runs.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.text import Text

from lininterp_cli.study.report.figures import Path
from lininterp_cli.study.report.findings import Report, Row
from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.band import Band
from lininterp_cli.view.study.cells import places
from lininterp_cli.view.study.plot import Mean, mean_of, plotted

STATIONS = ("initial", "final", "random", "initial")
"""The weights at positions 0, 1, 2 and 3; the last leg is drawn if it was measured."""


def leg_means(report: Report) -> list[Mean]:
    """The mean curves of each row's lines, joined one after the other.

    Args:
        report: The report.

    Returns:
        One for each row with curves between initial and final weights and between final and random ones, in either
        direction, over positions from 0 to 2; to 3 if it has curves between random and initial weights, too.
    """
    place = places(report)
    labels = list(dict.fromkeys(row.label for row in report.rows if row.paths))
    found = [(label, [row for row in report.rows if row.label == label]) for label in labels]
    joined = [_joined(label, place[label], list(_legs(rows))) for label, rows in found]
    return [one for one in joined if one is not None]


def stations(means: Sequence[Mean]) -> tuple[tuple[float, str], ...]:
    """Positions of the ends of legs, with their names.

    Args:
        means: The curves of `leg_means`.

    Returns:
        Three, or four if a curve has the last leg.
    """
    last = max((one.alphas[-1] for one in means), default=0)
    return tuple((float(at), name) for at, name in enumerate(STATIONS) if at <= last)


def legs_plot(report: Report, *, width: int, height: int, look: Look = Look()) -> Text | None:
    """Draw the mean curves of each row's lines, joined one after the other.

    Args:
        report: The report.
        width: Columns at most.
        height: Rows at most.
        look: What can be shown.

    Returns:
        At most `height` lines of at most `width` columns; None where no row has such lines.
    """
    every = leg_means(report)
    ticks = stations(every)
    return plotted(every, title_of(report, every), ticks=ticks, width=width, height=height, look=look)


def title_of(report: Report, means: Sequence[Mean]) -> str:
    """The title of the drawing.

    Args:
        report: The report.
        means: The curves of `leg_means`.

    Returns:
        The names of the stations, and the measure.
    """
    return f"{' - '.join(name for _, name in stations(means))}, loss on {report.split} (nats)"


def _legs(rows: Sequence[Row]) -> Iterator[Sequence[Path]]:
    """The curves of each leg, up to the first leg without any; curves in the other direction are reversed."""
    known = {row.line: row.paths for row in rows if row.paths}
    for start, end in pairwise(STATIONS):
        there, back = known.get(f"{start} to {end}"), known.get(f"{end} to {start}")
        if there is None and back is None:
            return
        yield there if there is not None else [_turned(path) for path in back or ()]


def _turned(path: Path) -> Path:
    alphas, losses = path
    return [1 - alpha for alpha in reversed(alphas)], losses[::-1]


def _joined(label: str, place: int, legs: Sequence[Sequence[Path]]) -> Mean | None:
    moved = [
        mean_of(label, place, [([at + alpha for alpha in alphas], losses) for alphas, losses in paths])
        for at, paths in enumerate(legs)
    ]
    parts = [one for one in moved if one is not None]
    if len(legs) < 2 or len(parts) < len(legs):
        return None
    # Both legs keep their value where they meet; it differs if they were measured on different examples.
    return Mean(
        label=label,
        place=place,
        num=sum(one.num for one in parts),
        alphas=[alpha for one in parts for alpha in one.alphas],
        losses=[loss for one in parts for loss in one.losses],
        band=Band(
            xs=[x for one in parts for x in one.band.xs],
            lows=[low for one in parts for low in one.band.lows],
            highs=[high for one in parts for high in one.band.highs],
        ),
        paths=[path for one in parts for path in one.paths],
    )
