"""Decides whether a stored curve or measure is still valid, by its endpoints, data and the code of a user's network.

A data set may change under its name: pictures are added to a folder, labels are corrected.  So may a function in a
user's file.  Nothing is measured here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from lininterp_cli.config.own import code_of, has_changed, short_name
from lininterp_cli.config.run import RunConfig
from lininterp_cli.data.dataset import Dataset
from lininterp_cli.errors import StoreError
from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.landscape.curves.measures import Measure, read_measure
from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.landscape.question import Question
from lininterp_cli.training import recipe
from lininterp_cli.training.endpoints import Endpoint
from lininterp_cli.training.same_data import data_now, hashes_of, is_of

_K = TypeVar("_K", bound=Curve | Measure)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A data set as loaded just now, and its hashes."""

    dataset: Dataset
    """The data, on the CPU."""
    hashes: Mapping[str, str]
    """As `hashes_of` returns them, and under `model` a hash of the user's code that defines the network, if any."""


def kept_curve(path: Path, start: Endpoint, end: Endpoint) -> Curve | None:
    """The curve in a file, if it is complete and between these endpoints.

    Args:
        path: The file.
        start: The endpoint at alpha 0.
        end: The endpoint at alpha 1.

    Returns:
        The curve; None if there is none, or it still grows, is damaged, or is of other weights.
    """
    curve = _kept(lambda: read_curve(path), start, end)
    return curve if curve is not None and curve.complete else None


def kept_measure(path: Path, kind: type[_K], start: Endpoint, end: Endpoint) -> _K | None:
    """The measure in a file, if it is of one kind and between these endpoints.

    Args:
        path: The file.
        kind: The class it must have.
        start: The endpoint at alpha 0.
        end: The endpoint at alpha 1.

    Returns:
        The measure; None if there is none, or it is damaged, of another kind, or of other weights.
    """
    measure = _kept(lambda: read_measure(path), start, end)
    return measure if isinstance(measure, kind) else None


def kept_or_data(kept: _K | None, config: RunConfig, data_folder: Path, told: Callable[[str], None]) -> _K | Loaded:
    """The stored curve or measure, if it is still valid, or else the data to measure on.

    Args:
        kept: The stored curve or measure between the same endpoints, or None.
        config: The configuration of its run.
        data_folder: The folder of the data sets.
        told: Called with a message if the network's code has changed, or if the data cannot be checked.

    Returns:
        The stored curve or measure, if it was measured with the network's present code, and on the present data or
        these cannot be loaded; else the data.

    Raises:
        DataError: If the data cannot be loaded and nothing valid is stored.
    """  # noqa: DOC502 - raised below
    name = config.model.name
    if has_changed(name):
        told(f"{short_name(name)} is not what it was when the run was made; the network is what the file says now")
    code = code_of(name)
    if kept is not None and kept.data and kept.data.get("model") != code:
        kept = None
    if kept is None:
        dataset = recipe.load_dataset(config, data_folder)
    elif (present := data_now(kept.name, config, data_folder, told)) is None:
        return kept
    else:
        dataset = present
    hashes = hashes_of(dataset, config.data.name) | ({} if code is None else {"model": code})
    return kept if kept is not None and is_of(kept.data, hashes) else Loaded(dataset, hashes)


def line_identity(curve: Curve, question: Question) -> dict[str, Any]:
    """Everything that an example's outcome depends on besides the block that moves, alpha and the example.

    Args:
        curve: The question's curve, with or without its measurements.
        question: The question.

    Returns:
        The values that identify the line, as plain data.
    """
    same = ("start", "end", "path", "rest", "bn", "dtype", "order_seed", "bn_examples", "environment")
    known = {key: getattr(curve, key) for key in same}
    if question.own_batch_size is not None:
        known |= {"batch_size": question.own_batch_size, "num_examples": question.num_examples}
    return known | {"data": dict(curve.data)}


def _kept(read: Callable[[], _K], start: Endpoint, end: Endpoint) -> _K | None:
    try:
        found = read()
    except (FileNotFoundError, StoreError):
        return None
    return found if (dict(found.start), dict(found.end)) == (start.description, end.description) else None
