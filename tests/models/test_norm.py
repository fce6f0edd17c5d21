from typing import get_args

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given
from torch import nn

from lininterp_cli.models.norm import Norm, norm_1d, norm_2d, num_groups


@given(st.integers(1, 4096))
def test_groups_divide_the_channels(num_channels: int):
    groups = num_groups(num_channels)
    assert 1 <= groups <= 32
    assert num_channels % groups == 0
    assert groups == 1 or num_channels // groups >= 8


def test_wide_layers_have_the_groups_of_the_paper():
    assert all(num_groups(num_channels) == 32 for num_channels in (256, 512, 1024, 2048))


@pytest.mark.parametrize("norm", ["group", "layer"])
def test_group_and_layer_norm_in_closed_form(norm: Norm):
    torch.manual_seed(0)
    maps = torch.randn(3, 32, 4, 5) * 3 + 1
    groups = maps.reshape(3, 4 if norm == "group" else 1, -1)
    expected = (groups - groups.mean(-1, keepdim=True)) / (groups.var(-1, correction=0, keepdim=True) + 1e-5).sqrt()
    torch.testing.assert_close(norm_2d(norm, 32)(maps), expected.reshape(maps.shape))
    vectors = maps[:, :, 0, 0]
    groups = vectors.reshape(3, 4 if norm == "group" else 1, -1)
    expected = (groups - groups.mean(-1, keepdim=True)) / (groups.var(-1, correction=0, keepdim=True) + 1e-5).sqrt()
    torch.testing.assert_close(norm_1d(norm, 32)(vectors), expected.reshape(vectors.shape))


@pytest.mark.parametrize("norm", get_args(Norm))
def test_only_batch_norm_depends_on_the_other_examples(norm: Norm):
    for layer, inputs in [(norm_2d(norm, 16), torch.randn(6, 16, 3, 3)), (norm_1d(norm, 16), torch.randn(6, 16))]:
        alone = torch.cat([layer(inputs[:2]), layer(inputs[2:])])
        assert torch.allclose(layer(inputs), alone, atol=1e-6) == (norm != "batch")


def test_none_is_the_identity():
    assert isinstance(norm_2d("none", 3), nn.Identity)
    assert isinstance(norm_1d("none", 3), nn.Identity)
