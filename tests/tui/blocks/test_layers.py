"""What is shown of a run's blocks, without a terminal."""

from dataclasses import replace
from pathlib import Path

import pytest

from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.tui.blocks.finer import finer_command
from lininterp_cli.tui.blocks.layers import Layers
from lininterp_cli.tui.blocks.words import table, values
from lininterp_cli.tui.model import Catalog
from lininterp_cli.tui.page import Page
from lininterp_cli.tui.reader import Reader
from lininterp_cli.view.look import Look


@pytest.fixture
def look_at(tmp_path):
    """The state of the screen for a run of the test's folder."""

    def look(run_id, **look):
        *_, found = Catalog(tmp_path).scan()
        entry = next(entry for entry in found.entries if entry.key == run_id)
        page = Page(look=Look(**look))
        page.look_at(entry)
        page.turn_to(Reader().detail(entry))
        layers = Layers(page=page)
        layers.begin()
        return layers

    return look


@pytest.fixture
def deep(write_run, look_at):
    """A run with a curve by block, one by layer and one by layer of another question."""
    folder = write_run("deep")
    curve = read_curve(folder / "curves" / "curve-0.json")
    whole, conv1, fc = curve.series
    parts = [
        replace(conv1, block="conv1.a", tensors=("conv1.a.weight",)),
        replace(conv1, block="conv1.b", tensors=("conv1.b.weight",)),
        replace(fc, block="head", tensors=("fc.weight",)),
    ]
    blocks = (whole, replace(conv1, tensors=("conv1.a.weight", "conv1.b.weight")), replace(fc, tensors=("fc.weight",)))
    for name, changes in {
        "by-block": {"series": blocks},
        "by-layer": {"by": "layer", "series": (whole, *parts)},
        "by-layer-bn-batch": {"by": "layer", "bn": "batch", "series": (whole, *parts)},
    }.items():
        replace(curve, name=name, **changes).write(folder / "curves" / f"{name}.json")
    (folder / "curves" / "curve-0.json").unlink()
    return look_at("deep")


def labels(layers):
    return [row.label for row in layers.rows]


def test_down_and_up(deep):
    assert labels(deep) == ["all", "conv1", "fc"]
    deep.move(1)
    assert deep.down() == ""
    assert (deep.curve.name, labels(deep), deep.label) == ("by-layer", ["conv1.a", "conv1.b"], "conv1.a")
    assert "conv1 > by-layer" in deep.lines(80, 20)[0].plain
    assert "no curve by tensor" in deep.down()
    assert deep.up()
    assert (labels(deep), deep.label) == (["all", "conv1", "fc"], "conv1")
    assert not deep.up()
    deep.move(-9)
    deep.down()
    assert labels(deep) == ["all", "conv1.a", "conv1.b", "head"]


def test_the_plot_is_of_the_level_and_leaves_it_as_it_was(deep):
    deep.move(1)
    deep.down()
    deep.move(1)
    deep.show_chosen()
    assert (deep.page.curve.name, deep.page.highlight) == ("by-layer", "conv1.b")
    deep.up()
    assert deep.page.curve.name == "by-block"


def test_only_curves_of_the_same_question_are_finer(deep):
    while deep.page.curve.name != "by-layer-bn-batch":
        deep.next_curve(1)
    deep.move(1)
    way = "lininterp interpolate deep --by tensor --bn batch --split test,train"
    assert deep.down().endswith(f"x, or: {way} --runs {deep.page.detail.entry.store}")


def test_the_command_for_other_ends(deep):
    curve = deep.page.curve
    odd = replace(curve, start={"random": 3}, end={"run": "a b", "checkpoint": "final"}, rest="initial", dtype="tf32")
    ends = "lininterp interpolate deep --by layer --from random:3 --to 'a b:final'"
    assert finer_command(odd, "layer", Path("runs")) == f"{ends} --rest initial --dtype tf32 --split test,train"


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ({"zero": True}, "zero"),
        ({"noise": 4}, "noise:4"),
        ({"direction": 5}, "direction:5"),
        ({"file": "weights of mine.pt"}, "'weights of mine.pt'"),
        ({"run": "deep", "alpha": 0.5}, "deep@0.5"),
        ({"alpha": 0.25}, "deep@0.25"),
        ({"run": "deep", "checkpoint": "epoch-3"}, "epoch-3"),
    ],
)
def test_every_end_is_spelled_as_interpolate_takes_it(deep, end, words):
    command = finer_command(replace(deep.page.curve, start=end), "layer", Path("runs"))
    assert command == f"lininterp interpolate deep --by layer --from {words} --split test,train"


