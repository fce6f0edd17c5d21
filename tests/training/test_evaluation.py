"""Loss and accuracy, beside a float64 loop over single examples."""

import copy
import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torch import Tensor, nn

from lininterp_cli.data.dataset import Split
from lininterp_cli.data.draws import order
from lininterp_cli.models.state import state_of
from lininterp_cli.training.evaluation import (
    Metrics,
    evaluate,
    forward,
    frozen,
    laid_out,
    outcomes,
    placed,
    sample,
    usual_batch,
)  # fmt: skip


def scaled(inputs: Tensor) -> Tensor:
    return inputs * 2 - 0.5


def network(*, dropout: bool = False) -> nn.Module:
    torch.manual_seed(2)
    layers = [nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh(), *([nn.Dropout(0.5)] if dropout else []), nn.Linear(6, 3)]
    model = nn.Sequential(*layers)
    with torch.no_grad():
        for _ in range(3):
            model(torch.randn(20, 4))
    return model


def examples(num: int = 53) -> Split:
    generator = torch.Generator().manual_seed(num)
    return Split(torch.randn(num, 4, generator=generator), torch.randint(3, (num,), generator=generator))


def plainly(model: nn.Module, split: Split) -> tuple[list[float], list[bool]]:
    """Each example alone, in float64, the cross-entropy written out."""
    double = copy.deepcopy(model).double().eval()
    losses, correct = [], []
    with torch.no_grad():
        for values, label in zip(split.inputs, split.labels.tolist(), strict=True):
            logits = double(scaled(values.double())[None])[0].tolist()
            losses.append(math.log(sum(math.exp(logit - logits[label]) for logit in logits)))
            correct.append(max(range(3), key=logits.__getitem__) == label)
    return losses, correct


@pytest.mark.parametrize("batch_size", [1, 2, 7, 52, 53, 1000])
def test_it_is_the_mean_over_single_examples(batch_size: int) -> None:
    model, split = network(), examples()
    losses, correct = plainly(model, split)
    metrics = evaluate(frozen(model), state_of(model), split, scaled, batch_size=batch_size)
    assert metrics.num_examples == 53
    assert metrics.loss == pytest.approx(math.fsum(losses) / 53, rel=1e-6)
    assert metrics.loss_stderr == pytest.approx(stats.sem(losses), rel=1e-5)
    assert metrics.accuracy == sum(correct) / 53


def test_a_mean_of_batch_means_would_be_something_else() -> None:
    model, split = network(), examples()
    losses, _ = plainly(model, split)
    batches = [losses[start : start + 16] for start in range(0, 53, 16)]
    of_means = sum(sum(batch) / len(batch) for batch in batches) / len(batches)
    loss = evaluate(frozen(model), state_of(model), split, scaled, batch_size=16).loss
    assert abs(of_means - loss) > 1e-3  # the ragged last batch would count for more
    assert loss == pytest.approx(math.fsum(losses) / 53, rel=1e-6)


@settings(max_examples=20)
@given(st.integers(1, 60), st.integers(1, 70))
def test_any_size_and_number(num: int, batch_size: int) -> None:
    model, split = network(), examples(num)
    metrics = evaluate(frozen(model), state_of(model), split, scaled, batch_size=batch_size)
    losses, correct = plainly(model, split)
    assert metrics.loss == pytest.approx(math.fsum(losses) / num, rel=1e-5)
    assert metrics.accuracy == sum(correct) / num
    assert math.isnan(metrics.loss_stderr) == (num == 1)


def test_the_means_are_summed_in_float64() -> None:
    model = nn.Linear(1, 2)
    state = {"weight": torch.tensor([[0.0], [-1.0]]), "bias": torch.zeros(2)}
    # One loss of 1e8 among 9999 of ln 2: float32 sums lose the small ones, and their number.
    split = Split(torch.cat([torch.full((1, 1), 1e8), torch.zeros(9999, 1)]), torch.ones(10000, dtype=torch.int64))
    loss = evaluate(model, state, split, lambda inputs: inputs).loss
    assert loss == pytest.approx((1e8 + 9999 * math.log(2)) / 10000, rel=1e-9)


@pytest.mark.parametrize("training", [False, True])
def test_the_model_and_the_state_are_left_as_they_are(training: bool) -> None:
    model = network(dropout=True).train(training)
    model[0].weight.requires_grad_(False)
    own, state = state_of(model), {name: tensor + 1 for name, tensor in state_of(model).items()}
    given_state = {name: tensor.clone() for name, tensor in state.items()}
    flags = [parameter.requires_grad for parameter in model.parameters()]
    evaluate(frozen(model), state, examples(), scaled)
    assert all(torch.equal(tensor, own[name]) for name, tensor in model.state_dict().items())
    assert all(torch.equal(tensor, given_state[name]) for name, tensor in state.items())
    assert [parameter.requires_grad for parameter in model.parameters()] == flags
    assert [part.training for part in model.modules()] == [training] * len(list(model.modules()))
    assert all(parameter.grad is None for parameter in model.parameters())


