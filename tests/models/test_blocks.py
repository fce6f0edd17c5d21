"""Which tensors move together: every floating entry once, whatever the network."""

from typing import Any

import pytest
import torch
import torchvision
from torch import Tensor, nn

from lininterp_cli.errors import UnknownNameError
from lininterp_cli.models.blocks import chosen, groups, whole
from lininterp_cli.models.registry import MODELS, build

GROUPINGS = ("block", "kind", "layer", "tensor")
SMALL: dict[str, dict[str, Any]] = {"resnet50": {"width": 4}, "vit-tiny": {"width": 8, "depth": 2, "heads": 2}}
TORCHVISION = {
    "resnet18": lambda: torchvision.models.resnet18(weights=None),
    "vgg11_bn": lambda: torchvision.models.vgg11_bn(weights=None, num_classes=4),
    "densenet121": lambda: torchvision.models.densenet121(weights=None),
    "mobilenet_v3_small": lambda: torchvision.models.mobilenet_v3_small(weights=None),
    "vit": lambda: torchvision.models.VisionTransformer(
        image_size=32, patch_size=16, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=16, num_classes=4
    ),
}


def small(name: str) -> nn.Module:
    import inspect

    width = {"width": 4} if "width" in inspect.signature(MODELS[name]).parameters else {}
    with torch.random.fork_rng():
        return build(name, (3, 32, 32), 5, **(width | SMALL.get(name, {})))


def made(name: str) -> nn.Module:
    with torch.device("meta"):  # names and shapes are all that counts here
        return TORCHVISION[name]()


def check(model: nn.Module) -> None:
    """The contract, put in terms of `state_dict` and `named_parameters` alone."""
    state = model.state_dict()
    floating = [name for name, tensor in state.items() if tensor.is_floating_point()]
    parameters = {name for name, _ in model.named_parameters()}  # tied ones once
    for by in GROUPINGS:
        found = groups(model, by)
        entries = [entry for group in found.values() for entry in group.entries]
        assert len(entries) == len(set(entries)), by
        assert set(entries) == set(floating), by
        moved = [entry for group in found.values() for entry in group.parameters]
        assert len(moved) == len(set(moved)), by
        assert set(moved) == parameters, by
        for name, group in found.items():
            assert group.name == name
            assert group.entries
            assert set(group.parameters) <= set(group.entries)
            assert list(group.entries) == [entry for entry in state if entry in group.entries]
    every = whole(model)
    assert (every.name, set(every.entries), set(every.parameters)) == ("all", set(floating), parameters)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_our_networks(name: str) -> None:
    model = small(name)
    check(model)
    blocks = groups(model, "block")
    assert all(group.parameters for group in blocks.values())  # a block without parameters cannot be walked
    assert 1 < len(blocks) <= len(groups(model, "layer")) <= len(groups(model, "tensor"))


@pytest.mark.parametrize("name", sorted(TORCHVISION))
def test_networks_it_has_never_seen(name: str) -> None:
    check(made(name))


def test_torchvision_s_resnet18_has_its_stages_as_blocks() -> None:
    blocks = groups(made("resnet18"), "block")
    assert list(blocks) == ["conv1", "layer1", "layer2", "layer3", "layer4", "fc"]
    assert "bn1.running_mean" in blocks["conv1"].entries
    assert "bn1.running_mean" not in blocks["conv1"].parameters
    assert blocks["conv1"].parameters == ("conv1.weight", "bn1.weight", "bn1.bias")


def test_torchvision_s_transformer_loses_nothing_at_its_root() -> None:
    model = made("vit")
    blocks = groups(model, "block")
    assert blocks["class_token"].entries == ("class_token",)
    assert groups(model, "layer")["class_token"].parameters == ("class_token",)
    attention = groups(model, "layer")["encoder.layers.encoder_layer_0.self_attention"]
    assert attention.entries == tuple(
        f"encoder.layers.encoder_layer_0.self_attention.in_proj_{part}" for part in ("weight", "bias")
    )
    assert groups(model, "layer")["encoder"].entries == ("encoder.pos_embedding",)


def test_layers_are_modules_and_tensors_are_entries() -> None:
    model = made("densenet121")
    layers = groups(model, "layer")
    assert set(layers) == {
        name
        for name, module in model.named_modules()
        if [*module.parameters(recurse=False), *module.buffers(recurse=False)]
    }
    assert list(groups(model, "tensor")) == [
        name for name, tensor in model.state_dict().items() if tensor.is_floating_point()
    ]


