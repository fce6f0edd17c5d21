"""The small store that ships with the package: real runs on CIFAR-10, made by `assets/demo.py`; it is never changed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path


def copy_demo(place: Path) -> None:
    """Copy the store.

    Args:
        place: The folder to create.
    """
    with as_file(files("lininterp_cli") / "tui" / "demo" / "runs") as packaged:
        shutil.copytree(packaged, place)
    # Installed files have arbitrary ages; these fix the order of lists by age: the newest curve is the first by name.
    for seconds, path in enumerate(sorted(place.glob("*/curves/*.json"), reverse=True)):
        os.utime(path, (_CREATED + seconds, _CREATED + seconds))


@contextmanager
def demo_store() -> Iterator[Path]:
    """A temporary copy of the store, whose runs can be tagged and deleted; it is removed at the end.

    Yields:
        A folder called `demo`.
    """
    with tempfile.TemporaryDirectory(prefix="lininterp-", ignore_cleanup_errors=True) as temporary:
        place = Path(temporary) / "demo"
        copy_demo(place)
        yield place


_CREATED = 1_700_000_000
