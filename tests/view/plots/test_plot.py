"""Nothing that was measured, however it diverged, may break a plot, its size or the interpreter."""

import math
import subprocess
import sys
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from lininterp_cli.view.look import Depth, Look
from lininterp_cli.view.plots.axes import ALPHA_TICKS, Axes, Line, Mark
from lininterp_cli.view.plots.plot import plot

ALPHAS = [index / 20 for index in range(21)]
NASTY = [
    math.nan,
    math.inf,
    -math.inf,
    None,
    0.0,
    -0.0,
    5e-324,
    1e-300,
    1e300,
    -1e300,
    1.7e308,
    1e6,
    -1e6,
    2.3,
    2.3000001,
]
values = st.one_of(st.sampled_from(NASTY), st.floats(), st.floats(min_value=0, max_value=5))


@st.composite
def some_lines(draw):
    lines = []
    for _ in range(draw(st.integers(0, 4))):
        length = draw(st.integers(0, 12))
        xs = draw(
            st.one_of(
                st.just([step / max(1, length - 1) for step in range(length)]),
                st.lists(st.one_of(st.floats(), st.floats(0, 1)), min_size=length, max_size=length),
            )
        )
        ys = draw(st.lists(values, min_size=length, max_size=length))
        label = draw(st.text(max_size=40))
        lines.append(Line(label=label, xs=xs, ys=ys, letter=draw(st.sampled_from([None, "a", "b"])), color="#E69F00"))
    return lines


def check_size(text, width, height):
    rows = text.plain.split("\n")
    assert len(rows) <= max(1, height)
    assert all(cell_len(row) <= width for row in rows), [row for row in rows if cell_len(row) > width]
    assert "\x1b" not in text.plain


@settings(max_examples=300, deadline=None)
@given(
    lines=some_lines(),
    width=st.integers(0, 130),
    height=st.integers(0, 45),
    log=st.booleans(),
    look=st.builds(Look, ascii=st.booleans(), depth=st.sampled_from(get_args(Depth))),
    title=st.text(max_size=100),
    mark=st.tuples(st.floats(), st.floats(), st.text(max_size=90)),
)
def test_any_values_fit_any_size(lines, width, height, log, look, title, mark):
    axes = Axes(title=title, log=log, x_ticks=ALPHA_TICKS if look.color else None, note=title, x_label="epoch")
    marks = [Mark(x=mark[0], y=mark[1], text=mark[2])]
    text = plot(lines, width=width, height=height, axes=axes, marks=marks, look=look)
    check_size(text, width, height)


@settings(max_examples=100, deadline=None)
@given(lines=some_lines(), width=st.integers(24, 90), log=st.booleans())
def test_ascii_is_ascii(lines, width, log):
    tame = [Line(label="block", xs=line.xs, ys=line.ys, letter=line.letter) for line in lines]
    text = plot(
        tame,
        width=width,
        height=20,
        axes=Axes(log=log),
        marks=[Mark(x=0.5, y=1, text="top")],
        look=Look(ascii=True, depth="none"),
    )
    assert text.plain.isascii()
    assert not any(part in str(span.style) for span in text.spans for part in ("#", "rgb"))


