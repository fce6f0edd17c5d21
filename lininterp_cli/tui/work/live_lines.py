"""What is going on as lines of text; everything that comes from a file is made printable."""

import math

from rich.text import Text

from lininterp_cli.landscape.curve import Curve
from lininterp_cli.tui.work.live import Going, Live
from lininterp_cli.view import palette
from lininterp_cli.view.curves import height_words
from lininterp_cli.view.extent import PREVIEW_SIGN
from lininterp_cli.view.progress import count_words, lr_words, walk_share
from lininterp_cli.view.text import bar, crop, duration, fraction, number, printable

_GLYPHS = {"training": ("●", "*"), "walk": ("~", "~"), "starting": ("○", "o"), "stalled": ("!", "!")}

Columns = list[tuple[str, int]]
"""Head and columns, negative where it stands at the right."""


def heading(live: Live, width: int, now: float, *, ascii: bool) -> Text:
    """The first line: how much is going on."""
    found = live.going or ()
    counts = [f"{sum(one.kind == kind for one in found)} {words}"
              for kind, words in (("training", "training"), ("walk", "measuring"), ("starting", "starting"))
              if any(one.kind == kind for one in found)]  # fmt: skip
    stalled = sum(one.is_stalled(now) for one in found)
    counts += [f"{stalled} stalled"] if stalled else []
    words = ", ".join(counts) or ("nothing is running" if live.going is not None else "reading ...")
    last = max((one.written for one in found), default=0.0)
    right = f"last write {_ago(now - last)}" if last else ""
    text = Text.assemble((" live", "bold"), f"  {words}")
    text.append(" " * max(2, width - text.cell_len - len(right) - 1)).append(right)
    text.truncate(width)
    return text


def list_lines(live: Live, width: int, height: int, now: float, *, ascii: bool, color: bool) -> list[Text]:
    """The head of the list and as many rows as there is room for, with the cursor in sight."""
    columns = _columns(width)
    names = " " * 4 + " ".join(_cell(name, room) for name, room in columns)
    head = Text(crop(names, width, ascii=ascii), style="dim")
    found, room = live.going or (), max(1, height - 1)
    first = min(max(0, live.place - room // 2), max(0, len(found) - room))
    rows = []
    for index, one in list(enumerate(found))[first : first + room]:
        rows.append(_row(one, index, index == live.place, columns, now, width, ascii=ascii, color=color))
    return [head, *rows]


def note(live: Live, width: int, now: float, *, ascii: bool) -> Text:
    """One line about what is under the cursor: its log's last line, or what its walk rests on."""
    here = live.here
    if here is None:
        return Text()
    words = [_basis(here.curve, ascii)] if here.curve is not None else []
    if here.heard is not None and here.heard.line:
        words.append(f"log: {here.heard.line.strip()}")
    elif here.is_stalled(now):
        words.append(f"nothing was written for {duration(now - here.written)}; it may hang, or its epochs are long")
    elif here.heard is None:
        words.append("started elsewhere, and so is its log")
    return Text(crop(f"   {printable('  '.join(words), ascii=ascii)}", width, ascii=ascii, head=width), style="dim")


def _basis(curve: Curve, ascii: bool) -> str:
    """What a walk has measured so far, and how sure that is."""
    if not curve.series:
        return "nothing measured yet"
    split = curve.splits[-1]
    values = [series.splits[split] for series in curve.series if split in series.splits]
    errors = [error for value in values for error in value.loss_stderr if math.isfinite(error)]
    points = sum(len(series.alphas) for series in curve.series)
    widest = f"{'+-' if ascii else '±'}{number(max(errors, default=math.nan))}"
    return f"{points} points on {len(values)} paths, standard errors up to {widest} nats"


def advice(live: Live, width: int) -> list[Text]:
    """What to do where nothing is running."""
    if live.going is None:
        return [Text(" reading ...", style="dim")]
    words = [
        "Nothing is running in this store.  x starts something;",
        "what other programs start here appears by itself.",
    ]
    return [Text(crop(f" {line}", width, ascii=True, head=width)) for line in words]


def table(live: Live) -> list[list[str]]:
    """What is going on as cells, the heads first."""
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
        at, epochs = one.pace, one.entry.summary.epochs if one.entry is not None else 0
        values = [at.loss, at.accuracy, at.lr, at.speed, at.seconds_left(epochs)]
        numbers = [str(at.epoch), str(epochs), *("" if value is None else f"{value:.6g}" for value in values)]
        rows.append([one.kind, one.title, *(numbers if one.kind == "training" else [""] * len(numbers))])
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


def _row(
    one: Going, index: int, is_here: bool, columns: Columns, now: float, width: int, *, ascii: bool, color: bool
) -> Text:
    is_stalled = one.is_stalled(now)
    sign = _GLYPHS["stalled" if is_stalled else one.kind][ascii]
    letter = palette.letter(index) if one.kind == "training" else " "
    text = Text((">" if ascii else "▌") if is_here else " ")
    text.append(sign, palette.HIGH if is_stalled and color else "")
    text.append(f" {letter} ", palette.color(index) if color and one.kind == "training" else "")
    cells = _training_cells(one, is_stalled, now, ascii) if one.kind == "training" else _other_cells(one, ascii)
    cells["log"] = one.heard.line.strip() if one.heard is not None else ""
    for name, room in columns:
        if name == "loss" and one.kind != "training":
            words = cells["words"]
            text.append(crop(words, max(1, width - text.cell_len - 1), ascii=ascii, head=width))
            break
        if name == "run":
            text.append(_cell(crop(printable(one.title, ascii=ascii), room, ascii=ascii), room) + " ")
        else:
            word = crop(printable(cells.get(name, ""), ascii=ascii), abs(room), ascii=ascii, head=abs(room))
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


def _other_cells(one: Going, ascii: bool) -> dict[str, str]:
    curve = one.curve
    if curve is None or not curve.series:
        return {"words": "no measurement yet" if one.kind == "walk" else "starting; it has said nothing of a run yet"}
    split = curve.splits[-1]
    values = [series.splits[split] for series in curve.series if split in series.splits]
    size = max((value.split_size for value in values), default=0)
    share = walk_share(curve)
    worst = curve.worst(split, curve.default_definition)
    words = "no barrier yet"
    if worst is not None:
        series, barrier = worst
        interval = series.interval(split, curve.default_definition)
        bounds = f" [{number(interval.low, 2)}, {number(interval.high, 2)}]" if interval is not None else ""
        name = f"{PREVIEW_SIGN}{curve.default_definition} {height_words(barrier.height, 'loss')}"
        words = f"{name}{bounds} in {printable(series.label, ascii=ascii)}"
    low = min((value.num_examples for value in values), default=0)
    return {
        "epoch": f"{count_words(low)}/{count_words(size)}" if size else count_words(low),
        "": bar(share or 0.0, 8, ascii=ascii) if share is not None else "",
        "words": words,
    }


def _cell(words: str, room: int) -> str:
    gap = " " * max(0, abs(room) - Text(words).cell_len)
    return gap + words if room < 0 else words + gap


def _ago(seconds: float) -> str:
    # Whole minutes, so that a screen on which nothing happens is drawn once a minute at most.
    return "just now" if seconds < 60 else f"{duration(seconds)} ago"
