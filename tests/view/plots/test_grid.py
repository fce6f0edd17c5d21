"""Cells of a plot: what is drawn where, and that nothing covers a line."""

from itertools import pairwise

import pytest

from lininterp_cli.view.plots.grid import BACKGROUNDS, Grid


@pytest.fixture
def grid():
    """A grid of 9 columns and 5 rows, in ASCII, with a flat line in the middle row."""
    made = Grid(9, 5, ["green"], ascii=True)
    made.draw([[[(0.0, 0.5), (1.0, 0.5)]]], ["*"], set())
    return made


def shown(grid):
    return ["".join(word for word, _ in grid.row(row)) for row in range(grid.height)]


def test_a_line_has_its_sign_and_its_style(grid):
    assert shown(grid) == [" " * 9, " " * 9, "*********", " " * 9, " " * 9]
    assert grid.row(2) == [("*********", "green")]
    assert grid.row(0) == [(" " * 9, "")]


def test_every_third_cell_of_a_dashed_line_is_blank_along_it():
    flat, steep = [(0.0, 0.0), (1.0, 0.0)], [(0.0, 0.0), (0.0, 1.0)]
    grid = Grid(9, 3, [""], ascii=True)
    grid.draw([[flat]], ["*"], {0})
    assert shown(grid)[2] == "** ** ** "
    grid = Grid(3, 9, [""], ascii=True)
    grid.draw([[steep]], ["*"], {0})
    assert "".join(row[0] for row in shown(grid)) == "** ** ** "


def test_letters_of_lines_stand_on_them_apart_from_each_other():
    grid = Grid(40, 5, ["", ""], ascii=True)
    grid.draw([[[(0.0, 1.0), (1.0, 1.0)]], [[(0.0, 0.0), (1.0, 0.0)]]], ["*", "*"], set())
    grid.letter([(0, "a"), (1, "b")])
    top, *_, bottom = shown(grid)
    places = sorted([(at, sign) for row in (top, bottom) for at, sign in enumerate(row) if sign != "*"])
    assert [sign for _, sign in places] == ["a", "b", "a", "b"]
    assert set(top) == {"a", "*"}
    assert min(second - first for (first, _), (second, _) in pairwise(places)) >= 9


def test_a_line_far_from_a_half_has_no_letter_there():
    grid = Grid(40, 5, [""], ascii=True)
    grid.draw([[[(0.0, 0.5), (0.3, 0.5)]]], ["*"], set())
    grid.letter([(0, "a")])
    assert shown(grid)[2].count("a") == 1


def test_an_area_is_shaded_from_its_lower_to_its_upper_end(grid):
    grid.shade([(0.0, 0.0, 0.25), (1.0, 0.0, 0.25)], "barrier", tint=True)
    assert grid.row(2) == [("*********", "green")]
    assert [[style.endswith(f"on {BACKGROUNDS['barrier']}") for _, style in grid.row(row)] for row in (3, 4)] == [
        [True], [True],
    ]  # fmt: skip


@pytest.mark.parametrize(("low", "high"), [(-2.0, -1.0), (2.0, 3.0)])
def test_an_area_outside_of_the_plot_is_not_shaded(grid, low, high):
    before = [grid.row(row) for row in range(5)]
    grid.shade([(0.0, low, high), (1.0, low, high)], "band", tint=True)
    assert [grid.row(row) for row in range(5)] == before


def test_without_backgrounds_a_band_is_sparse_signs_and_a_barrier_nothing(grid):
    grid.shade([(0.0, 0.0, 0.0), (1.0, 0.0, 0.0)], "barrier", tint=False)
    assert shown(grid)[4] == " " * 9
    grid.shade([(0.0, 0.0, 1.0), (1.0, 0.0, 1.0)], "band", tint=False)
    assert shown(grid) == [": : : : :", " : : : : ", "*********", " : : : : ", ": : : : :"]


def test_dots_and_levels_lie_under_lines(grid):
    grid.dot([[(0.0, 1.0), (1.0, 0.0)]], ".", "red")
    rows = shown(grid)
    assert rows[2] == "*********"
    assert (rows[0][0], rows[4][8]) == (".", ".")
    assert "".join(rows).count(".") == 9 - 3  # one in each column, three of them in the row of the line
    grid.level(0.5, "half")
    assert shown(grid)[2] == "*********"


def test_a_level_has_its_name_where_there_is_room(grid):
    grid.level(0.75, "top")
    assert shown(grid)[1] == "---- top "
    # Where its own row is full, the name stands in the next one.
    grid.level(0.5, "mid")
    assert shown(grid)[2] == "*********"
    assert shown(grid)[3].endswith(" mid ")


def test_a_pointer_is_dots_to_its_point_and_a_line_to_its_foot(grid):
    grid.pointer(3, 0.75, 0.0, color=False)
    assert [row[3] for row in shown(grid)] == [":", "|", "*", "|", "|"]
    grid.pointer(5, 0.0, None, color=False)
    assert [row[5] for row in shown(grid)] == [":", ":", "*", ":", " "]


@pytest.mark.parametrize("place", [-0.1, 1.1])
def test_a_column_outside_is_not_drawn(grid, place):
    before = shown(grid)
    grid.column(place)
    assert shown(grid) == before


def test_a_column_goes_over_levels_but_not_over_lines_and_names(grid):
    grid.level(0.75, "top")
    for column in range(9):
        grid.column(column / 8)
    assert shown(grid) == ["|" * 9, "|||| top ", "*********", "|" * 9, "|" * 9]
