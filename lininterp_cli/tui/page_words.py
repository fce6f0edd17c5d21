"""The lines of words about the run and the curve that a page shows."""

from rich.text import Text

from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.runs.advice import command
from lininterp_cli.tui.page import Page
from lininterp_cli.view.curves.barrier_words import height_words
from lininterp_cli.view.curves.legs import legs_of
from lininterp_cli.view.runs.summary import glyph
from lininterp_cli.view.text import crop, fraction, plain, printable


def heading(page: Page, width: int) -> Text:
    """The run's state, name, model, data, optimizer, accuracy and progress, in one line."""
    if page.detail is None:
        return Text()
    run = page.detail.entry.summary
    words = [
        run.model,
        run.data,
        run.optimizer,
        "" if run.accuracy is None else f"test acc {fraction(run.accuracy)}",
    ]
    if run.state in {"running", "interrupted"}:
        # The rows of metrics.jsonl may be newer than the record in the list's entry.
        written = [row["epoch"] for row in page.detail.rows[-1:] if isinstance(row.get("epoch"), int)]
        words.append(f"epoch {max([run.epoch, *written])} of {run.epochs}")
    rest = "  ".join(printable(word, ascii=page.look.ascii) for word in words if word)
    sign = f" {glyph(run.state, ascii=page.look.ascii)} "
    name = crop(printable(run.title), max(8, width - len(sign) - len(rest) - 3), ascii=page.look.ascii)
    text = Text.assemble(sign, (name, "bold"), "  ", rest)
    text.truncate(width)
    return text


def subheading(page: Page, width: int, before: str = "") -> Text:
    """The shown curve and how it was measured, or the problem with the run, in one line.

    Args:
        page: The page.
        width: Columns; a longer line is cut off.
        before: Printable words to begin with.

    Returns:
        One line.
    """
    words = "   ".join(part for part in (before, subject(page)) if part)
    return plain(crop(f" {words}" if words else "", width, ascii=page.look.ascii, head=width), "dim")


def subject(page: Page) -> str:
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
        way = command(detail.entry.store, "interpolate", run.id)
        words = "" if detail.problems else f"no curve yet; make one with x, or: {way}"
    else:
        words = run.error or ("training" if page.is_running else f"{page.place + 1}/{page.num_places} training")
    return printable("   ".join(part for part in (_problem(page), words) if part))


def _problem(page: Page) -> str:
    """The number of curve files that cannot be read and, if no curve is shown, the reason of the first."""
    problems = page.detail.problems if page.detail is not None else ()
    if not problems:
        return ""
    count = f"{len(problems)} curve file{'s' if len(problems) > 1 else ''} cannot be read"
    return count if page.curve is not None else f"{count}: {problems[0]}"


def _of_curve(page: Page, curve: Curve) -> str:
    top = curve.worst(page.shown_split(curve.splits), page.shown_definition, page.metric)
    peak = f"{height_words(top[1].height, page.metric)} in {printable(top[0].label)}" if top else "n/a"
    where = f"{page.place + 1}/{page.num_places} {printable(curve.name)}  bn {printable(curve.bn)}"
    kind = "barrier" if page.metric == "loss" else "error barrier"
    words = f"worst {page.shown_definition} {kind} {peak}   {where}"
    return words if curve.complete else f"preview: {words}"