class Tied(nn.Module):
    """One matrix in the first and the last child, as in a language model."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Linear(4, 4, bias=False)
        self.middle = nn.Linear(4, 4)
        self.head = nn.Linear(4, 4)
        self.head.weight = self.embedding.weight
        self.register_buffer("scale", torch.ones(1))
        self.register_buffer("again", self.scale)
        self.register_buffer("steps", torch.zeros(3, dtype=torch.int64))
        self.register_buffer("hidden", torch.ones(1), persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.head(self.middle(self.embedding(inputs)))


def test_tied_weights_count_once_and_move_under_every_name() -> None:
    check(Tied())
    blocks = groups(Tied(), "block")
    assert blocks["embedding"].entries == ("embedding.weight", "head.weight")
    assert blocks["embedding"].parameters == ("embedding.weight",)
    assert blocks["head"].entries == ("head.bias",)
    tensors = groups(Tied(), "tensor")
    assert tensors["embedding.weight"].entries == ("embedding.weight", "head.weight")
    assert "head.weight" not in tensors
    assert tensors["scale"].entries == ("scale", "again")
    assert tensors["scale"].parameters == ()


def test_counts_and_what_is_not_saved_never_move() -> None:
    entries = whole(Tied()).entries
    assert "steps" not in entries
    assert "hidden" not in entries
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    assert "1.num_batches_tracked" in model.state_dict()
    assert "1.num_batches_tracked" not in whole(model).entries


class OddNames(nn.Module):
    """Parameters of no usual name, at the root and below."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(3))
        self.cell = nn.GRU(3, 4)
        self.taps = nn.ParameterList([nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(5))])
        self.normed = nn.utils.parametrizations.weight_norm(nn.Linear(4, 2))


def test_names_need_not_be_weight_and_bias() -> None:
    check(OddNames())
    blocks = groups(OddNames(), "block")
    assert blocks["gain"].parameters == ("gain",)
    assert len(blocks["cell"].parameters) == 4
    assert blocks["taps"].parameters == ("taps.0", "taps.1")
    assert len(blocks["normed"].parameters) == 3


@pytest.mark.parametrize(
    "norm",
    [
        nn.BatchNorm2d(4),
        nn.BatchNorm2d(4, affine=False),
        nn.GroupNorm(2, 4),
        nn.LayerNorm(4),
        nn.RMSNorm(4),
        nn.Sequential(nn.BatchNorm2d(4), nn.ReLU()),
    ],
    ids=["batch", "batch without parameters", "group", "layer", "rms", "with an activation"],
)
def test_what_only_normalises_joins_the_child_before(norm: nn.Module) -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3), norm, nn.ReLU(), nn.Conv2d(4, 4, 3))
    check(model)
    blocks = groups(model, "block")
    assert list(blocks) == ["0", "3"]
    assert [entry for entry in whole(model).entries if entry.startswith("1.")] == [
        entry for entry in blocks["0"].entries if entry.startswith("1.")
    ]


def test_a_normalisation_with_nothing_before_it_is_a_block() -> None:
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2))
    assert list(groups(model, "block")) == ["0", "1"]


def test_names_that_begin_alike_are_not_confused() -> None:
    model = nn.Sequential()
    for index in (1, 10, 11):
        model.add_module(f"layer{index}", nn.Linear(2, 2))
    assert groups(model, "block")["layer1"].entries == ("layer1.weight", "layer1.bias")


def test_a_model_s_own_blocks_win() -> None:
    model = Tied()
    model.block_prefixes = {"ends": ("embedding", "head"), "rest": ("middle", "scale")}  # type: ignore[assignment]
    check(model)
    blocks = groups(model, "block")
    assert list(blocks) == ["rest", "ends"]  # in the order of the state, where the root's own entries come first
    assert blocks["ends"].entries == ("embedding.weight", "head.weight", "head.bias")


def test_chosen_keeps_the_network_s_order() -> None:
    available = groups(Tied(), "block")
    assert list(chosen(available, ["middle", "embedding"], "block")) == ["embedding", "middle"]
    assert chosen(available, [], "block") == available
    with pytest.raises(UnknownNameError, match="unknown block 'midle'; did you mean middle"):
        chosen(available, ["embedding", "midle"], "block")


def test_a_network_without_state_has_no_groups() -> None:
    for by in GROUPINGS:
        assert groups(nn.ReLU(), by) == {}


def test_complex_weights_move_too() -> None:
    model = nn.Linear(2, 2, dtype=torch.complex64)
    for by in GROUPINGS:
        assert [entry for group in groups(model, by).values() for entry in group.entries] == ["weight", "bias"]


def test_kinds_are_what_modules_do() -> None:
    resnet, transformer = groups(small("resnet18"), "kind"), groups(small("vit-tiny"), "kind")
    assert list(resnet) == ["conv", "norm", "linear"]
    assert resnet["linear"].entries == ("fc.weight", "fc.bias")
    assert all("conv" in entry or "downsample.0" in entry for entry in resnet["conv"].entries)
    assert set(transformer) == {"other", "conv", "norm", "attention", "mlp", "linear"}
    assert all("self_attention" in entry for entry in transformer["attention"].entries)
    assert all(".mlp." in entry for entry in transformer["mlp"].entries)
    assert list(groups(small("mlp"), "kind")) == ["linear"], "the network's own class names no part of it"
