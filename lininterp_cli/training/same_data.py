"""Decides whether data are those of a run, a curve or a measure, by hashes of the examples and labels.

A data set may change under its name: pictures are added to a folder, labels are corrected, a user's function finds
other files in another data folder.
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from lininterp_cli.config.own import is_own
from lininterp_cli.config.run import RunConfig
from lininterp_cli.data.dataset import Dataset
from lininterp_cli.data.registry import is_of_files
from lininterp_cli.errors import DataError
from lininterp_cli.runs.run import Run
from lininterp_cli.training import recipe


def hashes_of(dataset: Dataset, data_name: str) -> dict[str, str]:
    """Hash the examples and labels of each split of a data set.

    Outcomes on test data depend on both splits, since inputs are normalised by the training split's statistics.

    Args:
        dataset: The data set.
        data_name: The name it was loaded by; a user's function may choose other statistics, which are hashed then.

    Returns:
        Split to its hash, hexadecimal SHA-256, and `normalisation` to that of the statistics if they are hashed.
    """
    hashes = {"test": dataset.test.fingerprint(), "train": dataset.train.fingerprint()}
    if is_own(data_name):
        numbers = torch.cat([dataset.mean, dataset.std]).cpu().numpy()
        hashes["normalisation"] = hashlib.sha256(numbers.tobytes()).hexdigest()
    return hashes


def is_of(known: Mapping[str, str], hashes: Mapping[str, str]) -> bool:
    """Whether what was trained or measured on some data is of the data of some hashes.

    Args:
        known: The hashes that its file states.
        hashes: The hashes of the data at hand.

    Returns:
        Whether the hashes agree; those that its file does not state, as in older versions, are not compared.
    """
    return all(hashes.get(name) == value for name, value in known.items())


def is_unchanged(run: Run, config: RunConfig, dataset: Dataset) -> bool:
    """Whether a run was made with a data set as it is now.

    Args:
        run: The run.
        config: Its resolved configuration.
        dataset: Its data set as it is now.

    Returns:
        Whether it was; True for data that are not read from a user's files, which are fixed by their name, and for the
        record of an older version, which has no hashes.
    """
    if not is_of_files(config.data.name):
        return True
    return is_of(run.record.data, hashes_of(dataset, config.data.name))


def data_now(kept: str, config: RunConfig, data_folder: Path, told: Callable[[str], None]) -> Dataset | None:
    """The data set of something that is kept, as it is now.

    Args:
        kept: The name of the run, the curve or the measure.
        config: The resolved configuration of its run.
        data_folder: The folder of the data sets.
        told: Called with a message if the data cannot be loaded.

    Returns:
        The data set; None if it cannot be loaded.
    """
    try:
        return recipe.load_dataset(config, data_folder)
    except DataError as error:
        told(f"{kept} is kept, but whether it is of the data as they are now is not known: {error}")
        return None


def is_kept(run: Run, config: RunConfig, data_folder: Path, told: Callable[[str], None]) -> bool:
    """Whether a finished run is still valid, as its data are now; these are loaded only if they can have changed.

    Args:
        run: The run.
        config: Its resolved configuration.
        data_folder: The folder of the data sets.
        told: Called with a message if the data cannot be loaded.

    Returns:
        Whether it was made with its data as they are now, see `is_unchanged`, or these cannot be loaded.
    """
    if not run.record.data or not is_of_files(config.data.name):
        return True
    dataset = data_now(run.id, config, data_folder, told)
    return dataset is None or is_unchanged(run, config, dataset)
