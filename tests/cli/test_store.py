"""`runs`, `show` and `rm` as a user types them."""

import csv
import json
import shutil

import pytest

from lininterp_cli.runs.record import Record


@pytest.fixture
def folder(tmp_path):
    """Two configurations with two seeds each, and a folder that cannot be read."""
    for place, (lr, seed) in enumerate([(0.1, 0), (0.1, 1), (0.02, 0), (0.02, 1)]):
        Record(
            id=f"mlp-{place}", name="tab\there" if place == 3 else None, status="finished", tags=["wide"] * (place % 2),
            config={"model": {"name": "mlp"}, "optimizer": {"name": "sgd", "lr": lr}, "seed": seed},
            times={"created": f"2026-01-0{place + 1}T00:00:00+00:00"},
            result={"final": {"test_accuracy": 0.9 + place / 100}},
        ).write(tmp_path / "runs" / f"mlp-{place}" / "run.json")  # fmt: skip
    (tmp_path / "runs" / "broken").mkdir()
    (tmp_path / "runs" / "broken" / "run.json").write_text("{")
    return tmp_path / "runs"


def ids(outcome):
    assert outcome.code == 0, outcome.err
    return [run["id"] for run in json.loads(outcome.out)]


def plain(outcome):
    assert outcome.code == 0, outcome.err
    heads, *rows = [line.split("\t") for line in outcome.out.splitlines()]
    return [dict(zip(heads, row, strict=True)) for row in rows]


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
    assert "broken/run.json is damaged" in cli("show", "broken").err
    assert "--yes" in cli("rm", "broken").err
    assert (tmp_path / "runs" / "broken").exists()
    assert "deleted broken" in cli("rm", "broken", "--yes").err
    assert not (tmp_path / "runs" / "broken").exists()
    (tmp_path / "runs" / "far").symlink_to(tmp_path / "runs" / "far")
    assert "far" in cli("runs").out
    (kept,) = json.loads(cli("runs", "--json").out)
    (tmp_path / "runs" / kept["id"]).rename(tmp_path / "elsewhere")
    (tmp_path / "runs" / kept["id"]).symlink_to(tmp_path / "elsewhere")
    assert f"{tmp_path / 'elsewhere'}, stays" in cli("rm", "keep", "--yes").err
    assert (tmp_path / "elsewhere" / "run.json").exists()
    assert json.loads(cli("runs", "--json").out) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], [3, 2, 1, 0]),
        (["opt.lr>=0.1"], [1, 0]),
        (["opt.lr>=0.1", "tag:wide"], [1]),
        (["opt.lr>=0.1 tag:wide | accuracy>92.5%"], [3, 1]),
        (["--", "-tag:wide"], [2, 0]),
        (["--sort", "accuracy", "--reverse"], [0, 1, 2, 3]),
        (["--sort", "optimizer.lr"], [1, 0, 3, 2]),
        (["model:resnet*"], []),
    ],
)
def test_filters_and_orders(cli, folder, words, expected):
    assert ids(cli("runs", "--json", "--runs", folder, *words)) == [f"mlp-{place}" for place in expected]


def test_plain_is_one_line_a_run_with_nothing_left_out(cli, folder):
    rows = plain(cli("runs", "--plain", "--sort", "optimizer.lr", "--runs", folder))
    assert [row["id"] for row in rows] == ["mlp-1", "mlp-0", "mlp-3", "mlp-2", "broken"]
    assert [row["optimizer.lr"] for row in rows] == ["0.1", "0.1", "0.02", "0.02", ""]
    assert rows[0]["accuracy"] == "0.9100"
    assert rows[-1]["state"] == "damaged"
    # A tab in a name would begin another column.
    assert rows[2]["name"] == r"tab\x09here"


def test_a_copy_of_a_run_is_deleted_by_its_folder(cli, folder):
    shutil.copytree(folder / "mlp-1", folder / "copy of mlp-1")
    assert "deleted copy of mlp-1 with" in cli("rm", "copy of mlp-1", "--yes", "--runs", folder).err
    assert (folder / "mlp-1").exists()
    assert not (folder / "copy of mlp-1").exists()


def test_csv_has_the_cells_of_plain(cli, folder):
    for words in ([], ["--group-by", "optimizer.lr"], ["model:resnet*"]):
        outcome = cli("runs", "--csv", "--runs", folder, *words)
        assert outcome.code == 0, outcome.err
        # Only the tab in a name is written in another way.
        cells = [[cell.replace("\t", r"\x09") for cell in row] for row in csv.reader(outcome.out.splitlines())]
        assert cells == [line.split("\t") for line in cli("runs", "--plain", "--runs", folder, *words).out.splitlines()]
        assert len(cells) > 1 or "no runs in" in outcome.err


def test_groups_with_mean_and_spread(cli, folder):
    words = ["runs", "--group-by", "configuration", "--runs", folder, "tag:wide | model:mlp"]
    found = json.loads(cli(*words, "--json").out)
    assert [(one["runs"], one["seeds"]) for one in found] == [(2, 2), (2, 2)]
    assert [one["accuracy"] for one in found] == pytest.approx([0.925, 0.905])
    # Two values 0.01 apart have the standard deviation 0.01 / sqrt(2) with n - 1.
    assert [one["accuracy_sd"] for one in found] == pytest.approx([0.01 / 2**0.5] * 2)
    assert found[0]["barrier"] is None
    # What a group is called by is a filter that finds its runs.
    assert ids(cli("runs", "--json", "--runs", folder, found[1]["query"])) == ["mlp-1", "mlp-0"]
    rows = plain(cli(*words, "--plain"))
    assert [row["group"] for row in rows] == ["lr=0.02", "lr=0.1"]
    shown = cli(*words).out
    assert "lr=0.02" in shown
    assert "0.9250" in shown


def test_runs_from_several_seeds_are_a_group_also_where_a_filter_leaves_those_out(cli, folder):
    for place in range(4):
        config = {"reset": {"run": f"mlp-{place}", "blocks": ["fc1"], "to": "random"}, "seed": place % 2}
        Record(id=f"again-{place}", kind="reset-block", config=config).write(folder / f"again-{place}" / "run.json")
    words = ["runs", "--group-by", "configuration", "--json", "--runs", folder, "kind:reset-block"]
    found = json.loads(cli(*words).out)
    assert [(one["runs"], one["seeds"]) for one in found] == [(2, 2), (2, 2)]
    members = [set(ids(cli("runs", "--json", "--runs", folder, one["query"]))) for one in found]
    assert sorted(map(sorted, members)) == [["again-0", "again-1"], ["again-2", "again-3"]]


@pytest.mark.parametrize("words", [["nosuch:1"], ["--sort", "nosuch"], ["--group-by", "nosuch"], ["lr>many"], ["("]])
def test_what_means_nothing_is_refused(cli, folder, words):
    outcome = cli("runs", "--runs", folder, *words)
    assert outcome.code == 2
    assert outcome.out == ""
    assert "nosuch" in outcome.err or "filter, character" in outcome.err


def test_nothing_that_fits_is_said_beside_the_data(cli, folder):
    outcome = cli("runs", "--runs", folder, "zzz")
    assert (outcome.code, outcome.out) == (0, "")
    assert "with zzz" in outcome.err


def test_the_field_that_runs_are_sorted_by_is_a_column(cli, folder):
    sorts = ([], ["--sort", "opt.lr"], ["--sort", "name"])
    heads = [cli("runs", *words).out.splitlines()[0].split() for words in sorts]
    assert heads[0] == heads[2]
    assert heads[1] == [*heads[0], "opt.lr"]
