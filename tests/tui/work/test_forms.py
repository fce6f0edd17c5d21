"""Fields, forms and the command lines they mean."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lininterp_cli.tui.work.forms import Field, Form, command_line, folded_command, split

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@settings(max_examples=60)
@given(st.lists(TEXTS, max_size=6), st.integers(20, 100))
def test_both_ways_of_writing_a_command_are_read_by_a_shell_as_the_same_words(words, width):
    for text in (command_line(words), "\n".join(folded_command(words, width))):
        program = f"set -- {text}\nfor word; do printf '%s\\0' \"$word\"; done"
        done = subprocess.run(["/bin/sh", "-c", program], capture_output=True, check=True)
        assert done.stdout.decode().split("\0")[:-1] == ["lininterp", *words]


def test_a_folded_command_stays_in_its_width_where_words_allow():
    words = ["train", "--preset", "digits", *[w for n in range(9) for w in ("--set", f"a.b{n}={n}")]]
    rows = folded_command(words, 40)
    assert len(rows) > 3
    assert all(len(row) <= 40 for row in rows)
    assert all(row.endswith("\\") for row in rows[:-1])


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (Field("a", "--a"), []),
        (Field("a", "--a", value="x y"), ["--a", "x y"]),
        (Field("a", "--a", value="-x"), ["--a=-x"]),
        (Field("a", "--set", value="0.1", prefix="optimizer.lr="), ["--set", "optimizer.lr=0.1"]),
        (Field("a", "--a", value="x 'y z'", kind="many"), ["--a", "x", "--a", "y z"]),
        (Field("a", "--a", value="yes", kind="switch", no_flag="--no-a"), ["--a"]),
        (Field("a", "--a", value="no", kind="switch", no_flag="--no-a"), ["--no-a"]),
        (Field("a", value="x", kind="positional"), []),
    ],
)
def test_what_a_field_says(field, words):
    assert field.words() == words


def test_a_positional_word_that_looks_like_an_option_comes_last():
    def words(run):
        return Form("", "interpolate", [Field("run", value=run, kind="positional")]).words(Path("runs"))

    assert words("r") == ["interpolate", "r", "--runs", "runs"]
    assert words("--r") == ["interpolate", "--runs", "runs", "--", "--r"]
    assert Form("", "train").words(Path("-odd")) == ["train", "--runs=-odd"]


def test_choices_go_around_and_the_default_is_one_of_them():
    field = Field("bn", "--bn", default="running", choices=("batch", "final"), is_open=False)
    seen = []
    for _ in range(4):
        field.value = field.turned(1)
        seen.append(field.value)
    assert seen == ["batch", "final", "", "batch"]
    assert field.turned(-1) == ""
    assert Field("x", value="y").turned(1) == "y"
    assert Field("x", value="own", choices=("p",), is_open=False).turned(1) == "p"


def test_what_stands_in_the_way():
    def problem(block, other):
        fields = [Field("blocks", "--block", value=block, kind="many"), Field("all but", "--all-but", value=other)]
        return Form("", "reset-block", fields, one_of=("blocks", "all but")).problem()

    assert problem("fc", "") == ""
    assert problem("", "") == "give either blocks or all but"
    assert problem("fc", "fc") == "give either blocks or all but, not both"
    assert problem("it's", "") == "blocks: a quote is not closed"
    assert Form("", "", [Field("a", "--a", value="x\0")]).problem() == "a: a null character cannot be written"
    assert Form("", "", obstacle="no").problem() == "no"
    assert split("it's") == ["it's"]
