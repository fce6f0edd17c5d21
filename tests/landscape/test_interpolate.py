"""Whole curves: every network against the oracle, runs against their own metrics, files against questions."""

import errno
import functools
import inspect
import json
import math
import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import oracle
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import lininterp_cli
from lininterp_cli.config.presets import configure
from lininterp_cli.config.run import RunConfig
from lininterp_cli.data.dataset import Dataset, Split
from lininterp_cli.errors import ConfigError, DataError, NotFoundError, StateError, StoreError, UnknownNameError
from lininterp_cli.landscape import interpolate as interpolating
from lininterp_cli.landscape.crew import Progress
from lininterp_cli.landscape.curves.agreement import end_difference
from lininterp_cli.landscape.curves.curve import Curve, Series
from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.landscape.interpolate import Ground, interpolate
from lininterp_cli.landscape.question import Question
from lininterp_cli.landscape.watcher import Unwatched
from lininterp_cli.models.registry import MODELS, build
from lininterp_cli.models.state import State
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store
from lininterp_cli.training import recipe
from lininterp_cli.training.checkpoints import load_checkpoint
from lininterp_cli.training.evaluation import sample, usual_batch
from lininterp_cli.training.initial import draw
from lininterp_cli.training.train import config_of

Walked = Callable[..., list[Series]]
Trained = Callable[..., tuple[State, State]]

ROOT = Path(lininterp_cli.__file__).parents[1]
SMALL = {"width": 8, "depth": 2, "heads": 2}
ALPHAS = (0.0, 0.4, 1.0)
DEEPER = ("resnet34", "resnet56")
AMPLIFYING = (*DEEPER, "resnet50")
"""More of the same blocks than resnet18 and resnet20 have."""


