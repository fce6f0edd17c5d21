"""The traps that other programs of this kind fall into, one test for each."""

import json
import math
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import oracle
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from lininterp_cli.config.run import RunConfig
from lininterp_cli.data.dataset import Dataset
from lininterp_cli.errors import StateError
from lininterp_cli.landscape.crew import Progress
from lininterp_cli.landscape.curves.agreement import end_difference
from lininterp_cli.landscape.curves.alphas import parse
from lininterp_cli.landscape.curves.curve import Curve, Series
from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.landscape.engine import paths
from lininterp_cli.landscape.interpolate import Ground, interpolate
from lininterp_cli.landscape.question import Question
from lininterp_cli.landscape.watcher import Unwatched
from lininterp_cli.models.blocks import statistics_of
from lininterp_cli.models.registry import build
from lininterp_cli.models.state import State, state_of
from lininterp_cli.runs.run import Run
from lininterp_cli.training.checkpoints import load_checkpoint, save_state

Walked = Callable[..., list[Series]]
Trained = Callable[..., tuple[State, State]]
Pictures = Callable[..., Dataset]
Vectors = Callable[..., Dataset]

TREATMENTS = ("running", "final", "recalibrate", "batch")


class Ramp(nn.Module):
    """Logits [w x, 0]: with x = 1 and label 0 the loss at w = alpha is ln(1 + exp(-alpha))."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(1))

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.cat([self.w * inputs, torch.zeros_like(inputs)], dim=1)


def ramp_ends(first: float = 0.0, last: float = 1.0) -> tuple[State, State]:
    return {"w": torch.tensor([first])}, {"w": torch.tensor([last])}


def softplus(margin: float) -> float:
    return math.log1p(math.exp(-margin))


def ones(vectors: Vectors, count: int = 4) -> Dataset:
    return vectors(torch.ones(count, 1), torch.zeros(count, dtype=torch.int64))


def make_bn() -> nn.Module:
    return build("resnet8", (1, 8, 8), 10, width=4)


def losses(series: Series, split: str = "test") -> list[float]:
    return list(series.splits[split].loss)


class Refusing(Unwatched):
    """Does not want anything measured."""

    def passed(self, progress: Progress) -> None:
        raise AssertionError("it was measured a second time")


def copied(state: State) -> State:
    return {name: tensor.clone() for name, tensor in state.items()}


def same(one: State, other: State) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("bn", TREATMENTS)
def test_the_users_model_and_both_ends_are_left_as_they_were(
    bn: str, pictures: Pictures, trained: Trained, walked: Walked
):
    dataset, model = pictures(), make_bn()
    ends = trained(make_bn, dataset)
    model.train()
    model.layer1.eval()
    before = [copied(state) for state in (state_of(model), *ends)]
    modes = [part.training for part in model.modules()]
    objects = dict(model.named_parameters())
    walked(model, ends, dataset, by="block", bn=bn)
    assert same(state_of(model), before[0])
    assert same(ends[0], before[1])
    assert same(ends[1], before[2])
    assert [part.training for part in model.modules()] == modes
    assert all(parameter is objects[name] for name, parameter in model.named_parameters())
    assert all(parameter.requires_grad and parameter.grad is None for parameter in model.parameters())


def test_values_are_not_one_step_off_their_alphas(vectors: Vectors, walked: Walked):
    alphas = (0.0, 0.1, 0.35, 0.8, 1.0)
    full = walked(Ramp(), ramp_ends(-1.0, 3.0), ones(vectors), alphas=alphas)[0]
    assert losses(full) == pytest.approx([softplus(-1 + 4 * alpha) for alpha in alphas], abs=1e-6)


def test_both_ends_are_among_the_alphas(vectors: Vectors, walked: Walked):
    for text in ("50", "2", "11", "0:1:0.1", "0:1:0.02", "0:1:0.25"):
        assert (parse(text)[0], parse(text)[-1]) == (0.0, 1.0), text
    full = walked(Ramp(), ramp_ends(), ones(vectors), alphas=Question().alphas)[0]
    assert losses(full)[0] == pytest.approx(math.log(2), abs=1e-7)
    assert losses(full)[-1] == pytest.approx(softplus(1), abs=1e-7)
    assert len(losses(full)) == 50


def test_statistics_of_the_wrong_end_are_not_used(pictures: Pictures, trained: Trained, walked: Walked):
    dataset = pictures()
    start, end = trained(make_bn, dataset)
    for name in statistics_of(make_bn()):
        if name.endswith("running_var"):
            end[name] = end[name] * 9
    own = []
    for state in (start, end):
        model = make_bn()
        model.load_state_dict(state)
        with torch.no_grad():
            logits = model.eval()(dataset.normalise(dataset.test.inputs))
        own.append(float(functional.cross_entropy(logits.double(), dataset.test.labels)))
    for by in ("full", "block"):
        for series in walked(make_bn(), (start, end), dataset, by=by):
            if series.block is None:
                assert losses(series)[0] == pytest.approx(own[0], abs=1e-6)
            assert losses(series)[-1] == pytest.approx(own[1], abs=1e-6)
    assert abs(own[0] - own[1]) > 0.01


def test_integer_buffers_are_not_averaged(pictures: Pictures, trained: Trained, walked: Walked):
    dataset = pictures()
    start, end = trained(make_bn, dataset, num_steps=3)
    counts = [name for name in start if name.endswith("num_batches_tracked")]
    assert counts
    for alpha in (0.0, 0.01, 0.5, 0.99, 1.0):
        state = paths.linear(start, end)(alpha)
        for name in counts:
            assert state[name].dtype == torch.int64
            assert int(state[name]) in (int(start[name]), int(end[name])) == (0, 3)
        make_bn().load_state_dict(state)
    full = walked(make_bn(), (start, end), dataset, by="tensor")
    assert not set(counts) & {name for series in full for name in series.tensors}


def test_train_mode_is_not_left_on(pictures: Pictures, trained: Trained, walked: Walked):
    dataset = pictures()
    ends = trained(make_bn, dataset)
    measured = [losses(walked(model, ends, dataset)[0]) for model in (make_bn().train(), make_bn().eval())]
    assert measured[0] == measured[1]
    expected = oracle.line(make_bn, *ends, dataset, (0.0, 0.4, 1.0))
    assert measured[0] == pytest.approx([loss for loss, _ in expected], abs=1e-5)


@pytest.mark.parametrize("bn", TREATMENTS)
def test_dropout_is_off(bn: str, pictures: Pictures, trained: Trained, walked: Walked):
    dataset = pictures()

    def vit(dropout: float) -> nn.Module:
        return build("vit-tiny", (1, 8, 8), 10, width=8, depth=1, heads=2, dropout=dropout)

    ends = trained(lambda: vit(0.0), dataset)
    dropping, plain = (losses(walked(vit(rate).train(), ends, dataset, bn=bn)[0]) for rate in (0.5, 0.0))
    assert dropping == plain


def test_a_ragged_last_batch_weighs_what_it_holds(vectors: Vectors, walked: Walked):
    inputs = torch.tensor([[-5.0]] * 2 + [[1.0]] * 8)
    dataset = vectors(inputs, torch.zeros(10, dtype=torch.int64))
    exact = (2 * softplus(-5) + 8 * softplus(1)) / 10
    for batch_size in (1, 2, 3, 4, 6, 7, 8, 9, 10, 11):
        values = walked(Ramp(), ramp_ends(), dataset, alphas=(1.0,), batch_size=batch_size)[0].splits["test"]
        assert values.loss[0] == pytest.approx(exact, abs=1e-6), batch_size
        assert values.accuracy[0] == 0.8


def test_parameters_of_unusual_names_move_like_any_other(
    pictures: Pictures, vectors: Vectors, trained: Trained, walked: Walked
):
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cls_token, self.pos_embed, self.layer_scale = (nn.Parameter(torch.zeros(1)) for _ in range(3))

        def forward(self, inputs: Tensor) -> Tensor:
            margin = inputs * (self.cls_token + 2 * self.pos_embed + 3 * self.layer_scale)
            return torch.cat([margin, torch.zeros_like(inputs)], dim=1)

    names = ("cls_token", "pos_embed", "layer_scale")
    ends = tuple({name: torch.full((1,), value) for name in names} for value in (0.0, 1.0))
    for by in ("block", "layer", "tensor"):
        full, *parts = walked(Odd(), ends, ones(vectors), by=by, alphas=(0.5,))
        assert losses(full) == pytest.approx([softplus(3)], abs=1e-6)
        assert {name: losses(part)[0] for name, part in zip(names, parts, strict=True)} == pytest.approx(
            {"cls_token": softplus(5.5), "pos_embed": softplus(5), "layer_scale": softplus(4.5)}, abs=1e-6
        )
        assert [part.distance for part in parts] == [1.0] * 3

    dataset = pictures()
    _, end = trained(lambda: build("vit-tiny", (1, 8, 8), 10, width=8, depth=1, heads=2), dataset)
    for name in ("class_token", "encoder.pos_embedding"):
        model = build("vit-tiny", (1, 8, 8), 10, width=8, depth=1, heads=2)
        moved = torch.randn(end[name].shape, generator=torch.Generator().manual_seed(0))
        full = walked(model, (end | {name: moved}, end), dataset)[0]
        assert len({round(loss, 4) for loss in losses(full)}) == 3, f"{name} did not move"


def test_tied_weights_are_moved_once_and_counted_once(vectors: Vectors, walked: Walked):
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Linear(1, 1, bias=False)
            self.decoder = nn.Linear(1, 1, bias=False)
            self.decoder.weight = self.encoder.weight

        def forward(self, inputs: Tensor) -> Tensor:
            margin = self.decoder(self.encoder(inputs))
            return torch.cat([margin, torch.zeros_like(inputs)], dim=1)

    ends = tuple(dict.fromkeys(("encoder.weight", "decoder.weight"), torch.full((1, 1), w)) for w in (0.0, 2.0))
    untied = tuple(copied(state) for state in ends)
    for states in (ends, untied):
        for by in ("full", "block", "layer", "tensor"):
            full, *blocks = walked(Tied(), states, ones(vectors), by=by, alphas=(0.0, 0.25, 1.0))
            assert losses(full) == pytest.approx([softplus(0), softplus(0.25), softplus(4)], abs=1e-6)
            assert full.distance == 2.0
            for block in blocks:
                assert (losses(block), block.distance) == (losses(full), 2.0)
            assert len(blocks) == (0 if by == "full" else 1)


def test_tensors_that_are_not_contiguous_are_mixed_by_position(pictures: Pictures, trained: Trained, walked: Walked):
    dataset = pictures()
    start, end = trained(make_bn, dataset)

    def scattered(state: State) -> State:
        return {
            name: tensor.contiguous(memory_format=torch.channels_last) if tensor.dim() == 4
            else tensor.t().contiguous().t() if tensor.dim() == 2 else tensor
            for name, tensor in state.items()
        }  # fmt: skip

    assert not all(tensor.is_contiguous() for tensor in scattered(end).values())
    plain = walked(make_bn(), (start, end), dataset, by="block")
    for ends in ((start, scattered(end)), (scattered(start), end), (scattered(start), scattered(end))):
        for one, other in zip(walked(make_bn(), ends, dataset, by="block"), plain, strict=True):
            assert losses(one) == pytest.approx(losses(other), abs=1e-6)
            assert one.distance == pytest.approx(other.distance, rel=1e-12)


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_complex_tensors_keep_their_imaginary_part(precision: str, vectors: Vectors, walked: Walked):
    class Phase(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.zeros(1, dtype=torch.complex64))

        def forward(self, inputs: Tensor) -> Tensor:
            return torch.cat([(self.w * inputs).imag, torch.zeros_like(inputs)], dim=1)

    ends = ({"w": torch.tensor([1 - 2j])}, {"w": torch.tensor([4 + 2j])})
    full, block = walked(Phase(), ends, ones(vectors), by="tensor", dtype=precision)
    for series in (full, block):
        assert losses(series) == pytest.approx([softplus(m) for m in (-2, -0.4, 2)], abs=1e-6)
        assert series.distance == 5.0
        assert series.tensors == ("w",)


def test_values_that_are_not_finite_are_not_hidden(run: Run, ground: Ground):
    state = load_checkpoint(run, "final")
    # Numbers, and beyond all numbers once they are multiplied.
    save_state(run.checkpoint_path("final"), state | {"fc.weight": torch.full_like(state["fc.weight"], 3e38)})
    curve, _ = interpolate(run, Question(by="block", alphas=(0.0, 0.5, 1.0)), ground, Unwatched())
    content = json.loads(run.curve_paths()[0].read_text())
    by_label = {series.label: series for series in curve.series}
    whole = by_label["all"].splits["test"]
    assert math.isfinite(whole.loss[0])
    assert not any(map(math.isfinite, whole.loss[1:]))
    assert whole.num_missing == content["series"][0]["splits"]["test"]["num_missing"] == 2
    assert content["series"][0]["splits"]["test"]["loss"][1:] == [None, None]
    assert curve.is_monotone(by_label["all"], "test") is None
    assert by_label["layer1"].splits["test"].num_missing == 3
    difference = end_difference(curve, run.record)
    assert difference is not None
    assert not math.isfinite(difference)
    again = read_curve(run.curve_paths()[0])
    assert [series.splits["test"].num_missing for series in again.series] == [
        series.splits["test"].num_missing for series in curve.series
    ]


@pytest.mark.parametrize("value", [math.nan, -math.inf])
@pytest.mark.parametrize("end", ["final", "weights.safetensors"])
def test_weights_that_are_no_numbers_are_refused(
    end: str, value: float, run: Run, ground: Ground, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.chdir(tmp_path)
    state = load_checkpoint(run, "final")
    state["fc.weight"][1, 2] = state["fc.weight"][3, 0] = state["conv1.weight"].view(-1)[5] = value
    save_state(run.checkpoint_path("final") if end == "final" else Path(end), state)
    message = rf"weights of .*{end}.* not finite: conv1\.weight has 1 of 72; fc\.weight has 2 of .*; take an earlier"
    for asked in ({"end": end}, {"start": end, "end": "initial"}):
        with pytest.raises(StateError, match=message):
            interpolate(run, Question(alphas=(0.0, 1.0), **asked), ground, Refusing())
    assert run.curve_paths() == []
    # A line that does not touch them can be walked.
    interpolate(run, Question(end="zero", alphas=(0.0, 1.0)), ground, Unwatched())


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_statistics_that_are_no_numbers_are_refused_where_they_are_used(value: float, run: Run, ground: Ground):
    state = load_checkpoint(run, "final")
    name = next(name for name in state if name.endswith("running_var"))
    state[name][0] = value
    save_state(run.checkpoint_path("final"), state)
    message = rf"not finite: {re.escape(name)} has 1 of 8; take an earlier checkpoint, or --bn recalibrate where only"
    for bn in ("running", "final"):
        with pytest.raises(StateError, match=message):
            interpolate(run, Question(alphas=(0.0, 1.0), bn=bn), ground, Refusing())
    for bn in ("recalibrate", "batch"):
        curve, _ = interpolate(run, Question(alphas=(0.0, 1.0), bn=bn), ground, Unwatched())
        assert curve.series[0].splits["test"].num_missing == 0


def test_a_run_that_was_trained_again_does_not_show_its_old_curve(
    run: Run, ground: Ground, fit: Callable[..., Run], small_run: Callable[..., RunConfig]
):
    question = Question(alphas=(0.0, 1.0))
    old, _ = interpolate(run, question, ground, Unwatched())
    forced = fit(ground, small_run(), name="one", force=True)
    assert forced.id == run.id
    assert forced.curve_paths() == []
    again, measured = interpolate(forced, question, ground, Unwatched())
    assert measured
    assert again == old  # the same recipe gives the same weights

    path = forced.curve_paths()[0]
    kept = path.read_bytes()
    save_state(forced.checkpoint_path("final"), paths.linear(*_ends(forced))(0.5))
    path.write_bytes(kept)
    changed, measured = interpolate(forced, question, ground, Unwatched())
    assert measured
    assert changed.series[0].splits["test"].loss[1] != old.series[0].splits["test"].loss[1]
    assert end_difference(changed, forced.record) != 0.0


def _ends(run: Run) -> tuple[State, State]:
    return load_checkpoint(run, "initial"), load_checkpoint(run, "final")


@pytest.mark.parametrize("end", ["other:final", "other", "other@0.5", "weights.safetensors"])
def test_a_changed_end_elsewhere_does_not_show_the_old_curve(
    end: str, run: Run, ground: Ground, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.chdir(tmp_path)
    other = ground.store.find("other")
    first, last = _ends(other)
    save_state(Path("weights.safetensors"), last)
    question = Question(end=end, alphas=(0.0, 1.0))
    old, _ = interpolate(run, question, ground, Unwatched())
    assert not interpolate(run, question, ground, Refusing())[1]
    save_state(other.checkpoint_path("final"), first)
    save_state(Path("weights.safetensors"), first)
    new, measured = interpolate(run, question, ground, Unwatched())
    assert measured
    assert new.series[0].splits["test"].loss[1] != old.series[0].splits["test"].loss[1]
    assert not interpolate(run, question, ground, Refusing())[1]


def test_zero_is_a_value_and_not_nothing(vectors: Vectors, walked: Walked, run: Run, ground: Ground, tmp_path: Path):
    ends = ramp_ends(1000.0, 2000.0)
    (series,) = walked(Ramp(), ends, ones(vectors), alphas=(0.0,))
    assert (series.splits["test"].loss, series.splits["test"].accuracy) == ((0.0,), (1.0,))
    (series,) = walked(Ramp(), ends, ones(vectors), alphas=(0.0, 0.5, 1.0))
    plain: dict[str, Any] = {"rest": "final", "bn": "running", "dtype": "float32", "batch_size": 1, "by": "full"}
    end = {"run": run.id, "checkpoint": "final"}
    curve = Curve(name="full", run=run.id, start={}, end=end, series=(series,), **plain)
    curve.write(tmp_path / "full.json")
    content = json.loads((tmp_path / "full.json").read_text())["series"][0]
    assert content["splits"]["test"]["loss"] == [0.0, 0.0, 0.0]
    assert content["splits"]["test"]["num_missing"] == 0
    nothing = {"height": 0.0, "alpha": 0.0, "low": 0.0}
    found = [dict(barrier) for barrier in content["barriers"]["test"].values()]
    # So few examples leave room for what none of them showed.
    assert all(barrier.pop("high") > 0 for barrier in found)
    assert all(barrier == nothing for barrier in found)
    assert len(content["barriers"]["test"]) == 4
    assert content["monotone"]["test"] is True
    assert read_curve(tmp_path / "full.json") == curve
    run.record.result["final"] = {"test_loss": 0.0}
    assert end_difference(curve, run.record) == 0.0

    at_zero, _ = interpolate(run, Question(start="@0.0", end="@0", alphas=(0.0, 1.0)), ground, Unwatched())
    initial = run.record.result["initial"]["test_loss"]
    assert at_zero.series[0].splits["test"].loss == (initial, initial)
    assert at_zero.series[0].distance == 0.0
    assert (at_zero.start["alpha"], at_zero.end["alpha"]) == (0.0, 0.0)


@pytest.mark.parametrize(("text", "count"), [("0:1:0.1", 11), ("0:1:0.02", 51), ("0:1:0.01", 101), ("0:0.3:0.1", 4)])
def test_float_steps_give_neither_one_position_too_few_nor_too_many(text: str, count: int):
    alphas = parse(text)
    assert len(alphas) == count
    assert alphas[0] == 0.0
    assert alphas[-1] == float(text.split(":")[1])
    assert len(set(alphas)) == count
    assert alphas == tuple(float(f"{index * float(text.split(':')[2]):.10f}") for index in range(count))


def test_half_precision_states_are_mixed_wider_than_they_are_kept():
    generator = torch.Generator().manual_seed(0)
    start, end = ({"w": torch.randn(10_000, generator=generator).half()} for _ in range(2))
    num_worse = 0
    for alpha in (0.1, 0.3, 0.5, 0.9):
        exact = (1 - alpha) * start["w"].double() + alpha * end["w"].double()
        mixed = paths.linear(start, end)(alpha)["w"]
        assert mixed.dtype == torch.float16
        nearest = (exact.half().double() - exact).abs()
        assert bool(((mixed.double() - exact).abs() <= nearest * 1.01 + 1e-7).all())
        naive = (1 - alpha) * start["w"] + alpha * end["w"]
        num_worse += int(((naive.double() - exact).abs() > nearest * 1.01 + 1e-7).sum())
    assert num_worse > 1000, "arithmetic in float16 would have been as good: the test shows nothing"


@pytest.mark.parametrize("split", ["test", "train"])
def test_every_batch_is_measured_and_not_the_first_alone(split: str, vectors: Vectors, walked: Walked):
    inputs = torch.linspace(-3, 3, 37)[:, None]
    dataset = vectors(inputs, torch.zeros(37, dtype=torch.int64))
    exact = sum(softplus(float(x)) for x in inputs) / 37
    for batch_size in (1, 5, 36, 512):
        asked = {"alphas": (1.0,), "splits": (split,), "batch_size": batch_size}
        values = walked(Ramp(), ramp_ends(), dataset, **asked)[0].splits[split]
        assert values.loss[0] == pytest.approx(exact, abs=1e-6)
        assert (values.num_examples, values.split_size) == (37, 37)


@pytest.mark.parametrize("bn", ["running", "recalibrate"])
def test_training_curves_are_measured_without_augmentation(
    bn: Any, ground: Ground, fit: Callable[..., Run], small_run: Callable[..., RunConfig]
):
    curves = []
    for augment in (True, False):
        config = small_run(epochs=0, data={"name": "digits", "train_size": 300, "augment": augment})
        run = fit(ground, config)
        question = Question(end="other:final", splits=("train",), alphas=(0.0, 0.5, 1.0), bn=bn)
        curves.append(interpolate(run, question, ground, Unwatched())[0])
    assert curves[0].run != curves[1].run
    assert curves[0].series == curves[1].series


def test_tensors_are_paired_by_name_and_not_by_position(vectors: Vectors, walked: Walked):
    generator = torch.Generator().manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3))
    dataset = vectors(torch.randn(9, 3, generator=generator), torch.arange(9) % 3)
    start, end = (
        {name: torch.randn(t.shape, generator=generator) for name, t in model.state_dict().items()} for _ in range(2)
    )
    turned = dict(reversed(end.items()))
    assert list(turned) != list(end)
    assert walked(model, (start, turned), dataset, by="tensor") == walked(model, (start, end), dataset, by="tensor")
    assert walked(model, (dict(reversed(start.items())), end), dataset)[0] == walked(model, (start, end), dataset)[0]


def test_other_shapes_names_and_dtypes_are_not_skipped_in_silence(pictures: Pictures, trained: Trained, walked: Walked):
    dataset = pictures()
    start, end = trained(make_bn, dataset)
    missing = {name: tensor for name, tensor in end.items() if name != "fc.bias"}
    for wrong, message in (
        (end | {"fc.weight": torch.zeros(10, 3)}, r"fc\.weight is 10x16 at one end, 10x3 at the other"),
        (end | {"fc.bias": torch.zeros(1)}, r"fc\.bias"),  # would broadcast
        (end | {"fc.bias": end["fc.bias"].half()}, r"fc\.bias is torch\.float32 at one end, torch\.float16"),
        (missing, r"fc\.bias is in one end only"),
        (end | {"extra": torch.zeros(1)}, r"extra is in one end only"),
    ):
        for ends in ((start, wrong), (wrong, start)):
            with pytest.raises(StateError, match=message.split(" ")[0]):
                walked(make_bn(), ends, dataset)
        with pytest.raises(StateError, match=message):
            walked(make_bn(), (start, wrong), dataset)


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_text, (self.path, "boom"))


@pytest.mark.parametrize("wrapped", [True, False], ids=["torch.save", "pickle"])
def test_code_in_a_weights_file_is_not_run(wrapped: bool, run: Run, ground: Ground, tmp_path: Path):
    mark, path = tmp_path / "mark", tmp_path / "weights.pt"
    content = {"state_dict": dict(_ends(run)[1]), "extra": Bomb(mark)}
    if wrapped:
        torch.save(content, path)
    else:
        path.write_bytes(pickle.dumps({"extra": Bomb(mark)}))
    with pytest.raises(StateError, match=r"weights\.pt cannot be read as weights"):
        interpolate(run, Question(end=str(path)), ground, Refusing())
    assert not mark.exists()
    pickle.loads(pickle.dumps(Bomb(mark)))
    assert mark.exists(), "the bomb is a dud: the test shows nothing"