def test_the_cursor_stays_on_its_row(deep):
    deep.move(2)
    deep.next_sort()
    assert deep.row.label == "fc"
    assert labels(deep) == ["all", "conv1", "fc"]
    deep.next_sort()
    deep.next_sort()
    assert deep.sort == "name"
    deep.move(-(10**9))
    assert deep.place == 0


def test_the_alpha_steps_over_what_was_measured(deep):
    deep.move(1)
    top = deep.row.barrier.alpha
    assert f"alpha {top:g}" in deep.lines(100, 20)[-2].plain
    deep.move_alpha(1)
    assert deep.alpha == pytest.approx(top + 0.1)
    at = deep.row.series.alphas.index(deep.alpha)
    assert f"loss {deep.row.costs[at]:.3f}" in deep.lines(100, 20)[-2].plain
    deep.move_alpha(-100)
    assert deep.alpha == 0.0
    deep.move_alpha(0)
    assert deep.alpha is None


def test_the_threshold_marks_rows(deep):
    def marked():
        return ["▲" in line.plain for line in deep.lines(100, 7)[2:5]]

    assert marked() == [False, True, False]
    for _ in range(3):
        deep.move_threshold(-1)
    assert deep.threshold == 0.01
    for _ in range(5):
        deep.move_threshold(1)
    assert deep.threshold == 0.5
    assert marked() == [False, False, False]
    deep.page.next_metric()
    assert deep.threshold == 0.05


def test_a_preview_is_said_first(write_run, look_at):
    path = write_run("half") / "curves" / "curve-0.json"
    replace(read_curve(path), complete=False).write(path)
    assert look_at("half").lines(80, 20)[0].plain.startswith(" preview: 360 examples")


def test_why_there_is_no_map(write_run, look_at):
    write_run("bare", curves=0)
    words = "\n".join(line.plain for line in look_at("bare").lines(80, 20))
    assert "lininterp interpolate bare --layer-wise" in words
    assert "no run is chosen" in Layers(page=Page()).lines(40, 9)[1].plain


@pytest.mark.parametrize("size", [(1, 1), (5, 2), (20, 4), (40, 5), (200, 60)])
def test_any_size(deep, size):
    for _ in range(2):
        lines = deep.lines(*size)
        assert len(lines) <= size[1]
        assert all(line.cell_len <= size[0] for line in lines)
        deep.down()


def test_the_room_that_is_left_shows_the_curves(deep):
    assert deep.plot_height(18) == 0
    assert deep.plot_height(19) == 12
    assert deep.plot_height(38) == 38 - 4 - 2 * 3
    assert "b fc" in deep.plot(80, 16).plain
    deep.move(1)
    deep.choose()
    shown = deep.plot(80, 16).plain
    assert "a conv1" in shown
    assert "fc" not in shown


def test_the_table_is_of_the_rows_on_the_screen(deep):
    heads, *rows = table(deep.rows)
    assert heads[:2] == ["block", "barrier"]
    assert [row[0] for row in rows] == labels(deep)
    assert {len(row) for row in rows} == {len(heads)}


def test_the_values_at_the_cursor_end_with_a_whole_word(deep, look_at):
    row = look_at("deep").rows[1]
    words = ["conv1", "alpha 0.5", "loss 2.175 ± 0.010", "accuracy 0.2750", "moved 1.500", "settled from 1"]
    assert values(row, 0.5, "test", 120, ascii=False) == "  ".join([*words, "not monotone"])
    short = ["conv1", "alpha 0.5", "loss 2.175", "acc 0.2750", "moved 1.500", "settled 1", "not monotone"]
    fitting = [" ".join(short[:num]) for num in range(1, 8)]
    for width in range(5, 70):
        assert values(row, 0.5, "test", width, ascii=False) == [line for line in fitting if len(line) <= width][-1]
