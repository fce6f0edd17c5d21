"""The curve on the whole screen: what its keys show, and what they cost."""

import csv
import fcntl
import io
import os
import shutil
from dataclasses import replace

import pytest

from lininterp_cli.landscape.curves.barrier import Interval
from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.tui.model import Catalog
from lininterp_cli.tui.page import Page
from lininterp_cli.tui.page_plot import MAX_TWINS, move_cursor, plotter, table, tabulator, twins_of, values, zoom
from lininterp_cli.tui.reader import Reader
from lininterp_cli.view.plots.plot import text_of

OPEN = ("slash", *"mlp", "enter", "enter", ...)


def settings(seed):
    return {
        "data": {"name": "digits"},
        "model": {"name": "resnet8"},
        "optimizer": {"name": "sgd", "lr": 0.1},
        "training": {"epochs": 10},
        "seed": seed,
    }


@pytest.fixture
def seeds(tmp_path, write_run):
    """Three seeds of one configuration, the first with intervals and a way on to random weights."""
    for seed in range(3):
        folder = write_run(f"mlp-s{seed}", config=settings(seed), num_classes=10)
        path = folder / "curves" / "curve-0.json"
        curve = read_curve(path)
        series = [_risen(one, 0.2 * seed) for one in curve.series]
        replace(curve, series=tuple(series)).write(path)
    write_run("other", config=settings(0) | {"model": {"name": "vgg11"}}, num_classes=10)
    final = {"run": "mlp-s0", "checkpoint": "final"}
    path = tmp_path / "mlp-s0" / "curves" / "random.json"
    replace(read_curve(tmp_path / "mlp-s0" / "curves" / "curve-0.json"), start=final, end={"random": 1}).write(path)
    return tmp_path


def _risen(series, by):
    splits = {
        split: replace(values, loss=tuple(loss + by for loss in values.loss)) for split, values in series.splits.items()
    }
    return replace(series, splits=splits, intervals={"test": {"rise": Interval(0.1, 0.15)}})


@pytest.fixture
def page(seeds):
    *_, snapshot = Catalog(seeds).scan()
    found = {entry.key: entry for entry in snapshot.entries}
    reader, page = Reader(), Page()
    page.turn_to(reader.detail(found["mlp-s0"]))
    page.twins = tuple(reader.detail(entry) for entry in twins_of(found["mlp-s0"], snapshot.entries))
    return page


def drawn(page, width=100, height=30):
    return text_of(plotter(page)(width, height)).plain


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_goldens(explore, seeds, width, height, check_golden):
    keys = ("slash", *"s0", "enter", "enter", ..., "j", "j", "v", "l", "l")
    check_golden(f"curve-values-{width}x{height}.txt", explore((width, height), *keys))


def test_legs_without_colour_in_ascii(explore, seeds, check_golden):
    keys = ("slash", *"s0", "enter", "enter", ..., "i", "v")
    screen = explore((100, 30), *keys, ascii=True, depth="none")
    check_golden("legs-100x30-ascii.txt", screen)
    assert screen.isascii()


@pytest.mark.parametrize("key", ["j", "B", "space"])
def test_a_key_for_blocks_says_so_where_legs_are_shown(explore, seeds, key):
    before, after = explore((100, 30), "slash", *"s0", "enter", "enter", ..., "i", None, key)
    assert "only on a curve; i leads back to it" in after
    assert after.split("\n")[:-2] == before.split("\n")[:-2]


def test_keys_of_the_screen(explore, store):
    measured, both, window, whole, legs = explore(
        (120, 40), *OPEN, "m", "m", None, "m", "t", "t", None, "plus", "plus", "l", None, "0", None, "i"
    )
    assert "error on test" in measured
    assert "loss (nats) on test and train (dashed)" in both
    assert "╋" in window
    assert "initial" not in window.split("\n")[-8]
    assert "╋" not in whole
    assert "make one with: lininterp interpolate mlp-s0 --from final --to random:1" in legs