class Listening(Unwatched):
    """Hears everything, and presses Ctrl-C in one of the passes."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.passes: list[Progress] = []
        self.grown: list[Curve] = []
        self.words: list[str] = []
        self._stop_at = stop_at

    @property
    def num_rows(self) -> int:
        """Examples times points that were measured."""
        return self.passes[-1].rows if self.passes else 0

    def passed(self, progress: Progress) -> None:
        self.passes.append(progress)
        if len(self.passes) == self._stop_at:
            raise KeyboardInterrupt

    def grew(self, curve: Curve) -> None:
        self.grown.append(curve)

    def told(self, words: str) -> None:
        self.words.append(words)


class Refusing(Unwatched):
    """Does not want anything measured."""

    def passed(self, progress: Progress) -> None:
        raise AssertionError("it was measured a second time")


def maker(name: str, **options: Any) -> Callable[[], nn.Module]:
    small = {key: value for key, value in SMALL.items() if key in inspect.signature(MODELS[name]).parameters}
    return functools.partial(build, name, (1, 8, 8), 10, **small | options)


def check_against_oracle(
    make: Callable[[], nn.Module],
    ends: tuple[State, State],
    dataset: Dataset,
    walked: Walked,
    *,
    tolerance: float = 1e-5,
    dtype: torch.dtype = torch.float32,
    **asked: Any,
) -> list[Series]:
    """Every loss, accuracy and distance of a question is what the slow way finds."""
    computed = str(dtype).removeprefix("torch.")
    found = walked(make(), ends, dataset, alphas=ALPHAS, batch_size=5, dtype=computed, **asked)
    parameters = {name for name, _ in make().named_parameters()}
    known = {key: asked[key] for key in ("rest", "bn", "num_examples") if key in asked}
    for series in found:
        moving = None if series.block is None else series.tensors
        assert series.distance == pytest.approx(
            oracle.distance(*ends, [name for name in series.tensors if name in parameters]), rel=1e-6
        )
        for split, values in series.splits.items():
            expected = oracle.line(
                make, *ends, dataset, ALPHAS, moving=moving, split=split, batch_size=5, dtype=dtype, **known
            )
            assert list(values.loss) == pytest.approx([loss for loss, _ in expected], abs=tolerance, rel=tolerance), (
                series.label
            )
            assert list(values.accuracy) == [accuracy for _, accuracy in expected], series.label
            assert values.num_missing == 0
    return found


@pytest.mark.parametrize("bn", ["running", "recalibrate"])
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in DEEPER else []) for name in MODELS]
)
def test_every_network_in_full_and_by_block_is_the_oracles(
    name: str, bn: str, pictures: Callable[..., Dataset], trained: Trained, walked: Walked
):
    make, dataset = maker(name), pictures(num_test=12)
    ends = trained(make, dataset)
    tolerance = 1e-5
    if name in AMPLIFYING and bn == "recalibrate":
        # Statistics of 12 small pictures amplify the rounding of fifty layers; in float64 nothing hides behind it.
        check_against_oracle(make, ends, dataset, walked, by="block", bn=bn, dtype=torch.float64, tolerance=1e-9)
        tolerance = 5e-5
    full, *blocks = check_against_oracle(make, ends, dataset, walked, by="block", bn=bn, tolerance=tolerance)
    floating = [key for key, tensor in ends[0].items() if tensor.is_floating_point()]
    assert sorted(key for series in blocks for key in series.tensors) == sorted(floating) == sorted(full.tensors)
    assert full.splits["test"].loss[0] != full.splits["test"].loss[-1]


@pytest.mark.parametrize("by", ["kind", "layer", "tensor"])
@pytest.mark.parametrize("name", ["lenet5", "vit-tiny"])
def test_layers_and_tensors_are_the_oracles(
    name: str, by: str, pictures: Callable[..., Dataset], trained: Trained, walked: Walked
):
    make, dataset = maker(name), pictures(num_test=7)
    ends = trained(make, dataset)
    found = check_against_oracle(make, ends, dataset, walked, by=by)
    if by == "tensor":
        assert [series.block for series in found[1:]] == list(ends[0])


@pytest.mark.parametrize("rest", ["initial", "final"])
def test_both_rests_and_splits_are_the_oracles(
    rest: str, pictures: Callable[..., Dataset], trained: Trained, walked: Walked
):
    make, dataset = maker("resnet8"), pictures()
    check_against_oracle(
        make, trained(make, dataset), dataset, walked, by="block", rest=rest, splits=("test", "train"), num_examples=11
    )


@pytest.mark.parametrize("bn", ["running", "recalibrate", "final"])
def test_float64_is_the_oracles_to_nine_digits(
    bn: str, pictures: Callable[..., Dataset], trained: Trained, walked: Walked
):
    make, dataset = maker("resnet8"), pictures()
    ends = trained(make, dataset)
    check_against_oracle(make, ends, dataset, walked, by="block", bn=bn, tolerance=1e-9, dtype=torch.float64)


@pytest.mark.parametrize("bn", ["running", "recalibrate"])
def test_bfloat16_is_autocast_over_float32_weights(
    bn: str, pictures: Callable[..., Dataset], trained: Trained, walked: Walked
):
    make, dataset = maker("resnet8"), pictures(num_test=200)
    ends = trained(make, dataset)
    asked = {"alphas": ALPHAS, "bn": bn, "batch_size": 50}
    half, full = (
        walked(make(), ends, dataset, dtype=name, **asked)[0].splits["test"] for name in ("bfloat16", "float32")
    )
    expected = oracle.line(make, *ends, dataset, ALPHAS, bn=bn, batch_size=50, dtype=torch.bfloat16)
    # Sums in bfloat16 depend on their order, which is the kernel's own affair: eight bits are promised.
    assert list(half.loss) == pytest.approx([loss for loss, _ in expected], abs=2e-3)
    assert list(half.loss) == pytest.approx(list(full.loss), abs=0.03)
    assert half.loss != full.loss


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_losses_of_half_precision_logits_are_not_rounded_again(
    dtype: str, vectors: Callable[..., Dataset], walked: Walked
):
    dataset = vectors(torch.ones(3, 1), torch.zeros(3, dtype=torch.int64))
    ends = tuple({"weight": torch.tensor([[margin], [0.0]])} for margin in (0.5, 1.5))
    full = walked(nn.Linear(1, 2, bias=False), ends, dataset, alphas=(0.0, 0.5, 1.0), dtype=dtype)[0]
    expected = [math.log1p(math.exp(-margin)) for margin in (0.5, 1.0, 1.5)]
    assert list(full.splits["test"].loss) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("by", ["full", "block"])
def test_ends_are_the_metrics_that_the_run_stored(by: Any, run: Run, ground: Ground):
    question = Question(by=by, alphas=ALPHAS, splits=("test", "train"))
    curve, _ = interpolate(run, question, ground, Unwatched())
    assert end_difference(curve, run.record) == 0.0
    stored = run.record.result
    for split in ("test", "train"):
        values = curve.series[0].splits[split]
        for position, checkpoint in ((0, "initial"), (-1, "final")):
            assert values.loss[position] == stored[checkpoint][f"{split}_loss"]
            assert values.accuracy[position] == stored[checkpoint][f"{split}_accuracy"]
        assert values.num_examples == values.split_size == {"test": 360, "train": 300}[split]
        for series in curve.series[1:]:
            assert series.splits[split].loss[-1] == values.loss[-1]
    assert stored["final"]["train_loss"] < 0.8 * stored["initial"]["train_loss"], "the run learnt something"


def test_curve_of_a_run_is_the_oracles_and_says_what_was_asked(run: Run, ground: Ground):
    question = Question(by="block", blocks=("layer2",), alphas=ALPHAS, bn="recalibrate", num_examples=60)
    curve, _ = interpolate(run, question, ground, Unwatched())
    config = config_of(run)
    dataset = recipe.load_dataset(config, ground.data_folder)
    ends = (load_checkpoint(run, "initial"), load_checkpoint(run, "final"))
    make = recipe.network(config, dataset)
    assert [series.label for series in curve.series] == ["all", "layer2"]
    for series in curve.series:
        moving = None if series.block is None else series.tensors
        expected = oracle.line(
            make, *ends, dataset, ALPHAS, moving=moving, bn="recalibrate", num_examples=60, batch_size=50
        )
        assert list(series.splits["test"].loss) == pytest.approx([loss for loss, _ in expected], abs=1e-5)
        assert list(series.splits["test"].accuracy) == [accuracy for _, accuracy in expected]
        assert (series.splits["test"].num_examples, series.splits["test"].split_size) == (60, 360)
    assert (curve.run, curve.by, curve.rest, curve.bn) == (run.id, "block", "final", "recalibrate")
    assert (curve.dtype, curve.batch_size, curve.bn_examples) == ("float32", usual_batch(ground.device), 300)
    assert (curve.complete, curve.asked, {series.alphas for series in curve.series}) == (True, {}, {ALPHAS})
    assert (curve.start["checkpoint"], curve.end["checkpoint"]) == ("initial", "final")


def test_batch_size_changes_nothing(pictures: Callable[..., Dataset], trained: Trained, walked: Walked):
    make, dataset = maker("resnet8", width=4), pictures()
    ends = trained(make, dataset)
    asked = {"alphas": (0.3,), "splits": ("test", "train")}
    whole = walked(make(), ends, dataset, **asked)[0].splits

    @settings(max_examples=15)
    @given(st.integers(1, 40))
    def check(batch_size: int) -> None:
        for split, values in walked(make(), ends, dataset, batch_size=batch_size, **asked)[0].splits.items():
            assert values.loss == pytest.approx(whole[split].loss, abs=1e-6)
            assert values.accuracy == whole[split].accuracy
            assert values.loss_stderr == pytest.approx(whole[split].loss_stderr, abs=1e-6)

    check()


def test_a_single_point_is_that_point_of_the_curve(run: Run, ground: Ground):
    whole, _ = interpolate(run, Question(alphas=ALPHAS), ground, Unwatched())
    for position, alpha in enumerate(ALPHAS):
        watcher = Listening()
        point, _ = interpolate(run, Question(alphas=(alpha,)), ground, watcher)
        assert point.series[0].splits["test"].loss == (whole.series[0].splits["test"].loss[position],)
        assert watcher.passes == [], "it is known"


def test_swapped_ends_give_the_curve_backwards(run: Run, ground: Ground):
    alphas = (0.0, 0.25, 0.5, 0.75, 1.0)
    there, back = (
        interpolate(run, Question(start=a, end=b, alphas=alphas, bn=bn), ground, Unwatched())[0].series[0]
        for a, b, bn in (("initial", "final", "running"), ("final", "initial", "running"))
    )
    assert there.splits["test"].loss == pytest.approx(back.splits["test"].loss[::-1], abs=1e-6)
    assert there.splits["test"].loss[0] == back.splits["test"].loss[-1]
    assert there.distance == back.distance


def test_blocks_that_rest_at_the_start_are_the_swapped_curve_backwards(run: Run, ground: Ground):
    alphas = (0.0, 0.5, 1.0)
    one, _ = interpolate(run, Question(by="block", alphas=alphas, rest="initial"), ground, Unwatched())
    other, _ = interpolate(run, Question(start="final", end="initial", by="block", alphas=alphas), ground, Unwatched())
    for there, back in zip(one.series, other.series, strict=True):
        assert there.splits["test"].loss == pytest.approx(back.splits["test"].loss[::-1], abs=1e-6)


def test_examples_are_the_prefix_of_the_seeded_order(run: Run, ground: Ground, pictures: Callable[..., Dataset]):
    dataset = pictures(num_test=30)
    rows = oracle.order(30, 0)
    for count in (1, 12, 30):
        assert torch.equal(sample(dataset.test, count).inputs, dataset.test.inputs[rows[:count]])
        assert torch.equal(sample(dataset.test, count).labels, dataset.test.labels[rows[:count]])
    curve, _ = interpolate(run, Question(num_examples=360, alphas=(1.0,)), ground, Unwatched())
    assert curve.series[0].splits["test"].loss[0] == run.record.result["final"]["test_loss"]


def test_more_examples_than_there_are_is_a_mistake(run: Run, ground: Ground):
    with pytest.raises(ConfigError, match="test split has 360 examples, not 361"):
        interpolate(run, Question(num_examples=361), ground, Unwatched())
    with pytest.raises(ConfigError, match="train split has 300 examples, not 360"):
        interpolate(run, Question(num_examples=360, splits=("test", "train")), ground, Unwatched())
    assert run.curve_paths() == []


def test_the_same_question_is_measured_once(run: Run, ground: Ground):
    question = Question(by="block", alphas=ALPHAS)
    watcher = Listening()
    curve, measured = interpolate(run, question, ground, watcher)
    (path,) = run.curve_paths()
    content, age = path.read_bytes(), path.stat().st_mtime_ns
    assert measured
    assert path.stem == curve.name == question.name
    num_rows, num_chunks = 3 * len(curve.series) * 360, 3
    rows = [progress.rows for progress in watcher.passes]
    assert rows == sorted(set(rows))
    assert rows[-1] == num_rows
    assert {(progress.num_rows, progress.num_chunks) for progress in watcher.passes} == {(num_rows, num_chunks)}
    assert Counter(progress.moving for progress in watcher.passes) == {
        series.label: num_chunks * len(ALPHAS) for series in curve.series
    }
    again, measured = interpolate(run, Question(by="block", alphas=ALPHAS), ground, Refusing())
    assert not measured
    assert again == curve == read_curve(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (content, age)
    assert run.curve_paths() == [path]


def test_what_another_process_measures_is_waited_for_and_not_measured_twice(run: Run, ground: Ground):
    waits = threading.Event()
    found: list[tuple[Curve, bool]] = []
    heard: list[str] = []

    class Second(Refusing):
        def told(self, words: str) -> None:
            heard.append(words)
            waits.set()

    def ask() -> None:
        found.append(interpolate(run, question, ground, Second()))

    class First(Unwatched):
        def passed(self, progress: Progress) -> None:
            if second.ident is None:
                second.start()
            assert waits.wait(60)

    question, second = Question(alphas=ALPHAS), threading.Thread(target=ask)
    curve, measured = interpolate(run, question, ground, First())
    second.join()
    assert measured
    assert found == [(curve, False)]
    assert heard == [f"another process measures {curve.name} of {run.id}; waiting for it"]


def test_outcomes_that_are_deleted_while_they_are_measured_do_not_stop_the_walk(run: Run, ground: Ground):
    class Removing(Unwatched):
        def passed(self, progress: Progress) -> None:
            shutil.rmtree(run.curves_folder / "outcomes", ignore_errors=True)

    assert interpolate(run, Question(alphas=ALPHAS), ground, Removing())[1]


def test_a_run_is_not_deleted_while_it_is_measured(run: Run, ground: Ground):
    class Deleting(Unwatched):
        def passed(self, progress: Progress) -> None:
            with pytest.raises(StoreError, match="a process is at work"):
                ground.store.delete(run.id)

    assert interpolate(run, Question(alphas=ALPHAS), ground, Deleting())[1]
    ground.store.delete(run.id)


@pytest.mark.parametrize("place", [0, -1])
def test_a_run_that_is_removed_by_hand_does_not_come_back_as_a_folder_without_a_record(
    place: int, run: Run, ground: Ground
):
    class Removing(Listening):
        def passed(self, progress: Progress) -> None:
            super().passed(progress)
            if len(self.passes) == when:
                shutil.rmtree(run.folder)

    when = 0
    interpolate(run, Question(alphas=ALPHAS), ground, watcher := Removing())
    when = range(1, len(watcher.passes) + 1)[place]
    with pytest.raises(StoreError, match="nothing more is written"):
        interpolate(run, Question(alphas=ALPHAS), ground, Removing(), force=True)
    assert not run.folder.exists()


def test_batch_size_is_no_part_of_the_question_unless_batches_normalise_themselves(run: Run, ground: Ground):
    interpolate(run, Question(alphas=(0.5,)), ground, Unwatched())
    _, measured = interpolate(run, Question(alphas=(0.5,), batch_size=100), ground, Refusing())
    assert not measured
    batch = [
        interpolate(run, Question(alphas=(0.5,), bn="batch", batch_size=size), ground, Unwatched())[0]
        for size in (100, 200)
    ]
    assert batch[0].name != batch[1].name
    assert batch[0].series[0].splits["test"].loss != batch[1].series[0].splits["test"].loss


def test_forcing_measures_again_to_the_same_bytes(run: Run, ground: Ground):
    question = Question(by="block", alphas=ALPHAS, bn="recalibrate")
    interpolate(run, question, ground, Unwatched())
    (path,) = run.curve_paths()
    content = path.read_bytes()
    watcher = Listening()
    _, measured = interpolate(run, question, ground, watcher, force=True)
    assert measured
    assert watcher.num_rows == 3 * 6 * 360
    assert path.read_bytes() == content


def test_two_stores_with_the_same_run_give_the_same_bytes(run: Run, ground: Ground, tmp_path: Path):
    shutil.copytree(ground.store.folder, tmp_path / "moved")
    elsewhere = Ground(store=Store(tmp_path / "moved"), data_folder=tmp_path, device=ground.device)
    texts = []
    for place in (ground, elsewhere):
        there = place.store.find("one")
        interpolate(there, Question(alphas=ALPHAS), place, Unwatched())
        texts.append(there.curve_paths()[0].read_bytes())
    assert texts[0] == texts[1]
    assert str(tmp_path).encode() not in texts[0]


@pytest.mark.parametrize("damage", ["", "{", '{"schema": 1}', '{"schema": 99}', "[]"])
def test_a_damaged_curve_is_measured_again(damage: str, run: Run, ground: Ground):
    curve, _ = interpolate(run, Question(alphas=(1.0,)), ground, Unwatched())
    (path,) = run.curve_paths()
    path.write_text(damage)
    again, measured = interpolate(run, Question(alphas=(1.0,)), ground, Refusing())
    assert measured, "it is put together again from what is known"
    assert again == curve == read_curve(path)


def test_a_point_on_a_line_is_an_end_like_any_other(run: Run, ground: Ground):
    middle, _ = interpolate(run, Question(alphas=(0.5,)), ground, Unwatched())
    from_there, _ = interpolate(run, Question(start="@0.5", alphas=(0.0, 1.0)), ground, Unwatched())
    assert from_there.series[0].splits["test"].loss[0] == middle.series[0].splits["test"].loss[0]
    assert from_there.series[0].distance == pytest.approx(middle.series[0].distance / 2, rel=1e-6)


@pytest.mark.parametrize("end", ["zero", "random:3", "other:final", "other"])
def test_every_kind_of_end_is_walked_to(end: str, run: Run, ground: Ground):
    curve, _ = interpolate(run, Question(end=end, alphas=ALPHAS), ground, Unwatched())
    assert curve.series[0].splits["test"].num_missing == 0
    assert curve.series[0].splits["test"].loss[0] == run.record.result["initial"]["test_loss"]
    if end.startswith("other"):
        assert curve.series[0].splits["test"].loss[-1] == ground.store.find("other").record.result["final"]["test_loss"]
    if end == "zero":
        assert curve.series[0].splits["test"].loss[-1] == pytest.approx(2.302585, abs=1e-6)  # ln 10


def test_unknown_names_are_refused_before_anything_is_measured(run: Run, ground: Ground):
    with pytest.raises(UnknownNameError, match="layer2"):
        interpolate(run, Question(by="block", blocks=("layr2",)), ground, Refusing())
    with pytest.raises(NotFoundError, match=r"no checkpoint 'epoch-0009'.*it has: initial, final"):
        interpolate(run, Question(end="epoch-9"), ground, Refusing())
    # A layer that holds no weights is none that could move.
    with pytest.raises(UnknownNameError, match=r"unknown layer 'relu'.*layer1\.0\.conv1"):
        interpolate(run, Question(by="layer", blocks=("fc", "relu")), ground, Refusing())
    assert run.curve_paths() == []


def test_only_all_blocks_is_the_whole_line(pictures: Callable[..., Dataset], trained: Trained, walked: Walked):
    make, dataset = maker("mlp"), pictures()
    ends = trained(make, dataset)

    class OneBlock(nn.Module):
        block_prefixes: ClassVar = {"everything": tuple(name for name, _ in make().named_children())}

        def __init__(self) -> None:
            super().__init__()
            for name, child in make().named_children():
                self.add_module(name, child)

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return nn.Sequential(*self.children())(inputs)

    for rest in ("final", "initial"):
        full, block = walked(OneBlock(), ends, dataset, by="block", rest=rest)
        assert (block.block, block.tensors, block.distance) == ("everything", full.tensors, full.distance)
        assert block.splits == full.splits


def test_ends_of_another_architecture_are_refused(
    run: Run, ground: Ground, fit: Callable[..., Run], small_run: Callable[..., RunConfig]
):
    fit(ground, small_run(epochs=0, model={"name": "resnet8", "width": 4}), name="narrow")
    with pytest.raises(StateError, match="do not fit the network"):
        interpolate(run, Question(end="narrow"), ground, Refusing())


def test_curve_file_is_read_back_as_it_was_measured(run: Run, ground: Ground):
    curve, _ = interpolate(run, Question(by="layer", alphas=ALPHAS, splits=("train",)), ground, Unwatched())
    (path,) = run.curve_paths()
    assert read_curve(path) == curve
    assert json.loads(path.read_text())["series"][0]["splits"]["train"]["loss"] == list(
        curve.series[0].splits["train"].loss
    )


SPIRAL = {
    "data": {"name": "spiral", "num_train": 60, "num_test": 60},
    "model": {"name": "mlp", "width": 4, "norm": "batch"},
    "training": {"epochs": 2, "batch_size": 20},
}
"""What trains and is walked in no time."""


@pytest.fixture
def spiral(ground: Ground, fit: Callable[..., Run]) -> Run:
    """A run that is walked in no time, on 60 test examples."""
    return fit(ground, configure(SPIRAL))


@pytest.fixture
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every chunk is shown."""
    monkeypatch.setattr(interpolating, "_PREVIEW_SECONDS", 0.0)
    monkeypatch.setattr(interpolating, "_PREVIEW_SHARE", math.inf)


