"""What a file says must not steer the terminal."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lininterp_cli.view.text import bar, crop, crop_unique, number, plain, printable, wrap


@given(st.text())
def test_printable_text_is_one_harmless_line(text):
    shown = printable(text)
    assert shown.isprintable()
    assert not any(character in shown for character in "\x1b\n\r\t\u202e\u200b\u0301")


def test_markup_is_taken_literally():
    assert plain("[bold]x[/bold][link=http://a]").plain == "[bold]x[/bold][link=http://a]"
    assert plain("a\x1b]0;title\x07b").plain == r"a\x1b]0;title\x07b"
    assert printable("\ud800") == r"\ud800"


@given(st.text(max_size=60), st.integers(0, 40), st.booleans())
def test_cropped_text_fits(text, width, ascii):
    assert cell_len(crop(printable(text), width, ascii=ascii)) <= width


def test_crop_leaves_out_the_middle():
    assert crop("layer1.0.conv1.weight", 11) == "layer…eight"
    assert crop("short", 11) == "short"
    assert crop("日本語の名前です", 7) == "日…です"


@given(st.integers(16, 30))
def test_cropped_names_still_differ(width):
    names = [f"encoder.layers.{index}.self_attention.out_proj.weight" for index in range(8)]
    names += [f"decoder.layers.{index}.self_attention.out_proj.weight" for index in range(8)]
    cropped = crop_unique(names[:8], width + 16)
    assert len(set(cropped)) == 8
    assert all(len(name) <= width + 16 for name in cropped)


@given(st.floats())
def test_numbers_are_short(value):
    assert len(number(value)) <= 9


@given(st.floats(), st.integers(0, 20), st.booleans())
def test_bars_fill_their_width(share, width, ascii):
    assert cell_len(bar(share, width, ascii=ascii)) == width
    assert bar(share, width, ascii=True).isascii()


def test_anything_above_zero_is_seen():
    assert bar(1e-9, 5).strip()
    assert bar(1e-9, 5, ascii=True).strip() == "#"
    assert not bar(0.0, 5).strip()


def test_wrap():
    assert wrap(["aa", "bb", "cc"], 6, "; ") == ["aa; bb", "cc"]
    assert wrap(["a" * 10], 5, " ") == ["aa…aa"]
