"""A user's code that fails, ends the program or prints."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lininterp_cli.config.guarded import guarded
from lininterp_cli.errors import ConfigError, DataError

CODE = """
import numpy as np

def plain():
    raise ValueError("first\\nsecond")

def calling():
    return plain()

def within_numpy():
    return np.zeros((2, 3)) @ np.zeros((2, 3))

def bare():
    assert False

def ending():
    raise SystemExit(2)
"""


def functions(folder: Path, code: str) -> dict[str, Any]:
    path, names = folder / "theirs.py", {"np": np}
    path.write_text(code)
    exec(compile(code, str(path), "exec"), names)
    return names


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("plain", r"x failed: ValueError: first \(theirs.py:5\)"),
        ("calling", r"x failed: ValueError: first \(theirs.py:5\)"),
        ("within_numpy", r"x failed: ValueError: .* \(theirs.py:11\)"),
        ("bare", r"x failed: AssertionError \(theirs.py:14\)"),
        ("ending", r"x failed: SystemExit: 2 \(theirs.py:17\); put .* below if __name__ == \"__main__\":"),
    ],
)
def test_an_error_is_a_line_with_the_place_in_the_users_code(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(DataError, match=f"^{words}$"), guarded("x failed", DataError):
        functions(tmp_path, CODE)[name]()


def test_an_error_of_the_tool_and_ctrl_c_are_as_they_are() -> None:
    with pytest.raises(ConfigError, match=r"^as it is$"), guarded("x failed", DataError):
        raise ConfigError("as it is")
    with pytest.raises(KeyboardInterrupt), guarded("x failed"):
        raise KeyboardInterrupt


def test_prints_do_not_reach_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with guarded("x failed"):
        print("loading")
    print("data")
    assert capsys.readouterr() == ("data\n", "loading\n")
