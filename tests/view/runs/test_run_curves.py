"""The list, and all that opens a run, mean the same of its curves; neither names of files nor their age decide."""

import json
import os
from dataclasses import replace

import pytest

from lininterp_cli.errors import StoreError
from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.view.runs.run_curves import readable_curves, worst_barrier
from lininterp_cli.view.runs.summary import worst_words

OTHER = {"all": (2.0, 2.0, 2.0, 2.0, 2.0), "fc": (1.0, 1.0, 3.0, 1.0, 1.0)}
RANDOM = {"random": 1}


def final(run="run-1"):
    return {"run": run, "checkpoint": "final"}


def test_worst_barrier_is_that_of_the_own_line(make_run, make_curve):
    run = make_run()
    assert worst_barrier(run.folder, run.id) is None
    make_curve(name="b").write(run.curves_folder / "b.json")
    found = worst_barrier(run.folder, run.id)
    assert found is not None
    assert (found.block, found.alpha, found.definition, found.curve) == ("conv1", 0.25, "rise", "b")
    assert found.height == pytest.approx(0.6)
    make_curve(OTHER, name="a", end=final("run-2")).write(run.curves_folder / "a.json")
    (run.curves_folder / "torn.json").write_text("{")
    assert worst_barrier(run.folder, run.id).block == "conv1"


def test_the_highest_barrier_knows_whether_it_comes_from_a_preview(make_run, make_curve):
    run = make_run()
    preview = replace(make_curve(), complete=False)
    preview.write(run.curves_folder / "by-block.json")
    assert worst_words(worst_barrier(run.folder, run.id)) == "~0.600"
    replace(preview, complete=True).write(run.curves_folder / "by-block.json")
    assert worst_words(worst_barrier(run.folder, run.id)) == "0.600"


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("age", [1, -1])
def test_list_and_views_mean_the_same_curve_however_old_its_file_is(make_run, make_curve, age, compact):
    run = make_run()
    blocks = make_curve(name="by-block-1000-examples-1eeb9d")
    others = [
        replace(make_curve(OTHER, start=final(), end=RANDOM), name="full-final-to-random-1-607271", by="full"),
        replace(make_curve(OTHER), name="by-block-recalibrate-e19faf", bn="recalibrate"),
        replace(make_curve(OTHER), name="by-layer-34596d", by="layer"),
        replace(make_curve(OTHER), name="full", by="full"),
    ]
    for place, curve in enumerate([blocks, *others]):
        path = run.curves_folder / f"{curve.name}.json"
        curve.write(path)
        if compact:
            # As a store is packed for the way: every file must be read whole.
            path.write_text(json.dumps(json.loads(path.read_text())))
        os.utime(path, (2e9 + age * place, 2e9 + age * place))
    assert worst_barrier(run.folder, run.id).curve == blocks.name
    wanted = [blocks.name, *(others[at].name for at in (2, 3, 1, 0))]
    assert [curve.name for curve in readable_curves(run, pytest.fail)] == wanted


def test_the_usual_name_alone_is_not_believed(make_run, make_curve):
    run = make_run()
    replace(make_curve(OTHER, name="by-block"), bn="recalibrate").write(run.curves_folder / "by-block.json")
    make_curve(name="by-block-x").write(run.curves_folder / "by-block-x.json")
    assert worst_barrier(run.folder, run.id).curve == "by-block-x"
    assert readable_curves(run, pytest.fail)[0].name == "by-block-x"


def test_the_list_means_the_curve_of_most_points_too(make_run, make_curve):
    run = make_run()
    few = make_curve(name="by-block")
    many = replace(few, name="by-block-0", series=(*few.series, replace(few.series[-1], block="more")))
    few.write(run.curves_folder / "by-block.json")
    many.write(run.curves_folder / "by-block-0.json")
    assert worst_barrier(run.folder, run.id).curve == "by-block-0"
    assert readable_curves(run, pytest.fail)[0].name == "by-block-0"


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


def test_files_that_cannot_be_read_are_said(make_run, make_curve):
    run, said = make_run(), []
    make_curve(name="by-block").write(run.curves_folder / "by-block.json")
    (run.curves_folder / "torn.json").write_text("{")
    assert [curve.name for curve in readable_curves(run, said.append)] == ["by-block"]
    assert len(said) == 1
    assert "torn.json is damaged" in said[0]
