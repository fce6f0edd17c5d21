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
        place: A folder that is made.
    """
    with as_file(files("lininterp_cli") / "tui" / "demo" / "runs") as packaged:
        shutil.copytree(packaged, place)
    # Installing gives files any age, and the newest curve is shown first: it is to be the one whose name comes first.
    for seconds, path in enumerate(sorted(place.glob("*/curves/*.json"), reverse=True)):
        os.utime(path, (_CREATED + seconds, _CREATED + seconds))


@contextmanager
def demo_store() -> Iterator[Path]:
    """A copy of the store that can be looked at, marked and deleted from; it is removed at the end.

    Yields:
        A folder called `demo`.
    """
    with tempfile.TemporaryDirectory(prefix="lininterp-", ignore_cleanup_errors=True) as temporary:
        place = Path(temporary) / "demo"
        copy_demo(place)
        yield place


_CREATED = 1_700_000_000
