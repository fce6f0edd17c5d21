"""What the tests of the landscape share: small data, ends that were really trained, and a store with two runs."""

import functools
import inspect
import shutil
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional

from lininterp_cli.config.presets import configure
from lininterp_cli.config.run import RunConfig
from lininterp_cli.data.dataset import Dataset, Split, assemble
from lininterp_cli.landscape.curves.curve import Series
from lininterp_cli.landscape.interpolate import Ground, measure
from lininterp_cli.landscape.question import Question
from lininterp_cli.models.registry import MODELS, build
from lininterp_cli.models.state import State, state_of
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store
from lininterp_cli.training.evaluation import sample
from lininterp_cli.training.request import Request
from lininterp_cli.training.train import train

Ends = tuple[State, State]
Build = Callable[[], nn.Module]

SMALL = {"width": 8, "depth": 2, "heads": 2}
TORCHVISION = (
    "resnet18", "resnet34", "resnet50", "vgg16_bn", "densenet121", "mobilenet_v3_small", "efficientnet_b0",
    "convnext_tiny", "vit_b_16", "swin_t",
)  # fmt: skip
ARCHITECTURES = (*(f"own-{name}" for name in MODELS), *TORCHVISION, "vision-transformer")


HEAVY = ("vgg16_bn", "resnet34", "resnet50", "densenet121", "efficientnet_b0", "convnext_tiny", "vit_b_16", "swin_t")


def _named(slow: Collection[str]) -> list[Any]:
    return [pytest.param(name, marks=[pytest.mark.slow] if name in slow else []) for name in ARCHITECTURES]


@pytest.fixture(scope="session", params=_named({"vgg16_bn", "vit_b_16"}))
def architecture(request: pytest.FixtureRequest, architectures: Callable[[str], tuple[Build, int]]) -> Any:
    """Each network of the registry and some of torchvision's: its name, how it is made, and its images' side."""
    return request.param, *architectures(request.param)


@pytest.fixture(scope="session", params=_named(HEAVY))
def costly_architecture(request: pytest.FixtureRequest, architectures: Callable[[str], tuple[Build, int]]) -> Any:
    """The same for tests that take seconds with the large ones."""
    return request.param, *architectures(request.param)


@pytest.fixture(scope="session")
def architectures() -> Callable[[str], tuple[Build, int]]:
    """How the network of a name is made, for ten classes of small colour images, and the side of the images."""

    def find(name: str) -> tuple[Build, int]:
        if name == "vision-transformer":
            sizes = {"patch_size": 16, "num_layers": 2, "num_heads": 2, "hidden_dim": 16, "mlp_dim": 32}
            return functools.partial(torchvision.models.VisionTransformer, image_size=32, num_classes=10, **sizes), 32
        if name in TORCHVISION:
            own_size = {"image_size": 32} if name == "vit_b_16" else {}
            return functools.partial(getattr(torchvision.models, name), weights=None, num_classes=10, **own_size), 32
        own = name.removeprefix("own-")
        small = {key: value for key, value in SMALL.items() if key in inspect.signature(MODELS[own]).parameters}
        return functools.partial(build, own, (3, 16, 16), 10, **small), 16

    return find


class Silent:
    """A listener that does nothing."""

    def started(self, run: Run, epoch: int) -> None: ...

    def stepped(self, epoch: int, done: int, total: int) -> None: ...

    def measured(self, row: dict[str, Any]) -> None: ...

    def told(self, words: str) -> None: ...


@pytest.fixture(scope="session")
def pictures() -> Callable[..., Dataset]:
    """Random images with random labels."""

    def make(num_train: int = 24, num_test: int = 18, shape: tuple[int, ...] = (1, 8, 8), seed: int = 0) -> Dataset:
        generator = torch.Generator().manual_seed(seed)

        def split(count: int) -> Split:
            images = torch.randint(256, (count, *shape), generator=generator).to(torch.uint8)
            return Split(images, torch.randint(10, (count,), generator=generator))

        return assemble("pictures", split(num_train), split(num_test), 10)

    return make


@pytest.fixture(scope="session")
def vectors() -> Callable[..., Dataset]:
    """The given vectors as both splits, shown to the network as they are."""

    def make(inputs: torch.Tensor, labels: torch.Tensor) -> Dataset:
        split = Split(inputs, labels)
        num = inputs.shape[1]
        return Dataset(
            name="vectors", train=split, test=split, num_classes=int(labels.max()) + 1,
            mean=torch.zeros(num), std=torch.ones(num), augmentation=None,
        )  # fmt: skip

    return make


