"""The loop, bit for bit beside the plainest loop that does the same."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn, optim
from torch.nn import functional

from lininterp_cli.config.run import Training
from lininterp_cli.config.seeds import derive
from lininterp_cli.data.dataset import Augmentation, Dataset, Split, assemble
from lininterp_cli.training.augment import augmented
from lininterp_cli.training.loop import Progress, Trainee, fit
from lininterp_cli.training.optimizers import OPTIMIZERS
from lininterp_cli.training.schedules import constant, cosine

LR = 0.02
TORCH: dict[str, Callable[[Any], optim.Optimizer]] = {
    "sgd": lambda parameters: optim.SGD(parameters, lr=LR),
    "momentum": lambda parameters: optim.SGD(parameters, lr=LR, momentum=0.9),
    "nesterov": lambda parameters: optim.SGD(parameters, lr=LR, momentum=0.9, nesterov=True),
    "adam": lambda parameters: optim.Adam(parameters, lr=LR),
    "adamw": lambda parameters: optim.AdamW(parameters, lr=LR, weight_decay=0.01),
    "rmsprop": lambda parameters: optim.RMSprop(parameters, lr=LR, alpha=0.99),
}


def convolutional() -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.3), nn.Linear(64, 3)
    )


def linear() -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3))


def pictures(augmentation: Augmentation | None = None, num: int = 41) -> Dataset:
    generator = torch.Generator().manual_seed(0)
    train, test = (
        Split(
            torch.randint(256, (size, 1, 6, 6), generator=generator, dtype=torch.uint8),
            torch.randint(3, (size,), generator=generator),
        )
        for size in (num, 12)
    )
    return assemble("pictures", train, test, 3, augmentation)


def vectors() -> Dataset:
    generator = torch.Generator().manual_seed(0)
    train, test = (
        Split(torch.randn(size, 5, generator=generator), torch.randint(3, (size,), generator=generator))
        for size in (41, 12)
    )
    return assemble("vectors", train, test, 3)


def batches_of(dataset: Dataset, size: int, seed: int, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch's batches as the documents say: shuffled, cropped, scaled; one example left over joins the last."""
    order = torch.randperm(len(dataset.train), generator=torch.Generator().manual_seed(derive(seed, "shuffle", epoch)))
    generator = torch.Generator().manual_seed(derive(seed, "augment", epoch))
    rows = list(order.split(size))
    if size > 1 and len(rows[-1]) == 1:
        rows[-2:] = [torch.cat(rows[-2:])]
    for indices in rows:
        inputs = dataset.train.inputs[indices]
        if dataset.augmentation is not None:
            inputs = augmented(inputs, dataset.augmentation, generator)
        if inputs.dtype == torch.uint8:
            inputs = (inputs.float() / 255 - dataset.mean[:, None, None]) / dataset.std[:, None, None]
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        else:
            inputs = (inputs - dataset.mean) / dataset.std
        yield inputs, dataset.train.labels[indices]


def plainly(
    model: nn.Module,
    make: Callable[[Any], optim.Optimizer],
    dataset: Dataset,
    *,
    epochs: int,
    size: int,
    seed: int,
    cosine_lr: bool = False,
) -> list[float]:
    """Train a network with a loop that anyone would write; the epochs' mean losses."""
    if dataset.train.inputs.ndim == 4:
        model = model.to(memory_format=torch.channels_last)
    model.train()
    optimizer = make(model.parameters())
    num_steps = epochs * len(list(batches_of(dataset, size, seed, 0)))
    scheduler = optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: cosine(min(1.0, step / num_steps)) if cosine_lr else 1.0
    )
    means = []
    for epoch in range(epochs):
        torch.manual_seed(derive(seed, "dropout", epoch))
        total = 0.0
        for inputs, labels in batches_of(dataset, size, seed, epoch):
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()
            scheduler.step()
            total += float(loss.detach()) * len(labels)
        means.append(total / len(dataset.train))
    return means


