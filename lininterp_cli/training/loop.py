"""The training loop: readable from top to bottom, no disk, no host synchronisation inside an epoch.

The data set lives on the device as it is stored; batches are cut, augmented and normalised there.  Every random
stream is derived from the seed and the epoch, so that a run that goes on draws what an undisturbed one would.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from lininterp_cli.config.run import Training
from lininterp_cli.config.seeds import derive
from lininterp_cli.data.dataset import Dataset
from lininterp_cli.training.augment import augmented
from lininterp_cli.training.batches import cut
from lininterp_cli.training.device import exact
from lininterp_cli.training.schedules import factor_at


@dataclass(kw_only=True, slots=True)
class Trainee:
    """Everything that training changes."""

    model: nn.Module
    """The network, on the device."""
    optimizer: torch.optim.Optimizer
    """Its optimizer; the learning rate it was made with is the full one."""
    scaler: torch.amp.GradScaler
    """Keeps float16 gradients in range; switched off for other precisions."""
    epoch: int = 0
    """Epochs that are done."""
    layout: torch.memory_format = torch.channels_last
    """How images lie in memory."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the loop reports at the end of each epoch."""

    epoch: int
    """Epochs that are done."""
    loss: float
    """Mean training loss over the epoch's batches as they were taken, in nats."""
    lr: float
    """Learning rate of the last step, where no block has one of its own."""


def fit(
    trainee: Trainee,
    dataset: Dataset,
    training: Training,
    schedule: Callable[[float], float],
    warmup_epochs: float,
    seed: int,
    on_step: Callable[[int, int], None],
) -> Iterator[Progress]:
    """Train a network, one epoch at a time, from where it stands to the last epoch.

    A generator: the caller decides what happens between epochs, and training goes on when it asks for the next.

    Args:
        trainee: The network and its optimizer, changed in place.
        dataset: The data, on the network's device.
        training: Epochs, batch size, precision.
        schedule: From progress in [0, 1] to a factor on the learning rate.
        warmup_epochs: Epochs of linear rise before it.
        seed: The run's seed.
        on_step: Called after each step with the steps that are done in the epoch and their number.

    Yields:
        What each epoch came to.
    """
    batches = cut(len(dataset.train), training.batch_size)
    num_steps = training.epochs * len(batches)
    num_warmup_steps = round(warmup_epochs * len(batches))
    full_lr = [group["lr"] for group in trainee.optimizer.param_groups]
    while trainee.epoch < training.epochs:
        with _stream(dataset.train.labels.device, derive(seed, "dropout", trainee.epoch)), exact():
            trainee.model.train()
            total = torch.zeros((), device=dataset.train.labels.device)
            for step, (inputs, labels) in enumerate(_shuffled(dataset, batches, seed, trainee)):
                factor = factor_at(trainee.epoch * len(batches) + step, num_steps, num_warmup_steps, schedule)
                for group, lr in zip(trainee.optimizer.param_groups, full_lr, strict=True):
                    group["lr"] = lr * factor
                total += _step(trainee, inputs, labels, training.dtype) * len(labels)
                on_step(step + 1, len(batches))
        lr_now = trainee.optimizer.defaults["lr"] * factor
        for group, lr in zip(trainee.optimizer.param_groups, full_lr, strict=True):
            group["lr"] = lr
        trainee.epoch += 1
        yield Progress(trainee.epoch, float(total) / len(dataset.train), lr_now)


def _step(trainee: Trainee, inputs: Tensor, labels: Tensor, dtype: str) -> Tensor:
    half = dtype != "float32"
    with torch.autocast(inputs.device.type, dtype=getattr(torch, dtype) if half else None, enabled=half):
        loss = functional.cross_entropy(trainee.model(inputs), labels)
    trainee.optimizer.zero_grad(set_to_none=True)
    trainee.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
    trainee.scaler.step(trainee.optimizer)
    trainee.scaler.update()
    return loss.detach()


def _shuffled(dataset: Dataset, batches: list[slice], seed: int, trainee: Trainee) -> Iterator[tuple[Tensor, Tensor]]:
    train, device = dataset.train, dataset.train.labels.device
    shuffler = torch.Generator().manual_seed(derive(seed, "shuffle", trainee.epoch))
    order = torch.randperm(len(train), generator=shuffler).to(device)
    generator = torch.Generator(device).manual_seed(derive(seed, "augment", trainee.epoch))
    for rows in batches:
        inputs = train.inputs[order[rows]]
        if dataset.augmentation is not None:
            inputs = augmented(inputs, dataset.augmentation, generator)
        inputs = dataset.normalise(inputs)
        if inputs.dim() == 4:
            inputs = inputs.contiguous(memory_format=trainee.layout)
        yield inputs, train.labels[order[rows]]


@contextlib.contextmanager
def _stream(device: torch.device, seed: int) -> Iterator[None]:
    """What a network draws inside it (dropout) comes from the seed; every generator is then as it was before."""
    is_cuda = device.type == "cuda"
    with torch.random.fork_rng([device] if is_cuda else []):
        torch.default_generator.manual_seed(seed)
        if is_cuda:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield
