"""The studies that come with the package: each can be computed, and in small each is run to its report."""

import json
import subprocess
import sys

import pytest

from lininterp_cli.runs.store import Store
from lininterp_cli.study.estimate import SIZES, size_of
from lininterp_cli.study.reading import find_study, shipped
from lininterp_cli.study.running import check_all
from lininterp_cli.training import recipe


@pytest.mark.parametrize("name", shipped())
def test_every_cell_can_be_computed(name, tmp_path):
    study = find_study(name)
    for one in (study, study.shrunk()):
        check_all(one, one.cells(), size_of, Store(tmp_path))


@pytest.mark.parametrize("name", shipped())
def test_in_small_it_is_small_and_has_every_step(name):
    study = find_study(name)
    small = study.shrunk()

    def kinds(steps):
        return [(step.kind, kinds(step.steps)) for step in steps]

    assert kinds(small.steps) == kinds(study.steps)
    assert {cell.group for cell in small.cells()} == {cell.group for cell in study.cells()}
    for cell in small.cells():
        config = recipe.resolve(cell.config)
        assert config.training.epochs <= 5, cell.label
        assert config.data.name in SIZES or config.data.name == "spiral"
        if config.init != "imagenet":  # those weights have one width
            assert config.model.options.get("width", 0) <= 64, cell.label


@pytest.fixture
def whole(tmp_path, monkeypatch):
    """Runs a study in small by the command line, and looks whether all of it is in the report."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def lininterp(*words):
        done = subprocess.run([sys.executable, "-m", "lininterp_cli", *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(name, *where):
        small = (name, "--smoke", "--runs", str(tmp_path / "runs"))
        lininterp("study", "run", *small, *where, "--jobs", "1", "--device", "cpu")
        report = json.loads(lininterp("study", "report", *small, "--json"))
        study = find_study(name).shrunk()
        assert report["cells"] == {"done": len(study.cells()), "running": 0, "failed": 0, "damaged": 0, "waiting": 0}
        assert {state for row in report["rows"] for state in row["states"]} == {"finished"}
        assert {row["figures"]["test_accuracy"]["num"] for row in report["rows"]} == {len(study.seeds)}

    return run


@pytest.mark.slow
@pytest.mark.parametrize("name", ["weight-decay", "partial-pretraining", "barrier-start"])
def test_in_small_it_runs_to_its_report(name, whole):
    whole(name)


@pytest.mark.slow
def test_in_small_it_runs_on_real_cifar10(whole, real_data):
    whole("base", "--data-dir", str(real_data))
