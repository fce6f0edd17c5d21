import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lininterp_cli.models.mlp import mlp
from lininterp_cli.models.norm import Norm


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 20), st.integers(1, 5), st.sampled_from(["relu", "tanh", "sigmoid"]))
def test_is_a_chain_of_matrix_products(width: int, depth: int, activation: str):
    model = mlp((2, 3, 3), 4, width=width, depth=depth, activation=activation).double()
    state = model.state_dict()
    assert set(state) == {f"fc{i}.{kind}" for i in range(1, depth + 2) for kind in ("weight", "bias")}
    inputs = torch.randn(5, 2, 3, 3, dtype=torch.float64)
    values = inputs.reshape(5, 18)
    for index in range(1, depth + 2):
        values = values @ state[f"fc{index}.weight"].T + state[f"fc{index}.bias"]
        if index <= depth:
            values = getattr(torch, activation)(values)
    torch.testing.assert_close(model(inputs), values)


def test_images_are_flattened_row_by_row():
    torch.manual_seed(0)
    of_images = mlp((1, 4, 4), 3)
    torch.manual_seed(0)
    of_vectors = mlp((16,), 3)
    images = torch.randn(2, 1, 4, 4)
    assert torch.equal(of_images(images), of_vectors(images.reshape(2, 16)))


@pytest.mark.parametrize(("norm", "extra"), [("none", 0), ("batch", 5), ("group", 5), ("layer", 5)])
def test_number_of_parameters(norm: Norm, extra: int):
    widths = [784, 5, 5, 5, 10]
    weights = sum(before * after for before, after in itertools.pairwise(widths))
    model = mlp((1, 28, 28), 10, width=5, depth=3, norm=norm)
    # A normalisation has a scale and a shift per unit, and takes the place of the bias.
    assert sum(p.numel() for p in model.parameters()) == weights + 3 * 5 + 10 + 3 * extra


def test_blocks_in_the_order_of_the_forward_pass():
    names = [name for name, _ in mlp((8,), 2, depth=2, norm="batch").named_children()]
    assert names == ["flatten", "fc1", "norm1", "activation1", "fc2", "norm2", "activation2", "fc3"]
