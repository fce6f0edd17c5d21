"""The compare screen as its user sees it."""

import pytest

from lininterp_cli.tui.comparison.comparison import VIEWS
from lininterp_cli.tui.screens.compare import CompareScreen


@pytest.fixture
def study(write_run, tmp_path):
    """Five runs of two optimizers and other learning rates, one of them diverged, one without a curve."""
    for at in range(4):
        optimizer = {"name": "adam" if at % 2 else "sgd", "lr": 0.1 * (at + 1)}
        write_run(
            f"run-{at}",
            config={"data": {"name": "digits"}, "model": {"name": "resnet8"}, "optimizer": optimizer, "seed": at},
            result={"final": {"test_accuracy": 0.9 - 0.1 * at}},
            times={"created": f"2026-01-0{at + 1}T00:00:00+00:00"},
        )
        rewrite(tmp_path / f"run-{at}" / "curves" / "curve-0.json", at)
    write_run("bare", curves=0, times={"created": "2026-01-01T00:00:00+00:00"})
    return tmp_path


def rewrite(path, at):
    """Raise a bump of the whole path in a curve that is there."""
    from dataclasses import replace

    from lininterp_cli.landscape.curves.reader import read_curve

    curve = read_curve(path)
    full = curve.series[0]
    values = full.splits["test"]
    bump = [value + 3 * at * a * (1 - a) for a, value in zip(full.alphas, values.loss, strict=True)]
    splits = {**full.splits, "test": replace(values, loss=tuple(bump))}
    replace(curve, series=(replace(full, splits=splits), *curve.series[1:])).write(path)


def shown(app):
    return next(screen for screen in app.screen_stack if isinstance(screen, CompareScreen)).comparison


@pytest.mark.parametrize(
    ("name", "size", "look"),
    [
        ("80x24", (80, 24), {}),
        ("120x40", (120, 40), {}),
        ("80x24-ascii", (80, 24), {"ascii": True, "depth": "none"}),
    ],
)
def test_golden(explore, study, name, size, look, check_golden):
    overlay, scatter = explore(size, "c", None, "O", **look)
    check_golden(f"compare-overlay-{name}.txt", overlay)
    check_golden(f"compare-scatter-{name}.txt", scatter)
    assert (overlay + scatter).isascii() or not look


def test_choices_are_there_again_with_other_runs(explore, study):
    before, after, fewer = explore(
        (120, 40), "c", ..., "o", "o", "b", None, "escape", ..., "c", ..., None, "escape", "space", "space", "c", ...
    )
    assert after == before
    for screen in (before, fewer):
        assert "conv1" in screen.split("\n")[0]
        assert "difference" in screen.split("\n")[0]
    assert "2 marked" in fewer.split("\n")[0]


def test_each_view_at_80x24(explore, study):
    overlay, grid, difference, table, scatter, again = explore(
        (80, 24), "c", None, "o", None, "o", None, "o", None, "o", None, "o"
    )
    for name, text in zip(VIEWS, (overlay, grid, difference, table, scatter), strict=True):
        assert text.startswith(f" compare  {name}  ")
        assert all(len(line) <= 80 for line in text.split("\n"))
        assert text.count("\n") == 24
    assert "▼ a" in overlay
    assert grid.count("alpha  ") == 4
    assert "loss (nats) less that of a" in difference
    rows = [row.split() for row in table.splitlines()]
    assert ["optimizer.lr", "0.4", "0.3", "0.2", "0.1"] in rows
    assert ["test", "accuracy", "0.6000", "0.7000", "0.8000", "0.9000"] in rows
    assert "rank correlation" in scatter
    assert "accuracy (fraction) against barrier (nats)" in scatter
    assert again == overlay


def test_runs_are_hidden_with_space_and_digits_and_keep_their_letters(explore, study):
    first, hidden, back = explore((80, 24), "c", None, "j", "space", "4", None, "2", "4", "k")
    assert "2 hidden" in hidden
    assert "━a run-3" in hidden
    assert "·b run-2" in hidden
    assert "·d run-0" in hidden
    assert back == first


def test_where_all_are_hidden_this_is_said(explore, study):
    for text in explore((80, 24), "c", *"1234", None, "o", None, "o"):
        assert "4 hidden" in text
        assert "all curves are hidden; Space shows one again" in text


@pytest.mark.parametrize(
    ("views", "keys", "said"), [("ooo", "ry", "a table has neither"), ("O", "rbBmtd", "only for curves")]
)
def test_a_key_without_effect_on_the_view_says_so(explore, study, views, keys, said):
    before, *after = explore((80, 24), "c", *views, *(one for key in keys for one in (None, key)))
    for text in after:
        assert said in text.split("\n")[-2]
        assert text.split("\n")[:-2] == before.split("\n")[:-2]
    assert "r reference" not in before


