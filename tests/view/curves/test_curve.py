"""A curve's plot and table say what the curve holds."""

import math
from dataclasses import replace

import pytest

from lininterp_cli.errors import UnknownNameError
from lininterp_cli.view.curves.barriers import barrier_table
from lininterp_cli.view.curves.curve import curve_plot
from lininterp_cli.view.look import Look

NAN = math.nan


def test_plot_names_ends_blocks_and_the_highest_barrier(make_curve):
    rows = curve_plot(make_curve(), "test", width=80, height=20).plain.split("\n")
    assert rows[0] == "loss (nats) on test, 360 examples"
    assert "rise 0.600 at 0.25, conv1" in rows[1]
    assert rows[1].count("▼") == 1
    assert "0 initial" in rows[-2]
    assert rows[-2].rstrip().endswith("final 1")
    assert rows[-1].split() == ["━", "all", "a", "conv1", "b", "fc"]
    assert len(rows) <= 20
    assert max(map(len, rows)) <= 80


def test_plot_of_a_subset_marks_its_own_barrier(make_curve):
    text = curve_plot(make_curve(), "train", blocks=["fc"], metric="loss").plain
    assert "conv1" not in text
    assert "rise 0" not in text.split("\n")[1]
    assert "accuracy on test" in curve_plot(make_curve(), "test", metric="accuracy").plain


def test_a_preview_says_so_first_however_narrow_the_plot_is(make_curve):
    preview = replace(make_curve(), complete=False)
    assert curve_plot(preview, "test", log=True).plain.startswith(
        "preview: 360 examples; loss (nats) on test, log axis"
    )
    for width in (24, 40):
        assert curve_plot(preview, "test", width=width).plain.startswith("preview")
    assert "preview" not in curve_plot(make_curve(), "test").plain


def test_every_series_is_drawn_at_its_own_positions(make_curve):
    full, conv1, _ = make_curve().series
    points = {0.0: 1.0, 0.5: 4.0, 1.0: 1.0}
    values = replace(conv1.splits["test"], loss=tuple(points.values()), loss_stderr=(0.0,) * 3, accuracy=(0.5,) * 3)
    own = replace(conv1, alphas=tuple(points), splits={"test": values})
    flat = replace(full, splits={"test": replace(full.splits["test"], loss=(0.0,) * 5)})
    curve = replace(make_curve(), series=(flat, own))
    rows = curve_plot(curve, "test", width=80, height=20, look=Look(ascii=True)).plain.split("\n")
    assert "rise 3.000 at 0.5, conv1" in rows[1]
    # The peak of three points stands in the middle of the frame, over a tick of the axis that both share.
    frame = rows[1].index("+")
    (tops,) = [[at for at, sign in enumerate(row) if sign == "a"] for row in rows[2:] if "a" in row][:1]
    assert abs(sum(tops) / len(tops) - (frame + 1 + (len(rows[1]) - frame - 2) / 2)) < 2


def test_the_barrier_of_the_error_is_marked_on_the_accuracy(make_curve):
    curve = make_curve()
    conv1 = curve.series[1]
    values = replace(conv1.splits["test"], accuracy=(0.5, 0.25, 0.75, 0.875, 1.0))
    curve = replace(curve, series=(replace(conv1, splits={"test": values}),))
    rows = curve_plot(curve, "test", metric="accuracy").plain.split("\n")
    assert rows[0] == "accuracy on test, 360 examples"
    assert "error rise 25.0 pp at 0.25, conv1" in rows[1]
    assert "error chord 37.5 pp at 0.25" in curve_plot(curve, "test", metric="accuracy", definition="chord").plain


def test_positions_beyond_the_ends_are_drawn_and_do_not_count(make_curve):
    wide = (-0.5, 0.0, 0.5, 1.0, 1.5)
    curve = make_curve({"all": (9.0, 2.0, 2.5, 0.5, 8.0)})
    curve = replace(curve, series=tuple(replace(one, alphas=wide) for one in curve.series))
    rows = curve_plot(curve, "test", width=80, height=20).plain.split("\n")
    assert "rise 0.500 at 0.5, all" in rows[1]
    assert rows[-1] == "barriers count alpha 0 to 1 only"
    assert rows[-2].split() == ["-0.5", "0", "initial", "0.25", "0.5", "0.75", "final", "1", "1.5"]
    table = barrier_table(curve, "test")
    assert [column.header for column in table.columns][2:4] == ["initial", "final"]
    assert [next(iter(column.cells)).plain for column in table.columns[2:5]] == ["2.000", "0.500", "0.500"]


