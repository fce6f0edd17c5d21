"""Why a run has no curve to compare."""

from dataclasses import dataclass

from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.runs.advice import command
from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.reader import Detail
from lininterp_cli.view.text import printable


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """Why a run has no curve to compare."""

    short: str = ""
    """The reason in a word or two."""
    words: str = ""
    """The reason, and what to do about it."""


def missing(entry: Entry, detail: Detail | None, curve: Curve | None, block: str, split: str) -> Missing:
    """The reason why a run has no curve to compare.

    Args:
        entry: The run.
        detail: Its content; None until it is read.
        curve: Its curve, which does not have the block; None if it has no comparable curve.
        block: The block whose curves are compared.
        split: The split they were measured on.

    Returns:
        The reason, and what to do about it.
    """
    run = entry.summary
    make = command(entry.store, "interpolate", run.id, "--layer-wise")
    if run.state == "damaged":
        return Missing(short="damaged", words=f"left out: {run.error}")
    if detail is None:
        return Missing(short="reading ...")
    if curve is not None:
        return Missing(short=f"no {printable(block)}", words=f"{curve.name} has no {block}; measure it with: {make}")
    if detail.problems and not detail.curves:
        return Missing(short="damaged curve", words=f"left out: {detail.problems[0]}; measure it again with: {make}")
    if detail.curves:
        return Missing(
            short="another curve",
            words=f"no curve on {split} that the others have too; t changes the split, or measure it with: {make}",
        )
    if run.state == "running":
        return Missing(short="in training", words="its curve can be measured when its training is over")
    return Missing(short="no curve", words=f"no curve yet; measure it with: {make}")
