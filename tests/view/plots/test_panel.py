"""The parts of a plot: its frame with ticks and pointers, its legend and its remarks."""

import math

import pytest
from rich.cells import cell_len

from lininterp_cli.view.look import Look
from lininterp_cli.view.plots.axes import Axes, Line, Mark
from lininterp_cli.view.plots.guard import Limits
from lininterp_cli.view.plots.panel import Panel
from lininterp_cli.view.plots.plot import plot

PLAIN = Look(ascii=True, depth="none")
UNIT = Limits(low=0.0, high=1.0)


def shown(rows):
    return ["".join(word for word, _ in row) for row in rows]


def rise(**changes):
    return Line(**({"label": "rise", "xs": [0.0, 1.0], "ys": [0.0, 1.0]} | changes))


@pytest.mark.parametrize(("width", "rows"), [(24, 4), (61, 13)])
def test_the_body_is_a_frame_of_the_width_around_the_canvas_and_a_row_of_ticks(width, rows):
    top, *canvas, bottom, labels = shown(Panel([rise()], Axes(), UNIT, UNIT, look=PLAIN).body(width, rows, []))
    assert len(canvas) == rows
    assert {len(row) for row in (top, *canvas, bottom)} == {width}
    assert set(top.strip()) == {"+", "-"}
    assert (bottom.strip()[0], bottom[-1]) == ("+", "+")
    ends = [labels.split()[0], labels.split()[-1], canvas[-1].split("+")[0], canvas[0].split("+")[0]]
    assert [float(label) for label in ends] == [0, 1, 0, 1]


def test_ticks_stand_under_their_places_and_the_name_after_them():
    axes = Axes(x_ticks=((0.0, "0"), (0.5, "half"), (0.52, "hidden"), (2.0, "outside")), x_label="epoch")
    *_, bottom, labels = shown(Panel([rise()], axes, UNIT, UNIT, look=PLAIN).body(45, 6, []))
    start, stop = bottom.index("+") + 1, len(bottom) - 1
    assert labels.split() == ["0", "half", "epoch"]
    assert bottom[(start + stop) // 2] == "+"
    assert abs(labels.index("half") + 2 - (start + stop) // 2) <= 1


def test_places_without_a_value_are_marked_on_the_axis_and_counted_below():
    lost = rise(xs=[0.0, 0.5, 0.75, 1.0], ys=[0.0, math.nan, None, 1.0])
    panel = Panel([lost], Axes(note="of test"), UNIT, UNIT, look=PLAIN)
    bottom = shown(panel.body(47, 6, []))[-2]
    inside = bottom[bottom.index("+") + 1 : -1]
    assert [at / (len(inside) - 1) for at, sign in enumerate(inside) if sign == "x"] == pytest.approx(
        [0.5, 0.75], abs=0.51 / (len(inside) - 1)
    )
    assert shown(panel.remarks(80)) == ["2 not finite, marked x on the axis; of test"]


def test_values_under_a_dotted_line_are_no_loss():
    assert Panel([rise(ys=[math.nan, 7.0], stroke="dotted")], Axes(), UNIT, UNIT, look=PLAIN).remarks(80) == []


def test_a_mark_points_down_to_its_value_and_from_there_to_its_foot():
    flat = rise(ys=[0.0, 0.0])
    mark = Mark(x=0.5, y=0.5, text="here", foot=0.0)
    top, *canvas, _, _ = shown(Panel([flat], Axes(), UNIT, UNIT, look=PLAIN).body(44, 9, [mark]))
    column = top.index("v")
    assert top[column:].startswith("v here ")
    assert "".join(row[column] for row in canvas) == "::::||||*"


def test_a_mark_that_would_cover_another_is_left_out():
    marks = [Mark(x=x, y=1.0, text=text) for x, text in ((0.5, "first"), (0.55, "second"), (math.nan, "third"))]
    top = shown(Panel([rise()], Axes(), UNIT, UNIT, look=PLAIN).body(40, 6, marks))[0]
    assert top.count("v") == 1
    assert "first" in top


@pytest.mark.parametrize("place", [0.0, 0.3, 0.52, 0.7, 1.0])
def test_a_mark_is_whole_where_there_is_room_on_both_sides_of_it(place):
    line = Line(label="", xs=[0.0, 0.3, 0.52, 0.7, 1.0], ys=[0.0, 1.0, 2.0, 1.0, 0.0])
    mark = Mark(x=place, y=1.0, text="chord 0.709 [0.634..0.772] at 1.05, random:1")
    text = plot([line], width=80, height=12, marks=[mark], axes=Axes(title="t")).plain
    top = text.split("\n")[1]
    assert " ".join(top.replace("▼", " ").strip(" ┌┐─").split()) == mark.text
    assert top.count("▼") == 1


def test_the_cursor_does_not_go_through_a_name():
    line = Line(label="", xs=[0.0, 1.0], ys=[0.0, 0.1])
    for column in range(60):
        axes = Axes(levels=((0.9, "chance"),), cursor=column / 59, always=1.0)
        assert " chance " in plot([line, Line(label="", xs=[0.0], ys=[1.0])], width=66, height=12, axes=axes).plain


def test_the_legend_lists_labels_by_their_letters_and_needs_two_lines_or_a_letter():
    lines = [rise(label="last", letter="b"), rise(label="first", letter="a"), rise(label=""), rise(label="all")]
    assert shown(Panel(lines, Axes(), UNIT, UNIT, look=PLAIN).legend(60)) == [" * all  a first  b last"]
    assert Panel([rise(), rise(label="")], Axes(), UNIT, UNIT, look=PLAIN).legend(60) == []
    assert shown(Panel([rise(letter="a")], Axes(), UNIT, UNIT, look=PLAIN).legend(60)) == [" a rise"]


@pytest.mark.parametrize("width", [12, 20, 33])
def test_a_legend_is_wrapped_between_its_entries(width):
    lines = [rise(label=f"block{index}", letter="abcdefg"[index]) for index in range(7)]
    rows = shown(Panel(lines, Axes(), UNIT, UNIT, look=PLAIN).legend(width))
    assert all(cell_len(row) <= width for row in rows)
    assert " ".join(" ".join(rows).split()) == " ".join(f"{'abcdefg'[index]} block{index}" for index in range(7))


def test_styles_are_the_lines_own_and_have_no_colour_where_there_is_none():
    line = rise(color="#E69F00", emphasis="bold")
    assert Panel([line], Axes(), UNIT, UNIT, look=Look()).style(line) == "bold #E69F00"
    assert Panel([line], Axes(), UNIT, UNIT, look=Look(depth="none")).style(line) == "bold"
    assert Panel([rise()], Axes(), UNIT, UNIT, look=Look()).style(rise()) == ""
