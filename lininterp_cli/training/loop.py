"""The training loop: no disk access, and no host synchronisation between steps (float16 without `fused` has one).

The data set is on the device in its stored form; batches are cut, augmented and normalised there.  Every random
stream is derived from the seed and the epoch, so that a resumed run draws the same numbers as an uninterrupted one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from lininterp_cli.config.run import Training
from lininterp_cli.config.seeds import derive
from lininterp_cli.data.dataset import Dataset
from lininterp_cli.data.seeding import seeded
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
    """Its optimizer; between epochs it has the full learning rates, without the schedule's factor."""
    scaler: torch.amp.GradScaler
    """Keeps float16 gradients in range; disabled for other precisions."""
    epoch: int = 0
    """Number of epochs done."""
    layout: torch.memory_format = torch.channels_last
    """Memory layout of image batches."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The loop's report at the end of an epoch."""

    epoch: int
    """Number of epochs done."""
    loss: float
    """Mean training loss over the epoch's examples, each with the weights before its batch's step, in nats."""
    lr: float
    """Learning rate of the last step, for blocks without one of their own."""


def fit(
    trainee: Trainee,
    dataset: Dataset,
    training: Training,
    schedule: Callable[[float], float],
    warmup_epochs: float,
    seed: int,
    on_step: Callable[[int, int], None],
) -> Iterator[Progress]:
    """Train a network, one epoch at a time, from its present epoch to the last.

    A generator: training pauses after each epoch until the caller asks for the next.

    Args:
        trainee: The network and its optimizer, changed in place.
        dataset: The data, on the network's device.
        training: Epochs, batch size, precision.
        schedule: Maps progress in [0, 1] to a factor on the learning rate.
        warmup_epochs: Epochs of linear warm-up before the schedule.
        seed: The run's seed.
        on_step: Called after each step with the number of steps done in the epoch and of steps in an epoch.

    Yields:
        The report of each epoch.
    """
    batches = cut(len(dataset.train), training.batch_size)
    num_steps = training.epochs * len(batches)
    num_warmup_steps = round(warmup_epochs * len(batches))
    full_lr = [group["lr"] for group in trainee.optimizer.param_groups]
    while trainee.epoch < training.epochs:
        # A network draws from the global generators (dropout).
        with seeded(dataset.train.labels.device, derive(seed, "dropout", trainee.epoch)), exact():
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
