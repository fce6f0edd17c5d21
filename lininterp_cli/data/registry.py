"""DATASETS, the registry of data sets by name, and the function that loads one.

A module of this package that holds a dict `FAMILY` (name to function) adds its entries.  A data set is then
one function `(folder: Path, *, ...) -> Dataset`: `folder` holds its files, its keyword-only arguments are its
hyper-parameters, and listings show the first line of its docstring.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import lininterp_cli.data as package
from lininterp_cli.config.options import collect, look_up, non_default
from lininterp_cli.config.own import call, is_own, short_name
from lininterp_cli.config.seeds import derive
from lininterp_cli.data.dataset import Dataset
from lininterp_cli.data.own import as_dataset
from lininterp_cli.data.seeding import seeded
from lininterp_cli.errors import ConfigError, DataError

DatasetFunction = Callable[..., Dataset]
"""`(folder: Path, *, ...) -> Dataset`."""


def load(name: str, folder: Path, **options: Any) -> Dataset:
    """Load a data set, on the CPU.

    Args:
        name: A name in DATASETS; `imagefolder:PATH`, which looks in PATH instead of `folder`; or `FILE.py:FUNCTION`
            (see `lininterp_cli.config.own` and `as_dataset`).
        folder: The data folder; `~` is the home directory.
        options: Hyper-parameters of the data set.

    Returns:
        Its two splits in memory.

    Raises:
        ConfigError: If another name than `imagefolder` has a path.
        DataError: If the data cannot be loaded, or a user's function raises an error of its own.
    """  # noqa: DOC502 - some are raised below
    function: DatasetFunction = look_up("data set", name, DATASETS)
    checked = non_default("data set", name, options, DATASETS)
    if is_own(name):
        # Every command calls it again, and must get the same examples if they are drawn or split at random.
        with seeded(torch.device("cpu"), derive(0, "own data")):
            given = call(name, "the folder of data sets", DataError, folder.expanduser(), **checked)
        return as_dataset(short_name(name), given)
    kind, colon, path = name.partition(":")
    if colon and (kind != "imagefolder" or not path):
        raise ConfigError(f"data set {name!r}: only imagefolder takes a path, as in imagefolder:pictures/birds")
    return function(Path(path if colon else folder).expanduser(), **checked)


def is_of_files(name: str) -> bool:
    """Whether a data set is read from files of the user, whose content may change under its name.

    Args:
        name: A name as `load` takes it.

    Returns:
        Whether it is; other data sets are computed, or published with their checksums or sizes.
    """
    return is_own(name) or name.partition(":")[0] == "imagefolder"


DATASETS: dict[str, DatasetFunction] = collect(package)
"""Every data set by name."""
