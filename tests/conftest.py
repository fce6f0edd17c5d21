"""What tests of every room share."""

import os
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
