"""The compared runs as lists: letter, barrier and its difference from the reference run's, settings, measures."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from lininterp_cli.landscape.curves.barrier import Interval
from lininterp_cli.view import palette
from lininterp_cli.view.comparison.scatter import Scatter, label_of
from lininterp_cli.view.curves.extent import PREVIEW_SIGN
from lininterp_cli.view.curves.overlay import Trace
from lininterp_cli.view.curves.quantity import Quantity, metric_of
from lininterp_cli.view.look import Look
from lininterp_cli.view.runs.fields import differing, shown, value
from lininterp_cli.view.runs.summary import Summary, glyph
from lininterp_cli.view.text import MISSING, crop, crop_unique, number, printable

_SIGNS = {False: "▌━·", True: ">=."}
_BARRIER, _DIFFERENCE, _SHARE, _INTERVAL = 9, 9, 8, 16
_MIN_NAME = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Contender:
    """One of the compared runs."""

    run: Summary
    """The run."""
    place: int
    """Its index among them, which decides letter, colour and number key."""
    trace: Trace | None = None
    """The curve to draw; None where there is none."""
    short: str = ""
    """The reason why there is none, in a word or two."""
    why: str = ""
    """The reason in full, with a remedy."""
    is_hidden: bool = False
    """Whether the user has hidden it from the plots."""

    @property
    def is_drawn(self) -> bool:
        """Whether it is in the plots."""
        return self.trace is not None and not self.is_hidden

    @property
    def title(self) -> str:
        """The run's name, printable."""
        return printable(self.run.title)


@dataclass(frozen=True, kw_only=True, slots=True)
class Barriers:
    """The barriers that a list shows."""

    split: str
    """The split they were measured on."""
    definition: str
    """A key of BARRIERS."""
    quantity: Quantity
    """The quantity; barriers are those of the loss, or of the error for accuracy and error."""
    reference: Contender | None = None
    """The run that the others are compared with."""

    def height(self, one: Contender | None) -> float | None:
        """The height of a run's barrier, in nats or in percentage points of the error; None where it is unknown."""
        if one is None or one.trace is None:
            return None
        found = one.trace.barrier(self.split, self.definition, self.quantity)
        return None if found is None else found.height * self._scale

    def interval(self, one: Contender) -> Interval | None:
        """The interval of that height in the same unit; None where it was not computed."""
        found = one.trace.series.interval(self.split, self.definition, metric_of(self.quantity)) if one.trace else None
        return None if found is None else Interval(found.low * self._scale, found.high * self._scale)

    def difference(self, one: Contender) -> float | None:
        """A run's barrier less the reference's; None where either is unknown."""
        ours, theirs = self.height(one), self.height(self.reference)
        return None if ours is None or theirs is None else ours - theirs

    def share(self, one: Contender) -> float | None:
        """The difference in per cent of the reference's barrier; None where it is unknown or that barrier is 0."""
        difference, whole = self.difference(one), self.height(self.reference)
        return None if difference is None or not whole else 100 * difference / whole

    @property
    def _scale(self) -> float:
        return 1.0 if self.quantity == "loss" else 100.0


