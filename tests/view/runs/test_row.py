"""A row has the width it was given, whatever stands in it."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from lininterp_cli.view.runs.row import Scene, cells, columns, full_bar, needs, titles, unseen
from lininterp_cli.view.runs.summary import Summary, Worst, damaged

SCENE = Scene(now=1e6, full_bar=2.0)
RUN = Summary(
    id="resnet18-cifar10-s0", name="名前\x1b[2J" + "x" * 90, state="finished", model="resnet18", data="cifar10",
    optimizer="momentum", accuracy=0.95, created=1e6 - 7200, settings={"optimizer.lr": 0.1},
    worst=Worst(height=0.75, alpha=0.5, block="layer1.0", definition="rise", curve="by-block", low=0.5, high=1.0),
)  # fmt: skip


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("run", [RUN, damaged("x", "why"), Summary(id="", name="", state="", created=-1e30)])
def test_rows_fill_their_width(run, ascii):
    for width in range(24, 150):
        scene = Scene(now=1e6, ascii=ascii)
        shown = columns(width, "lr", scene)
        words = " ".join(cells(run, shown, scene))
        assert cell_len(words) == sum(column.room + 1 for column in shown) - 1
        assert cell_len(words) <= width
        assert "\x1b" not in words
        assert words.isascii() or not ascii


def heads(width, sort="newest"):
    return [column.name for column in columns(width, sort, SCENE)]


def test_what_fits():
    assert heads(38) == ["state", "name", "accuracy", "barrier", "age"]
    assert heads(78) == ["state", "name", "model", "accuracy", "barrier", "bar", "block", "age"]
    assert heads(118)[2:5] == ["model", "data", "optimizer"]
    assert "interval" in heads(118)
    assert heads(39, "optimizer.lr") == ["state", "name", "accuracy", "barrier", "optimizer.lr"]
    assert "gap" in heads(78, "gap")


def test_what_does_not_fit_is_told_elsewhere():
    assert unseen(RUN, columns(78, "newest", SCENE), SCENE) == "data cifar10  opt momentum  interval 0.500..1.000"
    assert unseen(replace(RUN, worst=None), columns(100, "newest", SCENE), SCENE) == ""
    for width in range(24, 150):
        shown = columns(width, "newest", SCENE)
        row = " ".join(cells(RUN, shown, SCENE)) + unseen(RUN, shown, SCENE)
        assert all(word in row for word in ("resnet18", "cifar10", "momentum", "0.9500", "0.750", "layer1.0", "0.50"))


def test_short_words_leave_room_for_more_columns():
    short = replace(RUN, name="lr-0.01")
    scene = replace(SCENE, needs=needs([short]))
    assert scene.needs["name"] == 7
    names = [column.name for column in columns(78, "newest", scene)]
    assert names == ["state", "name", "model", "data", "optimizer", "accuracy", "barrier", "bar", "block", "age"]
    assert [column.name for column in columns(54, "newest", scene)] == [
        "state", "name", "model", "accuracy", "barrier", "block", "age",
    ]  # fmt: skip
    assert columns(78, "optimizer.lr", scene)[-1].head == "lr"
    assert columns(78, "optimizer.weight_decay", scene)[-1].head == "weight_d~"
    # What no run has takes no room at all.
    bare = replace(SCENE, needs=needs([replace(short, worst=None, optimizer="")]))
    assert [column.name for column in columns(140, "newest", bare)] == [
        "state", "name", "model", "data", "accuracy", "barrier", "age",
    ]  # fmt: skip


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("full", [5.0, 0.000123, 3e-12])
def test_heads_stand_within_their_columns(full, ascii):
    for width in range(24, 150):
        for known in ({}, needs([replace(RUN, name="x")]), needs([RUN])):
            for column in columns(width, "optimizer.lr", Scene(now=1e6, ascii=ascii, full_bar=full, needs=known)):
                assert len(column.head) <= column.room
                assert column.head.isascii() or not ascii


def test_ids_of_a_study_can_be_told_apart():
    settings = ("wd0.01-s0", "wd0.01-s1", "wd0.05-s0", "wd0.05-s1")
    ids = [f"resnet18-w4-cifar10-n2000-momentum-{words}-8b655{place}" for place, words in enumerate(settings)]
    runs = [replace(RUN, id=id, name="") for id in ids]
    shown = columns(78, "newest", replace(SCENE, needs=needs(runs)))
    assert titles(runs, shown, SCENE) == [
        "resnet18-w…-wd0.01-s0", "resnet18-w…-wd0.01-s1", "resnet18-w…-wd0.05-s0", "resnet18-w…-wd0.05-s1",
    ]  # fmt: skip
    assert cells(runs[0], shown, SCENE, "mine")[1].strip() == "mine"
    wide = columns(200, "newest", replace(SCENE, needs=needs(runs)))
    assert titles(runs, wide, SCENE) == ids
    # A name is what somebody wrote.
    named = replace(RUN, name="x" * 60 + "-abcdef")
    assert titles([named], shown, SCENE)[0].endswith("abcdef")


def test_words():
    shown = columns(118, "newest", SCENE)
    found = {column.name: word.strip() for column, word in zip(shown, cells(RUN, shown, SCENE), strict=True)}
    assert found["barrier"] == "0.750 ▲"
    assert found["bar"] == "███"
    assert found["interval"] == "0.500..1.000"
    assert (found["age"], found["accuracy"], found["block"]) == ("2h", "0.9500", "layer1.0")
    low = cells(RUN, shown, Scene(now=1e6, threshold=0.8))
    assert "▲" not in "".join(low)


def test_one_diverged_run_leaves_the_other_bars():
    assert full_bar([RUN]) == 0.75
    assert full_bar([]) == 1.0
    huge = Summary(id="x", name="", state="diverged",
                   worst=Worst(height=1e6, alpha=0.5, block="fc", definition="rise", curve="full"))  # fmt: skip
    assert full_bar([RUN, huge]) == 5.0


@pytest.mark.parametrize(
    ("epoch", "epochs", "words"), [(13, 30, "13/30"), (99, 999, "99/999"), (122, 300, "40%"), (1999, 2000, "99%")]
)
def test_progress_is_never_shortened(epoch, epochs, words):
    run = Summary(id="a", name="", state="running", epoch=epoch, epochs=epochs)
    shown = columns(78, "newest", SCENE)
    cell = dict(zip([column.name for column in shown], cells(run, shown, SCENE), strict=True))["accuracy"]
    assert cell.strip() == words
