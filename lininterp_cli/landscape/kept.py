"""Whether what was measured before still answers: by its ends, its data, and the code of a network of one's own.

A data set may change under its name: pictures are added to a folder, labels are corrected.  So may a function in a
user's file.  Nothing here measures.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from lininterp_cli.config.own import code_of, has_changed, short_name
from lininterp_cli.config.run import RunConfig
from lininterp_cli.data.dataset import Dataset
from lininterp_cli.errors import DataError, StoreError
from lininterp_cli.landscape.curve import Curve
from lininterp_cli.landscape.curve_reader import read_curve
from lininterp_cli.landscape.measures import Measure, read_measure
from lininterp_cli.landscape.question import SPLITS, Question
from lininterp_cli.training import recipe
from lininterp_cli.training.endpoints import Endpoint

_K = TypeVar("_K", bound=Curve | Measure)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A data set as it is now."""

    dataset: Dataset
    """The data, on the CPU."""
    hashes: Mapping[str, str]
    """As `hashes_of` gives them, and under `model` what the file of a network of one's own holds."""


def kept_curve(path: Path, start: Endpoint, end: Endpoint) -> Curve | None:
    """The curve in a file, if it is the whole curve between these ends.

    Args:
        path: Where the answer to a question is kept.
        start: The endpoint at alpha 0.
        end: The endpoint at alpha 1.

    Returns:
        The curve; None where there is none, or one that still grows, is damaged, or is of other weights.
    """
    curve = _kept(lambda: read_curve(path), start, end)
    return curve if curve is not None and curve.complete else None


def kept_measure(path: Path, kind: type[_K], start: Endpoint, end: Endpoint) -> _K | None:
    """The measure in a file, if it is of a kind and between these ends.

    Args:
        path: Where the measure is kept.
        kind: What it must be.
        start: The endpoint at alpha 0.
        end: The endpoint at alpha 1.

    Returns:
        The measure; None where there is none, or one that is damaged, of another kind, or of other weights.
    """
    measure = _kept(lambda: read_measure(path), start, end)
    return measure if isinstance(measure, kind) else None


def kept_or_data(kept: _K | None, config: RunConfig, data_folder: Path, told: Callable[[str], None]) -> _K | Loaded:
    """What is kept, if it still answers, or else the data to measure on.

    Args:
        kept: What is kept of the same ends, if anything.
        config: The configuration of the run that it is of.
        data_folder: Where data sets are kept.
        told: Told where the network's code is not what it was, and where nothing can be known of the data.

    Returns:
        What is kept, if it was measured by the network's code as it is now and on the data as they are now, or these
        cannot be loaded; else the data.

    Raises:
        DataError: If the data cannot be loaded and nothing is kept.
    """
    name = config.model.name
    if has_changed(name):
        told(f"{short_name(name)} is not what it was when the run was made; the network is what the file says now")
    code = code_of(name)
    if kept is not None and kept.data and kept.data.get("model") != code:
        kept = None
    try:
        dataset = recipe.load_dataset(config, data_folder)
    except DataError as error:
        if kept is None:
            raise
        told(f"{kept.name} is kept, but whether it is of the data as they are now is not known: {error}")
        return kept
    hashes = hashes_of(dataset) | ({} if code is None else {"model": code})
    return kept if kept is not None and is_of(kept, hashes) else Loaded(dataset, hashes)


def hashes_of(dataset: Dataset) -> dict[str, str]:
    """What a data set holds: split to a hash of every example and label.

    Both splits decide any outcome, since inputs are normalised by the training split's statistics.

    Args:
        dataset: The data set.

    Returns:
        The hashes, hexadecimal SHA-256.
    """
    return {split: getattr(dataset, split).fingerprint() for split in SPLITS}


def is_of(known: Curve | Measure, hashes: Mapping[str, str]) -> bool:
    """Whether a curve or a measure was measured on data, and by code, that have these hashes.

    Args:
        known: The curve or the measure.
        hashes: As `Loaded` has them.

    Returns:
        Whether; True where its file does not say, as those of older versions do not.
    """
    return not known.data or dict(known.data) == dict(hashes)


def line_identity(curve: Curve, question: Question) -> dict[str, Any]:
    """Everything that decides an example's outcome besides what moves, alpha and the example.

    Args:
        curve: The answer to the question, with or without its measurements.
        question: The question.

    Returns:
        Plain data.
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
