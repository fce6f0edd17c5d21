import pytest
import torch
from torchvision.models import VisionTransformer

from lininterp_cli.errors import ConfigError
from lininterp_cli.models.vit import vit_tiny


def seeded_pair(**options: int):
    torch.manual_seed(2)
    ours = vit_tiny((3, 32, 32), 10, **options)
    torch.manual_seed(2)
    theirs = VisionTransformer(32, 4, num_layers=6, num_heads=3, hidden_dim=192, mlp_dim=768, num_classes=10)
    return ours, theirs


def test_is_torchvisions_with_another_head():
    ours, theirs = seeded_pair()
    state, expected = ours.state_dict(), theirs.state_dict()
    assert list(state) == list(expected)
    assert [name for name in state if not torch.equal(state[name], expected[name])] == ["heads.head.weight"]
    theirs.load_state_dict(state)
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(ours.eval()(images), theirs.eval()(images))


def test_head_is_drawn_as_deit_draws_it():
    weight = seeded_pair()[0].heads.head.weight
    assert weight.std().item() == pytest.approx(0.02, rel=0.1)


def test_twelve_layers_have_the_size_of_deit_tiny():
    # DeiT-tiny on 224x224 with patches of 16 has 5,717,416 parameters (Touvron et al. 2021, table 1: 5M).
    model = vit_tiny((3, 224, 224), 1000, depth=12, patch=16)
    assert sum(p.numel() for p in model.parameters()) == 5_717_416


@pytest.mark.parametrize("channels", [1, 4])
def test_patches_of_other_channels_are_drawn_alike(channels: int):
    model = vit_tiny((channels, 28, 28), 10, depth=1)
    assert model.conv_proj.weight.shape == (192, channels, 4, 4)
    assert model.conv_proj.weight.std().item() == pytest.approx((channels * 16) ** -0.5, rel=0.1)
    assert not model.conv_proj.bias.any()


@pytest.mark.parametrize(("pixels", "patch", "num_tokens"), [(8, 4, 4), (8, 2, 16), (28, 4, 49), (28, 7, 16)])
def test_number_of_tokens(pixels: int, patch: int, num_tokens: int):
    model = vit_tiny((1, pixels, pixels), 10, width=6, depth=1, patch=patch)
    assert model.state_dict()["encoder.pos_embedding"].shape == (1, num_tokens + 1, 6)
    assert model(torch.zeros(2, 1, pixels, pixels)).shape == (2, 10)


def test_blocks_hold_every_tensor_once():
    model = vit_tiny((3, 8, 8), 10, width=6, depth=12)
    assert list(model.block_prefixes) == ["patch", *(f"layer{i}" for i in range(1, 13)), "head"]
    for name in model.state_dict():
        owners = [
            block
            for block, prefixes in model.block_prefixes.items()
            if any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)
        ]
        assert len(owners) == 1, (name, owners)


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((1, 28, 28), {"patch": 5}, "allowed: 1, 2, 4, 7, 14, 28"),
        ((1, 8, 8), {"patch": 16}, "allowed: 1, 2, 4, 8"),
        ((1, 28, 32), {}, "square"),
        ((3, 32, 32), {"width": 100}, "multiple of heads, which is 3"),
        ((3, 32, 32), {"dropout": 1.0}, "less than 1"),
        ((3, 32, 32), {"dropout": float("nan")}, "less than 1"),
    ],
)
def test_what_cannot_be_built_is_refused(shape: tuple[int, ...], options: dict[str, float], message: str):
    with pytest.raises(ConfigError, match=message):
        vit_tiny(shape, 10, **options)


def test_dropout_acts_in_training_only():
    model = vit_tiny((1, 8, 8), 10, width=6, dropout=0.5)
    images = torch.randn(2, 1, 8, 8)
    with torch.no_grad():
        assert not torch.equal(model(images), model(images))
        assert torch.equal(model.eval()(images), model(images))
