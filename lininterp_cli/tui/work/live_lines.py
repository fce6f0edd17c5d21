"""The work in progress as lines of text; everything that comes from a file is made printable."""

import math
from typing import get_args

from rich.text import Text

from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.tui.work.live import Going, Live, Stage
from lininterp_cli.view import palette
from lininterp_cli.view.curves.barrier_words import height_words
from lininterp_cli.view.curves.extent import PREVIEW_SIGN
from lininterp_cli.view.curves.progress import count_words, lr_words
from lininterp_cli.view.curves.walk import walk_share, wanted_examples
from lininterp_cli.view.look import Look
from lininterp_cli.view.text import bar, crop, duration, fraction, number, printable, wrap

_GLYPHS = {
    "training": ("●", "*"), "measuring": ("~", "~"), "stopping": ("○", "o"), "ending": ("○", "o"),
    "starting": ("○", "o"), "stalled": ("!", "!"),
}  # fmt: skip
"""Stage to its sign, and the sign in ASCII."""

NOTE_LINES = 3
"""Maximum number of lines about the row under the cursor."""

_NUMBERS = ("loss", "acc", "lr")
_TOLD = "told"

Columns = list[tuple[str, int]]
"""Head and width of each column; a negative width aligns it right."""


def heading(live: Live, width: int, now: float, *, ascii: bool) -> Text:
    """The first line: the number of rows in each stage, and the age of the last write."""
    found = live.going or ()
    stages = [one.stage for one in found]
    counts = [f"{stages.count(stage)} {stage}" for stage in get_args(Stage) if stage in stages]
    stalled = sum(one.is_stalled(now) for one in found)
    counts += [f"{stalled} stalled"] if stalled else []
    words = ", ".join(counts) or ("nothing is running" if live.going is not None else "reading ...")
    last = max((one.written for one in found), default=0.0)
    right = f"last write {_ago(now - last)}" if last else ""
    text = Text.assemble((" live", "bold"), f"  {words}")
    text.append(" " * max(2, width - text.cell_len - len(right) - 1)).append(right)
    text.truncate(width)
    return text


