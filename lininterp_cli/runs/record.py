"""The record of a run, `run.json`; its format is stable, since other programs read it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from lininterp_cli.errors import StoreError
from lininterp_cli.runs.files import finite, read_json, write_json

SCHEMA = 1

STUDY_TAG = "study:"
"""Prefix of the tag that a study puts on its runs; the study's name follows."""

Status = Literal["running", "finished", "interrupted", "failed", "diverged"]
Kind = Literal["train", "reset-block", "import"]


@dataclass(kw_only=True, slots=True)
class Record:
    """The content of a run's `run.json`: everything known of the run without opening its weights."""

    id: str
    """The run's id, which is also its folder's name."""
    config: dict[str, Any]
    """Every setting of the run, including defaults; of an imported run, only the data and the model."""
    digest: str = ""
    """SHA-256 of the settings that are not default (and of an import's sources); its first six digits end the id."""
    name: str | None = None
    """The user's name for it."""
    kind: Kind = "train"
    """The way it was made."""
    parent: str | None = None
    """The id of the run it was made from."""
    folder: str | None = None
    """The folder that the files of its own code were named from; None for a run without any, and in older records."""
    data: dict[str, str] = field(default_factory=dict)
    """Split to a hash of the examples and labels it was made with, as in a curve's file; empty in older records."""
    sources: dict[str, Any] = field(default_factory=dict)
    """`initial` and `final`: the origins of an imported run's weights, with hashes; empty for other kinds."""
    status: Status = "running"
    """Its status when written; see `Run.status` for the present one."""
    error: str | None = None
    """The reason why it failed or diverged, in one line."""
    tags: list[str] = field(default_factory=list)
    """The user's tags, and those of studies."""
    save_at: list[int] = field(default_factory=list)
    """The epochs whose checkpoints are kept, besides the first and the last."""
    environment: dict[str, Any] = field(default_factory=dict)
    """Versions and device with which the run was computed."""
    times: dict[str, Any] = field(default_factory=dict)
    """`created` and `finished` in UTC (ISO 8601), `seconds` of training and evaluation."""
    num_parameters: int = 0
    """Number of the network's parameters, tied ones counted once."""
    num_classes: int = 0
    """Number of classes; its natural logarithm is the loss of guessing."""
    epoch: int = 0
    """Number of epochs done."""
    result: dict[str, dict[str, float | None]] = field(default_factory=dict)
    """`initial` and `final`: train_loss, train_accuracy, test_loss, test_accuracy (nats, fractions)."""
    distance: dict[str, float | None] = field(default_factory=dict)
    """Block to the Euclidean distance its parameters moved from initial to final."""
    distance_total: float | None = None
    """The same over all parameters."""
    initial_norm: dict[str, float | None] = field(default_factory=dict)
    """Block to the Euclidean norm of its initial parameters; empty in older records, which lack it."""
    initial_norm_total: float | None = None
    """The same over all parameters."""

    def to_dict(self) -> dict[str, Any]:
        """The record as its file holds it; metrics, distances and norms that are not finite become None."""
        content = asdict(self)
        for metrics in content["result"].values():
            metrics |= {key: finite(value) for key, value in metrics.items()}
        for key in ("distance", "initial_norm"):
            content[key] = {block: finite(value) for block, value in content[key].items()}
            content[f"{key}_total"] = finite(content[f"{key}_total"])
        return {"schema": SCHEMA} | content

    def write(self, path: Path) -> None:
        """Write the record atomically.

        Args:
            path: The file.
        """
        write_json(path, self.to_dict())


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _is_count(value: object) -> bool:
    return type(value) is int


def _is_metric(value: object) -> bool:
    return value is None or type(value) in (int, float)


def _are_metrics(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_metric, value.values()))


_NAMES = tuple(item.name for item in fields(Record))

_SOUND: dict[str, Callable[[object], bool]] = {
    "id": lambda value: isinstance(value, str) and value not in ("", ".", "..") and "/" not in value,
    "config": _is_table,
    "digest": _is_text,
    "name": _is_text_or_none,
    "kind": lambda value: value in get_args(Kind),
    "parent": _is_text_or_none,
    "folder": _is_text_or_none,
    "data": lambda value: isinstance(value, dict) and all(map(_is_text, value.values())),
    "sources": _is_table,
    "status": lambda value: value in get_args(Status),
    "error": _is_text_or_none,
    "tags": lambda value: isinstance(value, list) and all(map(_is_text, value)),
    "save_at": lambda value: isinstance(value, list) and all(map(_is_count, value)),
    "environment": _is_table,
    "times": _is_table,
    "num_parameters": _is_count,
    "num_classes": _is_count,
    "epoch": _is_count,
    "result": lambda value: isinstance(value, dict) and all(map(_are_metrics, value.values())),
    "distance": _are_metrics,
    "distance_total": _is_metric,
    "initial_norm": _are_metrics,
    "initial_norm_total": _is_metric,
}
"""Field to the check that a value from a file is valid for it."""


def read_record(path: Path) -> Record:
    """Read a `run.json`.

    Keys that this program does not know are ignored; missing keys have their defaults.

    Args:
        path: The file.

    Returns:
        The record.

    Raises:
        StoreError: If the file is damaged, foreign or newer than this program.
    """
    content = read_json(path, SCHEMA)
    known = {name: content[name] for name in _NAMES if name in content}
    for key, value in known.items():
        if not _SOUND[key](value):
            raise StoreError(f"{path} is damaged: {key} is {value!r}")
    if "id" not in known or "config" not in known:
        raise StoreError(f"{path} is damaged: it names no run")
    return Record(**known)
