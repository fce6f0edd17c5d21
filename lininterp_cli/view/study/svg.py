"""Curves and scatters of a study's report as SVG for a page; nothing is fetched, and text has the page's colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from lininterp_cli.view import palette
from lininterp_cli.view.curves.quantity import reach
from lininterp_cli.view.plots.guard import Limits, clip_runs, is_drawable, robust_limits, span, ticks
from lininterp_cli.view.study.plot import Mean
from lininterp_cli.view.text import printable

WIDTH, HEIGHT = 720, 360
"""Size of a drawing, in its own units."""

SMALL = (440, 300)
"""Size of a drawing that is shown beside others."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 28, 12, 44
"""Margins."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Axes:
    """The axes and the size of a drawing."""

    x: Limits
    y: Limits
    x_label: str
    y_label: str
    x_ticks: Sequence[tuple[float, str]] | None = None
    width: int = WIDTH
    height: int = HEIGHT

    def point(self, place: tuple[float, float]) -> str:
        """Coordinates on the drawing of a point in the unit square."""
        x = _LEFT + place[0] * (self.width - _LEFT - _RIGHT)
        y = self.height - _BOTTOM - min(1.0, max(0.0, place[1])) * (self.height - _TOP - _BOTTOM)
        return f"{x:.1f},{y:.1f}"


def curves_svg(
    means: Sequence[Mean],
    title: str,
    *,
    y: Limits | None = None,
    is_small: bool = False,
    x_ticks: Sequence[tuple[float, str]] | None = None,
) -> str:
    """Draw mean curves over the single ones, which are thin, and over the areas that these span.

    Args:
        means: The curves; each has its letter on it and in the legend of the page.
        title: Description of the drawing, for screen readers.
        y: Limits of the losses that several drawings share; those of these curves unless given.
        is_small: Whether it is shown beside others: smaller, with the mean curves alone.
        x_ticks: Positions with their labels; round alphas unless given.

    Returns:
        An `svg` element; empty where nothing is finite.
    """
    x = span([alpha for one in means for alpha in one.alphas])
    y = y or limits_of(means, is_mean=is_small)
    if x is None or y is None:
        return ""
    width, height = SMALL if is_small else (WIDTH, HEIGHT)
    x_label = "alpha" if x_ticks is None else ""
    axes = _Axes(x=x, y=y, x_label=x_label, y_label="loss (nats)", x_ticks=x_ticks, width=width, height=height)
    spreads, lines = [], []
    for one in means:
        color = palette.color(one.place)
        spreads += _spread(axes, one) if one.num > 1 and not is_small else []
        for place, run in enumerate(clip_runs(one.alphas, one.losses, x, y)):
            points = " ".join(map(axes.point, run))
            lines.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
            if place == 0:
                # The golden ratio keeps the letters of neighbours apart.
                lines.append(_letter(axes, run[int((one.place + 0.5) * 0.618 % 1 * len(run))], one.place))
    return _drawing(axes, [*spreads, *lines], title)


def limits_of(means: Sequence[Mean], *, is_mean: bool) -> Limits | None:
    """Limits of the losses of some curves.

    Args:
        means: The curves.
        is_mean: Whether the means alone are drawn.

    Returns:
        Limits that a few diverged values do not stretch; None where nothing is finite.
    """
    values = [value for one in means for value in (*one.losses, *(() if is_mean else one.band.values(None)))]
    return robust_limits(values, always=reach("loss"))


def _spread(axes: _Axes, one: Mean) -> list[str]:
    """The area of a row's curves, and each of them as a thin line."""
    color, parts = palette.color(one.place), []
    for area in one.band.runs(axes.x, axes.y):
        around = [(at, high) for at, _, high in area] + [(at, low) for at, low, _ in reversed(area)]
        points = " ".join(map(axes.point, around))
        parts.append(f'<polygon points="{points}" fill="{color}" fill-opacity="0.12"/>')
    for alphas, losses in one.paths:
        for run in clip_runs(alphas, losses, axes.x, axes.y):
            points = " ".join(map(axes.point, run))
            parts.append(f'<polyline class="thin" points="{points}" fill="none" stroke="{color}"/>')
    return parts


def scatter_svg(dots: Sequence[tuple[float, float, int]], title: str, x_label: str, y_label: str) -> str:
    """Draw a scatter plot with a letter for each run.

    Args:
        dots: Both measures of each run, and the index of its group.
        title: Description of the drawing, for screen readers.
        x_label: Name of the horizontal measure.
        y_label: Name of the vertical measure.

    Returns:
        An `svg` element; empty where nothing is finite.
    """
    known = [(x, y, place) for x, y, place in dots if is_drawable(x) and is_drawable(y)]
    x, y = robust_limits([one[0] for one in known]), robust_limits([one[1] for one in known])
    if x is None or y is None:
        return ""
    axes = _Axes(x=x, y=y, x_label=x_label, y_label=y_label)
    places = [((x.place(left), y.place(right)), group) for left, right, group in known]
    inside = [_letter(axes, at, group) for at, group in places if all(0 <= one <= 1 for one in at)]
    return _drawing(axes, inside, title)


def text_of(words: object) -> str:
    """Escape any value as text of a page, so that nothing in it acts as a tag, an entity or a control character."""
    return escape(printable(words))


def _letter(axes: _Axes, at: tuple[float, float], place: int) -> str:
    x, y = axes.point(at).split(",")
    # A border in the colour of the page keeps a letter readable on its own line.
    return (
        f'<text class="letter" x="{x}" y="{y}" fill="{palette.color(place)}" text-anchor="middle" '
        f'dominant-baseline="central">{palette.letter(place)}</text>'
    )


def _drawing(axes: _Axes, parts: Sequence[str], title: str) -> str:
    left, bottom, width, height = _LEFT, axes.height - _BOTTOM, axes.width, axes.height
    frame = [f'<path class="frame" d="M{left},{_TOP}V{bottom}H{width - _RIGHT}"/>']
    for value, label in ticks(axes.x, 7) if axes.x_ticks is None else axes.x_ticks:
        x, _ = axes.point((axes.x.place(value), 0.0)).split(",")
        frame.append(f'<path class="frame" d="M{x},{bottom}v5"/>')
        frame.append(f'<text x="{x}" y="{bottom + 20}" text-anchor="middle">{label}</text>')
    for value, label in ticks(axes.y, 6):
        _, y = axes.point((0.0, axes.y.place(value))).split(",")
        frame.append(f'<path class="grid" d="M{left},{y}H{width - _RIGHT}"/>')
        frame.append(f'<text x="{left - 8}" y="{y}" text-anchor="end" dominant-baseline="central">{label}</text>')
    middle, half = (left + width - _RIGHT) / 2, (_TOP + bottom) / 2
    words = [
        f'<text x="{middle}" y="{height - 6}" text-anchor="middle">{text_of(axes.x_label)}</text>',
        f'<text transform="translate(14,{half}) rotate(-90)" text-anchor="middle">{text_of(axes.y_label)}</text>',
    ]
    inner = "\n".join([*frame, *words, *parts])
    name = text_of(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{name}">\n'
        f"{inner}\n</svg>"
    )
