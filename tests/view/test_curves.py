"""A curve's plot and table say what the curve holds."""

import math

import pytest

from lininterp_cli.errors import UnknownNameError
from lininterp_cli.view.barriers import barrier_table
from lininterp_cli.view.curves import curve_plot, describe, endpoint_names
from lininterp_cli.view.epochs import training_plot

NAN = math.nan


def test_plot_names_ends_blocks_and_the_highest_barrier(make_curve):
    rows = curve_plot(make_curve(), "test", width=80, height=20).plain.split("\n")
    assert rows[0] == "loss (nats) on test, 360 examples"
    assert "rise 0.600 at 0.25, conv1" in rows[1]
    assert rows[1].count("▲") == 1
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


def test_colours_are_fixed_by_the_blocks_order(make_curve):
    def styles(text):
        legend = text.plain.rindex("b fc")
        return {str(span.style) for span in text.spans if span.start <= legend < span.end}

    whole, part = curve_plot(make_curve(), "test"), curve_plot(make_curve(), "test", blocks=["conv1", "fc"])
    assert styles(whole) == styles(part) == {"#56B4E9"}
    without = curve_plot(make_curve(), "test", color=False)
    assert not any("#" in str(span.style) for span in without.spans)


def test_table(make_curve, show):
    rows = show(barrier_table(make_curve(), "test"))
    assert rows[0] == "rise barrier on test (nats)"
    assert rows[-1] == "rise: the largest rise above the running minimum"
    all_row, conv1, fc = rows[2:5]
    assert all_row.split()[:5] == ["━", "all", "2.300", "0.100", "0"]
    assert conv1.split() == ["a", "conv1", "0.900", "0.100", "0.600", "██████████", "▲", "0.25", "no", "1.500"]
    assert fc.split()[-3:] == ["-", "yes", "1.500"]


def test_table_by_another_definition(make_curve, show):
    rows = show(barrier_table(make_curve(), "test", "mean"))
    assert "mean barrier on test (nats)" in rows[0]
    # The full path: 2.3 at alpha 0, over the mean 1.2 of the ends.
    assert next(row for row in rows if "all" in row).split()[4] == "1.100"


def test_missing_values_are_said(make_curve, show):
    curve = make_curve({"all": (NAN, NAN, NAN, NAN, NAN), "fc": (1.0, NAN, 2.0, 1.0, 0.5)})
    rows = show(barrier_table(curve, "test"))
    assert "n/a 5 not finite" in rows[2]
    assert "no (1 x)" in rows[3]
    assert "x" in curve_plot(curve, "test").plain.split("\n")[-4]
    rows = show(barrier_table(make_curve({"all": (1.0, NAN, 0.5, 0.4, NAN)}), "test", "chord"))
    assert "n/a 2 not finite" in rows[2]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("ascii", [False, True])
def test_long_and_hostile_names_fit(make_curve, show, width, ascii):
    names = [f"encoder.layers.encoder_layer_{index}.self_attention[/bold]\x1b[2J.weight" for index in range(12)]
    losses = {name: (1e6, 2.0, NAN, 1e-8, 0.1) for name in ["all", *names]}
    curve = make_curve(losses, start={"file": "\x1b[31mevil\n.safetensors"}, end={"random": 3})
    rows = show(barrier_table(curve, "test", width=width, ascii=ascii), width)
    labels = {row[3:].split()[0] for row in rows[3:15]}
    assert len(labels) == 12 or width < 80
    text = curve_plot(curve, "test", width=width, height=30, ascii=ascii).plain
    assert max(map(len, text.split("\n"))) <= width
    assert not ascii or text.isascii()


def test_endpoint_names(make_curve):
    assert endpoint_names(make_curve()) == ("initial", "final")
    other = make_curve(start={"run": "run-2", "checkpoint": "final"}, end={"run": "run-1", "alpha": 0.5})
    assert endpoint_names(other) == ("run-2:final", "@0.5")
    assert endpoint_names(make_curve(start={"zero": True}, end={"random": 7})) == ("zero", "random:7")


def test_what_is_not_there_is_named(make_curve):
    for call in (
        lambda: curve_plot(make_curve(), "validation"),
        lambda: curve_plot(make_curve(), "test", blocks=["conv9"]),
        lambda: barrier_table(make_curve(), "test", "height"),
    ):
        with pytest.raises(UnknownNameError, match=r"(validation|conv9|height).*all:"):
            call()
    assert describe("chord") == "the largest height above the straight line between the end values"


def test_training_plot():
    rows = [{"epoch": e, "train_loss": 2 / (e + 1), "test_loss": None if e == 3 else 2.1 / (e + 1)} for e in range(10)]
    text = training_plot(rows, width=60, height=14).plain
    assert text.startswith("loss (nats) by epoch")
    assert "1 not finite" in text
    assert text.split("\n")[-1].split() == ["━", "test", "t", "train"]
    assert "nothing measured yet" in training_plot([], width=60, height=14).plain
    assert "nothing measured yet" in training_plot([{"epoch": "x", "test_loss": []}], width=60, height=14).plain
