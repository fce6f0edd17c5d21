"""The summary of one run in lists, as plain data for both front ends; no file but the record is read."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lininterp_cli.config.own import short_name
from lininterp_cli.runs.files import real
from lininterp_cli.runs.run import Run
from lininterp_cli.view.curves.extent import PREVIEW_SIGN
from lininterp_cli.view.text import number

GLYPHS = {
    "running": ("●", "*"),
    "finished": ("✓", "+"),
    "interrupted": ("○", "o"),
    "failed": ("✗", "x"),
    "diverged": ("≈", "!"),
    "damaged": ("?", "?"),
}
"""State to its sign and its sign in ASCII."""

WHOLE = "all"
"""The name of the whole network among the blocks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Worst:
    """The highest barrier of one run."""

    height: float
    """Height in nats."""
    alpha: float
    """Position of its top."""
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
    """Whether the loss of the whole network never rises along the path; None if undecided."""


Setting = str | float | bool | tuple[str, ...] | None
"""One value of a configuration."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """One run in a list."""

    id: str
    """The run's id."""
    name: str
    """The name that the user gave it; empty if there is none."""
    state: str
    """A status, or `damaged`."""
    model: str = ""
    """Name of the model."""
    data: str = ""
    """Name of the data set."""
    optimizer: str = ""
    """Name of the optimizer."""
    kind: str = ""
    """How it was made: `train`, `reset-block` or `import`."""
    parent: str = ""
    """The id of the run it was made from; empty where there is none."""
    tags: tuple[str, ...] = ()
    """Its tags."""
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
    """Number of trainable parameters."""
    worst: Worst | None = None
    """Its highest barrier, or None if no curve has one."""
    created: float | None = None
    """When it was made, in seconds since 1970."""
    epoch: int = 0
    """Finished epochs."""
    epochs: int = 0
    """Planned epochs."""
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
    """Summarise one run for lists.

    Args:
        run: The run.
        worst: Its highest barrier, see `run_curves.worst_barrier`.

    Returns:
        Plain data; a value that the record lacks, or holds in another form, is empty.
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
        accuracy=real(final.get("test_accuracy")),
        train_accuracy=real(final.get("train_accuracy")),
        test_loss=real(final.get("test_loss")),
        train_loss=real(final.get("train_loss")),
        distance=real(record.distance_total),
        parameters=int(real(record.num_parameters) or 0) or None,
        worst=worst,
        created=seconds_of(record.times.get("created")),
        epoch=int(real(record.epoch) or 0),
        epochs=int(real(_section(record.config, "training").get("epochs")) or 0),
        error=str(record.error or ""),
        settings=_flat(record.config),
    )


def damaged(name: str, error: str) -> Summary:
    """The summary of a folder whose record cannot be read."""
    return Summary(id=name, name="", state="damaged", error=error)


def worst_words(worst: Worst | None) -> str:
    """The height of a run's highest barrier, after a sign where it comes from a preview; empty where there is none."""
    if worst is None:
        return ""
    return ("" if worst.complete else PREVIEW_SIGN) + number(worst.height)


def glyph(state: str, *, ascii: bool = False) -> str:
    """The sign of a state, one column wide."""
    return GLYPHS.get(state, GLYPHS["damaged"])[ascii]


def seconds_of(moment: object) -> float | None:
    """Seconds since 1970 of an ISO 8601 time, UTC if it has no zone; None for any other value."""
    if not isinstance(moment, str):
        return None
    try:
        parsed = datetime.fromisoformat(moment)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _named(config: dict[str, Any], section: str) -> str:
    # Thousands of runs have the same few names; one object for each saves megabytes.
    return sys.intern(short_name(str(_section(config, section).get("name", ""))))


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
