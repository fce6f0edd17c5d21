"""What the tests of the training room share: small requests, and listeners that say nothing or stop a run."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from lininterp_cli.config.presets import configure
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store
from lininterp_cli.training.request import Request
from lininterp_cli.training.train import train

SPIRAL = {
    "data": {"name": "spiral", "num_train": 90, "num_test": 40},
    "model": {"name": "mlp", "width": 6},
    "optimizer": {"name": "momentum"},
    "training": {"epochs": 3, "batch_size": 32},
}


class Silent:
    """Hears everything and does nothing."""

    def started(self, run: Run, epoch: int) -> None:
        pass

    def stepped(self, epoch: int, done: int, total: int) -> None:
        pass

    def measured(self, row: dict[str, Any]) -> None:
        pass

    def told(self, words: str) -> None:
        pass


class Stopping(Silent):
    """Presses Ctrl-C in a step of an epoch."""

    def __init__(self, epoch: int, step: int) -> None:
        self._moment = (epoch, step)

    def stepped(self, epoch: int, done: int, total: int) -> None:
        if (epoch, done) == self._moment:
            raise KeyboardInterrupt


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Tiny tensors gain nothing from threads, and subprocesses are to compute as the tests do."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def silent() -> Silent:
    return Silent()


@pytest.fixture
def stopping() -> type[Stopping]:
    return Stopping


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "runs")


@pytest.fixture
def want(tmp_path: Path) -> Callable[..., Request]:
    """Makes a request: settings over a small recipe, and the request's own fields; `runs` names the store's folder."""

    def make(settings: dict[str, Any] | None = None, runs: str = "runs", **fields: Any) -> Request:
        return Request(
            config=configure(SPIRAL, settings or {}),
            store=Store(tmp_path / runs),
            data_folder=tmp_path / "data",
            device=torch.device("cpu"),
            **fields,
        )

    return make


@pytest.fixture
def trained(want: Callable[..., Request], silent: Silent) -> Callable[..., Run]:
    """Makes a request and trains it."""
    return lambda *args, **fields: train(want(*args, **fields), silent)
