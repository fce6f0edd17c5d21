"""The store that ships with the package is small, whole, and says nothing of the machine it was made on."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lininterp_cli
from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.runs.record import read_record
from lininterp_cli.tui.demo_store import demo_store
from lininterp_cli.tui.model import Catalog
from lininterp_cli.tui.reader import Reader

PACKAGED = Path(lininterp_cli.__file__).parent / "tui" / "demo" / "runs"
FILES = sorted(path for path in PACKAGED.rglob("*") if path.is_file())


def test_it_is_small_and_holds_only_what_a_person_can_read():
    assert sum(path.stat().st_size for path in FILES) < 500_000
    assert {path.name if path.parent.name != "curves" else "curve" for path in FILES} == {
        "run.json", "metrics.jsonl", "curve",
    }  # fmt: skip
    assert {path.suffix for path in FILES} == {".json", ".jsonl"}


def test_it_tells_nothing_of_the_machine():
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'"[^"]*(?<![\w.])/(?:[\w.-]+/)', text), path
        for line in text.splitlines():
            content = json.loads(line)
            assert set(content.get("environment", {})) <= {"lininterp", "python", "torch", "device"}, path


def test_every_file_reads_without_damage():
    with demo_store() as folder:
        *_, snapshot = Catalog(folder).scan()
        assert snapshot.complete
        states = [entry.summary.state for entry in snapshot.entries]
        details = [Reader().detail(entry) for entry in snapshot.entries]
    assert not folder.exists()
    assert set(states) == {"finished", "diverged"}
    assert len(states) >= 16
    for detail in details:
        assert detail.problems == ()
        assert detail.rows
        assert bool(detail.curves) == (detail.entry.summary.state == "finished")


def test_a_curve_ends_where_the_run_did():
    """With all digits but the sixth: the endpoints of a curve over the whole split are the run's own figures."""
    for path in PACKAGED.glob("*/run.json"):
        record = read_record(path)
        for file in path.parent.glob("curves/by-block-*.json"):
            curve = read_curve(file)
            values = {series.block: series.splits["test"] for series in curve.series}
            ends = {round(value.loss[-1], 4) for value in values.values()}
            # Every block's line ends at the final weights.
            assert len(ends) == 1, file
            assert abs(ends.pop() - record.result["final"]["test_loss"]) < 0.2, file


def test_the_curves_by_block_come_first():
    with demo_store() as folder:
        *_, snapshot = Catalog(folder).scan()
        details = [Reader().detail(entry) for entry in snapshot.entries]
    several = [detail for detail in details if len(detail.curves) > 1]
    assert several
    for detail in several:
        assert detail.curves[0].name.startswith("by-block-1000")


@pytest.mark.slow
def test_the_wheel_has_it(tmp_path):
    """Built as an installer does it, with the tool of the build."""
    pytest.importorskip("hatchling")
    program = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    root = Path(lininterp_cli.__file__).parents[1]
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=root, check=True, env=dict(os.environ))
    import zipfile

    (wheel,) = tmp_path.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if "/demo/" in name}
    assert names == {str(path.relative_to(root)) for path in FILES}
