"""`compare` as a user types it."""

import csv
import io
import json

import pytest
from scipy import stats

from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.runs.record import Record


def test_compare_prints_one_row_a_run_as_csv(cli, demo):
    rows = list(csv.DictReader(io.StringIO(cli("compare", "--csv", "--runs", demo[0]).out)))
    assert len(rows) >= 1
    assert {"run", "test_accuracy", "distance.fc", "curve", "complete", "barrier", "barrier.layer1"} <= rows[0].keys()


def test_compare_shows_only_settings_that_differ(cli, tmp_path):
    small = ["--epochs", "1", "--width", "4", "--train-size", "100", "--device", "cpu", "-q"]
    cli("train", *small, "--name", "one")
    cli("train", *small, "--name", "two", "--seed", "1", "--lr", "0.05")
    for name in ("one", "two"):
        cli("interpolate", name, "-l", "--alphas", "3", "-q", "--device", "cpu")
    out = cli("compare", "one", "two").out
    assert "optimizer.lr" in out
    assert "batch_size" not in out
    assert max(len(line) for line in out.splitlines()) <= 80
    rows = json.loads(cli("compare", "one", "two", "--json", "--sort", "config.seed").out)
    assert [row["config.seed"] for row in rows] == [0, 1]
    by = {
        name: cli("compare", "one", "two", "--csv", "--sort", name).out for name in ("accuracy", "acc", "test_accuracy")
    }
    assert by["accuracy"] == by["acc"] == by["test_accuracy"] != ""
    assert all("config.training.batch_size" not in row for row in rows)


def test_compare_takes_the_same_curve_of_each_run(cli, tmp_path):
    small = ["--epochs", "1", "--width", "4", "--train-size", "100", "--device", "cpu", "-q"]
    cli("train", *small, "--name", "one")
    cli("train", *small, "--name", "two", "--seed", "1")
    for words in (["one", "-l"], ["two", "-l"], ["two", "-l", "--bn", "final"]):
        cli("interpolate", *words, "--alphas", "3", "-q", "--device", "cpu")
    rows = json.loads(cli("compare", "one", "two", "--json").out)
    assert len({row["curve"] for row in rows}) == 1


def test_runs_without_a_curve_in_common_are_compared_on_the_whole_path(cli, tmp_path):
    small = ["--epochs", "1", "--width", "4", "--train-size", "100", "--device", "cpu", "-q"]
    cli("train", *small, "--name", "one")
    cli("train", *small, "--name", "two", "--seed", "1")
    cli("interpolate", "one", "-l", "-q", "--device", "cpu")
    cli("interpolate", "two", "-q", "--device", "cpu")
    rows = json.loads(cli("compare", "one", "two", "--json").out)
    assert [row["curve"] for row in rows] == ["by-block", "full"]
    assert all(row["barrier"] is not None for row in rows)
    assert cli("compare", "one", "two", "--curve", "by-blok").code == 2


def test_a_named_curve_without_the_split_says_how_to_measure_it(cli, tmp_path):
    cli("train", "--epochs", "0", "--width", "4", "--train-size", "100", "--device", "cpu", "-q", "--name", "one")
    cli("interpolate", "one", "--alphas", "3", "--split", "train", "--device", "cpu", "-q")
    assert [cli("compare", "--curve", "full", "--split", split).code for split in ("train", "test")] == [0, 3]
    way = "lininterp interpolate RUN ... --split train,test"
    assert f" is not measured on test; the same curve on both: {way}" in cli("compare", "--curve", "full").err
    assert cli("compare", "--curve", "ful1").code == 2


@pytest.fixture
def study(tmp_path):
    """Five finished runs whose barriers and accuracies are known, a sixth without a curve, and one that diverged."""
    heights = [0.1, 0.4, 0.2, 0.5, 0.3, None]
    for at, height in enumerate(heights):
        write_run(tmp_path / "runs", f"run-{at}", height, accuracy=0.9 - 0.1 * at)
    write_run(tmp_path / "runs", "lost", 9.0, accuracy=0.1, status="diverged")
    return heights


