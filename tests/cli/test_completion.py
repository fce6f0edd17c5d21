"""What the shell offers after Tab."""

import os
import subprocess
import sys

import pytest

from lininterp_cli.runs.record import Record

OFFER = """
import sys
from lininterp_cli.cli.app import main
try:
    main()
finally:
    assert not {"torch", "numpy"} & set(sys.modules)
"""


@pytest.fixture
def offered(tmp_path):
    """Returns the words that bash offers for the last word of a command line, in a folder with three runs."""
    for place, (name, blocks) in enumerate([("good", ["conv1", "fc"]), ("two words", ["fc1", "fc2"]), (None, [])]):
        Record(
            id=f"mlp-{place}", name=name, status="finished", config={}, distance=dict.fromkeys(blocks, 1.0),
            times={"created": f"2026-01-0{place + 1}T00:00:00+00:00"},
        ).write(tmp_path / "elsewhere" / f"mlp-{place}" / "run.json")  # fmt: skip

    def offer(*words):
        environ = os.environ | {
            "COMP_WORDS": " ".join(("lininterp", *words)), "COMP_CWORD": str(len(words)),
            "_LININTERP_COMPLETE": "complete_bash", "PYTHONPATH": os.pathsep.join(sys.path),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", OFFER], capture_output=True, text=True, check=True, cwd=tmp_path, env=environ
        )
        assert done.stderr == ""
        return done.stdout.split()

    return offer


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["show", "--runs", "elsewhere", ""], ["good", "mlp-2", "mlp-1", "mlp-0"]),
        (["rm", "--runs", "elsewhere", "mlp-1"], ["mlp-1"]),
        (["compare", "--runs", "elsewhere", "good", "mlp-2"], ["mlp-2"]),
        (["train", "--runs", "elsewhere", "--resume", "g"], ["good"]),
        (["show", "mlp"], []),
        (["interpolate", "--runs", "elsewhere", "good", "--block", ""], ["conv1", "fc"]),
        (["reset-block", "mlp-1", "--runs", "elsewhere", "--all-but", "fc2"], ["fc2"]),
        (["plot", "nothing", "--runs", "elsewhere", "--block", ""], []),
        (["train", "--preset", "mlp"], ["mlp-mnist", "mlp-spiral"]),
        (["study", "report", "weight"], ["weight-decay"]),
    ],
)
def test_words_that_are_there_are_offered(offered, words, expected):
    assert offered(*words) == expected
