"""The line in which something is written: every key, and nothing that could steer the terminal."""

import pytest

from lininterp_cli.tui.prompt import Prompt


@pytest.fixture
def write():
    def run(*keys, text=""):
        said, changes = [], []
        prompt = Prompt("name: ", text, done=said.append, changed=changes.append)
        for key in keys:
            if not prompt.is_open:
                break
            prompt.press(key, key if len(key) == 1 else None)
        return prompt, said, changes

    return run


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ((*"abc", "backspace"), "ab"),
        ((*"ab", "ctrl+h", "ctrl+h", "ctrl+h"), ""),
        ((*"one two", "ctrl+w"), "one "),
        ((*"one", "ctrl+u", "x"), "x"),
        (("a", "left", "f5", "b"), "ba"),
        ((*"abc", "left", "left", "x", "right", "y"), "axbyc"),
        ((*"abc", "home", "x", "end", "y"), "xabcy"),
        ((*"abc", "ctrl+a", "x", "ctrl+e", "y"), "xabcy"),
        ((*"abc", *["left"] * 9, "delete", "x"), "xbc"),
        ((*"abc", "ctrl+b", "ctrl+d", "ctrl+d", *["ctrl+f"] * 9, "x"), "abx"),
        ((*"abc", "left", "backspace", "x"), "axc"),
        ((*"abc", "left", "ctrl+k", "x"), "abx"),
        ((*"abc", "left", "ctrl+u", "x"), "xc"),
        ((*"one two three", *["left"] * 5, "ctrl+w", "x"), "one xthree"),
        (("a", "\x1b", "\n", "b"), "ab"),
    ],
)
def test_keys_write(write, keys, text):
    prompt, said, changes = write(*keys)
    assert prompt.text == text
    assert said == []
    assert changes[-1:] == [text]


def test_enter_is_done_and_escape_says_nothing(write):
    prompt, said, _ = write("x", "enter", "y", text="a")
    assert (prompt.is_open, said) == (False, ["ax"])
    prompt, said, changes = write("x", "escape", text="a")
    assert (prompt.is_open, said, changes[-1]) == (False, [], "a")


def test_what_is_pasted_is_written_as_far_as_it_can_be_printed(write):
    prompt, _, changes = write()
    prompt.write("re\x1b[2Jsnet\n18")
    assert prompt.text == "re[2Jsnet18"
    assert changes == ["re[2Jsnet18"]
    prompt, _, _ = write("left", text="ac")
    prompt.write("b")
    assert prompt.text == "abc"


@pytest.mark.parametrize("num_left", [0, 1, 30, 70, 99, 100])
@pytest.mark.parametrize("width", [24, 40, 80, 200])
def test_the_cursor_is_in_sight(write, width, num_left):
    text = "".join(chr(ord("a") + place % 26) for place in range(100))
    prompt, _, _ = write(*["left"] * num_left, text=text)
    *_, line = prompt.lines(width, ascii=True)
    assert line.cell_len <= width
    (span,) = [span for span in line.spans if span.style == "reverse"]
    under, before = line.plain[span.start : span.end], line.plain[: span.start]
    place = len(text) - num_left
    assert under == (text[place] if num_left else " ")
    assert place == 0 or before.endswith(text[max(0, place - 4) : place])


@pytest.mark.parametrize("width", [1, 10, 40, 80])
def test_the_line_shows_the_end_of_a_long_text_and_the_keys_where_there_is_room(write, width):
    prompt, _, _ = write(*("x" * 100 + "end"))
    *_, line = prompt.lines(width, ascii=True)
    assert line.plain.isascii()
    if width >= 40:
        assert "end" in line.plain
        assert line.cell_len <= width
    assert "Esc cancel" in write(*"ab")[0].lines(80, ascii=False)[0].plain


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_long_question_is_read_whole(width):
    command = "train --preset cifar10 --name a-long-name-of-a-run --epochs 30 --lr 0.1 --weight-decay 0.0005"
    question = f"stop: {command}? [y/n] "
    lines = Prompt(question, "yes").lines(width, ascii=True)
    assert all(line.cell_len <= width for line in lines)
    assert " ".join(line.plain.strip() for line in lines).startswith(f"{question}yes")
    # The answer has a line of its own where the question leaves it nothing.
    *_, last = Prompt("x" * (width - 3) + " ", "answer").lines(width, ascii=True)
    assert last.plain.split()[0] == "answer"
