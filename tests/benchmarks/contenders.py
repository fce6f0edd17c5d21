"""The ways of walking a line that the programs here compare: lininterp, and what is written without it.

`plain` is the loop that a good engineer writes: examples normalised once and kept in memory, one network in evaluation
mode, at each point only the weights that move computed, in place, no gradients, batches of the size that is fastest.
What it lacks is what no loop over points has: nothing is shared between points, and every example is used.
"""

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from lininterp_cli.data.dataset import Dataset, Split, assemble
from lininterp_cli.landscape.interpolate import measure
from lininterp_cli.landscape.question import Question
from lininterp_cli.models.blocks import Group, chosen, groups, whole
from lininterp_cli.models.registry import build
from lininterp_cli.models.state import State
from lininterp_cli.training.device import exact
from lininterp_cli.training.evaluation import computing
from lininterp_cli.training.initial import draw

BATCH_SIZES = {"cpu": (16, 32, 64, 128, 256), "cuda": (256, 512, 1024, 2048)}
"""What the plain loop's batch size is chosen from, by trial."""

Losses = list[list[float]]
"""Mean losses in nats: for the whole network and then for each block, at each alpha."""

Batches = Callable[[], Iterable[tuple[Tensor, Tensor]]]
"""Gives normalised examples and labels, once through."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A line, and what is to be known of it."""

    make: Callable[[], nn.Module]
    """Makes the network; its weights are of no account."""
    ends: tuple[State, State]
    """The states at alpha 0 and 1, on the CPU."""
    question: Question
    """What is to be known."""
    dataset: Dataset
    """The data, on the device."""
    examples: Split
    """What is measured on, on the device."""
    plain_batch_size: int = 128
    """Examples in a batch of everything that is not lininterp."""
    channels_last: bool = False
    """Whether the plain loop lays out images and weights as lininterp does."""

    @property
    def device(self) -> torch.device:
        """Where it is computed."""
        return self.examples.labels.device

    @property
    def moving(self) -> list[Group]:
        """What moves: everything, then each block."""
        model = self.make()
        by = self.question.by
        return [whole(model), *(() if by == "full" else chosen(groups(model, by), self.question.blocks, by).values())]


def noise(model: str, num_examples: int, question: Question, device: torch.device, **options: Any) -> Case:
    """A line between two draws of a network, on random images; how long it takes does not depend on what they are.

    Statistics of BatchNorm are the same at both ends, so that it does not matter whether they move.

    Args:
        model: A key of MODELS.
        num_examples: Examples.
        question: What is to be known.
        device: Where it is computed.
        **options: The network's hyper-parameters.

    Returns:
        The case.
    """
    generator = torch.Generator().manual_seed(0)

    def split(count: int) -> Split:
        images = torch.randint(256, (count, 3, 32, 32), generator=generator, dtype=torch.uint8)
        return Split(images, torch.randint(10, (count,), generator=generator))

    def make() -> nn.Module:
        return build(model, (3, 32, 32), 10, **options)

    ends = draw(make, "default", 0)[1], draw(make, "default", 1)[1]
    dataset = assemble("noise", split(16), split(num_examples), 10).to(device)
    return Case(make=make, ends=ends, question=question, dataset=dataset, examples=dataset.test)


def lininterp(case: Case) -> Losses:
    """The sweep by this program, from two states to the curve with its intervals.

    Args:
        case: The case.

    Returns:
        The losses.
    """
    series = measure(
        case.make(), case.ends, case.question, case.dataset, {"test": case.examples}, devices=(case.device,)
    )
    return [list(one.splits["test"].loss) for one in series]


def plain(case: Case) -> Losses:
    """The sweep by a careful loop over the points.

    Args:
        case: The case.

    Returns:
        The losses.
    """
    inputs = case.dataset.normalise(case.examples.inputs)
    if case.channels_last:
        inputs = inputs.contiguous(memory_format=torch.channels_last)
    size = case.plain_batch_size
    return _swept(case, lambda: zip(inputs.split(size), case.examples.labels.split(size), strict=True))


