"""A cursor and a window never leave the axis, and the window never leaves the cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.tui.lens import MAX_ZOOM, Lens

AXIS = [index / 20 for index in range(21)]


@given(keys=st.lists(st.sampled_from(["left", "right", "in", "out"]), max_size=60), start=st.sampled_from(AXIS))
def test_the_cursor_stays_on_a_measured_place_that_is_seen(keys, start):
    lens = Lens()
    for key in keys:
        if key in {"left", "right"}:
            lens.move(AXIS, 1 if key == "right" else -1, start)
        else:
            lens.zoom(AXIS, 1 if key == "in" else -1, start)
        low, high = lens.window or (0.0, 1.0)
        assert -1e-12 <= low < high <= 1 + 1e-12
        assert high - low >= 1 / MAX_ZOOM - 1e-9
        here = start if lens.cursor is None else lens.cursor
        assert lens.cursor is None or lens.cursor in AXIS
        if lens.cursor is not None or lens.window is None:
            assert low - 1e-12 <= here <= high + 1e-12
    lens.clear()
    assert (lens.cursor, lens.window) == (None, None)


def test_steps_go_through_measured_alphas():
    lens = Lens()
    seen = []
    for steps in (1, 1, -1, -100, 100):
        lens.move([0.0, 0.1, 0.5, 1.0], steps, 0.1)
        seen.append(lens.cursor)
    assert seen == [0.5, 1.0, 0.5, 0.0, 1.0]


def test_zooming_halves_and_doubles_around_the_cursor():
    lens = Lens()
    lens.zoom(AXIS, 1, 0.5)
    assert lens.window == (0.25, 0.75)
    lens.zoom(AXIS, 1, 0.5)
    assert lens.window == (0.375, 0.625)
    lens.move(AXIS, 9, 0.5)
    assert lens.window == pytest.approx((0.75, 1.0))
    lens.zoom(AXIS, -1, 0.5)
    lens.zoom(AXIS, -1, 0.5)
    assert lens.window is None
    flat = Lens()
    flat.zoom([0.3], 1, 0.3)
    assert flat.window is None