def write_run(folder, run_id, height, accuracy, status="finished"):
    config = {
        "data": {"name": "digits"},
        "model": {"name": "mlp"},
        "optimizer": {"name": "sgd", "lr": accuracy},
        "training": {"epochs": 4000.0 if height == 0.1 else 10},
    }
    final = {"test_accuracy": accuracy}
    record = Record(
        id=run_id, config=config, status=status, times={"created": "2026-01-02T03:04:05+00:00"}, result={"final": final}
    )
    record.write(folder / run_id / "run.json")
    if height is None:
        return
    values = Values(
        num_examples=9, loss=(1.0, 1.0 + height, 0.1), loss_stderr=(0.0,) * 3, accuracy=(0.1, 0.1, accuracy)
    )
    series = Series(block=None, tensors=(), distance=1.0, alphas=(0.0, 0.5, 1.0), splits={"test": values})
    ends = [{"run": run_id, "checkpoint": name} for name in ("initial", "final")]
    curve = Curve(
        name="full", run=run_id, start=ends[0], end=ends[1], by="full", rest="final", bn="running", dtype="float32",
        batch_size=9, series=(series,),
    )  # fmt: skip
    curve.write(folder / run_id / "curves" / "full.json")


def test_a_scatter_is_drawn_with_what_its_ranks_say(cli, study):
    found = cli("compare", "--scatter", "barrier,accuracy")
    assert found.code == 0
    lines = found.out.splitlines()
    assert lines[0] == "accuracy (fraction) against barrier (nats)"
    assert max(map(len, lines)) <= 80
    assert "; it cannot be told from 0" in " ".join(lines)
    assert "1 run without both measures left out" in found.out


def test_a_scatter_as_json_holds_numbers_and_scipys_ranks(cli, study):
    found = json.loads(cli("compare", "--scatter", "barrier,accuracy", "--json").out)
    by_id = {row["run"]: row for row in found["runs"]}
    assert {name: row["barrier"] for name, row in by_id.items()} == {
        f"run-{at}": None if height is None else pytest.approx(height) for at, height in enumerate(study)
    }
    known = [(height, 0.9 - 0.1 * at) for at, height in enumerate(study) if height is not None]
    ranks = found["ranks"]
    assert ranks["num_pairs"] == len(known)
    assert ranks["rho"] == pytest.approx(stats.spearmanr(*zip(*known, strict=True)).statistic)
    assert ranks["tau"] == pytest.approx(stats.kendalltau(*zip(*known, strict=True)).statistic)
    assert ranks["low"] < ranks["rho"] < ranks["high"]


def test_a_scatter_as_rows(cli, study):
    rows = list(csv.DictReader(io.StringIO(cli("compare", "--scatter", "barrier,lr", "--csv").out)))
    assert len(rows) == 6
    found = sorted(float(row["barrier"]) for row in rows if row["barrier"])
    assert found == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    plain = cli("compare", "run-0", "run-3", "--scatter", "barrier,lr", "--plain").out.splitlines()
    assert [line.split("\t")[0] for line in plain] == ["run", "run-0", "run-3"]
    assert plain[0].endswith("barrier\tlr")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--scatter", "barrier"], "two measures"),
        (["--scatter", "barrier,colour"], "no run has a number called 'colour'"),
        (["--scatter", "barrier,accuracy", "--csv", "--json"], "--csv and --json exclude one another"),
        (["--plain", "--json"], "--plain and --json exclude one another"),
        (["--scatter", "barrier,accuracy", "--sort", "test_accuracy"], "--sort cannot be given with --scatter"),
        (
            ["--scatter", "barrier,accuracy", "--split", "train", "--barrier", "max"],
            "--split and --barrier cannot be given with --scatter",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(cli, study, words, message):
    found = cli("compare", *words)
    assert found.code == 2
    assert found.out == ""
    assert message in " ".join(found.err.split())


def test_plain_rows_are_those_of_csv(cli, study):
    plain = [line.split("\t") for line in cli("compare", "--plain").out.splitlines()]
    assert plain == list(csv.reader(io.StringIO(cli("compare", "--csv").out)))
    assert len(plain) == 7


def test_side_by_side_settings_are_short(cli, study):
    out = cli("compare", "run-0", "run-1", "run-2").out
    rows = [line.split() for line in out.splitlines()]
    assert ["training.epochs", "4000", "10", "10"] in rows
    assert ["optimizer.lr", "0.9", "0.8", "0.7"] in rows


def test_no_run_to_compare_is_said(cli, tmp_path):
    assert cli("compare", "--scatter", "barrier,accuracy", "--runs", tmp_path / "none").code == 3
    assert cli("compare", "nobody").code == 3