def loader(case: Case, num_workers: int) -> Losses:
    """The same loop fed by a DataLoader, each example turned into what the network takes on its own, as usual.

    Args:
        case: The case.
        num_workers: Processes that do it.

    Returns:
        The losses.
    """
    here = replace(case.dataset, mean=case.dataset.mean.cpu(), std=case.dataset.std.cpu())
    # Workers take a copy each, which they cannot of what is on a GPU.
    examples = _Transformed(case.examples.to("cpu"), here)
    source = DataLoader(
        examples, case.plain_batch_size, num_workers=num_workers, pin_memory=case.device.type == "cuda",
        persistent_workers=num_workers > 0,
    )  # fmt: skip

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        for inputs, labels in source:
            yield inputs.to(case.device, non_blocking=True), labels.to(case.device, non_blocking=True)

    return _swept(case, batches)


def peer(case: Case) -> Losses:
    """The sweep by `loss_landscapes.linear_interpolation`, with the plain loop's batches in its metric.

    Its grid of n steps begins at 1 / n, so that of n + 1 even alphas it measures all but the first.

    Args:
        case: The case; alphas even and from 0 to 1.

    Returns:
        The losses, without those at alpha 0.

    Raises:
        SystemExit: If the package is not there.
    """
    try:
        import loss_landscapes
    except ImportError:
        raise SystemExit("--peer compares with the package loss-landscapes: pip install loss-landscapes") from None
    inputs, labels = case.dataset.normalise(case.examples.inputs), case.examples.labels
    size = case.plain_batch_size

    @torch.no_grad()
    def metric(wrapper: Any) -> float:
        parts = zip(inputs.split(size), labels.split(size), strict=True)
        with computing(case.question.dtype, case.device.type):
            return _mean([functional.cross_entropy(wrapper.forward(x), y, reduction="none") for x, y in parts])

    start, end = case.ends
    first, last = case.make().eval().to(case.device), case.make().eval().to(case.device)
    last.load_state_dict(end)
    curves = []
    for group in case.moving:
        # It adds steps to the first network, so that each line begins with a fresh one.
        first.load_state_dict(end | {name: start[name] for name in group.entries})
        with exact():
            found = loss_landscapes.linear_interpolation(first, last, metric, steps=len(case.question.alphas) - 1)
        curves.append(found.tolist())
    return curves


def with_suitable_batch(case: Case) -> Case:
    """The case with the plain loop's batches as large as suits it, by trial on a part of the examples.

    Args:
        case: The case.

    Returns:
        The case.
    """
    sizes = [size for size in BATCH_SIZES[case.device.type] if size <= len(case.examples)] or [len(case.examples)]
    few = case.examples.part(slice(0, sizes[-1]))
    question = replace(case.question, by="full", blocks=(), alphas=(0.0, 0.5, 1.0))
    trial = replace(case, examples=few, question=question)
    seconds = dict.fromkeys(sizes, float("inf"))
    for _ in range(3):
        for size in sizes:
            began = time.perf_counter()
            plain(replace(trial, plain_batch_size=size))
            seconds[size] = min(seconds[size], time.perf_counter() - began)
    return replace(case, plain_batch_size=min(seconds, key=seconds.__getitem__))


@torch.inference_mode()
def _swept(case: Case, batches: Batches) -> Losses:
    model = case.make().eval().to(case.device)
    if case.channels_last:
        model = model.to(memory_format=torch.channels_last)
    own = model.state_dict()
    start, end = ({name: tensor.to(case.device) for name, tensor in state.items()} for state in case.ends)
    model.load_state_dict(end)
    curves = []
    for group in case.moving:
        curve = []
        for alpha in case.question.alphas:
            for name in group.entries:
                torch.lerp(start[name], end[name], alpha, out=own[name])
            curve.append(_loss(model, batches, case.question.dtype))
        curves.append(curve)
        for name in group.entries:
            own[name].copy_(end[name])
    return curves


def _loss(model: nn.Module, batches: Batches, dtype: Any) -> float:
    with exact(), computing(dtype, next(model.parameters()).device.type):
        return _mean([functional.cross_entropy(model(x), y, reduction="none") for x, y in batches()])


def _mean(losses: list[Tensor]) -> float:
    return float(torch.cat(losses).double().mean())


class _Transformed(torch.utils.data.Dataset[tuple[Tensor, Tensor]]):
    def __init__(self, split: Split, dataset: Dataset) -> None:
        self._split, self._normalise = split, copy.copy(dataset).normalise

    def __len__(self) -> int:
        return len(self._split)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self._normalise(self._split.inputs[index : index + 1])[0], self._split.labels[index]