def contender_lines(
    contenders: Sequence[Contender],
    barriers: Barriers,
    *,
    cursor: int,
    width: int,
    height: int,
    look: Look = Look(),
) -> list[Text]:
    """One line for each run, scrolled so that the cursor is visible.

    Args:
        contenders: The runs.
        barriers: The barriers to show.
        cursor: Index of the run under the cursor.
        width: Columns.
        height: Lines, the head included.
        look: What can be shown.

    Returns:
        At most `height` lines.
    """
    has_intervals = any(barriers.interval(one) is not None for one in contenders)
    sizes = [_BARRIER, _INTERVAL if has_intervals else 0, _DIFFERENCE, _SHARE]
    # The least important columns are dropped first, so that there is room for the name.
    for which in (1, 3, 2):
        if width - 7 - sum(sizes) < _MIN_NAME:
            sizes[which] = 0
    room = max(1, width - 7 - sum(sizes))
    names = crop_unique([one.title for one in contenders], room, ascii=look.ascii)
    tops = [known for one in contenders if (known := barriers.height(one)) is not None]
    letter = palette.letter(barriers.reference.place) if barriers.reference else ""
    heads = ["barrier" if barriers.quantity == "loss" else "error pp", "95 %", f"less {letter}".strip(), "%"]
    lines = [_columns("       " + f"{'run':<{room}}", heads, sizes, "dim")]
    first = min(max(0, cursor - (height - 1) // 2), max(0, len(contenders) - (height - 1)))
    for at in range(first, min(first + height - 1, len(contenders))):
        one = contenders[at]
        high = barriers.height(one)
        is_top = high is not None and high > 0 and high == max(tops) and len(tops) > 1
        lines.append(_line(one, barriers, names[at], room, sizes, at == cursor, is_top, look))
    for line in lines:
        line.truncate(width)
    return lines[: max(0, height)]


def note_lines(contenders: Sequence[Contender], cursor: int, width: int, height: int, *, ascii: bool) -> list[Text]:
    """Notes on runs that are not drawn, with a remedy; that of the run under the cursor first.

    Args:
        contenders: The runs.
        cursor: Index of the run under the cursor.
        width: Columns.
        height: Lines at most.
        ascii: Use ASCII only.

    Returns:
        At most `height` lines.
    """
    ordered = sorted(enumerate(contenders), key=lambda pair: pair[0] != cursor)
    lines: list[Text] = []
    for _, one in ordered:
        if one.why:
            words = printable(f"{palette.letter(one.place)}: {one.why}", ascii=ascii)
            lines += [Text(f" {row}", style="dim") for row in textwrap.wrap(words, max(8, width - 2))]
    for line in lines:
        line.truncate(width)
    return lines[: max(0, height)]


def settings_lines(contenders: Sequence[Contender], width: int, height: int, *, ascii: bool) -> list[Text]:
    """The settings in which the drawn runs differ, with a column for each run.

    Args:
        contenders: The runs.
        width: Columns.
        height: Lines at most.
        ascii: Use ASCII only.

    Returns:
        A head and a line for each setting; empty where there is no room, or no difference.
    """
    drawn = [one for one in contenders if one.is_drawn][: max(0, (width - 18) // 7)]
    keys = differing([one.run for one in drawn]) if len(drawn) > 1 else []
    if not keys or height < 3:
        return []
    room = min(21, max(9, *(len(key) + 1 for key in keys)), width - 7 * len(drawn) - 2)
    column = min(12, (width - room - 2) // len(drawn))
    heads = "".join(f"{palette.letter(one.place):>{column}}" for one in drawn)
    title = "settings that differ" if room > len("settings that differ") else "settings"
    lines = [Text(f" {title:<{room}.{room}}{heads}", style="dim")]
    for key in keys:
        words = [crop(printable(shown(key, value(one.run, key)) or "-"), column - 1, ascii=ascii) for one in drawn]
        label = crop(printable(key), room - 1, ascii=ascii, head=2)
        lines.append(Text(f" {label:<{room}}" + "".join(f"{word:>{column}}" for word in words)))
    if len(lines) > height:
        lines = [*lines[: height - 1], Text(f" {len(lines) - height + 1} more: o shows the table", style="dim")]
    return lines


def scatter_lines(
    runs: Sequence[Summary],
    plotted: Scatter,
    *,
    hidden: Sequence[bool],
    cursor: int,
    width: int,
    height: int,
    look: Look = Look(),
) -> list[Text]:
    """One line for each run of a scatter, with both measures.

    Args:
        runs: All runs, including hidden ones.
        plotted: The scatter.
        hidden: For each run whether it is hidden.
        cursor: Index of the run under the cursor.
        width: Columns.
        height: Lines, the head included.
        look: What can be shown.

    Returns:
        At most `height` lines; only visible ones are built.
    """
    number_room = 10
    room = max(1, width - 5 - 2 * number_room)
    sign = _SIGNS[look.ascii]
    heads = [crop(printable(name), number_room - 1, ascii=look.ascii) for name in (plotted.x, plotted.y)]
    lines = [_columns(f"     {'run':<{room}}", heads, [number_room] * 2, "dim")]
    first = min(max(0, cursor - (height - 1) // 2), max(0, len(runs) - (height - 1)))
    for at in range(first, min(first + height - 1, len(runs))):
        run = runs[at]
        label = label_of(run, plotted.by) if plotted.by else ""
        place = plotted.groups.index(label) if label in plotted.groups else -1
        letter = (palette.letter(place) if plotted.by and place >= 0 else sign[1]) if not hidden[at] else sign[2]
        name = crop(printable(run.title), room, ascii=look.ascii)
        cells = [_measured(run, name) for name in (plotted.x, plotted.y)]
        key = str(at + 1) if at < 9 else " "
        text = Text(f"{sign[0] if at == cursor else ' '}{key} ")
        text.append(letter, palette.color(place) if look.color and plotted.by and place >= 0 and not hidden[at] else "")
        line = _columns(f" {name}{' ' * (room - len(Text(name).plain))}", cells, [number_room] * 2, "")
        lines.append(text + line)
        if at == cursor:
            lines[-1].stylize("bold reverse")
    for line in lines:
        line.truncate(width)
    return lines[: max(0, height)]


def signed(number_: float) -> str:
    """A number with its sign; 0 has a plus."""
    return f"{'+' if number_ >= 0 else ''}{number(number_)}"


def share_words(share: float | None) -> str:
    """A percentage with its sign; empty where it is unknown or too large (99 999 or more) to be useful."""
    return "" if share is None or abs(share) >= 99_999 else f"{share:+z.0f}%"


def _line(
    one: Contender, barriers: Barriers, name: str, room: int, sizes: list[int], pointed: bool, is_top: bool,
    look: Look,
) -> Text:  # fmt: skip
    sign = _SIGNS[look.ascii]
    key = str(one.place + 1) if one.place < 9 else " "
    line = Text(f"{sign[0] if pointed else ' '}{key} ")
    drawn = sign[1] if one.is_drawn else sign[2] if one.trace is not None else glyph(one.run.state, ascii=look.ascii)
    style = palette.color(one.place) if look.color and one.is_drawn else "" if one.is_drawn else "dim"
    line.append(f"{drawn}{palette.letter(one.place)} ", style)
    line.append(name + " " * max(0, room - Text(name).cell_len), "" if one.trace is not None else "dim")
    if one.trace is None:
        line.append(" " + crop(one.short, sum(sizes), ascii=look.ascii), "dim")
    else:
        line.append_text(_columns(" ", _cells(one, barriers, is_top, palette.HIGHEST[look.ascii]), sizes, ""))
    if pointed:
        line.stylize("bold reverse")
    return line


def _cells(one: Contender, barriers: Barriers, is_top: bool, top: str) -> list[str]:
    height, known = barriers.height(one), barriers.interval(one)
    preview = "" if one.trace is None or one.trace.curve.complete else PREVIEW_SIGN
    words = MISSING if height is None else f"{top + ' ' if is_top else ''}{preview}{number(height)}"
    is_reference = barriers.reference is not None and one.place == barriers.reference.place
    difference = barriers.difference(one)
    return [
        words,
        "" if known is None else f"{number(known.low)}..{number(known.high)}",
        "ref" if is_reference else "" if difference is None else signed(difference),
        "" if is_reference else share_words(barriers.share(one)),
    ]


def _columns(start: str, cells: Sequence[str], sizes: Sequence[int], style: str) -> Text:
    words = "".join(f"{cell:>{size}}" for cell, size in zip(cells, sizes, strict=True) if size)
    return Text(start + words, style=style)


def _measured(run: Summary, name: str) -> str:
    return printable(shown(name, value(run, name)) or MISSING)
