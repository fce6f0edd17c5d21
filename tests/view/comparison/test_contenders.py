"""The list of the runs that are compared."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lininterp_cli.landscape.curves.barrier import Interval
from lininterp_cli.view.comparison.contenders import (
    Barriers,
    Contender,
    contender_lines,
    note_lines,
    scatter_lines,
    settings_lines,
    share_words,
    signed,
)
from lininterp_cli.view.comparison.scatter import scatter
from lininterp_cli.view.curves.overlay import Trace, whole_path
from lininterp_cli.view.look import Look
from lininterp_cli.view.runs.summary import Summary, Worst


@pytest.fixture
def contender(make_curve):
    """Builds a contender whose loss rises by so much, or one without a curve."""

    def make(place, rise=None, name="", **known):
        run = Summary(id=f"run-{place}", name=name, state="finished", settings=known.pop("settings", {}))
        if rise is not None:
            curve = make_curve({"all": (2.0, 2.0 + rise, 1.0, 0.5, 0.1)})
            full = whole_path(curve)
            if interval := known.pop("interval", None):
                full = replace(full, intervals={"test": {"rise": Interval(*interval)}})
            known["trace"] = Trace(label=run.title, place=place, curve=curve, series=full)
        return Contender(run=run, place=place, **known)

    return make


def plain(lines):
    return [line.plain.rstrip() for line in lines]


def rise(reference=None, quantity="loss"):
    return Barriers(split="test", definition="rise", quantity=quantity, reference=reference)


def test_barriers_and_how_far_they_are_from_the_references(contender):
    some = [contender(0, 0.5), contender(1, 0.75), contender(2, 0.0), contender(3, 0.5), contender(4, short="no curve")]
    heads, *rows = plain(contender_lines(some, rise(some[0]), cursor=1, width=60, height=9))
    assert heads.split() == ["run", "barrier", "less", "a", "%"]
    assert [row.split() for row in rows] == [
        ["1", "━a", "run-0", "0.500", "ref"],
        ["▌2", "━b", "run-1", "◆", "0.750", "+0.250", "+50%"],
        ["3", "━c", "run-2", "0", "-0.500", "-100%"],
        ["4", "━d", "run-3", "0.500", "+0", "+0%"],
        ["5", "✓e", "run-4", "no", "curve"],
    ]
    assert {
        row.index(word) + len(word) for row, word in zip(rows, ("ref", "+0.250", "-0.500", "+0"), strict=False)
    } == {heads.index("less a") + len("less a")}


def test_intervals_are_shown_where_there_are_any_and_room(contender):
    some = [contender(0, 0.5, interval=(0.4, 0.6)), contender(1, 0.75)]
    heads, first, second = plain(contender_lines(some, rise(some[0]), cursor=0, width=80, height=9))
    assert "95 %" in heads
    assert "0.400..0.600" in first
    assert ".." not in second
    narrow = plain(contender_lines(some, rise(some[0]), cursor=0, width=50, height=9))
    assert "95 %" not in narrow[0]
    assert "less a" in narrow[0]
    assert "less" not in plain(contender_lines(some, rise(some[0]), cursor=0, width=30, height=9))[0]


def test_barriers_of_the_error_are_percentage_points(contender):
    # The accuracy is 1 - loss / 3 there, so a rise by 0.3 of the loss is one by 0.1 of the error.
    one = contender(0, 0.3, interval=None)
    assert rise(quantity="accuracy").height(one) == pytest.approx(10)
    assert "error pp" in contender_lines([one], rise(one, "accuracy"), cursor=0, width=60, height=9)[0].plain


def test_hidden_runs_previews_and_runs_without_curve_have_their_signs(contender):
    hidden = replace(contender(0, 0.5), is_hidden=True)
    grown = contender(1, 0.75)
    preview = replace(grown, trace=replace(grown.trace, curve=replace(grown.trace.curve, complete=False)))
    some = [hidden, preview, contender(2, short="damaged")]
    rows = plain(contender_lines(some, rise(hidden), cursor=9, width=60, height=9, look=Look(ascii=True)))[1:]
    assert [row.split()[1] for row in rows] == [".a", "=b", "+c"]
    assert "* ~0.750" in rows[1]
    assert "".join(rows).isascii()


def test_no_reference_is_known_where_no_run_has_a_curve(contender):
    heads, row = plain(contender_lines([contender(0, short="no curve")], rise(), cursor=0, width=60, height=9))
    assert heads.split() == ["run", "barrier", "less", "%"]
    assert row.endswith("no curve")


def test_the_cursor_is_in_sight(contender):
    some = [contender(place, 0.1) for place in range(20)]
    for cursor in (0, 7, 19):
        rows = plain(contender_lines(some, rise(some[0]), cursor=cursor, width=60, height=6))
        assert len(rows) == 6
        assert any(row.startswith("▌") and f"run-{cursor} " in row for row in rows)


@given(
    width=st.integers(0, 130), height=st.integers(0, 30), cursor=st.integers(0, 5), ascii=st.booleans(),
    name=st.text(max_size=40),
)  # fmt: skip
def test_any_list_fits_any_size(width, height, cursor, ascii, name):
    runs = [
        Summary(
            id=f"{at}{name}", name=name, state="finished", model=str(at), settings={name or "key": at},
            worst=Worst(height=10.0**at, alpha=0.5, block="fc", definition="rise", curve="c"), accuracy=0.1 * at,
        )
        for at in range(6)
    ]  # fmt: skip
    some = [Contender(run=run, place=at, short="no curve", why=name * 3) for at, run in enumerate(runs)]
    size = {"width": width, "height": height}
    plotted = scatter(runs, "barrier", "accuracy")
    for lines in (
        contender_lines(some, rise(), cursor=cursor, look=Look(ascii=ascii), **size),
        scatter_lines(runs, plotted, hidden=[False, True] * 3, cursor=cursor, look=Look(ascii=ascii), **size),
    ):
        assert len(lines) <= height
        assert all(line.cell_len <= width for line in lines)
        assert all(line.plain.isascii() for line in lines) or not ascii
    notes = note_lines(some, cursor, width, height, ascii=ascii)
    assert len(notes) <= height
    assert all(line.cell_len <= width for line in notes)


def test_notes_say_why_that_of_the_cursor_first(contender):
    some = [contender(0, why="first\x1b[2J"), contender(1, 0.5), contender(2, why="second")]
    assert plain(note_lines(some, 2, 40, 9, ascii=False)) == [" c: second", " a: first\\x1b[2J"]
    assert plain(note_lines(some, 0, 40, 1, ascii=False)) == [" a: first\\x1b[2J"]
    assert note_lines(some[1:2], 0, 40, 9, ascii=False) == []


def test_settings_that_differ_stand_in_the_columns_of_the_letters(contender):
    some = [contender(at, 0.5, settings={"lr": 0.1 * at, "seed": at, "depth": 3, "wide": True}) for at in range(3)]
    some[2] = replace(some[2], is_hidden=True)
    heads, *rows = plain(settings_lines(some, 46, 9, ascii=False))
    assert heads.startswith(" settings ")
    assert heads.split()[-2:] == ["a", "b"]
    assert [row.split() for row in rows] == [["lr", "0", "0.1"], ["seed", "0", "1"]]
    assert {row.index(word) for row, word in zip(rows, ("0.1", "1"), strict=True)} == {
        heads.rindex("b") - 2, heads.rindex("b")
    }  # fmt: skip
    assert settings_lines(some[:1], 46, 9, ascii=False) == []
    assert settings_lines(some, 46, 2, ascii=False) == []
    assert all(line.cell_len <= width for width in range(60) for line in settings_lines(some, width, 9, ascii=False))
    many = [contender(at, 0.5, settings={f"key{key}": key * at for key in range(1, 9)}) for at in range(2)]
    assert plain(settings_lines(many, 46, 4, ascii=False))[-1] == " 6 more: o shows the table"


def test_the_scatters_list_shows_both_measures_and_the_groups_letter():
    runs = [
        Summary(
            id=f"run-{at}", name="", state="finished", model="ab"[at % 2], accuracy=at / 10,
            worst=Worst(height=float(at), alpha=0.5, block="fc", definition="rise", curve="c") if at else None,
        )
        for at in range(5)
    ]  # fmt: skip
    hidden = [False, False, True, False, False]
    visible = [run for run, is_hidden in zip(runs, hidden, strict=True) if not is_hidden]
    heads, *rows = plain(
        scatter_lines(runs, scatter(visible, "barrier", "accuracy"), hidden=hidden, cursor=1, width=60, height=9)
    )
    assert heads.split() == ["run", "barrier", "accuracy"]
    assert [row.split() for row in rows] == [
        ["1", "a", "run-0", "n/a", "0.0000"],
        ["▌2", "b", "run-1", "1.000", "0.1000"],
        ["3", "·", "run-2", "2.000", "0.2000"],
        ["4", "b", "run-3", "3.000", "0.3000"],
        ["5", "a", "run-4", "4.000", "0.4000"],
    ]


def test_words_of_differences():
    assert [signed(value) for value in (0.25, -0.25, 0.0, 1e6)] == ["+0.250", "-0.250", "+0", "+1.0e+06"]
    assert [share_words(value) for value in (None, 12.4, -0.2, 1e9, 0.0)] == ["", "+12%", "+0%", "", "+0%"]