class Reading(Listening):
    """Reads the curve's file whenever it has grown."""

    def __init__(self, run: Run, stop_at: int | None = None) -> None:
        super().__init__(stop_at)
        self._run = run

    def grew(self, curve: Curve) -> None:
        super().grew(curve)
        (path,) = self._run.curve_paths()
        assert read_curve(path) == curve
        assert not curve.complete


@pytest.mark.usefixtures("_eager")
@pytest.mark.parametrize("bn", ["running", "recalibrate"])
def test_a_growing_curve_is_that_of_the_examples_so_far(bn: Any, run: Run, ground: Ground):
    question = Question(by="block", blocks=("layer3",), alphas=ALPHAS, batch_size=100, bn=bn)
    watcher = Reading(run)
    interpolate(run, question, ground, watcher)
    assert [curve.series[0].splits["test"].num_examples for curve in watcher.grown] == [100, 200, 300, 360]
    config = config_of(run)
    dataset = recipe.load_dataset(config, ground.data_folder)
    ends = (load_checkpoint(run, "initial"), load_checkpoint(run, "final"))
    for curve in watcher.grown[:2]:
        for series in curve.series:
            values = series.splits["test"]
            moving = None if series.block is None else series.tensors
            expected = oracle.line(
                recipe.network(config, dataset), *ends, dataset, ALPHAS,
                moving=moving, bn=bn, num_examples=values.num_examples, batch_size=50,
            )  # fmt: skip
            assert list(values.loss) == pytest.approx([loss for loss, _ in expected], abs=1e-5)
            assert list(values.accuracy) == [accuracy for _, accuracy in expected]
            assert values.split_size == 360


