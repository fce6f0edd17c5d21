"""The heat map as its user sees it."""

import pytest
from rich.style import Style
from textual.strip import Segment, Strip

from lininterp_cli.landscape.curves.measures import BlockCriticality, Criticality, write_measure
from lininterp_cli.tui.preferences import Preferences
from lininterp_cli.tui.widgets.heat_map_view import HeatMapView, changed

OPEN = ("slash", *"mlp", "enter", ..., "L", ...)


@pytest.mark.parametrize(
    ("name", "size", "look"),
    [
        ("layers-80x24.txt", (80, 24), {}),
        ("layers-120x40.txt", (120, 40), {}),
        ("layers-80x24-ascii.txt", (80, 24), {"ascii": True, "depth": "none"}),
    ],
)
def test_golden(explore, store, name, size, look, check_golden):
    check_golden(name, explore(size, *OPEN, "j", "space", **look))


def test_keys_change_what_is_shown(explore, store):
    keys = (*OPEN, None, "m", None, "m", "s", None, "n", None, "minus", None, "enter", None, "o", ...)
    first, error, sort, scale, threshold, remark, curve, form = explore((120, 30), *keys, None, "escape", ..., "x", ...)
    assert "loss on test" in first
    assert "error on test" in error
    assert "sort barrier" in sort
    assert "each row its own scale" in scale
    assert ">= 0.05 nats" in threshold
    assert "lininterp interpolate mlp-s0 --by" in remark
    assert "worst rise barrier" in curve
    assert "do  interpolate mlp-s0" in form


def test_where_there_is_one_curve_the_keys_for_another_say_so(explore, write_run):
    write_run("alone")
    *_, before, after = explore((120, 30), "L", ..., None, "right_square_bracket")
    assert "[ ] curve" not in before
    assert "the run has no other curve" in after
    write_run("alone", curves=2)
    before, after = explore((120, 30), "L", ..., None, "right_square_bracket")
    assert "[ ] curve" in before
    assert "no other curve" not in after


def test_the_plot_is_there_before_any_key(explore, store):
    # The run was read while it was in the list.
    assert "rise 0.132 at 0.2, conv1" in explore((120, 40), *OPEN)


def test_choices_are_there_again(explore, store):
    keys = (*OPEN, "s", "n", "minus", "j", None, "escape", ..., "L", ..., None)
    before, after, other = explore(
        (120, 30), *keys, "escape", ..., "slash", "ctrl+u", *"resnet8-s1", "enter", ..., "L", ...
    )
    assert after == before
    for words in ("sort barrier", "each row its own scale", ">= 0.05 nats"):
        assert words in before
        assert words in other


def write_criticality(folder, mus):
    blocks = {
        block: BlockCriticality(
            mu=mu, alpha=0.5, sigma=0.1, error=0.0, distance=1.0, num_parameters=1, is_at_edge=False
        )
        for block, mu in mus.items()
    }
    ends = [{"run": "mlp-s0", "checkpoint": checkpoint} for checkpoint in ("initial", "final")]
    measure = Criticality(
        name="criticality-by-block", run="mlp-s0", start=ends[0], end=ends[1], by="block", blocks=blocks, epsilon=0.1,
        final_error=0.0, alphas=(0.0, 1.0), num_examples=10, num_draws=3,
    )  # fmt: skip
    write_measure(folder / "mlp-s0" / "measures" / "criticality-by-block.json", measure)


def test_criticality_has_a_column_and_an_order_where_it_was_measured(explore, store):
    bare, again = explore((80, 24), *OPEN, None, "s", "s", "s")
    assert "critical" not in bare
    assert "sort name" in again
    write_criticality(store, {"conv1": 12.5, "fc": 345.0})
    depth, critical = explore((80, 24), *OPEN, None, "s", "s", "s")
    heads = depth.split("\n")[2]
    assert heads.index("moved") < heads.index("critical")
    assert "settled" not in heads
    assert "357.5" in depth.split("\n")[3]
    assert "sort critical" in critical
    assert critical.index("fc ") < critical.index("conv1 ")


def test_a_measure_that_is_written_meanwhile_is_shown(explore, store):
    def write(_):
        write_criticality(store, {"conv1": 12.5, "fc": 345.0})

    before, after = explore((120, 30), *OPEN, None, write, lambda app: app.screen.found(), ...)
    assert "critical" not in before
    assert "345.0" in after


def test_the_columns_are_explained(explore, store):
    page = explore((80, 60), *OPEN, "question_mark")
    assert all(f"   {name}  " in page for name in ("moved", "critical", "settled"))


@pytest.mark.parametrize("size", [(1, 1), (30, 8), (100, 30)])
def test_every_key_at_every_size(explore, store, size):
    keys = ("j", "h", "l", "0", "enter", "s", "n", "space", "plus", "minus", "m", "t", "d", "y", "G", "pageup",
            "right_square_bracket", "left_square_bracket")  # fmt: skip
    explore(size, "L", *keys, "escape", "j", "L", *keys, "q", "j", "L", *keys, ascii=size[0] == 30)


def test_the_row_cursor_draws_labels_and_values_but_no_cells(explore, store, monkeypatch):
    drawn = []

    def watch(_):
        original = HeatMapView.refresh
        monkeypatch.setattr(
            HeatMapView, "refresh", lambda self, *where, **how: drawn.extend(where) or original(self, *where, **how)
        )

    explore((120, 40), *OPEN, watch, "j")
    # Two rows of two lines, the place in the head, the cursor over the map, and the values.
    assert 0 < sum(region.area for region in drawn) < 250
    assert all(region.right <= 12 for region in drawn if 2 <= region.y < 8)


def test_only_the_columns_that_differ_are_drawn_again():
    def strip(*parts):
        return Strip([Segment(text, Style.parse(style)) for text, style in parts])

    old = strip(("ab", "bold"), ("cd", ""))
    assert changed(old, strip(("a", "bold"), ("b", "bold"), ("cd", ""))) is None
    assert changed(old, strip(("ab", "bold"), ("xd", ""))) == (2, 3)
    assert changed(old, strip(("ab", ""), ("cd", ""))) == (0, 2)
    assert changed(old, strip(("ab", "bold"))) == (2, 4)


def test_the_threshold_of_the_preferences_counts(explore, store):
    high, low = (explore((120, 30), *OPEN, preferences=Preferences(threshold=threshold)) for threshold in (0.5, 0.05))
    assert "0 of 3 >= 0.5 nats" in high
    assert "1 of 3 >= 0.05 nats" in low


def test_torn_files_are_said_and_the_command_is_whole(explore, store):
    for path in (store / "mlp-s0" / "curves").iterdir():
        path.write_text("{")
    screen = explore((40, 24), *OPEN)
    assert "2 of its curve files cannot be read:" in screen
    assert "curve-0.json is damaged" in screen
    assert "lininterp interpolate mlp-s0 --layer-wise" in " ".join(screen.split())
