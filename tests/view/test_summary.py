"""What a list says of a run is what its files say."""

import json
from dataclasses import replace

import pytest

from lininterp_cli.errors import StoreError
from lininterp_cli.landscape.curve_reader import read_curve
from lininterp_cli.view.summary import damaged, glyph, seconds_of, summarise, worst_barrier, worst_words

OTHER = {"all": (2.0, 2.0, 2.0, 2.0, 2.0), "fc": (1.0, 1.0, 3.0, 1.0, 1.0)}


def test_summary(make_run):
    found = summarise(make_run(name="mine"))
    assert (found.title, found.state, found.model, found.data, found.optimizer, found.accuracy) == (
        "mine", "finished", "resnet8", "digits", "momentum", 0.9512,
    )  # fmt: skip
    assert found.age(seconds_of("2026-01-02T04:04:05+00:00")) == 3600
    assert summarise(make_run("bare", config={}, result={}, times={})).accuracy is None
    # A record that says `running` with nobody at work.
    assert summarise(make_run("left", status="running")).state == "interrupted"


def test_worst_barrier_is_that_of_the_newest_curve_of_the_own_line(make_run, make_curve):
    run = make_run()
    assert worst_barrier(run.folder, run.id) is None
    make_curve().write(run.curves_folder / "a.json")
    found = worst_barrier(run.folder, run.id)
    assert found is not None
    assert (found.block, found.alpha, found.definition) == ("conv1", 0.25, "rise")
    assert found.height == pytest.approx(0.6)
    import os

    make_curve(OTHER, end={"run": "run-2", "checkpoint": "final"}).write(run.curves_folder / "b.json")
    os.utime(run.curves_folder / "b.json", (4e9, 4e9))
    assert worst_barrier(run.folder, run.id).block == "conv1"
    make_curve(OTHER).write(run.curves_folder / "c.json")
    os.utime(run.curves_folder / "c.json", (5e9, 5e9))
    assert worst_barrier(run.folder, run.id).block == "fc"
    (run.curves_folder / "d.json").write_text("{")
    os.utime(run.curves_folder / "d.json", (6e9, 6e9))
    assert worst_barrier(run.folder, run.id).block == "fc"


def test_the_highest_barrier_knows_whether_it_comes_from_a_preview(make_run, make_curve):
    run = make_run()
    preview = replace(make_curve(), complete=False)
    preview.write(run.curves_folder / "by-block.json")
    assert worst_words(worst_barrier(run.folder, run.id)) == "~0.600"
    replace(preview, complete=True).write(run.curves_folder / "by-block.json")
    assert worst_words(worst_barrier(run.folder, run.id)) == "0.600"
    assert worst_words(None) == ""


@pytest.mark.parametrize(
    "change",
    [
        {"start": "initial"},
        {"series": []},
    ],
)
def test_a_curve_of_another_shape_is_damaged(tmp_path, make_curve, change):
    path = tmp_path / "curve.json"
    path.write_text(json.dumps(make_curve().to_dict() | change))
    with pytest.raises(StoreError, match="damaged"):
        read_curve(path)


def test_signs():
    assert glyph("running") == "●"
    assert glyph("running", ascii=True).isascii()
    assert glyph("anything else") == "?"
    assert damaged("x", "why").state == "damaged"
    assert seconds_of("yesterday") is None
    assert seconds_of(3) is None