def test_seeds_are_read_when_they_are_wanted(explore, seeds):
    none, band = explore((120, 40), "slash", *"s0", "enter", "enter", ..., None, "v", "v", ...)
    assert "seeds" not in none.split("\n")[2]
    assert "band min..max of 3 seeds" in band


def test_splits_go_round(page):
    seen = []
    for _ in range(4):
        seen.append(page.shown_splits(page.curve.splits))
        page.next_splits()
    assert seen == [("test",), ("train",), ("test", "train"), ("test",)]
    page.next_split()
    assert (page.split, page.both) == ("test", False)


def test_kept_blocks_have_a_sign_in_the_table(page):
    def signs():
        return [cell.plain for cell in tabulator(page)(80).columns[0].cells]

    plain = signs()
    page.next_block(2)
    page.choose()
    page.next_block(1)
    assert [one[0] for one in plain] == [" ", " ", " "]
    assert [one[0] for one in signs()] == [" ", "+", ">"]
    assert [one[1:] for one in signs()] == [one[1:] for one in plain]


def test_the_error_is_a_way_to_show_the_accuracy(page):
    seen = []
    for _ in range(4):
        seen.append((page.quantity, page.metric))
        page.next_quantity()
    assert seen == [("loss", "loss"), ("accuracy", "accuracy"), ("error", "accuracy"), ("loss", "loss")]
    page.next_quantity()
    page.next_metric()
    assert page.quantity == "loss"


def test_only_twins_are_taken_for_seeds(page):
    assert [detail.entry.key for detail in page.twins] == ["mlp-s1", "mlp-s2"]
    page.band = "seeds"
    assert "3 seeds" in drawn(page)
    page.split = "train"
    assert "3 seeds" in drawn(page)
    page.twins = ()
    assert "no other seeds" in drawn(page)
    many = [replace(page.entry, key=f"k{i}", summary=replace(page.entry.summary, id=f"k{i}", settings={
        **page.entry.summary.settings, "seed": i})) for i in range(1, 60)]  # fmt: skip
    assert len(twins_of(page.entry, many)) == MAX_TWINS


def test_chosen_curves_are_seen_together(page):
    page.next_block(2)
    page.choose()
    page.next_block(-2)
    legend = drawn(page).split("\n")[-1]
    assert "conv1" in legend
    assert "fc" not in legend
    page.next_block(3)
    assert "fc" in drawn(page).split("\n")[-1], "what is highlighted is always seen"
    page.choose()
    page.chosen = {"no such block"}
    assert "conv1" in drawn(page).split("\n")[-1]


def test_the_mark_has_its_interval(page):
    assert "rise 0.132 [0.100..0.150] at 0.2, conv1" in drawn(page)
    page.next_metric()
    assert "error rise 4.40 pp at 0.2, conv1" in drawn(page)


def test_values_are_those_of_the_file(page):
    page.next_block(2)
    series = page.curve.series[1].splits["test"]
    assert values(page, 120).plain.startswith(f" alpha 0.2 (top)  conv1  test loss {series.loss[2]:.3f} ±0.010")
    move_cursor(page, 1)
    assert values(page, 120).plain.startswith(f" alpha 0.3  conv1  test loss {series.loss[3]:.3f} ±0.010")
    move_cursor(page, -100)
    assert values(page, 120).plain.startswith(" alpha 0  conv1")
    zoom(page, 1)
    assert page.lens.window == (0.0, 0.5)
    zoom(page, 0)
    assert (page.lens.cursor, page.lens.window) == (None, None)


def test_the_cursor_walks_over_both_legs(page):
    assert page.next_legs() == ""
    assert "initial - final - random" in drawn(page)
    move_cursor(page, 3)
    assert values(page, 120).plain.startswith(" alpha 1.3  random:1")
    move_cursor(page, -30)
    assert values(page, 120).plain.startswith(" alpha 0  initial to final")
    rows = table(page)
    assert len(rows) == 1 + 2 * 2 * 11
    page.next_curve(1)
    assert not page.legs


def test_the_table_is_what_is_shown(page):
    heads, *rows = table(page)
    assert heads == ["series", "alpha", "split", "loss", "stderr", "accuracy"]
    assert len(rows) == 3 * 11
    page.chosen = {"fc"}
    page.both = True
    assert len(table(page)) == 1 + 2 * 11
    assert float(table(page)[1][3]) == page.curve.series[2].splits["test"].loss[0]


