"""The line of words about the curve that a page shows."""

from typing import TYPE_CHECKING

from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.view.curves.barrier_words import height_words
from lininterp_cli.view.curves.legs import legs_of
from lininterp_cli.view.text import printable

if TYPE_CHECKING:
    from lininterp_cli.tui.page import Page


def subject(page: "Page") -> str:
    """The shown curve and how it was measured, or the problem with the run.

    Args:
        page: The page.

    Returns:
        One printable line, problems first; empty if the run is not read yet.
    """
    detail, curve = page.detail, page.curve
    if detail is None:
        return ""
    run = detail.entry.summary
    legs = legs_of(detail.curves) if page.legs else None
    if run.state == "damaged":
        return printable(run.error)
    if legs is not None:
        ways = ", ".join(printable(one.name) for one in legs.readings[1:])
        words = f"legs from initial to final and on to {ways}   bn {printable(legs.first.bn)}"
    elif curve is not None:
        words = _of_curve(page, curve)
    elif run.state == "finished" and not detail.curves:
        words = "" if detail.problems else f"no curve yet; make one with x, or: lininterp interpolate {run.id}"
    else:
        words = run.error or ("training" if page.is_running else f"{page.place + 1}/{page.num_places} training")
    return printable("   ".join(part for part in (_problem(page), words) if part))


def _problem(page: "Page") -> str:
    """The number of curve files that cannot be read and, if no curve is shown, the reason of the first."""
    problems = page.detail.problems if page.detail is not None else ()
    if not problems:
        return ""
    count = f"{len(problems)} curve file{'s' if len(problems) > 1 else ''} cannot be read"
    return count if page.curve is not None else f"{count}: {problems[0]}"


def _of_curve(page: "Page", curve: Curve) -> str:
    top = curve.worst(page.shown_split(curve.splits), page.shown_definition, page.metric)
    peak = f"{height_words(top[1].height, page.metric)} in {printable(top[0].label)}" if top else "n/a"
    where = f"{page.place + 1}/{page.num_places} {printable(curve.name)}  bn {printable(curve.bn)}"
    kind = "barrier" if page.metric == "loss" else "error barrier"
    words = f"worst {page.shown_definition} {kind} {peak}   {where}"
    return words if curve.complete else f"preview: {words}"
