"""What stands around a heat map of blocks, in words; it decides nothing."""

from collections.abc import Sequence

from lininterp_cli.landscape.curve import Curve, Metric
from lininterp_cli.tui.page import Page
from lininterp_cli.view.extent import preview_words
from lininterp_cli.view.heat_map import threshold_words
from lininterp_cli.view.layer_rows import LayerRow
from lininterp_cli.view.text import fraction, number, printable


def title(
    curve: Curve, rows: Sequence[LayerRow], split: str, metric: Metric, sort: str, threshold: float, where: str
) -> str:
    """What is shown, the most telling words first.

    Args:
        curve: The curve.
        rows: Its rows that are shown.
        split: What they were measured on.
        metric: The loss, or the error.
        sort: Their order.
        threshold: The barrier above which a row is sensitive.
        where: Which of the run's curves it is, and which part of it.

    Returns:
        One line.
    """
    above = sum(row.is_high for row in rows)
    words = [
        preview_words([curve], split),
        where,
        f"{'loss' if metric == 'loss' else 'error'} on {printable(split)}",
        f"sort {sort}",
        f"{above} of {len(rows)} above {threshold_words(threshold, metric)}",
        f"bn {printable(curve.bn)}",
        f"rest {printable(curve.rest)}",
    ]
    return "   ".join(word for word in words if word)


def values(row: LayerRow, alpha: float, split: str, *, ascii: bool) -> str:
    """Everything that is known of one row at one alpha.

    Args:
        row: The row.
        alpha: One of its alphas.
        split: `test` or `train`.
        ascii: Use ASCII only.

    Returns:
        One line.
    """
    known, at = row.series.splits[split], row.series.alphas.index(alpha)
    words = [
        printable(row.label),
        f"alpha {alpha:.4g}",
        f"loss {number(known.loss[at])} {'+-' if ascii else '±'} {number(known.loss_stderr[at])}",
        f"accuracy {fraction(known.accuracy[at])}",
        {True: "monotone", False: "not monotone", None: ""}[row.monotone],
        "" if row.settled is None else f"settled from {row.settled:.3g}",
        f"moved {number(row.series.distance)}",
    ]
    return "  ".join(word for word in words if word)


def why(page: Page) -> list[str]:
    """Why there is no map.

    Args:
        page: The run.

    Returns:
        Lines.
    """
    if page.detail is None:
        return ["", "reading ..." if page.entry is not None else "no run is chosen"]
    run = page.detail.entry.summary
    if run.state == "damaged":
        return ["", f"This run cannot be read: {run.error}"]
    if page.is_running:
        return ["", "The run is being trained; its blocks can be looked at after that."]
    return ["", "No curve tells of blocks yet; make one with:", "", f"  lininterp interpolate {run.id} --layer-wise"]
