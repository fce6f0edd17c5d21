"""Lines that meet, over one axis."""

import math

import pytest

from lininterp_cli.view.look import Look
from lininterp_cli.view.study.legs import leg_means, legs_plot, stations
from lininterp_cli.view.study.page import page

FALLING = ((0.0, 0.5, 1.0), (2.0, 1.0, 0.25))
RISING = ((0.0, 1.0), (0.25, 3.0))


@pytest.fixture
def rows(make_row):
    """A row's lines by name, each with its curves."""

    def make(group="net", **lines):
        named = {name.replace("_", " "): paths for name, paths in lines.items()}
        return tuple(make_row(group, line=line, paths=tuple(paths)) for line, paths in named.items())

    return make


def test_two_legs_are_joined_at_the_final_weights(make_report, rows):
    found = leg_means(make_report(rows=rows(initial_to_final=[FALLING], final_to_random=[RISING, RISING])))
    (one,) = found
    assert (one.label, one.num) == ("net", 3)
    assert list(one.alphas) == [0.0, 0.5, 1.0, 1.0, 2.0]
    assert list(one.losses) == [2.0, 1.0, 0.25, 0.25, 3.0]
    assert list(one.band.xs) == list(one.alphas)
    assert [list(alphas) for alphas, _ in one.paths] == [[0, 0.5, 1], [1, 2], [1, 2]]
    assert stations(found) == ((0.0, "initial"), (1.0, "final"), (2.0, "random"))


def test_a_leg_that_was_walked_backwards_is_turned(make_report, rows):
    lines = rows(initial_to_final=[FALLING], random_to_final=[FALLING], initial_to_random=[((0.0, 1.0), (2.0, 3.0))])
    (one,) = leg_means(make_report(rows=lines))
    assert list(one.alphas) == [0.0, 0.5, 1.0, 1.0, 1.5, 2.0, 2.0, 3.0]
    assert list(one.losses) == [2.0, 1.0, 0.25, 0.25, 1.0, 2.0, 3.0, 2.0]
    assert stations([one])[-1] == (3.0, "initial")


def test_one_leg_alone_is_none(make_report, rows):
    assert leg_means(make_report(rows=rows(initial_to_final=[FALLING]))) == []
    assert leg_means(make_report(rows=rows(final_to_random=[RISING], initial_to_random=[RISING]))) == []
    assert legs_plot(make_report(), width=80, height=20) is None
    assert "random" not in page(make_report())


def test_the_plot_and_the_page_name_the_stations(make_report, rows):
    lines = rows(initial_to_final=[FALLING], final_to_random=[RISING]) + rows("b", initial_to_final=[FALLING])
    report = make_report(rows=lines)
    drawn = legs_plot(report, width=80, height=20).plain.split("\n")
    assert drawn[0].strip() == "initial - final - random, loss on test (nats), mean of (curves)"
    assert any(line.split() == ["initial", "final", "random"] for line in drawn)
    assert "a net (2)" in drawn[-1]
    content = page(report)
    assert "<h2>initial - final - random, loss on test (nats)</h2>" in content
    assert content.count(">random</text>") == 1


@pytest.mark.parametrize(("width", "height"), [(24, 8), (80, 20), (200, 60)])
def test_what_diverged_is_drawn_as_far_as_it_goes(make_report, rows, evil, width, height):
    lines = rows(evil, initial_to_final=[((0.0, 1.0), (math.nan, 0.3))], final_to_random=[((0.0, 1.0), (0.3, 1e300))])
    out = legs_plot(make_report(rows=lines), width=width, height=height, look=Look(ascii=True)).plain
    assert all(len(line) <= width for line in out.split("\n"))
    assert out.isascii()
    assert "\x1b" not in out
