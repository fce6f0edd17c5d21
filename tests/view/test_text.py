"""What a file says must not steer the terminal."""

import pytest
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


RESNET18 = [
    f"layer{stage}.{block}.{part}"
    for stage in (1, 2, 3, 4)
    for block in (0, 1)
    for part in ("conv1", "bn1", "conv2", "bn2", *(("downsample.0", "downsample.1") if stage > 1 > block else ()))
]


@pytest.mark.parametrize("width", [12, 13, 14, 20])
def test_layers_of_resnet18_differ(width):
    cropped = crop_unique(["conv1", "bn1", *RESNET18, "fc"], width)
    assert len(set(cropped)) == len(RESNET18) + 3
    assert max(map(cell_len, cropped)) <= width


@given(st.lists(st.text("ab.", min_size=1, max_size=9), max_size=6), st.integers(3, 8))
def test_names_are_cropped_each_in_its_place_where_no_place_is_right_for_all(names, width):
    cropped = crop_unique(names, width)
    assert all(cell_len(name) <= width for name in cropped)
    assert all(short == name for short, name in zip(cropped, names, strict=True) if len(name) <= width)


def test_two_names_that_differ_in_different_places_stay_different():
    names = ["aaaa0aaaaaaa", "aaaa1aaaaaaa", "aaaaaaaaaa0a", "aaaaaaaaaa1a"]
    assert len(set(crop_unique(names, 6))) == 4


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
