"""Every block's barrier, for people and for pipes."""

import csv
import io
import json

import pytest


def test_plain_csv_and_json_tell_the_same(cli, demo):
    words = ["barriers", "--runs", demo[0], "--sort", "barrier"]
    lines = [line.split("\t") for line in cli(*words, "--plain").out.splitlines()]
    assert lines == list(csv.reader(io.StringIO(cli(*words, "--csv").out)))
    told = json.loads(cli(*words, "--json").out)
    assert lines[0] == list(told["rows"][0])
    assert [line[0] for line in lines[1:]] == [row["block"] for row in told["rows"]]
    heights = [row["barrier"] for row in told["rows"][1:]]
    assert heights == sorted(heights, reverse=True)
    assert told["definition"] == "rise"


def test_they_are_those_of_the_curve_file(cli, demo):
    path = next(demo[0].glob("*/curves/by-block.json"))
    stored = {series["block"] or "all": series for series in json.loads(path.read_text())["series"]}
    for row in json.loads(cli("barriers", "--runs", demo[0], "--barrier", "max", "--json").out)["rows"]:
        series = stored[row["block"]]
        assert row["barrier"] == series["barriers"]["test"]["max"]["height"]
        assert row["distance"] == series["distance"]


def test_a_table_in_the_wanted_order(cli, demo):
    words = ["barriers", "--runs", demo[0], "--sort", "name"]
    names = [line.split("\t")[0] for line in cli(*words, "--plain").out.splitlines()[1:]]
    shown = cli(*words).out
    places = [shown.index(f" {name} ") for name in names]
    assert places == sorted(places)
    assert "0 initial" not in shown, "a map is for terminals"


def test_a_terminal_gets_the_map_too(cli, demo, monkeypatch):
    from lininterp_cli.view import terminal
    from lininterp_cli.view.look import Look

    seen = terminal.Terminal(look=Look(depth="none"), width=80, height=24, interactive=True)
    monkeypatch.setattr(terminal, "detect", lambda *_: seen)
    shown = cli("barriers", "--runs", demo[0], "--per-row").out
    assert "0 initial" in shown
    assert "each row its own scale" in shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--curve", "by-blok"], 2, "did you mean by-block"),
        (["--split", "valid"], 2, "Invalid value for '--split'"),
        (["--threshold", "0"], 2, "--threshold must be a number above 0"),
        (["--threshold", "nan"], 2, "--threshold must be a number above 0"),
        (["--plain", "--json"], 2, "exclude one another"),
        (["nobody"], 3, "nobody"),
    ],
)
def test_mistakes(cli, demo, words, code, message):
    outcome = cli("barriers", *words, "--runs", demo[0])
    assert (outcome.code, outcome.out) == (code, "")
    assert message in outcome.err


def test_a_run_without_curves(cli, demo, tmp_path):
    import shutil

    shutil.copytree(demo[0], tmp_path / "runs")
    shutil.rmtree(next((tmp_path / "runs").glob("*/curves")))
    outcome = cli("barriers", "--runs", tmp_path / "runs")
    assert outcome.code == 3
    assert "--layer-wise" in outcome.err


def test_curves_that_cannot_be_read_are_said(cli, demo, tmp_path):
    import shutil

    shutil.copytree(demo[0], tmp_path / "runs")
    path = next((tmp_path / "runs").glob("*/curves/by-block.json"))
    for other in path.parent.glob("*.json"):
        other.write_text("{")
    for command in ("barriers", "plot"):
        outcome = cli(command, path.parents[1].name, "--runs", tmp_path / "runs")
        assert outcome.code == 3
        assert outcome.err.index("by-block.json is damaged") < outcome.err.index("has no curves")