class Shrinking(nn.Linear):
    """Halves its weights in each pass, before it uses them."""

    def forward(self, inputs: Tensor) -> Tensor:
        self.weight.data = self.weight.data / 2
        with torch.no_grad():
            self.bias.div_(2)
        return super().forward(inputs)


@pytest.mark.parametrize("batch_size", [7, 100])
def test_a_pass_that_writes_into_its_weights_changes_neither_the_given_ones_nor_the_next_pass(batch_size: int) -> None:
    torch.manual_seed(0)
    model, split = Shrinking(4, 3), examples()
    state = state_of(model)
    given_state = {name: tensor.clone() for name, tensor in state.items()}
    half = nn.Linear(4, 3)
    half.load_state_dict({name: tensor / 2 for name, tensor in state.items()})
    expected = math.fsum(plainly(half, split)[0]) / 53
    assert evaluate(frozen(model), state, split, scaled, batch_size=batch_size).loss == pytest.approx(
        expected, rel=1e-6
    )
    assert all(torch.equal(tensor, given_state[name]) for name, tensor in state.items())


def test_frozen_is_a_copy_with_dropout_off_and_running_statistics() -> None:
    model, split = network(dropout=True).train(), examples()
    probe = frozen(model)
    assert not any(part.training for part in probe.modules())
    assert not any(parameter.requires_grad for parameter in probe.parameters())
    assert all(a.data_ptr() != b.data_ptr() for a, b in zip(probe.parameters(), model.parameters(), strict=True))
    first, second = (evaluate(probe, state_of(model), split, scaled) for _ in range(2))
    assert first == second
    assert first.loss == pytest.approx(math.fsum(plainly(model, split)[0]) / 53, rel=1e-6)


def test_the_given_weights_count_not_the_model_s() -> None:
    model, split = network(), examples()
    state = state_of(model)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert evaluate(frozen(model), state, split, scaled) == evaluate(frozen(network()), state, split, scaled)


def test_no_graph_is_kept() -> None:
    losses, correct = outcomes(network().eval(), state_of(network()), examples(), scaled)
    assert not losses.requires_grad
    assert (losses.dtype, correct.dtype) == (torch.float32, torch.bool)
    assert losses.shape == correct.shape == (53,)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_outputs_that_are_not_finite_show_in_the_loss(value: float) -> None:
    model, split = network(), examples()
    state = state_of(model)
    state["3.bias"][0] = value
    metrics = evaluate(frozen(model), state, split, scaled)
    assert not math.isfinite(metrics.loss)
    assert 0 <= metrics.accuracy <= 1


def test_an_output_that_is_not_a_number_is_no_right_answer() -> None:
    model, split = network(), examples()
    state = state_of(model)
    state["3.bias"][:] = math.nan
    assert evaluate(frozen(model), state, split, scaled).accuracy == 0.0


def test_one_bad_example_is_not_hidden() -> None:
    model, split = network(), examples()
    split.inputs[17] = math.nan
    assert not math.isfinite(evaluate(frozen(model), state_of(model), split, scaled, batch_size=8).loss)


def test_float64_is_a_double_network() -> None:
    model, split = network(), examples()
    losses, _ = plainly(model, split)
    exact, _ = outcomes(frozen(model), state_of(model), split, scaled, dtype="float64")
    assert exact.dtype == torch.float64
    # Inputs are normalised in float32 before they are widened.
    assert exact.tolist() == pytest.approx(losses, rel=1e-6)
    doubled = copy.deepcopy(model).double().eval()
    with torch.no_grad():
        logits = doubled(scaled(split.inputs).double())
    assert torch.equal(
        forward(frozen(model), state_of(model), scaled(split.inputs), "float64"),
        logits,
    )


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_is_near(dtype: str) -> None:
    model, split = network(), examples()
    full = evaluate(frozen(model), state_of(model), split, scaled)
    half = evaluate(frozen(model), state_of(model), split, scaled, dtype=dtype)  # type: ignore[arg-type]
    assert half.loss != full.loss
    assert half.loss == pytest.approx(full.loss, rel=0.02)
    assert forward(frozen(model), state_of(model), split.inputs, dtype).dtype == torch.float32  # type: ignore[arg-type]