def test_nothing_breaks_without_a_curve():
    empty = Page()
    assert plotter(empty) is None
    assert table(empty) == []
    assert values(empty, 80).plain == ""
    for act in (lambda: move_cursor(empty, 1), lambda: zoom(empty, 1), empty.choose, empty.next_splits):
        act()
    assert empty.next_legs() == ""


def test_diverged_curves_have_a_cursor_too(explore, store):
    keys = ("slash", *"diverged", "enter", "enter", ..., *"hhhhhhhhhhl", "j", None, "plus", *"vmvm", "space")
    lost, _ = explore((80, 24), *keys)
    assert " alpha 0.1  all  test loss n/a (not finite)" in lost


def test_a_step_of_the_cursor_redraws_columns_and_no_more(explore, store, monkeypatch):
    from lininterp_cli.tui.widgets.curve_view import CurveView

    regions = []

    def watch(app):
        original = CurveView.refresh
        monkeypatch.setattr(CurveView, "refresh", lambda self, *a, **k: regions.extend(a) or original(self, *a, **k))
        app.screen.action_cursor(1)
        first = len(regions)
        assert first
        regions.clear()
        app.screen.draw()
        assert regions == []
        app.screen.action_cursor(1)

    explore((120, 40), *OPEN, watch)
    # From the old column to the new one, an alpha of eleven further, and no frame or label.
    assert regions
    assert max(region.width for region in regions) <= 120 // 10 + 2


def test_export_writes_the_numbers(explore, store, monkeypatch, tmp_path):
    place = tmp_path / "elsewhere"
    place.mkdir()
    monkeypatch.chdir(place)
    explore((80, 24), *OPEN, "e", *"csv", "enter", ..., ...)
    rows = list(csv.reader(io.StringIO(next(place.glob("*.csv")).read_text())))
    assert rows[0][:3] == ["series", "alpha", "split"]
    assert len(rows) == 1 + 3 * 11


def test_blocks_chosen_among_the_layers_are_seen_together(page):
    from lininterp_cli.tui.blocks.layers import Layers

    layers = Layers(page=page)
    layers.move(2)
    layers.choose()
    layers.show_chosen()
    assert page.chosen == {"fc"}
    assert page.highlight == "fc"
    assert "conv1" not in drawn(page).split("\n")[-1]


def test_keeping_needs_a_highlight(page):
    assert "highlight" in page.choose()
    assert page.chosen == set()


@pytest.mark.parametrize("key", [*"jktdv", "space"])
def test_a_key_for_curves_says_so_where_a_training_is_shown(explore, store, key):
    before, after = explore((100, 30), *OPEN, "p", None, key)
    assert "by epoch" in before
    assert "only on a curve" in after
    assert after.split("\n")[:-2] == before.split("\n")[:-2]


def test_the_palette_says_so_too(explore, store):
    screen = explore((100, 30), *OPEN, "p", ..., "ctrl+p", ..., *"band", "enter", ...)
    assert "only on a curve" in screen


def test_the_foot_of_a_training_names_what_works_there(explore, store):
    curve, training, random = explore((190, 30), *OPEN, None, "p", None, "n")
    labels = {"j k block", "t split", "d barrier", "v band", "Space keep"}
    shown = [{one for one in labels if one in screen.split("\n")[-2]} for screen in (curve, training, random)]
    assert shown == [labels, set(), labels]
    for works in ("h l values", "+ - 0 zoom", "m metric", "y log", "[ ] curve"):
        assert works in training.split("\n")[-2]


def test_an_epoch_is_read_off_a_training(explore, store):
    last, before, zoomed, whole = explore(
        (100, 30), *OPEN, "p", None, "h", "h", "l", None, "plus", None, "0", folder=store
    )
    # As they were written: 2 and 2.2 over the epoch.
    assert "epoch 3  train loss 0.667  test loss 0.733" in last
    assert "epoch 2  train loss 1.000  test loss 1.100" in before
    first, inner = (float(screen.split("\n")[-5].split()[0]) for screen in (before, zoomed))
    assert first == 1 < inner < 2
    assert whole == last


