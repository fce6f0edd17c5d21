"""Pretrained weights: which blocks take them, what is drawn, and what a user is told where there are none."""

import hashlib
import shutil
from collections.abc import Callable
from functools import partial
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, ResNet

from lininterp_cli.errors import ConfigError, DataError, LininterpError, NotFoundError, StateError
from lininterp_cli.models.registry import build as build_model
from lininterp_cli.runs.run import Run
from lininterp_cli.training.checkpoints import fingerprint, load_checkpoint
from lininterp_cli.training.initial import draw
from lininterp_cli.training.pretrained import agreeing, fetched, imagenet
from lininterp_cli.training.request import Request
from lininterp_cli.training.train import config_of, train

WIDTH = 4
LAYERS = ["layer1", "layer2", "layer3", "layer4"]
SETTINGS = {
    "data": {"name": "digits", "train_size": 64},
    "model": {"name": "resnet18", "width": WIDTH},
    "training": {"epochs": 1, "batch_size": 32},
    "seed": 3,
}
build = partial(build_model, "resnet18", (1, 8, 8), 10, width=WIDTH)


class Narrow(ResNet):  # type: ignore[misc]
    """torchvision's own ResNet-18 of 1000 classes, but of four channels in `layer1`."""

    def __init__(self) -> None:
        super().__init__(BasicBlock, [2, 2, 2, 2])
        self.conv1, self.bn1 = nn.Conv2d(3, WIDTH, 7, 2, 3, bias=False), nn.BatchNorm2d(WIDTH)
        self.inplanes = WIDTH
        self.layer1 = self._make_layer(BasicBlock, WIDTH, 2)
        self.layer2 = self._make_layer(BasicBlock, 2 * WIDTH, 2, stride=2)
        self.layer3 = self._make_layer(BasicBlock, 4 * WIDTH, 2, stride=2)
        self.layer4 = self._make_layer(BasicBlock, 8 * WIDTH, 2, stride=2)
        self.fc = nn.Linear(8 * WIDTH, 1000)


