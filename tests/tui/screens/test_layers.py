"""The heat map as its user sees it."""

import pytest
from rich.style import Style
from textual.strip import Segment, Strip

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
    first, error, sort, scale, threshold, remark, curve = explore((120, 30), *keys)
    assert "loss on test" in first
    assert "error on test" in error
    assert "sort barrier" in sort
    assert "each row its own scale" in scale
    assert "above 0.05 nats" in threshold
    assert "lininterp interpolate mlp-s0 --by" in remark
    assert "worst rise barrier" in curve


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
    assert "0 of 3 above 0.5 nats" in high
    assert "1 of 3 above 0.05 nats" in low
