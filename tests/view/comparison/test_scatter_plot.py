"""A scatter as text."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from scipy import stats

from lininterp_cli.view.comparison.scatter import scatter
from lininterp_cli.view.comparison.scatter_plot import MAX_LETTERS, ScatterPlot
from lininterp_cli.view.look import Look
from lininterp_cli.view.runs.summary import Summary, Worst


def make(at, x=0.0, y=0.0, model="m"):
    worst = Worst(height=x, alpha=0.5, block="fc", definition="rise", curve="c")
    return Summary(id=f"run-{at}", name="", state="finished", accuracy=y, worst=worst, model=model)


def draw(runs, cursor=None, **how):
    return ScatterPlot(scatter(runs, "barrier", "accuracy"), **({"width": 80, "height": 24} | how)).text(cursor)


@given(
    pairs=st.lists(st.tuples(st.floats(), st.floats(), st.text(max_size=9)), max_size=12),
    times=st.sampled_from([1, 1, 1, 40]),
    cursor=st.none() | st.integers(0, 500),
    width=st.integers(1, 130),
    height=st.integers(1, 50),
    log=st.booleans(),
    legend=st.booleans(),
    ascii=st.booleans(),
)
def test_any_runs_fit_any_size(pairs, times, cursor, width, height, log, legend, ascii):
    runs = [make(at, *pair) for at, pair in enumerate(pairs * times)]
    text = draw(runs, cursor, width=width, height=height, log=log, legend=legend, look=Look(ascii=ascii)).plain
    rows = text.split("\n")
    assert len(rows) <= height
    assert max(map(cell_len, rows)) <= width
    assert text.isascii() or not ascii


def inside(text):
    """The rows between the upper and the lower frame, all as far from the left."""
    lines = text.splitlines()
    upper, lower = (at for at, row in enumerate(lines) if re.fullmatch(r" *\+[-+]+\+", row))
    return lines[upper + 1 : lower]


def test_four_corners_are_where_they_belong():
    runs = [make(0, 0, 0, "a"), make(1, 1, 0, "b"), make(2, 0, 1, "c"), make(3, 1, 1, "d")]
    rows = inside(draw(runs, look=Look(ascii=True)).plain)
    places = {sign: (row, line.index(sign)) for row, line in enumerate(rows) for sign in "abcd" if sign in line}
    assert places["a"][0] == places["b"][0] > places["c"][0] == places["d"][0]
    assert places["a"][1] == places["c"][1] < places["b"][1] == places["d"][1]


def test_a_dot_is_seen_for_each_run_and_the_cursor_turns_its_own_around():
    runs = [make(at, at / 10, at / 10) for at in range(9)]
    text = draw(runs, 4)
    assert text.plain.count("●") == 9
    turned = [span for span in text.spans if "reverse" in str(span.style)]
    assert [text.plain[span.start : span.end] for span in turned] == ["●"]
    row = text.plain[: turned[0].start].count("\n")
    assert [line.count("●") for line in text.plain.splitlines()][row] == 1
    assert not [span for span in draw(runs, 99).spans if "reverse" in str(span.style)]


def test_no_color_means_no_color():
    runs = [make(at, at / 10, at / 10, model=str(at % 3)) for at in range(9)]
    assert any("#" in str(span.style) for span in draw(runs).spans)
    assert not any("#" in str(span.style) for span in draw(runs, look=Look(depth="none")).spans)


def test_a_small_plot_keeps_the_correlation_and_its_interval():
    runs = [make(at, at / 10, (at * 7 % 9) / 10) for at in range(9)]
    line = next(line for line in draw(runs, width=60, height=9).plain.splitlines() if line.startswith("9 runs"))
    assert line.endswith(" ...")
    assert f"rho = {stats.spearmanr(range(9), [at * 7 % 9 for at in range(9)]).statistic:.2f} (" in line
    assert ".." in line.split("(")[1].split(")")[0]


def test_title_axes_legend_and_what_the_ranks_say():
    text = draw([make(at, at / 10, (at * 7 % 9) / 10, model="xy"[at % 2]) for at in range(9)]).plain
    lines = text.splitlines()
    assert lines[0] == "accuracy (fraction) against barrier (nats)"
    assert lines[-1] == "model:  a x  b y"
    assert "9 runs: rank correlation rho = 0.10 (" in text
    assert "; it cannot be told from 0" in " ".join(lines)
    ticks = next(row for row, above in zip(lines[1:], lines, strict=False) if "└" in above)
    assert [float(label) for label in ticks.split()] == [0, 0.2, 0.4, 0.6, 0.8]


def test_the_first_remark_and_the_legend_outlast_the_other_remarks():
    runs = [make(at, at / 10, (at * 7 % 9) / 10, model="xy"[at % 2]) for at in range(9)]
    text = draw(runs, height=13).plain
    assert text.splitlines()[-1] == "model:  a x  b y"
    assert text.splitlines()[-3].startswith("9 runs: ")
    assert text.splitlines()[-2].endswith(" ...")
    assert draw(runs).plain.splitlines()[-2].endswith("independent")


def test_a_run_far_from_all_others_is_counted_and_does_not_flatten_them():
    runs = [make(at, 0.1 + at / 100, 0.5 + at / 100) for at in range(9)]
    text = draw([*runs, make(9, 1e6, 0.5)]).plain
    assert text.count("●") == 9
    assert "1 not drawn, far from all others" in " ".join(text.split())
    log = draw([*runs, make(9, 0.0, 0.5)], log=True).plain
    assert log.startswith("accuracy (fraction) against barrier (nats), log axes")
    assert "1 not drawn, far from all others or not above 0" in " ".join(log.split())


def test_thousands_of_runs_are_braille_with_a_letter_for_each_group():
    def ring(at):
        turn = 2 * math.pi * at / 1000
        return make(at, 0.5 + 0.4 * math.cos(turn), 0.5 + 0.4 * math.sin(turn), model="xy"[at >= 500])

    text = draw([ring(at) for at in range(1000)]).plain
    body = text.split("┌")[1].split("└")[0]
    assert re.search("[⠁-⣿]{3}", body)
    upper, lower = body.index("a"), body.index("b")
    # The first half of the circle is the upper one.
    assert upper < lower
    few = draw([ring(at) for at in range(MAX_LETTERS)]).plain
    assert not re.search("[⠁-⣿]", few)


@pytest.mark.parametrize(("size", "word"), [((80, 4), "too small"), ((10, 24), "too small"), ((80, 24), "nothing")])
def test_no_plot_is_said(size, word):
    runs = [] if word == "nothing" else [make(0, 0.1, 0.2), make(1, 0.2, 0.3)]
    text = draw(runs, width=size[0], height=size[1], look=Look(ascii=True)).plain
    assert word in text or "too s~" in text
