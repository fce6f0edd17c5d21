import pytest
import torch
import torchvision
from torch import nn

from lininterp_cli.models.vgg import FAMILY


def trunk_layers(model: nn.Module, kind: type[nn.Module]) -> list[nn.Module]:
    return [module for module in model.modules() if isinstance(module, kind)]


@pytest.fixture(scope="module", params=["vgg11", "vgg13", "vgg16"])
def pair(request: pytest.FixtureRequest):
    """Our network, and torchvision's features with weights that are not the initial ones, copied into ours."""
    torch.manual_seed(0)
    ours = FAMILY[request.param]((3, 32, 32), 10).double()
    # torchvision's classifier alone has 120 million parameters, of which none is needed here.
    config = torchvision.models.vgg.cfgs[{"vgg11": "A", "vgg13": "B", "vgg16": "D"}[request.param]]
    theirs = torchvision.models.vgg.make_layers(config, batch_norm=True).double()
    norms = zip(trunk_layers(ours, nn.BatchNorm2d), trunk_layers(theirs, nn.BatchNorm2d), strict=True)
    convs = zip(trunk_layers(ours, nn.Conv2d), trunk_layers(theirs, nn.Conv2d), strict=True)
    with torch.no_grad():
        for (our_norm, their_norm), (our_conv, their_conv) in zip(norms, convs, strict=True):
            for tensor in (their_norm.weight, their_norm.running_var):
                tensor.uniform_(0.5, 2)
            for tensor in (their_norm.bias, their_norm.running_mean, their_conv.bias):
                tensor.normal_()
            their_conv.weight *= 3
            our_norm.load_state_dict(their_norm.state_dict())
            our_conv.weight.copy_(their_conv.weight)
            # torchvision's convolutions keep a bias that the normalisation takes out again.
            our_norm.running_mean -= their_conv.bias
    return ours, theirs


@pytest.mark.parametrize("train", [True, False])
def test_trunk_is_torchvisions(pair: tuple[nn.Sequential, nn.Sequential], train: bool):
    ours, theirs = pair
    images = torch.randn(8, 3, 32, 32, dtype=torch.float64)
    stages = ours.train(train)[:5]
    with torch.no_grad():
        ours_out, theirs_out = stages(images), theirs.train(train)(images)
    assert theirs_out.shape == (8, 512, 1, 1)
    torch.testing.assert_close(ours_out, theirs_out)


def test_without_norm_the_trunk_is_torchvisions_vgg11():
    ours = FAMILY["vgg11"]((3, 32, 32), 10, norm="none")
    theirs = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["A"])
    tensors = [tensor for name, tensor in ours.state_dict().items() if not name.startswith("fc")]
    theirs.load_state_dict(dict(zip(theirs.state_dict(), tensors, strict=True)))
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(ours[:5](images), theirs(images))


def test_initial_weights_are_drawn_as_torchvision_draws_them():
    torch.manual_seed(1)
    model = FAMILY["vgg13"]((3, 32, 32), 1000)
    for conv in trunk_layers(model, nn.Conv2d):
        expected = (2 / (9 * conv.out_channels)) ** 0.5
        assert conv.weight.std().item() == pytest.approx(expected, rel=0.05)
    assert model.fc.weight.std().item() == pytest.approx(0.01, rel=0.05)
    assert not model.fc.bias.any()


@pytest.mark.parametrize(("shape", "pixels"), [((3, 32, 32), 1), ((1, 28, 28), 1), ((1, 8, 8), 1), ((2, 9, 70), 8)])
def test_maps_are_halved_until_one_pixel(shape: tuple[int, ...], pixels: int):
    model = FAMILY["vgg11"](shape, 3, width=2)
    height, width = model[:5](torch.zeros(2, *shape)).shape[2:]
    assert (height, width) == (1, pixels)


def test_blocks():
    model = FAMILY["vgg16"]((3, 32, 32), 10, width=2)
    assert [name for name, child in model.named_children() if child.state_dict()] == [
        "stage1", "stage2", "stage3", "stage4", "stage5", "fc",
    ]  # fmt: skip
