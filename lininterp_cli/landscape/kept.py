"""Whether what was measured before still answers: by its ends and by the data it was measured on.

A data set may change under its name: pictures are added to a folder, labels are corrected.  Nothing here measures.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lininterp_cli.data.dataset import Dataset
from lininterp_cli.errors import StoreError
from lininterp_cli.landscape.curve import Curve
from lininterp_cli.landscape.curve_reader import read_curve
from lininterp_cli.landscape.measures import Measure
from lininterp_cli.landscape.question import SPLITS, Question
from lininterp_cli.training.endpoints import Endpoint


def kept_curve(path: Path, start: Endpoint, end: Endpoint) -> Curve | None:
    """The curve in a file, if it is the whole curve between these ends.

    Args:
        path: Where the answer to a question is kept.
        start: The endpoint at alpha 0.
        end: The endpoint at alpha 1.

    Returns:
        The curve; None where there is none, or one that still grows, is damaged, or is of other weights.
    """
    try:
        curve = read_curve(path)
    except (FileNotFoundError, StoreError):
        return None
    same: bool = (dict(curve.start), dict(curve.end)) == (start.description, end.description)
    return curve if same and curve.complete else None


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
    """Whether a curve or a measure was measured on data that have these hashes.

    Args:
        known: The curve or the measure.
        hashes: As `hashes_of` gives them.

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