@pytest.mark.usefixtures("_eager")
@pytest.mark.parametrize(
    "asked",
    [
        {"num_placed": 13, "batch_size": 50},
        {"precision": 1e-4, "alphas": ALPHAS},
        {"num_placed": 12, "precision": 0.05, "metric": "accuracy", "splits": ("train", "test")},
        {"bn": "batch", "alphas": ALPHAS, "splits": ("test", "train")},
    ],
    ids=str,
)
def test_a_file_that_grows_can_be_read_at_any_moment(asked: dict[str, Any], run: Run, ground: Ground):
    question = Question(**{"by": "block", "blocks": ("fc",), "batch_size": 100, **asked})
    watcher = Reading(run)
    curve, _ = interpolate(run, question, ground, watcher)
    assert len(watcher.grown) >= 3
    numbers = [
        sum(values.num_examples * len(series.alphas) for series in one.series for values in series.splits.values())
        for one in watcher.grown
    ]
    assert numbers == sorted(set(numbers))
    assert {one.name for one in watcher.grown} == {question.name}
    assert watcher.grown[-1].series == curve.series
    assert curve.complete
    assert read_curve(run.curve_paths()[0]) == curve


@pytest.mark.usefixtures("_eager")
@pytest.mark.parametrize("force", [False, True])
def test_ctrl_c_leaves_what_is_known_and_the_same_command_goes_on(force: bool, spiral: Run, ground: Ground):
    question = Question(by="block", alphas=ALPHAS, batch_size=20)
    expected, _ = interpolate(spiral, question, ground, Unwatched())
    (path,) = spiral.curve_paths()
    content = path.read_bytes()
    num_points = 3 * len(expected.series)
    for num_chunks in range(3):
        if not force:
            shutil.rmtree(spiral.curves_folder)
        first, second = Reading(spiral, num_chunks * num_points + 5), Listening()
        with pytest.raises(KeyboardInterrupt):
            interpolate(spiral, question, ground, first, force=force)
        if num_chunks:
            kept = read_curve(path)
            assert (kept.complete, kept.series[0].splits["test"].num_examples) == (False, 20 * num_chunks)
            assert first.grown[-1] == kept
            curve, measured = interpolate(spiral, question, ground, second)
            assert measured
            assert curve == expected
            assert second.num_rows == (60 - 20 * num_chunks) * num_points
        elif force:
            assert path.read_bytes() == content, "nothing new is known, and the old curve is no worse than it was"
        else:
            assert not path.exists()
        interpolate(spiral, question, ground, Unwatched())
        assert path.read_bytes() == content