@pytest.fixture(scope="session")
def trained() -> Callable[..., Ends]:
    """The state of a network before and after a few plain steps of gradient descent."""

    def make(build: Build, dataset: Dataset, num_steps: int = 4, lr: float = 0.02) -> Ends:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            model = build().train()
            start = state_of(model)
            optimizer = torch.optim.SGD(model.parameters(), lr)
            inputs = dataset.normalise(dataset.train.inputs)
            for _ in range(num_steps):
                optimizer.zero_grad()
                functional.cross_entropy(model(inputs), dataset.train.labels).backward()
                optimizer.step()
            return start, state_of(model)

    return make


@pytest.fixture(scope="session")
def far() -> Callable[..., Ends]:
    """Two states far from each other, random, and with the BatchNorm statistics that they would have."""

    def make_ends(build: Build, dataset: Dataset) -> Ends:
        inputs, ends = dataset.normalise(dataset.train.inputs), []
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(0)
            model = build().train()
            for part in model.modules():
                if isinstance(part, nn.modules.batchnorm._BatchNorm) and part.affine:
                    part.momentum = 0.5
                    part.weight.mul_(0.4)  # else rounding grows from layer to layer in networks this random
            for spread, shift in ((0.0, 0.2), (0.2, 0.1)):
                for tensor in model.parameters():
                    scale = max(float(tensor.std()) if tensor.numel() > 1 else 0.0, 0.1)
                    tensor.mul_(torch.empty_like(tensor).uniform_(1 - spread, 1 + spread))
                    tensor.add_(torch.randn_like(tensor), alpha=shift * scale)
                for _ in range(3):
                    model(inputs)
                ends.append(state_of(model))
        return ends[0], ends[1]

    return make_ends


@pytest.fixture(scope="session")
def walked() -> Callable[..., list[Series]]:
    """Every series of a question, on states at hand."""

    beside = ("ledger", "definition", "devices", "memory_bytes", "watcher", "on_series")

    def walk(model: nn.Module, ends: Ends, dataset: Dataset, **asked: Any) -> list[Series]:
        how = {key: asked.pop(key) for key in beside if key in asked}
        question = Question(**{"alphas": (0.0, 0.4, 1.0), **asked})
        examples = {name: sample(getattr(dataset, name), question.num_examples) for name in question.splits}
        return list(measure(model, ends, question, dataset, examples, **how))

    return walk


@pytest.fixture(scope="session")
def small_run() -> Callable[..., RunConfig]:
    """A configuration that trains in a second: digits, a narrow residual network with BatchNorm."""

    def make(seed: int = 0, epochs: int = 3, **sections: dict[str, Any]) -> RunConfig:
        small = {
            "data": {"name": "digits", "train_size": 300},
            "model": {"name": "resnet8", "width": 8},
            "training": {"epochs": epochs, "batch_size": 64},
            "seed": seed,
        }
        return configure(small, sections)

    return make


@pytest.fixture(scope="session")
def fit() -> Callable[..., Run]:
    """Trains a configuration in a store."""

    def train_in(ground: Ground, config: RunConfig, **asked: Any) -> Run:
        request = Request(
            config=config, store=ground.store, data_folder=ground.data_folder, device=ground.device, **asked
        )
        return train(request, Silent())

    return train_in


@pytest.fixture(scope="session")
def trained_runs(
    tmp_path_factory: pytest.TempPathFactory, fit: Callable[..., Run], small_run: Callable[..., RunConfig]
) -> Path:
    """A folder of two trained runs, `one` and `other`; not to be changed."""
    folder = tmp_path_factory.mktemp("runs")
    ground = Ground(store=Store(folder), data_folder=folder, device=torch.device("cpu"))
    fit(ground, small_run(), name="one")
    fit(ground, small_run(seed=1, epochs=1), name="other")
    return folder


@pytest.fixture
def ground(trained_runs: Path, tmp_path: Path) -> Ground:
    """A store of one's own with the runs `one` and `other`."""
    shutil.copytree(trained_runs, tmp_path / "runs")
    return Ground(store=Store(tmp_path / "runs"), data_folder=tmp_path, device=torch.device("cpu"))


@pytest.fixture
def run(ground: Ground) -> Run:
    """The run `one`."""
    return ground.store.find("one")
