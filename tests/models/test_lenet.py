import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from lininterp_cli.errors import ConfigError
from lininterp_cli.models.lenet import lenet5


@pytest.mark.parametrize("pixels", [28, 32])
def test_has_the_well_known_number_of_parameters(pixels: int):
    model = lenet5((1, pixels, pixels), 10)
    # 6 * (25 + 1) + 16 * (6 * 25 + 1) + 120 * 401 + 84 * 121 + 10 * 85
    assert sum(p.numel() for p in model.parameters()) == 61_706


@pytest.mark.parametrize("pixels", [28, 32])
def test_computes_lenet(pixels: int):
    model = lenet5((1, pixels, pixels), 10).double()
    w = model.state_dict()
    images = torch.randn(3, 1, pixels, pixels, dtype=torch.float64)
    padded = functional.pad(images, [(32 - pixels) // 2] * 4)
    maps = functional.max_pool2d(functional.conv2d(padded, w["conv1.weight"], w["conv1.bias"]).relu(), 2)
    maps = functional.max_pool2d(functional.conv2d(maps, w["conv2.weight"], w["conv2.bias"]).relu(), 2)
    assert maps.shape == (3, 16, 5, 5)
    values = (maps.reshape(3, 400) @ w["fc1.weight"].T + w["fc1.bias"]).relu()
    values = (values @ w["fc2.weight"].T + w["fc2.bias"]).relu()
    torch.testing.assert_close(model(images), values @ w["fc3.weight"].T + w["fc3.bias"])


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 3), st.integers(8, 64), st.integers(8, 64))
def test_takes_every_image_from_8x8_on(channels: int, height: int, width: int):
    assert lenet5((channels, height, width), 4)(torch.zeros(2, channels, height, width)).shape == (2, 4)


@pytest.mark.parametrize("shape", [(1, 7, 8), (1, 32, 4), (8, 8), (64,)])
def test_smaller_examples_are_refused(shape: tuple[int, ...]):
    with pytest.raises(ConfigError, match=r"lenet5 takes images \(C, H, W\) of at least 8x8 pixels"):
        lenet5(shape, 10)


def test_children_that_hold_weights():
    children = lenet5((1, 8, 8), 10, norm="batch").named_children()
    holding = [name for name, child in children if any(True for _ in child.parameters())]
    assert holding == ["conv1", "norm1", "conv2", "norm2", "fc1", "fc2", "fc3"]
