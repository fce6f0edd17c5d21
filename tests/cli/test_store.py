"""`runs`, `show` and `rm` as a user types them."""

import json


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