def test_reference_block_metric_split_and_definition(explore, study):
    keys = (
        "c", "j", "r", None, "b", None, "B", "B", None, "m", None, "m", "t", None, "d", "d", None, "d", "d", "y", ...
    )  # fmt: skip
    reference, conv1, fc, error, train, mean, log = explore((120, 30), *keys)
    assert "reference b" in reference
    assert "less b" in reference
    assert [row for row in reference.splitlines() if "━b" in row and row.endswith("ref")]
    assert "conv1: loss (nats) on test" in conv1
    assert "fc: loss" in fc
    assert "fc: accuracy on test" in error
    assert "error pp" in error
    assert "loss (nats) on train" in train
    assert "mean barrier" in mean
    assert "log axis" in log


def test_axes_and_letters_are_chosen_from_a_list(explore, study):
    keys = ("c", "x", None, *"opt", "enter", ..., "v", "down", "enter", ..., None, "a", *"seed", "enter", ...)
    menu, moved, grouped = explore((100, 30), *keys)
    assert "horizontal" in menu
    assert "the worst one from initial to final, test loss (nats)" in menu
    assert moved.startswith(" compare  scatter  ")
    assert "barrier (nats) against optimizer.lr" in moved
    assert "letters by optimizer" in moved
    assert "letters by seed" in grouped


def test_enter_opens_the_curve_of_the_run_under_the_cursor_and_escape_comes_back(explore, study):
    before, opened, after = explore((80, 24), "c", "o", "j", None, "enter", None, "escape")
    assert "▌2 ━b run-2" in before
    assert " run-2" in opened.splitlines()[0]
    assert "compare" not in opened.splitlines()[0]
    assert after == before


def test_marked_runs_only(explore, study):
    text = explore((80, 24), "space", "j", "space", "c")
    assert " 2 marked " in text
    assert text.count("━") == 2


def test_what_is_not_drawn_is_named_with_what_to_do(explore, store):
    text, table = explore((120, 40), *("space",) * 6, "c", None, "o", "o", "o")
    assert "6 marked" in text
    assert "\x1b" not in text
    assert "2ename no curve" in text
    assert "damaged" in text
    assert "no curve yet; measure it with" in " ".join(text.split())
    assert "mlp-s0" in table
    assert "evil" not in table


def test_diverged_values_are_said(explore, store):
    overlay, grid, difference = explore((80, 24), "c", "j", "r", None, "o", None, "o")
    for text in (overlay, grid, difference):
        assert "1 not finite" in text
        assert "1 value above" in text
        assert "1.0e+06" in text


def test_an_empty_store(explore, tmp_path):
    for text in explore((80, 24), "c", None, *("o", None) * 4, "space", "1", "r", "j", "enter", "b", "a"):
        assert text.startswith(" compare  ")


@pytest.mark.parametrize("size", [(1, 1), (30, 8)])
def test_every_key_in_every_view_at_every_size(explore, store, size):
    keys = ("j", "space", "r", "b", "m", "t", "d", "y", "pageup", "o", "r", "o", "o", "G", "o", "space")
    explore(size, "c", *keys, ..., "v", "escape", "enter", "escape", ascii=size[0] == 30)


def test_the_table_scrolls_under_its_heads(explore, study):
    first, down, end, back = explore((80, 12), "c", "O", "O", None, "j", "j", None, "G", None, "g")
    heads = first.splitlines()[1]
    assert heads.split() == ["run-3", "run-2", "run-1", "run-0"]
    assert [text.splitlines()[1] for text in (down, end, back)] == [heads] * 3
    assert first.splitlines()[4:10] == down.splitlines()[2:8]
    assert "the running minimum" in end
    assert back == first


def test_what_is_exported_is_what_is_seen(explore, study):
    seen = []
    explore(
        (80, 24), "c", "1", lambda app: seen.append(app.screen.rows()), "O", lambda app: seen.append(app.screen.rows())
    )
    curves, dots = seen
    assert curves[0][-1] == "loss"
    assert {row[0] for row in curves[1:]} == {"run-2", "run-1", "run-0"}
    assert dots[0] == ["run", "name", "optimizer", "barrier", "accuracy"]
    assert {row[0] for row in dots[1:]} == {"run-2", "run-1", "run-0", "bare"}


def test_a_run_that_is_new_or_gone_does_not_move_the_letters(explore, study, write_run):
    def change(app):
        (study / "run-1" / "run.json").unlink()
        write_run("newest", times={"created": "2027-01-01T00:00:00+00:00"})
        app.scan()

    text = explore((80, 24), "c", ..., change)
    assert "━c" not in text
    assert " 4 ━d run-0" in text
    assert "newest  " not in text.split("\n", 1)[1]
