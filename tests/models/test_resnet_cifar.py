import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from lininterp_cli.models.resnet_cifar import FAMILY, resnet20, resnet56


def count_by_hand(n: int, width: int, channels: int, num_classes: int) -> int:
    """Weights of the 6n + 1 convolutions, a scale and a shift per channel, and the linear layer."""
    total, before = 0, channels
    for index in range(6 * n + 1):
        after = width * 2 ** (max(index - 1, 0) // (2 * n))
        total += 9 * before * after + 2 * after
        before = after
    return total + (before + 1) * num_classes


@pytest.mark.parametrize(("name", "n", "published"), [("resnet20", 3, 0.27e6), ("resnet56", 9, 0.85e6)])
def test_number_of_parameters_is_the_papers(name: str, n: int, published: float):
    count = sum(p.numel() for p in FAMILY[name]((3, 32, 32), 10).parameters())
    assert count == count_by_hand(n, 16, 3, 10)
    assert round(count / 1e6, 2) == published / 1e6


def test_number_of_parameters_as_others_count_it():
    # Table of github.com/akamaster/pytorch_resnet_cifar10, which also uses option A, without rounding.
    assert sum(p.numel() for p in resnet20((3, 32, 32), 10).parameters()) == 269_722
    assert sum(p.numel() for p in resnet56((3, 32, 32), 10).parameters()) == 853_018


def forward_by_hand(model: nn.Module, images: Tensor, *, skip: bool) -> Tensor:
    def norm(x: Tensor, key: str) -> Tensor:
        stats = (state[f"{key}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        return functional.batch_norm(x, *stats)

    state = model.state_dict()
    x = norm(functional.conv2d(images, state["conv1.weight"], padding=1), "bn1").relu()
    for key in [name.removesuffix(".conv1.weight") for name in state if ".conv1." in name]:
        weight = state[f"{key}.conv1.weight"]
        stride = 2 if weight.shape[0] != weight.shape[1] else 1
        y = norm(functional.conv2d(x, weight, stride=stride, padding=1), f"{key}.bn1").relu()
        y = norm(functional.conv2d(y, state[f"{key}.conv2.weight"], padding=1), f"{key}.bn2")
        if skip:
            first = (y.shape[1] - x.shape[1]) // 2
            y[:, first : first + x.shape[1]] += x[:, :, ::stride, ::stride]
        x = y.relu()
    return functional.linear(x.mean((2, 3)), state["fc.weight"], state["fc.bias"])


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 8, 8), (1, 7, 9)])
def test_forward_is_the_papers(shape: tuple[int, ...], skip: bool):
    torch.manual_seed(0)
    model = FAMILY["resnet20"](shape, 10, width=6, skip=skip)
    model(torch.randn(16, *shape))
    model.eval()
    images = torch.randn(2, *shape)
    with torch.no_grad():
        torch.testing.assert_close(model(images), forward_by_hand(model, images, skip=skip))


def test_without_skip_the_weights_are_the_same():
    torch.manual_seed(0)
    with_skip = FAMILY["resnet8"]((3, 32, 32), 10).state_dict()
    torch.manual_seed(0)
    without = FAMILY["resnet8"]((3, 32, 32), 10, skip=False).state_dict()
    assert list(with_skip) == list(without)
    assert all(torch.equal(with_skip[name], without[name]) for name in with_skip)


def test_without_norm_the_signal_does_not_grow_with_depth():
    torch.manual_seed(0)
    images = torch.randn(8, 3, 16, 16)
    sizes = []
    for name in ("resnet8", "resnet56"):
        model = FAMILY[name]((3, 16, 16), 10, norm="none")
        with torch.no_grad():
            sizes.append(model[:6](images).square().mean().sqrt().item())
    # Unscaled, each of the 24 blocks more would double the variance: a factor of 4096.
    assert sizes[1] < 4 * sizes[0]


def test_blocks():
    model = FAMILY["resnet8"]((3, 32, 32), 10)
    assert [name for name, child in model.named_children() if child.state_dict()] == [
        "conv1", "bn1", "layer1", "layer2", "layer3", "fc",
    ]  # fmt: skip
