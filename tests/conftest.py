"""What tests of every room share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data(request: pytest.FixtureRequest) -> Path:
    """The folder of real CIFAR-10 and MNIST files; it may be read-only."""
    folder = Path(os.environ.get("LININTERP_TEST_DATA") or request.config.rootpath.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}; LININTERP_TEST_DATA names another folder")
    return folder.resolve()
