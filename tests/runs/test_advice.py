"""Advised commands can be pasted into a shell."""

import shlex
from pathlib import Path

import pytest

from lininterp_cli.runs.advice import command


@pytest.mark.parametrize("folder", ["elsewhere", "my runs", "/a/$HOME/it's"])
def test_a_command_names_the_folder_of_the_runs(folder):
    line = command(Path(folder), "interpolate", "a run")
    assert shlex.split(line) == ["lininterp", "interpolate", "a run", "--runs", folder]


@pytest.mark.parametrize("folder", ["runs", "./runs", "runs/"])
def test_the_folder_that_is_taken_anyway_is_not_named(folder):
    assert command(Path(folder), "runs") == "lininterp runs"