def trainee_of(model: nn.Module, name: str) -> Trainee:
    if any(parameter.ndim == 4 for parameter in model.parameters()):
        model = model.to(memory_format=torch.channels_last)
    optimizer = OPTIMIZERS[name]([{"params": list(model.parameters())}], False, lr=LR)
    return Trainee(model=model, optimizer=optimizer, scaler=torch.amp.GradScaler("cpu", enabled=False))


def fitted(
    trainee: Trainee,
    dataset: Dataset,
    *,
    epochs: int,
    size: int,
    seed: int,
    schedule: Any = constant,
    warmup: float = 0,
) -> list[Progress]:
    training = Training(epochs=epochs, batch_size=size)
    return list(fit(trainee, dataset, training, schedule, warmup, seed, lambda done, total: None))


def same(first: nn.Module, second: nn.Module) -> bool:
    pairs = zip(first.state_dict().items(), second.state_dict().items(), strict=True)
    return all(a == b and torch.equal(x, y) for (a, x), (b, y) in pairs)


@pytest.mark.parametrize("name", TORCH)
@pytest.mark.parametrize("build", [linear, convolutional])
def test_weights_are_those_of_a_plain_loop(name: str, build: Callable[[], nn.Module]) -> None:
    dataset = vectors() if build is linear else pictures(Augmentation(padding=1, flip=True))
    trainee, plain = trainee_of(build().eval(), name), build()
    progress = fitted(trainee, dataset, epochs=3, size=8, seed=5)
    means = plainly(plain, TORCH[name], dataset, epochs=3, size=8, seed=5)
    assert same(trainee.model, plain)
    assert not same(plain, build())
    assert [row.epoch for row in progress] == [1, 2, 3]
    assert [row.loss for row in progress] == pytest.approx(means, rel=1e-6)
    assert [row.lr for row in progress] == [LR] * 3


@pytest.mark.parametrize("size", [1, 7, 20, 41, 100])
def test_any_batch_size(size: int) -> None:
    def build() -> nn.Module:
        torch.manual_seed(1)
        return nn.Linear(5, 3)

    trainee, plain = trainee_of(build(), "momentum"), build()
    fitted(trainee, vectors(), epochs=2, size=size, seed=0)
    plainly(plain, TORCH["momentum"], vectors(), epochs=2, size=size, seed=0)
    assert same(trainee.model, plain)


def test_a_schedule_reaches_every_step() -> None:
    trainee, plain = trainee_of(linear(), "adam"), linear()
    progress = fitted(trainee, vectors(), epochs=3, size=8, seed=1, schedule=cosine)
    plainly(plain, TORCH["adam"], vectors(), epochs=3, size=8, seed=1, cosine_lr=True)
    for ours, theirs in zip(trainee.model.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-7)
    assert progress[-1].lr == pytest.approx(LR * cosine(14 / 15))


def test_the_rate_is_the_warm_up_s_and_is_put_back() -> None:
    trainee = trainee_of(linear(), "sgd")
    progress = fitted(trainee, vectors(), epochs=3, size=8, seed=1, warmup=2)
    assert [row.lr for row in progress] == pytest.approx([LR / 2, LR, LR])
    assert [group["lr"] for group in trainee.optimizer.param_groups] == [LR]


def test_every_block_s_rate_follows_the_schedule() -> None:
    trainee, plain = trainee_of(linear(), "sgd"), linear()
    first, *rest = trainee.model.parameters()
    trainee.optimizer = OPTIMIZERS["sgd"]([{"params": [first], "lr": 0.5}, {"params": rest}], False, lr=LR)
    progress = fitted(trainee, vectors(), epochs=3, size=8, seed=1, schedule=cosine)

    def make(parameters: Any) -> optim.Optimizer:
        first, *rest = parameters
        return optim.SGD([{"params": [first], "lr": 0.5}, {"params": rest}], lr=LR)

    plainly(plain, make, vectors(), epochs=3, size=8, seed=1, cosine_lr=True)
    for ours, theirs in zip(trainee.model.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-7)
    assert progress[-1].lr == pytest.approx(LR * cosine(14 / 15))
    assert [group["lr"] for group in trainee.optimizer.param_groups] == [0.5, LR]


