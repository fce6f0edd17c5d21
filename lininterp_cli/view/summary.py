"""What a list says of one run, as plain data for both front ends; it reads curve files but draws nothing."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lininterp_cli.errors import LininterpError
from lininterp_cli.landscape.curve import Curve
from lininterp_cli.landscape.curve_reader import USUAL_NAMES, most_telling_first, read_curve
from lininterp_cli.landscape.glance import Glance, Top, glance
from lininterp_cli.runs.store import Run, curve_paths
from lininterp_cli.view.extent import PREVIEW_SIGN
from lininterp_cli.view.text import number

GLYPHS = {
    "running": ("●", "*"),
    "finished": ("✓", "+"),
    "interrupted": ("○", "o"),
    "failed": ("✗", "x"),
    "diverged": ("≈", "!"),
    "damaged": ("?", "?"),
}
"""State to its sign, and the sign in ASCII."""

WHOLE = "all"
"""What the whole network is called among the blocks."""

# The ends of a training differ by nats; this is what curves show of it unless they are asked for another.
_DEFINITION = "rise"


@dataclass(frozen=True, kw_only=True, slots=True)
class Worst:
    """The highest barrier of one run."""

    height: float
    """Nats."""
    alpha: float
    """Where its top is."""
    block: str
    """The series it belongs to; `all` for the whole network."""
    definition: str
    """The barrier's definition."""
    curve: str
    """Name of the curve it was read from."""
    complete: bool = True
    """Whether that curve is complete; else it is a preview."""
    low: float | None = None
    """Lower end of the height's interval in nats, where the curve holds one."""
    high: float | None = None
    """Upper end of it."""
    full: float | None = None
    """The barrier of the whole network in nats, where the curve holds its series."""
    monotone: bool | None = None
    """Whether the loss of the whole network never rises on the way; None where that is open."""


Setting = str | float | bool | tuple[str, ...] | None
"""One value of a configuration."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """One run in a list."""

    id: str
    """The run's id."""
    name: str
    """What the user calls it; empty where they do not."""
    state: str
    """A status, or `damaged`."""
    model: str = ""
    """Name of the model."""
    data: str = ""
    """Name of the data set."""
    optimizer: str = ""
    """Name of the optimizer."""
    kind: str = ""
    """How it came to be."""
    parent: str = ""
    """The id of the run it was made from; empty where there is none."""
    tags: tuple[str, ...] = ()
    """The user's marks."""
    accuracy: float | None = None
    """Test accuracy of the final weights, or None."""
    train_accuracy: float | None = None
    """Their accuracy on training data."""
    test_loss: float | None = None
    """Their loss on test data, in nats."""
    train_loss: float | None = None
    """Their loss on training data, in nats."""
    distance: float | None = None
    """Euclidean distance from the initial to the final parameters."""
    parameters: int | None = None
    """Trainable numbers in the network."""
    worst: Worst | None = None
    """Its highest barrier, or None where no curve tells."""
    created: float | None = None
    """When it was made, in seconds since 1970."""
    epoch: int = 0
    """Epochs that are done."""
    epochs: int = 0
    """Epochs it is to have."""
    error: str = ""
    """Why it failed, diverged or cannot be read."""
    settings: Mapping[str, Setting] = field(default_factory=dict)
    """The configuration, flat: `optimizer.lr` to its value."""

    @property
    def title(self) -> str:
        """The name where there is one, else the id."""
        return self.name or self.id

    def age(self, now: float) -> float | None:
        """Seconds since it was made."""
        return None if self.created is None else now - self.created


def summarise(run: Run, worst: Worst | None = None) -> Summary:
    """Say of one run what a list shows.

    Args:
        run: The run.
        worst: Its highest barrier, see `worst_barrier`.

    Returns:
        Plain data; what the record does not hold, or holds in another shape, is empty.
    """
    record = run.record
    result = record.result.get("final")
    final = result if isinstance(result, dict) else {}
    return Summary(
        id=record.id,
        name=str(record.name or ""),
        state=run.status(),
        model=_named(record.config, "model"),
        data=_named(record.config, "data"),
        optimizer=_named(record.config, "optimizer"),
        kind=record.kind,
        parent=record.parent or "",
        tags=tuple(map(sys.intern, record.tags)),
        accuracy=_number(final.get("test_accuracy")),
        train_accuracy=_number(final.get("train_accuracy")),
        test_loss=_number(final.get("test_loss")),
        train_loss=_number(final.get("train_loss")),
        distance=_number(record.distance_total),
        parameters=int(_number(record.num_parameters) or 0) or None,
        worst=worst,
        created=seconds_of(record.times.get("created")),
        epoch=int(_number(record.epoch) or 0),
        epochs=int(_number(_section(record.config, "training").get("epochs")) or 0),
        error=str(record.error or ""),
        settings=_flat(record.config),
    )