def test_a_curve_that_still_grows_is_not_taken_for_the_answer(spiral: Run, ground: Ground):
    question = Question(alphas=ALPHAS)
    curve, _ = interpolate(spiral, question, ground, Unwatched())
    (path,) = spiral.curve_paths()
    replace(curve, complete=False).write(path)
    again, measured = interpolate(spiral, question, ground, Refusing())
    assert (again, measured) == (curve, True)
    assert read_curve(path).complete
    assert not interpolate(spiral, question, ground, Refusing())[1]


@pytest.mark.parametrize("bn", ["running", "recalibrate"])
def test_several_devices_give_the_same_bytes(bn: Any, spiral: Run, ground: Ground):
    question = Question(by="block", alphas=ALPHAS, batch_size=9, bn=bn)
    curve, _ = interpolate(spiral, question, ground, Unwatched())
    (path,) = spiral.curve_paths()
    content = path.read_bytes()
    watcher = Listening()
    together = replace(ground, more_devices=(torch.device("cpu"), torch.device("cpu")))
    interpolate(spiral, question, together, watcher, force=True)
    assert path.read_bytes() == content
    assert watcher.num_rows == 3 * len(curve.series) * 60


def test_little_memory_changes_how_much_is_done_at_a_time_and_nothing_else(spiral: Run, ground: Ground):
    question = Question(by="block", alphas=ALPHAS)
    usual, _ = interpolate(spiral, question, ground, Unwatched())
    watcher = Listening()
    tight, _ = interpolate(spiral, question, replace(ground, memory_bytes=1), watcher, force=True)
    assert len(watcher.passes) == watcher.num_rows == 3 * len(usual.series) * 60
    for one, other in zip(usual.series, tight.series, strict=True):
        assert one.splits["test"].loss == pytest.approx(other.splits["test"].loss, abs=1e-6)


def rows(run: Run, ground: Ground, force: bool = False, **asked: Any) -> int:
    """Examples times points that a question takes."""
    watcher = Listening()
    interpolate(run, Question(**{"alphas": ALPHAS, **asked}), ground, watcher, force=force)
    return watcher.num_rows


