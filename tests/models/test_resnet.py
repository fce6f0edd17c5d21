import pytest
import torch
import torchvision
from torch import Tensor, nn
from torch.func import functional_call, vmap

from lininterp_cli.models.resnet import FAMILY, resnet18, resnet50

SHAPE = (3, 32, 32)


@pytest.fixture(scope="module", params=["resnet18", "resnet34", "resnet50"])
def imagenet_pair(request: pytest.FixtureRequest) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(3)
    ours = FAMILY[request.param](SHAPE, 10, stem="imagenet")
    torch.manual_seed(3)
    return ours, getattr(torchvision.models, request.param)(num_classes=10)


def test_imagenet_stem_has_torchvisions_weights_bit_for_bit(imagenet_pair: tuple[nn.Module, nn.Module]):
    ours, theirs = (model.state_dict() for model in imagenet_pair)
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("train", [True, False])
def test_imagenet_stem_has_torchvisions_outputs(imagenet_pair: tuple[nn.Module, nn.Module], train: bool):
    images = torch.randn(4, 3, 64, 64)
    with torch.no_grad():
        ours, theirs = (model.train(train)(images) for model in imagenet_pair)
    assert torch.equal(ours, theirs)


@pytest.mark.parametrize("stem", ["paper", "cifar"])
def test_small_stems_are_torchvisions_network_with_another_convolution(stem: str):
    torch.manual_seed(4)
    ours = resnet18(SHAPE, 10, stem=stem).eval()
    torch.manual_seed(4)
    theirs = torchvision.models.resnet18(num_classes=10).eval()
    theirs.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    if stem == "cifar":
        theirs.maxpool = nn.Identity()
    images = torch.randn(2, *SHAPE)
    with torch.no_grad():
        assert torch.equal(ours(images), theirs(images))
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_small_stem_takes_torchvisions_weights_of_the_other_layers():
    theirs = {
        name: tensor
        for name, tensor in torchvision.models.resnet18().state_dict().items()
        if name.split(".")[0] not in ("conv1", "fc")
    }
    missing, unexpected = resnet18(SHAPE, 10).load_state_dict(theirs, strict=False)
    assert set(missing) == {"conv1.weight", "fc.weight", "fc.bias"}
    assert not unexpected


@pytest.mark.parametrize(
    ("stem", "sizes"), [("paper", [16, 8, 4, 2]), ("cifar", [32, 16, 8, 4]), ("imagenet", [8, 4, 2, 1])]
)
def test_sizes_of_the_maps(stem: str, sizes: list[int]):
    model = resnet18((1, 32, 32), 10, width=4, stem=stem)
    seen = []
    for layer in (model.layer1, model.layer2, model.layer3, model.layer4):
        layer.register_forward_hook(lambda _module, _inputs, output: seen.append(tuple(output.shape[1:])))
    model(torch.zeros(2, 1, 32, 32))
    assert seen == [(4 * 2**index, size, size) for index, size in enumerate(sizes)]


@pytest.mark.parametrize(("name", "num_convs"), [("resnet18", 17), ("resnet34", 33), ("resnet50", 49)])
def test_without_skip_it_is_a_chain_of_convolutions(name: str, num_convs: int):
    model = FAMILY[name](SHAPE, 10, width=4, skip=False).eval().double()
    convs = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    assert len(convs) == len(norms) == num_convs
    values = images = torch.randn(2, *SHAPE, dtype=torch.float64)
    with torch.no_grad():
        for index, (conv, norm) in enumerate(zip(convs, norms, strict=True)):
            values = norm(conv(values)).relu()
            values = model.maxpool(values) if index == 0 else values
        torch.testing.assert_close(model(images), model.fc(values.mean((2, 3))))


@pytest.mark.parametrize("factory", [resnet18, resnet50])
def test_without_norm_the_branches_start_scaled_down(factory):
    torch.manual_seed(0)
    model = factory(SHAPE, 10, width=32, norm="none")
    branches = [m for m in model.modules() if hasattr(m, "downsample") and m.downsample is None]
    last = "conv3" if factory is resnet50 else "conv2"
    num_blocks = 16 if factory is resnet50 else 8
    for block in branches:
        conv = getattr(block, last)
        fan_out = conv.out_channels * conv.kernel_size[0] ** 2
        assert conv.weight.std().item() == pytest.approx((2 / fan_out / num_blocks) ** 0.5, rel=0.05)
    assert not any(m.bias.any() for m in model.layer1.modules() if isinstance(m, nn.Conv2d))


def test_nothing_writes_over_what_conv1_gave():
    model = resnet18(SHAPE, 10, width=4, norm="none")
    kept = []
    model.conv1.register_forward_hook(lambda _module, _inputs, output: kept.extend([output, output.clone()]))
    model(torch.randn(2, *SHAPE))
    assert (kept[1] < 0).any()
    assert torch.equal(kept[0], kept[1])


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_many_shortcuts_at_once(name: str):
    """Copies that differ in the shortcut only can be evaluated together."""
    model = FAMILY[name](SHAPE, 10, width=4).eval().double()
    state, key = model.state_dict(), "layer2.0.downsample.0.weight"
    images = torch.randn(2, *SHAPE, dtype=torch.float64)

    def logits(weight: Tensor) -> Tensor:
        return functional_call(model, {**state, key: weight}, (images,))

    weights = torch.stack([state[key] * factor for factor in (0.0, 0.5, 1.0)])
    with torch.no_grad():
        together = vmap(logits)(weights)
        torch.testing.assert_close(together, torch.stack([logits(weight) for weight in weights]))
    assert not torch.equal(together[0], together[2])


def test_blocks():
    model = resnet18(SHAPE, 10, width=2)
    assert [name for name, child in model.named_children() if child.state_dict()] == [
        "conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "fc",
    ]  # fmt: skip
