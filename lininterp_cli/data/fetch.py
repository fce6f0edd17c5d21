"""Find, unpack or download, and read the files of any torchvision data set.

A read-only folder is never written to, and a failed download leaves nothing behind.
"""

import os
import shutil
import socket
import sys
import tarfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from numpy.exceptions import VisibleDeprecationWarning

from lininterp_cli.errors import DataError

PATIENCE_SECONDS = 30
"""How long a server may be silent during a download."""

# torchvision checks files with asserts and look-ups, so a broken file can raise almost any exception.
READ_ERRORS = (RuntimeError, ValueError, TypeError, LookupError, AssertionError, EOFError)
DOWNLOAD_ERRORS = (OSError, RuntimeError, HTTPException, tarfile.TarError, EOFError)


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """One file below the data folder."""

    path: str
    """Its path, relative to the data folder."""
    md5: str | None = None
    """Its published checksum; None if there is none."""
    num_bytes: int | None = None
    """Its size, if there is no checksum."""

    def is_in(self, folder: Path) -> bool:
        """Whether a file of that name is in the data folder."""
        return (folder / self.path).is_file()

    def is_intact(self, folder: Path) -> bool:
        """Whether the file is in the data folder and is the one that was published."""
        from torchvision.datasets.utils import check_integrity  # noqa: PLC0415  a second to import

        path = folder / self.path
        fits = path.is_file() and self.num_bytes in (None, path.stat().st_size)
        return fits and bool(check_integrity(path, self.md5))


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A data set of torchvision, and the files that it consists of."""

    name: str
    """The name of the data set, for messages."""
    reader: Any
    """Its class in `torchvision.datasets`."""
    files: tuple[File, ...]
    """The files that the class reads."""
    archives: tuple[File, ...]
    """The published archives, which the class downloads and unpacks."""


def fetch(source: Source, folder: Path) -> tuple[Any, Any]:
    """The training and the test split, from files in the folder or else from the network.

    The files are read where they are; if only their archives are in the folder, these are unpacked into a
    temporary folder; if neither are there, they are downloaded into the folder.

    Args:
        source: Which data set.
        folder: The data folder.

    Returns:
        The torchvision data sets of both splits.

    Raises:
        DataError: If a file is broken, or is not there and cannot be downloaded.
    """
    try:
        if all(file.is_in(folder) for file in source.files):
            return _read(source, folder)
        if all(archive.is_in(folder) for archive in source.archives):
            return _unpack(source, folder)
    except OSError as error:
        raise DataError(f"{source.name} in {folder} cannot be read: {error}") from error
    _download(source, folder)
    return _read(source, folder)


def _read(source: Source, folder: Path) -> tuple[Any, Any]:
    # torchvision verifies checksums; a file without one it would accept even if it is too long.
    _check(source, [file for file in source.files if file.md5 is None], folder)
    try:
        with _quiet():
            train, test = (source.reader(str(folder), train=train) for train in (True, False))
            return train, test
    except READ_ERRORS as error:
        _check(source, source.files, folder)
        reason = str(error) or type(error).__name__  # an assert has no words
        raise DataError(f"{source.name}: a file in {folder} cannot be read: {reason}") from error


def _unpack(source: Source, folder: Path) -> tuple[Any, Any]:
    _check(source, source.archives, folder)
    with TemporaryDirectory(prefix="lininterp-") as staging:
        _copy(source.archives, folder, Path(staging))
        with _quiet():
            source.reader(staging, train=True, download=True)
        return _read(source, Path(staging))


def _check(source: Source, files: Iterable[File], folder: Path) -> None:
    for file in files:
        if not file.is_intact(folder):
            raise DataError(
                f"{source.name}: {folder / file.path} is not the file that was published; "
                f"delete it and it is downloaded again"
            )


def _download(source: Source, folder: Path) -> None:
    """Download into a temporary folder in the data folder, then move, so that no partial file is ever found."""
    created = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{source.name}-", dir=folder) as name, _quiet(), patience():
            staging = Path(name)
            _copy([archive for archive in source.archives if archive.is_intact(folder)], folder, staging)
            source.reader(str(staging), train=True, download=True)
            for path in [path for path in staging.rglob("*") if path.is_file()]:
                target = folder / path.relative_to(staging)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(path, target)
    except DOWNLOAD_ERRORS as error:
        archives = ", ".join(archive.path for archive in source.archives)
        reason = " ".join(str(error).split())
        lacking = [file.path for file in source.files if not file.is_in(folder)]
        part = f"{', '.join(lacking)} of " if len(lacking) < len(source.files) else ""
        raise DataError(
            f"{part}{source.name} is not in {folder} and could not be downloaded ({reason}); "
            f"put {archives} there, packed or unpacked, or name the folder that has them with --data-dir"
        ) from error
    finally:
        for path in created:
            with suppress(OSError):
                path.rmdir()


def _copy(files: Iterable[File], folder: Path, target: Path) -> None:
    for file in files:
        (target / file.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / file.path, target / file.path)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep torchvision's messages off stdout, which is for data, and one of NumPy's warnings off the screen."""
    with warnings.catch_warnings(), redirect_stdout(sys.stderr):
        # The pickles of CIFAR are from Python 2 and give `align` as a number, which NumPy 2.4 complains of.
        warnings.filterwarnings("ignore", message=r"dtype\(\): align", category=VisibleDeprecationWarning)
        yield


@contextmanager
def patience() -> Iterator[None]:
    """Set a socket timeout within this context, since torchvision sets none for its downloads."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