@pytest.mark.parametrize(
    "other",
    [
        {"bn": "final"},
        {"bn": "recalibrate"},
        {"bn": "batch"},
        {"dtype": "float64"},
        {"dtype": "bfloat16"},
        {"rest": "initial"},
        {"start": "@0.5"},
        {"end": "random:3"},
        {"start": "final", "end": "initial"},
    ],
    ids=str,
)
def test_another_line_is_measured_anew_and_the_first_is_kept(other: dict[str, Any], spiral: Run, ground: Ground):
    assert rows(spiral, ground) == 3 * 60
    assert rows(spiral, ground, **other) == 3 * 60
    assert rows(spiral, ground, num_examples=50) == 0
    assert rows(spiral, ground, num_examples=50, **other) == (3 * 50 if other.get("bn") == "batch" else 0)


def test_another_question_about_the_same_line_measures_the_rest_only(spiral: Run, ground: Ground):
    assert rows(spiral, ground, alphas=(0.0, 0.5, 1.0), num_examples=20) == 3 * 20
    assert rows(spiral, ground, alphas=(0.0, 0.25, 0.5, 0.75, 1.0), num_examples=20) == 2 * 20
    assert rows(spiral, ground, alphas=(0.0, 0.25, 0.5, 0.75, 1.0), batch_size=10) == 5 * 40
    blocks = len(interpolate(spiral, Question(by="block", alphas=(1.0,)), ground, Unwatched())[0].series) - 1
    assert rows(spiral, ground, alphas=(0.5,), by="block") == blocks * 60
    assert rows(spiral, ground, alphas=(0.25, 0.5), precision=1e-9) == 0
    assert rows(spiral, ground, alphas=(0.25, 0.5), splits=("train", "test")) == 2 * 60
    assert rows(spiral, ground, alphas=(0.25, 0.5), splits=("train",)) == 0


def test_batches_that_normalise_themselves_are_known_by_their_size(spiral: Run, ground: Ground):
    assert rows(spiral, ground, bn="batch", batch_size=20) == 3 * 60
    assert rows(spiral, ground, bn="batch", batch_size=15) == 3 * 60
    assert rows(spiral, ground, bn="batch", batch_size=20, alphas=(0.0, 0.2, 0.4)) == 60


def test_force_measures_everything_and_what_others_measured_too(spiral: Run, ground: Ground):
    assert rows(spiral, ground) == 3 * 60
    assert rows(spiral, ground, force=True) == 3 * 60
    assert rows(spiral, ground, alphas=(0.4,)) == 0
    assert rows(spiral, ground, alphas=(0.0, 0.4), force=True) == 2 * 60
    assert rows(spiral, ground, alphas=(1.0,)) == 60, "it was forgotten with the line"


def changed(split: str, load: Callable[..., Dataset]) -> Callable[..., Dataset]:
    """Loads data in which one label of a split is another."""

    def load_changed(*arguments: Any) -> Dataset:
        dataset = load(*arguments)
        examples = getattr(dataset, split)
        labels = examples.labels.clone()
        labels[-1] = (labels[-1] + 1) % 2
        return replace(dataset, **{split: Split(examples.inputs, labels)})

    return load_changed


def test_data_that_was_changed_under_its_name_is_measured_anew(
    spiral: Run, ground: Ground, monkeypatch: pytest.MonkeyPatch
):
    load = recipe.load_dataset
    for bn in ("running", "recalibrate"):
        assert rows(spiral, ground, bn=bn) == 3 * 60
    monkeypatch.setattr(recipe, "load_dataset", changed("train", load))
    assert rows(spiral, ground, bn="recalibrate", alphas=(0.0, 0.5, 1.0)) == 3 * 60
    monkeypatch.setattr(recipe, "load_dataset", changed("test", load))
    assert rows(spiral, ground, bn="running", alphas=(0.0, 0.6, 1.0)) == 3 * 60


@pytest.mark.parametrize("split", ["test", "train"])
def test_the_same_question_about_changed_data_is_not_answered_by_the_old_curve(
    split: str, spiral: Run, ground: Ground, monkeypatch: pytest.MonkeyPatch
):
    question, load = Question(alphas=ALPHAS), recipe.load_dataset
    old, _ = interpolate(spiral, question, ground, Unwatched())
    monkeypatch.setattr(recipe, "load_dataset", changed(split, load))
    new, measured = interpolate(spiral, question, ground, Unwatched())
    assert measured
    assert new.data[split] != old.data[split]
    assert (new.series != old.series) == (split == "test")
    assert interpolate(spiral, question, ground, Refusing()) == (new, False)
    # What is known of the old data is still known.
    monkeypatch.setattr(recipe, "load_dataset", load)
    assert interpolate(spiral, question, ground, Refusing()) == (old, True)


def test_a_curve_that_does_not_say_of_which_data_it_is_counts_as_measured(spiral: Run, ground: Ground):
    question = Question(alphas=ALPHAS)
    curve, _ = interpolate(spiral, question, ground, Unwatched())
    (path,) = spiral.curve_paths()
    content = json.loads(path.read_text())
    del content["data"]
    path.write_text(json.dumps(content))
    assert interpolate(spiral, question, ground, Refusing()) == (replace(curve, data={}), False)


def test_where_the_data_cannot_be_had_the_kept_curve_is_given_and_says_so(
    spiral: Run, ground: Ground, monkeypatch: pytest.MonkeyPatch
):
    question, watcher = Question(alphas=ALPHAS), Listening()
    curve, _ = interpolate(spiral, question, ground, Unwatched())

    def missing(*_: Any) -> Dataset:
        raise DataError("spiral is not here")

    monkeypatch.setattr(recipe, "load_dataset", missing)
    assert interpolate(spiral, question, ground, watcher) == (curve, False)
    assert [words.endswith("is not known: spiral is not here") for words in watcher.words] == [True]
    with pytest.raises(DataError, match="spiral is not here"):
        interpolate(spiral, Question(alphas=(0.5,)), ground, Refusing())


