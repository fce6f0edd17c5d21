"""What a list says of one run, as plain data for both front ends; it reads curve files but draws nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lininterp_cli.errors import LininterpError
from lininterp_cli.landscape.curve import Curve
from lininterp_cli.landscape.curve_reader import most_telling_first, read_curve
from lininterp_cli.runs.store import Run
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
    accuracy: float | None = None
    """Test accuracy of the final weights, or None."""
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
    final = record.result.get("final")
    return Summary(
        id=record.id,
        name=str(record.name or ""),
        state=run.status(),
        model=_named(record.config, "model"),
        data=_named(record.config, "data"),
        optimizer=_named(record.config, "optimizer"),
        accuracy=_number(final.get("test_accuracy")) if isinstance(final, dict) else None,
        worst=worst,
        created=seconds_of(record.times.get("created")),
        epoch=int(_number(record.epoch) or 0),
        epochs=int(_number(_section(record.config, "training").get("epochs")) or 0),
        error=str(record.error or ""),
    )


def damaged(name: str, error: str) -> Summary:
    """What a list shows of a folder whose record cannot be read."""
    return Summary(id=name, name="", state="damaged", error=error)


def worst_barrier(run: Run, read: Callable[[Path], Curve] = read_curve) -> Worst | None:
    """The highest barrier on the way from a run's initial to its final weights, on test data.

    Args:
        run: The run.
        read: Reads a curve file; given by callers that keep what they have read.

    Returns:
        That of the most telling curve which has one, or None.
    """
    for path in most_telling_first(run.curve_paths()):
        try:
            curve = read(path)
        except (LininterpError, OSError):
            continue
        ends = [(end.get("run", run.id), end.get("checkpoint")) for end in (curve.start, curve.end)]
        if ends != [(run.id, "initial"), (run.id, "final")] or "test" not in curve.splits:
            continue
        definition = curve.default_definition
        found = curve.worst("test", definition)
        if found is not None:
            series, barrier = found
            return Worst(
                height=barrier.height,
                alpha=barrier.alpha,
                block=series.label,
                definition=definition,
                curve=curve.name,
                complete=curve.complete,
            )
    return None


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
    return str(_section(config, section).get("name", ""))


def _section(config: dict[str, Any], section: str) -> dict[str, Any]:
    part = config.get(section)
    return part if isinstance(part, dict) else {}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
