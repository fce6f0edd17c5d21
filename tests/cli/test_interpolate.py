"""`interpolate` as a user types it."""

import json
import shutil

import pytest


def test_the_printed_document_is_the_file(cli, demo):
    runs, _ = demo
    out = cli("interpolate", "--layer-wise", "--json", "-q", "--runs", runs).out
    (path,) = runs.glob("*/curves/by-block.json")
    assert json.loads(out) == json.loads(path.read_text())
    document = json.loads(out)
    assert [len(series["alphas"]) for series in document["series"]] == [50] * 6
    assert document["complete"] is True
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


@pytest.mark.parametrize("both", ["test,train", "both"])
def test_both_splits_are_shown(cli, demo, both):
    out = cli("interpolate", "--split", both, "--alphas", "3", "--runs", demo[0], "--device", "cpu").out
    assert "on test" in out
    assert "on train" in out


@pytest.mark.parametrize("end", ["random:3", "noise:3", "direction:3", "zero", "@0.5"])
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


def test_placed_points_and_as_many_examples_as_needed(cli, demo):
    words = ["interpolate", "-l", "--alphas", "adaptive:12", "--precision", "1", "--device", "cpu", "--runs", demo[0]]
    document = json.loads(cli(*words, "--json", "-q").out)
    assert document["asked"] == {"alphas": "adaptive:12", "tolerance": 0.02, "precision": 1.0, "metric": "loss"}
    assert len({tuple(series["alphas"]) for series in document["series"]}) > 1
    assert {series["splits"]["test"]["num_examples"] for series in document["series"]} == {256}
    out = cli(*words).out
    assert "first 256 of 360 examples" in out
    assert max(len(line) for line in out.splitlines()) <= 80


def test_what_is_not_as_precise_as_asked_is_said(cli, demo):
    words = ["interpolate", "-l", "--alphas", "11", "--precision", "0.001", "--device", "cpu", "--runs", demo[0]]
    out = cli(*words).out
    assert "not within 0.001 after all 360 examples: layer1 (±" in out
    assert "not within 0.001 after all 300 examples: layer1 (±" in cli(*words, "--examples", "300").out
    assert "not within" not in cli("interpolate", "--alphas", "11", "--runs", demo[0], "--device", "cpu").out


def test_where_the_points_are_spent_before_the_curve_is_known_it_is_said(cli, demo):
    words = ["interpolate", "-l", "--alphas", "adaptive:11", "--device", "cpu", "--runs", demo[0], "--tolerance"]
    out = cli(*words, "1e-9").out
    assert "not within 1e-09 between the 11 points allowed:" in out
    assert "(±" in out.partition("points allowed:")[2]
    assert "points allowed" not in cli(*words, "100").out


def test_the_accuracy_has_barriers_of_its_own(cli, demo):
    out = cli("interpolate", "-l", "--metric", "accuracy", "--runs", demo[0]).out
    assert "accuracy on test" in out
    assert "percentage points" in out
    both = cli("interpolate", "--bn", "all", "--alphas", "3", "--metric", "accuracy", "--runs", demo[0]).out
    assert "percentage points" in both


def test_beyond_the_ends(cli, demo):
    words = ["interpolate", "--alphas=-0.5:1:0.5", "--extrapolate", "--device", "cpu", "--runs", demo[0]]
    assert "barriers count alpha 0 to 1 only" in cli(*words).out


def test_devices_share_the_work(cli, demo):
    words = ["interpolate", "--alphas", "4", "--json", "-q", "--runs", demo[0]]
    one = json.loads(cli(*words, "--device", "cpu").out)
    several = json.loads(cli(*words, "--devices", "cpu,cpu", "--memory", "64M", "--force").out)
    assert several["series"] == one["series"]


@pytest.mark.parametrize(("shift", "words"), [(5e-4, "check: the ends are the run's own"), (0.8, "NOT"), (2e-3, "NOT")])
def test_ends_that_are_not_the_stored_losses_are_warned_of(cli, demo, tmp_path, shift, words):
    shutil.copytree(demo[0], tmp_path / "runs")
    (path,) = (tmp_path / "runs").glob("*/run.json")
    record = json.loads(path.read_text())
    record["result"]["initial"]["test_loss"] += shift
    path.write_text(json.dumps(record))
    out = " ".join(cli("interpolate", "-l", "--runs", tmp_path / "runs").out.split())
    assert words in out
    assert ("check: the ends are" in out) == (shift < 1e-3)
    assert ("0.8 nats off" in out) == (shift == 0.8)


def test_a_layer_among_blocks_says_by_what_it_moves(cli, demo):
    outcome = cli("interpolate", "--block", "layer1.0.conv1", "--runs", demo[0])
    assert outcome.code == 2
    assert "'layer1.0.conv1' is no block, but a layer: add --by layer" in outcome.err


def test_the_whole_network_among_blocks_is_always_measured(cli, demo):
    outcome = cli("interpolate", "--block", "all", "--runs", demo[0])
    assert outcome.code == 2
    assert "'all' is no block: the path of the whole network is always measured; " in outcome.err
    assert "(all: conv1, layer1, layer2, layer3, fc)" in " ".join(outcome.err.split())
