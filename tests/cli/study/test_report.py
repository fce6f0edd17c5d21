"""`study report` as a user types it, over the packaged runs on CIFAR-10."""

import csv
import io
import json

import pytest

from lininterp_cli.runs.store import Store
from lininterp_cli.study.outcomes import Made, Outcome, outcome_path, write_outcome
from lininterp_cli.study.reading import read_study
from lininterp_cli.tui.demo_store import copy_demo

DECAYS = {0.0005: "wd0.0005", 0.01: "wd0.01"}

STUDY = """
about = "Does weight decay shape the line?"
seeds = 3
[base]
data = { name = "cifar10", train_size = 4000 }
[grid]
"optimizer.weight_decay" = [5e-4, 1e-2]
[[steps]]
interpolate = { by = "block" }
[targets]
"optimizer.weight_decay=0.0005" = 0.44
[smoke]
seeds = 1
"""


@pytest.fixture
def study(tmp_path):
    """A study of which all but the last cell is done, by runs that are there."""
    copy_demo(tmp_path / "runs")
    (tmp_path / "decay.toml").write_text(STUDY)
    found, store = read_study(tmp_path / "decay.toml"), Store(tmp_path / "runs")
    for cell in found.cells()[:-1]:
        start = f"resnet18-w8-cifar10-n4000-momentum-{DECAYS[cell.config.optimizer.options['weight_decay']]}"
        run = store.find(f"{start}-s{cell.config.seed}")
        curves = tuple(path.stem for path in run.curve_paths() if path.stem.startswith("by-block-1000"))
        made = Made(step="", run=run.id, status="finished", curves=curves)
        write_outcome(
            outcome_path(store.folder, found, cell), Outcome(label=cell.label, host="h", seconds=1.0, made=(made,))
        )
    return tmp_path / "decay.toml"


@pytest.fixture
def run(cli, study, tmp_path):
    def invoke(*words, reference=None):
        return cli("study", "report", reference or study, "--runs", tmp_path / "runs", *words)

    return invoke


def test_the_report_fits_a_terminal_and_says_how_much_there_is(run):
    out = run().out
    assert "5 of 6 cells are done, 1 waiting; 5 of 6 runs are finished" in out
    assert "Over 5 runs, barrier (rise) against test accuracy: rho =" in out
    assert "44.00" in out
    assert max(map(len, out.splitlines())) <= 80


def test_rows_are_csv_and_plain(run):
    every = list(csv.DictReader(io.StringIO(run("--csv").out)))
    rows = [row for row in every if not row["block"]]
    blocks = [row for row in every if row["block"]]
    assert [row["block"] for row in blocks] == 2 * ["conv1", "layer1", "layer2", "layer3", "layer4", "fc"]
    assert {(row["line"], row["by"], row["barrier_rise_runs"] in {"2", "3"}) for row in blocks} == {
        ("initial to final", "block", True)
    }
    assert all(float(row["cost_low"]) <= float(row["cost"]) <= float(row["cost_high"]) for row in blocks)
    assert [row["label"] for row in rows] == ["optimizer.weight_decay=0.0005", "optimizer.weight_decay=0.01"]
    assert float(rows[0]["test_accuracy"]) == pytest.approx((0.4319 + 0.4387 + 0.4357) / 3)
    assert float(rows[0]["difference"]) == pytest.approx(float(rows[0]["test_accuracy"]) - 0.44)
    heads, *plain = [line.split("\t") for line in run("--plain").out.splitlines()]
    assert [dict(zip(heads, line, strict=True)) for line in plain] == every


def test_json_is_one_object(run):
    found = json.loads(run("--json", "--barrier", "chord").out)
    assert found["schema"] == 1
    assert found["cells"] == {"done": 5, "running": 0, "failed": 0, "damaged": 0, "waiting": 1}
    assert found["rows"][0]["figures"]["test_accuracy"]["num"] == 3
    assert "barrier (chord)" in found["sentences"][0]
    assert {one["block"] for one in found["sensitivities"]} >= {"conv1", "layer1", "fc"}


def test_latex_is_a_table(run):
    out = run("--latex").out
    assert out.startswith(r"% needs \usepackage{booktabs}")
    assert out.rstrip().endswith(r"\end{table}")


def test_the_page_is_written_and_nothing_shown(run, tmp_path):
    found = run("--html", str(tmp_path / "page.html"))
    assert (found.out, "wrote" in found.err) == ("", True)
    assert (tmp_path / "page.html").read_text().count("<svg") == 4


def test_the_small_form_is_another_study(run):
    found = json.loads(run("--smoke", "--json").out)
    assert (found["name"], sum(found["cells"].values())) == ("decay-smoke", 2)
    assert "lininterp study run" in run("--smoke").err


def test_what_was_not_measured_is_said(run):
    assert "not measured on train" in " ".join(run("--split", "train").out.split())


def test_one_form_at_a_time(run):
    for words in (["--csv", "--json"], ["--latex", "--json"]):
        found = run(*words)
        assert (found.code, found.out) == (2, "")
        assert "exclude one another" in found.err


def test_a_study_that_is_not_there(run):
    assert run(reference="no-such-study").code == 3
