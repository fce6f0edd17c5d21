"""Tables of runs fit their terminal and hide nothing."""

from dataclasses import replace

import pytest

from lininterp_cli.view.look import Look
from lininterp_cli.view.runs.summary import Worst, damaged, summarise
from lininterp_cli.view.runs.table import config_words, run_panel, runs_table

WORST = Worst(height=0.6, alpha=0.25, block="conv1", definition="rise", curve="c")


def test_list(make_run, show):
    runs = [summarise(make_run(), WORST), summarise(make_run("run-2", status="failed")), damaged("broken", "why")]
    rows = show(runs_table(runs, now=runs[0].created + 7200))
    heads = ["run", "model", "data", "optimizer", "accuracy", "barrier", "0..0.60", "block", "age"]
    assert rows[0].split() == heads
    assert rows[1].split() == [
        "✓", "run-1", "resnet8", "digits", "momentum", "0.9512", "0.600", "▲", "████████", "conv1", "2h",
    ]  # fmt: skip
    assert rows[2].split()[:2] == ["✗", "run-2"]
    assert rows[3].split() == ["?", "broken"]
    assert rows[4].split() == ["✓", "finished", "✗", "failed", "?", "damaged", "▲", "0.1", "nats", "or", "more"]
    sure = replace(runs[0], worst=replace(WORST, low=0.5, high=0.75))
    wide = show(runs_table([sure], width=120, sort="gap"), 120)
    assert wide[0].split() == [*heads[:-1], "interval", "age", "gap"]
    assert wide[1].split()[:2] == ["✓", "finished"]
    assert "0.500..0.750" in wide[1]


def test_figures_stand_below_each_other_whether_they_are_marked_or_not(make_run, show):
    runs = [summarise(make_run(f"run-{height}"), replace(WORST, height=height)) for height in (0.6, 0.02)]
    head, marked, other, _ = show(runs_table(runs))
    assert marked.index("0.600 ▲") == other.index("0.020  ") == head.index("barrier")


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_list_with_long_and_hostile_names_fits(make_run, show, width):
    name = "a very long name \x1b[31m[red]for one run\u202e with more than eighty columns of it, quite certainly"
    runs = [summarise(make_run(f"resnet18-{index}" + "x" * 70, name=name), WORST) for index in range(2)]
    rows = show(runs_table(runs, width=width, look=Look(ascii=True)), width)
    assert all(row.isascii() for row in rows)
    words = rows[1].split()
    assert words[words.index("0.9512") + 1] == "0.600"


def test_one_run(make_run, make_curve, show):
    run = make_run(name="mine", parent="run-0", kind="reset-block", tags=["a", "[b]"], error="why\nnot")
    run.checkpoint_path("initial").parent.mkdir()
    for name in ("final", "initial", "epoch-0005"):
        run.checkpoint_path(name).touch()
    text = "\n".join(show(run_panel(run, [make_curve()])))
    for words in (
        "✓ finished  run-1",
        "name        mine",
        "tags        a, [b]",
        "parent      run-0 (reset-block)",
        "error       why\\x0anot",
        "optimizer   momentum lr=0.1",
        "test accuracy   0.1000 0.9512",
        "checkpoints initial, epoch-0005, final",
        "0.600 rise",
    ):
        assert words in text
    distances = text[text.index("moved") :].split("\n")
    assert distances[1].split() == ["conv1", "2.000", "█" * 10]
    assert distances[2].split() == ["fc", "4.000", "█" * 20]
    assert distances[3].split() == ["all", "4.470"]


def test_an_empty_run_is_shown_too(make_run, show):
    run = make_run("bare", config={}, result={}, times={}, distance={}, distance_total=None, status="interrupted")
    assert "○ interrupted  bare" in show(run_panel(run, []))[0]


@pytest.mark.parametrize("width", [80, 120])
def test_a_barrier_of_a_preview_has_a_sign_that_is_explained(make_run, show, width):
    run = summarise(make_run(), replace(WORST, complete=False))
    rows = show(runs_table([run], width=width), width)
    assert "~0.600" in rows[1].split()
    assert "~ from a preview" in rows[-1]
    assert "~" not in "".join(show(runs_table([summarise(make_run(), WORST)], width=width), width))


def test_the_names_of_curves_take_the_room_there_is(make_run, make_curve, show):
    name = "by-layer-precision-0.05-34596d"
    panel = run_panel(make_run(), [make_curve(name=name), make_curve(name="full")], width=80)
    assert any(row.split()[:1] == [name] for row in show(panel))


def test_curves_of_a_run_tell_previews_and_numbers_of_positions(make_run, make_curve, show):
    mixed = make_curve()
    few = {name: replace(values, loss=(1.0, 0.5)) for name, values in mixed.series[1].splits.items()}
    series = (mixed.series[0], replace(mixed.series[1], alphas=(0.0, 1.0), splits=few))
    curves = [make_curve(), replace(mixed, name="mixed", series=series, complete=False)]
    rows = [row.split() for row in show(run_panel(make_run(), curves))]
    at = rows.index(["curve", "from", "to", "alphas", "series", "worst", "on", "test"])
    assert rows[at + 1][1:5] == ["initial", "final", "5", "3"]
    assert rows[at + 2][:6] == ["mixed", "preview", "initial", "final", "2-5", "2"]
    assert "preview" not in " ".join(show(run_panel(make_run(), curves[:1])))


def test_config_words():
    assert config_words({"name": "sgd", "lr": 0.1, "nesterov": True}) == "sgd lr=0.1 nesterov=True"
    assert config_words(3) == "3"
    assert config_words({"run": "r", "blocks": ["a", "b"]}) == "run=r blocks=a,b"