def test_a_training_that_ends_takes_its_cursor_along(explore, at_work, tmp_path):
    def end(app):
        fcntl.flock(at_work["newer"], fcntl.LOCK_UN)
        path = tmp_path / "newer" / "run.json"
        path.write_text(path.read_text().replace('"running"', '"finished"'))
        (tmp_path / "newer" / "curves").mkdir()
        shutil.copy(tmp_path / "over" / "curves" / "curve-0.json", tmp_path / "newer" / "curves")
        app.scan()

    running, finished = explore((100, 30), "enter", ..., "h", None, end, ...)
    assert "epoch 2  train loss 1.000" in running
    assert "alpha 0.2 (top)" in finished


def test_where_nothing_is_plotted_the_keys_of_the_axis_say_so(explore, store):
    screen = explore((100, 30), "slash", *"broken", "enter", "enter", ..., "h")
    assert "only on a curve" in screen


def title(screen):
    return screen.split("\n")[0].split()[1]


@pytest.fixture
def at_work(write_run):
    """Two trainings that go on, the newer one first in the list, and a run that is over."""
    folders = [
        write_run(name, status="running", curves=0, times={"created": f"2026-01-0{day}T00:00:00+00:00"})
        for name, day in (("newer", 2), ("older", 1))
    ]
    write_run("over", times={"created": "2025-12-31T00:00:00+00:00"})
    locks = [os.open(folder / "lock", os.O_RDWR | os.O_CREAT) for folder in folders]
    for lock in locks:
        fcntl.flock(lock, fcntl.LOCK_EX)
    yield dict(zip(("newer", "older"), locks, strict=True))
    for lock in locks:
        os.close(lock)


def test_a_run_opened_from_live_stays_while_another_one_goes_on(explore, at_work, tmp_path):
    def go_on(app):
        with (tmp_path / "newer" / "metrics.jsonl").open("a") as file:
            file.write('{"epoch": 4, "train_loss": 0.5, "test_loss": 0.6}\n')
        app.scan()

    # The oldest comes first there, the newest in the list.
    keys = ("w", ..., "enter", ..., None, go_on, ..., "j")
    before, after = explore((100, 30), *keys)
    assert title(before) == title(after) == "older"


def test_a_run_stays_when_the_filter_lets_it_go(explore, at_work, tmp_path):
    def end(app):
        fcntl.flock(at_work["newer"], fcntl.LOCK_UN)
        app.scan()

    keys = ("slash", *"state:running", "enter", ..., "enter", ..., None, end, ..., "j", None, "escape", ...)
    before, after, listed = explore((100, 30), *keys)
    assert title(before) == title(after) == "newer"
    assert "1 of 3 runs" in listed


def test_a_run_stays_when_a_newer_one_comes(explore, store, write_run):
    def add(app):
        write_run("brand-new", times={"created": "2026-01-03T00:00:00+00:00"})
        app.scan()

    shown, form, back = explore((100, 30), "enter", ..., add, "j", None, "x", ..., None, "escape", "escape", ...)
    opened = title(shown)
    assert opened != "brand-new"
    assert opened in form
    assert "brand-new" not in form
    assert opened in next(line for line in back.split("\n") if "▌" in line)


@pytest.mark.parametrize("key", ["enter", "L"])
def test_a_run_that_is_removed_is_said_to_be(explore, store, key):
    def remove(app):
        shutil.rmtree(store / "mlp-s0")
        app.scan()

    before, after = explore((100, 30), "slash", *"mlp-s0 | resnet8-s1", "enter", ..., key, ..., None, "j", remove, ...)
    assert title(before) == title(after) == "mlp-s0"
    assert "this run is no longer there" in after


def test_back_in_the_list_the_run_beside_it_is_that_under_the_cursor(explore, store):
    before, after = explore((120, 40), "s", "s", ..., None, "c", ..., "j", "enter", ..., "escape", "escape", ...)
    assert after == before
