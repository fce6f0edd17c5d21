"""`demo`, `interpolate`, `compare` and the store's commands as a user types them."""

import csv
import io
import json

import pytest


def test_demo_shows_the_curves_the_table_and_what_comes_next(demo):
    _, outcome = demo
    assert outcome.code == 0
    assert max(len(line) for line in outcome.out.splitlines()) <= 80
    for word in ("loss (nats) on test", "rise barrier", "conv1", "layer1", "layer2", "layer3", "fc", "all"):
        assert word in outcome.out
    assert "check: the ends are the run's own stored losses, to 0 nats" in outcome.out
    assert "lininterp tui" in outcome.err


def test_the_printed_document_is_the_file(cli, demo):
    runs, _ = demo
    out = cli("interpolate", "--layer-wise", "--json", "-q", "--runs", runs).out
    (path,) = runs.glob("*/curves/by-block.json")
    assert json.loads(out) == json.loads(path.read_text())
    document = json.loads(out)
    assert len(document["alphas"]) == 50
    assert [series["block"] for series in document["series"]] == [None, "conv1", "layer1", "layer2", "layer3", "fc"]


def test_a_curve_that_is_there_is_not_measured_again(cli, demo):
    outcome = cli("interpolate", "--layer-wise", "--runs", demo[0])
    assert "kept from before" in outcome.err


def test_all_treatments_are_measured_side_by_side(cli, demo):
    words = ["interpolate", "-l", "--bn", "all", "--alphas", "3", "--examples", "100", "--device", "cpu"]
    out = cli(*words, "--runs", demo[0]).out
    for word in ("running", "recalibrate", "batch", "final"):
        assert word in out
    assert "disagree" in out
    assert max(len(line) for line in out.splitlines()) <= 80
    curves = json.loads(cli(*words, "--json", "-q", "--runs", demo[0]).out)
    assert [curve["bn"] for curve in curves] == ["running", "recalibrate", "batch", "final"]


def test_both_splits_are_shown(cli, demo):
    out = cli("interpolate", "--split", "test,train", "--alphas", "3", "--runs", demo[0], "--device", "cpu").out
    assert "on test" in out
    assert "on train" in out


@pytest.mark.parametrize("end", ["random:3", "zero", "@0.5"])
def test_every_kind_of_end_can_be_walked_to(cli, demo, end):
    words = ["interpolate", "--to", end, "--alphas", "3", "--json", "-q", "--device", "cpu"]
    document = json.loads(cli(*words, "--runs", demo[0]).out)
    assert len(document["series"][0]["splits"]["test"]["loss"]) == 3


def test_the_picture_needs_nothing_from_a_server(cli, demo, tmp_path):
    assert cli("interpolate", "-l", "--svg", tmp_path / "curve.svg", "-q", "--runs", demo[0]).code == 0
    drawing = (tmp_path / "curve.svg").read_text()
    assert drawing.startswith("<svg")
    assert "font-face" not in drawing
    assert "layer1" in drawing


def test_compare_prints_one_row_a_run_as_csv(cli, demo):
    rows = list(csv.DictReader(io.StringIO(cli("compare", "--csv", "--runs", demo[0]).out)))
    assert len(rows) >= 1
    assert {"run", "test_accuracy", "distance.fc", "barrier", "barrier.layer1"} <= rows[0].keys()


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
    assert all("config.training.batch_size" not in row for row in rows)


def test_compare_takes_the_same_curve_of_each_run(cli, tmp_path):
    small = ["--epochs", "1", "--width", "4", "--train-size", "100", "--device", "cpu", "-q"]
    cli("train", *small, "--name", "one")
    cli("train", *small, "--name", "two", "--seed", "1")
    for words in (["one", "-l"], ["two", "-l"], ["two", "-l", "--bn", "final"]):
        cli("interpolate", *words, "--alphas", "3", "-q", "--device", "cpu")
    rows = json.loads(cli("compare", "one", "two", "--json").out)
    assert len({row["curve"] for row in rows}) == 1


def test_runs_and_show_and_rm(cli, tmp_path):
    small = ["--epochs", "0", "--width", "4", "--train-size", "100", "--device", "cpu", "-q"]
    cli("train", *small, "--name", "keep", "--tag", "good")
    cli("train", *small, "--name", "drop", "--seed", "1")
    (tmp_path / "runs" / "broken").mkdir()
    (tmp_path / "runs" / "broken" / "run.json").write_text("{")
    listing = cli("runs").out
    for word in ("keep", "drop", "broken", "damaged"):
        assert word in listing
    assert "drop" not in cli("runs", "good").out
    assert "width=4" in cli("show", "keep").out
    assert cli("rm", "drop", "--yes").code == 0
    assert [run["name"] for run in json.loads(cli("runs", "--json").out)] == ["keep"]