def test_values_that_abort_plotext_do_not_end_the_interpreter():
    # plotext ends the process without an exception, so only a process of its own can tell.
    program = """
import math
from lininterp_cli.view.plots.axes import Axes, Line
from lininterp_cli.view.plots.plot import plot
nasty = [math.nan, math.inf, -math.inf, None, 1e300, -1e300, 1e9, 5e-324, -1.0, 0.0, 2.0]
for log in (False, True):
    for first in nasty:
        for second in nasty:
            for width, height in ((0, 0), (24, 6), (80, 24), (120, 40)):
                lines = [Line(label="a", xs=[0, 0.5, 0.75, 1], ys=[1, first, second, 2])]
                plot(lines, width=width, height=height, axes=Axes(log=log))
print("alive")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr[-500:]


def test_diverged_values_do_not_flatten_the_rest():
    losses = [2.3 - 2 * alpha for alpha in ALPHAS]
    calm = plot([Line(label="a", xs=ALPHAS, ys=losses)], width=60, height=16).plain
    losses[7], losses[8], losses[9] = 1e6, 3e7, math.nan
    wild = plot([Line(label="a", xs=ALPHAS, ys=losses)], width=60, height=18).plain
    assert "1 not finite, marked x on the axis" in wild
    assert "2 values above" in wild
    assert "not shown, up to 3.0e+07" in wild
    # The calm half is drawn over the same ticks as if nothing had happened.
    assert [row[:4] for row in wild.split("\n") if "┤" in row] == [row[:4] for row in calm.split("\n") if "┤" in row]
    axis = next(row for row in wild.split("\n") if "└" in row)
    assert axis.count("x") == 1
    assert axis.index("x") == pytest.approx(4 + round(0.45 * 54), abs=1)


def test_a_missing_value_is_a_gap():
    whole = plot([Line(label="a", xs=ALPHAS, ys=[1.0] * 21)], width=60, height=10, look=Look(ascii=True)).plain
    losses = [1.0] * 21
    losses[9] = losses[10] = losses[11] = math.nan
    broken = plot([Line(label="a", xs=ALPHAS, ys=losses)], width=60, height=10, look=Look(ascii=True)).plain
    row = next(row for row in broken.split("\n") if "*" in row)
    assert "**   " in row
    assert "    **" in row
    assert not any("** " in row and " **" in row for row in whole.split("\n"))


def test_letters_legend_and_mark_tell_lines_apart_without_colour():
    lines = [
        Line(label="conv1", xs=ALPHAS, ys=[2 - alpha for alpha in ALPHAS], letter="a"),
        Line(label="fc", xs=ALPHAS, ys=[1 + alpha for alpha in ALPHAS], letter="b"),
        Line(label="all", xs=ALPHAS, ys=[0.5] * 21),
    ]
    marks = [Mark(x=1, y=2, text="rise 1 at 1, fc")]
    rows = plot(
        lines, width=60, height=18, axes=Axes(x_ticks=ALPHA_TICKS), marks=marks, look=Look(depth="none")
    ).plain.split("\n")
    assert rows[-1].split() == ["━", "all", "a", "conv1", "b", "fc"]
    assert "rise 1 at 1, fc ▼" in rows[0]
    canvas = "".join(rows[1:-3])
    assert canvas.count("a") == canvas.count("b") == 2
    assert rows[-2].split() == ["0", "0.25", "0.5", "0.75", "1"]


@pytest.mark.parametrize("width", [30, 60, 80])
def test_a_legend_that_is_cut_counts_the_lines_it_leaves_out(width):
    names = [f"layer{index}.conv{index}" for index in range(70)]
    lines = [Line(label=name, xs=ALPHAS, ys=ALPHAS, letter="a") for name in names]
    text = plot(lines, width=width, height=20, look=Look(ascii=True)).plain
    listed = sum(name in text.replace("\n", " ").split() for name in names)
    assert 0 < listed < 70
    assert text.split("\n")[-1].endswith(f"and {70 - listed} more")
    assert all(len(row) <= width for row in text.split("\n"))
    assert "more" not in plot(lines[:4], width=80, height=20, look=Look(ascii=True)).plain


def test_nothing_to_draw_says_why():
    assert "nothing measured yet" in plot([], width=60, height=10).plain
    line = Line(label="a", xs=ALPHAS, ys=[math.nan] * 21)
    assert "no finite value (21 values)" in plot([line], width=60, height=10).plain
    line = Line(label="a", xs=ALPHAS, ys=[0.0] * 21)
    assert "no value above 0" in plot([line], width=60, height=10, axes=Axes(log=True)).plain


def test_a_long_training_is_thinned_but_keeps_its_spike():
    xs = list(range(20_000))
    ys = [1.0 + (10.0 if x == 7_777 else 0.0) for x in xs]
    rows = plot([Line(label="train", xs=xs, ys=ys)], width=80, height=20, axes=Axes(always=20.0)).plain.split("\n")
    assert any(mark in rows[1] + rows[2] for mark in "⡇⢸⡄⢠⣀")


def test_without_plotext_there_is_still_a_plot(monkeypatch):
    monkeypatch.setitem(sys.modules, "plotext", None)
    text = plot([Line(label="a", xs=ALPHAS, ys=ALPHAS, letter="a")], width=40, height=10).plain
    assert "a" in text
    assert "⡠" in text
