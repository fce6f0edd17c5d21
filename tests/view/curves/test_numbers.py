"""Rows hold every number of a curve; the line of values makes none up."""

from dataclasses import replace

import pytest

from lininterp_cli.view.curves.numbers import HEADS, Reading, numbers, value_line, words_of


def test_rows_are_what_was_measured(make_curve):
    curve = make_curve({"all": (2.3, float("nan"), 1.4, 0.6, 0.1), "fc": (0.4, 0.3, 0.2, 0.15, 0.1)})
    rows = [dict(zip(HEADS, row, strict=True)) for row in numbers(curve, ("test", "train"))]
    assert len(rows) == 2 * 2 * 5
    assert rows[1]["loss"] is None
    train = [row["loss"] for row in rows if (row["series"], row["split"]) == ("fc", "train")]
    assert train == [value * 0.9 for value in (0.4, 0.3, 0.2, 0.15, 0.1)]
    assert [row["alpha"] for row in rows[:5]] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert {row[0] for row in numbers(curve, ("test",), ["fc"])} == {"fc"}
    assert words_of([["a\x1b", None, 0.5]]) == [["a\\x1b", "", "0.5"]]


def test_one_series_is_read_in_full(make_curve):
    full, conv1, _ = make_curve().series
    reading = Reading(name="conv1", sign="a", series=conv1)
    line = value_line([reading], ("test", "train"), "loss", 0.25, "top", 130).plain
    assert line == (
        " alpha 0.25 (top)  conv1  test loss 1.500 ±0.010  accuracy 0.5000 ±0.0264"
        "  train loss 1.350 ±0.010  accuracy 0.5500 ±0.0262"
    )
    # Errors give way to the room there is, then the note and long words, never a value.
    assert value_line([reading], ("test", "train"), "loss", 0.25, "top", 100).plain == (
        " alpha 0.25 (top)  conv1  test loss 1.500  accuracy 0.5000  train loss 1.350  accuracy 0.5500"
    )
    assert value_line([reading], ("test", "train"), "loss", 0.25, "top", 80).plain == (
        " alpha 0.25  conv1  test loss 1.500  acc 0.5000  train loss 1.350  acc 0.5500"
    )
    error = value_line([reading], ("test",), "error", 0.25, "", 120, ascii=True).plain
    assert error == " alpha 0.25  conv1  test error 0.5000 +-0.0264  loss 1.500 +-0.010"
    several = [Reading(name="all", sign="all", series=full), reading]
    assert value_line(several, ("test",), "loss", 1.0, "", 80).plain == (
        " alpha 1  test loss  all 0.100 ±0.010  a 0.100 ±0.010"
    )
    # Errors give way before values do.
    assert value_line(several, ("test",), "loss", 1.0, "", 50).plain == " alpha 1  test loss  all 0.100  a 0.100"


@pytest.mark.parametrize("width", [34, 44, 60, 80])
def test_values_for_which_there_is_no_room_are_counted(make_curve, width):
    series = make_curve().series[0]
    several = [Reading(name=sign, sign=sign, series=series) for sign in "abcdefgh"]
    line = value_line(several, ("test",), "loss", 1.0, "", width).plain
    shown = sum(f"  {sign} 0.100" in line for sign in "abcdefgh")
    assert len(line) <= width
    assert line.endswith(f"  +{8 - shown}" if shown < 8 else "h 0.100")
    assert shown > 0


def test_between_measured_alphas_there_is_no_value(make_curve):
    full, conv1, _ = make_curve({"all": (1.0, float("nan"), 1.0, 1.0, 1.0), "a": (1,) * 5, "b": (1,) * 5}).series
    own = replace(conv1, alphas=(0.0, 0.1, 0.2, 0.3, 1.0))
    readings = [Reading(name="all", sign="all", series=full), Reading(name="a", sign="a", series=own)]
    assert value_line(readings, ("test",), "loss", 0.25, "", 80).plain.endswith("all n/a (not finite)  a -")


@pytest.mark.parametrize("width", [0, 1, 10, 30])
def test_it_fits(make_curve, width):
    reading = Reading(name="conv1\x1b", sign="a", series=make_curve().series[1])
    line = value_line([reading], ("test",), "accuracy", 0.5, "", width)
    assert line.cell_len <= width
    assert "\x1b" not in line.plain
