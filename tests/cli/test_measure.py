"""`measure` as a user types it."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NAMES = ("criticality", "gauss-length")
QUICK = {
    "criticality": ["--alphas", "0,1", "--examples", "60", "--draws", "1"],
    "gauss-length": ["--alphas", "3", "--examples", "20"],
}


@pytest.fixture
def runs(demo, tmp_path):
    """A store of one's own with a run."""
    shutil.copytree(demo[0], tmp_path / "runs")
    return tmp_path / "runs"


def _files(folder):
    """All files but locks, which are empty and stay."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.parent.name != "locks"}


@pytest.mark.parametrize("name", NAMES)
def test_help_has_an_example_and_fits_80_columns(cli, name):
    outcome = cli("measure", name, "--help")
    assert outcome.code == 0
    assert "For example:" in outcome.out
    assert f"lininterp measure {name}" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert re.search(r"^\| `measure", readme, flags=re.MULTILINE)


def test_help_imports_nothing_heavy():
    program = (
        "import sys; sys.argv = ['lininterp', 'measure', 'criticality', '--help']\n"
        "from lininterp_cli.cli.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert not set(sys.modules) & {'torch', 'numpy', 'scipy', 'textual'}"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_measured_kept_shown_and_found_again(cli, runs, name):
    outcome = cli("measure", name, *QUICK[name], "--device", "cpu")
    assert outcome.code == 0, outcome.err
    (path,) = runs.glob("*/measures/*.json")
    assert outcome.err.strip() == f"measured: {path.relative_to(runs.parent)}"
    assert max(map(len, outcome.out.splitlines())) <= 80
    again = cli("measure", name, *QUICK[name], "--device", "cpu")
    assert again.out == outcome.out
    assert "kept from before" in again.err
    as_json = cli("measure", name, *QUICK[name], "--json", "-q", "--device", "cpu")
    assert json.loads(as_json.out) == json.loads(path.read_text())
    assert as_json.err == ""
    assert "measured: " in cli("measure", name, *QUICK[name], "--force", "--device", "cpu").err
    heads, *rows = (line.split("\t") for line in cli("measure", name, *QUICK[name], "--plain", "-q").out.splitlines())
    assert all(len(row) == len(heads) for row in rows)
    assert len(rows) == {"criticality": 6, "gauss-length": 1}[name]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["criticality", "--block", "layre1"], 2, "did you mean layer1"),
        (["criticality", "--by", "layer", "--block", "layer1"], 2, "unknown layer"),
        (["criticality", "--epsilon", "1"], 2, "--epsilon is a fraction"),
        (["criticality", "--alphas", "0,2"], 2, "alphas lie in [0, 1]"),
        (["criticality", "--draws", "0"], 2, "draws must be 1 or more"),
        (["criticality", "--examples", "0"], 2, "examples must be 1 or more"),
        (["criticality", "--json", "--plain"], 2, "exclude one another"),
        (["criticality", "--device", "cuda:9"], 2, "not here"),
        (["criticality", "nobody"], 3, "nobody"),
        (["gauss-length", "--split", "valid"], 2, "unknown split 'valid'"),
        (["gauss-length", "--alphas", "0.5"], 2, "two or more"),
        (["gauss-length", "--to", "epoch-7"], 3, "it has: initial, final"),
        (["gauss-length", "--to", "random:x"], 2, "whole number"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_clear_line_and_changes_no_file(cli, demo, words, code, message):
    before = _files(demo[0])
    outcome = cli("measure", *words, "--runs", demo[0])
    assert (outcome.code, outcome.out) == (code, "")
    assert message in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1
    assert _files(demo[0]) == before


def test_where_there_are_no_runs_it_is_said(cli, tmp_path):
    outcome = cli("measure", "criticality")
    assert outcome.code == 3
    assert "there are no runs" in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_a_user_who_stops_it_is_told_what_is_kept(cli, runs, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("lininterp_cli.cli.measure._Progress.went", stop)
    outcome = cli("measure", "gauss-length", *QUICK["gauss-length"], "--device", "cpu")
    assert outcome.code == 130
    assert "nothing was kept" in outcome.err
    assert not list(runs.glob("*/measures"))


def test_what_takes_long_says_how_far_it_is(cli, runs, monkeypatch):
    monkeypatch.setattr("lininterp_cli.cli.measure._SECONDS_BETWEEN_LINES", 0.0)
    outcome = cli("measure", "gauss-length", *QUICK["gauss-length"], "--device", "cpu")
    assert "3/3 derivatives" in outcome.err
