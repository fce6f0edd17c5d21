"""Every ramp only ever becomes lighter, at every depth of colour."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.style import Style

from lininterp_cli.view import ramp
from lininterp_cli.view.look import Look

SHARES = [index / 500 for index in range(501)]


def luminance(triplet):
    """Relative luminance as WCAG 2.1 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in triplet)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def colors(depth):
    styles = [Style.parse(ramp.style(share, Look(depth=depth))) for share in SHARES]
    assert all(style.color == style.bgcolor for style in styles)
    return [style.color for style in styles]


@pytest.mark.parametrize(("depth", "count"), [("truecolor", ramp.NUM_STEPS), ("256", len(ramp.PALETTE_256))])
def test_colours_become_lighter_at_every_step(depth, count):
    seen = list(dict.fromkeys(luminance(color.get_truecolor()) for color in colors(depth)))
    assert len(seen) == count
    assert seen == sorted(seen)
    assert seen[-1] - seen[0] > 0.6


def test_256_colours_are_sent_as_they_are():
    for color in colors("256"):
        assert color.downgrade(ColorSystem.EIGHT_BIT) is color
        # A theme that turns them into true colours and back must not change them either.
        assert Color.from_triplet(color.get_truecolor()).downgrade(ColorSystem.EIGHT_BIT).number == color.number


@pytest.mark.parametrize(("ascii", "shades"), [(False, " ░▒▓█"), (True, " .:-=+*#%@")])
def test_every_shade_is_used_in_order(ascii, shades):
    assert "".join(dict.fromkeys(ramp.shade(share, ascii=ascii) for share in SHARES)) == shades


@pytest.mark.parametrize("depth", ["16", "none"])
def test_few_colours_leave_it_to_the_sign(depth):
    assert {ramp.style(share, Look(depth=depth)) for share in SHARES} == {""}


@given(st.floats() | st.sampled_from([math.nan, math.inf, -math.inf]))
def test_any_number_has_a_place(share):
    assert ramp.shade(share) in ramp.SHADES
    for depth in ("256", "truecolor"):
        Style.parse(ramp.style(share, Look(depth=depth)))


def test_the_anchors_are_met():
    assert ramp.style(0, Look()).split()[0] == ramp.VIRIDIS[0]
    assert ramp.style(1, Look()).split()[0] == ramp.VIRIDIS[-1]