def damaged(name: str, error: str) -> Summary:
    """What a list shows of a folder whose record cannot be read."""
    return Summary(id=name, name="", state="damaged", error=error)


def worst_barrier(folder: Path, run_id: str) -> Worst | None:
    """The highest barrier on the way from a run's initial to its final weights, on test data.

    Args:
        folder: The run's.
        run_id: The run's id.

    Returns:
        That of the most telling curve which has one, or None.
    """
    # Thousands of runs have the usual curve; to look for others costs more than to read it.
    for name in USUAL_NAMES:
        if found := _worst_in(folder / "curves" / f"{name}.json", run_id):
            return found
    for path in most_telling_first(curve_paths(folder)):
        if path.stem not in USUAL_NAMES and (found := _worst_in(path, run_id)):
            return found
    return None


def _worst_in(path: Path, run_id: str) -> Worst | None:
    """The highest barrier in one curve file, if it is on the way of that run's training."""
    try:
        seen = glance(path, "test", _DEFINITION) or _whole(read_curve(path))
    except (LininterpError, OSError):
        return None
    ends = [end for key in ("start", "end") if isinstance(end := seen.head.get(key), dict)]
    wanted = [(run_id, "initial"), (run_id, "final")]
    if not seen.tops or [(end.get("run", run_id), end.get("checkpoint")) for end in ends] != wanted:
        return None
    top = max(seen.tops, key=lambda one: one.height)
    return Worst(
        height=top.height,
        alpha=top.alpha,
        block=WHOLE if top.block is None else sys.intern(str(top.block)),
        definition=_DEFINITION,
        curve=sys.intern(str(seen.head.get("name", path.stem))),
        complete=seen.head.get("complete") is not False,
        low=top.low,
        high=top.high,
        full=next((one.height for one in seen.tops if one.block is None), None),
        monotone=seen.monotone,
    )


def _whole(curve: Curve) -> Glance:
    """The same from a file that had to be read whole."""
    if "test" not in curve.splits:
        return Glance(head={}, tops=(), monotone=None)
    pairs = [(series, curve.barrier(series, "test", _DEFINITION)) for series in curve.series]
    tops = [
        Top(
            block=series.block,
            height=barrier.height,
            alpha=barrier.alpha,
            low=known.low if (known := series.interval("test", _DEFINITION)) else None,
            high=known.high if known else None,
        )
        for series, barrier in pairs
        if barrier is not None
    ]
    whole = next((series for series in curve.series if series.block is None), None)
    return Glance(
        head={"name": curve.name, "complete": curve.complete, "start": curve.start, "end": curve.end},
        tops=tuple(tops),
        monotone=None if whole is None else curve.is_monotone(whole, "test"),
    )


def readable_curves(run: Run) -> list[Curve]:
    """Every curve of a run that can be read, the most telling first."""
    curves = []
    for path in most_telling_first(run.curve_paths()):
        try:
            curves.append(read_curve(path))
        except (LininterpError, OSError):
            continue
    return curves


def worst_words(worst: Worst | None) -> str:
    """The height of a run's highest barrier, after a sign where it comes from a preview; empty where there is none."""
    if worst is None:
        return ""
    return ("" if worst.complete else PREVIEW_SIGN) + number(worst.height)


def glyph(state: str, *, ascii: bool = False) -> str:
    """The sign of a state, one column wide."""
    return GLYPHS.get(state, GLYPHS["damaged"])[ascii]


def seconds_of(moment: object) -> float | None:
    """Seconds since 1970 of an ISO 8601 moment, in UTC where it names no zone; None where it is none."""
    if not isinstance(moment, str):
        return None
    try:
        parsed = datetime.fromisoformat(moment)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _named(config: dict[str, Any], section: str) -> str:
    # Thousands of runs have the same few names; one object for each saves megabytes.
    return sys.intern(str(_section(config, section).get("name", "")))


def _section(config: dict[str, Any], section: str) -> dict[str, Any]:
    part = config.get(section)
    return part if isinstance(part, dict) else {}


def _flat(config: Mapping[str, Any], before: str = "") -> dict[str, Setting]:
    flat: dict[str, Setting] = {}
    for key, value in config.items():
        name = sys.intern(f"{before}{key}")
        if isinstance(value, dict):
            flat |= _flat(value, f"{name}.")
        elif isinstance(value, list):
            flat[name] = tuple(sys.intern(str(one)) for one in value)
        else:
            flat[name] = sys.intern(value) if isinstance(value, str) else value
    return flat


def _number(value: object) -> float | None:
    """A finite number, or None for whatever else a file may hold."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 1e300:
        return None
    return float(value)
