"""A request for a run: its configuration, labels and place, and how they change the record of an existing run."""

from dataclasses import dataclass
from pathlib import Path

import torch

from lininterp_cli.config.run import RunConfig
from lininterp_cli.errors import ConfigError
from lininterp_cli.runs.advice import command
from lininterp_cli.runs.record import Kind
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A requested run, and how to make it."""

    config: RunConfig
    """Its configuration."""
    store: Store
    """The store to keep it in."""
    data_folder: Path
    """The folder of data sets."""
    device: torch.device
    """The device to compute on."""
    name: str | None = None
    """The user's name for it."""
    tags: tuple[str, ...] = ()
    """The user's tags."""
    save_at: tuple[int, ...] = ()
    """Epochs to keep a checkpoint of, besides the first and the last."""
    force: bool = False
    """Train anew even if the run exists."""
    kind: Kind = "train"
    """The way it is made."""
    parent: str | None = None
    """The id of the run it is made from."""


def relabel(run: Run, request: Request) -> bool:
    """Update a run's name, tags and epochs to keep from a request.

    Args:
        run: An existing run; its record is changed but not written.
        request: The request.

    Returns:
        Whether the record has changed.

    Raises:
        ConfigError: If a requested epoch is already past and was not kept.
    """
    record = run.record
    at_end = record.status in ("finished", "diverged")
    lost = {epoch for epoch in request.save_at if at_end or epoch <= record.epoch} - {0, *record.save_at}
    if at_end:
        lost.discard(record.epoch)
    if lost:
        epochs = ", ".join(map(str, sorted(lost)))
        raise ConfigError(
            f"{run.id} is {run.status()} and kept no epoch {epochs}; train it anew with --force, or delete it first: "
            f"{command(run.folder.parent, 'rm', run.id)}"
        )
    before = (record.name, record.tags, record.save_at)
    record.name = request.name or record.name
    record.tags = list(dict.fromkeys([*record.tags, *request.tags]))
    if not at_end:
        record.save_at = sorted({*record.save_at, *request.save_at})
    return before != (record.name, record.tags, record.save_at)
