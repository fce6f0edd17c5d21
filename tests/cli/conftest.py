"""The real command line, in this process: what it prints and how it ends."""

import contextlib
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lininterp_cli.cli.app import main


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]


def invoke(*words: str | Path) -> Outcome:
    out, err = io.StringIO(), io.StringIO()
    before = sys.argv
    sys.argv = ["lininterp", *map(str, words)]
    code = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    finally:
        sys.argv = before
    return Outcome(code, out.getvalue(), err.getvalue())


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("LININTERP_RUNS", raising=False)
    monkeypatch.delenv("LININTERP_DATA", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def cli() -> Cli:
    return invoke


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """A store with one run and its curve by block, as `lininterp demo` leaves it, and what the demo printed."""
    runs = tmp_path_factory.mktemp("demo") / "runs"
    return runs, invoke("demo", "--device", "cpu", "--runs", runs)
