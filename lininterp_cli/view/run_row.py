"""One run as a row of a list: which columns there is room for, and what stands in them."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

from lininterp_cli.view.fields import FIELDS, shown, value
from lininterp_cli.view.summary import Summary, glyph, worst_words
from lininterp_cli.view.text import bar, crop, crop_unique, duration, fraction, number, printable

ALARMING = 0.1
"""Nats of barrier from which a `▲` stands beside it, unless the person wants another height."""

FULL_BAR = 5.0
"""Nats from which bars are full, however high the highest barrier is: one diverged run must not hide the others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of the list."""

    name: str
    """The field, or what it is called."""
    head: str
    """What stands above it."""
    room: int
    """Columns."""
    right: bool = False
    """Whether it stands at the right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """What all rows of one list have in common."""

    now: float
    """The present in seconds since 1970."""
    ascii: bool = False
    """Use ASCII only."""
    threshold: float = ALARMING
    """Nats from which a barrier alarms."""
    full_bar: float = 1.0
    """Nats of a full bar."""
    needs: Mapping[str, int] = field(default_factory=dict)
    """Columns that fields take, see `needs`; a field that is not in it takes what is usual."""


# In the order of their worth, with the fewest and the most columns; they stand in the order of _PLACES.
_OPTIONAL = {"barrier": (9, 9), "accuracy": (6, 8), "age": (4, 4), "model": (9, 16), "block": (9, 16), "bar": (6, 8),
             "data": (8, 16), "optimizer": (9, 16), "interval": (11, 13)}  # fmt: skip
_PLACES = ("state", "name", "model", "data", "optimizer", "accuracy", "barrier", "bar", "block", "interval", "age")
_RIGHT = {"accuracy", "barrier", "age"}
_LEAST_NAMES = {"barrier": 8, "accuracy": 8, "age": 12}
_LEAST_NAME = 20
_HASH = re.compile(r"-[0-9a-f]{6}$")
# A filter knows these names of the fields too.
_SHORT_HEADS = {"accuracy": "acc", "optimizer": "opt"}


def full_bar(runs: Sequence[Summary]) -> float:
    """How many nats a full bar is, for some runs."""
    heights = [run.worst.height for run in runs if run.worst is not None and math.isfinite(run.worst.height)]
    return min(max(heights, default=0.0), FULL_BAR) or 1.0


def alarm(*, ascii: bool) -> str:
    """The sign beside a barrier that alarms."""
    return "^" if ascii else "▲"


def needs(runs: Sequence[Summary]) -> dict[str, int]:
    """How many columns some fields take, for some runs.

    Args:
        runs: The runs.

    Returns:
        Field to the length of its longest word, 0 where no run has one; as names may be escaped or wide, a row may
        need more, and is shortened then.
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
    """The columns that there is room for; the name takes what is left.

    Args:
        width: Columns of the whole row, without the signs at its left.
        sort: The field that the list is ordered by, which is among the first that are shown.
        scene: The list.

    Returns:
        From left to right; one column is free between two.
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
        # The name comes first, but no other column stays short for names that nobody has.
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
    """The fewest and the most columns of a field."""
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
    # Of a key of the configuration, the end tells more than the section.
    known = heads.get(name, (printable(name), _SHORT_HEADS.get(name, printable(name.rpartition(".")[2]))))
    return next((head for head in known if len(head) <= room), crop(known[-1], room, ascii=True, head=room))


def titles(runs: Sequence[Summary], shown_columns: Sequence[Column], scene: Scene) -> list[str]:
    """What runs that are seen together are called, shortened so that they can be told apart.

    Args:
        runs: The runs.
        shown_columns: See `columns`.
        scene: The list.

    Returns:
        Printable words within the name's column.
    """
    room = next(column.room for column in shown_columns if column.name == "name")
    words = [printable(run.title, ascii=scene.ascii) for run in runs]
    # The end of an id tells all ids apart, so that everything that people know them by would be left out before it.
    told = [
        _HASH.sub("", word) if not run.name and len(word) > room else word
        for run, word in zip(runs, words, strict=True)
    ]
    return crop_unique(told, room, ascii=scene.ascii)


def cells(run: Summary, shown_columns: Sequence[Column], scene: Scene, title: str | None = None) -> list[str]:
    """One run's words, each within its column.

    Args:
        run: The run.
        shown_columns: See `columns`.
        scene: The list.
        title: What it is called among others, see `titles`; its own name unless given.

    Returns:
        Printable words, padded.
    """

    def word(column: Column) -> str:
        if column.name == "name" and title is not None:
            return title
        return _bar(run, scene, column.room) if column.name == "bar" else _word(run, column.name, scene)

    return [fit(word(column), column, scene) for column in shown_columns]


def unseen(run: Summary, shown_columns: Sequence[Column], scene: Scene) -> str:
    """What the columns that there was no room for would tell of a run.

    Args:
        run: The run.
        shown_columns: See `columns`.
        scene: The list.

    Returns:
        Printable words, such as `opt momentum  interval 0.21..0.28`; empty where the row tells everything.
    """
    seen = {column.name for column in shown_columns} | {"bar"}
    told = ((name, _word(run, name, scene)) for name in _PLACES if name not in seen)
    return "  ".join(f"{_SHORT_HEADS.get(name, name)} {word}" for name, word in told if word)


def fit(word: str, column: Column, scene: Scene, head: int | None = None) -> str:
    """A word as wide as its column, shortened or padded; `head` columns of it stay at the front."""
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
    return f"{_brief(run.worst.low)}..{_brief(run.worst.high)}"


def _accuracy(run: Summary, _: Scene) -> str:
    if run.accuracy is not None:
        return fraction(run.accuracy)
    return f"{run.epoch}/{run.epochs}" if run.state in {"running", "interrupted"} and run.epochs else ""


def _title(run: Summary, scene: Scene) -> str:
    return printable(run.title, ascii=scene.ascii)


def age_words(seconds: float) -> str:
    """An age in at most four characters."""
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