def test_colours_are_fixed_by_the_blocks_order(make_curve):
    def styles(text):
        legend = text.plain.rindex("b fc")
        return {str(span.style) for span in text.spans if span.start <= legend < span.end}

    whole, part = curve_plot(make_curve(), "test"), curve_plot(make_curve(), "test", blocks=["conv1", "fc"])
    assert styles(whole) == styles(part) == {"#56B4E9"}
    without = curve_plot(make_curve(), "test", look=Look(depth="none"))
    assert not any("#" in str(span.style) for span in without.spans)


def test_table(make_curve, show):
    rows = show(barrier_table(make_curve(), "test"))
    assert rows[0] == "rise barrier on test (nats)"
    assert rows[-1] == "rise: the largest rise above the running minimum"
    all_row, conv1, fc = rows[2:5]
    assert all_row.split()[:5] == ["━", "all", "2.300", "0.100", "0"]
    assert conv1.split() == ["a", "conv1", "0.900", "0.100", "0.600", "██████████", "◆", "0.25", "no", "1.500"]
    assert fc.split()[-3:] == ["-", "yes", "1.500"]


def test_table_by_another_definition(make_curve, show):
    rows = show(barrier_table(make_curve(), "test", "mean"))
    assert "mean barrier on test (nats)" in rows[0]
    # The full path: 2.3 at alpha 0, over the mean 1.2 of the ends.
    assert next(row for row in rows if "all" in row).split()[4] == "1.100"


def test_an_end_that_was_not_measured_is_not_replaced_by_its_neighbour(make_curve, show):
    curve = make_curve({"all": (2.3, 1.9, 1.4, 0.6, 0.1)})
    inner = replace(curve, series=(replace(curve.series[0], alphas=(0.1, 0.2, 0.3, 0.4, 1.0)),))
    assert show(barrier_table(inner, "test"))[2].split()[2:4] == ["n/a", "0.100"]


def test_missing_values_are_said(make_curve, show):
    curve = make_curve({"all": (NAN, NAN, NAN, NAN, NAN), "fc": (1.0, NAN, 2.0, 1.0, 0.5)})
    rows = show(barrier_table(curve, "test"))
    assert "n/a 5 not finite" in rows[2]
    assert "no (1 x)" in rows[3]
    assert rows[-1].endswith("; 6 not finite")
    assert "6 not finite" in curve_plot(curve, "test").plain
    # The accuracies are all there.
    assert "not finite" not in "".join(show(barrier_table(curve, "test", metric="accuracy")))
    assert "x" in curve_plot(curve, "test").plain.split("\n")[-4]
    rows = show(barrier_table(make_curve({"all": (1.0, NAN, 0.5, 0.4, NAN)}), "test", "chord"))
    assert "n/a 2 not finite" in rows[2]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("ascii", [False, True])
def test_long_and_hostile_names_fit(make_curve, show, width, ascii):
    names = [f"encoder.layers.encoder_layer_{index}.self_attention[/bold]\x1b[2J.weight" for index in range(12)]
    losses = {name: (1e6, 2.0, NAN, 1e-8, 0.1) for name in ["all", *names]}
    curve = make_curve(losses, start={"file": "\x1b[31mevil\n.safetensors"}, end={"random": 3})
    rows = show(barrier_table(curve, "test", width=width, look=Look(ascii=ascii)), width)
    labels = {row[3:].split()[0] for row in rows[3:15]}
    assert len(labels) == 12 or width < 80
    text = curve_plot(curve, "test", width=width, height=30, look=Look(ascii=ascii)).plain
    assert max(map(len, text.split("\n"))) <= width
    assert not ascii or text.isascii()


def test_what_is_not_there_is_named(make_curve):
    for call in (
        lambda: curve_plot(make_curve(), "validation"),
        lambda: curve_plot(make_curve(), "test", blocks=["conv9"]),
        lambda: barrier_table(make_curve(), "test", "height"),
    ):
        with pytest.raises(UnknownNameError, match=r"(validation|conv9|height).*all:"):
            call()