class Tied(nn.Module):
    """One matrix used twice, under two names."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4, bias=False)
        self.second = nn.Linear(4, 4, bias=False)
        self.second.weight = self.first.weight
        self.head = nn.Linear(4, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.head(self.second(self.first(inputs).tanh()))


def test_tied_weights_are_evaluated_as_the_network_itself_would() -> None:
    torch.manual_seed(0)
    model, split = Tied(), examples()
    losses, _ = plainly(model, split)
    metrics = evaluate(frozen(model), state_of(model), split, scaled)
    assert metrics.loss == pytest.approx(math.fsum(losses) / 53, rel=1e-6)
    moved = {name: tensor * 2 for name, tensor in state_of(model).items()}
    model.load_state_dict(moved)
    assert evaluate(frozen(Tied()), moved, split, scaled).loss == pytest.approx(
        math.fsum(plainly(model, split)[0]) / 53, rel=1e-6
    )


@given(st.integers(1, 80), st.integers(1, 80))
def test_a_sample_is_a_prefix_of_a_larger_one(first: int, second: int) -> None:
    split = examples(60)
    small, large = (sample(split, num) for num in sorted((first, second)))
    assert len(small) == min(first, second, 60)
    assert torch.equal(large.inputs[: len(small)], small.inputs)
    assert torch.equal(large.labels[: len(small)], small.labels)
    assert torch.equal(sample(split).inputs, split.inputs[order(60, 0)])


def test_a_sample_s_order_does_not_hang_on_the_caller() -> None:
    torch.manual_seed(1)
    first = sample(examples(), 10)
    torch.manual_seed(2)
    assert torch.equal(sample(examples(), 10).inputs, first.inputs)


@pytest.mark.parametrize("build", [network, Tied])
def test_metrics_are_plain_numbers(build: Callable[[], nn.Module]) -> None:
    metrics = evaluate(frozen(build()), state_of(build()), examples(), scaled)
    assert isinstance(metrics, Metrics)
    assert {type(value) for value in (metrics.loss, metrics.loss_stderr, metrics.accuracy)} == {float}


def test_a_device_has_its_usual_batch() -> None:
    assert usual_batch(torch.device("cpu")) == 128
    assert usual_batch(torch.device("cuda", 3)) == usual_batch(torch.device("mps")) > 128
    rows: list[int] = []
    probe = frozen(network())
    probe.register_forward_hook(lambda _, given, __: rows.append(len(given[0])))
    evaluate(probe, state_of(probe), examples(300), scaled)
    assert rows == [128, 128, 44]


def test_a_state_is_laid_out_with_channels_last_and_the_same_numbers() -> None:
    generator = torch.Generator().manual_seed(0)
    shapes = {
        "conv": (4, 3, 5, 5),
        "one": (4, 3, 1, 1),
        "matrix": (4, 3),
        "bias": (4,),
        "video": (4, 3, 2, 5, 5),
        "count": (),
    }
    state = {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    there = laid_out(state)
    assert list(there) == list(state)
    assert all(torch.equal(there[name], state[name]) for name in state)
    assert there["conv"].stride() == (75, 1, 15, 3)
    assert all(there[name].is_contiguous(memory_format=torch.channels_last) for name in ("conv", "one"))
    assert all(there[name] is state[name] for name in ("matrix", "bias", "video", "count"))
    assert state["conv"].is_contiguous()
    assert laid_out(there)["conv"] is there["conv"]


def test_images_are_placed_with_channels_last_and_vectors_as_they_are() -> None:
    images, vectors = torch.randn(2, 3, 4, 4), torch.randn(2, 3)
    assert placed(images, "float32").stride() == (48, 1, 12, 3)
    assert torch.equal(placed(images, "bfloat16"), images)
    assert placed(vectors, "float32") is vectors
    assert placed(images, "float64").dtype == placed(vectors, "float64").dtype == torch.float64
    assert torch.equal(placed(images, "float64"), images.double())


def test_layout_changes_no_metric_of_a_convolution() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 3), nn.Flatten(), nn.Linear(64, 3)).eval()
    generator = torch.Generator().manual_seed(1)
    images = torch.randint(256, (20, 3, 8, 8), generator=generator).to(torch.uint8)
    split = Split(images, torch.randint(3, (20,), generator=generator))

    def shown(inputs: Tensor) -> Tensor:
        return inputs.float() / 128 - 1

    with torch.no_grad():
        expected = nn.functional.cross_entropy(copy.deepcopy(model).double()(shown(images).double()), split.labels)
    assert evaluate(model, state_of(model), split, shown).loss == pytest.approx(float(expected), rel=1e-6)


def test_tf32_is_a_dtype_of_its_own_and_leaves_the_flags_alone() -> None:
    model, split = network(), examples()
    before = torch.get_float32_matmul_precision()
    seen: list[str] = []
    probe = frozen(model)
    probe.register_forward_hook(lambda *_: seen.append(torch.get_float32_matmul_precision()))
    found = [evaluate(probe, state_of(model), split, scaled, dtype=dtype) for dtype in ("float32", "tf32")]  # type: ignore[arg-type]
    assert seen == ["highest", "high"]
    assert torch.get_float32_matmul_precision() == before
    assert found[1].loss == pytest.approx(found[0].loss, rel=1e-2)


class Twice(nn.Module):
    """A module that is used under two names."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(4)
        self.one, self.head = nn.Linear(4, 4), nn.Linear(4, 3)
        self.two = self.one

    def forward(self, inputs: Tensor) -> Tensor:
        logits: Tensor = self.head(self.two(self.one(inputs).tanh()).tanh())
        return logits


def test_a_module_of_two_names_has_its_weights_in_every_batch() -> None:
    trained, probe, split = Twice(), Twice(), examples()
    with torch.no_grad():
        for parameter in trained.parameters():
            parameter.mul_(1.5).add_(0.1)
    losses, correct = plainly(trained, split)
    for _ in range(2):
        found, right = outcomes(probe, state_of(trained), split, scaled, batch_size=8)
        assert found.tolist() == pytest.approx(losses, abs=1e-5)
        assert right.tolist() == correct
