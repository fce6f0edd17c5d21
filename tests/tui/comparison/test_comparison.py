"""Which runs are compared and how, without a screen."""

from dataclasses import replace

import pytest

from lininterp_cli.tui.comparison.comparison import MAX_DRAWN, NUM_NEWEST, VIEWS, Comparison
from lininterp_cli.tui.comparison.missing import missing
from lininterp_cli.tui.comparison.view import lines, list_height, plot, rows, table
from lininterp_cli.tui.comparison.words import heading
from lininterp_cli.tui.model import Catalog
from lininterp_cli.tui.page import Page
from lininterp_cli.tui.reader import Reader


def entries_of(folder):
    return list(Catalog(folder=folder).scan())[-1].entries


def compare(folder, marks=(), listed=None):
    """What is compared of a folder, read."""
    known = entries_of(folder)
    shown = Comparison(page=Page())
    shown.meet(known if listed is None else listed, known, marks, settled=True)
    reader = Reader()
    shown.read([reader.detail(entry) for entry in shown.unread])
    return shown


def keys(shown):
    return [one.run.id for one in shown.contenders]


def test_the_newest_runs_with_a_barrier_are_compared_where_none_is_marked(tmp_path, write_run):
    for day in range(1, NUM_NEWEST + 4):
        write_run(f"run-{day}", times={"created": f"2026-01-{day:02}T00:00:00+00:00"}, curves=int(day != 8))
    assert keys(compare(tmp_path)) == ["run-9", "run-7", "run-6", "run-5", "run-4", "run-3"]


def test_marked_runs_are_compared_in_the_order_of_their_marks(store):
    shown = compare(store, ["resnet8-s1", "hostile", "gone", "mlp-s0"])
    assert keys(shown) == ["resnet8-s1", "hostile", "mlp-s0"]
    assert [one.place for one in shown.contenders] == [0, 1, 3]
    assert [one.is_drawn for one in shown.contenders] == [True, False, True]
    assert shown.reference.run.id == "resnet8-s1"
    assert [run.id for run in shown.visible] == ["resnet8-s1", "hostile", "mlp-s0"]


def test_no_more_runs_than_can_be_told_apart(tmp_path, write_run):
    names = [f"run-{at:02}" for at in range(MAX_DRAWN + 2)]
    for name in names:
        write_run(name, curves=0)
    shown = compare(tmp_path, names)
    assert len(shown.contenders) == MAX_DRAWN
    assert len(shown.visible) == MAX_DRAWN + 2
    assert f"first {MAX_DRAWN} of {MAX_DRAWN + 2} marked" in heading(shown, 120, ascii=False).plain


def test_letters_wait_until_all_runs_are_known_and_stay_when_others_come_or_go(store, write_run):
    known = entries_of(store)
    shown = Comparison(page=Page())
    shown.meet(known, known, [], settled=False)
    assert shown.contenders == []
    shown.meet(known, known, [], settled=True)
    places = {one.run.id: one.place for one in shown.contenders}
    write_run("newest", times={"created": "2027-01-01T00:00:00+00:00"})
    known = [entry for entry in entries_of(store) if entry.key != "mlp-s0"]
    shown.meet(known, known, [], settled=True)
    del places["mlp-s0"]
    assert {one.run.id: one.place for one in shown.contenders} == places


def test_a_digit_hides_the_run_that_it_stands_beside_even_after_another_has_gone(store):
    marks = ["mlp-s0", "resnet8-s1", "diverged-s2"]
    shown = compare(store, marks)
    known = [entry for entry in entries_of(store) if entry.key != "mlp-s0"]
    shown.meet(known, known, marks, settled=True)
    assert [one.place for one in shown.contenders] == [1, 2]
    shown.toggle(1)
    assert shown.hidden == {"resnet8-s1"}
    shown.toggle(0)
    shown.toggle(8)
    assert shown.hidden == {"resnet8-s1"}
    shown.move(1)
    shown.toggle()
    assert shown.hidden == {"resnet8-s1", "diverged-s2"}
    shown.toggle(1)
    assert shown.hidden == {"diverged-s2"}


def test_in_the_scatter_a_digit_is_a_line_of_its_list(store):
    shown = compare(store, ["hostile", "mlp-s0", "resnet8-s1"])
    shown.view = "scatter"
    shown.toggle(2)
    assert shown.hidden == {"resnet8-s1"}
    assert len(shown.scatter.dots) == 1
    shown.move(1)
    assert shown.dot_under_cursor == 1
    shown.move(5)
    assert shown.dot_under_cursor is None


def test_only_what_has_changed_is_read_again(store):
    shown = compare(store)
    assert shown.unread == []
    known = [replace(entry, stamp=()) for entry in entries_of(store)]
    shown.meet(known, known, [], settled=True)
    assert [entry.key for entry in shown.unread] == [entry.key for entry in shown.listed]


def test_the_cursor_stops_at_both_ends_and_follows_its_run(store):
    shown = compare(store, ["mlp-s0", "resnet8-s1", "diverged-s2"])
    shown.move(10**6)
    assert shown.cursor == 2
    shown.meet(shown.listed, [entry for entry in shown.listed if entry.key != "mlp-s0"], ["resnet8-s1", "diverged-s2"],
               settled=True)  # fmt: skip
    assert shown.cursor == 1
    shown.move(-(10**6))
    assert shown.cursor == 0


def test_the_reference_is_chosen_and_falls_back_where_it_has_no_curve(store):
    shown = compare(store, ["mlp-s0", "hostile", "resnet8-s1"])
    shown.move(2)
    shown.refer()
    assert shown.reference.run.id == "resnet8-s1"
    shown.move(-1)
    shown.refer()
    assert shown.reference.run.id == "mlp-s0"


