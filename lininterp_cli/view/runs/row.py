"""One run as a row of a list: the columns that fit, and their cells."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

from lininterp_cli.view.runs.fields import FIELDS, shown, value
from lininterp_cli.view.runs.summary import Summary, glyph, worst_words
from lininterp_cli.view.text import bar, crop, crop_unique, duration, fraction, number, printable

ALARMING = 0.1
"""Height in nats from which on a barrier is marked with `▲`, unless the user sets another."""

FULL_BAR = 5.0
"""Height in nats from which on bars are always full, so that one diverged run does not hide the others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of the list."""

    name: str
    """Name of the field or column."""
    head: str
    """The head above it."""
    room: int
    """Width in columns."""
    right: bool = False
    """Whether it is right-aligned."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """The settings that all rows of a list share."""

    now: float
    """The current time in seconds since 1970."""
    ascii: bool = False
    """Use ASCII only."""
    threshold: float = ALARMING
    """Height in nats from which on a barrier is marked."""
    full_bar: float = 1.0
    """Barrier height of a full bar, in nats."""
    needs: Mapping[str, int] = field(default_factory=dict)
    """Field to the width it needs, see `needs`; a field that is not in it has its smallest width."""


# By importance, with the smallest and the largest width; they are shown in the order of _PLACES.
_OPTIONAL = {"barrier": (9, 9), "accuracy": (6, 8), "age": (4, 4), "model": (9, 16), "block": (9, 16), "bar": (6, 8),
             "data": (8, 16), "optimizer": (9, 16), "interval": (12, 16)}  # fmt: skip
_PLACES = ("state", "name", "model", "data", "optimizer", "accuracy", "barrier", "bar", "block", "interval", "age")
_RIGHT = {"accuracy", "barrier", "age"}
_LEAST_NAMES = {"barrier": 8, "accuracy": 8, "age": 12}
_LEAST_NAME = 20
_HASH = re.compile(r"-[0-9a-f]{6}$")
# Filters accept these names of the fields, too.
_SHORT_HEADS = {"accuracy": "acc", "optimizer": "opt"}


def full_bar(runs: Sequence[Summary]) -> float:
    """The barrier height of a full bar for some runs, in nats."""
    heights = [run.worst.height for run in runs if run.worst is not None and math.isfinite(run.worst.height)]
    return min(max(heights, default=0.0), FULL_BAR) or 1.0


def alarm(*, ascii: bool) -> str:
    """The sign beside a barrier that reaches the threshold."""
    return "^" if ascii else "▲"


def needs(runs: Sequence[Summary]) -> dict[str, int]:
    """The widths that some fields need for some runs.

    Args:
        runs: The runs.

    Returns:
        Field to the length of its longest value, 0 where no run has one; escaped or wide characters may need more,
        and the value is shortened then.
    """
    worst = [run.worst for run in runs if run.worst is not None]
    found = {
        "name": max((len(run.title) for run in runs), default=0),
        "model": max((len(run.model) for run in runs), default=0),
        "data": max((len(run.data) for run in runs), default=0),
        "optimizer": max((len(run.optimizer) for run in runs), default=0),
        "block": max((len(one.block) for one in worst), default=0),
    }
    has_interval = any(one.low is not None for one in worst)
    return found | {"bar": _OPTIONAL["bar"][1] * bool(worst), "interval": _OPTIONAL["interval"][1] * has_interval}


def columns(width: int, sort: str, scene: Scene) -> list[Column]:
    """The columns that fit; the name takes the remaining width.

    Args:
        width: Columns of the whole row, without the signs at its left.
        sort: The field that the list is sorted by, which is one of the first to get room.
        scene: The settings of the list.

    Returns:
        The columns from left to right, with one blank between two.
    """
    wanted = [name for name in _OPTIONAL if scene.needs.get(name) != 0]
    if sort not in {"newest", "name", "state", "created", "id", *_OPTIONAL}:
        wanted.insert(1, sort)
    need = scene.needs.get("name", _LEAST_NAME)
    rooms = {"state": 1}
    for name in wanted:
        left = width - sum(room + 1 for room in rooms.values()) - _bounds(name, scene)[0] - 1
        if left >= min(need, _LEAST_NAMES.get(name, 8 if name == sort else _LEAST_NAME)):
            rooms[name] = _bounds(name, scene)[0]
    left = width - sum(room + 1 for room in rooms.values())
    for name in rooms:
        # Names have priority, but other columns are not kept short for longer names than these runs have.
        more = max(0, min(_bounds(name, scene)[1] - rooms[name], left - need))
        rooms[name], left = rooms[name] + more, left - more
    rooms["name"] = max(4, left)
    places = [*_PLACES, *(name for name in rooms if name not in _PLACES)]
    return [
        Column(name=name, head=_head(name, rooms[name], scene), room=rooms[name],
               right=name in _RIGHT or name not in _PLACES)
        for name in places if name in rooms
    ]  # fmt: skip


def _bounds(name: str, scene: Scene) -> tuple[int, int]:
    """The smallest and the largest width of a field."""
    least, most = _OPTIONAL.get(name, (9, 9) if name != "state" else (1, 1))
    if name == "bar":
        return max(least, min(most, len(f"<{_brief(scene.full_bar)}"))), most
    if name in _RIGHT:
        return least, most
    if name not in scene.needs:
        return least, least
    room = scene.needs[name]
    head = len(_SHORT_HEADS.get(name, name))
    return max(head, min(room, least)), max(len(name), min(room, most))


def _head(name: str, room: int, scene: Scene) -> str:
    sign, top = "<" if scene.ascii else "≤", _brief(scene.full_bar)
    heads = {"state": ("",), "name": ("run",), "bar": (f"0..{top}", f"{sign}{top}")}
    # The end of a configuration key is more informative than its section.
    known = heads.get(name, (printable(name), _SHORT_HEADS.get(name, printable(name.rpartition(".")[2]))))
    return next((head for head in known if len(head) <= room), crop(known[-1], room, ascii=True, head=room))


def titles(runs: Sequence[Summary], shown_columns: Sequence[Column], scene: Scene) -> list[str]:
    """The names of runs that are listed together, shortened so that they stay different.

    Args:
        runs: The runs.
        shown_columns: See `columns`.
        scene: The settings of the list.

    Returns:
        Printable names that fit their column.
    """
    room = next(column.room for column in shown_columns if column.name == "name")
    words = [printable(run.title, ascii=scene.ascii) for run in runs]
    # Long ids lose the hash at their end: it alone makes them different, so the readable part would be left out.
    told = [
        _HASH.sub("", word) if not run.name and len(word) > room else word
        for run, word in zip(runs, words, strict=True)
    ]
    return crop_unique(told, room, ascii=scene.ascii)


def cells(run: Summary, shown_columns: Sequence[Column], scene: Scene, title: str | None = None) -> list[str]:
    """The cells of one run, each as wide as its column.

    Args:
        run: The run.
        shown_columns: See `columns`.
        scene: The settings of the list.
        title: Its name in the list, see `titles`; its own name unless given.

    Returns:
        Printable words, padded.
    """

    def word(column: Column) -> str:
        if column.name == "name" and title is not None:
            return title
        return _bar(run, scene, column.room) if column.name == "bar" else _word(run, column.name, scene)

    return [fit(word(column), column, scene) for column in shown_columns]


def unseen(run: Summary, shown_columns: Sequence[Column], scene: Scene) -> str:
    """The values of a run in the columns that did not fit.

    Args:
        run: The run.
        shown_columns: See `columns`.
        scene: The settings of the list.

    Returns:
        Printable words, such as `opt momentum  interval 0.212..0.283`; empty where the row shows everything.
    """
    seen = {column.name for column in shown_columns} | {"bar"}
    told = ((name, _word(run, name, scene)) for name in _PLACES if name not in seen)
    return "  ".join(f"{_SHORT_HEADS.get(name, name)} {word}" for name, word in told if word)


def fit(word: str, column: Column, scene: Scene, head: int | None = None) -> str:
    """A word as wide as its column, shortened (after `head` columns, if given) or padded."""
    word = crop(word, column.room, ascii=scene.ascii, head=head)
    padding = " " * (column.room - cell_len(word))
    return padding + word if column.right else word + padding


def _word(run: Summary, name: str, scene: Scene) -> str:
    return _CELLS.get(name, _of_field(name))(run, scene)


def _of_field(name: str) -> Callable[[Summary, Scene], str]:
    return lambda run, scene: printable(shown(name, value(run, name, scene.now)), ascii=scene.ascii)


def _barrier(run: Summary, scene: Scene) -> str:
    if run.worst is None:
        return ""
    alarms = run.worst.height >= scene.threshold
    return f"{worst_words(run.worst)} {alarm(ascii=scene.ascii) if alarms else ' '}"


def _bar(run: Summary, scene: Scene, room: int) -> str:
    return "" if run.worst is None else bar(run.worst.height / scene.full_bar, room, ascii=scene.ascii).rstrip()


def _interval(run: Summary, _: Scene) -> str:
    if run.worst is None or run.worst.low is None or run.worst.high is None:
        return ""
    return f"{number(run.worst.low)}..{number(run.worst.high)}"


def _accuracy(run: Summary, _: Scene) -> str:
    if run.accuracy is not None:
        return fraction(run.accuracy)
    if run.state not in {"running", "interrupted"} or not run.epochs:
        return ""
    progress = f"{run.epoch}/{run.epochs}"
    # Shortened digits would be another number.
    return progress if len(progress) <= _OPTIONAL["accuracy"][0] else f"{100 * run.epoch // run.epochs}%"


def _title(run: Summary, scene: Scene) -> str:
    return printable(run.title, ascii=scene.ascii)


def age_words(seconds: float) -> str:
    """An age in at most four characters, five from 1000 days on."""
    return "now" if seconds < 60 else duration(seconds)


def _brief(height: float) -> str:
    return number(height, 2)


_CELLS: dict[str, Callable[[Summary, Scene], str]] = {
    "state": lambda run, scene: glyph(run.state, ascii=scene.ascii),
    "name": _title,
    "accuracy": _accuracy,
    "barrier": _barrier,
    "interval": _interval,
    "age": lambda run, scene: "" if run.created is None else age_words(scene.now - run.created),
    **{name: _of_field(name) for name in FIELDS if name in {"model", "data", "optimizer", "block"}},
}
