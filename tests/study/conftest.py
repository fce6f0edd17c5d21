"""What the tests of studies share: a file of a tiny study, and ground to work on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from lininterp_cli.landscape.interpolate import Ground
from lininterp_cli.runs.store import Store
from lininterp_cli.study.plan import Study
from lininterp_cli.study.reading import read_study

BASE = """
[base]
data = { name = "digits", train_size = 100 }
model = { name = "mlp", width = 8 }
training = { epochs = 1 }
"""

WALK = """
[[steps]]
interpolate = { alphas = 3, examples = 64 }
"""


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Tiny tensors gain nothing from threads, and subprocesses are to compute as the tests do."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def study_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a study's file: a text after keys at its top, over the tiny base unless it has its own."""

    def write(text: str = WALK, top: str = "", name: str = "tiny") -> Path:
        path = tmp_path / f"{name}.toml"
        path.write_text(f"{top}\n{'' if '[base]' in text else BASE}\n{text}")
        return path

    return write


@pytest.fixture
def study(study_file: Callable[..., Path]) -> Callable[..., Study]:
    """Writes and reads a study."""
    return lambda *args, **keys: read_study(study_file(*args, **keys))


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(store=Store(tmp_path / "runs"), data_folder=tmp_path / "data", device=torch.device("cpu"))
