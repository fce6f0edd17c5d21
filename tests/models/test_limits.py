import hypothesis.strategies as st
import pytest
from hypothesis import given

from lininterp_cli.errors import ConfigError
from lininterp_cli.models.limits import check_positive, image_shape


@given(st.lists(st.integers(0, 20), max_size=5), st.integers(1, 20))
def test_accepts_exactly_the_images_that_are_large_enough(sizes: list[int], min_pixels: int):
    shape = tuple(sizes)
    fits = len(sizes) == 3 and sizes[0] > 0 and sizes[1] >= min_pixels and sizes[2] >= min_pixels
    if fits:
        assert image_shape("net", shape, min_pixels=min_pixels) == shape
    else:
        with pytest.raises(ConfigError, match="net takes images"):
            image_shape("net", shape, min_pixels=min_pixels)


def test_the_message_names_the_count_that_is_too_small():
    check_positive("net", width=1, depth=2)
    with pytest.raises(ConfigError, match="depth of net is -2; it must be 1 or more"):
        check_positive("net", width=1, depth=-2)
