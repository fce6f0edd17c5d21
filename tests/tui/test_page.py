"""What is chosen of a run stays chosen, and what is not there cannot be chosen."""

from dataclasses import replace

import pytest

from lininterp_cli.tui.model import Catalog
from lininterp_cli.tui.page import Page
from lininterp_cli.tui.page_plot import plotter, tabulator
from lininterp_cli.tui.page_words import heading, subheading
from lininterp_cli.tui.reader import Reader
from lininterp_cli.view.plots.plot import text_of


@pytest.fixture
def page_of(store):
    reader = Reader()
    *_, snapshot = Catalog(store).scan()
    found = {entry.key: reader.detail(entry) for entry in snapshot.entries}

    def build(key):
        page = Page()
        page.turn_to(found[key])
        return page, found

    return build


def test_curves_then_the_training(page_of):
    page, _ = page_of("mlp-s0")
    names = []
    for _ in range(4):
        names.append(page.curve.name if page.curve else "training")
        page.next_curve(1)
    assert names == ["curve-0", "curve-1", "training", "curve-0"]
    page.next_curve(-1)
    page.next_curve(-1)
    assert page.curve is None
    page.next_block(1)
    assert page.highlight is None


def test_where_there_is_nothing_else_this_is_said(page_of):
    for key, said in (("hostile", "the run has nothing else to show"), ("mlp-s0", "")):
        assert page_of(key)[0].next_curve(1) == said


def test_blocks_and_none(page_of):
    page, _ = page_of("mlp-s0")
    seen = []
    for _ in range(5):
        page.next_block(1)
        seen.append(page.highlight)
    assert seen == ["all", "conv1", "fc", None, "all"]
    page.next_block(-1)
    page.next_block(-1)
    assert page.highlight == "fc"


def test_choices_outlive_the_run_but_the_block_does_not(page_of):
    page, found = page_of("mlp-s0")
    page.next_metric()
    page.next_split()
    page.next_definition()
    page.next_block(1)
    page.next_curve(1)
    page.turn_to(found["mlp-s0"])
    assert page.curve.name == "curve-1"
    page.look_at(found["resnet8-s1"].entry)
    page.turn_to(found["resnet8-s1"])
    assert (page.metric, page.split, page.definition, page.place, page.highlight) == (
        "accuracy",
        "train",
        "chord",
        0,
        None,
    )
    assert "worst chord error barrier 30.8 pp in conv1" in subheading(page, 120).plain
    page.next_metric()
    assert "worst chord barrier 0.925 in conv1" in subheading(page, 120).plain


def test_every_run_can_be_drawn_at_every_size(page_of):
    _, found = page_of("mlp-s0")
    for detail in [None, *found.values()]:
        page = Page()
        page.turn_to(detail)
        for width, height in ((1, 1), (20, 5), (40, 12), (80, 20)):
            for line in (heading(page, width), subheading(page, width)):
                assert line.cell_len <= width
            plot, tabulate = plotter(page), tabulator(page)
            if plot is not None:
                rows = text_of(plot(width, height)).plain.split("\n")
                assert len(rows) <= height
                assert max(map(len, rows)) <= width
                assert "\x1b" not in "".join(rows)
            if tabulate is not None:
                assert tabulate(width).row_count == len(page.curve.series)


def test_a_preview_is_called_one(page_of):
    page, _ = page_of("mlp-s0")
    page.detail = replace(page.detail, curves=(replace(page.curve, complete=False),))
    assert subheading(page, 120).plain.strip().startswith("preview: worst rise barrier")
    assert text_of(plotter(page)(60, 20)).plain.startswith("preview: 360 examples")


def test_the_table_is_of_the_metric_that_is_drawn(page_of):
    page, _ = page_of("mlp-s0")
    heights = []
    for _ in range(2):
        table = tabulator(page)(80)
        column = [one.header for one in table.columns].index("barrier")
        heights.append([cell.plain for cell in table.columns[column].cells])
        page.next_metric()
    assert heights[0][1] == "0.132"
    assert heights[1][1] == "4.40"


def test_a_run_without_a_curve_says_how_to_make_one(page_of):
    page, _ = page_of("hostile")
    way = f"lininterp interpolate hostile --runs {page.detail.entry.store}"
    assert subheading(page, 300).plain.strip() == f"no curve yet; make one with x, or: {way}"
    page, _ = page_of("diverged-s2")
    page.next_curve(1)
    assert subheading(page, 100).plain.strip() == "the loss was not finite in epoch 3"


def test_what_cannot_be_read_is_said_first(store):
    (store / "mlp-s0" / "curves" / "torn.json").write_text("{")
    *_, snapshot = Catalog(store).scan()
    entry = next(entry for entry in snapshot.entries if entry.key == "mlp-s0")
    page = Page()
    page.turn_to(Reader().detail(entry))
    assert subheading(page, 120).plain.startswith(" 1 curve file cannot be read   worst rise barrier")
    for path in (store / "mlp-s0" / "curves").iterdir():
        path.write_text("{")
    page.turn_to(Reader().detail(entry))
    words = subheading(page, 120).plain
    assert words.startswith(" 3 curve files cannot be read: ")
    assert ".json is damaged" in words
    assert "make one" not in words


def test_a_key_for_another_split_says_where_there_is_none(page_of):
    page, found = page_of("mlp-s0")
    assert page.next_split() == ""
    assert [page.next_splits() for _ in range(3)] == ["", "", ""]
    detail = found["mlp-s0"]
    series = [replace(one, splits={"test": one.splits["test"]}) for one in detail.curves[0].series]
    page.turn_to(replace(detail, curves=(replace(detail.curves[0], series=tuple(series)),)))
    assert page.next_split() == page.next_splits() == "measured on test data only"
    assert page.shown_splits(["test"]) == ("test",)
