"""`compare` as a user types it."""

import csv
import io
import json


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