def test_a_curve_says_how_precise_it_was_asked_to_be(run: Run, ground: Ground):
    question = Question(num_placed=12, tolerance=0.1, precision=0.2, metric="accuracy", barrier="max")
    curve, _ = interpolate(run, question, ground, Unwatched())
    content = json.loads(run.curve_paths()[0].read_text())
    assert content["asked"] == dict(curve.asked) == question.asked
    assert content["asked"] == {
        "alphas": "adaptive:12", "tolerance": 0.1, "precision": 0.2, "metric": "accuracy", "barrier": "max",
    }  # fmt: skip
    assert "Pocock" in curve.interval_method
    (series,) = curve.series
    assert series.splits["test"].num_examples == 256
    assert series.splits["test"].split_size == 360
    interval = series.interval("test", "max", "accuracy")
    assert interval is not None
    assert (interval.high - interval.low) / 2 <= 0.2
    assert "Pocock" not in interpolate(run, Question(alphas=ALPHAS), ground, Unwatched())[0].interval_method


def test_the_barrier_that_is_to_be_precise_is_the_one_that_is_shown(run: Run, ground: Ground):
    between: dict[str, Any] = {"start": "final", "end": "other:final", "alphas": ALPHAS, "metric": "accuracy"}
    widths = {}
    for definition in ("rise", "chord"):
        # Everything is used, so that all widths at the end are known.
        curve, _ = interpolate(run, Question(**between, barrier=definition, precision=1e-9), ground, Unwatched())
        intervals = curve.series[0].accuracy_intervals["test"]
        widths = {name: (one.high - one.low) / 2 for name, one in intervals.items()}
    assert curve.default_definition == "chord"
    assert widths["chord"] != widths["rise"]
    plain, named = (
        interpolate(run, Question(**between, barrier=barrier, precision=widths["chord"] * 1.1), ground, Unwatched())[0]
        for barrier in (None, "chord")
    )
    assert plain.name != named.name
    assert plain.series == named.series


class Undecided(nn.Module):
    """Cannot be traced."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(64, 4), nn.Linear(4, 10)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        out = self.first(inputs.flatten(1))
        return self.second(out if out.sum() > 0 else -out)


def test_a_network_that_cannot_be_taken_apart_is_told_of_once(
    pictures: Callable[..., Dataset], trained: Trained, walked: Walked
):
    dataset = pictures()
    for make, num_words in ((Undecided, 1), (maker("mlp"), 0)):
        watcher = Listening()
        check_against_oracle(make, trained(make, dataset), dataset, walked, by="layer", watcher=watcher)
        assert len(watcher.words) == num_words
        assert all("computed in full" in words for words in watcher.words)


CRASHES = """
import json, os, shutil, signal, sys
from pathlib import Path
import torch
from lininterp_cli.landscape.intervals import looks
from lininterp_cli.landscape import interpolate as interpolating, walk
from lininterp_cli.landscape.curves.reader import read_curve
from lininterp_cli.landscape.interpolate import Ground, interpolate
from lininterp_cli.landscape.watcher import Unwatched
from lininterp_cli.landscape.question import Question
from lininterp_cli.runs.store import Store

torch.set_num_threads(1)
interpolating._PREVIEW_SECONDS, interpolating._PREVIEW_SHARE = 0.0, float("inf")
looks.FIRST_LOOK, looks.STEP, walk.NUM_PILOT = 20, 20, 20
runs, asked = sys.argv[1], json.loads(sys.argv[2])
asked = {key: tuple(value) if isinstance(value, list) else value for key, value in asked.items()}
died_at, count, watched = 0, 0, ""

def kill(event, arguments):
    # Everything that changes the disk passes here before it happens.
    global count
    if not watched or event not in ("os.rename", "os.remove", "os.chmod", "os.mkdir", "open"):
        return
    path = arguments[0] if isinstance(arguments[0], (str, os.PathLike)) else ""
    if event == "open" and (not str(path).startswith(watched) or arguments[1] in ("r", "rb", None)):
        return
    count += 1
    if count == died_at:
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)

class Telling(Unwatched):
    def __init__(self, pipe):
        self.pipe = pipe

    def passed(self, progress):
        os.write(self.pipe, f"{progress.rows} ".encode())

def attempt(folder, moment):
    # In a child, so that a crash leaves this process, and its imports, for the next one.
    global died_at, count, watched
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        died_at, count, watched = moment, 0, folder
        try:
            ground = Ground(store=Store(Path(folder)), data_folder=Path(folder), device=torch.device("cpu"))
            interpolate(ground.store.find(None), Question(**asked), ground, Telling(writing))
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}".encode())
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    said = os.read(reading, 1 << 16).decode()
    os.close(reading)
    return os.waitstatus_to_exitcode(status), said

moment, died = -1, True
while died:
    moment += 1
    folder = f"{runs}-{moment:03d}"
    shutil.copytree(runs, folder)
    code, first = attempt(folder, moment)
    died = code == -signal.SIGKILL or moment == 0  # the first is not disturbed
    complete = [read_curve(path).complete for path in Path(folder).glob("*/curves/*.json")]
    code, second = attempt(folder, 0)
    (path,) = Path(folder).glob("*/curves/*.json")
    told = {"first": first, "second": second, "complete": complete, "code": code, "curve": path.read_text()}
    print(json.dumps(told), flush=True)
