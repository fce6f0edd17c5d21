"""What tests of every room share."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Other work on the machine may hold a test up for any time; what is slow is seen in `pytest --durations`.
settings.register_profile("lininterp", deadline=None)
settings.load_profile("lininterp")


@pytest.fixture(scope="session")
def real_data(request: pytest.FixtureRequest) -> Path:
    """The folder of real CIFAR-10 and MNIST files; it may be read-only."""
    folder = Path(os.environ.get("LININTERP_TEST_DATA") or request.config.rootpath.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}; LININTERP_TEST_DATA names another folder")
    return folder.resolve()


@pytest.fixture(autouse=True)
def own_modules_forgotten() -> Iterator[None]:
    """Forget modules from temporary folders after each test: a program keeps what it has imported, and where from."""
    modules, folders = set(sys.modules), list(sys.path)
    yield
    sys.path[:] = folders
    for name in set(sys.modules) - modules:
        file = getattr(sys.modules[name], "__file__", None)
        if file is not None and "pytest-of-" in file:
            del sys.modules[name]