def list_lines(live: Live, width: int, height: int, now: float, *, look: Look) -> list[Text]:
    """The header of the list and as many rows as there is room for, with the cursor in sight."""
    columns = _columns(width)
    names = " " * 4 + " ".join(_cell(name, room) for name, room in columns)
    head = Text(crop(names, width, ascii=look.ascii), style="dim")
    found, room = live.going or (), max(1, height - 1)
    first = min(max(0, live.place - room // 2), max(0, len(found) - room))
    rows = []
    for index, one in list(enumerate(found))[first : first + room]:
        rows.append(_row(one, index, index == live.place, columns, now, width, look=look))
    return [head, *rows]


def note(live: Live, width: int, now: float, *, ascii: bool) -> list[Text]:
    """A few lines about the row under the cursor: the size of its walk so far, and the last line of its log."""
    here = live.here
    if here is None:
        return [Text()]
    words = [] if here.curve is None else [_basis(here.curve, ascii)]
    if here.heard is not None and here.heard.line:
        words.append(f"{'stopping; ' if here.stage == 'stopping' else ''}log: {here.heard.line.strip()}")
    elif here.is_stalled(now):
        words.append(f"nothing was written for {duration(now - here.written)}; it may hang, or its epochs are long")
    elif here.heard is None:
        words += [] if here.curve is None else _barrier_words(here.curve)[:1]
        words.append("started elsewhere, and so is its log")
    room, parts = max(1, width - 3), [printable(word, ascii=ascii) for word in words]
    rows = ["  ".join(parts)]
    if len(rows[0]) > room:
        rows = [row for part in parts for row in wrap(part.split(" "), room, " ", ascii=ascii)]
    return [Text(crop(f"   {row}", width, ascii=ascii), style="dim") for row in rows[:NOTE_LINES]]


def _basis(curve: Curve, ascii: bool) -> str:
    """The points and paths that a walk has so far, and their largest standard error."""
    if not curve.series:
        return "nothing measured yet"
    split = curve.splits[-1]
    values = [series.splits[split] for series in curve.series if split in series.splits]
    errors = [error for value in values for error in value.loss_stderr if math.isfinite(error)]
    points = sum(len(series.alphas) for series in curve.series)
    widest = f"{'+-' if ascii else '±'}{number(max(errors, default=math.nan))}"
    return f"{points} points on {len(values)} paths, standard errors up to {widest} nats"


def advice(live: Live, width: int) -> list[Text]:
    """Advice if nothing is running."""
    if live.going is None:
        return [Text(" reading ...", style="dim")]
    words = [
        "Nothing is running in this store.  x starts something;",
        "what other programs start here appears by itself.",
    ]
    return [Text(crop(f" {line}", width, ascii=True, head=width)) for line in words]


def table(live: Live) -> list[list[str]]:
    """The work in progress as a table, the header first."""
    heads = [
        "kind",
        "run",
        "epoch",
        "epochs",
        "test_loss",
        "test_accuracy",
        "lr",
        "examples_per_second",
        "seconds_left",
    ]
    rows = [heads]
    for one in live.going or ():
        at, walked, epochs = one.pace, one.walk_pace, one.entry.summary.epochs if one.entry is not None else 0
        if one.kind == "training":
            counts, values = [str(at.epoch), str(epochs)], [at.loss, at.accuracy, at.lr, at.speed]
            left = at.seconds_left(epochs)
        else:
            counts, values = ["", ""], [None, None, None, None if walked is None else walked.speed]
            left = None if walked is None else walked.seconds_left
        numbers = ["" if value is None else f"{value:.6g}" for value in (*values, left)]
        rows.append([one.kind, one.title, *counts, *numbers])
    return rows


def _columns(width: int) -> Columns:
    columns = [("epoch", 9), ("", 8), ("loss", -7), ("acc", -7)]
    if width >= 90:
        columns += [("lr", -7)]
    if width >= 70:
        columns += [("ex/s", -6)]
    columns += [("left", -5)]
    used = 5 + sum(abs(room) + 1 for _, room in columns)
    name = max(8, min(36, width - used))
    log = width - used - name - 2
    return [("run", name), *columns, *([("log", log)] if log >= 16 else [])]


def _row(one: Going, index: int, is_here: bool, columns: Columns, now: float, width: int, *, look: Look) -> Text:
    is_stalled = one.is_stalled(now)
    sign = _GLYPHS["stalled" if is_stalled else one.stage][look.ascii]
    letter = palette.letter(index) if one.kind == "training" else " "
    text = Text((">" if look.ascii else "▌") if is_here else " ")
    text.append(sign, palette.HIGH if is_stalled and look.color else "")
    text.append(f" {letter} ", palette.color(index) if look.color and one.kind == "training" else "")
    cells = (
        _training_cells(one, is_stalled, now, look.ascii) if one.kind == "training" else _walk_cells(one, look.ascii)
    )
    cells["log"] = one.heard.line.strip() if one.heard is not None else ""
    told = [] if one.kind == "training" else _told(one)
    for name, room in _spanned(columns) if told else columns:
        if name == _TOLD:
            word = next((words for words in told if len(words) <= room), told[-1])
            text.append(_cell(crop(printable(word, ascii=look.ascii), room, ascii=look.ascii, head=room), room) + " ")
        elif name == "run":
            text.append(_cell(crop(printable(one.title, ascii=look.ascii), room, ascii=look.ascii), room) + " ")
        else:
            word = crop(printable(cells.get(name, ""), ascii=look.ascii), abs(room), ascii=look.ascii, head=abs(room))
            text.append(_cell(word, room) + " ", "dim" if name == "log" else "")
    if is_here:
        text.stylize("bold")
    text.truncate(width)
    return text


def _training_cells(one: Going, is_stalled: bool, now: float, ascii: bool) -> dict[str, str]:
    at, epochs = one.pace, one.entry.summary.epochs if one.entry is not None else 0
    left = at.seconds_left(epochs)
    return {
        "epoch": f"{at.epoch}/{epochs}",
        "": bar(at.epoch / epochs if epochs else 0.0, 8, ascii=ascii),
        "loss": "" if at.loss is None else "not fin." if math.isnan(at.loss) else number(at.loss),
        "acc": "" if at.accuracy is None else fraction(at.accuracy),
        "lr": lr_words(at.lr),
        "ex/s": count_words(at.speed),
        "left": f"!{duration(now - one.written)}" if is_stalled else "" if left is None else duration(left),
    }


def _spanned(columns: Columns) -> Columns:
    """The columns with one for words in place of the numbers of a training."""
    room = sum(abs(room) + 1 for name, room in columns if name in _NUMBERS) - 1
    places = [(_TOLD, room) if name == "loss" else (name, room_of) for name, room_of in columns]
    return [(name, room_of) for name, room_of in places if name not in _NUMBERS]


def _told(one: Going) -> list[str]:
    """Words about a walk or a starting job, the longest first."""
    if one.curve is None or not one.curve.series:
        return [one.stage]
    words = _barrier_words(one.curve)
    return [f"stopping; {words[0]}", "stopping"] if one.stage == "stopping" else words


def _barrier_words(curve: Curve) -> list[str]:
    """Words about the highest barrier so far, the longest first."""
    split = curve.splits[-1]
    worst = curve.worst(split, curve.default_definition)
    if worst is None:
        return ["no barrier yet"]
    series, barrier = worst
    interval = series.interval(split, curve.default_definition)
    bounds = f" [{number(interval.low, 2)}, {number(interval.high, 2)}]" if interval is not None else ""
    height, name = height_words(barrier.height, "loss"), printable(series.label)
    definition = f"{PREVIEW_SIGN}{curve.default_definition} {height}"
    return [f"{definition}{bounds} in {name}", f"{definition} in {name}", f"{PREVIEW_SIGN}{height} {name}"]


def _walk_cells(one: Going, ascii: bool) -> dict[str, str]:
    pace, cells = one.walk_pace, {}
    if pace is not None:
        cells = {"ex/s": count_words(pace.speed)}
        cells["left"] = "" if pace.seconds_left is None else duration(pace.seconds_left)
    curve = one.curve
    if curve is None or not curve.series:
        return cells
    split = curve.splits[-1]
    low = min((series.splits[split].num_examples for series in curve.series if split in series.splits), default=0)
    wanted, share = wanted_examples(curve, split), walk_share(curve)
    cells["epoch"] = f"{count_words(low)}/{count_words(wanted)}" if wanted else count_words(low)
    cells[""] = bar(share or 0.0, 8, ascii=ascii) if share is not None else ""
    return cells


def _cell(words: str, room: int) -> str:
    gap = " " * max(0, abs(room) - Text(words).cell_len)
    return gap + words if room < 0 else words + gap


def _ago(seconds: float) -> str:
    # Whole minutes, so that an idle screen is redrawn at most once a minute.
    return "just now" if seconds < 60 else f"{duration(seconds)} ago"