"""


@pytest.mark.parametrize(
    ("asked", "least"),
    [
        ({"alphas": (0.0, 0.5), "batch_size": 30}, 12),
        pytest.param({"by": "block", "alphas": ALPHAS}, 20, marks=pytest.mark.slow),
        pytest.param({"by": "block", "alphas": ALPHAS, "bn": "recalibrate"}, 20, marks=pytest.mark.slow),
        pytest.param({"by": "block", "alphas": ALPHAS, "bn": "batch"}, 20, marks=pytest.mark.slow),
        pytest.param({"num_placed": 15, "precision": 0.3}, 15, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_a_crash_at_any_change_of_the_disk_is_made_good(
    asked: dict[str, Any], least: int, tmp_path: Path, fit: Callable[..., Run]
):
    ground = Ground(store=Store(tmp_path / "runs"), data_folder=tmp_path, device=torch.device("cpu"))
    fit(ground, configure(SPIRAL))
    script = [sys.executable, "-c", CRASHES, str(ground.store.folder), json.dumps({"batch_size": 20, **asked})]
    done = subprocess.run(script, stdout=subprocess.PIPE, text=True, cwd=ROOT, timeout=300, check=True)
    whole, *attempts = [json.loads(line) for line in done.stdout.splitlines()]
    total = int(whole["first"].split()[-1])
    series = json.loads(whole["curve"])["series"]
    lost = asked.get("batch_size", 20) * sum(len(one["alphas"]) for one in series)
    assert (whole["second"], whole["complete"]) == ("", [True])
    assert len(attempts) > least
    assert [attempt["complete"] for attempt in attempts[:2]] == [[], []]
    assert any(attempt["complete"] == [False] for attempt in attempts)
    for attempt in attempts:
        assert attempt["curve"] == whole["curve"]
        num_rows = [int((attempt[which].split() or ["0"])[-1]) for which in ("first", "second")]
        assert total <= sum(num_rows) <= total + lost
        assert attempt["complete"] in ([], [False], [True])


@pytest.mark.usefixtures("_eager")
def test_a_full_disk_is_one_clear_error_and_the_same_command_goes_on(
    spiral: Run, ground: Ground, monkeypatch: pytest.MonkeyPatch
):
    question = Question(alphas=ALPHAS, batch_size=20, bn="recalibrate")
    plain, num_writes, full_at = os.fsync, 0, math.inf

    def force(descriptor: int) -> None:
        nonlocal num_writes
        num_writes += 1
        if num_writes >= full_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        plain(descriptor)

    monkeypatch.setattr(os, "fsync", force)
    whole = Listening()
    interpolate(spiral, question, ground, whole)
    content, total = spiral.curve_paths()[0].read_bytes(), num_writes
    assert total >= 2 * (1 + 1 + 3 + 3 + 1), "identity, statistics, chunks, previews and the curve, forced in two steps"
    for moment in [*range(1, total, 2), total]:
        shutil.rmtree(spiral.curves_folder)
        num_writes, full_at = 0, moment
        first, second = Listening(), Listening()
        with pytest.raises(StoreError, match=r"^cannot write .*curves.*No space left on device; .*--runs$"):
            interpolate(spiral, question, ground, first)
        full_at = math.inf
        interpolate(spiral, question, ground, second)
        assert spiral.curve_paths()[0].read_bytes() == content
        lost = first.num_rows + second.num_rows - whole.num_rows
        assert 0 <= lost <= whole.num_rows / 3
        assert not [path for path in spiral.curves_folder.rglob(".*")]


@pytest.mark.slow
def test_resnet18_on_cifar10_by_block(
    real_data: Path, tmp_path: Path, fit: Callable[..., Run], small_run: Callable[..., RunConfig]
):
    config = small_run(
        epochs=6,
        data={"name": "cifar10", "train_size": 5000},
        model={"name": "resnet18", "width": 16},
        optimizer={"name": "momentum"},
        training={"epochs": 6, "batch_size": 128},
    )
    ground = Ground(store=Store(tmp_path), data_folder=real_data, device=torch.device("cpu"))
    run = fit(ground, config)
    question = Question(by="block", alphas=(0.0, 0.2, 0.4, 0.6, 0.8, 1.0), num_examples=500)
    curve, _ = interpolate(run, question, ground, Unwatched())
    full, *blocks = curve.series
    assert [series.block for series in blocks] == ["conv1", "layer1", "layer2", "layer3", "layer4", "fc"]
    for series in curve.series:
        values = series.splits["test"]
        assert (values.num_examples, values.split_size, values.num_missing) == (500, 10_000, 0)
        assert values.loss[-1] == full.splits["test"].loss[-1]
    # Measured: accuracy 0.11 at the start, 0.47 at the end; loss 2.69 nats, and 1.56 or 1.76, as the processor rounds.
    assert full.splits["test"].accuracy[0] < 0.2
    assert full.splits["test"].accuracy[-1] > 0.38
    assert full.splits["test"].loss[0] > 2.2 > 2.0 > full.splits["test"].loss[-1]

    ends, _ = interpolate(run, Question(alphas=(0.0, 1.0)), ground, Unwatched())
    assert end_difference(ends, run.record) == 0.0

    dataset = recipe.load_dataset(config_of(run), real_data)
    layer3 = next(series for series in blocks if series.block == "layer3")
    expected = oracle.line(
        recipe.network(config_of(run), dataset),
        *(load_checkpoint(run, name) for name in ("initial", "final")),
        dataset,
        question.alphas[1:3],
        moving=[name for name in load_checkpoint(run, "final") if name.startswith("layer3.")],
        num_examples=500,
        batch_size=100,
    )
    assert layer3.splits["test"].loss[1:3] == pytest.approx([loss for loss, _ in expected], abs=1e-5)
    assert list(layer3.splits["test"].accuracy[1:3]) == [accuracy for _, accuracy in expected]


def test_an_old_run_with_random_constants_is_walked_with_those_it_was_trained_with(
    ground: Ground, fit: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nets.py").write_text(
        """
import torch
from torch import nn

class Fourier(nn.Module):
    def __init__(self):
        super().__init__()
        self.frequencies = torch.randn(64, 16)
        self.fc = nn.Linear(16, 10)

    def forward(self, inputs):
        return self.fc((inputs.flatten(1) @ self.frequencies).sin())

def make(shape, num_classes):
    return Fourier()
"""
    )
    # Once there was no such check.
    monkeypatch.setattr("lininterp_cli.training.train.check_training", lambda *_, **__: None)
    settings = {"data": {"name": "digits"}, "model": {"name": f"{tmp_path}/nets.py:make"}, "training": {"epochs": 1}}
    run = fit(ground, configure(settings, {"seed": 3}))
    config = config_of(run)
    dataset = recipe.load_dataset(config, ground.data_folder)
    drawn, _ = draw(recipe.network(config, dataset), "default", 3)  # the very network that was trained
    curve, _ = interpolate(run, Question(alphas=(0.0, 1.0)), ground, Unwatched())
    inputs, labels = dataset.normalise(dataset.test.inputs), dataset.test.labels
    for place, name in ((0, "initial"), (1, "final")):
        drawn.load_state_dict(load_checkpoint(run, name))
        with torch.no_grad():
            loss = float(nn.functional.cross_entropy(drawn(inputs), labels))
        assert curve.series[0].splits["test"].loss[place] == pytest.approx(loss, rel=1e-5)
        assert run.record.result[name]["test_loss"] == pytest.approx(loss, rel=1e-5)
