"""A curve for people, as a picture, and for pipes."""

import csv
import io
import json
import shutil

import pytest


def test_plain_csv_and_json_tell_the_same_as_the_file(cli, demo):
    words = ["plot", "--runs", demo[0]]
    lines = [line.split("\t") for line in cli(*words, "--plain").out.splitlines()]
    assert lines == list(csv.reader(io.StringIO(cli(*words, "--csv").out)))
    told = json.loads(cli(*words, "--json").out)
    assert lines[0] == list(told["rows"][0])
    assert [[row["series"], str(row["alpha"])] for row in told["rows"]] == [line[:2] for line in lines[1:]]
    stored = json.loads(next(demo[0].glob("*/curves/by-block.json")).read_text())["series"]
    losses = [loss for series in stored for loss in series["splits"]["test"]["loss"]]
    assert [row["loss"] for row in told["rows"]] == losses
    assert told["complete"] is True


def test_a_plot_of_chosen_blocks(cli, demo):
    name = json.loads(next(demo[0].glob("*/curves/by-block.json")).read_text())["series"][1]["block"]
    out = cli("plot", "--runs", demo[0], "--block", "all", "--block", name, "--metric", "error", "--height", "16").out
    rows = out.splitlines()
    assert rows[0].startswith("error on test")
    assert rows[-1].split() == ["*", "all", "a", name]
    assert len(rows) <= 16
    assert max(map(len, rows)) <= 80
    assert "chance" in out


def test_a_picture(cli, demo, tmp_path):
    outcome = cli("plot", "--runs", demo[0], "--band", "--svg", "curve.svg")
    drawing = (tmp_path / "curve.svg").read_text()
    assert drawing.startswith("<svg")
    assert "initial" in drawing
    assert outcome.out == ""
    assert "wrote curve.svg" in outcome.err


def test_legs_are_one_curve_after_the_other(cli, demo, tmp_path):
    shutil.copytree(demo[0], tmp_path / "runs")
    path = next((tmp_path / "runs").glob("*/curves/by-block.json"))
    back = json.loads(path.read_text())
    first = back["series"][0]
    back |= {"name": "back", "start": back["end"], "end": {"random": 4}, "series": [first]}
    for values in first["splits"].values():
        values["loss"].reverse()
    (path.parent / "back.json").write_text(json.dumps(back))
    told = json.loads(cli("plot", "--legs", "--split", "test", "--json").out)
    assert told["curves"] == ["by-block", "back"]
    losses = {name: [row["loss"] for row in told["rows"] if row["series"] == name] for name in ("random:4",)}
    assert losses["random:4"] == first["splits"]["test"]["loss"]
    out = cli("plot", "--legs").out
    assert "initial - final - random" in out.splitlines()[0]
    assert out.splitlines()[-1].split()[-1] == "random:4"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--curve", "by-blok"], 2, "did you mean by-block"),
        (["--split", "valid"], 2, "unknown split 'valid'"),
        (["--block", "nothing"], 2, "unknown block 'nothing'"),
        (["--plain", "--json"], 2, "exclude one another"),
        (["--legs", "--block", "all"], 2, "leave --curve and --block out"),
        (["--svg", "x.png"], 2, "ends in .svg, not x.png"),
        (["--svg", "."], 2, "ends in .svg, not ."),
        (["--svg", "nowhere/x.svg"], 2, "there is no folder nowhere"),
        (["--legs"], 3, "--from final --to random:1"),
        (["nobody"], 3, "nobody"),
    ],
)
def test_mistakes_are_explained(cli, demo, words, code, message):
    outcome = cli("plot", *words, "--runs", demo[0])
    assert outcome.code == code
    assert message in outcome.err


@pytest.mark.parametrize(
    ("command", "split"),
    [("plot", "train"), ("plot", "test,train"), ("plot", "both"), ("barriers", "train"), ("compare", "train")],
)
def test_a_split_that_was_not_measured_is_no_mistake_but_advice(cli, demo, tmp_path, command, split):
    shutil.copytree(demo[0], tmp_path / "runs")
    for path in (tmp_path / "runs").glob("*/curves/*.json"):
        if "train" in json.loads(path.read_text())["series"][0]["splits"]:
            path.unlink()
    outcome = cli(command, "--split", split)
    # A comparison is of more than curves.
    assert (outcome.code, outcome.out == "") == ((0, False) if command == "compare" else (3, True))
    assert "not measured on train; the same curve on both: lininterp interpolate" in outcome.err
    assert "--split test,train" in outcome.err