def test_blocks_are_those_that_all_have(store):
    shown = compare(store, ["mlp-s0", "resnet8-s1"])
    assert shown.blocks == ["all", "conv1", "fc"]
    shown.next_block(-1)
    assert shown.block == "fc"
    assert {one.trace.series.label for one in shown.contenders} == {"fc"}
    assert compare(store, ["mlp-s0", "diverged-s2"]).blocks == ["all"]
    shown.next_block(1)
    assert shown.block == "all"


def test_splits_and_definitions(store):
    shown = compare(store, ["mlp-s0", "resnet8-s1"])
    assert (shown.splits, shown.split, shown.definition) == (["test", "train"], "test", "rise")
    shown.next_split()
    assert shown.split == "train"
    shown.page.definition = "max"
    assert shown.definition == "max"
    shown.page.split = "validation"
    assert shown.split == "test"


def test_why_a_run_is_not_drawn_and_what_to_do(store, write_run):
    write_run("torn")
    (store / "torn" / "curves" / "curve-0.json").write_text("{")
    shown = compare(store, ["mlp-s0", "hostile", "broken", "left", "torn"])
    whys = {one.run.id: (one.short, one.why) for one in shown.contenders}
    assert whys["mlp-s0"] == ("", "")
    way = f"lininterp interpolate hostile --layer-wise --runs {store}"
    assert whys["hostile"] == ("no curve", f"no curve yet; measure it with: {way}")
    assert whys["broken"][0] == "damaged"
    assert whys["broken"][1].startswith("left out: ")
    assert whys["torn"][0] == "damaged curve"
    assert "curve-0.json is damaged" in whys["torn"][1]
    assert "--layer-wise" in whys["torn"][1]


def test_a_run_in_training_has_to_be_waited_for(store):
    entry = next(entry for entry in entries_of(store) if entry.key == "left")
    running = replace(entry, summary=replace(entry.summary, state="running"))
    found = missing(running, Reader().detail(entry), None, "all", "test")
    assert (found.short, found.words) == ("in training", "its curve can be measured when its training is over")


def test_runs_that_are_not_read_yet_are_said_to_be_read(store):
    known = entries_of(store)
    shown = Comparison(page=Page())
    shown.meet(known, known, ["mlp-s0"], settled=True)
    assert [one.short for one in shown.contenders] == ["reading ..."]
    assert shown.reference is None


def test_what_can_be_chosen_for_the_scatter(store):
    shown = compare(store)
    assert ("barrier", "the worst one from initial to final, test loss (nats)") in shown.choices("x")
    assert shown.choices("x") == shown.choices("y")
    assert [name for name, _ in shown.choices("by")][:1] == ["model"]
    first = shown.scatter
    assert shown.scatter is first
    shown.by = "state"
    assert shown.scatter.groups == ("diverged", "finished")


def test_the_heading_says_how_many_runs_there_are_no_room_for(store, monkeypatch):
    monkeypatch.setattr("lininterp_cli.tui.comparison.comparison.MAX_DOTS", 3)
    shown = compare(store)
    shown.view = "scatter"
    assert "first 3 of 6 runs" in heading(shown, 120, ascii=False).plain
    shown.view = "overlay"
    assert " of 6 " in heading(shown, 120, ascii=False).plain


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_nothing_and_of_everything(store, tmp_path_factory, view):
    for folder in (tmp_path_factory.mktemp("empty"), store):
        shown = compare(folder)
        shown.view = view
        for size in ((1, 1), (24, 6), (80, 22)):
            assert len(lines(shown, *size)) <= size[1]
            assert list_height(shown, size[1]) <= max(4, size[1] // 3)
            if view != "table":
                text = plot(shown, *size)
                assert len(text.plain.split("\n")) <= size[1]
                assert max(line.cell_len for line in text.split("\n", allow_blank=True)) <= size[0]
            table(shown, size[0])
        assert all(isinstance(cell, str) for row in rows(shown) for cell in row)
        assert heading(shown, 10, ascii=True).cell_len <= max(10, len(f" compare  {view}  "))


def test_rows_hold_what_is_seen(store):
    shown = compare(store, ["mlp-s0", "resnet8-s1", "diverged-s2"])
    heads, *found = rows(shown)
    assert heads == ["run", "name", "curve", "block", "split", "alpha", "loss"]
    assert [row[0] for row in found] == ["mlp-s0"] * 11 + ["resnet8-s1"] * 11 + ["diverged-s2"] * 11
    assert found[0][1:] == ["", "curve-0", "all", "test", "0.0", "2.4"]
    assert found[23][6] == "nan"
    shown.toggle(1)
    shown.page.metric = "accuracy"
    assert [row[0] for row in rows(shown)].count("resnet8-s1") == 0
    assert float(rows(shown)[1][6]) == pytest.approx(0.2)
    shown.view = "difference"
    heads, *found = rows(shown)
    assert heads[6] == "accuracy less that of mlp-s0"
    assert {float(row[6]) for row in found if row[0] == "mlp-s0"} == {0.0}
    shown.view = "table"
    heads, *found = rows(shown)
    assert [row[heads.index("run")] for row in found] == ["mlp-s0", "diverged-s2"]
    assert "barrier.conv1" in heads
    shown.view = "scatter"
    assert rows(shown)[0] == ["run", "name", "barrier", "accuracy"]
    assert rows(shown)[1][2:] == [str(shown.runs[0].summary.worst.height), "0.95"]