def theirs() -> dict[str, Tensor]:
    torch.manual_seed(0)
    state = Narrow().state_dict()
    return {
        name: tensor + 7 if tensor.dtype == torch.int64 else torch.rand(tensor.shape) for name, tensor in state.items()
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    torch.save(theirs(), tmp_path / "narrow.pth")
    return tmp_path / "narrow.pth"


def check(state: dict[str, Tensor], seed: int) -> None:
    """The four layers are theirs, with their statistics and counts; stem and head are what the seed draws."""
    drawn, given = draw(build, "default", seed)[1], theirs()
    assert state.keys() == drawn.keys()
    for name, tensor in state.items():
        expected = given[name] if name.startswith("layer") else drawn[name]
        assert torch.equal(tensor, expected), name
        assert tensor.dtype == drawn[name].dtype
    assert not torch.equal(drawn["layer1.0.conv1.weight"], given["layer1.0.conv1.weight"])


SAVED: dict[str, Callable[[Path], Path]] = {
    "pth": lambda folder: save(folder / "narrow.pth", theirs()),
    "safetensors": lambda folder: save(folder / "narrow.safetensors", theirs()),
    "wrapped": lambda folder: save(folder / "a.pt", {"state_dict": {f"module.{k}": v for k, v in theirs().items()}}),
    "double": lambda folder: save(
        folder / "b.pth", {k: v.double() if v.is_floating_point() else v for k, v in theirs().items()}
    ),
}


def save(path: Path, content: Any) -> Path:
    save_file(content, path) if path.suffix == ".safetensors" else torch.save(content, path)
    return path


@pytest.mark.parametrize("kind", SAVED)
def test_blocks_that_agree_are_the_file_s_and_the_rest_is_drawn(
    trained: Callable[..., Run], tmp_path: Path, kind: str
) -> None:
    path = SAVED[kind](tmp_path)
    run = trained({**SETTINGS, "init": f"imagenet:{path}"})
    check(load_checkpoint(run, "initial"), 3)
    assert run.record.status == "finished"
    digest = fingerprint(path)[:12]
    assert run.record.config["init"] == f"imagenet:{path.name}[layer1,layer2,layer3,layer4]#{digest}"


def test_a_block_is_taken_whole_or_not_at_all() -> None:
    model, given = build(), theirs()
    assert list(agreeing(model, given)) == LAYERS  # bn1 fits, but conv1, of the same block, does not
    for name in ("layer2.0.bn1.running_var", "layer2.1.conv2.weight"):
        assert list(agreeing(model, {k: v for k, v in given.items() if k != name})) == ["layer1", "layer3", "layer4"]
    given["layer3.0.conv1.weight"] = torch.zeros(1)
    assert list(agreeing(model, given)) == ["layer1", "layer2", "layer4"]
    assert agreeing(model, {}) == {}
    # Whole numbers stand for something that a program cannot know; fewer digits are of no account.
    given["layer1.0.conv1.weight"] = given["layer1.0.conv1.weight"].to(torch.int8)
    given["layer2.0.conv1.weight"] = given["layer2.0.conv1.weight"].half()
    assert list(agreeing(model, given)) == ["layer2", "layer4"]
    everything = model.state_dict()
    assert list(agreeing(model, everything)) == ["conv1", *LAYERS, "fc"]


def test_a_file_from_before_batches_were_counted_will_do(tmp_path: Path) -> None:
    old = {name: tensor for name, tensor in theirs().items() if "num_batches_tracked" not in name}
    weights = imagenet(f"imagenet:{save(tmp_path / 'old.pth', old)}", "resnet18", build)
    drawn = draw(build, "default", 0)[1]
    state = weights.over(drawn)
    assert list(weights.blocks) == LAYERS
    assert state["layer1.0.bn1.num_batches_tracked"] == 0
    assert torch.equal(state["layer1.0.bn1.running_var"], old["layer1.0.bn1.running_var"])


def test_the_same_weights_are_the_same_run_wherever_they_lie(
    want: Callable[..., Request], silent: Any, file: Path, tmp_path: Path
) -> None:
    first = train(want({**SETTINGS, "init": f"imagenet:{file}"}), silent)
    (tmp_path / "elsewhere").mkdir()
    shutil.move(file, tmp_path / "elsewhere" / file.name)
    again = train(want({**SETTINGS, "init": f"imagenet:{tmp_path / 'elsewhere' / file.name}"}), silent)
    assert again.id == first.id
    assert train(want(first.record.config), silent).id == first.id == train(want_config(want, first), silent).id
    other = train(want({**SETTINGS, "seed": 4, "init": f"imagenet:{tmp_path / 'elsewhere' / file.name}"}), silent)
    check(load_checkpoint(other, "initial"), 4)


def want_config(want: Callable[..., Request], run: Run) -> Request:
    return want(config_of(run).to_dict())


def test_a_drawn_block_is_scaled_and_a_loaded_one_is_refused(
    want: Callable[..., Request], silent: Any, file: Path
) -> None:
    settings = {**SETTINGS, "init": f"imagenet:{file}"}
    with pytest.raises(ConfigError, match=r"those of layer1, layer3 are from imagenet:.*: leave layer1, layer3 out"):
        train(want({**settings, "block_init_scale": {"layer1": 5.0, "layer2": 1.0, "layer3": 0.5, "fc": 2.0}}), silent)
    assert want().store.runs() == []
    scaled = {"block_init_scale": {"layer1": 1.0, "fc": 2.0}}
    plain, run = (train(want({**settings, **own}), silent) for own in ({}, scaled))
    before, after = load_checkpoint(plain, "initial"), load_checkpoint(run, "initial")
    for name, tensor in before.items():
        assert torch.equal(after[name], tensor * 2 if name == "fc.weight" else tensor), name


@pytest.mark.parametrize(
    ("init", "model", "error", "message"),
    [
        ("imagenet:nowhere.pth", {}, NotFoundError, "no file 'nowhere.pth'; --init imagenet:FILE takes weights"),
        ("imagenet:FILE", {"width": 3}, StateError, "has no block of the network: conv1, layer1"),
        ("imagenet:EMPTY", {}, StateError, "no state dict"),
        ("imagenet", {"name": "mlp", "width": 4}, ConfigError, "no ImageNet weights for mlp; name a file: --init"),
        ("imagenet", {"name": "resnet8"}, ConfigError, "no ImageNet weights for resnet8"),
        ("imagenet", {}, ConfigError, "no block of this resnet18 .* full width"),
        ("imagenet", {"name": "vgg11", "width": 64}, ConfigError, "no block of this vgg11"),
    ],
)
def test_weights_that_cannot_be_meant_leave_no_trace(
    want: Callable[..., Request], silent: Any, tmp_path: Path, file: Path, init: str, model: dict[str, Any],
    error: type[LininterpError], message: str, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(torch.hub, "download_url_to_file", None)  # nothing is fetched for what cannot fit
    torch.save({}, tmp_path / "empty.pth")
    init = init.replace("FILE", str(file)).replace("EMPTY", str(tmp_path / "empty.pth"))
    request = want({**SETTINGS, "model": {**SETTINGS["model"], **model}, "init": init})  # type: ignore[dict-item]
    with pytest.raises(error, match=message):
        train(request, silent)
    assert not request.store.folder.exists()


# torchvision's own file


@pytest.fixture
def served(tmp_path: Path) -> str:
    """The address of a file whose name ends in what it holds."""
    content = b"weights" * 1000
    (tmp_path / "server").mkdir()
    path = tmp_path / "server" / f"net-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    path.write_bytes(content)
    return path.as_uri()


def test_a_download_is_checked_and_kept(served: str, tmp_path: Path) -> None:
    path = fetched(served, tmp_path / "hub" / "checkpoints")
    assert path.read_bytes() == b"weights" * 1000
    assert path.parent == tmp_path / "hub" / "checkpoints"
    shutil.rmtree(tmp_path / "server")
    assert fetched(served, path.parent) == path  # it is not asked for again


def test_a_download_that_is_not_what_was_published_is_not_kept(served: str, tmp_path: Path) -> None:
    (path,) = (tmp_path / "server").iterdir()
    path.write_bytes(b"other")
    with pytest.raises(DataError, match=r"could not be downloaded .*hash"):
        fetched(served, tmp_path / "hub")
    assert list((tmp_path / "hub").iterdir()) == []


def test_a_kept_file_that_is_not_what_was_published_is_refused(served: str, tmp_path: Path) -> None:
    path = fetched(served, tmp_path)
    path.write_bytes(b"torn")
    with pytest.raises(DataError, match="not the file that was published; delete it"):
        fetched(served, tmp_path)


@pytest.mark.parametrize("problem", [OSError("no\nroute"), RemoteDisconnected("gone"), TimeoutError("silent")])
def test_without_a_network_a_copy_can_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise problem

    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    with pytest.raises(DataError, match=r"^x-12ab.pth is not in .*--init imagenet:FILE$") as caught:
        fetched("https://example.org/models/x-12ab.pth", tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "file_name"),
    [
        ("resnet18", "resnet18-f37072fd.pth"),
        ("resnet34", "resnet34-b627a593.pth"),
        ("resnet50", "resnet50-0676ba61.pth"),
    ],
)
def test_torchvision_s_weights_are_for_the_four_layers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, file_name: str
) -> None:
    asked: list[tuple[str, str]] = []

    def download(url: str, target: str, hash_prefix: str, progress: bool) -> None:
        asked.append((url, hash_prefix))
        Path(target).write_bytes(b"")

    monkeypatch.setattr(torch.hub, "download_url_to_file", download)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    weights = imagenet("imagenet", name, partial(build_model, name, (3, 32, 32), 10))
    assert list(weights.blocks) == LAYERS
    assert weights.path == tmp_path / "hub" / "checkpoints" / file_name
    digits = file_name[9:17]
    assert asked == [(f"https://download.pytorch.org/models/{file_name}", digits)]
    # Where the stem is torchvision's own it is taken too.
    asked.clear()
    monkeypatch.setattr("lininterp_cli.training.pretrained.fingerprint", lambda _: digits)
    whole = imagenet("imagenet", name, partial(build_model, name, (3, 64, 64), 1000, stem="imagenet"))
    assert list(whole.blocks) == ["conv1", *LAYERS, "fc"]
    assert asked == []