def test_going_on_after_an_epoch_is_as_if_never_stopped() -> None:
    dataset = pictures(Augmentation(padding=1, flip=True))
    whole, parts = trainee_of(convolutional(), "momentum"), trainee_of(convolutional(), "momentum")
    fitted(whole, dataset, epochs=3, size=8, seed=2, schedule=cosine)
    training = Training(epochs=3, batch_size=8)
    first = fit(parts, dataset, training, cosine, 0, 2, lambda done, total: None)
    assert next(first).epoch == 1
    first.close()
    torch.rand(100)
    assert [row.epoch for row in fitted(parts, dataset, epochs=3, size=8, seed=2, schedule=cosine)] == [2, 3]
    assert same(whole.model, parts.model)


@pytest.mark.parametrize("stop", [False, True])
def test_the_caller_s_random_state_is_left_alone(stop: bool) -> None:
    def on_step(done: int, total: int) -> None:
        if stop and done == 3:
            raise KeyboardInterrupt

    trainee = trainee_of(convolutional(), "sgd")
    state = torch.get_rng_state()
    progress = fit(trainee, pictures(), Training(epochs=2, batch_size=8), constant, 0, 0, on_step)
    try:
        for _ in progress:
            assert torch.equal(torch.get_rng_state(), state)
    except KeyboardInterrupt:
        assert stop
    assert torch.equal(torch.get_rng_state(), state)


def test_what_the_caller_drew_before_changes_nothing() -> None:
    first, second = trainee_of(convolutional(), "sgd"), trainee_of(convolutional(), "sgd")
    torch.manual_seed(1)
    fitted(first, pictures(), epochs=1, size=8, seed=0)
    torch.manual_seed(2)
    fitted(second, pictures(), epochs=1, size=8, seed=0)
    assert same(first.model, second.model)


def test_seeds_and_epochs_have_their_own_order() -> None:
    def labels(seed: int, epoch: int) -> list[int]:
        return torch.cat([batch for _, batch in batches_of(vectors(), 8, seed, epoch)]).tolist()

    assert labels(0, 0) != labels(1, 0)
    assert labels(0, 0) != labels(0, 1)
    first, second = trainee_of(nn.Linear(5, 3), "sgd"), trainee_of(nn.Linear(5, 3), "sgd")
    second.model.load_state_dict(first.model.state_dict())
    fitted(first, vectors(), epochs=1, size=8, seed=0)
    fitted(second, vectors(), epochs=1, size=8, seed=1)
    assert not same(first.model, second.model)


def test_steps_are_reported() -> None:
    steps: list[tuple[int, int]] = []
    training = Training(epochs=2, batch_size=8)
    list(fit(trainee_of(linear(), "sgd"), vectors(), training, constant, 0, 0, lambda *step: steps.append(step)))
    assert steps == [(done, 5) for done in (1, 2, 3, 4, 5)] * 2


def test_no_epoch_is_no_step() -> None:
    trainee = trainee_of(linear(), "adam")
    assert fitted(trainee, vectors(), epochs=0, size=8, seed=0) == []
    assert same(trainee.model, linear())


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_learns_and_keeps_float32_weights(dtype: str) -> None:
    trainee = trainee_of(convolutional(), "momentum")
    trainee.scaler = torch.amp.GradScaler("cpu", init_scale=1024.0, enabled=dtype == "float16")
    exact = trainee_of(convolutional(), "momentum")
    training = Training(epochs=4, batch_size=8, dtype=dtype)  # type: ignore[arg-type]
    rows = list(fit(trainee, pictures(), training, constant, 0, 0, lambda done, total: None))
    full = fitted(exact, pictures(), epochs=4, size=8, seed=0)
    assert {parameter.dtype for parameter in trainee.model.parameters()} == {torch.float32}
    assert not same(trainee.model, exact.model)
    assert rows[0].loss == pytest.approx(full[0].loss, rel=0.05)
    assert rows[-1].loss < rows[0].loss
