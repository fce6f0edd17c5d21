"""Both ways of drawing braille put a line where it is."""

import math

import pytest

from lininterp_cli.view.plots import canvas

WAVE = [(step / 50, 0.5 + 0.4 * math.sin(step / 6)) for step in range(51)]
FALL = [(step / 50, 1 - step / 50) for step in range(51)]


def cells(rows):
    found = {}
    for row, runs in enumerate(rows):
        for start, word, owner in runs:
            for at, sign in enumerate(word):
                found[row, start + at] = (sign, owner)
    return found


@pytest.mark.parametrize(("width", "height"), [(60, 16), (112, 34)])
def test_without_plotext_the_same_is_drawn(monkeypatch, width, height):
    if not canvas.has_plotext():
        pytest.skip("plotext has no wheel for this platform")
    with_plotext = cells(canvas.draw([[WAVE], [FALL]], ["a", "b"], width, height, ascii=False))
    monkeypatch.setattr(canvas, "has_plotext", lambda: False)
    without = cells(canvas.draw([[WAVE], [FALL]], ["a", "b"], width, height, ascii=False))
    assert all(0x2800 < ord(sign) < 0x2900 for sign, _ in without.values())
    # The two round to dots differently, so a cell may be touched by one of them only.
    for one, other in ((with_plotext, without), (without, with_plotext)):
        near = {(row + down, column + right) for row, column in other for down in (-1, 0, 1) for right in (-1, 0, 1)}
        assert set(one) <= near
    assert len(set(with_plotext) & set(without)) > 0.6 * len(with_plotext)
    shared = [place for place in with_plotext if place in without]
    assert sum(with_plotext[place][1] == without[place][1] for place in shared) > 0.9 * len(shared)


def test_dots_of_crossing_lines_share_a_cell(monkeypatch):
    monkeypatch.setattr(canvas, "has_plotext", lambda: False)
    (left,), (right,) = ([[(0.0, 0.0)]], [[(1.0, 1.0)]])
    rows = canvas.draw([[left], [right]], ["a", "b"], 2, 2, ascii=False)
    assert rows == [[(1, "\u2808", 1)], [(0, "\u2840", 0)]]
    rows = canvas.draw([[[(0.0, 0.0), (0.0, 1.0)]], [[(0.3, 1.0), (0.3, 0.0)]]], ["a", "b"], 2, 2, ascii=False)
    assert rows == [[(0, "⣿", 1)], [(0, "⣿", 1)]]


def test_a_plot_is_drawn_without_plotext_too(monkeypatch):
    from lininterp_cli.view.plots.axes import Line
    from lininterp_cli.view.plots.plot import plot

    monkeypatch.setattr(canvas, "has_plotext", lambda: False)
    ys = [math.nan if index == 25 else value for index, (_, value) in enumerate(WAVE)]
    text = plot([Line(label="a", xs=[x for x, _ in WAVE], ys=ys, letter="a")], width=60, height=16).plain
    assert sum(0x2800 < ord(sign) < 0x2900 for sign in text) > 50
    assert "1 not finite" in text
